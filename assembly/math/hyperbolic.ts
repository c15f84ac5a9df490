/**
 * tanh, sinh and cosh from e^a = 2^n (1 + fraction) with a = |x|. Differences from 1 are taken as
 * (2^n - 1) + 2^n fraction, which keeps the relative accuracy near 0.
 * Largest errors: tanh 2.3 ulp, sinh 2.2 ulp, cosh 1.3 ulp.
 */

import { expFraction, expPower, expQuotient } from "./exp";
import { entry, madd } from "./vector";

const ONE: usize = 0;
const TWO: usize = 1;
const SIGN: usize = 2;
const QUARTER: usize = 3;
const SIXTEENTH: usize = 4;
const FLAT: usize = 5; // tanh(FLAT / 2) is 1
const TOP: usize = 6; // sinh and cosh overflow before
const TABLE32 = memory.data<f32>([1.0, 2.0, -0.0, 0.25, 0.0625, 20.0, 89.5]);
const TABLE64 = memory.data<f64>([1.0, 2.0, -0.0, 0.25, 0.0625, 40.0, 710.6]);

// @ts-ignore: decorator
@inline function constant<T>(i: usize): v128 {
  return entry<T>(sizeof<T>() == 4 ? TABLE32 : TABLE64, i);
}

/** (e^2a - 1) / (e^2a + 1), with the sign of x. */
// @ts-ignore: decorator
@inline function tanh<T>(x: v128): v128 {
  const a = v128.andnot(x, constant<T>(SIGN));
  const z = v128.pmin<T>(v128.add<T>(a, a), constant<T>(FLAT));
  const quotient = expQuotient<T>(z);
  const power = expPower<T>(quotient);
  const less = madd<T>(power, expFraction<T>(z, quotient), v128.sub<T>(power, constant<T>(ONE)));
  const y = v128.div<T>(less, v128.add<T>(less, constant<T>(TWO)));
  return v128.or(y, v128.and(x, constant<T>(SIGN)));
}

// sinh and cosh work with a quarter of e^a, which does not overflow before they do.

/** E + E / (E + 1) over 2, with E = e^a - 1. */
// @ts-ignore: decorator
@inline function sinh<T>(x: v128): v128 {
  const a = v128.pmin<T>(v128.andnot(x, constant<T>(SIGN)), constant<T>(TOP));
  const quotient = expQuotient<T>(a);
  const power = expPower<T>(v128.sub<T>(quotient, constant<T>(TWO)));
  const rest = v128.mul<T>(power, expFraction<T>(a, quotient));
  const less = v128.add<T>(v128.sub<T>(power, constant<T>(QUARTER)), rest);
  const full = v128.add<T>(power, rest);
  const half = madd<T>(constant<T>(QUARTER), v128.div<T>(less, full), less);
  return v128.or(v128.add<T>(half, half), v128.and(x, constant<T>(SIGN)));
}

/** (e^a + e^-a) / 2. */
// @ts-ignore: decorator
@inline function cosh<T>(x: v128): v128 {
  const a = v128.pmin<T>(v128.andnot(x, constant<T>(SIGN)), constant<T>(TOP));
  const quotient = expQuotient<T>(a);
  const power = expPower<T>(v128.sub<T>(quotient, constant<T>(TWO)));
  const full = madd<T>(power, expFraction<T>(a, quotient), power);
  const half = v128.add<T>(full, v128.div<T>(constant<T>(SIXTEENTH), full));
  return v128.add<T>(half, half);
}

// @ts-ignore: decorator
@inline export function f32_tanh(x: v128): v128 { return tanh<f32>(x); }
// @ts-ignore: decorator
@inline export function f64_tanh(x: v128): v128 { return tanh<f64>(x); }
// @ts-ignore: decorator
@inline export function f32_sinh(x: v128): v128 { return sinh<f32>(x); }
// @ts-ignore: decorator
@inline export function f64_sinh(x: v128): v128 { return sinh<f64>(x); }
// @ts-ignore: decorator
@inline export function f32_cosh(x: v128): v128 { return cosh<f32>(x); }
// @ts-ignore: decorator
@inline export function f64_cosh(x: v128): v128 { return cosh<f64>(x); }
