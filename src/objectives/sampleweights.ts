/**
 * Event weights, negative ones included: what is kept, what is clipped, what is refused. docs/objectives.md says why.
 *
 * Sums of weights (yields, significances, histograms) keep negative weights: with them they are unbiased. Losses of
 * single events have no lower bound with them, so there they are clipped unless that is asked for otherwise.
 */

import { InputError } from "../core/errors.js";
import { aText, checkArguments, numbers } from "../core/graph/arguments.js";
import { checkOptions } from "../core/options.js";

/** What the weights of a sample amount to. */
export interface WeightSummary {
  readonly events: number;
  readonly sum: number;
  /** Σw²; its root is the error of the sum. */
  readonly sumSquares: number;
  /** Events of weight 1 whose sum has the same relative error: (Σw)² / Σw². */
  readonly effective: number;
  /** Events with a weight below 0. */
  readonly negative: number;
  /** Part of Σ|w| that they hold. */
  readonly negativeShare: number;
}

/** What is done with negative weights where an event's own loss would have no lower bound. */
export const negativePolicies = ["clip", "keep", "refuse"] as const;
export type NegativePolicy = (typeof negativePolicies)[number];

/** What is done with negative weights, and how few effective events are enough. */
export interface WeightOptions {
  /**
   * What losses of single events do with negative weights: `clip` sets them to 0 and scales the others so that the sum
   * stays (default), `keep` leaves them, `refuse` throws.
   */
  readonly negative?: NegativePolicy;
  /** Fewest effective entries (default 10, a relative error of 32 % on the sum). */
  readonly minEffective?: number;
}

/** Weights with which a sample trains, and what a person must know of them. */
export interface CheckedWeights {
  readonly weights: Float64Array;
  /** Of the weights as they were given. */
  readonly summary: WeightSummary;
  /** Sentences that a person should read. */
  readonly warnings: readonly string[];
}

/** What the weights of a sample amount to. Opposite weights cancel exactly (Neumaier's sum). */
export function weightSummary(weights: ArrayLike<number>): WeightSummary {
  checkArguments("weightSummary", { weights: [weights, numbers] });
  let [sum, lost, sumSquares, absolute, below, negative] = [0, 0, 0, 0, 0, 0];
  for (let i = 0; i < weights.length; i++) {
    const w = weights[i]!;
    const next = sum + w;
    lost += Math.abs(sum) >= Math.abs(w) ? sum - next + w : w - next + sum;
    sum = next;
    sumSquares += w * w;
    absolute += Math.abs(w);
    if (w < 0) {
      below -= w;
      negative++;
    }
  }
  sum += lost;
  return {
    events: weights.length,
    sum,
    sumSquares,
    effective: sumSquares > 0 ? sum ** 2 / sumSquares : 0,
    negative,
    negativeShare: absolute > 0 ? below / absolute : 0,
  };
}

/**
 * The summary of weights that a sample can have. Throws an InputError that names the sample for NaN and infinities, for
 * no events, and for a sum that is not above 0. Single negative weights are allowed; they cost effective entries.
 */
export function checkWeights(sample: string, weights: ArrayLike<number>): WeightSummary {
  checkArguments("checkWeights", { sample: [sample, aText], weights: [weights, numbers] });
  requireFinite(sample, weights);
  const summary = weightSummary(weights);
  const { events, sum, negative } = summary;
  if (events === 0) refuse(sample, summary, "empty", `${sample} has no events: look at its filters.`);
  if (!(sum > 0)) {
    const share = negative > 0 ? ` (${negative} of ${events} are negative)` : "";
    const sentence = `The weights of ${sample} sum to ${sum}${share}: a sample needs a total above 0.`;
    refuse(sample, summary, "total", sentence);
  }
  return summary;
}

function refuse(sample: string, summary: WeightSummary, code: string, sentence: string): never {
  throw new InputError(`weights.${code}`, sentence, { sample, ...summary });
}

/** Part of Σ|w| from which on clipped negative weights are worth a warning. */
const NOTABLE = 0.01;

/**
 * Weights of a sample as losses of single events take them. Throws an InputError that names the sample for NaN and
 * infinities, for a sum that is not above 0, for too few effective entries, and for negative weights if told so.
 */
export function trainingWeights(
  sample: string,
  weights: ArrayLike<number>,
  options: WeightOptions = {},
): CheckedWeights {
  checkArguments("trainingWeights", { sample: [sample, aText], weights: [weights, numbers] });
  checkOptions("trainingWeights", options, { negative: true, minEffective: true });
  const { negative = "clip", minEffective = 10 } = options;
  const summary = checkWeights(sample, weights);
  const { events, sum, effective } = summary;
  const count = `${summary.negative} of the ${events} weights of ${sample} are negative`;
  if (effective < minEffective) {
    const sentence = `The ${events} events of ${sample} are worth ${effective.toPrecision(3)} without weights, fewer than ${minEffective}: a few weights dominate, or negative ones cancel. Add events, or lower minEffective.`;
    refuse(sample, summary, "effective", sentence);
  }
  if (summary.negative > 0 && negative === "refuse")
    refuse(sample, summary, "negative", `${count}: clip or keep them, or leave these events out.`);
  const all = Float64Array.from(weights);
  if (summary.negative === 0) return { weights: all, summary, warnings: [] };
  const share = `${count}, ${(100 * summary.negativeShare).toPrecision(2)} % of all weight`;
  if (negative === "keep") {
    const warning = `${share}: they are kept, so the loss of single events has no lower bound.`;
    return { weights: all, summary, warnings: [warning] };
  }
  const positive = all.reduce((total, w) => total + Math.max(w, 0), 0);
  const clipped = all.map((w) => (w > 0 ? (w * sum) / positive : 0));
  const warning = `${share}: for the training they count as 0, and the others are scaled to the same total. Yields keep them.`;
  return { weights: clipped, summary, warnings: summary.negativeShare < NOTABLE ? [] : [warning] };
}

function requireFinite(sample: string, weights: ArrayLike<number>): void {
  let [bad, first] = [0, -1];
  for (let i = 0; i < weights.length; i++) {
    if (Number.isFinite(weights[i])) continue;
    if (bad++ === 0) first = i;
  }
  if (bad === 0) return;
  throw new InputError(
    "weights.notFinite",
    `${bad} of the ${weights.length} weights of ${sample} are NaN or infinite, the first in row ${first}: leave these events out.`,
    { sample, count: bad, row: first },
  );
}
