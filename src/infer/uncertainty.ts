import { fullLike } from "../core/op.js";
import type { Tensor } from "../core/tensor.js";
import { constantArray } from "../core/trace.js";
import { hessian } from "../core/transform.js";
import { where } from "../ops/arith.js";
import { askNumbers, askTraced, isTraced, type Question, type Values, type Vector } from "./call.js";
import { checkFit, checkLength } from "./check.js";
import { InferenceError } from "./errors.js";
import { describeFit, type Fit, type FitOf, solve, type TracedFit, type TracedFitOptions } from "./fit.js";
import type { Likelihood } from "./likelihood.js";
import { type FitArgs, type FitOptions, type FitStatics, fitStatics, fitValues, prepare } from "./setup.js";

/** What the curvature of the likelihood at its best fit says. Matrices are row-major [npars, npars]. */
export interface CurvatureOf<V> {
  /** Standard deviations [npars]; 0 where a parameter is fixed. */
  readonly stdev: V;
  /** Inverse of the Hessian of -log L among the free parameters; bounds are not looked at. */
  readonly covariance: V;
  /** Covariance over the product of standard deviations; the rows of fixed parameters are those of the unit matrix. */
  readonly correlation: V;
}

export type TracedUncertainties = TracedFit & CurvatureOf<Tensor>;
export type Uncertainties = Fit & CurvatureOf<Float64Array>;

/** The n × n unit matrix. */
export function identity(n: number): Tensor {
  return constantArray(
    Float64Array.from({ length: n * n }, (_, i) => Number(i % (n + 1) === 0)),
    [n, n],
  );
}

/** The diagonal of a square matrix. */
export function diagonal(m: Tensor): Tensor {
  return m.mul(identity(m.shape[0]!)).sumInner([-1]);
}

/** Inverse of the Hessian on the free parameters, 0 elsewhere. */
export function covarianceOf(curvature: Tensor, free: Tensor): Tensor {
  const n = free.size;
  const both = free.reshape([n, 1]).mul(free.reshape([1, n]));
  const unit = identity(n);
  const fixed = unit.mul(fullLike(free, 1).sub(free).reshape([n, 1]));
  // A Hessian is not finite where parameters that are fixed make it so; what is not used must not spoil the rest.
  const system = where(both.broadcast([n, n]), curvature, fixed);
  return system.solve(unit).mul(both);
}

/** Standard deviations, covariance and correlation from the Hessian of -log L. */
export function curvatureOf(curvature: Tensor, free: Tensor): CurvatureOf<Tensor> {
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

/** The Hessian of -log L: in closed form where nobody differentiates it, else derived, which always can be. */
export function hessianAt(model: Likelihood, pars: Tensor, data: Tensor, closed: boolean): Tensor {
  return closed ? model.hessian(pars, data) : (hessian((x: Tensor) => model.nll(x, data))(pars) as Tensor);
}

const question = (statics: FitStatics, closed: boolean): Question<FitArgs, TracedUncertainties> => ({
  name: `uncertainties ${JSON.stringify(statics)}`,
  ask: (model, args) => {
    const setup = prepare(model, args, statics);
    const fit = solve(model, args.data, setup);
    return { ...fit, ...curvatureOf(hessianAt(model, fit.x, args.data, closed), setup.free) };
  },
});

/**
 * A fit with standard deviations, covariance and correlations from the Hessian at its minimum. Outside traced functions
 * it throws an InferenceError where the Hessian is not positive definite; inside, its results are then NaN.
 */
export function uncertainties(data: Vector, model: Likelihood, options?: FitOptions): Uncertainties;
export function uncertainties(
  data: Tensor,
  model: Likelihood,
  options?: TracedFitOptions,
): TracedUncertainties;
export function uncertainties(
  data: Vector | Tensor,
  model: Likelihood,
  options: TracedFitOptions = {},
): Uncertainties | TracedUncertainties {
  const statics = fitStatics(model, options);
  const args = fitValues(data, options);
  if (isTraced(model, args)) return askTraced(question(statics, false), model, args);
  checkFit(model, args);
  const found = askNumbers(question(statics, true), model, args) as FitOf<Float64Array, number> &
    CurvatureOf<Float64Array>;
  checkStdev(model, found.stdev);
  return { ...describeFit(model, args, found), ...found };
}

/** Refuses standard deviations that do not exist. */
export function checkStdev(model: Likelihood, stdev: Float64Array): void {
  const bad = model.config.parNames.filter((_, i) => Number.isNaN(stdev[i]!));
  if (bad.length === 0) return;
  const some = `${bad.slice(0, 5).join(", ")}${bad.length > 5 ? ", …" : ""}`;
  throw new InferenceError(
    "infer.singular",
    `the Hessian of the likelihood is not positive definite, so ${some} ${bad.length === 1 ? "has" : "have"} no uncertainty; fix parameters that the data do not determine`,
    { parameters: bad },
  );
}

/**
 * The expected Fisher information [npars, npars] of the parameters: the Hessian of -log L at Asimov data. It is exact,
 * because HistFactory's -log L is linear in the data but for a term that no parameter enters. Fixed parameters are
 * not left out. Its inverse on the free ones is `uncertainties(...).covariance` of Asimov data.
 */
export function fisherInformation(pars: Vector, model: Likelihood): Float64Array;
export function fisherInformation(pars: Tensor, model: Likelihood): Tensor;
export function fisherInformation(pars: Vector | Tensor, model: Likelihood): Float64Array | Tensor {
  const ask = (closed: boolean): Question<{ pars: Tensor }, Tensor> => ({
    name: "fisherInformation",
    ask: (m, a) => hessianAt(m, a.pars, m.expectedData(a.pars), closed),
  });
  const args: Values = { pars };
  if (isTraced(model, args)) return askTraced(ask(false), model, args);
  checkLength("pars", pars as Vector, model.config.npars);
  return askNumbers(ask(true), model, args) as Float64Array;
}
