import { constant } from "../core/op.js";
import { checkOptions } from "../core/options.js";
import type { Scalar, Tensor } from "../core/tensor.js";
import { constantArray } from "../core/trace.js";
import { vmap } from "../core/transform.js";
import { where } from "../ops/arith.js";
import { root, rootStatus } from "../ops/root.js";
import { normalProbability, normalQuantile } from "../stochastic/gauss.js";
import { answered, worst } from "./answer.js";
import { band, statisticOf } from "./asymptotics.js";
import { askNumbers, askTraced, isTraced, type Question, type Values, type Vector } from "./call.js";
import { checkParameter, checkTest } from "./check.js";
import { Curves, type LimitOptions, type LimitStatics, limitOptions, limitStatics } from "./curves.js";
import { fitMessage } from "./fit.js";
import { failureSentence, findImpossible, type Impossible } from "./impossible.js";
import type { Likelihood } from "./likelihood.js";
import { type ScanAnswer, scanQuestion } from "./limitscan.js";
import { searchLimits } from "./limitsearch.js";
import { type FitArgs, fitValues, prepare, requirePoi, type Setup } from "./setup.js";
import { boundWarnings } from "./teststatistics.js";

/** Upper limits: `S` is a scalar, a Tensor in a traced function and a number outside. */
export interface LimitOf<S> {
  readonly observed: S;
  /** Expected of background, with fluctuations of -2, -1, 0, 1, 2 standard deviations. */
  readonly expected: readonly S[];
  /** 0 if all was found; else the status of a search for a root (`rootStatus`), or 10 + that of a fit. */
  readonly status: S;
  /** The same of each limit, the observed one first. What was not found is NaN. */
  readonly statuses: readonly S[];
}

/** Limits inside a traced function. */
export type TracedLimit = LimitOf<Scalar>;
/** Limits in numbers, with what should be said about them. */
export interface Limit extends LimitOf<number> {
  readonly converged: boolean;
  /** Bins in which the data are impossible, where fits failed because of them. */
  readonly impossible: readonly Impossible[];
  readonly warnings: readonly string[];
}

/** What the search is at the far end of, where the parameter has no upper bound. */
const REACH = 1;

/** Where limits are looked for first: not below 0, and up to the bound of the parameter if it has one. */
function searched(setup: Setup, poi: number): [lower: Tensor, upper: Tensor] {
  const lower = setup.lower.at(poi).maximum(0);
  const upper = setup.upper.at(poi);
  return [lower, where(upper.lt(Number.MAX_VALUE), upper, lower.add(REACH))];
}

const question = (statics: LimitStatics): Question<FitArgs, TracedLimit> => ({
  name: `upperLimit ${JSON.stringify(statics)}`,
  ask: (model, args) => {
    const poi = requirePoi(statics);
    const setup = prepare(model, args, statics);
    const test = new Curves(model, args.data, setup, poi, statics);
    const [lower, upper] = searched(setup, poi);
    const { grow, level } = statics;
    // A fit that failed on the way misleads the search at most; at its end it would be the answer.
    const observed = root((mu) => test.logCls(mu).sub(constant(level).log()), lower, upper, {
      grow,
      also: (mu) => test.fitStatus(mu),
    });
    const observedStatus = limitStatus(observed.status, observed.also!.at(0));
    // CLs of a fluctuation n is the level where sqrt(q_A) takes a value that depends on n alone.
    const targets = band.map((n) => -n - normalQuantile(level * normalProbability(-n)));
    const expected = vmap((target: Tensor) => {
      const found = root((mu) => test.asimov(mu).sqrtqA.sub(target), lower, upper, {
        grow,
        also: (mu) => worst(test.reference.status, test.asimov(mu).status),
      });
      const status = limitStatus(found.status, found.also!.at(0));
      return { x: answered(found.x as Tensor, status), status };
    })(constantArray(targets));
    return {
      observed: answered(observed.x, observedStatus) as Scalar,
      expected: band.map((_, i) => expected.x.at(i) as Scalar),
      status: worst(observedStatus, expected.status.max()) as Scalar,
      statuses: [observedStatus as Scalar, ...band.map((_, i) => expected.status.at(i) as Scalar)],
    };
  },
});

