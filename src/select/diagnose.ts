import type { Columns } from "../core/events.js";
import { array, checkArguments, object } from "../core/graph/arguments.js";
import { checkOptions } from "../core/options.js";
import { alternatives } from "../text/alternatives.js";
import { comparedValues } from "./comparedvalues.js";
import type { Cut } from "./cut.js";
import { printExpr } from "./grammar/printexpr.js";
import { aCut } from "./iscut.js";
import { sentinelCut, sentinels, sentinelWords } from "./sentinels.js";
import type { CutThreshold } from "./thresholds.js";

/**
 * Why a threshold is not where a minimum is. `flat`: its gradient is exactly 0. `outward`: it stands where the cut
 * keeps nothing, and its gradient leads farther out. `far`: it stands there and has not come back yet. `open`: it went
 * outside the data to where it keeps every event. `bound`: its gradient leads across the bound on which it stands.
 */
export type StuckKind = "flat" | "outward" | "far" | "open" | "bound";

/** A threshold that is not where a minimum is, and why. */
export interface Stuck {
  readonly name: string;
  readonly kind: StuckKind;
  /** What happened and what to do, in a sentence or two. */
  readonly message: string;
}

/** Thresholds, gradients and widths of the training that is looked at. */
export interface DiagnoseOptions<P> {
  /** Thresholds before and after the training. */
  readonly start: Readonly<P>;
  readonly end: Readonly<P>;
  /** The gradient of the loss at the end. */
  readonly grads: Readonly<P>;
  /** Widths at the end; those of the cut by default. */
  readonly width?: number | Readonly<Record<string, number>>;
}

/** Beyond this many widths a step has no slope to speak of. */
const REACH = 5;
/** A cut that keeps a smaller part of the signal than this is lost rather than tight. */
const LOST = 1e-3;

/**
 * Looks for thresholds that a training could not move to where they matter. `tables` are the samples, signal first.
 * Empty when all is well.
 */
export function diagnose<P extends Record<string, number>>(
  cut: Cut<P>,
  tables: readonly Columns[],
  options: DiagnoseOptions<P>,
): Stuck[] {
  checkArguments("diagnose", { cut: [cut, aCut], tables: [tables, array], options: [options, object] });
  checkOptions("diagnose", options, { start: true, end: true, grads: true, width: true });
  const { start, end, grads, width } = options;
  const signal = cut.hard(end, tables[0]!);
  const kept = signal.reduce((n, passes) => n + passes, 0);
  const lost = kept < LOST * signal.length ? `the cut keeps ${kept} of ${signal.length} signal events` : null;
  const found = new Map<string, Stuck>();
  for (const group of byColumn(cut.thresholds.filter(({ fixed }) => !fixed))) {
    // Values of one column at a time: there is one per event.
    let compared: Float64Array | undefined;
    for (const threshold of group) {
      const { name, keeps } = threshold;
      const own = typeof width === "number" ? width : (width?.[name] ?? cut.width(name));
      const at: Place = { start: start[name]!, end: end[name]!, slope: grads[name]!, width: own };
      if (keeps) compared ??= comparedValues(cut as unknown as Cut, threshold, tables);
      const stuck = judge(threshold, keeps && compared ? compared : new Float64Array(0), at, lost);
      if (stuck) found.set(name, { name, ...stuck });
    }
  }
  return cut.thresholds.flatMap(({ name }) => found.get(name) ?? []);
}

/** Thresholds that are compared with the same, together. */
function byColumn(thresholds: readonly CutThreshold[]): Iterable<readonly CutThreshold[]> {
  const groups = new Map<string, CutThreshold[]>();
  for (const threshold of thresholds)
    groups.set(threshold.column, [...(groups.get(threshold.column) ?? []), threshold]);
  return groups.values();
}

interface Place {
  readonly start: number;
  readonly end: number;
  readonly slope: number;
  readonly width: number;
}

function judge(
  { name, column, expression, keeps, bounds }: CutThreshold,
  values: Float64Array,
  at: Place,
  lost: string | null,
): Omit<Stuck, "name"> | null {
  const { start, end, slope, width } = at;
  if (bounds && ((end <= bounds[0] && slope > 0) || (end >= bounds[1] && slope < 0))) {
    const message = `The threshold ${name} stands on its bound ${text(end)}, and its gradient leads across it. Widen the bounds if the analysis allows that.`;
    return { kind: "bound", message };
  }
  const low = (values[0] ?? Number.NEGATIVE_INFINITY) - REACH * width;
  const high = (values.at(-1) ?? Number.POSITIVE_INFINITY) + REACH * width;
  const outside = end > high || end < low;
  const open = outside && (keeps === "above") === end < low;
  if (open && start >= low && start <= high) {
    const message = `The threshold ${name} went to ${text(end)}, where it keeps every event: it cuts nothing. Leave it out, or fix it inside the data.`;
    return { kind: "open", message };
  }
  if (!outside && !lost) {
    if (slope !== 0) return null;
    const [mark] = sentinels(values);
    if (mark && column !== undefined) {
      const message = `The threshold ${name} is stuck at ${text(end)}: its gradient is exactly 0. ${sentinelWords(column, "events", mark)}. Cut it off with ${sentinelCut(printExpr(expression), mark)}, and start ${name} among the others (scan, --scan).`;
      return { kind: "flat", message };
    }
    const message = `The threshold ${name} is stuck at ${text(end)}: its gradient is exactly 0, so no event is within reach of its width ${text(width)}. Use a larger width, or start it elsewhere (scan, --scan).`;
    return { kind: "flat", message };
  }
  if (!keeps) return null;
  // Farther out is to where an open cut keeps even more, and a closed one even less.
  const up = (keeps === "above") !== open;
  const kind = slope === 0 ? "flat" : slope < 0 === up ? "outward" : "far";
  const distance = outside ? (end > high ? end - values.at(-1)! : values[0]! - end) : 0;
  const edge = end > high ? `above the largest ${column}` : `below the smallest ${column}`;
  const where = open ? "every event passes" : outside ? "no event passes" : lost;
  const place = outside
    ? `${text(distance / width)} widths ${edge} (${text(end > high ? values.at(-1)! : values[0]!)}), where ${where}`
    : `where ${where}`;
  const why = {
    flat: "its gradient is exactly 0 in this arithmetic",
    outward: "its gradient leads farther out",
    far: "its gradient leads back, but too slowly for these steps",
  }[kind];
  const moved = Math.abs(end - start) > 1e-3 * width;
  const remedies = [
    "start it inside the data (scan, --scan)",
    `anneal the width from about ${text(Math.max(distance / 2, 10 * width))} to ${text(width)} (--anneal)`,
    ...(outside && kind === "flat" ? ["give its steps long tails (outside, --outside)"] : []),
    ...(open || kind === "far" ? [] : ["use the objective asimov or sOverSqrtB, which lead back from there"]),
    ...(kind === "far" ? ["take more or larger steps"] : []),
  ];
  const remedy = alternatives(remedies);
  const message = `The threshold ${name} is stuck: it ${moved ? `went from ${text(start)} to` : "stayed at"} ${text(end)}, ${place} and ${why}. Remedy: ${remedy}.`;
  return { kind, message };
}

/** At most three digits, for reading. */
const text = (x: number): string => String(Number(x.toPrecision(3)));
