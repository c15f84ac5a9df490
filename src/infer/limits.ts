import { constant } from "../core/op.js";
import type { Scalar, Tensor } from "../core/tensor.js";
import { constantArray } from "../core/trace.js";
import { vmap } from "../core/transform.js";
import { where } from "../ops/arith.js";
import { root, rootStatus } from "../ops/root.js";
import { normalProbability, normalQuantile } from "../stochastic/gauss.js";
import {
  asimovStatistic,
  band,
  expectedPvalues,
  pvalues,
  type Reference,
  reference,
  shifted,
  statisticOf,
} from "./asymptotics.js";
import { askNumbers, askTraced, isTraced, type Question, type Values, type Vector } from "./call.js";
import { checkParameter } from "./check.js";
import { InferenceError } from "./errors.js";
import { fitMessage, otherStarts, solve, type TracedFit } from "./fit.js";
import { checkTest, type HypotestOptions, testStatics } from "./hypotest.js";
import type { Likelihood } from "./likelihood.js";
import { type FitArgs, fitValues, hold, place, prepare, requirePoi, type Setup } from "./setup.js";
import { boundWarnings, difference, oneSided, safeSqrt } from "./teststatistics.js";

export interface LimitOptions<N = number, V = Vector> extends HypotestOptions<N, V> {
  /** The CLs at the limit (default 0.05). */
  readonly level?: number | undefined;
}

/** Upper limits: `S` is a scalar, a Tensor in a traced function and a number outside. */
export interface LimitOf<S> {
  readonly observed: S;
  /** Expected of background, with fluctuations of -2, -1, 0, 1, 2 standard deviations. */
  readonly expected: readonly S[];
  /** 0 if all was found; else the status of a search for a root (`rootStatus`), or 10 + that of a fit. */
  readonly status: S;
}

export type TracedLimit = LimitOf<Scalar>;
export interface Limit extends LimitOf<number> {
  readonly converged: boolean;
  readonly warnings: readonly string[];
}

type LimitStatics = ReturnType<typeof testStatics> & { readonly level: number; readonly grow: number };

/** How often the search looks beyond the bound of the parameter, twice as far each time. */
const GROW = 12;

const question = (statics: LimitStatics): Question<FitArgs, TracedLimit> => ({
  name: `upperLimit ${JSON.stringify(statics)}`,
  ask: (model, args) => {
    const poi = requirePoi(statics);
    const setup = prepare(model, args, statics);
    const test = new Curves(model, args.data, setup, poi, statics);
    const [lower, upper] = [setup.lower.at(poi).maximum(0), setup.upper.at(poi)];
    const { grow, level } = statics;
    const observed = root((mu) => test.logCls(mu).sub(constant(level).log()), lower, upper, { grow });
    // CLs of a fluctuation n is the level where sqrt(q_A) takes a value that depends on n alone.
    const targets = band.map((n) => -n - normalQuantile(level * normalProbability(-n)));
    const expected = vmap((target: Tensor) => {
      const found = root((mu) => test.asimov(mu).sqrtqA.sub(target), lower, upper, { grow });
      return { x: found.x as Tensor, status: found.status as Tensor };
    })(constantArray(targets));
    const searches = observed.status.maximum(expected.status.max());
    return {
      observed: observed.x,
      expected: band.map((_, i) => expected.x.at(i) as Scalar),
      status: where(test.status.gt(0), test.status.add(10), searches) as Scalar,
    };
  },
});

/** The test as a function of the tested value; what does not depend on it is computed once. */
class Curves {
  readonly reference: Reference;
  readonly best: TracedFit;
  readonly status: Tensor;
  readonly #model: Likelihood;
  readonly #data: Tensor;
  readonly #setup: Setup;
  readonly #poi: number;
  readonly #statics: LimitStatics;

  constructor(model: Likelihood, data: Tensor, setup: Setup, poi: number, statics: LimitStatics) {
    this.reference = reference(model, data, setup, poi, 0);
    this.best = solve(model, data, setup, { always: [this.reference.asimovPars.stopGradient()] });
    this.status = this.reference.status.maximum(this.best.status);
    this.#model = model;
    this.#data = data;
    this.#setup = setup;
    this.#poi = poi;
    this.#statics = statics;
  }

