import { grad } from "../../core/derive/transform.js";
import { fullLike } from "../../core/elementary/align.js";
import { where } from "../../core/elementary/arith.js";
import { ranked } from "../../core/graph/op.js";
import type { Matrix, Tensor, Vector } from "../../core/graph/tensor.js";
import { constantArray } from "../../core/run/trace.js";
import { gather } from "../../ops/rows.js";
import { answered } from "../answered.js";
import type { TracedFit } from "../fit.js";
import { InferenceError } from "../inferenceerror.js";
import type { Likelihood } from "../likelihood.js";
import type { Setup } from "../setup.js";
import { covarianceOf, curvedAt, diagonal, identity } from "./inverse.js";

/** Matrices [npars, npars]. */
export interface Matrices<V> {
  /** Inverse of the Hessian of -log L among the parameters that are free and not held. */
  readonly covariance: V;
  /** Covariance over the product of standard deviations; the rows of all others are those of the unit matrix. */
  readonly correlation: V;
}

/** What the curvature of the likelihood at its best fit says. */
export interface CurvatureOf<V, M = V> extends Matrices<M> {
  /**
   * Standard deviations [npars]; 0 where a parameter is fixed. NaN where it is `held`: the likelihood has a slope there,
   * and its curvature says nothing of how far it goes; `minos` does.
   */
  readonly stdev: V;
  /** 1 for free parameters on a bound that the likelihood rises beyond: the bound holds them [npars]. */
  readonly held: V;
}

/** Twice the gain from releasing a parameter on its bound that still counts as none: it is then not held. */
const MULTIPLIER_ZERO = 1e-9;

/** A variance so many times that with all others held is rounding error: nothing bends the likelihood there. */
const FLAT = 1e12;

/** Matrices of more parameters do not fit in memory. */
export const MOST = 8192;

/** Throws an InferenceError if a matrix of all parameters does not fit in memory. */
export function requireMatrix(npars: number): void {
  if (npars <= MOST) return;
  const size = ((npars * npars * 8) / 2 ** 30).toFixed(1);
  throw new InferenceError(
    "infer.matrix",
    `the covariance of ${npars} parameters has ${size} GiB, and matrices of at most ${MOST} fit in memory; stdev needs none`,
    { npars, most: MOST },
  );
}

/** Curvature at a best fit, with what bounds hold. */
export interface Measured extends Pick<CurvatureOf<Tensor<"vector">>, "stdev" | "held"> {
  /** About how far each parameter goes until twice -log L has risen by `rise` [npars]; 0 where it is fixed. */
  reach(rise: Tensor): Tensor;
  /** The covariance of some parameters [k, k]. */
  covariance(parameters: Int32Array): Tensor;
  /** Covariance and correlation of all. */
  matrices(): Matrices<Matrix>;
}

/**
 * What curvature and slope of the likelihood say at a best fit. `ridge` is added to the curvature in each parameter, in parts
 * of it.
 */
export function measure(
  model: Likelihood,
  data: Tensor,
  setup: Setup,
  { x, status }: Pick<TracedFit, "x" | "status">,
  { closed, ridge = 0 }: { readonly closed: boolean; readonly ridge?: number },
): Measured {
  const curved = curvedAt(model, x, data, closed);
  const slope = grad((p: Tensor) => model.nll(p, data))(x).stopGradient();
  const own = curved.own.stopGradient();
  const at = x.stopGradient();
  const free = setup.free.gt(0);
  const outwards = at
    .le(setup.lower)
    .mul(slope.gt(0))
    .maximum(at.ge(setup.upper).mul(slope.lt(0)));
  const held = free.mul(outwards).mul(own.abs().mul(MULTIPLIER_ZERO).lt(slope.square())).stopGradient();
  const moves = free.mul(held.eq(0));
  const inverse = curved.invert(moves, ridge > 0 ? where(own.gt(0), own, 1).mul(ridge) : undefined);
  const found = where(moves, where(moves, inverse.variance, 1).sqrt(), 0);
  const flat = ridge > 0 ? moves.mul(0) : moves.mul(own.mul(inverse.variance).gt(FLAT)).stopGradient();
  const stdev: Vector = ranked(answered(where(held.maximum(flat), Number.NaN, found), status));
  const covariance = (parameters: Int32Array) => {
    const k = parameters.length;
    const none = gather(flat, constantArray(parameters));
    const either = none.reshape([k, 1]).maximum(none.reshape([1, k]));
    return answered(where(either, Number.NaN, inverse.covariance(parameters)), status);
  };
  return {
    stdev,
    held: ranked(held),
    covariance,
    matrices: () => {
      const n = x.size;
      requireMatrix(n);
      const all = covariance(Int32Array.from({ length: n }, (_, i) => i));
      const safe = where(moves, found, 1);
      const fixed = identity(n).mul(fullLike(x, 1).sub(moves).reshape([n, 1]));
      const correlation = all
        .div(safe.reshape([n, 1]))
        .div(safe.reshape([1, n]))
        .add(fixed);
      return { covariance: ranked(all), correlation: ranked(correlation) };
    },
    reach: (rise) => {
      // 2 s r + h r² = rise, in the form that survives h = 0.
      const bend = own.maximum(0).mul(rise);
      const s = slope.abs();
      const bound = rise.div(where(held, s.add(s.square().add(bend).sqrt()), 1));
      return where(held, bound, stdev.mul(rise.sqrt()));
    },
  };
}

/** Standard deviations, covariance and correlation from the Hessian of -log L. */
export function curvatureOf(curvature: Tensor, free: Tensor): Omit<CurvatureOf<Tensor>, "held"> {
  const n = free.size;
  const covariance = covarianceOf(curvature, free);
  const variance = diagonal(covariance);
  const moves = free.gt(0);
  const stdev = where(moves, where(moves, variance, 1).sqrt(), 0);
  const safe = where(moves, stdev, 1);
  const fixed = identity(n).mul(fullLike(free, 1).sub(moves).reshape([n, 1]));
  const correlation = covariance
    .div(safe.reshape([n, 1]))
    .div(safe.reshape([1, n]))
    .add(fixed);
  return { stdev, covariance, correlation };
}
