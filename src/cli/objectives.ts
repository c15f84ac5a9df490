// What a training makes small: the objectives of the command line, as people read them and as losses.

import { DataError } from "../data/errors.js";
import {
  asimovUncertain,
  bce,
  checkWeights,
  InputError,
  type Significances,
  significance,
  sOverSqrtB,
  sOverSqrtSB,
  type Tensor,
  trainingWeights,
} from "../index.js";
import { softmaxLoss } from "../optim/objectives.js";
import { squaredLoss } from "../optim/squared.js";
import {
  type BackgroundError,
  type Expectation,
  isLoss,
  type Loss,
  type NegativePolicy,
  type Objective,
} from "./objectivenames.js";

/** Smaller is better: the loss is the logarithm, of significances minus it. */
const isSmall = (objective: Objective): boolean => objective === "cls" || objective === "poiUncert";

/** What people read: the loss itself, or that of which it is the logarithm. */
export const objectiveValue = (objective: Objective, loss: number): number =>
  isLoss(objective) ? loss : Math.exp(isSmall(objective) ? loss : -loss);

type Pair = { signal: Tensor; background: Tensor };
type Weights = { signal?: Tensor | undefined; background?: Tensor | undefined };

/** -log of a significance from the logarithms of yields. */
export function significanceLoss(
  objective: Exclude<Objective, Loss | Expectation>,
  { signal, background }: Pair,
  error: BackgroundError | null,
): Tensor {
  if (objective === "sOverSqrtB") return sOverSqrtB(signal, background);
  if (objective === "sOverSqrtSB") return sOverSqrtSB(signal, background);
  return asimovUncertain(signal, background, error ?? {});
}

/** A loss of scores: of logits for bce, else of scores as they are. */
export function scoreLoss(objective: Loss, { signal, background }: Pair, weights: Weights): Tensor {
  return { softmax: softmaxLoss, bce, squared: squaredLoss }[objective](signal, background, weights);
}

/** Significances of yields, the Asimov one with the uncertainty of the background where there is one. */
export function significanceOfYields(
  signal: number,
  background: number,
  error: BackgroundError | null | undefined,
): Significances {
  return significance(
    signal,
    background,
    error ? Math.hypot(error.relative * background, error.absolute) : 0,
  );
}

/** The weights with which a sample trains, and what a person must know of them. Throws DataError. */
export function weightsFor(
  objective: Objective,
  negative: NegativePolicy,
  { name, weight }: { name: string; weight: Float64Array | null },
): { weight: Float64Array | null; warnings: readonly string[] } {
  if (weight === null) return { weight, warnings: [] };
  return aboutWeights(() => {
    // Sums of weights keep the negative ones: without them yields are biased.
    if (!isLoss(objective) && negative !== "refuse") return { weight, warnings: [] };
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
