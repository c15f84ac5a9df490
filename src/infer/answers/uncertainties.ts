import { ranked } from "../../core/graph/op.js";
import type { Matrix, Tensor } from "../../core/graph/tensor.js";
import { type MatrixShape, NdArray } from "../../core/run/ndarray.js";
import { scalar } from "../answered.js";
import { checkVector, requireModel } from "../askedkinds.js";
import { askNumbers, askTraced, type Numbers, ofNumbers, type Vector } from "../call.js";
import { checkFit, checkLength } from "../checkfit.js";
import { answer, describeFit, type Fit, solve, type TracedFit } from "../fit.js";
import { InferenceError } from "../inferenceerror.js";
import type { Likelihood } from "../likelihood.js";
import { hessianAt } from "../matrices/inverse.js";
import { type CurvatureOf, type Matrices, type Measured, MOST, measure } from "../matrices/measure.js";
import { question } from "../question.js";
import { type FitArgs, type FitStatics, fitOptions, fitStatics, prepare } from "../setup.js";

/** Uncertainties inside a traced function. */
export type TracedUncertainties = TracedFit & CurvatureOf<Tensor<"vector">, Matrix>;
/** The best fit with the uncertainties of its parameters, in numbers. */
export type Uncertainties = Fit & CurvatureOf<Float64Array, NdArray<MatrixShape>>;

/** Matrices of so many parameters cost little besides the fit; others are made where they are asked for. */
const SMALL = 256;

/** A fit with what is measured at it; in closed form where nobody differentiates it. */
function measuredFit(model: Likelihood, args: FitArgs, statics: FitStatics, closed: boolean) {
  const setup = prepare(model, args, statics);
  const fit = solve(model, args.data, setup);
  const { stdev, held, matrices } = measure(model, args.data, setup, fit, { closed });
  return { found: { ...answer(fit), stdev, held }, matrices };
}

/** A fit with its standard deviations. */
export const stdevQuestion = {
  name: "stdev",
  trace: (model: Likelihood, args: FitArgs, statics: FitStatics) =>
    measuredFit(model, args, statics, true).found,
};

/** The same with all matrices. */
const wholeQuestion = {
  name: "matrices and stdev",
  trace: (model: Likelihood, args: FitArgs, statics: FitStatics) => {
    const { found, matrices } = measuredFit(model, args, statics, true);
    return { ...found, ...matrices() };
  },
};

type Near = FitArgs & { readonly near: Tensor };

/** Matrices at a best fit. */
const matricesQuestion = {
  name: "matrices",
  trace: (model: Likelihood, args: Near, statics: FitStatics) =>
    measureAt(model, args, { ...statics, ridge: 0 }).matrices(),
};

/** What is measured where the best fit is known; with a ridge, see {@link measure}. */
export function measureAt(
  model: Likelihood,
  args: Near,
  statics: FitStatics & { readonly ridge: number },
): Measured {
  const setup = prepare(model, args, statics);
  const fit = { x: ranked<"vector">(args.near), status: scalar(args.near.sum().mul(0)) };
  return measure(model, args.data, setup, fit, { closed: true, ridge: statics.ridge });
}

/**
 * A fit with standard deviations, covariance and correlations from the Hessian at its minimum, of the directions that
 * bounds leave free. Outside traced functions it throws an InferenceError where the Hessian is not positive definite; inside, its results are then NaN.
 * Memory grows with the square of the parameters only where covariance or correlation are read: of more than 8192
 * parameters reading them throws an InferenceError, and all else is there.
 */
export const uncertainties = question({
  name: "uncertainties",
  options: fitOptions,
  statics: fitStatics,
  check: checkFit,
  trace: (model: Likelihood, args: FitArgs, statics: FitStatics): TracedUncertainties => {
    const { found, matrices } = measuredFit(model, args, statics, false);
    return reading(model.config.npars, found, matrices);
  },
  tell: (asked): Uncertainties => {
    const { model, args, statics } = asked;
    const n = model.config.npars;
    const told = (found: Numbers<ReturnType<typeof stdevQuestion.trace>>) => {
      checkStdev(model, found);
      return { ...found, ...describeFit(asked, found) };
    };
    if (n <= SMALL || (model.sparse?.() ?? null) === null) {
      const whole = askNumbers(wholeQuestion, model, args, statics);
      return { ...told(whole), ...shaped(n, whole) };
    }
    const found = askNumbers(stdevQuestion, model, args, statics);
    const near = { ...args, near: found.x };
    return reading(n, told(found), () => shaped(n, askNumbers(matricesQuestion, model, near, statics)));
  },
});

const shaped = (n: number, { covariance, correlation }: Matrices<Float64Array>) => ({
  covariance: new NdArray<MatrixShape>(covariance, [n, n]),
  correlation: new NdArray<MatrixShape>(correlation, [n, n]),
});

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

const fisherQuestion = {
  name: "fisherInformation",
  trace: (
    model: Likelihood,
    { pars }: { readonly pars: Tensor },
    { closed }: { readonly closed: boolean },
  ): Matrix => ranked(hessianAt(model, pars, model.expectedData(pars), closed)),
};

/**
 * The expected Fisher information [npars, npars] of the parameters: the Hessian of -log L at Asimov data. It is exact,
 * because HistFactory's -log L is linear in the data but for a term that no parameter enters. Fixed parameters are
 * not left out. Its inverse on the free ones is `uncertainties(...).covariance` of Asimov data.
 */
export function fisherInformation(pars: Vector, model: Likelihood): NdArray<MatrixShape>;
export function fisherInformation(pars: Tensor, model: Likelihood): Matrix;
export function fisherInformation(pars: Vector | Tensor, model: Likelihood): NdArray<MatrixShape> | Matrix {
  requireModel("fisherInformation", "pars, model", model);
  checkVector("fisherInformation", "pars", pars);
  const args = { pars };
  if (!ofNumbers(model, args)) return askTraced(fisherQuestion, model, args, { closed: false });
  const n = model.config.npars;
  checkLength("pars", args.pars, n);
  return new NdArray(askNumbers(fisherQuestion, model, args, { closed: true }), [n, n]);
}
