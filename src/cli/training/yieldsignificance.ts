/** What a command asks of objectives: significances of yields, and weights that a sample can have. */

import { InputError } from "../../core/errors.js";
import { DataError } from "../../events/dataerror.js";
import { type ObjectiveName, objectiveOf, objectives, objectivesOf } from "../../objectives/index.js";
import type { OfYields } from "../../objectives/objective.js";
import { checkWeights, type NegativePolicy, trainingWeights } from "../../objectives/sampleweights.js";
import type { Significance } from "../../plot/rundata.js";

/** σ of the background: σ² = (relative·B)² + absolute², absolute in events. */
export interface BackgroundError {
  relative: number;
  absolute: number;
}

/** σ of a background of so many events. */
export const sigmaOf = (error: BackgroundError | null | undefined, background: number): number =>
  error ? Math.hypot(error.relative * background, error.absolute) : 0;

/** Every objective of yields as a number, with the uncertainty of the background where there is one. */
export function significanceOfYields(
  signal: number,
  background: number,
  error: BackgroundError | null | undefined,
): Significance {
  const sigma = sigmaOf(error, background);
  return ofYields(({ number }) => number(signal, background, sigma));
}

/** What `f` makes of every objective of yields. */
export const ofYields = (f: (objective: OfYields) => number): Significance =>
  Object.fromEntries(
    objectivesOf("yields").map((name) => [name, f(objectiveOf(name, "yields"))]),
  ) as Significance;

/** The weights with which a sample trains, and what a person must know of them. Throws DataError. */
export function weightsFor(
  objective: ObjectiveName,
  negative: NegativePolicy,
  { name, weight }: { name: string; weight: Float64Array | null },
): { weight: Float64Array | null; warnings: readonly string[] } {
  if (weight === null) return { weight, warnings: [] };
  return aboutWeights(() => {
    // Sums of weights keep the negative ones: without them yields are biased.
    if (!objectives[objective].events && negative !== "refuse") return { weight, warnings: [] };
    const { weights, warnings } = trainingWeights(name, weight, { negative });
    return { weight: weights, warnings };
  });
}

/** Throws a DataError for weights with which a sample says nothing. */
export const requireWeights = (name: string, weight: Float64Array): unknown =>
  aboutWeights(() => checkWeights(name, weight));

function aboutWeights<T>(run: () => T): T {
  try {
    return run();
  } catch (cause) {
    if (!(cause instanceof InputError)) throw cause;
    throw new DataError("data.weights", cause.message, {}, { cause });
  }
}
