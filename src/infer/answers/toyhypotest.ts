import { grad, vmap } from "../../core/derive/transform.js";
import { where } from "../../core/elementary/arith.js";
import { constant } from "../../core/graph/op.js";
import type { Scalar, Tensor } from "../../core/graph/tensor.js";
import type { Known } from "../../core/options.js";
import { constantArray } from "../../core/run/trace.js";
import { type Status, statusName } from "../../core/status.js";
import { foldIn, key } from "../../random/keys.js";
import { answered, scalar, worst } from "../answered.js";
import { askNumbers, type Numbers } from "../call.js";
import { solve } from "../fit.js";
import { InferenceError } from "../inferenceerror.js";
import type { ConstrainedLikelihood, Likelihood } from "../likelihood.js";
import { type FitArgs, type FitNumbers, hold, near, type PoiStatics, prepare } from "../setup.js";
import { statisticOf, type TestStat } from "../stats/asymptotics.js";
import { empirical, percentile } from "../stats/empirical.js";
import { sampleData } from "../stats/toydata.js";
import { quickFits, ratioOf, twoFits } from "./teststatistics.js";

/** How many toy experiments, from which seed. */
export interface ToyOptions {
  /** Toy experiments of each hypothesis (default 2000). */
  readonly ntoys?: number | undefined;
  /** Of the random numbers (default 0): the same seed gives the same toys. */
  readonly seed?: number | undefined;
  /** Called as toys are done, of both hypotheses together. */
  readonly onToys?: ((done: number, total: number) => void) | undefined;
}

export const toyOptions: Known<ToyOptions> = { ntoys: true, seed: true, onToys: true };

/** A hypothesis test with toys. */
export interface ToyTest {
  readonly cls: number;
  readonly tail: readonly number[];
  readonly expected: number;
  readonly expectedSet: readonly number[];
  readonly teststat: number;
  readonly status: Status;
  readonly toys: {
    /** Test statistics of the toys of the tested hypothesis and of the other one; NaN where a fit failed. */
    readonly signal: Float64Array;
    readonly background: Float64Array;
    /** How many toys have a fit that did not converge. */
    readonly failed: number;
  };
}

interface ToyStatics extends PoiStatics {
  readonly testStat: TestStat;
}
type Tested = FitArgs & { readonly mu: Tensor };

/** Toys of one call: it keeps their data in memory. */
const CHUNK = 500;

interface Hypothesis {
  readonly pars: Tensor;
  readonly mean: Tensor;
  readonly sigma: Tensor;
}
interface Start {
  readonly signal: Hypothesis;
  readonly background: Hypothesis;
  readonly q: Scalar;
  readonly status: Scalar;
}

/** Parameters and noise of the hypotheses that toys are made of, and the test statistic of the data. */
const startQuestion = {
  name: "toyStart",
  trace: (model: ConstrainedLikelihood, args: Tested, { testStat, poi, maxSteps }: ToyStatics): Start => {
    const setup = prepare(model, args, { poi, maxSteps });
    const other = hold(setup, poi, constant(testStat === "q0" ? 1 : 0));
    const fits = twoFits(model, args.data, setup, poi, args.mu);
    const background = solve(model, args.data, other);
    const { q, status: first } = ratioOf(statisticOf[testStat], fits, poi, args.mu);
    const status = scalar(worst(first, background.status));
    return {
      signal: hypothesis(model, fits.fixed.x),
      background: hypothesis(model, background.x),
      q: scalar(answered(q, status)),
      status,
    };
  },
};

/** Means of the data, and widths of those that are normal. */
export function hypothesis(model: ConstrainedLikelihood, pars: Tensor): Hypothesis {
  const { nmaindata, nauxdata, parameterSets } = model.config;
  const mean = model.expectedData(pars);
  const none = mean.mul(0);
  if (!parameterSets.some(({ constraint }) => constraint === "normal")) return { pars, mean, sigma: none };
  const mask = new Float64Array(nauxdata);
  for (const { constraint, slice, aux } of parameterSets) {
    if (constraint === "normal") mask.fill(1, aux, aux + slice[1] - slice[0]);
  }
  // d log N(a | m, σ) / da = -1/σ² at a = m + 1.
  const aux = mean.slice(nmaindata, nmaindata + nauxdata);
  const slope = grad((a: Tensor) => model.constraintLogpdf(pars, a))(aux.add(1));
  const normal = constantArray(mask);
  const sigma = where(normal, where(normal, slope.neg(), 1).sqrt().pow(-1), 0);
  return { pars, mean, sigma: sigma.pad(nmaindata, 0) };
}

