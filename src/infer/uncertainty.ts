import { fullLike } from "../core/op.js";
import { checkOptions } from "../core/options.js";
import type { Tensor } from "../core/tensor.js";
import { constantArray } from "../core/trace.js";
import { grad, hessian } from "../core/transform.js";
import { where } from "../ops/arith.js";
import { answered } from "./answer.js";
import { askNumbers, askTraced, isTraced, type Question, type Values, type Vector } from "./call.js";
import { checkFit, checkLength } from "./check.js";
import { InferenceError } from "./errors.js";
import {
  answer,
  describeFit,
  type Fit,
  type FitOf,
  solve,
  type TracedFit,
  type TracedFitOptions,
} from "./fit.js";
import type { Likelihood } from "./likelihood.js";
import {
  type FitArgs,
  type FitOptions,
  type FitStatics,
  fitOptions,
  fitStatics,
  fitValues,
  prepare,
  type Setup,
} from "./setup.js";

/** What the curvature of the likelihood at its best fit says. Matrices are row-major [npars, npars]. */
export interface CurvatureOf<V> {
  /**
   * Standard deviations [npars]; 0 where a parameter is fixed. NaN where it is `held`: the likelihood has a slope there,
   * and its curvature says nothing of how far it goes; `minos` does.
   */
  readonly stdev: V;
  /** Inverse of the Hessian of -log L among the parameters that are free and not held. */
  readonly covariance: V;
  /** Covariance over the product of standard deviations; the rows of all others are those of the unit matrix. */
  readonly correlation: V;
  /** 1 for free parameters on a bound that the likelihood rises beyond: the bound holds them [npars]. */
  readonly held: V;
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

/** Twice the gain from releasing a parameter on its bound that still counts as none: it is then not held. */
const MULTIPLIER_ZERO = 1e-9;

/** Curvature at a best fit, with what bounds hold. */
export interface Measured extends CurvatureOf<Tensor> {
  /** About how far each parameter goes until twice -log L has risen by `rise` [npars]; 0 where it is fixed. */
  reach(rise: Tensor): Tensor;
}

/** What curvature and slope of the likelihood say at a best fit. */
export function measure(
  model: Likelihood,
  data: Tensor,
  setup: Setup,
  { x, status }: TracedFit,
  closed: boolean,
): Measured {
  const curvature = hessianAt(model, x, data, closed);
  const slope = (grad((p: Tensor) => model.nll(p, data))(x) as Tensor).stopGradient();
  const own = diagonal(curvature).stopGradient();
  const at = x.stopGradient();
  const free = setup.free.gt(0);
  const outwards = at
    .le(setup.lower)
    .mul(slope.gt(0))
    .maximum(at.ge(setup.upper).mul(slope.lt(0)));
  const held = free.mul(outwards).mul(own.abs().mul(MULTIPLIER_ZERO).lt(slope.square())).stopGradient();
  const found = curvatureOf(curvature, free.mul(held.eq(0)));
  const stdev = answered(where(held, Number.NaN, found.stdev), status);
  return {
    stdev,
    covariance: answered(found.covariance, status),
    correlation: answered(found.correlation, status),
    held,
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

/** The Hessian of -log L: in closed form where nobody differentiates it, else derived, which always can be. */
export function hessianAt(model: Likelihood, pars: Tensor, data: Tensor, closed: boolean): Tensor {
  return closed ? model.hessian(pars, data) : (hessian((x: Tensor) => model.nll(x, data))(pars) as Tensor);
}

const question = (statics: FitStatics, closed: boolean): Question<FitArgs, TracedUncertainties> => ({
  name: `uncertainties ${JSON.stringify(statics)}`,
  ask: (model, args) => {
    const setup = prepare(model, args, statics);
    const fit = solve(model, args.data, setup);
    const { stdev, covariance, correlation, held } = measure(model, args.data, setup, fit, closed);
    return { ...answer(fit), stdev, covariance, correlation, held };
  },
});

/**
 * A fit with standard deviations, covariance and correlations from the Hessian at its minimum, of the directions that
 * bounds leave free. Outside traced functions it throws an InferenceError where the Hessian is not positive definite; inside, its results are then NaN.
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
  checkOptions("uncertainties", options, fitOptions);
  const statics = fitStatics(model, options);
  const args = fitValues(model, data, options);
  if (isTraced(model, args)) return askTraced(question(statics, false), model, args);
  checkFit(model, args);
  const found = askNumbers(question(statics, true), model, args) as FitOf<Float64Array, number> &
    CurvatureOf<Float64Array>;
  checkStdev(model, found);
  return { ...describeFit(model, args, found), ...found };
}

/** Refuses standard deviations that do not exist although the fit converged, and no bound holds the parameter. */
export function checkStdev(
  model: Likelihood,
  {
    stdev,
    held,
    status,
  }: { readonly stdev: Float64Array; readonly held: Float64Array; readonly status: number },
): void {
  if (status !== 0) return;
  const bad = model.config.parNames.filter((_, i) => Number.isNaN(stdev[i]!) && held[i] === 0);
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
