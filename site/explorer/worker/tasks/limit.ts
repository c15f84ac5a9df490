import { type LimitScan, limitScan, upperLimit } from "gradcut/stats";
import { type Question, task } from "../task.js";

/** Upper limits and the curves that they are read from. */
export interface Limits {
  readonly poi: string;
  readonly level: number;
  readonly observed: number;
  /** At -2, -1, 0, 1, 2 standard deviations. */
  readonly expected: readonly number[];
  readonly statuses: readonly string[];
  readonly failure: string | null;
  readonly warnings: readonly string[];
  /** Values of the parameter, CLs there, and five curves of expected ones; as far as they are done. */
  readonly scan: Float64Array;
  readonly cls: Float64Array;
  readonly curves: readonly Float64Array[];
}

export interface LimitArgs {
  readonly question: Question;
  readonly level: number;
}

/** Values of the scan, and those of one call: portions of one size are compiled once. */
const values = 41;
const portion = 14;

/** From 0 to somewhat beyond the highest limit, or to the bound of the parameter where there is none. */
function endOf(limits: readonly number[], bound: number): number {
  const highest = Math.max(...limits.filter(Number.isFinite));
  if (highest > 0) return highest * 1.15;
  return Number.isFinite(bound) && bound > 0 ? bound : 10;
}

const joined = (parts: readonly Float64Array[]): Float64Array =>
  Float64Array.from(parts.flatMap((part) => Array.from(part))).subarray(0, values);

export const limit = task<LimitArgs, Limits, Limits>("limit", async ({ question, level }, context) => {
  const { model, data } = context.model(question);
  const portions = Math.ceil(values / portion);
  await context.progress(0, 1 + portions);
  const found = upperLimit(data, model, { level });
  const poi = model.config.poiIndex!;
  const { observed, expected, statuses, failure, warnings } = found;
  const end = endOf([observed, ...expected], model.config.suggestedUpper[poi]!);
  const all = Float64Array.from({ length: values }, (_, i) => (end * i) / (values - 1));
  const first = {
    ...{ poi: model.config.parNames[poi]!, level, observed, expected, statuses, failure, warnings },
    ...{ scan: new Float64Array(), cls: new Float64Array(), curves: [] },
  };
  await context.progress(1, 1 + portions, first);
  const scans: LimitScan[] = [];
  for (let i = 0; i < portions; i++) {
    const part = Array.from({ length: portion }, (_, k) => all[i * portion + k] ?? end);
    scans.push(limitScan(part, data, model, { level }));
    await context.progress(2 + i, 1 + portions);
  }
  return {
    ...first,
    scan: all,
    cls: joined(scans.map((scan) => scan.cls)),
    curves: expected.map((_, k) => joined(scans.map((scan) => scan.expected[k]!))),
  };
});
