// Events and the cuts on them: the plane of two columns, and the histogram of one.

import * as Plot from "@observablehq/plot";
import { cutLines, type PlaneFrame } from "./cutlines.js";
import type { CutChange, Numbers, Sample, ScoreGrid } from "./data.js";
import { draw, type LegendEntry } from "./draw.js";
import { significant, typeset } from "./format.js";
import { binned, columnRange, interpolate, quantiles, type Range, thin } from "./numbers.js";
import { paint } from "./theme.js";

const pointsPerSample = 1200;
const sampleColors = [paint.signal, paint.background];

/** The distinct columns that `cuts` compare with thresholds, in order. */
export function cutColumns(cuts: Record<string, CutChange>): string[] {
  return [...new Set(Object.values(cuts).flatMap((cut) => (cut.column === undefined ? [] : [cut.column])))];
}

/** What an axis of this column shows. */
export function columnFrame(samples: Sample[], column: string, cuts: Record<string, CutChange>): Range {
  const thresholds = Object.values(cuts).flatMap((cut) =>
    cut.column === column ? [cut.start, cut.end] : [],
  );
  return columnRange(valuesOf(samples, column), thresholds);
}

function valuesOf(samples: Sample[], column: string): Numbers[] {
  return samples.map((sample) => sample.columns[column] ?? new Float64Array());
}

/** What the plane of columns `x` and `y` shows; evaluate a network on `gridOver` of it. */
export function planeFrame(
  samples: Sample[],
  cuts: Record<string, CutChange>,
  x: string,
  y: string,
): PlaneFrame {
  return { x: columnFrame(samples, x, cuts), y: columnFrame(samples, y, cuts) };
}

/** Equally spaced coordinates over a frame, its edges included. */
export function gridOver(frame: PlaneFrame, nx = 128, ny = 128): { x: Float64Array; y: Float64Array } {
  const along = ([low, high]: Range, n: number) =>
    Float64Array.from({ length: n }, (_, i) => (low * (n - 1 - i) + high * i) / (n - 1));
  return { x: along(frame.x, nx), y: along(frame.y, ny) };
}

/** The scores that these fractions of the events (x, y) exceed; events outside the grid do not count. */
export function levelsKeeping(score: ScoreGrid, x: Numbers, y: Numbers, fractions: number[]): number[] {
  const stride = Math.max(1, Math.ceil(x.length / 20000));
  const scores: number[] = [];
  for (let i = 0; i < x.length; i += stride) scores.push(interpolate(score, x[i]!, y[i]!));
  return quantiles(
    [Float64Array.from(scores)],
    fractions.map((f) => 1 - f),
  ).filter(Number.isFinite);
}

export type PlaneOptions = {
  samples: Sample[];
  cuts: Record<string, CutChange>;
  x: string;
  y: string;
  score?: ScoreGrid;
  /** Text after the word gradcut. */
  text?: string;
  /** Text above the frame at the right. */
  corner?: string;
};

