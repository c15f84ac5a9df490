// The plane of two columns: events, cut lines, contours of a network.

import * as Plot from "@observablehq/plot";
import { cutLines } from "./cutlines.js";
import type { CutChange } from "./data.js";
import { draw, type LegendEntry } from "./draw.js";
import { spaced } from "./events.js";
import { significant, typeset } from "./format.js";
import type { PlanePlot, PlotData } from "./plotdata.js";
import { paint, sampleColor } from "./theme.js";

/** Texts around a figure: after the word gradcut, and at the right above the frame. */
export type Labels = { text?: string; corner?: string };

/** Signal and background in a plane, cut lines before (dashed) and after (solid), network contours. */
export function planeFigure(
  { samples, plane }: Pick<PlotData, "samples"> & { plane: PlanePlot },
  cuts: Record<string, CutChange>,
  { text = "", corner = "" }: Labels = {},
): string {
  const width = 560;
  const { x, y, frame, score } = plane;
  const points = samples.map((name, index) => {
    const { x: xs, y: ys } = plane.points[name] ?? { x: [], y: [] };
    return xs.map((px, i) => ({ x: px, y: ys[i]!, color: sampleColor(index) }));
  });
  // Samples take turns, so that neither hides the other.
  const mixed = Array.from({ length: Math.max(0, ...points.map((p) => p.length)) }, (_, i) =>
    points.flatMap((p) => (p[i] ? [p[i]] : [])),
  ).flat();
  const legend = samples.map((name, i): LegendEntry => ({ kind: "dot", color: sampleColor(i), text: name }));
  legend.push({ kind: "dashed", color: "currentColor", text: "before" });
  legend.push({ kind: "line", color: "currentColor", text: "after", width: 2 });
  const marks: Plot.Markish[] = [
    Plot.dot(mixed, { x: "x", y: "y", fill: "color", r: 1.6, fillOpacity: 0.55, clip: true }),
  ];
  if (score) {
    const { levels, kept } = score;
    for (const [i, level] of levels.entries())
      marks.push(...contour(score, level, 1.2 + (i * 1.6) / Math.max(1, levels.length - 1)));
    const what = kept
      ? `network, ${kept.map((f) => f * 100).join(", ")} % of ${samples[0]}`
      : `score = ${levels.map((v) => typeset(significant(v, 3))).join(", ")}`;
    legend.push({ kind: "line", color: paint.network, text: what, width: 2 });
  }
  marks.push(...cutLines(cuts, x, "x", frame, width), ...cutLines(cuts, y, "y", frame, width));
  return draw({
    width,
    height: 540,
    x: { range: frame.x, title: x },
    y: { range: frame.y, title: y },
    label: { bold: "gradcut", text },
    corner,
    legend,
    description: `${samples.join(" and ")} in the plane of ${x} and ${y} with the cuts before and after training`,
    marks,
  });
}

function contour(score: NonNullable<PlanePlot["score"]>, level: number, width: number): Plot.Markish[] {
  const [x, y] = [spaced(score.x, score.shape[0]), spaced(score.y, score.shape[1])];
  const half = (axis: Float64Array) => (axis[axis.length - 1]! - axis[0]!) / (axis.length - 1) / 2;
  // Cells stand around the grid points; their outer halves lie outside the frame and are clipped.
  const options = {
    width: x.length,
    height: y.length,
    x1: x[0]! - half(x),
    x2: x[x.length - 1]! + half(x),
    y1: y[0]! - half(y),
    y2: y[y.length - 1]! + half(y),
    thresholds: [level],
    // The values are on the grid already; Plot would look for the nearest one of each cell by triangulating all.
    interpolate: "none" as const,
    fill: "none",
    clip: true,
  };
  // A wider line in the paper's colour below it sets the contour off from the points.
  const { values } = score;
  return [
    Plot.contour(values, { ...options, stroke: paint.paper, strokeWidth: width + 2.5, strokeOpacity: 0.75 }),
    Plot.contour(values, { ...options, stroke: paint.network, strokeWidth: width }),
  ];
}