type Batch = Tested & { readonly start: Tensor };

const batchQuestion = {
  name: "toys",
  trace: (model: Likelihood, args: Batch, statics: ToyStatics & { readonly k: number }) => {
    const { poi, testStat, k } = statics;
    const setup = near(prepare(model, args, statics), args.start);
    const n = model.config.nmaindata + model.config.nauxdata;
    return vmap((data: Tensor): { q: Tensor; status: Tensor } => {
      const fits = quickFits(model, data, setup, poi, args.mu);
      const { q, status } = ratioOf(statisticOf[testStat], fits, poi, args.mu);
      return { q: answered(q, status), status };
    })(args.data.reshape([k, n]));
  },
};

function requireConstraints(model: Likelihood): asserts model is ConstrainedLikelihood {
  if ("constraintLogpdf" in model) return;
  throw new InferenceError(
    "infer.model",
    "toys need a model that tells its constraints: give it constraintLogpdf",
  );
}

/** A hypothesis test with toys in place of asymptotic formulae, as pyhf's `ToyCalculator`. */
export function toyHypotest(
  model: Likelihood,
  args: FitNumbers,
  { testStat, poi, maxSteps }: ToyStatics,
  options: ToyOptions,
): ToyTest {
  const statics = { testStat, poi, maxSteps };
  const { ntoys = 2000, seed = 0 } = options;
  if (!(Number.isInteger(ntoys) && ntoys > 0)) {
    throw new InferenceError("infer.toys", `'ntoys' is ${ntoys}; use a whole number of at least 1`, {
      ntoys,
    });
  }
  requireConstraints(model);
  const start = askNumbers(startQuestion, model, args, statics);
  let failed = 0;
  const run = ({ pars, ...noise }: Numbers<Hypothesis>, hypothesis: number): Float64Array => {
    const q = new Float64Array(ntoys);
    const size = Math.min(CHUNK, ntoys);
    for (let done = 0; done < ntoys; done += size) {
      const toys = Math.min(size, ntoys - done);
      const data = sampleData(noise, foldIn(foldIn(key(seed), hypothesis), done), size);
      const batch = { ...args, data, start: pars };
      const found = askNumbers(batchQuestion, model, batch, { ...statics, k: size });
      q.set(found.q.subarray(0, toys), done);
      failed += found.status.subarray(0, toys).filter((s) => s > 0).length;
      options.onToys?.(hypothesis * ntoys + done + toys, 2 * ntoys);
    }
    return q;
  };
  const none = new Float64Array(ntoys).fill(Number.NaN);
  // Where the fits to the data failed there is nothing to make toys of.
  const [signal, background] =
    start.status === 0 ? [run(start.signal, 0), run(start.background, 1)] : [none, none];
  const known = background.filter((q) => !Number.isNaN(q));
  const [sb, b] = [empirical(signal.filter((q) => !Number.isNaN(q))), empirical(known)];
  const values = (q: number) => {
    if (Number.isNaN(q)) return { clsb: Number.NaN, clb: Number.NaN, cls: Number.NaN };
    const [clsb, clb] = [sb.pvalue(q), b.pvalue(q)];
    // What exceeds 1 is the noise of two samples of toys: a signal makes no data less likely to look like background.
    return { clsb, clb, cls: clsb > clb ? 1 : clsb / clb };
  };
  const which = testStat === "q0" ? "clsb" : "cls";
  const observed = values(start.q);
  // Every background toy is an experiment that might have been; the band is that of their p-values.
  const expected = known.map((q) => values(q)[which]).sort();
  const expectedSet = [2.27501319, 15.86552539, 50, 84.13447461, 97.72498681].map((p) =>
    percentile(expected, p),
  );
  return {
    cls: observed[which],
    tail: testStat === "q0" ? [observed.clb] : [observed.clsb, observed.clb],
    expected: expectedSet[2]!,
    expectedSet,
    teststat: start.q,
    status: statusName(start.status),
    toys: { signal, background, failed },
  };
}
