/**
 * sin, cos and atan2.
 * sin, cos: x = n pi/2 + r with pi/2 in parts of 33 bits (fdlibm), whose products with n < 2^20 are exact,
 * then polynomials of r (own minimax fits: f64 3e-18, f32 4e-9). f32 reduces in f64. Beyond |x| = 1e6, and
 * for infinity and NaN, AssemblyScript's scalar functions (fdlibm, Payne & Hanek) serve.
 * atan2: one quotient in [-tan(pi/8), tan(pi/8)] and an odd polynomial (own fit, 1e-18).
 * Largest errors: sin, cos 2.2 ulp, atan2 1.6 ulp; f32: 1.5, 0.5.
 */

import { entry, high, join, low, madd, poly2, poly5, poly10, select } from "./vector";

// Entries of the tables; S and C are the polynomials of sin and cos.
const TWO_OVER_PI: usize = 0;
const ROUND: usize = 1;
const PIO2_1: usize = 2; // 33 bits
const PIO2_2: usize = 3; // the next 33 bits
const PIO2_3: usize = 4; // the rest
const PIO2_2F: usize = 5; // the rest after PIO2_1
const LIMIT: usize = 6;
const S64: usize = 7;
const C64: usize = 13;
const TABLE64 = memory.data<f64>([
  6.36619772367581382433e-1, 6755399441055744.0, 1.57079632673412561417, 6.07710050630396597660e-11,
  2.02226624879595063154e-21, 6.07710050650619224932e-11, 1e6,
  -0.16666666666666631759, 0.0083333333333223508076, -0.00019841269829758578343, 2.7557313674926540391e-6,
  -2.5050755446042884146e-8, 1.5896639695522533211e-10,
  0.041666666666666598992, -0.0013888888888874040916, 0.000024801587289430227875, -2.7557314337202187281e-7,
  2.087572119326712343e-9, -1.1359538694266264532e-11,
]);
const S32: usize = 0;
const C32: usize = 3;
const TABLE32 = memory.data<f32>([
  -0.1666665489, 0.008332175025, -0.0001951688802, 0.04166664679, -0.001388736373, 2.443801515e-5,
]);

/** sin r, for |r| <= pi/4. */
// @ts-ignore: decorator
@inline function sinPart<T>(r: v128, z: v128): v128 {
  const p = sizeof<T>() == 4 ? poly2<T>(TABLE32, S32, z) : poly5<T>(TABLE64, S64, z);
  return madd<T>(v128.mul<T>(r, z), p, r);
}
/** cos r, with z = r^2; 1 - z/2 is completed by what its rounding lost. */
// @ts-ignore: decorator
@inline function cosPart<T>(z: v128): v128 {
  const p = sizeof<T>() == 4 ? poly2<T>(TABLE32, C32, z) : poly5<T>(TABLE64, C64, z);
  const h = v128.mul<T>(z, v128.splat<T>(<T>0.5));
  const w = v128.sub<T>(v128.splat<T>(<T>1), h);
  const lost = v128.sub<T>(v128.sub<T>(v128.splat<T>(<T>1), w), h);
  return v128.add<T>(w, madd<T>(v128.mul<T>(z, z), p, lost));
}

/** n, plus the rounding constant. */
// @ts-ignore: decorator
@inline function quadrant(a: v128): v128 {
  return madd<f64>(a, entry<f64>(TABLE64, TWO_OVER_PI), entry<f64>(TABLE64, ROUND));
}
/** a - n pi/2, to f64. */
// @ts-ignore: decorator
@inline function reduce(a: v128, rounded: v128): v128 {
  const n = f64x2.sub(rounded, entry<f64>(TABLE64, ROUND));
  const first = f64x2.sub(a, f64x2.mul(n, entry<f64>(TABLE64, PIO2_1)));
  const second = f64x2.sub(first, f64x2.mul(n, entry<f64>(TABLE64, PIO2_2)));
  return f64x2.sub(second, f64x2.mul(n, entry<f64>(TABLE64, PIO2_3)));
}
/** a - n pi/2, to more than f32. */
// @ts-ignore: decorator
@inline function reduceShort(a: v128, rounded: v128): v128 {
  const n = f64x2.sub(rounded, entry<f64>(TABLE64, ROUND));
  const first = f64x2.sub(a, f64x2.mul(n, entry<f64>(TABLE64, PIO2_1)));
  return f64x2.sub(first, f64x2.mul(n, entry<f64>(TABLE64, PIO2_2F)));
}

