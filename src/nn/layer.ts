import type { Tensor } from "../core/graph/tensor.js";
import type { Symbols } from "../core/run/data.js";
import type { Key } from "../random/keys.js";
import type { Rng } from "./rng.js";

/**
 * A part of a network. It holds no trained numbers: they are params, a plain tree that `init` makes and `apply` is
 * given. `rng` is for the parts that draw random numbers while training; without it they do what they do in use.
 */
export interface Layer<P> {
  init(key: Key): P;
  /** From the inner axes of x to those of the result, event by event. */
  apply(params: Symbols<P>, x: Tensor, rng?: Rng): Tensor;
}

/** Params of a part that has none. */
export type NoParams = Readonly<Record<string, never>>;

/** A function of tensors as a part without params. */
export function stateless(f: (x: Tensor, rng?: Rng) => Tensor): Layer<NoParams> {
  return { init: () => ({}), apply: (_, x, rng) => f(x, rng) };
}
