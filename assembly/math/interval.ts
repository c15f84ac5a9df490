import { f32_normCdf, f32_normPdf, f64_normCdf, f64_normPdf } from "./erf";
import { entry, madd, select } from "./vector";

/** The probability of a normal variable to lie between two bounds. */

/** Phi(z) less its step at 0: a small number in both tails, so that differences of it are accurate there. */
// @ts-ignore: decorator
@inline function rest<T>(z: v128): v128 {
  const sign = v128.splat<T>(<T>-0.0);
  const lower = v128.or(z, sign);
  const q = sizeof<T>() == 4 ? f32_normCdf(lower) : f64_normCdf(lower);
  return v128.xor(q, v128.and(v128.ge<T>(z, v128.splat<T>(<T>0)), sign));
}

// @ts-ignore: decorator
@inline function step<T>(z: v128): v128 {
  return v128.and(v128.ge<T>(z, v128.splat<T>(<T>0)), v128.splat<T>(<T>1));
}

/** 1 / (2 k + 1)! */
const K32 = memory.data<f32>([
  1.0, 0.16666666666666666667, 0.0083333333333333333333, 0.0001984126984126984127,
  2.7557319223985890653e-6, 2.5052108385441718775e-8, 1.6059043836821614599e-10, 7.6471637318198164759e-13,
  2.8114572543455207632e-15, 8.220635246624329717e-18, 1.9572941063391261231e-20,
]);
const K64 = memory.data<f64>([
  1.0, 0.16666666666666666667, 0.0083333333333333333333, 0.0001984126984126984127,
  2.7557319223985890653e-6, 2.5052108385441718775e-8, 1.6059043836821614599e-10, 7.6471637318198164759e-13,
  2.8114572543455207632e-15, 8.220635246624329717e-18, 1.9572941063391261231e-20,
]);

// @ts-ignore: decorator
@inline function size<T>(x: v128): v128 {
  return v128.andnot(x, v128.splat<T>(<T>-0.0));
}

/** All bits where the difference of Phi would lose digits and `between` does not: |d| <= 1/2 and |m d| <= 3/2. */
// @ts-ignore: decorator
@inline function narrow<T>(a: v128, b: v128): v128 {
  const half = v128.splat<T>(<T>0.5);
  const d = v128.mul<T>(half, v128.sub<T>(b, a));
  const y = v128.mul<T>(d, v128.mul<T>(half, v128.add<T>(a, b)));
  return v128.and(v128.le<T>(size<T>(d), half), v128.le<T>(size<T>(y), v128.splat<T>(<T>1.5)));
}

/**
 * Taylor's series about the middle m, with d half the width: 2 d phi(m) times the sum over k of He_2k(m) d^2k / (2k+1)!.
 * p_k = He_k(m) d^k comes from the recurrence of He. What the rounding of m leaves, far out, is put into phi.
 */
// @ts-ignore: decorator
@inline function between<T>(a: v128, b: v128): v128 {
  const half = v128.splat<T>(<T>0.5);
  const one = v128.splat<T>(<T>1);
  const width = v128.sub<T>(b, a);
  const s = v128.add<T>(a, b);
  const part = v128.sub<T>(s, a);
  const low = v128.add<T>(v128.sub<T>(a, v128.sub<T>(s, part)), v128.sub<T>(b, part));
  const m = v128.mul<T>(half, s);
  const d = v128.mul<T>(half, width);
  const y = v128.mul<T>(m, d);
  const q = v128.mul<T>(d, d);
  let even = one;
  let odd = y;
  let sum = i64x2.splat(0);
  const terms: u32 = sizeof<T>() == 4 ? 5 : 10;
  for (let k: u32 = 1; k <= terms; k++) {
    const n = <T>k + <T>k;
    even = v128.sub<T>(v128.mul<T>(y, odd), v128.mul<T>(v128.splat<T>(n - <T>1), v128.mul<T>(q, even)));
    sum = madd<T>(even, entry<T>(sizeof<T>() == 4 ? K32 : K64, k), sum);
    odd = v128.sub<T>(v128.mul<T>(y, even), v128.mul<T>(v128.splat<T>(n), v128.mul<T>(q, odd)));
  }
  sum = v128.sub<T>(sum, v128.mul<T>(v128.mul<T>(m, v128.mul<T>(half, low)), v128.add<T>(one, sum)));
  const phi = sizeof<T>() == 4 ? f32_normPdf(m) : f64_normPdf(m);
  const y0 = v128.mul<T>(width, phi);
  return madd<T>(y0, sum, y0);
}

/** Phi(b) - Phi(a). */
// @ts-ignore: decorator
@inline function normInterval<T>(a: v128, b: v128): v128 {
  const close = narrow<T>(a, b);
  if (!v128.any_true(close)) return apart<T>(a, b);
  const y = between<T>(a, b);
  const all = sizeof<T>() == 4 ? i32x4.all_true(close) : i64x2.all_true(close);
  return all ? y : select(close, y, apart<T>(a, b));
}

// @ts-ignore: decorator
@inline function apart<T>(a: v128, b: v128): v128 {
  return v128.add<T>(v128.sub<T>(step<T>(b), step<T>(a)), v128.sub<T>(rest<T>(b), rest<T>(a)));
}

function normInterval32(a: v128, b: v128): v128 { return normInterval<f32>(a, b); }
function normInterval64(a: v128, b: v128): v128 { return normInterval<f64>(a, b); }

// @ts-ignore: decorator
@inline export function f32_normInterval(a: v128, b: v128): v128 { return normInterval32(a, b); }
// @ts-ignore: decorator
@inline export function f64_normInterval(a: v128, b: v128): v128 { return normInterval64(a, b); }
