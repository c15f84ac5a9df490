import { InputError } from "../core/errors.js";
import type { Numbers } from "../core/events.js";
import { checkArguments, type Legal, numbers, object, optional } from "../core/graph/arguments.js";
import { constantArray } from "../core/run/trace.js";
import { type Layer, type NoParams, stateless } from "./layer.js";
import { requireFeatures } from "./norm.js";

/** Mean and standard deviation of each feature, in order; plain numbers, to be kept with the model. */
export interface Moments {
  readonly mean: readonly number[];
  readonly sd: readonly number[];
}

const twoLists: Legal = {
  words: "{ mean, sd }, as moments(…) gives them",
  accepts: (value) =>
    object.accepts(value) &&
    numbers.accepts((value as Moments).mean) &&
    numbers.accepts((value as Moments).sd),
};
const someColumns: Legal = {
  words: "an array of columns",
  accepts: (value) => Array.isArray(value) && value.every((column) => numbers.accepts(column)),
};

/**
 * (x - mean) / sd of each feature, with fixed numbers: those of the training data, as `moments` gives them. They are
 * part of the model and no params, so neither gradients nor weight decay reach them.
 */
export function standardize(moments: Moments): Layer<NoParams> & Moments {
  checkArguments("standardize", { moments: [moments, twoLists] });
  const { mean, sd } = moments;
  const wrong = sd.findIndex((s) => !(s > 0 && Number.isFinite(s)));
  if (mean.length !== sd.length || wrong >= 0 || !mean.every(Number.isFinite)) {
    throw new InputError(
      "standardize.moments",
      `Inputs cannot be standardised by means [${mean.join(", ")}] and deviations [${sd.join(", ")}]: give as many of both, finite, and deviations above 0.`,
      { mean, sd },
    );
  }
  const layer = stateless((x) =>
    requireFeatures("standardize", x, mean.length).sub(constantArray(mean)).div(constantArray(sd)),
  );
  return { ...layer, mean, sd };
}

/**
 * Mean and standard deviation (divided by n) of columns, each weighted where `weights` are given. A column that does
 * not vary gets the deviation 1. Throws an InputError for a column with NaN or infinities and for an empty one.
 */
export function moments(columns: readonly Numbers[], weights?: ArrayLike<number>): Moments {
  checkArguments("moments", { columns: [columns, someColumns], weights: [weights, optional(numbers)] });
  const all = columns.map((column, k) => {
    if (column.length === 0)
      throw new InputError("moments.empty", `Column ${k} has no events.`, { column: k });
    const total = weights ? sum(column.length, (i) => weights[i]!) : column.length;
    const average = (f: (x: number) => number) =>
      sum(column.length, (i) => f(column[i]!) * (weights ? weights[i]! : 1)) / total;
    const mean = average((x) => x);
    const variance = average((x) => (x - mean) ** 2);
    if (!Number.isFinite(variance) || variance < 0) {
      throw new InputError(
        "moments.column",
        `Column ${k} has the mean ${mean} and the variance ${variance}: remove its events with NaN or infinities, and weights whose sum is not above 0.`,
        { column: k, mean, variance },
      );
    }
    // Rounding makes the variance of a constant no larger than this.
    const constant = variance <= (1e-14 * mean) ** 2;
    return { mean, sd: constant ? 1 : Math.sqrt(variance) };
  });
  return { mean: all.map(({ mean }) => mean), sd: all.map(({ sd }) => sd) };
}

/** Σ f(i), compensated as Neumaier does it. */
function sum(n: number, f: (i: number) => number): number {
  let [total, rest] = [0, 0];
  for (let i = 0; i < n; i++) {
    const x = f(i);
    const next = total + x;
    rest += Math.abs(total) >= Math.abs(x) ? total - next + x : x - next + total;
    total = next;
  }
  return total + rest;
}
