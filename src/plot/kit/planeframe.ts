/** What the figures of events show: columns, ranges of axes, grids, contour levels. */

import type { CutChange, Numbers, Sample, ScoreGrid } from "../rundata.js";
import { columnRange, interpolate, quantiles, type Range } from "./ranges.js";

/** The ranges of the two axes of a plane. */
export interface PlaneFrame {
  x: Range;
  y: Range;
}

/** The distinct columns that `cuts` compare with thresholds, in order. */
export function cutColumns(cuts: Record<string, CutChange>): string[] {
  return [...new Set(Object.values(cuts).flatMap((cut) => (cut.column === undefined ? [] : [cut.column])))];
}

/** The columns that are cut on and that some sample has events of. */
export function drawable(samples: Sample[], cuts: Record<string, CutChange>): string[] {
  return cutColumns(cuts).filter((name) => samples.some((sample) => (sample.columns[name]?.length ?? 0) > 0));
}

/** Those of events, not of rows of theirs. */
export function drawableOfEvents(samples: Sample[], cuts: Record<string, CutChange>): string[] {
  return drawable(samples, cuts).filter((name) =>
    samples.every(({ rows = {} }) => !Object.hasOwn(rows, name)),
  );
}

/** What an axis of this column shows. */
export function columnFrame(samples: Sample[], column: string, cuts: Record<string, CutChange>): Range {
  const thresholds = Object.values(cuts).flatMap((cut) =>
    cut.column === column ? [cut.start, cut.end] : [],
  );
  return columnRange(
    samples.map((sample) => valuesOf(sample, column)),
    thresholds,
  );
}

/** A column of a sample, empty where it has none. */
export function valuesOf(sample: Sample, column: string): Numbers {
  return sample.columns[column] ?? new Float64Array();
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
  return { x: spaced(frame.x, nx), y: spaced(frame.y, ny) };
}

/** `n` numbers from one end of the range to the other. */
export function spaced([low, high]: Range, n: number): Float64Array {
  return Float64Array.from({ length: n }, (_, i) => (low * (n - 1 - i) + high * i) / (n - 1));
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
