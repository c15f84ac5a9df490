import { InputError } from "../core/errors.js";
import type { Tensor } from "../core/graph/tensor.js";

/** Event weights of the two samples, where they have any. */
export interface SampleWeights {
  readonly signal?: Tensor | undefined;
  readonly background?: Tensor | undefined;
}

/** `x`, with the weights of events where there are any. */
export const weighted = (x: Tensor, weight: Tensor | undefined): Tensor => (weight ? x.mul(weight) : x);

/** A score without inner axes; [1], as networks give it, is taken too. Throws an InputError that names `what`. */
export function scalarScore(what: string, x: Tensor): Tensor {
  if (x.shape.length === 0) return x;
  if (x.size === 1) return x.reshape([]);
  throw new InputError(
    "objective.score",
    `'${what}' takes one score per event, but got [${x.shape.join(", ")}]; take one with .at(i), or sum over the axis`,
    { shape: x.shape },
  );
}