  /** sqrt(q_A) at mu. */
  asimov(mu: Tensor) {
    return asimovStatistic(this.#model, this.reference, this.#setup, this.#poi, mu, this.#statics.testStat);
  }

  /** log CLs of the data at mu. */
  logCls(mu: Tensor): Tensor {
    const { testStat } = this.#statics;
    const { sqrtqA } = this.asimov(mu);
    const t = shifted(this.sqrtq(mu), sqrtqA, testStat);
    return t.add(sqrtqA).neg().normLogCdf().sub(t.neg().normLogCdf());
  }

  sqrtq(mu: Tensor): Tensor {
    const held = hold(this.#setup, this.#poi, mu);
    const near = place(this.best.x.stopGradient(), this.#poi, mu);
    const x0 = this.#setup.free.eq(0).mul(this.#setup.x0.sub(near)).add(near);
    const others = [held.x0.stopGradient(), ...otherStarts(held)];
    const fixed = solve(
      this.#model,
      this.#data,
      { ...held, x0: place(x0, this.#poi, mu) },
      { always: [held.x0.stopGradient()], others },
    );
    const t = difference(fixed.value, this.best.value);
    return safeSqrt(oneSided(statisticOf[this.#statics.testStat], t, this.best.x.at(this.#poi), mu));
  }
}

/** Where CLs falls to `level`, observed and expected: by root finding, so that it differentiates. */
export function upperLimit(data: Vector, model: Likelihood, options?: LimitOptions): Limit;
export function upperLimit(
  data: Tensor,
  model: Likelihood,
  options?: LimitOptions<number | Tensor, Vector | Tensor>,
): TracedLimit;
export function upperLimit(
  data: Vector | Tensor,
  model: Likelihood,
  options: LimitOptions<number | Tensor, Vector | Tensor> = {},
): Limit | TracedLimit {
  const statics = limitStatics(model, options);
  const poi = requirePoi(statics);
  const args = fitValues(data, options);
  if (isTraced(model, args)) return askTraced(question(statics), model, args);
  checkTest(model, args, poi);
  checkParameter(model, args, poi, 0);
  const found = askNumbers(question(statics), model, args) as LimitOf<number>;
  const { suggestedLower, suggestedUpper } = model.config;
  const lower = ((options.lower as Vector | undefined) ?? suggestedLower)[poi]!;
  const upper = ((options.upper as Vector | undefined) ?? suggestedUpper)[poi]!;
  const far = [found.observed, ...found.expected].some((x) => x > upper);
  return {
    ...found,
    converged: found.status === 0,
    warnings: [
      ...boundWarnings(statisticOf[statics.testStat], lower),
      ...(found.status === 0 ? [] : [limitMessage(found.status)]),
      ...(far ? [`a limit lies beyond ${upper}, the upper bound of the parameter of interest`] : []),
    ],
  };
}

/** The status of a limit as a sentence. */
export function limitMessage(status: number): string {
  if (status >= 10) return `a fit did not converge: ${fitMessage(status - 10)}`;
  return status === 0 ? "found" : `a limit was not found: ${rootStatus[status] ?? `status ${status}`}`;
}

function limitStatics(model: Likelihood, options: LimitOptions<unknown, unknown>): LimitStatics {
  const level = options.level ?? 0.05;
  if (!(level > 0 && level < 0.5)) {
    throw new InferenceError("infer.level", `the level is ${level}; use a number between 0 and 0.5`, {
      level,
    });
  }
  if (options.testStat === "q0") {
    throw new InferenceError("infer.option", "q0 tests 0 only and gives no limit; use 'qtilde' or 'q'", {
      option: "testStat",
    });
  }
  return { ...testStatics(model, options), level, grow: GROW };
}

/** CLs along a scan of the parameter of interest. */
export interface LimitScan {
  readonly scan: Float64Array;
  readonly cls: Float64Array;
  /** One array for each of -2, -1, 0, 1, 2 standard deviations. */
  readonly expected: readonly Float64Array[];
  /** Limits by linear interpolation between the points, as pyhf's `linear_grid_scan`; NaN beyond the scan. */
  readonly limit: number;
  readonly expectedLimits: readonly number[];
  readonly status: number;
}

const scanQuestion = (statics: LimitStatics) => ({
  name: `limitScan ${JSON.stringify(statics)}`,
  ask: (model: Likelihood, args: FitArgs & { scan: Tensor }) => {
    const test = new Curves(model, args.data, prepare(model, args, statics), requirePoi(statics), statics);
    return {
      status: test.status as Scalar,
      ...vmap((mu: Tensor) => {
        const { sqrtqA } = test.asimov(mu);
        return {
          cls: pvalues(shifted(test.sqrtq(mu), sqrtqA, statics.testStat), sqrtqA).cls as Tensor,
          expected: expectedPvalues(sqrtqA, statics.base).map(({ cls }) => cls as Tensor),
        };
      })(args.scan),
    };
  },
});

/** CLs at the values of a scan, and the limits between them. The fits of all values run in one call. */
export function limitScan(
  scan: Vector,
  data: Vector,
  model: Likelihood,
  options: LimitOptions = {},
): LimitScan {
  const statics = limitStatics(model, options);
  const poi = requirePoi(statics);
  const args: Values = { ...fitValues(data, options), scan };
  checkTest(model, args, poi);
  for (const mu of scan) checkParameter(model, args, poi, mu);
  const { cls, expected, status } = askNumbers(scanQuestion(statics), model, args) as {
    cls: Float64Array;
    expected: Float64Array[];
    status: number;
  };
  const at = (values: Float64Array) => crossing(scan, values, statics.level);
  return {
    scan: Float64Array.from(scan),
    cls,
    expected,
    limit: at(cls),
    expectedLimits: expected.map(at),
    status,
  };
}

/** The last place where values fall through a level, between neighbours on a straight line. */
function crossing(x: Vector, values: Float64Array, level: number): number {
  for (let i = values.length - 1; i > 0; i--) {
    const [a, b] = [values[i - 1]!, values[i]!];
    if (a >= level && b <= level && a > b) return x[i]! + ((level - b) / (a - b)) * (x[i - 1]! - x[i]!);
  }
  return Number.NaN;
}
