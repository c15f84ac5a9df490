// Curves of a training: the loss and every threshold against steps.

import * as Plot from "@observablehq/plot";
import type { CutChange, History } from "./data.js";
import { draw } from "./draw.js";
import { significant, typeset } from "./format.js";
import { decimate, paddedRange } from "./numbers.js";
import { paint } from "./theme.js";

const last = (steps: number[]): number => Math.max(1, steps[steps.length - 1] ?? 1);

/** The objective against steps. `text` stands after the word gradcut. */
export function lossCurve(history: History, name: string, text = ""): string {
  const points = decimate(history.steps, history.loss);
  const values = points.map(([, y]) => y);
  return draw({
    width: 560,
    height: 350,
    x: { range: [0, last(history.steps)], title: "step" },
    y: { range: paddedRange(values), title: name },
    label: { bold: "gradcut", text },
    description: `${name} against training steps`,
    marks: [Plot.line(points, { stroke: "currentColor", strokeWidth: 1.5, clip: true })],
  });
}

/** One threshold against steps: dashed where it started, a dot and its value where it ended. */
export function thresholdCurve(
  history: History,
  name: string,
  cut: CutChange,
  size = { width: 400, height: 250 },
): string {
  const points = decimate(history.steps, history.cuts[name] ?? []);
  const end: [number, number] = [last(history.steps), cut.end];
  return draw({
    ...size,
    x: { range: [0, last(history.steps) * 1.04], title: "step", ticks: size.width / 100 },
    y: { range: paddedRange([cut.start, cut.end, ...points.map(([, y]) => y)], 0.12), ticks: 4 },
    label: { bold: name },
    corner: `${typeset(significant(cut.start, 4))} → ${typeset(significant(cut.end, 5))}`,
    description: `threshold ${name} against training steps`,
    marks: [
      Plot.ruleY([cut.start], { stroke: paint.faint, strokeDasharray: "5 4" }),
      Plot.line(points, { stroke: "currentColor", strokeWidth: 1.5, clip: true }),
      Plot.dot([end], { fill: "currentColor", r: 3 }),
    ],
  });
}

/** One small figure per threshold, in the order of `cuts`. */
export function thresholdCurves(
  history: History,
  cuts: Record<string, CutChange>,
  size?: { width: number; height: number },
): string[] {
  return Object.entries(cuts).map(([name, cut]) => thresholdCurve(history, name, cut, size));
}
