import { InputError } from "../core/errors.js";
import { checkOptions } from "../core/options.js";
import type { Column } from "../core/table.js";
import { significance } from "../physics/significance.js";
import type { Columns, Cut } from "./cut.js";
import { comparing, quantile } from "./values.js";

/** Events of one sample with their weights. */
export interface ScanSample {
  readonly columns: Columns;
  readonly weights?: Column;
}

export interface ScanOptions<P> {
  /** What to make small, as a function of the thresholds; by default minus the significance of hard yields. */
  readonly objective?: (params: P) => number;
  /** The significance of yields that the default objective takes (default Asimov's). */
  readonly significance?: (signal: number, background: number) => number;
  /** Candidates per threshold (default 24): quantiles of either sample. */
  readonly points?: number;
  /** Times that every threshold is looked at (default 3); ends earlier when none moves. */
  readonly rounds?: number;
}

export interface Scan<P> {
  readonly params: P;
  /** The objective there. */
  readonly value: number;
  readonly evaluations: number;
}

/** Events of a sample that the default objective counts, evenly taken: a scan is coarse. */
const MOST_ROWS = 50_000;

/**
 * Starts for thresholds from a coarse scan of the data, one threshold at a time, the others held. It begins three
 * times, with every cut open, at the medians and at the starts of the text, and keeps the best end. Thresholds inside
 * arithmetic stay at their starts.
 */
export function scan<P extends Record<string, number>>(
  cut: Cut<P>,
  samples: { readonly signal: ScanSample; readonly background: ScanSample },
  options: ScanOptions<P> = {},
): Scan<P> {
  checkOptions("scan", options, { objective: true, significance: true, points: true, rounds: true });
  const { points = 24, rounds = 3 } = options;
  const { signal, background } = samples;
  if (!signal?.columns || !background?.columns) {
    const got = Object.keys(samples).join(", ") || "none";
    throw new InputError(
      "scan.samples",
      `scan() needs the samples signal and background, but got ${got}: give { signal: { columns, weights }, background: { columns, weights } }`,
      { got },
    );
  }
  const plain = cut as unknown as Cut;
  const objective =
    (options.objective as ((params: Record<string, number>) => number) | undefined) ??
    ofHardYields(plain, signal, background, options.significance ?? ((s, b) => significance(s, b).asimov));
  const each = [signal, background].map(({ columns }) => comparing(plain, [columns]));
  const together = comparing(plain, [signal.columns, background.columns]);
  const moving = plain.thresholds.flatMap((threshold) => {
    if (threshold.fixed || !threshold.keeps) return [];
    const parts = each.map((of) => of(threshold));
    const grid = parts.flatMap((values) =>
      Array.from({ length: Math.ceil(points / 2) }, (_, i) =>
        quantile(values, (i + 0.5) / Math.ceil(points / 2)),
      ),
    );
    const all = together(threshold);
    const open = threshold.keeps === "above" ? quantile(all, 0) : quantile(all, 1);
    // A bound is as good a candidate as what lies beyond it.
    const within = (x: number) => plain.clamp({ [threshold.name]: x })[threshold.name]!;
    const candidates = [...new Set([open, ...grid].map(within))]
      .filter(Number.isFinite)
      .sort((a, b) => a - b);
    return candidates.length === 0
      ? []
      : [{ name: threshold.name, open: within(open), median: within(quantile(all, 0.5)), candidates }];
  });

  let evaluations = 0;
  const evaluate = (params: Record<string, number>): number => {
    evaluations++;
    const value = objective(params);
    return Number.isNaN(value) ? Number.POSITIVE_INFINITY : value;
  };
  const starts = plain.init();
  const at = (which: "open" | "median") => Object.fromEntries(moving.map((m) => [m.name, m[which]]));
  let best: { params: Record<string, number>; value: number } | undefined;
  for (const start of [{}, at("open"), at("median")]) {
    let here = { params: { ...starts, ...start }, value: 0 };
    here.value = evaluate(here.params);
    for (let round = 0; round < rounds; round++) {
      const before = here;
      for (const { name, candidates } of moving) {
        for (const candidate of candidates) {
          const params = { ...here.params, [name]: candidate };
          const value = evaluate(params);
          if (value < here.value) here = { params, value };
        }
      }
      if (here === before) break;
    }
    if (!best || here.value < best.value) best = here;
  }
  return { ...(best as { params: P; value: number }), evaluations };
}

/** -Z of hard yields; nothing where too few events are left for their number to mean anything. */
function ofHardYields(
  cut: Cut,
  signal: ScanSample,
  background: ScanSample,
  measure: (signal: number, background: number) => number,
): (params: Record<string, number>) => number {
  const samples = [signal, background].map((sample) => thin(cut, sample));
  return (params) => {
    const [s, b] = samples.map(({ columns, weights, scale, least }) => {
      const mask = cut.hard(params, columns);
      let [sum, entries] = [0, 0];
      for (let i = 0; i < mask.length; i++) {
        if (!mask[i]) continue;
        sum += weights ? weights[i]! : 1;
        entries++;
      }
      return entries >= least ? scale * sum : 0;
    });
    return s! > 0 && b! > 0 ? -measure(s!, b!) : 0;
  };
}

function thin(cut: Cut, { columns, weights }: ScanSample) {
  const rows = columns[cut.columns[0]!]?.length ?? 0;
  const stride = Math.max(1, Math.ceil(rows / MOST_ROWS));
  const take = <C extends Column>(column: C): C =>
    stride === 1 ? column : (column.filter((_, i) => i % stride === 0) as C);
  const used = Object.fromEntries(
    cut.columns.flatMap((name) => (columns[name] ? [[name, take(columns[name])]] : [])),
  );
  return {
    columns: used,
    weights: weights && take(weights),
    scale: stride,
    least: Math.min(10, Math.ceil(rows / 100)),
  };
}
