// How soft the cut is, step by step, and how far its thresholds move in one.

import { autoWidth } from "../cuts/autowidth.js";
import type { Cut } from "../cuts/cut.js";
import { exponentialDecay } from "../optim/schedule.js";
import type { Widths } from "./analysis.js";
import type { TrainArgs } from "./args.js";
import { nearest, UsageError } from "./options.js";
import type { Sample } from "./samples.js";

/** The width of every threshold at a step; `changes` says whether it depends on the step. */
export type WidthSchedule = { changes: boolean; at(step: number): Widths };

/** Throws UsageError for a width of a threshold that the cut does not have. */
export function requireThresholds(cut: Cut, { byName }: TrainArgs["width"]): void {
  const names = cut.thresholds.map(({ name }) => name);
  const unknown = [...byName.keys()].find((name) => !names.includes(name));
  if (unknown === undefined) return;
  const text = `${unknown}=${byName.get(unknown)}`;
  const near = nearest(unknown, names);
  const hint = near ? `did you mean ${near}?` : `the thresholds are ${names.join(", ")}`;
  const sentence = `--width ${text}: the cut has no threshold ${unknown}; ${hint}`;
  throw new UsageError("bad-value", "width", text, sentence);
}

/** From `--width` and `--anneal`. The annealed width shrinks by the same factor at every step. */
export function widthSchedule(
  cut: Cut,
  { width, anneal, steps }: Pick<TrainArgs, "width" | "anneal" | "steps">,
  samples: readonly Sample[],
): WidthSchedule {
  const names = cut.thresholds.map(({ name }) => name);
  const chosen = (name: string) => width.byName.get(name) ?? width.all;
  const auto = names.some((name) => chosen(name) === "auto")
    ? autoWidth(
        cut,
        samples.map((sample) => sample.values),
      )
    : {};
  const still = Object.fromEntries(
    names.map((name) => {
      const given = chosen(name);
      return [name, given === "auto" ? auto[name]! : given];
    }),
  );
  const annealed = anneal ? names.filter((name) => !width.byName.has(name)) : [];
  if (!anneal || annealed.length === 0) return { changes: false, at: () => still };
  const decay = exponentialDecay(anneal.from, steps, anneal.to / anneal.from);
  return {
    changes: true,
    at: (step) => {
      const now = step >= steps ? anneal.to : decay(step);
      return { ...still, ...Object.fromEntries(annealed.map((name) => [name, now])) };
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
