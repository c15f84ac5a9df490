import { where } from "../../core/elementary/arith.js";
import { normCdf, normLogCdf } from "../../core/elementary/special.js";
import { constant } from "../../core/graph/op.js";
import type { Scalar, Tensor, Vector } from "../../core/graph/tensor.js";
import { scalar, worst } from "../answered.js";
import { difference, oneSided, type StatisticName, safeSqrt, twoFits } from "../answers/teststatistics.js";
import { solve, solveNear } from "../fit.js";
import type { Likelihood } from "../likelihood.js";
import { hold, type Setup } from "../setup.js";

/** pyhf's names of the test statistics of hypothesis tests. */
export type TestStat = "qtilde" | "q" | "q0";
/** The distribution of the best value: a normal one, or one that ends where the best value exceeds the tested. */
export type BaseDistribution = "normal" | "clipped_normal";

export const statisticOf: Readonly<Record<TestStat, StatisticName>> = {
  qtilde: "qmuTilde",
  q: "qmu",
  q0: "q0",
};

/** CLs+b, CLb and their ratio. */
export interface PValues<S> {
  readonly clsb: S;
  readonly clb: S;
  readonly cls: S;
}

/** The parameters of the fits that a hypothesis test makes, [npars] each, as pyhf calls them. */
export interface FittedPars<V> {
  readonly asimovPars: V;
  readonly freeFitToData: V;
  readonly freeFitToAsimov: V;
  readonly fixedPoiFitToData: V;
  readonly fixedPoiFitToAsimov: V;
}

/** A hypothesis test by asymptotic formulae, before it is read as p-values. */
export interface Asymptotic {
  /** sqrt(q) - sqrt(q_A), or its continuation where q > q_A for q tilde: -μ̂/σ shifted to 0 for background. */
  readonly teststat: Scalar;
  readonly sqrtq: Scalar;
  readonly sqrtqA: Scalar;
  readonly pars: FittedPars<Vector>;
  readonly asimovData: Tensor;
  readonly status: Scalar;
  /** Of all fits together: it depends on whatever they do. */
  readonly value: Tensor;
}

/** How many standard deviations of background each member of the expected band is away; pyhf's order. */
export const band = [2, 1, 0, -1, -2] as const;

/** What does not depend on the tested value: fits to the data, and the Asimov data of the other hypothesis. */
export interface Reference {
  readonly asimovData: Tensor;
  readonly asimovPars: Vector;
  /** Twice the negative logarithm of the likelihood of the Asimov data at their parameters: its minimum. */
  readonly asimovValue: Tensor;
  /** The value of the fit that made them. */
  readonly value: Tensor;
  readonly status: Scalar;
}

/**
 * Asimov data: expectations at the parameters that fit the data best with the parameter of interest at `mu`. They are
 * described best by these parameters themselves, so the free fit to them needs no solver.
 */
export function reference(model: Likelihood, data: Tensor, setup: Setup, poi: number, mu: number): Reference {
  const held = hold(setup, poi, constant(mu));
  const fit = solve(model, data, held);
  const asimovData = model.expectedData(fit.x);
  return {
    asimovData,
    asimovPars: fit.x,
    asimovValue: model.nll(fit.x, asimovData).mul(2),
    value: fit.value,
    status: fit.status,
  };
}

/** sqrt(q_A): the test statistic of Asimov data. */
export function asimovStatistic(
  model: Likelihood,
  from: Reference,
  setup: Setup,
  poi: number,
  mu: Tensor,
  testStat: TestStat,
): { sqrtqA: Tensor; pars: Vector; value: Tensor; status: Scalar } {
  const fit = solveNear(model, from.asimovData, hold(setup, poi, mu), from.asimovPars);
  const q = oneSided(
    statisticOf[testStat],
    difference(fit.value, from.asimovValue),
    from.asimovPars.at(poi),
    mu,
  );
  return { sqrtqA: safeSqrt(q), pars: fit.x, value: fit.value, status: fit.status };
}

/** The whole test of one value: three fits to the data, one to Asimov data. */
export function asymptotic(
  model: Likelihood,
  data: Tensor,
  setup: Setup,
  poi: number,
  mu: Tensor,
  testStat: TestStat,
): Asymptotic {
  const ref = reference(model, data, setup, poi, testStat === "q0" ? 1 : 0);
  const { fixed, best } = twoFits(model, data, setup, poi, mu, { always: [ref.asimovPars.stopGradient()] });
  const q = oneSided(statisticOf[testStat], difference(fixed.value, best.value), best.x.at(poi), mu);
  const sqrtq = safeSqrt(q);
  const { sqrtqA, pars, status, value } = asimovStatistic(model, ref, setup, poi, mu, testStat);
  return {
    teststat: scalar(shifted(sqrtq, sqrtqA, testStat)),
    sqrtq: scalar(sqrtq),
    sqrtqA: scalar(sqrtqA),
    pars: {
      asimovPars: ref.asimovPars,
      freeFitToData: best.x,
      freeFitToAsimov: ref.asimovPars,
      fixedPoiFitToData: fixed.x,
      fixedPoiFitToAsimov: pars,
    },
    asimovData: ref.asimovData,
    status: scalar(worst(fixed.status, best.status, ref.status, status)),
    value: fixed.value.add(best.value).add(ref.value).add(value),
  };
}

/** The test statistic as -μ̂/σ, zero where background alone is expected. */
export function shifted(sqrtq: Tensor, sqrtqA: Tensor, testStat: TestStat): Tensor {
  const near = sqrtq.sub(sqrtqA);
  if (testStat !== "qtilde") return near;
  const beyond = sqrtqA.lt(sqrtq).mul(sqrtqA.gt(0));
  const safe = where(beyond, sqrtqA, 1);
  return where(beyond, sqrtq.square().sub(sqrtqA.square()).div(safe.mul(2)), near);
}

/** log CLs; their ratio from logarithms, so that it outlives both. */
export function logCls(sqrtq: Tensor, sqrtqA: Tensor, testStat: TestStat): Tensor {
  const t = shifted(sqrtq, sqrtqA, testStat);
  return normLogCdf(t.add(sqrtqA).neg()).sub(normLogCdf(t.neg()));
}

/** p-values of a shifted test statistic; their ratio from logarithms, so that it outlives both. */
export function pvalues(t: Tensor, sqrtqA: Tensor): PValues<Scalar> {
  const [sb, b] = [t.add(sqrtqA).neg(), t.neg()];
  const cls = normLogCdf(sb).sub(normLogCdf(b)).exp();
  return { clsb: scalar(normCdf(sb)), clb: scalar(normCdf(b)), cls: scalar(cls) };
}

/** The p-values expected of background, with fluctuations of 2, 1, 0, -1, -2 standard deviations. */
export function expectedPvalues(sqrtqA: Tensor, base: BaseDistribution): PValues<Scalar>[] {
  return band.map((n) => {
    const t = base === "normal" ? constant(n) : sqrtqA.neg().maximum(n);
    return pvalues(t, sqrtqA);
  });
}
