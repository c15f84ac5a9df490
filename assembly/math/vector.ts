/**
 * Generic helpers on vectors of T = f32 (4 lanes) or f64 (2 lanes).
 * Constants come from tables in memory: that is faster than splats, which V8 rebuilds inside loops.
 */

/** Splats entry i of a table. */
// @ts-ignore: decorator
@inline export function entry<T>(table: usize, i: usize): v128 {
  return v128.load_splat<T>(table + i * sizeof<T>());
}

/** a * b + c. */
// @ts-ignore: decorator
@inline export function madd<T>(a: v128, b: v128, c: v128): v128 {
  return v128.add<T>(v128.mul<T>(a, b), c);
}

/** Per lane: mask ? a : b. */
// @ts-ignore: decorator
@inline export function select(mask: v128, a: v128, b: v128): v128 {
  return v128.bitselect(a, b, mask);
}

// Polynomials with coefficients table[i], table[i + 1], ... from the lowest power up, by Estrin's scheme: its
// chains of dependent operations are short, which counts more than its few extra multiplications.

// @ts-ignore: decorator
@inline export function poly1<T>(table: usize, i: usize, x: v128): v128 {
  return madd<T>(entry<T>(table, i + 1), x, entry<T>(table, i));
}
// @ts-ignore: decorator
@inline export function poly2<T>(table: usize, i: usize, x: v128): v128 {
  return madd<T>(entry<T>(table, i + 2), v128.mul<T>(x, x), poly1<T>(table, i, x));
}
// @ts-ignore: decorator
@inline export function poly3<T>(table: usize, i: usize, x: v128): v128 {
  return madd<T>(poly1<T>(table, i + 2, x), v128.mul<T>(x, x), poly1<T>(table, i, x));
}
// @ts-ignore: decorator
@inline export function poly4<T>(table: usize, i: usize, x: v128): v128 {
  const x2 = v128.mul<T>(x, x);
  return madd<T>(entry<T>(table, i + 4), v128.mul<T>(x2, x2), poly3<T>(table, i, x));
}
// @ts-ignore: decorator
@inline export function poly5<T>(table: usize, i: usize, x: v128): v128 {
  const x2 = v128.mul<T>(x, x);
  return madd<T>(poly1<T>(table, i + 4, x), v128.mul<T>(x2, x2), poly3<T>(table, i, x));
}
// @ts-ignore: decorator
@inline export function poly6<T>(table: usize, i: usize, x: v128): v128 {
  const x2 = v128.mul<T>(x, x);
  return madd<T>(poly2<T>(table, i + 4, x), v128.mul<T>(x2, x2), poly3<T>(table, i, x));
}
// @ts-ignore: decorator
@inline export function poly7<T>(table: usize, i: usize, x: v128): v128 {
  const x2 = v128.mul<T>(x, x);
  return madd<T>(poly3<T>(table, i + 4, x), v128.mul<T>(x2, x2), poly3<T>(table, i, x));
}
// @ts-ignore: decorator
@inline export function poly8<T>(table: usize, i: usize, x: v128): v128 {
  const x2 = v128.mul<T>(x, x);
  const x4 = v128.mul<T>(x2, x2);
  return madd<T>(entry<T>(table, i + 8), v128.mul<T>(x4, x4), poly7<T>(table, i, x));
}
// @ts-ignore: decorator
@inline export function poly9<T>(table: usize, i: usize, x: v128): v128 {
  const x2 = v128.mul<T>(x, x);
  const x4 = v128.mul<T>(x2, x2);
  return madd<T>(poly1<T>(table, i + 8, x), v128.mul<T>(x4, x4), poly7<T>(table, i, x));
}
// @ts-ignore: decorator
@inline export function poly10<T>(table: usize, i: usize, x: v128): v128 {
  const x2 = v128.mul<T>(x, x);
  const x4 = v128.mul<T>(x2, x2);
  return madd<T>(poly2<T>(table, i + 8, x), v128.mul<T>(x4, x4), poly7<T>(table, i, x));
}

// f32 functions that compute in f64: two halves and back.

/** Lanes 0 and 1 as f64. */
// @ts-ignore: decorator
@inline export function low(x: v128): v128 {
  return f64x2.promote_low_f32x4(x);
}

/** Lanes 2 and 3 as f64. */
// @ts-ignore: decorator
@inline export function high(x: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<i64>(x, x, 1, 1));
}

/** The inverse of low and high. */
// @ts-ignore: decorator
@inline export function join(lo: v128, hi: v128): v128 {
  return v128.shuffle<i64>(f32x4.demote_f64x2_zero(lo), f32x4.demote_f64x2_zero(hi), 0, 2);
}
