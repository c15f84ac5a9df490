import { InputError } from "../core/errors.js";
import { aboutEvents, type Columns, type Numbers } from "../core/events.js";
import { checkArguments, object } from "../core/graph/arguments.js";
import { checkOptions } from "../core/options.js";
import { quantile } from "../core/quantile.js";
import { significance } from "../physics/significance.js";
import { comparing } from "./comparedvalues.js";
import type { Cut } from "./cut.js";
import { aCut } from "./iscut.js";
import { canMove, movingMask } from "./movingmask.js";
import { everyNth, usedColumns } from "./usedcolumns.js";

/** Events of one sample with their weights. */
export interface ScanSample {
  readonly columns: Columns;
  readonly weights?: Numbers;
}

/** What a scan looks for, and how finely. */
export interface ThresholdScanOptions<P> {
  /** What to make small, as a function of the thresholds; by default minus the significance of hard yields. */
  readonly objective?: (params: P) => number;
  /** The significance of yields that the default objective takes (default Asimov's). */
  readonly significance?: (signal: number, background: number) => number;
  /** Candidates per threshold (default 24): quantiles of either sample. */
  readonly points?: number;
  /** Times that every threshold is looked at (default 3); ends earlier when none moves. */
  readonly rounds?: number;
}

/** The thresholds that a scan found, and what it cost. */
export interface ThresholdScan<P> {
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
export function scanThresholds<P extends Record<string, number>>(
  cut: Cut<P>,
  samples: { readonly signal: ScanSample; readonly background: ScanSample },
  options: ThresholdScanOptions<P> = {},
): ThresholdScan<P> {
  checkArguments("scanThresholds", { cut: [cut, aCut], samples: [samples, object] });
  checkOptions("scanThresholds", options, {
    objective: true,
    significance: true,
    points: true,
    rounds: true,
  });
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
  checkOptions("samples", samples, { signal: true, background: true });
  for (const [name, sample] of Object.entries({ signal, background }))
    checkOptions<ScanSample>(`samples.${name}`, sample, { columns: true, weights: true });
  const plain = cut as unknown as Cut;
  const moving = movingOf(plain, samples, points);
  const names = moving.map(({ name }) => name);
  const objective = options.objective as ((params: Record<string, number>) => number) | undefined;
  const measured = objective
    ? ofParams(objective)
    : ofHardYields(
        ...([plain, names, signal, background] as const),
        options.significance ?? ((s, b) => significance(s, b).asimov),
      );
  const starts = plain.init();
  const at = (which: "open" | "median") => Object.fromEntries(moving.map((m) => [m.name, m[which]]));
  const ends = [{}, at("open"), at("median")].map((start) =>
    descend({ ...starts, ...start }, measured, moving, rounds),
  );
  const [first, ...others] = ends as [Descent, ...Descent[]];
  const best = others.reduce((least, end) => (end.value < least.value ? end : least), first);
  return {
    params: best.params as P,
    value: best.value,
    evaluations: ends.reduce((sum, end) => sum + end.evaluations, 0),
  };
}

/** A threshold that a scan moves, and where to. */
interface Moving {
  readonly name: string;
  /** Where it cuts nothing off, and in the middle of the events. */
  readonly open: number;
  readonly median: number;
  readonly candidates: readonly number[];
}

/** The thresholds that are compared with what events have, each with quantiles of both samples to try. */
function movingOf(
  cut: Cut,
  { signal, background }: { readonly signal: ScanSample; readonly background: ScanSample },
  points: number,
): Moving[] {
  const each = [signal, background].map(({ columns }) => comparing(cut, [columns]));
  const together = comparing(cut, [signal.columns, background.columns]);
  const half = Math.ceil(points / 2);
  return cut.thresholds.flatMap((threshold) => {
    if (threshold.fixed || !threshold.keeps) return [];
    const parts = each.map((of) => of(threshold));
    const grid = parts.flatMap((values) =>
      Array.from({ length: half }, (_, i) => quantile(values, (i + 0.5) / half)),
    );
    const all = together(threshold);
    const open = threshold.keeps === "above" ? quantile(all, 0) : quantile(all, 1);
    // A bound is as good a candidate as what lies beyond it.
    const within = (x: number) => cut.clamp({ [threshold.name]: x })[threshold.name]!;
    const candidates = [...new Set([open, ...grid].map(within))]
      .filter(Number.isFinite)
      .sort((a, b) => a - b);
    return candidates.length === 0
      ? []
      : [{ name: threshold.name, open: within(open), median: within(quantile(all, 0.5)), candidates }];
  });
}

interface Descent {
  readonly params: Record<string, number>;
  readonly value: number;
  readonly evaluations: number;
}

/** Moves one threshold at a time to its best candidate, until none moves. */
function descend(
  params: Record<string, number>,
  measured: (params: Record<string, number>) => Point,
  moving: readonly Moving[],
  rounds: number,
): Descent {
  const point = measured(params);
  let evaluations = 0;
  const evaluate = (): number => {
    evaluations++;
    const value = point.value();
    return Number.isNaN(value) ? Number.POSITIVE_INFINITY : value;
  };
  let value = evaluate();
  for (let round = 0; round < rounds; round++) {
    let moved = false;
    for (const { name, candidates } of moving) {
      for (const candidate of candidates) {
        point.move(name, candidate);
        const there = evaluate();
        if (!(there < value)) continue;
        value = there;
        params[name] = candidate;
        moved = true;
      }
      point.move(name, params[name]!);
    }
    if (!moved) break;
  }
  return { params, value, evaluations };
}

/** Thresholds that are moved one at a time, and the objective where they are. */
interface Point {
  move(name: string, value: number): void;
  value(): number;
}

function ofParams(objective: (params: Record<string, number>) => number) {
  return (start: Readonly<Record<string, number>>): Point => {
    let here: Record<string, number> = { ...start };
    return {
      // A new object every time: the objective may keep it.
      move: (name, value) => {
        here = { ...here, [name]: value };
      },
      value: () => objective(here),
    };
  };
}

/** -Z of hard yields; nothing where too few events are left for their number to mean anything. */
function ofHardYields(
  cut: Cut,
  names: readonly string[],
  signal: ScanSample,
  background: ScanSample,
  measure: (signal: number, background: number) => number,
) {
  const samples = [signal, background].map((sample) => thin(cut, sample));
  // A threshold that moves alone changes one comparison; of thousands the others need not be looked at again.
  const quick = canMove(cut, names);
  return (start: Readonly<Record<string, number>>): Point => {
    const params = { ...start };
    const masks = samples.map(({ columns }) => (quick ? movingMask(cut, names, columns, params) : null));
    const value = () => {
      const [s, b] = samples.map(({ columns, weights, scale, least }, i) => {
        const mask = masks[i]?.mask ?? cut.hard(params, columns);
        let [sum, entries] = [0, 0];
        for (let row = 0; row < mask.length; row++) {
          if (!mask[row]) continue;
          sum += weights ? weights[row]! : 1;
          entries++;
        }
        return entries >= least ? scale * sum : 0;
      });
      return s! > 0 && b! > 0 ? -measure(s!, b!) : 0;
    };
    const move = (name: string, to: number) => {
      params[name] = to;
      for (const mask of masks) mask?.move(name, to);
    };
    return { move, value };
  };
}

function thin(cut: Cut, { columns, weights }: ScanSample) {
  const used = usedColumns(columns, cut.columns, {});
  const { rows } = aboutEvents(used);
  const stride = Math.max(1, Math.ceil(rows / MOST_ROWS));
  const take = <C extends Numbers>(column: C): C =>
    stride === 1 ? column : (column.filter((_, i) => i % stride === 0) as C);
  return {
    columns: stride === 1 ? used : everyNth(used, stride),
    weights: weights && take(weights),
    scale: stride,
    least: Math.min(10, Math.ceil(rows / 100)),
  };
}
