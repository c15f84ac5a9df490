import { rootEnds } from "../agreed.js";

/** Bisection to the last bit: slow and sure. */
export function bisect(f: (x: number) => number, lo: number, hi: number): Float64Array {
  let [a, b] = [lo, hi];
  const fa = f(a);
  const fb = f(b);
  if (!Number.isFinite(fa) || !Number.isFinite(fb)) return Float64Array.of(Number.NaN, rootEnds.noValue, 0);
  if (fa === 0) return Float64Array.of(a, rootEnds.converged, 0);
  if (fb === 0) return Float64Array.of(b, rootEnds.converged, 0);
  if (fa > 0 === fb > 0) return Float64Array.of(Number.NaN, rootEnds.sameSign, 0);
  let steps = 0;
  for (; steps < 200; steps++) {
    const mid = a + (b - a) / 2;
    if (mid === a || mid === b) break;
    if (f(mid) > 0 === fa > 0) a = mid;
    else b = mid;
  }
  return Float64Array.of(Math.abs(f(a)) < Math.abs(f(b)) ? a : b, rootEnds.converged, steps);
}
