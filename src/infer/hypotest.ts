import { checkOptions, type Known } from "../core/options.js";
import type { Scalar, Tensor } from "../core/tensor.js";
import { allAnswered, answered } from "./answer.js";
import {
  type Asymptotic,
  asymptotic,
  type BaseDistribution,
  expectedPvalues,
  type FittedPars,
  pvalues,
  statisticOf,
  type TestStat,
} from "./asymptotics.js";
import { askNumbers, askTraced, isTraced, type Question, type Values, type Vector } from "./call.js";
import { checkParameter, checkTest } from "./check.js";
import { InferenceError } from "./errors.js";
import { explainFailure } from "./fit.js";
import type { Impossible } from "./impossible.js";
import type { Likelihood } from "./likelihood.js";
import {
  type FitArgs,
  type FitOptions,
  type FitStatics,
  fitOptions,
  fitStatics,
  fitValues,
  prepare,
  requirePoi,
} from "./setup.js";
import { boundWarnings } from "./teststatistics.js";
import { type ToyOptions, type ToyTest, toyHypotest, toyOptions } from "./toys.js";

/** Which test to make, besides how to fit. */
export interface HypotestOptions<N = number, V = Vector> extends FitOptions<N, V>, ToyOptions {
  /** Asymptotic formulae (default), or toy experiments; toys have no derivative, so they run outside traces only. */
  readonly calctype?: "asymptotics" | "toybased" | undefined;
  readonly testStat?: TestStat | undefined;
  readonly calcBaseDist?: BaseDistribution | undefined;
}

export const hypotestOptions: Known<HypotestOptions> = {
  ...{ ...fitOptions, ...toyOptions },
  ...{ calctype: true, testStat: true, calcBaseDist: true },
};

/** A hypothesis test. `S` is a scalar and `V` a vector; Tensors in a traced function, numbers outside. */
export interface HypotestOf<V, S> {
  /** CLs of the data; for q0 their p-value under background. */
  readonly cls: S;
  /** CLs+b and CLb; for q0 CLb alone. */
  readonly tail: readonly S[];
  /** The median expected of background (for q0: of signal). */
  readonly expected: S;
  /** The same for fluctuations of -2, -1, 0, 1, 2 standard deviations of the best value. */
  readonly expectedSet: readonly S[];
  readonly teststat: S;
  /** The greatest status of its fits; 0 where all converged. Else all numbers of the test are NaN. */
  readonly status: S;
  /** The parameters of the fits; toys make other ones. */
  readonly pars?: FittedPars<V>;
  /** Square roots of the test statistics of the data and of Asimov data; toys have none. */
  readonly sqrtq?: S;
  readonly sqrtqA?: S;
}

/** A test inside a traced function. */
export type TracedHypotest = HypotestOf<Tensor, Scalar>;
/** A test in numbers, with what should be said about it. */
export interface Hypotest extends HypotestOf<Float64Array, number> {
  readonly converged: boolean;
  /** Bins in which the data are impossible, where fits failed because of them. */
  readonly impossible: readonly Impossible[];
  /** Why there is no answer, as a sentence; null where there is one. */
  readonly failure: string | null;
  readonly warnings: readonly string[];
}

interface HypotestStatics extends FitStatics {
  readonly testStat: TestStat;
  readonly base: BaseDistribution;
}

const question = (statics: HypotestStatics): Question<FitArgs & { mu: Tensor }, TracedHypotest> => ({
  name: `hypotest ${JSON.stringify(statics)}`,
  ask: (model, args) => {
    const setup = prepare(model, args, statics);
    const poi = requirePoi(statics);
    return read(asymptotic(model, args.data, setup, poi, args.mu, statics.testStat), statics);
  },
});

