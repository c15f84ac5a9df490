import { vmap } from "../../core/derive/transform.js";
import { checkArgument, numbers } from "../../core/graph/arguments.js";
import type { Tensor } from "../../core/graph/tensor.js";
import { type Status, statusName } from "../../core/status.js";
import { shownAs } from "../../text/display.js";
import { complement } from "../../text/numbertext.js";
import { answered, worst } from "../answered.js";
import { askNumbers, type Vector } from "../call.js";
import { asScanned, boundsOf, checkParameter } from "../checkfit.js";
import type { Likelihood } from "../likelihood.js";
import { begin } from "../question.js";
import { type Said, said } from "../said.js";
import { Curves, type LimitOptions, type LimitStatics, limitBeginning } from "../search/curves.js";
import { type FitArgs, prepare } from "../setup.js";
import { expectedPvalues, pvalues, shifted, statisticOf } from "../stats/asymptotics.js";
import { attemptsAt, boundWarnings } from "./teststatistics.js";

/** CLs along a scan of the parameter of interest. */
export interface LimitScan extends Said {
  /** Name of the parameter of interest. */
  readonly poi: string;
  /** The confidence level of the limits. */
  readonly level: number;
  readonly scan: Float64Array;
  /** NaN where a fit failed. */
  readonly cls: Float64Array;
  /** One array for each of -2, -1, 0, 1, 2 standard deviations. */
  readonly expected: readonly Float64Array[];
  /** Limits by linear interpolation between the points, as pyhf's `linear_grid_scan`; NaN beyond the scan. */
  readonly limit: number;
  readonly expectedLimits: readonly number[];
  /** The worst of all fits. */
  readonly status: Status;
  /** Of each value, the worst of its fits. */
  readonly statuses: readonly Status[];
}

/** CLs at many values in one call. */
export const scanQuestion = {
  name: "limitScan",
  trace: (model: Likelihood, args: FitArgs & { readonly scan: Tensor }, statics: LimitStatics) => {
    const test = new Curves(model, args.data, prepare(model, args, statics), statics);
    return vmap((mu: Tensor): { cls: Tensor; expected: readonly Tensor[]; status: Tensor } => {
      const asimov = test.asimov(mu);
      const { sqrtqA } = asimov;
      const { value, status } = test.sqrtq(mu);
      const expected = worst(test.reference.status, asimov.status);
      const all = worst(expected, status);
      return {
        cls: answered(pvalues(shifted(value, sqrtqA, statics.testStat), sqrtqA).cls, all),
        expected: expectedPvalues(sqrtqA, statics.base).map(({ cls }) => answered(cls, expected)),
        status: all,
      };
    })(args.scan);
  },
};

/**
 * CLs at the values of a scan, and the limits between them. The fits of all values run in one call. Values may lie
 * beyond the upper bound of the parameter; its fits then go there too.
 */
export function limitScan(
  scan: Vector,
  data: Vector,
  model: Likelihood,
  options: LimitOptions = {},
): LimitScan {
  const asked = begin(
    { ...limitBeginning, name: "limitScan", order: "scan, data, model, options" },
    data,
    model,
    options,
  );
  checkArgument("limitScan", "scan", scan, numbers);
  const { args, statics } = asked;
  const { poi, alpha, testStat } = statics;
  const upper = boundsOf(model, args).upper[poi]!;
  for (const mu of scan) {
    checkParameter(model, args, poi, mu > upper && mu < Number.POSITIVE_INFINITY ? upper : mu, asScanned);
  }
  const { cls, expected, status } = askNumbers(scanQuestion, model, { ...args, scan }, statics);
  const at = (values: Float64Array) => crossing(scan, values, alpha);
  const worstOfAll = statusName(status.reduce((a, b) => Math.max(a, b), 0));
  const lost = scan.filter((_: number, i: number) => status[i]! > 0).slice(0, 1);
  const about = {
    attempts: attemptsAt(poi, 0, ...lost),
    before: boundWarnings(statisticOf[testStat], asked),
  };
  return shownAs("limitScan", {
    poi: model.config.parNames[poi]!,
    level: complement(alpha),
    scan: Float64Array.from(scan),
    cls,
    expected,
    limit: at(cls),
    expectedLimits: expected.map(at),
    status: worstOfAll,
    statuses: Array.from(status, statusName),
    ...said(asked, worstOfAll, about),
  });
}

/** The last place where values fall through another, between neighbours on a straight line. */
function crossing(x: Vector, values: Float64Array, other: number): number {
  for (let i = values.length - 1; i > 0; i--) {
    const [a, b] = [values[i - 1]!, values[i]!];
    if (a >= other && b <= other && a > b) return x[i]! + ((other - b) / (a - b)) * (x[i - 1]! - x[i]!);
  }
  return Number.NaN;
}
