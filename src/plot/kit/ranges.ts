/** Small numerical helpers of the figures: ranges, ticks, thinning, binning. */

import type { Numbers } from "../rundata.js";

/** Both ends of an axis. */
export type Range = [low: number, high: number];

export const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

/** A number for a file, to so many significant digits. */
export const short = (x: number, digits = 6): number => Number(x.toPrecision(digits));

/** The last of the steps, at least 1. */
export const lastStep = (steps: readonly number[]): number => Math.max(1, steps[steps.length - 1] ?? 1);

/** Up to about `limit` finite values of `columns`, taken in equal strides. */
function sampled(columns: Numbers[], limit = 20000): Float64Array {
  const total = columns.reduce((n, c) => n + c.length, 0);
  const stride = Math.max(1, Math.ceil(total / limit));
  const out: number[] = [];
  for (const column of columns)
    for (let i = 0; i < column.length; i += stride) if (Number.isFinite(column[i]!)) out.push(column[i]!);
  return Float64Array.from(out);
}

/** The quantiles `ps` of the finite values (of a strided sample of at most 20,000). */
export function quantiles<const P extends readonly number[]>(
  columns: Numbers[],
  ps: P,
): { -readonly [K in keyof P]: number } {
  const sorted = sampled(columns).sort();
  const last = sorted.length - 1;
  const at = (p: number) => sorted[Math.min(last, Math.round(p * last))] ?? Number.NaN;
  return ps.map(at) as { -readonly [K in keyof P]: number };
}

/**
 * The range of a column's axis: the central 99 % of all samples with a margin, widened to thresholds that
 * lie within half a span of it. Farther thresholds stay outside the frame.
 */
export function columnRange(columns: Numbers[], thresholds: number[]): Range {
  let [low, high] = quantiles(columns, [0.005, 0.995]);
  if (!Number.isFinite(low)) [low, high] = [0, 1];
  if (low === high) {
    const pad = Math.abs(low) * 0.05 || 0.5;
    [low, high] = [low - pad, high + pad];
  }
  const span = high - low;
  const near = thresholds.filter((t) => t > low - span / 2 && t < high + span / 2);
  const [least] = quantiles(columns, [0]);
  const lowest = Math.min(low, ...near);
  // A column that is never negative does not show an axis below zero, and its first bin is whole.
  const start = least >= 0 && lowest >= 0 ? Math.max(0, lowest - 0.03 * span) : lowest - 0.03 * span;
  return [start, Math.max(high, ...near) + 0.03 * span];
}

/** The range of `values` with `margin` of the span on both sides; never empty. */
export function paddedRange(values: number[], margin = 0.06): Range {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const v of values)
    if (Number.isFinite(v)) {
      low = Math.min(low, v);
      high = Math.max(high, v);
    }
  if (low > high) return [0, 1];
  const span = high - low;
  const pad =
    span > 1e-9 * Math.max(Math.abs(low), Math.abs(high)) ? span * margin : Math.abs(low) * 0.02 || 0.5;
  return [low - pad, high + pad];
}

/** Values with a text, and those without between them. */
export interface Ticks {
  major: number[];
  minor: number[];
}

/** More than this are none that a person tells apart. */
const mostTicks = 1000;

/** Round tick values in `range`: about `count` major ones, and the minor ones between them. */
export function ticks([low, high]: Range, count: number): Ticks & { step: number } {
  const raw = (high - low) / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(raw));
  const mantissa = raw / power;
  const factor = mantissa > 7.07 ? 10 : mantissa > 3.16 ? 5 : mantissa > 1.41 ? 2 : 1;
  const step = factor * power;
  const parts = factor === 2 ? 4 : 5;
  const major: number[] = [];
  const minor: number[] = [];
  const small = step / parts;
  // Counted from the first, since beyond 2^53 there is no next whole number.
  const first = Math.ceil(low / small - 1e-9);
  const most = Math.min(Math.floor(high / small + 1e-9) - first, mostTicks);
  for (let k = 0; k <= most; k++)
    ((first + k) % parts === 0 ? major : minor).push(Number(((first + k) * small).toPrecision(12)));
  return { major, minor, step };
}

/** Text of a tick value on an axis with this step. */
export function tickText(value: number, step: number): string {
  const clean = Math.abs(value) < step * 1e-6 ? 0 : value;
  if (step < 1e-6 || Math.abs(clean) >= 1e8)
    return clean === 0 ? "0" : clean.toExponential(2).replace(/-/g, "−");
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  return clean.toFixed(decimals).replace("-", "−");
}

/**
 * Ticks of a logarithmic axis: the powers of ten (every second, third, … where there are many), else 1, 2 and 5 of
 * each, and what lies between. `text` writes 10^−3 for small and large ones.
 */
