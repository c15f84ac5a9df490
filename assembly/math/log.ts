/**
 * log and log1p: x = 2^k m with sqrt(1/2) <= m < sqrt(2), f = m - 1, s = f / (2 + f),
 * log m = f - (f^2/2 - s (f^2/2 + s^2 R(s^2))): the scheme of fdlibm, with own minimax fits of R
 * (error of log m 2e-9 s in f32 and 2e-18 s in f64).
 * Largest errors: log 0.8 ulp, log1p 0.8 ulp, over all inputs with subnormal ones.
 */

import { entry, madd, poly2, poly3, poly6, poly9, select } from "./vector";

// Entries of the tables of bit patterns.
const TO_ONE: usize = 0; // bits of 1 - bits of sqrt(1/2)
const MANTISSA: usize = 1;
const SQRT_HALF: usize = 2;
const INTEGER: usize = 3; // bits of 2^(mantissa bits)
const TO_LEAST: usize = 4; // least integer - bits of the smallest normal number
const NORMAL: usize = 5; // the bits of the largest number, shifted so

const BITS32 = memory.data<i32>([
  0x3f800000 - 0x3f3504f3, 0x007fffff, 0x3f3504f3, 0x4b000000,
  -0x80000000 - 0x00800000, -0x80000000 + 0x7effffff,
]);
const BITS64 = memory.data<i64>([
  0x3ff0000000000000 - 0x3fe6a09e667f3bcd, 0x000fffffffffffff, 0x3fe6a09e667f3bcd, 0x4330000000000000,
  -0x8000000000000000 - 0x0010000000000000, -0x8000000000000000 + 0x7fdfffffffffffff,
]);

// Entries of the tables of numbers.
const EXPONENT: usize = 0; // 2^(mantissa bits) + bias
const LN2_HIGH: usize = 1;
const LN2_LOW: usize = 2;
const ONE: usize = 3;
const TWO: usize = 4;
const HALF: usize = 5;
const INFINITY: usize = 6;
const LEAST: usize = 7; // the smallest normal number
const SCALE: usize = 8; // lifts subnormal numbers into the normal range
const SHIFT: usize = 9; // its logarithm to the base 2
const SIGN: usize = 10;
const R: usize = 11; // on s <= 0.1716
const UNIT: usize = 15; // on s <= 1/3: 4 entries in f32
const UNIT64: usize = 18; // 10 entries in f64

const TABLE32 = memory.data<f32>([
  8388735.0, 6.9313812256e-1, 9.0580006145e-6, 1.0, 2.0, 0.5, Infinity,
  1.1754943508222875e-38, 33554432.0, 25.0, -0.0,
  0.6666677661, 0.3997751788, 0.2987229306, 0.0,
  0.6666641301, 0.4002170418, 0.2799907598, 0.280247211,
]);
const TABLE64 = memory.data<f64>([
  4503599627371519.0, 6.93147180369123816490e-1, 1.90821492927058770002e-10, 1.0, 2.0, 0.5, Infinity,
  2.2250738585072014e-308, 18014398509481984.0, 54.0, -0.0,
  0.66666666666667345254, 0.39999999999413985145, 0.285714287425373785, 0.22222198557898951579,
  0.18183565126235163012, 0.15314029789186558318, 0.14796161266853625535,
  0.66666666666666303536, 0.40000000000157300354, 0.285714285478492562, 0.22222223969917829733,
  0.18181743920724057802, 0.15386559976805143802, 0.13300973225811685401, 0.12106087038703243439,
  0.083401050533987191311, 0.17018558586904000419,
]);

// @ts-ignore: decorator
@inline function constant<T>(i: usize): v128 {
  return entry<T>(sizeof<T>() == 4 ? TABLE32 : TABLE64, i);
}
// @ts-ignore: decorator
@inline function bits<T>(i: usize): v128 {
  return entry<T>(sizeof<T>() == 4 ? BITS32 : BITS64, i);
}
// @ts-ignore: decorator
@inline function addBits<T>(a: v128, b: v128): v128 {
  if (sizeof<T>() == 4) return i32x4.add(a, b);
  return i64x2.add(a, b);
}

/** Bits of x, shifted so that a carry out of the mantissa counts m >= sqrt(2) as the next exponent. */
// @ts-ignore: decorator
@inline function shifted<T>(x: v128): v128 {
  return addBits<T>(x, bits<T>(TO_ONE));
}
/** k. */
// @ts-ignore: decorator
@inline function exponent<T>(moved: v128): v128 {
  const biased = sizeof<T>() == 4 ? i32x4.shr_u(moved, 23) : i64x2.shr_u(moved, 52);
  return v128.sub<T>(v128.or(biased, bits<T>(INTEGER)), constant<T>(EXPONENT));
}
/** m - 1. */
// @ts-ignore: decorator
@inline function fraction<T>(moved: v128): v128 {
  const m = addBits<T>(v128.and(moved, bits<T>(MANTISSA)), bits<T>(SQRT_HALF));
  return v128.sub<T>(m, constant<T>(ONE));
}