/** A test as pyhf returns it. */
export function read(
  test: Asymptotic,
  { testStat, base }: { readonly testStat: TestStat; readonly base: BaseDistribution },
): TracedHypotest {
  const { pars, status } = test;
  const [teststat, sqrtq, sqrtqA] = [test.teststat, test.sqrtq, test.sqrtqA].map((t) =>
    answered(t, status, test.value),
  ) as [Scalar, Scalar, Scalar];
  const observed = pvalues(teststat, sqrtqA);
  const key = testStat === "q0" ? "clsb" : "cls";
  const expectedSet = expectedPvalues(sqrtqA, base).map((p) => p[key]);
  return {
    cls: observed[key],
    tail: testStat === "q0" ? [observed.clb] : [observed.clsb, observed.clb],
    expected: expectedSet[2] as Scalar,
    expectedSet,
    teststat,
    status,
    pars: allAnswered(pars, status),
    sqrtq,
    sqrtqA,
  };
}

/** The static options of a test, checked. */
export function testStatics(model: Likelihood, o: HypotestOptions<unknown, unknown>): HypotestStatics {
  const testStat = o.testStat ?? "qtilde";
  const base = o.calcBaseDist ?? "normal";
  oneOf("testStat", testStat, Object.keys(statisticOf));
  oneOf("calcBaseDist", base, ["normal", "clipped_normal"]);
  oneOf("calctype", o.calctype ?? "asymptotics", ["asymptotics", "toybased"]);
  return { ...fitStatics(model, o), testStat, base };
}

function oneOf(option: string, got: string, known: readonly string[]): void {
  if (known.includes(got)) return;
  throw new InferenceError("infer.option", `'${option}' is ${JSON.stringify(got)}; use ${known.join(", ")}`, {
    option,
    got,
    known,
  });
}

/**
 * Tests a value of the parameter of interest, as pyhf's `hypotest`. In a traced function the result is made of Tensors,
 * differentiable in all that data and model are made of. Throws an InferenceError where model, data or options do not
 * allow the test; a fit that fails says so in `status` and `warnings`.
 */
export function hypotest(poi: number, data: Vector, model: Likelihood, options?: HypotestOptions): Hypotest;
export function hypotest(
  poi: number | Tensor,
  data: Tensor,
  model: Likelihood,
  options?: HypotestOptions<number | Tensor, Vector | Tensor>,
): TracedHypotest;
export function hypotest(
  poi: number | Tensor,
  data: Vector | Tensor,
  model: Likelihood,
  options: HypotestOptions<number | Tensor, Vector | Tensor> = {},
): Hypotest | TracedHypotest {
  checkOptions("hypotest", options, hypotestOptions);
  const statics = testStatics(model, options);
  const i = requirePoi(statics);
  const mu = statics.testStat === "q0" ? 0 : poi;
  const args: Values = { ...fitValues(model, data, options), mu };
  const traced = isTraced(model, args);
  if (traced && options.calctype === "toybased") {
    throw new InferenceError(
      "infer.toys",
      "toy experiments have no derivative and cannot run inside a traced function; call hypotest outside, or use calctype 'asymptotics'",
    );
  }
  if (traced) return askTraced(question(statics), model, args);
  checkTest(model, args, i);
  checkParameter(model, args, i, mu);
  // Asimov data and toys of the other hypothesis are made there.
  checkParameter(model, args, i, statics.testStat === "q0" ? 1 : 0);
  const lower = ((options.lower as Vector | undefined) ?? model.config.suggestedLower)[i]!;
  const said = [
    ...(statics.testStat === "q0" && poi !== 0 ? ["q0 tests the value 0 only"] : []),
    ...boundWarnings(statisticOf[statics.testStat], lower),
  ];
  const found =
    options.calctype === "toybased"
      ? toyHypotest(model, args, statics, options)
      : (askNumbers(question(statics), model, args) as HypotestOf<Float64Array, number>);
  const attempts = [
    {},
    { held: [[i, statics.testStat === "q0" ? 1 : 0] as const] },
    { held: [[i, mu as number] as const] },
  ];
  const failure = explainFailure(model, args, found.status, "a fit", attempts);
  const failed = (found as Partial<ToyTest>).toys?.failed ?? 0;
  return {
    ...found,
    converged: found.status === 0,
    impossible: failure.impossible,
    failure: failure.sentence,
    warnings: [
      ...said,
      ...failure.warnings,
      ...(failed > 0 ? [`${failed} toys are left out: their fits did not converge`] : []),
    ],
  };
}
