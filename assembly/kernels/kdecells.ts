/**
 * Many events at a time, in the way of a fast Gauss transform (Greengard & Strain 1991). Cells of half a bandwidth
 * cover the edges and all that is within reach of them. With u = (x - centre) / h, |u| <= 1/4, Taylor's series is
 *   D_n((e - x) / h) = (-1)^n sum over k of C_(n+k)((e - centre) / h) u^k / k!,     C_i = (-1)^i D_i,
 * so that a sum over events needs the moments sum of w u^k of each cell, and a sum over edges is a polynomial in u in
 * each cell. Work per event depends neither on the number of edges nor on the bandwidth. 16 terms leave an error
 * below 1e-16 of the largest value (f64), 10 below 1e-9 (f32). Moments and polynomials are f64 for both types.
 *
 * Two more cells behind the others take what is out of reach on the left, and on the right or NaN, with u = 0 or NaN.
 */

/** Terms of the series: 16 bytes hold two. */
// @ts-ignore: decorator
@inline export function terms<X>(): usize {
  return sizeof<X>() == 8 ? 16 : 10;
}
// @ts-ignore: decorator
@inline export function cellBytes<X>(): usize {
  return terms<X>() * 8;
}

/** 1 / k! */
export const FACTORIAL = memory.data<f64>([
  1.0, 1.0, 0.5, 0.16666666666666666667, 0.041666666666666666667, 0.0083333333333333333333, 0.0013888888888888888889,
  0.00019841269841269841270, 0.000024801587301587301587, 2.7557319223985890653e-6, 2.7557319223985890653e-7,
  2.5052108385441718775e-8, 2.0876756987868098979e-9, 1.6059043836821614599e-10, 1.1470745597729724714e-11,
  7.6471637318198164759e-13, 4.7794773323873852974e-14, 2.8114572543455207632e-15,
]);

/** Two events as f64. */
// @ts-ignore: decorator
@inline export function pair<X>(at: usize): v128 {
  return sizeof<X>() == 8 ? v128.load(at) : f64x2.promote_low_f32x4(v128.load64_zero(at));
}

/** All bits where n, the nearest multiple of the spacing, is one of the cells. */
// @ts-ignore: decorator
@inline export function among(n: v128, count: v128): v128 {
  return v128.and(f64x2.ge(n, i64x2.splat(0)), f64x2.lt(n, count));
}

/** Cells of both events, as integers in the i32 lanes 0 and 2; one of the two behind the others where not inside. */
// @ts-ignore: decorator
@inline export function numbers(n: v128, inside: v128, count: v128): v128 {
  const one = f64x2.splat(1.0);
  const outside = f64x2.add(count, v128.andnot(one, f64x2.lt(n, i64x2.splat(0))));
  return f64x2.add(v128.bitselect(n, outside, inside), f64x2.splat(6755399441055744.0));
}

/** u of events in cells n: 0 out of reach, NaN of a NaN. */
// @ts-ignore: decorator
@inline export function offsets(x: v128, n: v128, inside: v128, start: v128, width: v128, scale: v128): v128 {
  const d = f64x2.mul(f64x2.sub(x, f64x2.add(start, f64x2.mul(n, width))), scale);
  return v128.or(v128.and(d, inside), f64x2.ne(x, x));
}

