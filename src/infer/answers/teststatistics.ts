import { where } from "../../core/elementary/arith.js";
import type { Scalar, Tensor } from "../../core/graph/tensor.js";
import { type Status, statusName } from "../../core/status.js";
import { answered, scalar, worst } from "../answered.js";
import { boundsOf, checkTest } from "../checkfit.js";
import { type Search, solve, solveQuick, type TracedFit } from "../fit.js";
import type { Attempt } from "../impossible.js";
import type { Likelihood } from "../likelihood.js";
import { type Asked, question, questionAt } from "../question.js";
import { type Said, said } from "../said.js";
import {
  type FitArgs,
  fitOptions,
  hold,
  type PoiStatics,
  poiStatics,
  prepare,
  type Setup,
} from "../setup.js";

/** The test statistics of arXiv:1007.1727 by number of their equation there: 14, 16, 12, 8, 11. */
export type StatisticName = "qmu" | "qmuTilde" | "q0" | "tmu" | "tmuTilde";

/** A test statistic with the parameters of its two fits. */
export interface StatisticOf<V, S, E = S> {
  readonly value: S;
  /** Best fit with the parameter of interest held. */
  readonly fixed: V;
  /** Best fit. */
  readonly best: V;
  /** The worse status of the two fits: a name outside of traced functions, its number inside. */
  readonly status: E;
}

/** A test statistic in numbers, with what should be said about it. */
export interface Statistic extends StatisticOf<Float64Array, number, Status>, Said {}
/** A test statistic inside a traced function. */
export type TracedStatistic = StatisticOf<Tensor<"vector">, Scalar>;

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
  return { fixed, best: solveQuick(model, data, setup, fixed.x) };
}

/** What a test statistic makes of the likelihood ratio t, the best value of its parameter and the tested one. */
export function oneSided(name: StatisticName, t: Tensor, best: Tensor, mu: Tensor): Tensor {
  if (name === "qmu" || name === "qmuTilde") return where(best.gt(mu), 0, t);
  if (name === "q0") return where(best.lt(0), 0, t);
  return t;
}

/** A test statistic of two fits, and their worse status. */
export function ratioOf(
  name: StatisticName,
  { fixed, best }: { readonly fixed: TracedFit; readonly best: TracedFit },
  poi: number,
  mu: Tensor,
): { readonly q: Tensor; readonly status: Scalar } {
  const t = difference(fixed.value, best.value);
  return { q: oneSided(name, t, best.x.at(poi), mu), status: scalar(worst(fixed.status, best.status)) };
}

type Tested = FitArgs & { readonly mu: Tensor };

const statistic = (name: StatisticName) => ({
  name,
  options: fitOptions,
  statics: poiStatics,
  check: (asked: Asked<Likelihood, PoiStatics>) => checkTest(asked, asked.args.mu),
  trace: (model: Likelihood, args: Tested, statics: PoiStatics): TracedStatistic => {
    const { poi } = statics;
    const { fixed, best } = twoFits(model, args.data, prepare(model, args, statics), poi, args.mu);
    const { q, status } = ratioOf(name, { fixed, best }, poi, args.mu);
    return {
      value: scalar(answered(q, status, fixed.value.add(best.value))),
      fixed: answered(fixed.x, fixed.status),
      best: answered(best.x, best.status),
      status,
    };
  },
  tell: (asked: Asked<Likelihood, PoiStatics> & { ask(): StatisticOf<Float64Array, number> }): Statistic => {
    const found = asked.ask();
    const attempts = attemptsAt(asked.statics.poi, asked.args.mu!);
    const status = statusName(found.status);
    const saying = said(asked, status, { attempts, before: boundWarnings(name, asked) });
    return { ...found, status, ...saying };
  },
});

/** Where the fits of a test begin: at their usual start, and with the parameter of interest held at values. */
export const attemptsAt = (poi: number, ...values: readonly number[]): readonly Attempt[] => [
  {},
  ...values.map((value): Attempt => ({ held: [[poi, value]] })),
];

/** What pyhf warns of: a statistic that does not go with the lower bound of the parameter of interest. */
export function boundWarnings(name: StatisticName, asked: Asked<Likelihood, PoiStatics>): string[] {
  const lower = boundsOf(asked.model, asked.args).lower[asked.statics.poi]!;
  if (name === "q0" || (lower === 0) === name.endsWith("Tilde")) return [];
  const other = name.endsWith("Tilde") ? name.slice(0, -5) : `${name}Tilde`;
  return [`${name} with the parameter of interest bounded below at ${lower}: use ${other}`];
}

/** For upper limits, with a parameter that may be negative (equation 14). */
export const qmu = questionAt(statistic("qmu"));
/** For upper limits, with a parameter that is not negative (equation 16). */
export const qmuTilde = questionAt(statistic("qmuTilde"));
/** For two-sided intervals (equation 8). */
export const tmu = questionAt(statistic("tmu"));
/** For two-sided intervals of a parameter that is not negative (equation 11). */
export const tmuTilde = questionAt(statistic("tmuTilde"));
/** For the discovery of a positive signal: tests 0 (equation 12). */
export const q0 = question(statistic("q0"), 0);
