import { checkOptions } from "../core/options.js";
import type { Scalar, Tensor } from "../core/tensor.js";
import { where } from "../ops/arith.js";
import { answered } from "./answer.js";
import { askNumbers, askTraced, isTraced, type Question, type Values, type Vector } from "./call.js";
import { checkParameter, checkTest } from "./check.js";
import {
  explainFailure,
  otherStarts,
  type Search,
  solve,
  type TracedFit,
  type TracedFitOptions,
} from "./fit.js";
import type { Impossible } from "./impossible.js";
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

/** The test statistics of arXiv:1007.1727 by number of their equation there: 14, 16, 12, 8, 11. */
export type StatisticName = "qmu" | "qmuTilde" | "q0" | "tmu" | "tmuTilde";

/** A test statistic with the parameters of its two fits. */
export interface StatisticOf<V, S> {
  readonly value: S;
  /** Best fit with the parameter of interest held. */
  readonly fixed: V;
  /** Best fit. */
  readonly best: V;
  /** The greater status of the two fits; 0 where both converged. */
  readonly status: S;
}

/** A test statistic in numbers, with what should be said about it. */
export interface Statistic extends StatisticOf<Float64Array, number> {
  readonly converged: boolean;
  readonly impossible: readonly Impossible[];
  /** Why there is no answer, as a sentence; null where there is one. */
  readonly failure: string | null;
  readonly warnings: readonly string[];
}
/** A test statistic inside a traced function. */
export type TracedStatistic = StatisticOf<Tensor, Scalar>;

/** Below this part of the likelihoods' sizes their difference is rounding. */
export const ROUNDING = 256 * 2 ** -52;

/** f - g for two minima, zero where it is negative or rounding, and with derivative zero there. */
export function difference(f: Tensor, g: Tensor): Tensor {
  const d = f.sub(g);
  const noise = f.abs().add(g.abs()).mul(ROUNDING);
  return where(d.le(noise), 0, d);
}

/** The root of a number >= 0, with derivative zero where it is zero. */
export function safeSqrt(q: Tensor): Tensor {
  const zero = q.le(0);
  return where(zero, 0, where(zero, 1, q).sqrt());
}

/**
 * The two fits of a profile likelihood ratio. The free one is also tried from where the other ended, so that it cannot
 * be worse.
 */
export function twoFits(
  model: Likelihood,
  data: Tensor,
  setup: Setup,
  poi: number,
  mu: Tensor,
  search: Search = {},
): { fixed: TracedFit; best: TracedFit } {
  const fixed = solve(model, data, hold(setup, poi, mu));
  const always = [fixed.x.stopGradient(), ...(search.always ?? [])];
  return { fixed, best: solve(model, data, setup, { ...search, always }) };
}

/** The same for many data sets, where time matters: the free fit starts where the other ended, and nowhere else. */
export function quickFits(
  model: Likelihood,
  data: Tensor,
  setup: Setup,
  poi: number,
  mu: Tensor,
): { fixed: TracedFit; best: TracedFit } {
  const fixed = solve(model, data, hold(setup, poi, mu), { mirror: false });
  const x0 = where(setup.free.eq(0), setup.x0, fixed.x.stopGradient());
  const others = [setup.x0.stopGradient(), ...otherStarts(setup)];
  return { fixed, best: solve(model, data, { ...setup, x0 }, { others, mirror: false }) };
}

/** What a test statistic makes of the likelihood ratio t, the best value of its parameter and the tested one. */
export function oneSided(name: StatisticName, t: Tensor, best: Tensor, mu: Tensor): Tensor {
  if (name === "qmu" || name === "qmuTilde") return where(best.gt(mu), 0, t);
  if (name === "q0") return where(best.lt(0), 0, t);
  return t;
}

function question(
  name: StatisticName,
  statics: FitStatics,
): Question<FitArgs & { mu: Tensor }, TracedStatistic> {
  return {
    name: `${name} ${JSON.stringify(statics)}`,
    ask: (model, args) => {
      const poi = requirePoi(statics);
      const { fixed, best } = twoFits(model, args.data, prepare(model, args, statics), poi, args.mu);
      const t = difference(fixed.value, best.value);
      const status = fixed.status.maximum(best.status) as Scalar;
      return {
        value: answered(
          oneSided(name, t, best.x.at(poi), args.mu) as Scalar,
          status,
          fixed.value.add(best.value),
        ),
        fixed: answered(fixed.x, fixed.status),
        best: answered(best.x, best.status),
        status,
      };
    },
  };
}

function statistic(
  name: StatisticName,
  mu: number | Tensor,
  data: Vector | Tensor,
  model: Likelihood,
  options: TracedFitOptions = {},
): Statistic | TracedStatistic {
  checkOptions(name, options, fitOptions);
  const statics = fitStatics(model, options);
  const poi = requirePoi(statics);
  const args: Values = { ...fitValues(model, data, options), mu };
  if (isTraced(model, args)) return askTraced(question(name, statics), model, args);
  checkTest(model, args, poi);
  checkParameter(model, args, poi, mu);
  const found = askNumbers(question(name, statics), model, args) as StatisticOf<Float64Array, number>;
  const lower = ((options.lower as Vector | undefined) ?? model.config.suggestedLower)[poi]!;
  const attempts = [{}, { held: [[poi, mu as number] as const] }];
  const failure = explainFailure(model, args, found.status, "a fit", attempts);
  return {
    ...found,
    converged: found.status === 0,
    impossible: failure.impossible,
    failure: failure.sentence,
    warnings: [...boundWarnings(name, lower), ...failure.warnings],
  };
}

/** What pyhf warns of: a statistic that does not go with the lower bound of the parameter of interest. */
export function boundWarnings(name: StatisticName, lower: number): string[] {
  if (name === "q0" || (lower === 0) === name.endsWith("Tilde")) return [];
  const other = name.endsWith("Tilde") ? name.slice(0, -5) : `${name}Tilde`;
  return [`${name} with the parameter of interest bounded below at ${lower}: use ${other}`];
}

type Ask = {
  (mu: number, data: Vector, model: Likelihood, options?: FitOptions): Statistic;
  (mu: number | Tensor, data: Tensor, model: Likelihood, options?: TracedFitOptions): TracedStatistic;
};

const named = (name: StatisticName): Ask =>
  ((mu: number, data: Vector, model: Likelihood, options?: FitOptions) =>
    statistic(name, mu, data, model, options)) as Ask;

/** For upper limits, with a parameter that may be negative (equation 14). */
export const qmu: Ask = named("qmu");
/** For upper limits, with a parameter that is not negative (equation 16). */
export const qmuTilde: Ask = named("qmuTilde");
/** For two-sided intervals (equation 8). */
export const tmu: Ask = named("tmu");
/** For two-sided intervals of a parameter that is not negative (equation 11). */
export const tmuTilde: Ask = named("tmuTilde");

/** For the discovery of a positive signal: tests 0 (equation 12). */
export function q0(data: Vector, model: Likelihood, options?: FitOptions): Statistic;
export function q0(data: Tensor, model: Likelihood, options?: TracedFitOptions): TracedStatistic;
export function q0(
  data: Vector | Tensor,
  model: Likelihood,
  options: TracedFitOptions = {},
): Statistic | TracedStatistic {
  return statistic("q0", 0, data, model, options);
}