export function decades([low, high]: Range, count: number): Ticks & { text: (value: number) => string } {
  const ends = [Math.log10(low), Math.log10(high)] as const;
  if (!ends.every(Number.isFinite)) return { major: [], minor: [], text: String };
  const [first, last] = [Math.floor(ends[0] + 1e-9), Math.ceil(ends[1] - 1e-9)];
  const inside = (value: number) => value >= low * (1 - 1e-9) && value <= high * (1 + 1e-9);
  const powers = Array.from({ length: last - first + 1 }, (_, i) => first + i);
  const all = (digits: number[]) =>
    powers.flatMap((power) => digits.map((d) => Number(`${d}e${power}`))).filter(inside);
  const tens = all([1]);
  const skip = Math.max(1, Math.ceil(tens.length / Math.max(1, count + 1)));
  const few = tens.length < 2;
  const major = few ? all([1, 2, 5]) : tens.filter((_, i) => i % skip === 0);
  const minor = (skip > 1 ? tens : all([1, 2, 3, 4, 5, 6, 7, 8, 9])).filter(
    (value) => !major.includes(value),
  );
  const plain = few || major.every((value) => value >= 0.001 && value <= 1000);
  const power = (value: number) => String(Math.round(Math.log10(value))).replace("-", "−");
  const text = (value: number) =>
    plain || value === 1 || value === 10 ? String(Number(value.toPrecision(3))) : `10^${power(value)}`;
  return { major, minor, text };
}

/** At most about `limit` of the points (x, y); each bucket keeps its lowest and highest, so spikes stay. */
export function decimate(x: number[], y: number[], limit = 600): [number, number][] {
  const n = Math.min(x.length, y.length);
  const keep = new Set<number>([0, n - 1]);
  const bucket = Math.max(1, Math.ceil((2 * n) / limit));
  for (let from = 0; from < n; from += bucket) {
    let low = from;
    let high = from;
    for (let i = from + 1; i < Math.min(n, from + bucket); i++) {
      if (y[i]! < y[low]!) low = i;
      if (y[i]! > y[high]!) high = i;
    }
    keep.add(low).add(high);
  }
  return [...keep]
    .filter((i) => i >= 0 && Number.isFinite(y[i]))
    .sort((a, b) => a - b)
    .map((i) => [x[i]!, y[i]!]);
}

/** At most `limit` events with both columns inside the frame, in equal strides through the table. */
export function thin(
  x: Numbers,
  y: Numbers,
  frame: { x: Range; y: Range },
  limit: number,
): [number, number][] {
  const inside: number[] = [];
  const n = Math.min(x.length, y.length);
  for (let i = 0; i < n; i++)
    if (x[i]! >= frame.x[0] && x[i]! <= frame.x[1] && y[i]! >= frame.y[0] && y[i]! <= frame.y[1])
      inside.push(i);
  const points: [number, number][] = [];
  const stride = Math.max(1, inside.length / limit);
  for (let at = 0; at < inside.length; at += stride) {
    const i = inside[Math.floor(at)]!;
    points.push([x[i]!, y[i]!]);
  }
  return points;
}

/** Sums of weights in `bins` equal bins over `range`; events outside are left out. */
export function binned(
  values: Numbers,
  weights: Numbers | undefined,
  [low, high]: Range,
  bins: number,
): Float64Array {
  const out = new Float64Array(bins);
  const scale = bins / (high - low);
  for (let i = 0; i < values.length; i++) {
    const at = Math.floor((values[i]! - low) * scale);
    if (at >= 0 && at < bins) out[at]! += weights ? weights[i]! : 1;
  }
  return out;
}

/** Bilinear interpolation on an equally spaced grid; NaN outside. */
export function interpolate(
  grid: { x: Float64Array; y: Float64Array; values: Numbers },
  x: number,
  y: number,
): number {
  const { x: xs, y: ys, values } = grid;
  const u = ((x - xs[0]!) / (xs[xs.length - 1]! - xs[0]!)) * (xs.length - 1);
  const v = ((y - ys[0]!) / (ys[ys.length - 1]! - ys[0]!)) * (ys.length - 1);
  if (!(u >= 0 && v >= 0 && u <= xs.length - 1 && v <= ys.length - 1)) return Number.NaN;
  const i = Math.min(xs.length - 2, Math.floor(u));
  const j = Math.min(ys.length - 2, Math.floor(v));
  const at = (di: number, dj: number) => values[(j + dj) * xs.length + i + di]!;
  const [a, b] = [u - i, v - j];
  return (at(0, 0) * (1 - a) + at(1, 0) * a) * (1 - b) + (at(0, 1) * (1 - a) + at(1, 1) * a) * b;
}
