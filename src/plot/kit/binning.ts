/** Events in bins: a column of all events, and soft beside hard for the selected ones. */

import type { CutChange, Sample } from "../rundata.js";
import { columnFrame, valuesOf } from "./planeframe.js";
import { binned, columnRange, quantiles, type Range } from "./ranges.js";

/** Sums of weights in equal bins over `range`, by sample. */
export interface Histogram {
  range: Range;
  perSample: Record<string, number[]>;
}

/** A column that is cut on: all events, and those that the trained cut keeps. */
export interface ColumnPlot {
  column: string;
  all: Histogram;
  selected?: SelectedPlot;
}

/** Soft and hard sums of weights in equal bins over `range`, and the error of their ratio. */
export interface SelectedPlot {
  range: Range;
  perSample: Record<string, { soft: number[]; hard: number[]; ratioError: number[] }>;
}

const bins = { all: 50, selected: 40, score: 60 };

/** A histogram of `values`, one array per sample. */
function histogram(
  samples: Sample[],
  range: Range,
  count: number,
  pick: typeof valuesOf,
  column = "",
): Histogram {
  const perSample: Histogram["perSample"] = {};
  for (const s of samples)
    perSample[s.name] = [...binned(pick(s, column), weightsOf(s, column), range, count)];
  return { range, perSample };
}

/** Weights of the events, or of rows of theirs. */
function weightsOf({ weights, rows = {} }: Sample, column: string): Sample["weights"] {
  const events = Object.hasOwn(rows, column) ? rows[column]! : undefined;
  return weights && events ? Float64Array.from(events, (event) => weights[event]!) : weights;
}

/** The bins of one column; of rows there are no selected ones, because a cut selects events. */
export function columnPlot(samples: Sample[], cuts: Record<string, CutChange>, column: string): ColumnPlot {
  const all = histogram(samples, columnFrame(samples, column, cuts), bins.all, valuesOf, column);
  const ofEvents = samples.filter(({ rows = {} }) => !Object.hasOwn(rows, column));
  const known = ofEvents.filter((s) => s.soft && s.hard && valuesOf(s, column).length > 0);
  if (known.length === 0) return { column, all };
  const range = selectedRange(known, cuts, column);
  const perSample = Object.fromEntries(known.map((s) => [s.name, softAndHard(s, column, range)]));
  return { column, all, selected: { range, perSample } };
}

/** The scores of all events, over all but the outermost 0.1 %; [0, 1] for probabilities. */
export function scoreHistogram(samples: Sample[]): Histogram {
  const scores = samples.flatMap((s) => (s.score ? [s.score] : []));
  const [least, low, high, most] = quantiles(scores, [0, 0.001, 0.999, 1]);
  const fraction = least >= 0 && most <= 1;
  const pad = 0.03 * (high - low);
  const range: Range = fraction || !(high > low) ? [0, 1] : [low - pad, high + pad];
  return histogram(samples, range, bins.score, (s) => s.score ?? new Float64Array());
}

/** Where the selected events lie, with those just outside that have a soft weight. */
function selectedRange(samples: Sample[], cuts: Record<string, CutChange>, column: string): Range {
  const near = samples.map((sample) => {
    const values = valuesOf(sample, column);
    const stride = Math.max(1, Math.floor(values.length / 200000));
    const kept: number[] = [];
    for (let i = 0; i < values.length; i += stride)
      if (sample.hard![i] || sample.soft![i]! > 0.1) kept.push(values[i]!);
    return Float64Array.from(kept);
  });
  const ends = Object.values(cuts).flatMap((cut) => (cut.column === column ? [cut.end] : []));
  return onEdges(columnRange(near, ends), ends, bins.selected);
}

/** The range, moved by less than a bin so that an end of a cut, or both of a window, lie on edges of bins. */
function onEdges([low, high]: Range, ends: number[], count: number): Range {
  const inside = ends.filter((end) => end > low && end < high).sort((a, b) => a - b);
  const [first, last] = [inside[0], inside[inside.length - 1]];
  if (first === undefined || last === undefined) return [low, high];
  let step = (high - low) / count;
  // A window of at least one bin is a whole number of bins wide.
  if (last - first > step) step = (last - first) / Math.floor((last - first) / step);
  const start = first - Math.ceil((first - low) / step) * step;
  return [start, start + count * step];
}

/**
 * Per bin R = Σws / Σwh with soft weights s and hard ones h of the same events, so that most of their fluctuation is
 * common: var R = n/(n-1) Σw²(s - Rh)² / (Σwh)² (the ratio estimator of survey sampling, Cochran, eq. 6.13). NaN for
 * fewer than two hard events.
 */
function softAndHard(sample: Sample, column: string, [low, high]: Range) {
  const n = bins.selected;
  const sums = () => new Float64Array(n);
  const [soft, hard, ss, sh, hh, events] = [sums(), sums(), sums(), sums(), sums(), sums()];
  const values = valuesOf(sample, column);
  const scale = n / (high - low);
  for (let i = 0; i < values.length; i++) {
    // A cut that lies on an edge must not be a rounding error beside it.
    const at = Math.floor((values[i]! - low) * scale + 1e-9);
    if (!(at >= 0 && at < n)) continue;
    const w = sample.weights ? sample.weights[i]! : 1;
    const [s, h] = [w * sample.soft![i]!, w * sample.hard![i]!];
    soft[at]! += s;
    hard[at]! += h;
    ss[at]! += s * s;
    sh[at]! += s * h;
    hh[at]! += h * h;
    if (h !== 0) events[at]!++;
  }
  const ratioError = Array.from(soft, (s, i) => {
    const ratio = s / hard[i]!;
    const variance = Math.max(0, ss[i]! - 2 * ratio * sh[i]! + ratio * ratio * hh[i]!) / hard[i]! ** 2;
    const n = events[i]!;
    return n < 2 ? Number.NaN : Math.sqrt((variance * n) / (n - 1));
  });
  return { soft: [...soft], hard: [...hard], ratioError };
}
