// A column that is cut on: all events with the cut's lines, and the selected events soft and hard.

import * as Plot from "@observablehq/plot";
import type { ColumnPlot, SelectedPlot } from "./binning.js";
import { cutLines } from "./cutlines.js";
import type { CutChange } from "./data.js";
import { draw, type LegendEntry } from "./draw.js";
import { spaced } from "./events.js";
import { quantiles, type Range } from "./numbers.js";
import type { Labels } from "./plane.js";
import { centers, errorPoints, outline, type Point, stepFill } from "./steps.js";
import { paint, sampleColor } from "./theme.js";
import { type StepCurve, turnOns } from "./turnon.js";

export type Size = { width: number; height: number };

const sum = (values: number[]): number => values.reduce((a, b) => a + b, 0);

/**
 * All events as step-filled histograms of unit area, the cut before (dashed) and after (solid), and the soft weight
 * of the trained cut on a scale at the right.
 */
export function columnFigure(
  samples: string[],
  { column, all: { range, perSample } }: ColumnPlot,
  { cuts, softStep }: { cuts: Record<string, CutChange>; softStep?: StepCurve | undefined },
  { text = "", corner = "", size = { width: 560, height: 400 } }: Labels & { size?: Size } = {},
): string {
  const shapes = samples.map((name, index) => {
    const counts = perSample[name] ?? [];
    const total = sum(counts) || 1;
    return { heights: counts.map((c) => c / total), color: sampleColor(index), name };
  });
  const highest = Math.max(0, ...shapes.flatMap((s) => s.heights)) || 1;
  const lowest = Math.min(0, ...shapes.flatMap((s) => s.heights));
  const frame = { x: range, y: [lowest * 1.1, highest * 1.4] as Range };
  const marks = [...shapes]
    .reverse()
    .flatMap(({ heights, color }) => stepFill(outline(heights, range), color));
  const full = highest * 1.08;
  const curves = turnOns(cuts, column, softStep);
  for (const curve of curves)
    marks.push(
      Plot.line(
        Array.from(spaced(range, 241), (x): [number, number] => [x, full * curve(x)]),
        { stroke: paint.soft, strokeWidth: 2, clip: true },
      ),
    );
  marks.push(...cutLines(cuts, column, "x", frame, size.width));
  const soft: LegendEntry[] =
    curves.length > 0 ? [{ kind: "line", color: paint.soft, text: "soft weight", width: 2 }] : [];
  return draw({
    ...size,
    x: { range, title: column },
    y: { range: frame.y, title: "fraction per bin" },
    ...(curves.length > 0
      ? { right: { title: "soft weight", values: [0, full / 2, full], texts: ["0", "0.5", "1"] } }
      : {}),
    label: { bold: "gradcut", text },
    corner,
    legend: [
      ...shapes.map(({ color, name }): LegendEntry => ({ kind: "box", color, text: name })),
      { kind: "dashed", color: "currentColor", text: "before" },
      { kind: "line", color: "currentColor", text: "after", width: 2 },
      ...soft,
    ],
    description: `${samples.join(" and ")} against ${column} with its cuts before and after training`,
    marks,
  });
}

/** Events of the trained cut: hard as filled steps, soft as points over them, and soft / hard below. */
export function selectedFigure(
  samples: string[],
  column: string,
  { range, perSample }: SelectedPlot,
  { text = "", corner = "", size = { width: 560, height: 460 } }: Labels & { size?: Size } = {},
): string {
  const shapes = samples.flatMap((name, index) => {
    const bins = perSample[name];
    if (!bins) return [];
    const total = sum(bins.hard) || sum(bins.soft) || 1;
    return [{ ...bins, name, color: sampleColor(index), unit: 1 / total }];
  });
  const highest = Math.max(0, ...shapes.flatMap((s) => [...s.hard, ...s.soft].map((v) => v * s.unit))) || 1;
  const frame: Range = [0, highest * 1.2];
  const marks: Plot.Markish[] = [];
  const ratios: { points: Point[]; color: string }[] = [];
  for (const [i, { soft, hard, ratioError, color, unit }] of shapes.entries()) {
    const n = hard.length;
    marks.push(
      ...stepFill(
        outline(
          hard.map((v) => v * unit),
          range,
        ),
        color,
        0,
        1,
      ),
    );
    const at = centers(range, n);
    const points = soft
      .map((v, j) => ({ x: at[j]!, y: v * unit, error: 0 }))
      .filter((_, j) => soft[j] || hard[j]);
    marks.push(...errorPoints(points, color, frame, 2));
    const beside = centers(range, n, (i - (shapes.length - 1) / 2) * 0.3);
    ratios.push({
      points: soft
        .map((v, j) => ({ x: beside[j]!, y: v / hard[j]!, error: ratioError[j]! }))
        .filter((p) => p.error >= 0),
      color,
    });
  }
  const ratio = ratioRange(ratios.flatMap((r) => r.points));
  return draw({
    ...size,
    x: { range, title: column },
    y: { range: frame, title: "fraction of hard yield" },
    label: { bold: "gradcut", text },
    corner,
    legend: shapes.flatMap(({ color, name }): LegendEntry[] => [
      { kind: "box", color, text: `${name}, hard` },
      { kind: "dot", color, text: "soft" },
    ]),
    description: `${samples.join(" and ")} events selected softly and hard against ${column}, and their ratio`,
    marks,
    below: {
      height: Math.round(size.height * 0.34),
      y: { range: ratio, title: "soft / hard", ticks: 3 },
      marks: [
        Plot.ruleY([1], { stroke: paint.faint, strokeDasharray: "5 4" }),
        ...ratios.flatMap(({ points, color }) => errorPoints(points, color, ratio, 2)),
      ],
    },
  });
}

/** Symmetric around 1, over the central 90 % of the ratios, at least 5 % and at most 100 % wide on each side. */
function ratioRange(points: Point[]): Range {
  const off = Float64Array.from(points, (p) => Math.abs(p.y - 1) + (p.error || 0));
  const [far] = quantiles([off], [0.9]) as [number];
  const half = Math.min(1, Math.max(0.05, Number.isFinite(far) ? far * 1.25 : 0));
  return [1 - half, 1 + half];
}