// The quadrant q is in the low bits: odd ones swap sin and cos, bit 1 is the sign.

// @ts-ignore: decorator
@inline function sin64(x: v128): v128 {
  const a = f64x2.abs(x);
  const q = quadrant(a);
  const r = reduce(a, q);
  const z = f64x2.mul(r, r);
  const odd = i64x2.eq(v128.and(q, i64x2.splat(1)), i64x2.splat(1));
  const y = select(odd, cosPart<f64>(z), sinPart<f64>(r, z));
  const flip = v128.xor(i64x2.shl(q, 62), x);
  return v128.xor(y, v128.and(flip, f64x2.splat(-0.0)));
}
// @ts-ignore: decorator
@inline function cos64(x: v128): v128 {
  const a = f64x2.abs(x);
  const q = quadrant(a);
  const r = reduce(a, q);
  const z = f64x2.mul(r, r);
  const odd = i64x2.eq(v128.and(q, i64x2.splat(1)), i64x2.splat(1));
  const y = select(odd, sinPart<f64>(r, z), cosPart<f64>(z));
  const flip = i64x2.shl(i64x2.add(q, i64x2.splat(1)), 62);
  return v128.xor(y, v128.and(flip, f64x2.splat(-0.0)));
}
// @ts-ignore: decorator
@inline function sin32(x: v128): v128 {
  const a = f32x4.abs(x);
  const lowQ = quadrant(low(a));
  const highQ = quadrant(high(a));
  const r = join(reduceShort(low(a), lowQ), reduceShort(high(a), highQ));
  const q = v128.shuffle<i32>(lowQ, highQ, 0, 2, 4, 6);
  const z = f32x4.mul(r, r);
  const odd = i32x4.eq(v128.and(q, i32x4.splat(1)), i32x4.splat(1));
  const y = select(odd, cosPart<f32>(z), sinPart<f32>(r, z));
  const flip = v128.xor(i32x4.shl(q, 30), x);
  return v128.xor(y, v128.and(flip, f32x4.splat(-0.0)));
}
// @ts-ignore: decorator
@inline function cos32(x: v128): v128 {
  const a = f32x4.abs(x);
  const lowQ = quadrant(low(a));
  const highQ = quadrant(high(a));
  const r = join(reduceShort(low(a), lowQ), reduceShort(high(a), highQ));
  const q = v128.shuffle<i32>(lowQ, highQ, 0, 2, 4, 6);
  const z = f32x4.mul(r, r);
  const odd = i32x4.eq(v128.and(q, i32x4.splat(1)), i32x4.splat(1));
  const y = select(odd, sinPart<f32>(r, z), cosPart<f32>(z));
  const flip = i32x4.shl(i32x4.add(q, i32x4.splat(1)), 30);
  return v128.xor(y, v128.and(flip, f32x4.splat(-0.0)));
}

// Beyond the range, lane by lane; a lane does not depend on its neighbours.

function scalarSin(x: v128): v128 {
  const y = f64x2.splat(Math.sin(f64x2.extract_lane(x, 0)));
  return f64x2.replace_lane(y, 1, Math.sin(f64x2.extract_lane(x, 1)));
}
function scalarCos(x: v128): v128 {
  const y = f64x2.splat(Math.cos(f64x2.extract_lane(x, 0)));
  return f64x2.replace_lane(y, 1, Math.cos(f64x2.extract_lane(x, 1)));
}
function anySin64(x: v128): v128 { return select(usual64(x), sin64(x), scalarSin(x)); }
function anyCos64(x: v128): v128 { return select(usual64(x), cos64(x), scalarCos(x)); }
function anySin32(x: v128): v128 {
  return select(usual32(x), sin32(x), join(scalarSin(low(x)), scalarSin(high(x))));
}
function anyCos32(x: v128): v128 {
  return select(usual32(x), cos32(x), join(scalarCos(low(x)), scalarCos(high(x))));
}

// @ts-ignore: decorator
@inline function usual32(x: v128): v128 {
  return f32x4.lt(f32x4.abs(x), f32x4.splat(1e6));
}
// @ts-ignore: decorator
@inline function usual64(x: v128): v128 {
  return f64x2.lt(f64x2.abs(x), entry<f64>(TABLE64, LIMIT));
}

