import type { Numbers } from "../core/events.js";

/** A value that many events share, far outside all others: probably a mark for "no number", such as -999. */
export interface Sentinel {
  readonly value: number;
  /** How many of `total` finite values are it. */
  readonly count: number;
  readonly total: number;
  /** The lowest and the highest of the others. */
  readonly low: number;
  readonly high: number;
  /** A round number between it and the others, for a cut that takes it away. */
  readonly between: number;
}

/** Less than this part of the values is no spike, for marks that are usual and for others. */
const SHARE = { usual: 1e-3, other: 1e-2 };
/** Values that are looked at for quantiles, about. */
const SAMPLE = 4096;

/** The marks at the low and at the high end of some values, which need not be in order. */
export function sentinels(values: Numbers): Sentinel[] {
  return [1, -1].flatMap((sign) => lowest(values, sign) ?? []);
}

/** What a mark in what `name` stands for is: `eta is -999 in 3 of 50 events, far below …`. */
export function sentinelWords(name: string, events: string, found: Sentinel): string {
  const { value, count, total, low, high } = found;
  const side = value < low ? "below" : "above";
  return `${name} is ${value} in ${count} of ${total} ${events}, far ${side} all others (${round(low)} to ${round(high)}): probably a mark for a missing number`;
}

/** The comparison that takes a mark away, with a number that does not train: `eta > fixed(-100)`. */
export function sentinelCut(name: string, { value, low, between }: Sentinel): string {
  return `${name} ${value < low ? ">" : "<"} fixed(${between})`;
}

/** Ascending values without marks at their ends, which say nothing about scales. */
export function withoutSentinels(ascending: Float64Array): Float64Array {
  let [from, to] = [0, ascending.length];
  for (const { value, count, low } of sentinels(ascending)) {
    if (value < low) from += count;
    else to -= count;
  }
  return ascending.subarray(from, to);
}

/** The mark at the low end of sign * values. */
function lowest(values: Numbers, sign: number): Sentinel | undefined {
  let [least, count, total] = [Number.POSITIVE_INFINITY, 0, 0];
  for (const x of values) {
    const value = sign * x;
    // A number minus itself is 0 only when it is finite.
    if (value - value !== 0) continue;
    total++;
    if (value < least) [least, count] = [value, 1];
    else if (value === least) count++;
  }
  if (count < Math.max(2, SHARE.usual * total) || total - count < 2 || Math.abs(least) <= 1) return undefined;
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const some: number[] = [];
  const stride = Math.ceil((total - count) / SAMPLE);
  let seen = 0;
  for (const x of values) {
    const value = sign * x;
    if (value - value !== 0 || value === least) continue;
    if (value < low) low = value;
    if (value > high) high = value;
    if (seen++ % stride === 0) some.push(value);
  }
  some.sort((a, b) => a - b);
  const quantile = (p: number) => some[Math.min(some.length - 1, Math.floor(p * some.length))]!;
  const gap = low - least;
  // -99, -999, 9999 and so on are marks more often than not.
  const usual = /^-?99+$/.test(String(least));
  const far = usual
    ? gap > 0.5 * (quantile(0.75) - quantile(0.25))
    : gap > 3 * (quantile(0.95) - quantile(0.05)) && count >= Math.max(10, SHARE.other * total);
  if (!far) return undefined;
  const [a, b] = sign > 0 ? [low, high] : [-high, -low];
  return { value: sign * least, count, total, low: a, high: b, between: sign * roundBetween(least, low) };
}

/** A round number above `least` and below `low`: a tenth of the mark where that is between. */
function roundBetween(least: number, low: number): number {
  const tenth = Number((least / 10).toPrecision(1));
  const middle = (least + low) / 2;
  return (
    [tenth, Number(middle.toPrecision(1)), Number(middle.toPrecision(2))].find((x) => x > least && x < low) ??
    middle
  );
}

/** At most three digits, for reading. */
const round = (x: number): string => String(Number(x.toPrecision(3)));
