/**
 * exp and expm1: x = n ln2 + r with |r| <= ln2 / 2 (Cody & Waite, ln2 in two parts as in fdlibm and Cephes);
 * e^r - 1 = r + r^2 q(r) with a minimax q (own weighted fit: relative error 3e-9 in f32, 3e-18 in f64).
 * Adding 1.5 * 2^(bits of the mantissa) rounds to an integer n and leaves n in the low bits of the sum, so no
 * float is converted to an integer. Results below the smallest normal number are 0, because subnormal numbers
 * are slow and WASM cannot flush them.
 * Largest errors: exp 1.0 ulp, expm1 2.0 ulp.
 */

import { entry, madd, poly4, poly9 } from "./vector";

// Entries of the tables.
const LOG2E: usize = 0;
const ROUND: usize = 1; // adding it rounds, and leaves n in the low bits
const ROUND_BIASED: usize = 2; // the same with n + bias, so that a shift makes 2^n
const LN2_HIGH: usize = 3;
const LN2_LOW: usize = 4;
const ONE: usize = 5;
const HALF: usize = 6;
const INFINITY: usize = 7;
const SIGN: usize = 8;
const HIGHEST: usize = 9; // the first x whose exp overflows
const LOWEST: usize = 10; // the last x whose exp is a normal number
const ROUND_HALF: usize = 11; // ROUND_BIASED - 1: makes 2^(n - 1)
const TOP: usize = 12; // any x whose expm1 overflows, but not 2^(n - 1)
const BOTTOM: usize = 13; // any x whose expm1 is -1
const Q: usize = 14;

const TABLE32 = memory.data<f32>([
  1.44269504088896341, 12582912.0, 12583039.0, 0.693359375, -2.12194440054690583e-4,
  1.0, 0.5, Infinity, -0.0,
  88.72284698486328, -87.33654022216797, 12583038.0, 89.0, -25.0,
  0.5000000095, 0.1666651859, 0.04166620527, 0.008368919324, 0.001395052561,
]);
const TABLE64 = memory.data<f64>([
  1.44269504088896340736, 6755399441055744.0, 6755399441056767.0,
  6.93147180369123816490e-1, 1.90821492927058770002e-10,
  1.0, 0.5, Infinity, -0.0,
  709.7827128933841, -708.3964185322641, 6755399441056766.0, 710.0, -60.0,
  0.50000000000000129416, 0.16666666666666692204, 0.041666666666513914604, 0.0083333333333111775222,
  0.0013888888947383169993, 0.00019841269909441703045, 0.000024801489581444113297, 2.7557222948252648274e-6,
  2.7631403974717530503e-7, 2.5115867427101382532e-8,
]);

// @ts-ignore: decorator
@inline function constant<T>(i: usize): v128 {
  return entry<T>(sizeof<T>() == 4 ? TABLE32 : TABLE64, i);
}

/** Shifts the integer in the low bits into the exponent. */
// @ts-ignore: decorator
@inline function toExponent<T>(rounded: v128): v128 {
  if (sizeof<T>() == 4) return i32x4.shl(rounded, 23);
  return i64x2.shl(rounded, 52);
}

/** x / ln2 rounded to an integer n, plus entry `round` of the table. */
// @ts-ignore: decorator
@inline function roundQuotient<T>(x: v128, round: usize): v128 {
  return madd<T>(x, constant<T>(LOG2E), constant<T>(round));
}

/** x - n ln2. */
// @ts-ignore: decorator
@inline function remainder<T>(x: v128, n: v128): v128 {
  const r = v128.sub<T>(x, v128.mul<T>(n, constant<T>(LN2_HIGH)));
  return v128.sub<T>(r, v128.mul<T>(n, constant<T>(LN2_LOW)));
}

/** e^r - 1 for |r| <= ln2 / 2. */
// @ts-ignore: decorator
@inline function growth<T>(r: v128): v128 {
  const q = sizeof<T>() == 4 ? poly4<T>(TABLE32, Q, r) : poly9<T>(TABLE64, Q, r);
  return madd<T>(v128.mul<T>(r, r), q, r);
}

// The parts for other functions: for LOWEST <= x < HIGHEST - ln2, e^x = power + power * fraction.

/** x / ln2 rounded, in the form that expPower and expFraction take. */
// @ts-ignore: decorator
@inline export function expQuotient<T>(x: v128): v128 {
  return roundQuotient<T>(x, ROUND_BIASED);
}
/** 2^n. */
// @ts-ignore: decorator
@inline export function expPower<T>(quotient: v128): v128 {
  return toExponent<T>(quotient);
}
/** e^(x - n ln2) - 1. */
// @ts-ignore: decorator
@inline export function expFraction<T>(x: v128, quotient: v128): v128 {
  return growth<T>(remainder<T>(x, v128.sub<T>(quotient, constant<T>(ROUND_BIASED))));
}
/** The same for x + low, with |low| far below 1. */
// @ts-ignore: decorator
@inline export function expFractionLow<T>(x: v128, low: v128, quotient: v128): v128 {
  return growth<T>(v128.add<T>(remainder<T>(x, v128.sub<T>(quotient, constant<T>(ROUND_BIASED))), low));
}
/** The smallest x whose exp is not flushed to 0. */
// @ts-ignore: decorator
@inline export function expLowest<T>(): v128 {
  return constant<T>(LOWEST);
}

// @ts-ignore: decorator
@inline function exp<T>(x: v128): v128 {
  const rounded = roundQuotient<T>(v128.pmin<T>(x, constant<T>(HIGHEST)), ROUND);
  const r = remainder<T>(v128.pmin<T>(x, constant<T>(HIGHEST)), v128.sub<T>(rounded, constant<T>(ROUND)));
  const p = v128.add<T>(constant<T>(ONE), growth<T>(r));
  const bits = toExponent<T>(rounded);
  // From HIGHEST on the exponent overflows into the bits of a NaN, which is not below infinity.
  let y = v128.pmin<T>(constant<T>(INFINITY), sizeof<T>() == 4 ? i32x4.add(p, bits) : i64x2.add(p, bits));
  y = v128.andnot(y, v128.lt<T>(x, constant<T>(LOWEST)));
  return v128.or(y, v128.ne<T>(x, x));
}

// @ts-ignore: decorator
@inline function expm1<T>(x: v128): v128 {
  const clamped = v128.pmax<T>(v128.pmin<T>(x, constant<T>(TOP)), constant<T>(BOTTOM));
  const rounded = roundQuotient<T>(clamped, ROUND_HALF);
  const power = toExponent<T>(rounded); // half of 2^n, which may overflow
  const r = remainder<T>(clamped, v128.sub<T>(rounded, constant<T>(ROUND_HALF)));
  const half = madd<T>(power, growth<T>(r), v128.sub<T>(power, constant<T>(HALF)));
  // The sign is that of x; setting it keeps -0.
  return v128.or(v128.add<T>(half, half), v128.and(x, constant<T>(SIGN)));
}

// @ts-ignore: decorator
@inline export function f32_exp(x: v128): v128 { return exp<f32>(x); }
// @ts-ignore: decorator
@inline export function f64_exp(x: v128): v128 { return exp<f64>(x); }
// @ts-ignore: decorator
@inline export function f32_expm1(x: v128): v128 { return expm1<f32>(x); }
// @ts-ignore: decorator
@inline export function f64_expm1(x: v128): v128 { return expm1<f64>(x); }
