/** Histograms as marks: filled steps, points with errors. */

import type { Mark } from "./frame.js";
import { area, dots, line, rulesX } from "./marks.js";
import type { Range } from "./ranges.js";

/** The outline of a histogram as points. Heights below `floor` (a log axis has one) stand on it. */
export function outline(
  heights: number[],
  [low, high]: Range,
  floor = Number.NEGATIVE_INFINITY,
): [number, number][] {
  const step = (high - low) / heights.length;
  return heights.flatMap((h, i): [number, number][] => [
    [low + i * step, Math.max(floor, h)],
    [low + (i + 1) * step, Math.max(floor, h)],
  ]);
}

/** A filled step histogram that stands on `base`. */
export function stepFill(points: [number, number][], color: string, base = 0, strokeWidth = 1.5): Mark[] {
  const slices = points.map(([x, high]) => ({ x, low: base, high }));
  return [
    area(slices, { fill: color, fillOpacity: 0.25, clip: true }),
    ...(strokeWidth > 0 ? [line(points, { stroke: color, strokeWidth, clip: true })] : []),
  ];
}

/** A value with its error at the centre of a bin. */
export interface Point {
  x: number;
  y: number;
  error: number;
}

/** Points with error bars; those outside the frame become a triangle at its edge. */
export function errorPoints(
  points: Point[],
  color: string,
  [low, high]: Range,
  r = 2.2,
  strokeWidth = 1.2,
): Mark[] {
  const finite = points.filter((p) => Number.isFinite(p.y));
  const inside = finite.filter((p) => p.y >= low && p.y <= high);
  const outside = finite.filter((p) => !inside.includes(p));
  const bars = finite.filter((p) => p.error > 0);
  return [
    rulesX(
      bars.map(({ x, y, error }) => ({
        at: x,
        from: Math.max(low, y - error),
        to: Math.min(high, y + error),
      })),
      { stroke: color, strokeWidth, clip: true },
    ),
    dots(inside, { r, fill: color }),
    dots(
      outside.map(({ x, y }) => ({ x, y: y > high ? high : low, turned: y > high ? 0 : 180 })),
      { symbol: "triangle", r: 3, fill: color },
    ),
  ];
}

/** Bin centres, moved by `shift` bins. */
export function centers([low, high]: Range, bins: number, shift = 0): number[] {
  return Array.from({ length: bins }, (_, i) => low + ((high - low) * (i + 0.5 + shift)) / bins);
}
