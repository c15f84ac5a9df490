import type { Scalar, Tensor } from "../../core/graph/tensor.js";
import type { Known } from "../../core/options.js";
import { type Status, statusName } from "../../core/status.js";
import { allAnswered, answered, scalar } from "../answered.js";
import type { Vector } from "../call.js";
import { checkTest } from "../checkfit.js";
import { InferenceError } from "../inferenceerror.js";
import type { Likelihood } from "../likelihood.js";
import { questionAt } from "../question.js";
import { type Said, said } from "../said.js";
import { type FitArgs, type FitOptions, fitOptions, type PoiStatics, poiStatics, prepare } from "../setup.js";
import {
  type Asymptotic,
  asymptotic,
  type BaseDistribution,
  expectedPvalues,
  type FittedPars,
  pvalues,
  statisticOf,
  type TestStat,
} from "../stats/asymptotics.js";
import { attemptsAt, boundWarnings } from "./teststatistics.js";
import { type ToyOptions, type ToyTest, toyHypotest, toyOptions } from "./toyhypotest.js";

/** Which test to make. */
export interface TestOptions extends ToyOptions {
  /** Asymptotic formulae (default), or toy experiments; toys have no derivative, so they run outside traces only. */
  readonly calctype?: "asymptotics" | "toybased" | undefined;
  readonly testStat?: TestStat | undefined;
  readonly calcBaseDist?: BaseDistribution | undefined;
}

/** Which test to make, besides how to fit. */
export interface HypotestOptions<N = number, V = Vector> extends FitOptions<N, V>, TestOptions {}

export const hypotestOptions: Known<HypotestOptions> = {
  ...{ ...fitOptions, ...toyOptions },
  ...{ calctype: true, testStat: true, calcBaseDist: true },
};

/**
 * A hypothesis test. `S` is a scalar and `V` a vector; Tensors in a traced function, numbers outside. `E` says how its fits
 * ended, by number or name.
 */
export interface HypotestOf<V, S, E = S> {
  /** CLs of the data; for q0 their p-value under background. */
  readonly cls: S;
  /** CLs+b and CLb; for q0 CLb alone. */
  readonly tail: readonly S[];
  /** The median expected of background (for q0: of signal). */
  readonly expected: S;
  /** The same for fluctuations of -2, -1, 0, 1, 2 standard deviations of the best value. */
  readonly expectedSet: readonly S[];
  readonly teststat: S;
  /** The worst status of its fits. Else than "converged" (0 in a traced function), all numbers of the test are NaN. */
  readonly status: E;
  /** The parameters of the fits; toys make other ones. */
  readonly pars?: FittedPars<V>;
  /** Square roots of the test statistics of the data and of Asimov data; toys have none. */
  readonly sqrtq?: S;
  readonly sqrtqA?: S;
}

/** A test inside a traced function. */
export type TracedHypotest = HypotestOf<Tensor<"vector">, Scalar>;
/** A test in numbers, with what should be said about it. */
export interface Hypotest extends HypotestOf<Float64Array, number, Status>, Said {
  /** What the toys gave, where the test is made of them. */
  readonly toys?: ToyTest["toys"];
}

export interface TestStatics extends PoiStatics {
  readonly calctype: "asymptotics" | "toybased";
  readonly testStat: TestStat;
  readonly base: BaseDistribution;
}

/** A test as pyhf returns it. */
export function read(
  test: Asymptotic,
  { testStat, base }: { readonly testStat: TestStat; readonly base: BaseDistribution },
): TracedHypotest {
  const { pars, status } = test;
  const known = (t: Tensor) => scalar(answered(t, status, test.value));
  const [teststat, sqrtq, sqrtqA] = [known(test.teststat), known(test.sqrtq), known(test.sqrtqA)];
  const observed = pvalues(teststat, sqrtqA);
  const key = testStat === "q0" ? "clsb" : "cls";
  const expectedSet = expectedPvalues(sqrtqA, base).map((p) => p[key]);
  return {
    cls: observed[key],
    tail: testStat === "q0" ? [observed.clb] : [observed.clsb, observed.clb],
    expected: expectedSet[2]!,
    expectedSet,
    teststat,
    status,
    pars: allAnswered({ ...pars }, status),
    sqrtq,
    sqrtqA,
  };
}

/** The static options of a test, checked. */
export function testStatics(
  model: Likelihood,
  o: FitOptions<unknown, unknown> & Partial<TestOptions>,
): TestStatics {
  const { testStat = "qtilde", calcBaseDist: base = "normal", calctype = "asymptotics" } = o;
  oneOf("testStat", testStat, Object.keys(statisticOf));
  oneOf("calcBaseDist", base, ["normal", "clipped_normal"]);
  oneOf("calctype", calctype, ["asymptotics", "toybased"]);
  return { ...poiStatics(model, o), calctype, testStat, base };
}

function oneOf(option: string, got: string, known: readonly string[]): void {
  if (known.includes(got)) return;
  throw new InferenceError("infer.option", `'${option}' is ${JSON.stringify(got)}; use ${known.join(", ")}`, {
    option,
    got,
    known,
  });
}

/** An answer with its status by name. */
const named = <T extends { readonly status: number }>(found: T) => ({
  ...found,
  status: statusName(found.status),
});

/** Where Asimov data and toys of the hypothesis that is not tested are made. */
const otherMu = (statics: TestStatics): number => (statics.testStat === "q0" ? 1 : 0);

/**
 * Tests a value of the parameter of interest, as pyhf's `hypotest`. In a traced function the result is made of Tensors,
 * differentiable in all that data and model are made of. Throws an InferenceError where model, data or options do not
 * allow the test; a fit that fails says so in `status` and `warnings`.
 */
export const hypotest = questionAt({
  name: "hypotest",
  options: hypotestOptions,
  statics: testStatics,
  tested: (value, { testStat }) => (testStat === "q0" ? 0 : value),
  check: (asked) => checkTest(asked, asked.args.mu, otherMu(asked.statics)),
  trace: (
    model: Likelihood,
    args: FitArgs & { readonly mu: Tensor },
    statics: TestStatics,
  ): TracedHypotest => {
    if (statics.calctype === "toybased") {
      throw new InferenceError(
        "infer.toys",
        "toy experiments have no derivative and cannot run inside a traced function; call hypotest outside, or use calctype 'asymptotics'",
      );
    }
    const setup = prepare(model, args, statics);
    return read(asymptotic(model, args.data, setup, statics.poi, args.mu, statics.testStat), statics);
  },
  tell: (asked): Hypotest => {
    const { model, args, statics, options } = asked;
    const { poi, testStat, calctype } = statics;
    const found: HypotestOf<Float64Array, number, Status> & Pick<Hypotest, "toys"> =
      calctype === "toybased" ? toyHypotest(model, args, statics, options) : named(asked.ask());
    const failed = found.toys?.failed ?? 0;
    const about = {
      attempts: attemptsAt(poi, otherMu(statics), args.mu!),
      before: [
        ...(testStat === "q0" && asked.value !== 0 ? ["q0 tests the value 0 only"] : []),
        ...boundWarnings(statisticOf[testStat], asked),
      ],
      after: failed > 0 ? [`${failed} toys are left out: their fits did not converge`] : [],
    };
    return { ...found, ...said(asked, found.status, about) };
  },
});
