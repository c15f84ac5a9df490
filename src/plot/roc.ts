// The ROC curve of a network score.

import type { Numbers, Sample } from "./data.js";

/** Efficiencies of the bound "score above" as it falls: both arrays go from 0 to 1. `area` is under signal(background). */
export type RocCurve = { background: number[]; signal: number[]; area: number };

/** So many events of a sample are used at most, in equal strides. */
const mostEvents = 1 << 18;
const mostPoints = 400;

type Scored = { score: Numbers; weights?: Numbers | undefined };

/**
 * The curve of weighted efficiencies. Events of equal score are one step, so the area is the probability that a
 * signal event scores higher than a background event, ties counting half. NaN scores count as lowest.
 */
export function rocCurve(signal: Scored[], background: Scored[]): RocCurve | undefined {
  const events = [...signal.map((s) => [s, 1] as const), ...background.map((s) => [s, 0] as const)];
  const scores: number[] = [];
  const weights: number[] = [];
  const isSignal: number[] = [];
  for (const [{ score, weights: w }, kind] of events) {
    const stride = Math.max(1, Math.ceil(score.length / mostEvents));
    for (let i = 0; i < score.length; i += stride) {
      scores.push(Number.isNaN(score[i]!) ? Number.NEGATIVE_INFINITY : score[i]!);
      weights.push(w ? w[i]! : 1);
      isSignal.push(kind);
    }
  }
  const order = Uint32Array.from(scores, (_, i) => i).sort((a, b) => scores[b]! - scores[a]! || a - b);
  const [x, y] = [[0], [0]];
  let area = 0;
  let [b, s] = [0, 0];
  for (let at = 0; at < order.length; ) {
    const here = scores[order[at]!]!;
    const [b0, s0] = [b, s];
    for (; at < order.length && scores[order[at]!] === here; at++)
      if (isSignal[order[at]!]) s += weights[order[at]!]!;
      else b += weights[order[at]!]!;
    area += ((b - b0) * (s + s0)) / 2;
    x.push(b);
    y.push(s);
  }
  if (!(b > 0 && s > 0)) return undefined;
  const keep = thinned(x, y, b, s);
  return {
    background: keep.map((i) => x[i]! / b),
    signal: keep.map((i) => y[i]! / s),
    area: area / (b * s),
  };
}

/** The points to draw: a step of both efficiencies together is at least 1 / `mostPoints`, finer near zero for log axes. */
function thinned(x: number[], y: number[], b: number, s: number): number[] {
  const keep = [0];
  for (let i = 1; i < x.length - 1; i++) {
    const last = keep[keep.length - 1]!;
    const moved = Math.abs(x[i]! - x[last]!) / b + Math.abs(y[i]! - y[last]!) / s;
    if (moved >= 2 / mostPoints || (x[i]! > 0 && x[i]! > 1.1 * x[last]!)) keep.push(i);
  }
  if (x.length > 1) keep.push(x.length - 1);
  return keep;
}

/** The curve of the samples' scores, signal first and all others background; nothing where a side has none. */
export function rocOf(samples: Sample[]): RocCurve | undefined {
  const scored = samples.map((s) => (s.score ? [{ score: s.score, weights: s.weights }] : []));
  return rocCurve(scored[0] ?? [], scored.slice(1).flat());
}
