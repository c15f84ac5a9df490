/** How soft the cut is, step by step, and how far its thresholds move in one. */

import { annealedWidths } from "../../select/anneal.js";
import { autoWidth } from "../../select/autowidth.js";
import { type Cut, columnNames } from "../../select/cut.js";
import { visit } from "../../select/grammar/names.js";
import type { CutThreshold } from "../../select/thresholds.js";
import { nearestName } from "../../text/nearest.js";
import type { Width } from "../groups/trainingvalues.js";
import { UsageError } from "../line/usageerror.js";
import type { Sample } from "../tables/samples.js";
import type { Widths } from "./analysis.js";
import type { TrainArgs } from "./trainargs.js";

/** The width of every threshold at a step; `changes` says whether it depends on the step. */
export interface WidthSchedule {
  changes: boolean;
  at(step: number): Widths;
}

/** The columns whose name stands for a threshold: the one that it is compared with, if that is one and not made of rows. */
function columnOf({ expression, brackets }: CutThreshold): string | undefined {
  let ofRows = brackets !== undefined;
  visit(expression, ({ kind }) => {
    ofRows ||= kind === "reduce";
  });
  if (ofRows) return undefined;
  const [name, ...more] = columnNames(expression);
  return more.length === 0 ? name : undefined;
}

/** What a map says of a threshold, by its own name or else by that of its column. */
const valueFor = <V>(threshold: CutThreshold, byName: ReadonlyMap<string, V>): V | undefined =>
  byName.get(threshold.name) ?? byName.get(columnOf(threshold) ?? "");

/** Throws UsageError for a name that is neither of a threshold of the cut nor of a column that has some. */
export function requireThresholds(
  cut: Cut,
  option: "width" | "anneal",
  byName: ReadonlyMap<string, unknown>,
): void {
  const names = cut.thresholds.map(({ name }) => name);
  const columns = cut.thresholds.flatMap((t) => columnOf(t) ?? []);
  const known = new Set([...names, ...columns]);
  const unknown = [...byName.keys()].find((name) => !known.has(name));
  if (unknown === undefined) return;
  const near = nearestName(unknown, [...names, ...columns]);
  const hint = near ? `did you mean ${near}?` : `the thresholds are ${names.join(", ")}`;
  const sentence = `--${option} ${unknown}=…: the cut has no threshold ${unknown}; ${hint}`;
  throw new UsageError("bad-value", option, unknown, sentence);
}

/** From `--width` and `--anneal`. */
export function widthSchedule(
  cut: Cut,
  { width, anneal, steps }: Pick<TrainArgs, "width" | "anneal" | "steps">,
  samples: readonly Sample[],
): WidthSchedule {
  const plans = cut.thresholds.map((threshold) => {
    const fixed = valueFor(threshold, width.byName);
    const moving =
      anneal && (valueFor(threshold, anneal.byName) ?? (fixed === undefined ? anneal.all : null));
    const { from, to, course } = moving ?? {
      ...{ from: fixed ?? width.all, to: fixed ?? width.all, course: "geometric" as const },
    };
    return { name: threshold.name, from, to, course };
  });
  let known: Record<string, number> | undefined;
  const number = (name: string, given: Width): number => {
    if (given !== "auto") return given;
    known ??= autoWidth(
      cut,
      samples.map((sample) => sample.values),
    );
    return known[name]!;
  };
  // One schedule for all thresholds of a course: each knows the widths of the whole cut.
  const schedules = [...new Set(plans.map(({ course }) => course))].map((course) => {
    const own = plans.filter((plan) => plan.course === course);
    const ends = (which: "from" | "to") =>
      Object.fromEntries(own.map((plan) => [plan.name, number(plan.name, plan[which])]));
    const at = annealedWidths(cut, { from: ends("from"), to: ends("to"), steps, course });
    return { names: own.map(({ name }) => name), at };
  });
  const names = cut.thresholds.map(({ name }) => name);
  return {
    changes: plans.some(({ from, to }) => from !== to),
    at: (step) => {
      const found: Record<string, number> = {};
      for (const schedule of schedules) {
        const widths = schedule.at(step);
        for (const name of schedule.names) found[name] = widths[name]!;
      }
      // In the order of the cut, whatever the courses.
      return Object.fromEntries(names.map((name) => [name, found[name]!]));
    },
  };
}

/**
 * How far each threshold moves where a parameter moves by 1: the interquartile range of what it is compared with, so
 * that one rate suits columns of any scale. A threshold inside arithmetic moves by its own size.
 */
export function thresholdUnits(cut: Cut, samples: readonly Sample[]): Record<string, number> {
  const ranges = autoWidth(
    cut,
    samples.map((sample) => sample.values),
    1,
  );
  return Object.fromEntries(
    cut.thresholds.map(({ name, start, keeps }) => [name, keeps ? ranges[name]! : Math.abs(start) || 1]),
  );
}
