import type { Scalar, Tensor } from "../core/tensor.js";
import { askNumbers, type Question, type Values, type Vector } from "./call.js";
import type { Likelihood } from "./likelihood.js";
import { type Matrices, measure } from "./measure.js";
import { type FitArgs, type FitStatics, fitStatics, fitValues, prepare } from "./setup.js";
import { checkStdev, matricesQuestion } from "./uncertainty.js";

/** A little curvature in each parameter, in parts of its own: where it is all there is, it decides the answer. */
export const RIDGE = 1e-12;
/** More of it, and by how much of a variance that may move what the data determine. */
const MORE = 100;
const NOTICED = 1e-3;

interface Ridged<V> {
  readonly little: V;
  readonly more: V;
}

const question = (statics: FitStatics): Question<FitArgs & { readonly near: Tensor }, Ridged<Tensor>> => ({
  name: `ridged ${JSON.stringify(statics)}`,
  ask: (model, args) => {
    const setup = prepare(model, args, statics);
    const fit = { x: args.near, status: args.near.sum().mul(0) as Scalar };
    const stdev = (ridge: number) => measure(model, args.data, setup, fit, { closed: true, ridge }).stdev;
    return { little: stdev(RIDGE), more: stdev(MORE * RIDGE) };
  },
});

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
  model: Likelihood,
  args: Values,
  statics: FitStatics,
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
  const { little, more } = askNumbers(question(statics), model, { ...args, near: x }) as Ridged<Float64Array>;
  checkStdev(model, { stdev: little.map((s, i) => s + 0 * more[i]!), held, status });
  const loose = little.map((s, i) => Number(s > 0 && !((s / more[i]!) ** 2 - 1 < NOTICED)));
  const undetermined = model.config.parNames.filter((_, i) => loose[i] === 1);
  return {
    stdev: little.map((s, i) => (loose[i] ? Number.NaN : s)),
    undetermined,
    warnings: [sentence(undetermined)],
  };
}

function sentence(names: readonly string[]): string {
  if (names.length === 1) return `the data do not determine ${names[0]}: it has no uncertainty; fix it`;
  const more = names.length > 5 ? ` and ${names.length - 5} more` : "";
  const some = more ? names.slice(0, 5).join(", ") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
  return `the data do not determine ${some}${more}: some change of these together leaves the likelihood as it is, so they have no uncertainty, and their best values are some of many; fix what is not of interest`;
}

/** Correlations [npars, npars] at a best fit; NaN of parameters that are undetermined. */
export function correlations(
  data: Vector,
  model: Likelihood,
  { x, undetermined }: { readonly x: Float64Array; readonly undetermined: readonly string[] },
): Float64Array {
  const args = { ...fitValues(model, data, {}), near: x };
  const ridge = undetermined.length > 0 ? RIDGE : 0;
  const question = matricesQuestion(fitStatics(model, {}), ridge);
  const { correlation } = askNumbers(question, model, args) as Matrices<Float64Array>;
  const names = new Set(undetermined);
  const loose = model.config.parNames.map((name) => names.has(name));
  return correlation.map((r, e) => (loose[e % x.length] || loose[Math.floor(e / x.length)] ? Number.NaN : r));
}
