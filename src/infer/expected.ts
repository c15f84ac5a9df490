import { constant } from "../core/op.js";
import type { Scalar, Tensor } from "../core/tensor.js";
import {
  asimovStatistic,
  type BaseDistribution,
  expectedPvalues,
  type Reference,
  type TestStat,
} from "./asymptotics.js";
import { lift, lifted, type Vector } from "./call.js";
import type { Likelihood } from "./likelihood.js";
import {
  type FitArgs,
  type FitOptions,
  fitStatics,
  fitValues,
  place,
  prepare,
  requirePoi,
  type Setup,
} from "./setup.js";

export interface ExpectedOptions extends FitOptions<number | Tensor, Vector | Tensor> {
  /** The tested value of the parameter of interest (default 1). */
  readonly test?: number | Tensor | undefined;
  /** Fluctuation of background in standard deviations: -2, -1, 0, 1 or 2 (default 0, the median). */
  readonly nsigma?: -2 | -1 | 0 | 1 | 2 | undefined;
  readonly testStat?: TestStat | undefined;
  readonly calcBaseDist?: BaseDistribution | undefined;
}

/**
 * Asimov data of a model at the start of its fits: nothing is fitted, so this is what is expected before any data.
 * `poi` replaces the parameter of interest.
 */
function nominal(model: Likelihood, setup: Setup, i: number, poi: number | Tensor): Reference {
  const asimovPars = place(setup.x0, i, lift(poi));
  const asimovData = model.expectedData(asimovPars);
  const asimovValue = model.nll(asimovPars, asimovData).mul(2);
  return { asimovData, asimovPars, asimovValue, status: constant(0) as Scalar };
}

/**
 * The CLs expected of background before data are seen: an objective for training, differentiable in all that the model
 * is made of. One fit. Inside a traced function; outside, ask `hypotest` with `model.expectedData`.
 */
export function expectedCls(model: Likelihood, options: ExpectedOptions = {}): Scalar {
  const { from, setup, poi, mu } = expectation(model, options, 0);
  const { sqrtqA } = asimovStatistic(model, from, setup, poi, mu, options.testStat ?? "qtilde");
  return expectedPvalues(sqrtqA, options.calcBaseDist ?? "normal")[2 + (options.nsigma ?? 0)]!.cls;
}

/** The discovery significance expected of a signal at 1 (or `test`) before data are seen, in standard deviations. */
export function expectedSignificance(
  model: Likelihood,
  options: Omit<ExpectedOptions, "nsigma"> = {},
): Scalar {
  const { from, setup, poi } = expectation(model, options, options.test ?? 1);
  return asimovStatistic(model, from, setup, poi, constant(0), "q0").sqrtqA as Scalar;
}

function expectation(model: Likelihood, options: ExpectedOptions, asimov: number | Tensor) {
  const statics = fitStatics(model, options);
  const poi = requirePoi(statics);
  const { data: _, ...values } = fitValues(0, options);
  const args = lifted(values) as unknown as FitArgs;
  const setup = prepare(model, args, statics);
  const from = nominal(model, setup, poi, asimov);
  return { from, setup, poi, mu: lift(options.test ?? 1) };
}
