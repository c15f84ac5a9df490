import { fitEnds } from "../agreed.js";
/** Where to look: [starts][n], of which the first `always` are tried in any case, and whether at the image of the best end. */
export interface Starts {
  x0: Float64Array;
  always: number;
  mirror: boolean;
}

/** A bounded minimisation problem with exact derivatives, for the reference solver. */
export interface Problem {
  x0: Float64Array;
  free: Float64Array;
  lower: Float64Array;
  upper: Float64Array;
  maxSteps: number;
  /** [f, gradient] */
  first(x: Float64Array): readonly [value: Float64Array, gradient: Float64Array, ...more: Float64Array[]];
  /** Hessian, row-major. */
  second(x: Float64Array): Float64Array;
}

/**
 * Damped projected Newton method in plain TypeScript: the interpreter's answer to what the WASM solver does. It is
 * written for clarity, and independently, so that the two check each other. Result: x, value, status, steps, edm.
 */
export function newton(p: Problem): Float64Array {
  const n = p.x0.length;
  const clamp = (v: number, i: number) => Math.min(Math.max(v, p.lower[i]!), p.upper[i]!);
  let x = p.x0.map((v, i) => (p.free[i] ? clamp(v, i) : v));
  let [f, g] = p.first(x);
  let damping = 0;
  let edm = Number.POSITIVE_INFINITY;
  let status: number = fitEnds.maxSteps;
  let step = 0;
  for (; step < p.maxSteps; step++) {
    if (!Number.isFinite(f[0]!)) {
      status = fitEnds.notFinite;
      break;
    }
    const h = p.second(x);
    const moves = (i: number) =>
      p.free[i] !== 0 && !(x[i]! <= p.lower[i]! && g[i]! > 0) && !(x[i]! >= p.upper[i]! && g[i]! < 0);
    const index = Array.from({ length: n }, (_, i) => i).filter(moves);
    let accepted = false;
    for (let trial = 0; trial < 60 && !accepted; trial++) {
      const d = choleskySolve(index, h, g, n, damping);
      if (!d) {
        damping = Math.max(
          damping * 10,
          1e-6 * Math.max(...index.map((i) => Math.abs(h[i * n + i]!)), 1e-12),
        );
        continue;
      }
      edm = 0.5 * index.reduce((s, i, k) => s + g[i]! * d[k]!, 0);
      const next = x.slice();
      index.forEach((i, k) => {
        next[i] = clamp(x[i]! - d[k]!, i);
      });
      const [fn, gn] = p.first(next);
      // Near the end differences of f are below its last bit: then a smaller gradient decides.
      const flat = Math.abs(fn[0]! - f[0]!) <= 1e-13 * (1 + Math.abs(f[0]!));
      const norm = (v: Float64Array) => Math.hypot(...index.map((i) => v[i]!));
      if (fn[0]! < f[0]! - 1e-13 * Math.abs(f[0]!) || (flat && norm(gn) < norm(g))) {
        [x, f, g] = [next, fn, gn];
        damping /= 10;
        if (damping < 1e-12) damping = 0;
        accepted = true;
      } else if (flat) {
        break;
      } else {
        damping = Math.max(
          damping * 10,
          1e-6 * Math.max(...index.map((i) => Math.abs(h[i * n + i]!)), 1e-12),
        );
      }
    }
    if (!accepted) {
      const flat = Math.abs(edm) < 1e-8 * (1 + Math.abs(f[0]!)) || index.length === 0;
      status = flat ? fitEnds.converged : fitEnds.noDescent;
      break;
    }
  }
  if (n === 0 || edm === Number.POSITIVE_INFINITY) edm = 0;
  return Float64Array.of(...x, f[0]!, status, step, edm);
}

/** The lowest minimum from some starts, as the solver looks for it. */
export function lowest(p: Omit<Problem, "x0">, { x0, always, mirror }: Starts): Float64Array {
  const n = p.free.length;
  const ends: Float64Array[] = [];
  const found = () => ends.some((end) => end[n + 1] === fitEnds.converged);
  const search = (start: (i: number) => number) =>
    ends.push(newton({ ...p, x0: x0.subarray(0, n).map((v, i) => (p.free[i] ? start(i) : v)) }));
  const rank = (end: Float64Array) => (end[n + 1] === fitEnds.converged ? 0 : 1);
  const best = () => ends.reduce((a, b) => ((rank(b) - rank(a) || b[n]! - a[n]!) < 0 ? b : a));
  for (let s = 0; s < x0.length / n; s++) {
    if (s < always || !found()) search((i) => x0[s * n + i]!);
  }
  const near = best();
  if (mirror && found()) search((i) => 2 * x0[i]! - near[i]!);
  return best();
}

/** (H + damping·1) restricted to `index`, solved for g; null where it is not positive definite. */
function choleskySolve(
  index: number[],
  h: Float64Array,
  g: Float64Array,
  n: number,
  damping: number,
): number[] | null {
  const m = index.length;
  const l = Array.from({ length: m }, () => new Array<number>(m).fill(0));
  for (let i = 0; i < m; i++) {
    for (let j = 0; j <= i; j++) {
      let s = h[index[i]! * n + index[j]!]! + (i === j ? damping : 0);
      for (let k = 0; k < j; k++) s -= l[i]![k]! * l[j]![k]!;
      if (i === j) {
        if (!(s > 0)) return null;
        l[i]![i] = Math.sqrt(s);
      } else l[i]![j] = s / l[j]![j]!;
    }
  }
  const y = index.map((i) => g[i]!);
  for (let i = 0; i < m; i++) {
    for (let k = 0; k < i; k++) y[i]! -= l[i]![k]! * y[k]!;
    y[i]! /= l[i]![i]!;
  }
  for (let i = m - 1; i >= 0; i--) {
    for (let k = i + 1; k < m; k++) y[i]! -= l[k]![i]! * y[k]!;
    y[i]! /= l[i]![i]!;
  }
  return y;
}
