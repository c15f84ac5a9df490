import { vmap } from "../../core/derive/transform.js";
import { where } from "../../core/elementary/arith.js";
import { constant } from "../../core/graph/op.js";
import type { Scalar, Tensor } from "../../core/graph/tensor.js";
import { constantArray } from "../../core/run/trace.js";
import { type Status, statusMessage } from "../../core/status.js";
import { root } from "../../ops/findroot.js";
import { normalProbability, normalQuantile } from "../../random/gauss.js";
import { answered, scalar, worst } from "../answered.js";
import { askNumbers } from "../call.js";
import { boundsOf, checkTest } from "../checkfit.js";
import { endedByFit, limitMessage, searchStatus, worstSearch } from "../fitstatus.js";
import { failureSentence, findImpossible, type Impossible } from "../impossible.js";
import type { Likelihood } from "../likelihood.js";
import { type Asked, question } from "../question.js";
import type { Said } from "../said.js";
import { Curves, type LimitStatics, limitBeginning } from "../search/curves.js";
import { searchLimits } from "../search/limitsearch.js";
import { type FitArgs, prepare, type Setup } from "../setup.js";
import { band, statisticOf } from "../stats/asymptotics.js";
import { scanQuestion } from "./limitscan.js";
import { attemptsAt, boundWarnings } from "./teststatistics.js";

/** Upper limits: `S` is a scalar, a Tensor in a traced function and a number outside; `E` is a status. */
export interface LimitOf<S, E = S> {
  readonly observed: S;
  /** Expected of background, with fluctuations of -2, -1, 0, 1, 2 standard deviations. */
  readonly expected: readonly S[];
  /** What stands for all: a fit that failed at the end of a search, else the worst search. */
  readonly status: E;
  /** Six: that of the observed limit, then those of the expected ones. What was not found is NaN. */
  readonly statuses: readonly E[];
}

/** Limits inside a traced function. */
export type TracedLimit = LimitOf<Scalar>;
/** Limits in numbers, with what should be said about them. */
export interface Limit extends LimitOf<number, Status>, Said {}

/** What the search is at the far end of, where the parameter has no upper bound. */
const REACH = 1;

/** Where limits are looked for first: not below 0, and up to the bound of the parameter if it has one. */
function searched(setup: Setup, poi: number): [lower: Tensor, upper: Tensor] {
  const lower = setup.lower.at(poi).maximum(0);
  const upper = setup.upper.at(poi);
  return [lower, where(upper.lt(Number.MAX_VALUE), upper, lower.add(REACH))];
}

/** Where CLs falls to 1 - `level`, observed and expected: by root finding, so that it differentiates. */
export const upperLimit = question({
  ...limitBeginning,
  name: "upperLimit",
  check: (asked) => checkTest(asked, 0),
  trace: (model: Likelihood, args: FitArgs, statics: LimitStatics): TracedLimit => {
    const setup = prepare(model, args, statics);
    const test = new Curves(model, args.data, setup, statics);
    const [lower, upper] = searched(setup, statics.poi);
    const { grow, alpha } = statics;
    // A fit that failed on the way misleads the search at most; at its end it would be the answer.
    const observed = root((mu) => test.logCls(mu).sub(constant(alpha).log()), lower, upper, {
      grow,
      also: (mu) => test.fitStatus(mu),
    });
    const observedStatus = scalar(searchStatus(observed.status, observed.also!.at(0)));
    // CLs of a fluctuation n is alpha where sqrt(q_A) takes a value that depends on n alone.
    const targets = band.map((n) => -n - normalQuantile(alpha * normalProbability(-n)));
    const expected = vmap((target: Tensor) => {
      const found = root((mu) => test.asimov(mu).sqrtqA.sub(target), lower, upper, {
        grow,
        also: (mu) => worst(test.reference.status, test.asimov(mu).status),
      });
      const status = searchStatus(found.status, found.also!.at(0));
      return { x: answered(found.x, status), status };
    })(constantArray(targets));
    return {
      observed: scalar(answered(observed.x, observedStatus)),
      expected: band.map((_, i) => scalar(expected.x.at(i))),
      status: scalar(worstSearch(observedStatus, ...band.map((_, i) => expected.status.at(i)))),
      statuses: [observedStatus, ...band.map((_, i) => scalar(expected.status.at(i)))],
    };
  },
  tell: (asked): Limit => {
    const { model, args, statics } = asked;
    const found = searchLimits(model, args, statics, (from, to) => searchEnds(statics, from, to));
    const bounds = boundsOf(model, args);
    const [lower, upper] = [bounds.lower[statics.poi]!, bounds.upper[statics.poi]!];
    const failed = endedByFit(found.status);
    const impossible = failed ? findImpossible(model, args, attemptsAt(statics.poi, 0)) : [];
    const sentences = limitSentences(found, impossible, statics.alpha, () => ends(asked, lower, upper));
    const far = [found.observed, ...found.expected].some((x) => x > upper);
    const beyond = `a limit lies beyond ${upper}, the upper bound of the parameter of interest; there its fits go beyond it too`;
    const bound = boundWarnings(statisticOf[statics.testStat], asked);
    return {
      ...found,
      message: statusMessage(found.status),
      converged: found.status === "converged",
      impossible,
      failure: sentences.length > 0 ? sentences.join("; ") : null,
      warnings: [...bound, ...sentences, ...(far ? [beyond] : [])],
    };
  },
});

/** Where a search for a limit begins, and where it ends at the latest. */
function searchEnds({ grow }: LimitStatics, lower: number, upper: number): [from: number, to: number] {
  const from = Math.max(lower, 0);
  const reach = (upper < Number.MAX_VALUE ? upper : from + REACH) - from;
  return [from, from + reach * (2 ** (grow + 1) - 1)];
}

/** CLs of the data and the expected ones where the search began and where it ended. */
function ends(
  { model, args, statics }: Asked<Likelihood, LimitStatics>,
  lower: number,
  upper: number,
): { at: [number, number]; cls: [number, number][] } {
  const at = searchEnds(statics, lower, upper);
  const scan = askNumbers(scanQuestion, model, { ...args, scan: at }, statics);
  return { at, cls: [scan.cls, ...scan.expected].map((v) => [v[0]!, v[1]!]) };
}

/** What is said of limits that were not found: which, and how CLs goes on there. */
function limitSentences(
  found: LimitOf<number, Status>,
  impossible: readonly Impossible[],
  alpha: number,
  look: () => ReturnType<typeof ends>,
): string[] {
  if (found.status === "converged") return [];
  if (endedByFit(found.status)) return [failureSentence(limitMessage(found.status), impossible)];
  const { at, cls } = look();
  const text = (x: number) => String(Number(x.toPrecision(4)));
  const names = [
    "observed",
    ...band.map((n) => `expected (${n === 0 ? "median" : `${n > 0 ? "-" : "+"}${Math.abs(n)} sigma`})`),
  ];
  return names.flatMap((name, i) => {
    if (found.statuses[i] === "converged") return [];
    const [first, last] = cls[i]!;
    const why =
      found.statuses[i] !== "sameSign" || Number.isNaN(first + last)
        ? limitMessage(found.statuses[i]!)
        : `CLs goes from ${text(first)} at ${text(at[0])} to ${text(last)} at ${text(at[1])} and does not cross ${alpha}`;
    return [`no ${name} limit: ${why}`];
  });
}