/** log(1 + f) + k ln2, for f of `fraction`; `rest` is what LN2_HIGH leaves of k ln2, and small terms. */
// @ts-ignore: decorator
@inline function assemble<T>(f: v128, k: v128, rest: v128): v128 {
  const s = v128.div<T>(f, v128.add<T>(f, constant<T>(TWO)));
  const z = v128.mul<T>(s, s);
  const r = v128.mul<T>(z, sizeof<T>() == 4 ? poly2<T>(TABLE32, R, z) : poly6<T>(TABLE64, R, z));
  const h = v128.mul<T>(v128.mul<T>(f, f), constant<T>(HALF));
  const tail = madd<T>(s, v128.add<T>(h, r), rest);
  return madd<T>(k, constant<T>(LN2_HIGH), v128.sub<T>(f, v128.sub<T>(h, tail)));
}

/** log of a positive normal number. */
// @ts-ignore: decorator
@inline export function logNormal<T>(x: v128): v128 {
  const moved = shifted<T>(x);
  const k = exponent<T>(moved);
  return assemble<T>(fraction<T>(moved), k, v128.mul<T>(k, constant<T>(LN2_LOW)));
}

/** log(x + low) for a positive normal x and |low| <= ulp(x). */
// @ts-ignore: decorator
@inline export function logSum<T>(x: v128, low: v128): v128 {
  const moved = shifted<T>(x);
  const k = exponent<T>(moved);
  return assemble<T>(fraction<T>(moved), k, madd<T>(k, constant<T>(LN2_LOW), v128.div<T>(low, x)));
}

/** log(1 + u) for 0 <= u <= 1. */
// @ts-ignore: decorator
@inline export function log1pUnit<T>(u: v128): v128 {
  const s = v128.div<T>(u, v128.add<T>(u, constant<T>(TWO)));
  const z = v128.mul<T>(s, s);
  const r = v128.mul<T>(z, sizeof<T>() == 4 ? poly3<T>(TABLE32, UNIT, z) : poly9<T>(TABLE64, UNIT64, z));
  const h = v128.mul<T>(v128.mul<T>(u, u), constant<T>(HALF));
  return v128.sub<T>(u, v128.sub<T>(h, v128.mul<T>(s, v128.add<T>(h, r))));
}

/** The values at 0, negative numbers, infinity and NaN. */
// @ts-ignore: decorator
@inline function edges<T>(x: v128, y: v128): v128 {
  const zero = v128.splat<T>(<T>0);
  const finite = select(v128.lt<T>(x, constant<T>(INFINITY)), y, x);
  const full = select(v128.eq<T>(x, zero), v128.neg<T>(constant<T>(INFINITY)), finite);
  return v128.or(full, v128.lt<T>(x, zero));
}

/** log of anything. */
// @ts-ignore: decorator
@inline function logAny<T>(x: v128): v128 {
  const tiny = v128.lt<T>(x, constant<T>(LEAST));
  const moved = shifted<T>(select(tiny, v128.mul<T>(x, constant<T>(SCALE)), x));
  const k = v128.sub<T>(exponent<T>(moved), v128.and(tiny, constant<T>(SHIFT)));
  return edges<T>(x, assemble<T>(fraction<T>(moved), k, v128.mul<T>(k, constant<T>(LN2_LOW))));
}

/** log(1 + x) for -1 < x < infinity. */
// @ts-ignore: decorator
@inline function log1pFinite<T>(x: v128): v128 {
  const u = v128.add<T>(constant<T>(ONE), x);
  const back = v128.sub<T>(u, constant<T>(ONE));
  const low = v128.add<T>(v128.sub<T>(constant<T>(ONE), v128.sub<T>(u, back)), v128.sub<T>(x, back));
  return v128.or(logSum<T>(u, low), v128.and(x, constant<T>(SIGN))); // the sign keeps -0
}

// The rare paths are calls, so that the loops stay small.

function log32(x: v128): v128 { return logAny<f32>(x); }
function log64(x: v128): v128 { return logAny<f64>(x); }
function log1p32(x: v128): v128 { return edges<f32>(f32x4.add(x, f32x4.splat(1.0)), log1pFinite<f32>(x)); }
function log1p64(x: v128): v128 { return edges<f64>(f64x2.add(x, f64x2.splat(1.0)), log1pFinite<f64>(x)); }

// @ts-ignore: decorator
@inline export function f32_log(x: v128): v128 {
  const rare = i32x4.gt_s(i32x4.add(x, bits<f32>(TO_LEAST)), bits<f32>(NORMAL));
  return v128.any_true(rare) ? log32(x) : logNormal<f32>(x);
}
// @ts-ignore: decorator
@inline export function f64_log(x: v128): v128 {
  const rare = i64x2.gt_s(i64x2.add(x, bits<f64>(TO_LEAST)), bits<f64>(NORMAL));
  return v128.any_true(rare) ? log64(x) : logNormal<f64>(x);
}
// @ts-ignore: decorator
@inline export function f32_log1p(x: v128): v128 {
  const usual = v128.and(f32x4.gt(x, f32x4.splat(-1.0)), f32x4.lt(x, constant<f32>(INFINITY)));
  return i32x4.all_true(usual) ? log1pFinite<f32>(x) : log1p32(x);
}
// @ts-ignore: decorator
@inline export function f64_log1p(x: v128): v128 {
  const usual = v128.and(f64x2.gt(x, f64x2.splat(-1.0)), f64x2.lt(x, constant<f64>(INFINITY)));
  return i64x2.all_true(usual) ? log1pFinite<f64>(x) : log1p64(x);
}
