import type { Operand } from "../core/graph/op.js";
import { Tensor } from "../core/graph/tensor.js";
import { constantArray } from "../core/run/trace.js";
import { uniformLike } from "../ops/uniform.js";
import type { Key } from "../random/keys.js";

/** A source of random numbers inside a traced function; every draw takes the next stream of it. */
export interface Rng {
  /** Numbers in (0, 1), as many per event as `like` has; the same in every sweep and on every thread. */
  uniform(like: Tensor): Tensor;
}

/**
 * Random numbers for one call of a traced function, from a key and the number of the step: other steps give other
 * numbers, and the same step gives the same ones, also after a resume. Make it inside the function:
 *
 *     const loss = (p, e, { step }) => bce(net.apply(p, e.signal.x, rng(seed, step)), …);
 */
export function rng(key: Key | Tensor, step: Operand): Rng {
  const words = key instanceof Tensor ? key : constantArray(key);
  let stream = 0;
  return { uniform: (like) => uniformLike(like, words, step, stream++) };
}
