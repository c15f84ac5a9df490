/** Kernels of probabilities: their logarithms without what depends on the data alone. */

import { f32_log, f64_log } from "./log";

/** n log r - r, with 0 log 0 = 0. */
// @ts-ignore: decorator
@inline function poissonKernel<T>(n: v128, r: v128, logR: v128): v128 {
  const zero = v128.eq<T>(n, v128.splat<T>(<T>0));
  return v128.sub<T>(v128.andnot(v128.mul<T>(n, logR), zero), r);
}

/** n / r - 1, with 0 / 0 = 0. */
// @ts-ignore: decorator
@inline function poissonScore<T>(n: v128, r: v128): v128 {
  const zero = v128.eq<T>(n, v128.splat<T>(<T>0));
  return v128.sub<T>(v128.andnot(v128.div<T>(n, r), zero), v128.splat<T>(<T>1));
}

/** -((x - m) w)² / 2. */
// @ts-ignore: decorator
@inline function normalKernel<T>(x: v128, m: v128, w: v128): v128 {
  const z = v128.mul<T>(v128.sub<T>(x, m), w);
  return v128.mul<T>(v128.splat<T>(<T>-0.5), v128.mul<T>(z, z));
}

// @ts-ignore: decorator
@inline export function f32_poissonKernel(n: v128, r: v128): v128 { return poissonKernel<f32>(n, r, f32_log(r)); }
// @ts-ignore: decorator
@inline export function f64_poissonKernel(n: v128, r: v128): v128 { return poissonKernel<f64>(n, r, f64_log(r)); }
// @ts-ignore: decorator
@inline export function f32_poissonScore(n: v128, r: v128): v128 { return poissonScore<f32>(n, r); }
// @ts-ignore: decorator
@inline export function f64_poissonScore(n: v128, r: v128): v128 { return poissonScore<f64>(n, r); }
// @ts-ignore: decorator
@inline export function f32_normalKernel(x: v128, m: v128, w: v128): v128 { return normalKernel<f32>(x, m, w); }
// @ts-ignore: decorator
@inline export function f64_normalKernel(x: v128, m: v128, w: v128): v128 { return normalKernel<f64>(x, m, w); }
