import { checkOptions } from "../core/options.js";
import type { Scalar, Tensor } from "../core/tensor.js";
import { constantArray } from "../core/trace.js";
import { type MinimumPath, minimize, minimizeStatus } from "../ops/minimize.js";
import { gather } from "../ops/rows.js";
import { answered } from "./answer.js";
import { askNumbers, askTraced, isTraced, type Question, type Values, type Vector } from "./call.js";
import { checkFit, checkParameter } from "./check.js";
import { type Attempt, failureSentence, findImpossible, type Impossible, noteFit } from "./impossible.js";
import type { Likelihood } from "./likelihood.js";
import {
  type FitArgs,
  type FitOptions,
  type FitStatics,
  fitOptions,
  fitStatics,
  fitValues,
  hold,
  prepare,
  requirePoi,
  type Setup,
} from "./setup.js";

/** A best fit: `V` is a vector and `S` a scalar, Tensors in a traced function and numbers outside. */
export interface FitOf<V, S> {
  /** The parameters [npars]. */
  readonly x: V;
  /** Twice the negative logarithm of the likelihood. */
  readonly value: S;
  /** 0 converged, 1 out of steps, 2 not finite, 3 no descent: see `fitMessage`. Else than 0, `x` and `value` are NaN. */
  readonly status: S;
  /** Evaluations of the likelihood. */
  readonly steps: S;
  /** Estimated distance to the minimum, in units of `value`. */
  readonly edm: S;
}

/** A best fit inside a traced function. */
export interface TracedFit extends FitOf<Tensor, Scalar> {
  /** How the minimum moves with a parameter that is held, where that was asked for. */
  readonly path?: MinimumPath;
}

/** A best fit in numbers, with what should be said about it. */
export interface Fit extends FitOf<Float64Array, number> {
  readonly converged: boolean;
  /** The status as a sentence. */
  readonly message: string;
  readonly names: readonly string[];
  /** Free parameters that ended on a bound. */
  readonly atBounds: readonly string[];
  /** Bins in which the data are impossible, where the fit failed because of them. */
  readonly impossible: readonly Impossible[];
  /** Why there is no answer, as a sentence; null where there is one. */
  readonly failure: string | null;
  readonly warnings: readonly string[];
}

/** Options of fits whose starts, bounds and held values may be tensors. */
export type TracedFitOptions = FitOptions<number | Tensor, Vector | Tensor>;

/** What the status of a fit means, and what to do about it. */
export function fitMessage(status: number): string {
  return minimizeStatus[status] ?? `a fit inside ended with status ${status}`;
}

/**
 * What is said of fits that ended with this status: nothing where they converged; else why, and the bins in which the
 * data are impossible where the fits began.
 */
export function explainFailure(
  model: Likelihood,
  args: Values,
  status: number,
  which = "a fit",
  attempts: readonly Attempt[] = [{}],
): {
  readonly impossible: readonly Impossible[];
  readonly sentence: string | null;
  readonly warnings: string[];
} {
  if (status === 0) return { impossible: [], sentence: null, warnings: [] };
  const impossible = findImpossible(model, args, attempts);
  const message = `${which} did not converge: ${fitMessage(status)}`;
  const sentence = failureSentence(message, impossible);
  return { impossible, sentence, warnings: [sentence] };
}

/** Where a fit looks besides its own start. */
export interface Search {
  /** Starts that are tried in any case. */
  readonly always?: readonly Tensor[];
  /** Starts that are tried, in order, while no search has converged. */
  readonly others?: readonly Tensor[];
  /** Whether to look for a second minimum as well (default yes): interpolation may make a likelihood bistable. */
  readonly mirror?: boolean;
  /** The position of a held parameter that the minimum is followed with, from the start alone; see `minimize`. */
  readonly along?: number;
}

const ALONE: Search = { others: [], mirror: false };

const same = (x: Tensor): Tensor => x;

/** Vectors of parameters in another order. */
const placed = (order: Int32Array) => (x: Tensor) => gather(x, constantArray(order));

/**
 * Runs the fit that a setup describes; of several minima the lowest. Where it failed, `x` is where it ended: good to go on
 * from, but no answer; see {@link answer}.
 */
export function solve(model: Likelihood, data: Tensor, setup: Setup, search: Search = {}): TracedFit {
  const { x0, free, lower, upper, maxSteps } = setup;
  const { along } = search;
  const { always = [], others = otherStarts(setup), mirror = true } = along === undefined ? search : ALONE;
  const kinks = model.kinks?.();
  const sparse = model.sparse?.() ?? null;
  const [turn, back] = sparse ? [placed(sparse.order), placed(sparse.places)] : [same, same];
  const found = minimize((y) => model.nll(back(y), data), turn(x0), {
    free: turn(free),
    lower: turn(lower),
    upper: turn(upper),
    maxSteps,
    starts: [...always, ...others].map(turn),
    always: always.length,
    mirror,
    ...(along === undefined ? {} : { along: sparse?.places[along] ?? along }),
    ...(kinks ? { kinks: turn(kinks) } : {}),
    ...(sparse
      ? { envelope: { first: sparse.first, hessian: (y: Tensor) => sparse.hessian(back(y), data) } }
      : { hessian: (y: Tensor) => model.hessian(y, data) }),
  });
  const twice = (t: Tensor) => t.mul(2) as Scalar;
  noteFit(model, data, x0, found.status, () => model.init());
  const { path } = found;
  return {
    x: back(found.x),
    value: twice(found.value),
    status: found.status,
    steps: found.steps,
    edm: twice(found.edm),
    ...(path
      ? {
          path: {
            slope: twice(path.slope),
            curvature: twice(path.curvature),
            tangent: back(path.tangent),
          },
        }
      : {}),
  };
}

