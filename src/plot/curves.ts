// Curves of a training: the loss and every threshold against steps.

import * as Plot from "@observablehq/plot";
import type { CutChange, History } from "./data.js";
import { bandOpacity, draw, type LegendEntry } from "./draw.js";
import { significant, typeset } from "./format.js";
import { decimate, paddedRange } from "./numbers.js";
import { paint } from "./theme.js";

const last = (steps: number[]): number => Math.max(1, steps[steps.length - 1] ?? 1);
const lastFinite = (values: number[]): number | undefined => values.filter(Number.isFinite).at(-1);

/**
 * The objective against steps, of training and held-out events, and the statistical floor as a band around the last
 * value. `text` stands after the word gradcut.
 */
export function lossCurve(history: History, name: string, text = ""): string {
  const { steps, loss, validation, floor } = history;
  const trained = decimate(steps, loss);
  const held = validation ? decimate(validation.steps, validation.loss) : [];
  const end = lastFinite(held.length > 0 ? validation!.loss : loss);
  const band = floor !== undefined && floor > 0 && end !== undefined ? [end - floor, end + floor] : [];
  const range = [...trained, ...held].map(([, y]) => y);
  const line = (points: [number, number][], stroke: string, strokeWidth: number) =>
    Plot.line(points, { stroke, strokeWidth, clip: true });
  const legend: LegendEntry[] = [];
  if (held.length > 0)
    legend.push(
      { kind: "line", color: "currentColor", text: "training" },
      { kind: "line", color: paint.soft, text: "held out", width: 2 },
    );
  if (band.length > 0) legend.push({ kind: "band", color: paint.faint, text: "statistical floor, ±1σ" });
  // What falls by orders of magnitude, as CLs does, is seen on a logarithmic scale only.
  const [least, most] = [Math.min(...range, ...band), Math.max(...range, ...band)];
  const log = least > 0 && most / least > 300;
  return draw({
    width: 560,
    height: 350,
    x: { range: [0, last(steps)], title: "step" },
    y: { range: log ? [least / 2, most * 2] : paddedRange([...range, ...band]), title: name, log },
    label: { bold: "gradcut", text },
    legend,
    description: `${name} against training steps`,
    marks: [
      ...(band.length > 0
        ? [
            Plot.areaY([0, last(steps)], {
              x: (d: number) => d,
              y1: band[0]!,
              y2: band[1]!,
              fill: paint.faint,
              fillOpacity: bandOpacity,
              clip: true,
            }),
          ]
        : []),
      line(trained, "currentColor", 1.5),
      ...(held.length > 0 ? [line(held, paint.soft, 2)] : []),
      ...(held.length > 0 && held.length <= 40
        ? [Plot.dot(held, { fill: paint.soft, r: 2.5, clip: true })]
        : []),
    ],
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
