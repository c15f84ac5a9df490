import { constant, ranked } from "../../core/graph/op.js";
import type { Scalar, Tensor } from "../../core/graph/tensor.js";
import { checkOptions, type Known } from "../../core/options.js";
import { answered, scalar } from "../answered.js";
import { checkFitKinds, checkOperand, requireModel } from "../askedkinds.js";
import { askTraced, lift } from "../call.js";
import { noteEmpty } from "../impossible.js";
import type { Likelihood } from "../likelihood.js";
import {
  type FitArgs,
  fitOptions,
  optionValues,
  type PoiStatics,
  place,
  poiStatics,
  prepare,
  type Setup,
  type TracedFitOptions,
} from "../setup.js";
import {
  asimovStatistic,
  type BaseDistribution,
  expectedPvalues,
  type Reference,
  type TestStat,
} from "../stats/asymptotics.js";

/** The strength that is tested, and how its fits are made. */
export interface ExpectedOptions extends TracedFitOptions {
  /** The tested value of the parameter of interest (default 1). */
  readonly test?: number | Tensor | undefined;
  /** Fluctuation of background in standard deviations: -2, -1, 0, 1 or 2 (default 0, the median). */
  readonly nsigma?: -2 | -1 | 0 | 1 | 2 | undefined;
  readonly testStat?: TestStat | undefined;
  readonly calcBaseDist?: BaseDistribution | undefined;
}

const expectedOptions: Known<ExpectedOptions> = {
  ...fitOptions,
  test: true,
  nsigma: true,
  testStat: true,
  calcBaseDist: true,
};

/**
 * Asimov data of a model at the start of its fits: nothing is fitted, so this is what is expected before any data.
 * `poi` replaces the parameter of interest.
 */
function nominal(model: Likelihood, setup: Setup, i: number, poi: number | Tensor): Reference {
  const asimovPars = ranked<"vector">(place(setup.x0, i, lift(poi)));
  const asimovData = model.expectedData(asimovPars);
  const asimovValue = model.nll(asimovPars, asimovData).mul(2);
  noteEmpty(model, asimovPars, model.config.parNames[i]!, lift(poi));
  return { asimovData, asimovPars, asimovValue, value: asimovValue, status: scalar(constant(0)) };
}

/**
 * The CLs expected of background before data are seen: an objective for training, differentiable in all that the model
 * is made of. One fit; where it fails, as where nothing is expected in a bin that Asimov data fill, value and derivatives
 * are NaN, and `expectedHypotest` has the status. Inside a traced function; outside, ask `hypotest` with `model.expectedData`.
 */
export function expectedCls(model: Likelihood, options: ExpectedOptions = {}): Scalar {
  checkOptions("expectedCls", options, expectedOptions);
  const { nsigma = 0, ...others } = options;
  return expected("expectedCls", model, others).expectedSet[2 + nsigma]!;
}

/** An expectation with the fit that it is made of; all is NaN, derivatives too, where `status` is not 0. */
export interface ExpectedTest {
  /** CLs expected of background, the median and fluctuations of -2, -1, 0, 1, 2 standard deviations. */
  readonly cls: Scalar;
  readonly expectedSet: readonly Scalar[];
  /** The square root of the test statistic of Asimov data; for q0 the significance. */
  readonly sqrtqA: Scalar;
  /** The parameters of the fit to Asimov data with the parameter of interest at the tested value [npars]. */
  readonly pars: Tensor;
  /** 0 where that fit converged; see `statusMessage`. */
  readonly status: Scalar;
}

/**
 * The test that is expected before data are seen, with its status: what `expectedCls` and, for "q0",
 * `expectedSignificance` are taken from.
 */
export function expectedHypotest(
  model: Likelihood,
  options: Omit<ExpectedOptions, "nsigma"> = {},
): ExpectedTest {
  const { nsigma: _, ...known } = expectedOptions;
  checkOptions("expectedHypotest", options, known);
  return expected("expectedHypotest", model, options);
}

function expected(name: string, model: Likelihood, options: Omit<ExpectedOptions, "nsigma">): ExpectedTest {
  requireModel(name, "model, options", model);
  checkFitKinds(name, options);
  if (options.test !== undefined) checkOperand(name, "test", options.test);
  const testStat = options.testStat ?? "qtilde";
  const { from, setup, poi, mu } = expectation(model, options, testStat === "q0" ? (options.test ?? 1) : 0);
  const tested = testStat === "q0" ? constant(0) : mu;
  const { sqrtqA: root, pars, status, value } = asimovStatistic(model, from, setup, poi, tested, testStat);
  const sqrtqA = scalar(answered(root, status, value));
  const key = testStat === "q0" ? "clsb" : "cls";
  const expectedSet = expectedPvalues(sqrtqA, options.calcBaseDist ?? "normal").map((p) => p[key]);
  return { cls: expectedSet[2]!, expectedSet, sqrtqA, pars: answered(pars, status), status };
}

/** The discovery significance expected of a signal at 1 (or `test`) before data are seen, in standard deviations. */
export function expectedSignificance(
  model: Likelihood,
  options: Omit<ExpectedOptions, "nsigma"> = {},
): Scalar {
  const { nsigma: _, ...known } = expectedOptions;
  checkOptions("expectedSignificance", options, known);
  return expected("expectedSignificance", model, { ...options, testStat: "q0" }).sqrtqA;
}

function expectation(model: Likelihood, options: ExpectedOptions, asimov: number | Tensor) {
  const trace = (_: Likelihood, args: Omit<FitArgs, "data">, statics: PoiStatics) => {
    const setup = prepare(model, args, statics);
    const from = nominal(model, setup, statics.poi, asimov);
    return { from, setup, poi: statics.poi, mu: lift(options.test ?? 1) };
  };
  const statics = poiStatics(model, options);
  return askTraced({ name: "expected", trace }, model, optionValues(model, options), statics);
}