/**
 * Where to look when the usual start leads nowhere: a tenth of the way to the upper and to the lower bounds, and half of
 * it to the upper ones, but not further than 1. So factors that let an expectation vanish are left.
 */
export function otherStarts({ x0, lower, upper, free }: Setup): Tensor[] {
  const reach = (towards: Tensor, part: number) => {
    const step = towards.sub(x0).mul(part);
    return x0.add(free.mul(step.clip(-1, 1)));
  };
  return [reach(upper, 0.1), reach(lower, 0.1), reach(upper, 0.5)].map((t) => t.stopGradient());
}

function fitQuestion(statics: FitStatics): Question<FitArgs, TracedFit> {
  return {
    name: `fit ${JSON.stringify(statics)}`,
    ask: (model, args) => {
      const setup = prepare(model, args, statics);
      return answer(solve(model, args.data, setup));
    },
  };
}

/** A fit as an answer: parameters and value are NaN where it failed. */
export function answer(found: TracedFit): TracedFit {
  const { x, value, status } = found;
  return { ...found, x: answered(x, status), value: answered(value, status) };
}

function poiQuestion(statics: FitStatics): Question<FitArgs & { poi: Tensor }, TracedFit> {
  return {
    name: `fixedPoiFit ${JSON.stringify(statics)}`,
    ask: (model, args) => {
      const setup = hold(prepare(model, args, statics), requirePoi(statics), args.poi);
      return answer(solve(model, args.data, setup));
    },
  };
}

/**
 * The parameters of greatest likelihood. Data include the auxiliary ones. In a traced function the result is made of
 * Tensors, differentiable in everything that the data and the model are made of; outside it is numbers. A fit that
 * fails says so in its status. Throws an InferenceError where data or options do not fit the model.
 */
export function fit(data: Vector, model: Likelihood, options?: FitOptions): Fit;
export function fit(data: Tensor, model: Likelihood, options?: TracedFitOptions): TracedFit;
export function fit(
  data: Vector | Tensor,
  model: Likelihood,
  options: TracedFitOptions = {},
): Fit | TracedFit {
  checkOptions("fit", options, fitOptions);
  const statics = fitStatics(model, options);
  const question = fitQuestion(statics);
  const args = fitValues(model, data, options);
  if (isTraced(model, args)) return askTraced(question, model, args);
  checkFit(model, args);
  return describeFit(model, args, askNumbers(question, model, args) as FitOf<Float64Array, number>);
}

/** The same with the parameter of interest held at a value, as pyhf's `fixed_poi_fit`. */
export function fixedPoiFit(poi: number, data: Vector, model: Likelihood, options?: FitOptions): Fit;
export function fixedPoiFit(
  poi: number | Tensor,
  data: Tensor,
  model: Likelihood,
  options?: TracedFitOptions,
): TracedFit;
export function fixedPoiFit(
  poi: number | Tensor,
  data: Vector | Tensor,
  model: Likelihood,
  options: TracedFitOptions = {},
): Fit | TracedFit {
  checkOptions("fixedPoiFit", options, fitOptions);
  const statics = fitStatics(model, options);
  const i = requirePoi(statics);
  const question = poiQuestion(statics);
  const args: Values = { ...fitValues(model, data, options), poi };
  if (isTraced(model, args)) return askTraced(question, model, args);
  checkFit(model, args);
  checkParameter(model, args, i, poi);
  const found = askNumbers(question, model, args) as FitOf<Float64Array, number>;
  return describeFit(model, args, found, { held: i, attempts: [{ held: [[i, poi as number]] }] });
}

/** A fit in numbers with its sentences. `held` is a parameter that did not move, `attempts` where fits began. */
export function describeFit(
  model: Likelihood,
  args: Values,
  found: FitOf<Float64Array, number>,
  { held = -1, attempts = [{}] }: { readonly held?: number; readonly attempts?: readonly Attempt[] } = {},
): Fit {
  const { parNames, suggestedLower, suggestedUpper } = model.config;
  const pick = (v: Values[string] | undefined, otherwise: ArrayLike<number>) =>
    v === undefined ? otherwise : (v as ArrayLike<number>);
  const [lower, upper] = [pick(args.lower, suggestedLower), pick(args.upper, suggestedUpper)];
  const fixed = args.fixed as ArrayLike<number> | undefined;
  const atBounds = parNames.filter(
    (_, i) =>
      i !== held &&
      !fixed?.[i] &&
      lower[i]! < upper[i]! &&
      (found.x[i]! <= lower[i]! || found.x[i]! >= upper[i]!),
  );
  const converged = found.status === 0;
  const message = fitMessage(found.status);
  const failure = explainFailure(model, args, found.status, "the fit", attempts);
  const warnings = [
    ...failure.warnings,
    ...(atBounds.length > 0 ? [`at a bound: ${atBounds.join(", ")}`] : []),
  ];
  const { impossible, sentence } = failure;
  return { ...found, converged, message, names: parNames, atBounds, impossible, failure: sentence, warnings };
}