/** The status of a limit from those of its search and of the fits at its end. */
const limitStatus = (search: Tensor, fits: Tensor): Tensor => where(fits.gt(0), fits.add(10), search);

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
  checkOptions("upperLimit", options, limitOptions);
  const statics = limitStatics(model, options);
  const poi = requirePoi(statics);
  const args = fitValues(model, data, options);
  if (isTraced(model, args)) return askTraced(question(statics), model, args);
  checkTest(model, args, poi);
  checkParameter(model, args, poi, 0);
  const found = searchLimits(model, args, statics, (from, to) => searchEnds(statics, from, to));
  const { suggestedLower, suggestedUpper } = model.config;
  const lower = ((options.lower as Vector | undefined) ?? suggestedLower)[poi]!;
  const upper = ((options.upper as Vector | undefined) ?? suggestedUpper)[poi]!;
  const far = [found.observed, ...found.expected].some((x) => x > upper);
  const beyond = `a limit lies beyond ${upper}, the upper bound of the parameter of interest; there its fits go beyond it too`;
  const impossible = found.status > 10 ? findImpossible(model, args, [{}, { held: [[poi, 0]] }]) : [];
  return {
    ...found,
    converged: found.status === 0,
    impossible,
    warnings: [
      ...boundWarnings(statisticOf[statics.testStat], lower),
      ...limitSentences(found, impossible, () => ends(data as Vector, model, options, statics, lower, upper)),
      ...(far ? [beyond] : []),
    ],
  };
}

/** Where a search for a limit begins, and where it ends at the latest. */
function searchEnds({ grow }: LimitStatics, lower: number, upper: number): [from: number, to: number] {
  const from = Math.max(lower, 0);
  const reach = (upper < Number.MAX_VALUE ? upper : from + REACH) - from;
  return [from, from + reach * (2 ** (grow + 1) - 1)];
}

/** CLs of the data and the expected ones where the search began and where it ended. */
function ends(
  data: Vector,
  model: Likelihood,
  options: LimitOptions<number | Tensor, Vector | Tensor>,
  statics: LimitStatics,
  lower: number,
  upper: number,
): { at: [number, number]; cls: [number, number][] } {
  const at = searchEnds(statics, lower, upper);
  const args: Values = { ...fitValues(model, data, options), scan: at };
  const scan = askNumbers(scanQuestion(statics), model, args) as ScanAnswer<Float64Array>;
  return { at, cls: [scan.cls, ...scan.expected].map((v) => [v[0]!, v[1]!]) };
}

/** What is said of limits that were not found: which, and how CLs goes on there. */
function limitSentences(
  found: LimitOf<number>,
  impossible: readonly Impossible[],
  look: () => ReturnType<typeof ends>,
): string[] {
  if (found.status === 0) return [];
  if (found.status > 10) return [failureSentence(limitMessage(found.status), impossible)];
  const { at, cls } = look();
  const text = (x: number) => String(Number(x.toPrecision(4)));
  const names = [
    "observed",
    ...band.map((n) => `expected (${n === 0 ? "median" : `${n > 0 ? "-" : "+"}${Math.abs(n)} sigma`})`),
  ];
  return names.flatMap((name, i) => {
    if (found.statuses[i] === 0) return [];
    const [first, last] = cls[i]!;
    const why =
      found.statuses[i] !== 2 || Number.isNaN(first + last)
        ? limitMessage(found.statuses[i]!)
        : `CLs goes from ${text(first)} at ${text(at[0])} to ${text(last)} at ${text(at[1])} and does not cross the level`;
    return [`no ${name} limit: ${why}`];
  });
}

/** The status of a limit as a sentence. */
export function limitMessage(status: number): string {
  if (status >= 10) return `a fit did not converge: ${fitMessage(status - 10)}`;
  return status === 0 ? "found" : `a limit was not found: ${rootStatus[status] ?? `status ${status}`}`;
}
