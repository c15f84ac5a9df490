import { complement, significant } from "../../text/numbertext.js";
import {
  text as aText,
  both,
  either,
  finite,
  list,
  must,
  number,
  numbers,
  object,
  oneOf,
} from "../kit/checks.js";
import { draw } from "../kit/draw.js";
import type { Point } from "../kit/frame.js";
import { dots, line, polygons, type Style } from "../kit/marks.js";
import type { Range } from "../kit/ranges.js";
import { betweenZeros, triangulate, zeroLines } from "../kit/scattered.js";
import { paint } from "../kit/theme.js";
import { type Figure, type FigureOptions, type Given, type Labels, svgOf } from "./figure.js";

/** CLs of a signal at a place of a plane. */
export interface SignalPoint {
  readonly x: number;
  readonly y: number;
  /** Null where there are no data to show, NaN where it is not known. */
  readonly observed: number | null;
  /** Expected without signal at -2, -1, 0, 1 and 2 standard deviations. */
  readonly expected: readonly number[];
}

/** CLs of signals over a plane, as of two masses. */
export interface Exclusion {
  x: string;
  y: string;
  points: readonly SignalPoint[];
  /** Signals whose CLs is below 1 - level are excluded. */
  level: number;
}

/** Smaller CLs are as good as none. */
const least = 1e-12;

/** How far a CLs is below alpha, on the scale on which it changes evenly; above 0 where the signal is excluded. */
const excess = (cls: number, alpha: number): number => Math.log(alpha) - Math.log(Math.max(least, cls));

const range = (values: readonly number[]): Range => {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const margin = 0.05 * (high - low) || 1;
  return [low - margin, high + margin];
};

/** The signals that are excluded, and the lines around them, observed and expected with a band of one standard deviation. */
export function exclusionFigure(
  { x, y, points, level }: Exclusion,
  { bold = "gradcut", text = "", corner, size = { width: 560, height: 460 } }: Labels = {},
): string {
  const alpha = complement(level);
  const places = points.map((p): Point => [p.x, p.y]);
  const triangles = triangulate(places);
  const heights = (of: (p: SignalPoint) => number) => points.map((p) => excess(of(p), alpha));
  const fluctuated = (k: number) => heights(({ expected }) => expected[k]!);
  const observed = points.some((p) => p.observed !== null) ? heights((p) => p.observed ?? Number.NaN) : null;
  const lines = (values: readonly number[], style: Style) =>
    line(
      zeroLines(places, triangles, values).flatMap((path) => [...path, [Number.NaN, Number.NaN] as const]),
      { clip: true, ...style },
    );
  const shown = observed ?? fluctuated(2);
  const known = points.flatMap((p, i) => (Number.isFinite(shown[i]!) ? [{ ...p, out: shown[i]! > 0 }] : []));
  const excluded = known.filter(({ out }) => out).length;
  const band = { fill: paint.outer, stroke: paint.outer, strokeWidth: 0.6, clip: true };
  const [xs, ys] = [range(places.map((p) => p[0])), range(places.map((p) => p[1]))];
  return draw({
    ...size,
    x: { range: xs, title: x },
    y: { range: ys, title: y },
    label: { bold, text },
    corner: corner ?? `${excluded} of ${known.length} signals excluded at ${significant(100 * level, 4)} %`,
    legend: [
      ...(observed ? [{ kind: "line" as const, color: paint.signal, text: "observed", width: 2 }] : []),
      { kind: "dashed", color: paint.background, text: "expected" },
      { kind: "fill", color: paint.outer, text: "±1σ" },
      { kind: "dot", color: "currentColor", text: "excluded" },
    ],
    description: `Excluded signals in the plane of ${x} and ${y}: ${excluded} of ${known.length}`,
    marks: [
      polygons(betweenZeros(places, triangles, fluctuated(1), fluctuated(3)), band),
      lines(fluctuated(2), { stroke: paint.background, strokeWidth: 1.6, strokeDasharray: "6 4" }),
      ...(observed ? [lines(observed, { stroke: paint.signal, strokeWidth: 2.2 })] : []),
      dots(
        known.map(({ out, ...p }) => ({ x: p.x, y: p.y, fill: out ? "currentColor" : paint.paper })),
        { r: 3, stroke: "currentColor", strokeWidth: 1.1 },
      ),
    ],
  });
}

const signal = both(
  object({ x: finite, y: finite, observed: either(oneOf(null), number), expected: numbers }),
  ({ expected }: SignalPoint, path) =>
    expected.length === 5 ? null : must(`${path}.expected`, "a list of 5"),
);
const between0And1 = (value: unknown, path: string) =>
  typeof value === "number" && value > 0 && value < 1 ? null : must(path, "between 0 and 1");

export const signalExclusionFigure = {
  title: "Excluded signals",
  words: "the signals of a plane that are excluded, and the line around them, observed and expected",
  check: object({ x: aText, y: aText, points: list(signal, 1), level: between0And1 }),
  draw: exclusionFigure,
  caption: ({ level }) => [
    `Signals whose CLs is below ${complement(level)} are excluded: filled points. Lines go between points where log CLs, linear in triangles of points, crosses that; the band has the lines of fluctuations by one standard deviation.`,
  ],
} satisfies Figure<Exclusion>;

/**
 * The signals of a plane that are excluded, with the line around them, observed and expected with its band of one
 * standard deviation. Points may stand anywhere; those whose CLs are NaN are left out.
 *
 * @returns SVG text
 * @throws FigureError where a part of `data` is missing or not what it must be, OptionError
 */
export function exclusion(data: Given<Exclusion>, options?: FigureOptions): string {
  return svgOf<Exclusion>("exclusion", signalExclusionFigure, data, options);
}
