import { checkOptions } from "../core/options.js";
import type { Scalar, Tensor } from "../core/tensor.js";
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
import { hessianAt } from "./inverse.js";
import type { Likelihood } from "./likelihood.js";
import { type CurvatureOf, type Matrices, type Measured, MOST, measure } from "./measure.js";
import {
  type FitArgs,
  type FitOptions,
  type FitStatics,
  fitOptions,
  fitStatics,
  fitValues,
  prepare,
} from "./setup.js";

/** Uncertainties inside a traced function. */
export type TracedUncertainties = TracedFit & CurvatureOf<Tensor>;
/** The best fit with the uncertainties of its parameters, in numbers. */
export type Uncertainties = Fit & CurvatureOf<Float64Array>;

type Start = TracedFit & Pick<CurvatureOf<Tensor>, "stdev" | "held">;

/** Matrices of so many parameters cost little besides the fit; others are made where they are asked for. */
const SMALL = 256;
const traced = (statics: FitStatics): Question<FitArgs, TracedUncertainties> => ({
  name: `uncertainties ${JSON.stringify(statics)}`,
  ask: (model, args) => {
    const setup = prepare(model, args, statics);
    const fit = solve(model, args.data, setup);
    const { stdev, held, matrices } = measure(model, args.data, setup, fit, { closed: false });
    return reading(model.config.npars, { ...answer(fit), stdev, held }, matrices);
  },
});

/** A fit with its standard deviations; with all matrices where `whole`. */
export const stdevQuestion = (
  statics: FitStatics,
  whole: boolean,
): Question<FitArgs, Start & Partial<Matrices<Tensor>>> => ({
  name: `uncertainties ${whole} ${JSON.stringify(statics)}`,
  ask: (model, args) => {
    const setup = prepare(model, args, statics);
    const fit = solve(model, args.data, setup);
    const { stdev, held, matrices } = measure(model, args.data, setup, fit, { closed: true });
    return { ...answer(fit), stdev, held, ...(whole ? matrices() : {}) };
  },
});

/** Matrices at a best fit. */
const matricesQuestion = (
  statics: FitStatics,
): Question<FitArgs & { readonly near: Tensor }, Matrices<Tensor>> => ({
  name: `matrices ${JSON.stringify(statics)}`,
  ask: (model, args) => measureAt(model, args, statics, 0).matrices(),
});

/** What is measured where the best fit is known; with a ridge, see {@link measure}. */
export function measureAt(
  model: Likelihood,
  args: FitArgs & { readonly near: Tensor },
  statics: FitStatics,
  ridge: number,
): Measured {
  const setup = prepare(model, args, statics);
  const fit = { x: args.near, status: args.near.sum().mul(0) as Scalar };
  return measure(model, args.data, setup, fit, { closed: true, ridge });
}

/**
 * A fit with standard deviations, covariance and correlations from the Hessian at its minimum, of the directions that
 * bounds leave free. Outside traced functions it throws an InferenceError where the Hessian is not positive definite; inside, its results are then NaN.
 * Memory grows with the square of the parameters only where covariance or correlation are read: of more than 8192
 * parameters reading them throws an InferenceError, and all else is there.
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
  if (isTraced(model, args)) return askTraced(traced(statics), model, args);
  checkFit(model, args);
  const n = model.config.npars;
  const whole = n <= SMALL || (model.sparse?.() ?? null) === null;
  const found = askNumbers(stdevQuestion(statics, whole), model, args) as FitOf<Float64Array, number> &
    CurvatureOf<Float64Array>;
  checkStdev(model, found);
  const answer = { ...describeFit(model, args, found), ...found };
  if (whole) return answer;
  const later = { ...args, near: found.x };
  return reading(
    n,
    answer,
    () => askNumbers(matricesQuestion(statics), model, later) as Matrices<Float64Array>,
  );
}

/** Gives a result matrices that are made when they are first read. */
function reading<T extends object, V>(npars: number, result: T, make: () => Matrices<V>): T & Matrices<V> {
  let made: Matrices<V> | undefined;
  const matrices = (): Matrices<V> => {
    made ??= make();
    return made;
  };
  const whole = {
    ...result,
    get covariance() {
      return matrices().covariance;
    },
    get correlation() {
      return matrices().correlation;
    },
  };
  // Whoever copies or prints the whole answer gets what there is.
  const enumerable = npars <= MOST;
  return Object.defineProperties(whole, { covariance: { enumerable }, correlation: { enumerable } });
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
