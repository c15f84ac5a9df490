import { InputError } from "../core/errors.js";
import { type BinAxis, numbersOf } from "./binaxis.js";
import { boundsOf, closedAt, type Flow } from "./bounds.js";

/** A column as a hard histogram reads it: numbers, or names for a category axis with names. */
export type HardColumn = ArrayLike<number> | readonly string[];

/** A counted histogram; arrays are row-major over the axes. */
export interface HardCounts {
  /** Sums of weights. */
  readonly values: Float64Array;
  /** Sums of squared weights. */
  readonly variances: Float64Array;
  /** Numbers of events. */
  readonly entries: Float64Array;
  /** Events in no bin: beyond the outer edges where they are dropped, of no category, or NaN. */
  readonly lost: number;
}

/** The bin of a value, or -1. Bins are [a, b); where `closed` the last finite edge belongs to the bin left of it. */
export function binFinder(axis: BinAxis, flow: Flow, closed: boolean): (v: number | string) => number {
  if (axis.kind === "category") {
    const places = new Map<number | string, number>();
    axis.categories.forEach((c, i) => {
      places.set(c, i);
      places.set(axis.codes[i]!, i);
    });
    const other = flow === "keep" ? axis.size : -1;
    return (v) => places.get(v) ?? (Number.isNaN(v) ? -1 : other);
  }
  const edges = boundsOf(numbersOf(axis), flow);
  const last = edges.findLastIndex(Number.isFinite);
  const holdsLast = closedAt(axis, flow, closed);
  return (v) => {
    if (typeof v !== "number" || Number.isNaN(v)) return -1;
    if (holdsLast && v === edges[last]) return last - 1;
    let from = 0;
    for (let n = edges.length; n > 0; ) {
      const half = n >> 1;
      if (edges[from + half]! <= v) {
        from += half + 1;
        n -= half + 1;
      } else n = half;
    }
    if (from < edges.length) return from - 1;
    return v === Number.POSITIVE_INFINITY && v === edges.at(-1) ? from - 2 : -1;
  };
}

/** Counts events in f64. */
export function count(
  finders: readonly ((v: number | string) => number)[],
  shape: readonly number[],
  columns: readonly HardColumn[],
  weights?: ArrayLike<number>,
): HardCounts {
  const rows = columns[0]!.length;
  const wrong = [...columns, ...(weights ? [weights] : [])].find((c) => c.length !== rows);
  if (wrong) {
    throw new InputError(
      "hist.rows",
      `all columns and the weights of a histogram have one length, but the first column has ${rows} rows and another ${wrong.length}`,
      { rows, other: wrong.length },
    );
  }
  const size = shape.reduce((a, b) => a * b, 1);
  const [values, variances, entries] = [
    new Float64Array(size),
    new Float64Array(size),
    new Float64Array(size),
  ];
  let lost = 0;
  for (let i = 0; i < rows; i++) {
    let at = 0;
    for (let k = 0; k < columns.length && at >= 0; k++) {
      const bin = finders[k]!(columns[k]![i]!);
      at = bin < 0 ? -1 : at * shape[k]! + bin;
    }
    if (at < 0) {
      lost++;
      continue;
    }
    const w = weights ? weights[i]! : 1;
    values[at]! += w;
    variances[at]! += w * w;
    entries[at]! += 1;
  }
  return { values, variances, entries, lost };
}
