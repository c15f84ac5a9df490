import { DataError } from "./errors.js";

/** What a sample's weights amount to. */
export interface WeightSummary {
  /** Σw */
  readonly sum: number;
  /** Σw²; its root is the error of the sum. */
  readonly sumSquares: number;
  /** Of the entries, those with a weight below 0. */
  readonly negativeFraction: number;
  /** (Σw)²/Σw²: the number of unweighted entries with the same relative error. */
  readonly effectiveEntries: number;
}

/**
 * Sums of the weights of a sample, for a training or a yield to make sense.
 *
 * Single negative weights are allowed; they cost effective entries.
 *
 * @throws DataError when there is no entry, a weight is not finite, or their sum is not above 0
 */
export function checkWeights(weights: ArrayLike<number>, sample: string): WeightSummary {
  const { length } = weights;
  if (length === 0) throw new DataError("data.empty", `Sample ${sample} has no events.`);
  let sum = 0;
  // Neumaier's compensation, so that opposite weights cancel exactly.
  let lost = 0;
  let sumSquares = 0;
  let negative = 0;
  let bad = 0;
  let first = -1;
  for (let i = 0; i < length; i++) {
    const weight = weights[i]!;
    if (!Number.isFinite(weight)) {
      if (bad++ === 0) first = i;
      continue;
    }
    if (weight < 0) negative++;
    const next = sum + weight;
    lost += Math.abs(sum) >= Math.abs(weight) ? sum - next + weight : weight - next + sum;
    sum = next;
    sumSquares += weight * weight;
  }
  if (bad > 0) {
    const sentence = `${bad} of ${length} weights of sample ${sample} are not finite numbers, the first in row ${first + 1}.`;
    throw new DataError("data.notNumber", sentence);
  }
  sum += lost;
  if (!(sum > 0)) {
    const share = negative > 0 ? `; ${negative} of ${length} are negative` : "";
    const sentence = `The weights of sample ${sample} sum to ${sum}; a sample needs a total above 0${share}.`;
    throw new DataError("data.weights", sentence);
  }
  return { sum, sumSquares, negativeFraction: negative / length, effectiveEntries: (sum * sum) / sumSquares };
}
