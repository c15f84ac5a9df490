import { vmap } from "../core/derive/transform.js";
import { where } from "../core/elementary/arith.js";
import type { Tensor } from "../core/graph/tensor.js";
import { solveQuick, type TracedFit } from "./fit.js";
import type { Likelihood } from "./likelihood.js";
import type { Setup } from "./setup.js";

/** A fit that holds the parameters marked in `mask` [npars] at those of `x` [npars]. */
function holdMarked(setup: Setup, mask: Tensor, x: Tensor): Setup {
  return { ...setup, x0: where(mask, x, setup.x0), free: setup.free.mul(mask.eq(0)) };
}

/** One fit of many: twice the negative logarithm of the likelihood [k], the parameters [k, npars], the status [k]. */
export interface Profiled {
  readonly value: Tensor;
  readonly x: Tensor;
  readonly status: Tensor;
}

/**
 * Fits with marked parameters held, one for each row of `masks` and `values` [k, npars]; all start at the best fit
 * `near`, which the others do not leave far.
 */
export function profile(
  model: Likelihood,
  data: Tensor,
  setup: Setup,
  near: Tensor,
  masks: Tensor,
  values: Tensor,
): Profiled {
  return vmap(
    (mask: Tensor, at: Tensor): Profiled => {
      const { value, x, status } = oneProfile(model, data, setup, near, mask, at);
      return { value, x, status };
    },
    [0, 0],
  )(masks, values);
}

/** One of them. */
export function oneProfile(
  model: Likelihood,
  data: Tensor,
  setup: Setup,
  near: Tensor,
  mask: Tensor,
  x: Tensor,
): TracedFit {
  return solveQuick(model, data, holdMarked(setup, mask, x), near);
}
