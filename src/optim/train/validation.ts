/** Numbers on training and held-out events beside each other, early stopping, and the noise of a sample. */

import { checkOptions } from "../../core/options.js";
import { withoutGroups } from "./batches.js";
import { tablesOf } from "./eventtables.js";

/** The losses of a moment, and what `evaluate` found. */
export interface Evaluated<E = unknown> {
  readonly step: number;
  /** The loss of all events that train. */
  readonly training: number;
  /** The loss of the held-out events, null without them. */
  readonly validation: number | null;
  readonly numbers: E | null;
}

/** The params of the best evaluation so far. */
export interface Best<P> {
  readonly step: number;
  /** What was monitored there: the lower the better. */
  readonly monitored: number;
  readonly params: P;
  readonly loss: number;
  readonly grads: P;
}

/** Memory of early stopping: the best so far, and evaluations since. */
export interface Watch<P> {
  readonly best: Best<P> | null;
  /** The value that the next improvement is measured against, null before the first. */
  readonly reference: number | null;
  readonly idle: number;
}

/**
 * What one more evaluation changes. Any lower value is the new best; only one that is lower than the reference by more
 * than `minDelta` counts as an improvement, so that small steps which add up count too.
 */
export function watched<P>(
  watch: Watch<P>,
  monitored: number,
  here: Omit<Best<P>, "monitored">,
  minDelta: number,
): Watch<P> {
  const better = monitored < (watch.best?.monitored ?? Number.POSITIVE_INFINITY);
  const best = better ? { ...here, monitored } : watch.best;
  const improved = monitored < (watch.reference ?? Number.POSITIVE_INFINITY) - minDelta;
  return { best, reference: improved ? monitored : watch.reference, idle: improved ? 0 : watch.idle + 1 };
}

/** Groups of a jackknife: the error that it finds is itself uncertain by about 1 / √(2·(groups - 1)), 16 %. */
const GROUPS = 20;

/**
 * The standard error of a loss from the finite sample, by the delete-a-group jackknife over random groups of rows:
 * √((G-1)/G · Σ (L_g - L̄)²), where L_g is the loss without group g of every table (Shao and Tu, The Jackknife and
 * Bootstrap, 1995, §2.3). It holds for means and for smooth functions of sums, as significances. NaN for fewer than
 * two groups.
 */
export async function standardError<D>(
  data: D,
  loss: (data: D) => number | Promise<number>,
  options: { readonly seed: number; readonly shared?: boolean; readonly weights?: string | undefined },
): Promise<number> {
  checkOptions("standardError", options, { seed: true, shared: true, weights: true });
  const filled = tablesOf(data).filter(({ rows }) => rows > 0);
  const groups = Math.min(GROUPS, ...filled.map(({ rows }) => rows));
  if (filled.length === 0 || groups < 2) return Number.NaN;
  const values: number[] = [];
  for (const part of withoutGroups(data, groups, options)) values.push(await loss(part));
  const mean = values.reduce((sum, v) => sum + v, 0) / groups;
  const spread = values.reduce((sum, v) => sum + (v - mean) ** 2, 0);
  return Math.sqrt(((groups - 1) / groups) * spread);
}
