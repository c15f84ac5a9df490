import { where } from "../core/elementary/arith.js";
import type { Tensor } from "../core/graph/tensor.js";
import { constantArray } from "../core/run/trace.js";
import { gather } from "../ops/rows.js";
import { alternatives } from "../text/alternatives.js";
import { checkStdev, measureAt, stdevQuestion } from "./answers/uncertainties.js";
import { askNumbers, type Vector } from "./call.js";
import { checkFit } from "./checkfit.js";
import { describeFit, type Fit, type FitOf } from "./fit.js";
import type { Likelihood } from "./likelihood.js";
import { identity } from "./matrices/inverse.js";
import { type Asked, begin } from "./question.js";
import { type FitArgs, type FitOptions, type FitStatics, fitOptions, fitStatics } from "./setup.js";

/** A little curvature in each parameter, in parts of its own: where it is all there is, it decides the answer. */
export const RIDGE = 1e-12;
/** More of it, and by how much of a variance that may move what the data determine. */
const MORE = 100 * RIDGE;
const NOTICED = 1e-3;

/** Standard deviations with little curvature added, NaN where more of it would make them others. */
export const unnoticed = (little: Float64Array, more: Float64Array): Float64Array =>
  little.map((s, i) => (s > 0 && !((s / more[i]!) ** 2 - 1 < NOTICED) ? Number.NaN : s));

type Near = FitArgs & { readonly near: Tensor };

const ridgedQuestion = {
  name: "ridged",
  trace: (model: Likelihood, args: Near, statics: FitStatics) => ({
    little: measureAt(model, args, { ...statics, ridge: RIDGE }).stdev,
    more: measureAt(model, args, { ...statics, ridge: MORE }).stdev,
  }),
};

/** Standard deviations, and the parameters without: of those the likelihood has a direction that does not bend it. */
export interface Determined {
  /** NaN of parameters that are not determined. */
  readonly stdev: Float64Array;
  readonly undetermined: readonly string[];
  /** The names in a sentence. */
  readonly warnings: readonly string[];
}

/**
 * The standard deviations that exist at a best fit. Where the Hessian is singular, those of parameters that are no part of its
 * null space. Throws an InferenceError where it has a direction of negative curvature.
 */
export function determined(
  { model, args, statics }: Asked<Likelihood, FitStatics>,
  found: {
    readonly x: Float64Array;
    readonly status: number;
    readonly stdev: Float64Array;
    readonly held: Float64Array;
  },
): Determined {
  const { x, status, stdev, held } = found;
  const none = stdev.some((s, i) => Number.isNaN(s) && held[i] === 0);
  if (status !== 0 || !none) return { stdev, undetermined: [], warnings: [] };
  const { little, more } = askNumbers(ridgedQuestion, model, { ...args, near: x }, statics);
  checkStdev(model, { stdev: little.map((s, i) => s + 0 * more[i]!), held, status });
  const known = unnoticed(little, more);
  const undetermined = model.config.parNames.filter((_, i) => Number.isNaN(known[i]!) && held[i] === 0);
  return { stdev: known, undetermined, warnings: [sentence(undetermined)] };
}

/**
 * What is asked with a ridge of 0, and with a little where the data leave parameters undetermined. Throws an InferenceError
 * where some of `parameters` are among these.
 */
export function askDetermined<
  A extends {
    readonly best: FitOf<Float64Array, number>;
    readonly stdev: Float64Array;
    readonly held: Float64Array;
  },
>(
  ask: (ridge: number) => A,
  asked: Asked<Likelihood, FitStatics>,
  parameters: readonly number[],
): A & { readonly fit: Fit } {
  const first = ask(0);
  const known = determined(asked, { ...first, ...first.best });
  requireDetermined(asked.model, known, parameters);
  const found = known.undetermined.length > 0 ? ask(RIDGE) : first;
  return { ...found, stdev: known.stdev, fit: describeFit(asked, found.best, { after: known.warnings }) };
}

/** Throws an InferenceError where one of the parameters that are asked for is undetermined. */
export function requireDetermined(
  model: Likelihood,
  { undetermined }: Determined,
  parameters: readonly number[],
): void {
  const stdev = new Float64Array(model.config.npars);
  for (const i of parameters) if (undetermined.includes(model.config.parNames[i]!)) stdev[i] = Number.NaN;
  checkStdev(model, { stdev, held: new Float64Array(stdev.length), status: 0 });
}

function sentence(names: readonly string[]): string {
  if (names.length === 1) return `the data do not determine ${names[0]}: it has no uncertainty; fix it`;
  const more = names.length > 5 ? ` and ${names.length - 5} more` : "";
  const some = more ? names.slice(0, 5).join(", ") : alternatives(names, "and");
  return `the data do not determine ${some}${more}: some change of these leaves the likelihood as it is, so they have no uncertainty; fix what is not of interest`;
}

/** A fit with the standard deviations that exist. */
export interface Deviations extends Fit, Determined {
  /** 1 for free parameters that a bound holds [npars]. */
  readonly held: Float64Array;
}

/** As `uncertainties`, without matrices, and where the data leave parameters undetermined, too. */
export function deviations(data: Vector, model: Likelihood, options: FitOptions = {}): Deviations {
  return deviationsOf(begin({ ...plain, name: "deviations" }, data, model, options));
}

/** How questions begin that have the options of a fit. */
export const plain = { options: fitOptions, statics: fitStatics, check: checkFit };

/** The same of what is asked. */
export function deviationsOf(asked: Asked<Likelihood, FitStatics>): Deviations {
  const found = askNumbers(stdevQuestion, asked.model, asked.args, asked.statics);
  const known = determined(asked, found);
  const { stdev, undetermined, warnings: after } = known;
  return { ...describeFit(asked, found, { after }), stdev, undetermined, held: found.held };
}

const correlationQuestion = {
  name: "correlation",
  trace: (
    model: Likelihood,
    args: Near,
    statics: FitStatics & { readonly ridge: number; readonly parameters: readonly number[] },
  ) => {
    const parameters = Int32Array.from(statics.parameters);
    const { covariance, stdev } = measureAt(model, args, statics);
    const sigma = gather(stdev, constantArray(parameters));
    const k = parameters.length;
    const all = covariance(parameters)
      .div(sigma.reshape([k, 1]))
      .div(sigma.reshape([1, k]));
    // A parameter that does not move is correlated with itself only.
    const moves = sigma.gt(0);
    const unit = identity(k).mul(moves.eq(0).reshape([k, 1]));
    return where(moves.reshape([k, 1]).mul(moves.reshape([1, k])), all, 0).add(unit);
  },
};

/** Correlations [k, k] of some parameters at a best fit; NaN of those that are undetermined. */
export function correlations(
  data: Vector,
  model: Likelihood,
  { x, undetermined }: { readonly x: Float64Array; readonly undetermined: readonly string[] },
  parameters: Int32Array = Int32Array.from(x.keys()),
): Float64Array {
  const ridge = undetermined.length > 0 ? RIDGE : 0;
  const statics = { ...fitStatics(model, {}), parameters: Array.from(parameters), ridge };
  const found = askNumbers(correlationQuestion, model, { data, near: x }, statics);
  const names = new Set(undetermined);
  const loose = Array.from(parameters, (i) => names.has(model.config.parNames[i]!));
  const k = parameters.length;
  return found.map((r, e) => (loose[e % k] || loose[Math.floor(e / k)] ? Number.NaN : r));
}