// @ts-ignore: decorator
@inline export function f32_sin(x: v128): v128 { return i32x4.all_true(usual32(x)) ? sin32(x) : anySin32(x); }
// @ts-ignore: decorator
@inline export function f64_sin(x: v128): v128 { return i64x2.all_true(usual64(x)) ? sin64(x) : anySin64(x); }
// @ts-ignore: decorator
@inline export function f32_cos(x: v128): v128 { return i32x4.all_true(usual32(x)) ? cos32(x) : anyCos32(x); }
// @ts-ignore: decorator
@inline export function f64_cos(x: v128): v128 { return i64x2.all_true(usual64(x)) ? cos64(x) : anyCos64(x); }

// Entries of the table of atan2; then its polynomial.
const TAN_PIO8: usize = 0;
const PIO4: usize = 1;
const PIO2: usize = 2;
const PIO2_LOW: usize = 3;
const PI: usize = 4;
const PI_LOW: usize = 5;
const ATAN: usize = 6;
const ATAN2 = memory.data<f64>([
  0.41421356237309504880, 0.78539816339744830962, 1.5707963267948966192, 6.123233995736766036e-17,
  3.1415926535897932385, 1.2246467991473532072e-16,
  -0.33333333333333198575, 0.19999999999953938184, -0.14285714280234668762, 0.11111110785468829397,
  -0.090908978177176407434, 0.076920613111676070488, -0.066631167471525730423, 0.058479828756587845486,
  -0.050397298084407376867, 0.038075417309330819447, -0.017919134014589052429,
]);

/** The angle of the point (x, y), whose coordinates are finite and not both 0. */
// @ts-ignore: decorator
@inline function angle(y: v128, x: v128): v128 {
  const a = f64x2.abs(x);
  const b = f64x2.abs(y);
  const steep = f64x2.gt(b, a);
  const larger = f64x2.pmax(a, b);
  const smaller = f64x2.pmin(a, b);
  const wide = f64x2.gt(smaller, f64x2.mul(larger, entry<f64>(ATAN2, TAN_PIO8)));
  const numerator = select(wide, f64x2.sub(smaller, larger), smaller);
  const denominator = f64x2.add(larger, v128.and(smaller, wide));
  const t = f64x2.div(numerator, denominator);
  const z = f64x2.mul(t, t);
  let r = madd<f64>(f64x2.mul(t, z), poly10<f64>(ATAN2, ATAN, z), t);
  const lowWide = f64x2.mul(entry<f64>(ATAN2, PIO2_LOW), f64x2.splat(0.5));
  r = f64x2.add(v128.and(entry<f64>(ATAN2, PIO4), wide), f64x2.add(r, v128.and(lowWide, wide)));
  r = select(steep, f64x2.sub(entry<f64>(ATAN2, PIO2), f64x2.sub(r, entry<f64>(ATAN2, PIO2_LOW))), r);
  const left = i64x2.shr_s(x, 63);
  r = select(left, f64x2.sub(entry<f64>(ATAN2, PI), f64x2.sub(r, entry<f64>(ATAN2, PI_LOW))), r);
  return v128.or(r, v128.and(y, f64x2.splat(-0.0)));
}

function scalarAngle(y: v128, x: v128): v128 {
  const first = Math.atan2(f64x2.extract_lane(y, 0), f64x2.extract_lane(x, 0));
  const second = Math.atan2(f64x2.extract_lane(y, 1), f64x2.extract_lane(x, 1));
  return f64x2.replace_lane(f64x2.splat(first), 1, second);
}

function angle64(y: v128, x: v128): v128 {
  const larger = f64x2.max(f64x2.abs(x), f64x2.abs(y));
  const usual = v128.and(f64x2.gt(larger, f64x2.splat(1e-290)), f64x2.lt(larger, f64x2.splat(1e300)));
  const result = angle(y, x);
  return i64x2.all_true(usual) ? result : select(usual, result, scalarAngle(y, x));
}

// @ts-ignore: decorator
@inline export function f32_atan2(y: v128, x: v128): v128 {
  return join(angle64(low(y), low(x)), angle64(high(y), high(x)));
}
// @ts-ignore: decorator
@inline export function f64_atan2(y: v128, x: v128): v128 { return angle64(y, x); }