/** Signal and background in a plane, cut lines before (dashed) and after (solid), network contours. */
export function plane({ samples, cuts, x, y, score, text = "", corner = "" }: PlaneOptions): string {
  const width = 560;
  const frame = planeFrame(samples, cuts, x, y);
  const points = samples.map((sample, index) => {
    const [xs, ys] = valuesOf([sample], x).concat(valuesOf([sample], y)) as [Numbers, Numbers];
    const color = sampleColors[index] ?? paint.faint;
    return thin(xs, ys, frame, pointsPerSample).map(([px, py]) => ({ x: px, y: py, color }));
  });
  // Samples take turns, so that neither hides the other.
  const mixed = Array.from({ length: Math.max(0, ...points.map((p) => p.length)) }, (_, i) =>
    points.flatMap((p) => (p[i] ? [p[i]] : [])),
  ).flat();
  const legend: LegendEntry[] = samples.map((sample, i) => ({
    kind: "dot",
    color: sampleColors[i] ?? paint.faint,
    text: sample.name,
  }));
  legend.push({ kind: "dashed", color: "currentColor", text: "before" });
  legend.push({ kind: "line", color: "currentColor", text: "after", width: 2 });
  const marks: Plot.Markish[] = [
    Plot.dot(mixed, { x: "x", y: "y", fill: "color", r: 1.6, fillOpacity: 0.55, clip: true }),
  ];
  if (score && samples[0]) {
    const fractions = [0.9, 0.5, 0.1];
    const [sx, sy] = [valuesOf([samples[0]], x)[0]!, valuesOf([samples[0]], y)[0]!];
    const levels = score.levels ?? levelsKeeping(score, sx, sy, fractions);
    for (const [i, level] of levels.entries())
      marks.push(...contour(score, level, 1.2 + (i * 1.6) / Math.max(1, levels.length - 1)));
    const what = score.levels
      ? `score = ${levels.map((v) => typeset(significant(v, 3))).join(", ")}`
      : `network, ${fractions.map((f) => f * 100).join(", ")} % of ${samples[0].name}`;
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
    description: `${samples.map((s) => s.name).join(" and ")} in the plane of ${x} and ${y} with the cuts before and after training`,
    marks,
  });
}

function contour(score: ScoreGrid, level: number, width: number): Plot.Markish[] {
  const { x, y, values } = score;
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
    fill: "none",
    clip: true,
  };
  // A wider line in the paper's colour below it sets the contour off from the points.
  return [
    Plot.contour(values, { ...options, stroke: paint.paper, strokeWidth: width + 2.5, strokeOpacity: 0.75 }),
    Plot.contour(values, { ...options, stroke: paint.network, strokeWidth: width }),
  ];
}

export type ColumnOptions = {
  samples: Sample[];
  cuts: Record<string, CutChange>;
  column: string;
  bins?: number;
  text?: string;
  corner?: string;
  size?: { width: number; height: number };
};

/** One column as step-filled histograms of unit area, with its cut lines before (dashed) and after (solid). */
export function columnHistogram(options: ColumnOptions): string {
  const {
    samples,
    cuts,
    column,
    bins = 50,
    text = "",
    corner = "",
    size = { width: 560, height: 400 },
  } = options;
  const range = columnFrame(samples, column, cuts);
  const step = (range[1] - range[0]) / bins;
  let highest = 0;
  const shapes = samples.map((sample, index) => {
    const counts = binned(sample.columns[column] ?? new Float64Array(), sample.weights, range, bins);
    const total = counts.reduce((a, b) => a + b, 0) || 1;
    const heights = Array.from(counts, (c) => c / total);
    highest = Math.max(highest, ...heights);
    const outline = heights.flatMap((h, i) => [
      [range[0] + i * step, h],
      [range[0] + (i + 1) * step, h],
    ]) as [number, number][];
    return { outline, color: sampleColors[index] ?? paint.faint, name: sample.name };
  });
  const frame: PlaneFrame = { x: range, y: [0, highest * 1.35 || 1] };
  const marks: Plot.Markish[] = [...shapes]
    .reverse()
    .flatMap(({ outline, color }) => [
      Plot.areaY(outline, { x: "0", y1: 0, y2: "1", fill: color, fillOpacity: 0.25, clip: true }),
      Plot.line(outline, { stroke: color, strokeWidth: 1.5, clip: true }),
    ]);
  marks.push(...cutLines(cuts, column, "x", frame, size.width));
  return draw({
    ...size,
    x: { range, title: column },
    y: { range: frame.y, title: "fraction per bin" },
    label: { bold: "gradcut", text },
    corner,
    legend: [
      ...shapes.map(({ color, name }): LegendEntry => ({ kind: "box", color, text: name })),
      { kind: "dashed", color: "currentColor", text: "before" },
      { kind: "line", color: "currentColor", text: "after", width: 2 },
    ],
    description: `${samples.map((s) => s.name).join(" and ")} against ${column} with its cuts before and after training`,
    marks,
  });
}
