/**
 * tanh, sinh and cosh from e^a = 2^n (1 + fraction) with a = |x|. Differences from 1 are taken as
 * (2^n - 1) + 2^n fraction, which keeps the relative accuracy near 0.
 * Largest errors: tanh 2.5 ulp, sinh 2.2 ulp, cosh 1.3 ulp.
 */

import { expFraction, expPower, expQuotient } from "./exp";
import { entry, madd, poly4 } from "./vector";

const ONE: usize = 0;
const TWO: usize = 1;
const SIGN: usize = 2;
const QUARTER: usize = 3;
const SIXTEENTH: usize = 4;
const FLAT: usize = 5; // tanh of it is 1
const TOP: usize = 6; // sinh and cosh overflow before
const TABLE32 = memory.data<f32>([1.0, 2.0, -0.0, 0.25, 0.0625, 10.0, 89.5]);
const TABLE64 = memory.data<f64>([1.0, 2.0, -0.0, 0.25, 0.0625, 20.0, 710.6]);

// @ts-ignore: decorator
@inline function constant<T>(i: usize): v128 {
  return entry<T>(sizeof<T>() == 4 ? TABLE32 : TABLE64, i);
}

// tanh in f32: as in exp.ts, but for e^2r - 1 = 2 r + r^2 P(r), and with ln2 in one part, as the places where that
// is not enough are those where tanh is near 1.
const TWO_LOG2E: usize = 0;
const ROUND: usize = 1;
const HALF_LN2: usize = 2;
const P: usize = 3;
const TANH32 = memory.data<f32>([
  2.88539008177792681, 12583039.0, 0.34657359027997265,
  2.000000038, 1.3333214872, 0.66665928432, 0.267805418368, 0.089283363904,
]);

/** (e^2a - 1) / (e^2a + 1), with the sign of x. */
// @ts-ignore: decorator
@inline function tanh32(x: v128): v128 {
  const a = f32x4.pmin(v128.andnot(x, constant<f32>(SIGN)), constant<f32>(FLAT));
  const quotient = madd<f32>(a, entry<f32>(TANH32, TWO_LOG2E), entry<f32>(TANH32, ROUND));
  const power = expPower<f32>(quotient);
  const n = f32x4.sub(quotient, entry<f32>(TANH32, ROUND));
  const r = f32x4.sub(a, f32x4.mul(n, entry<f32>(TANH32, HALF_LN2)));
  const fraction = madd<f32>(f32x4.mul(r, r), poly4<f32>(TANH32, P, r), f32x4.add(r, r));
  return signed<f32>(madd<f32>(power, fraction, f32x4.sub(power, constant<f32>(ONE))), x);
}
// @ts-ignore: decorator
@inline function tanh64(x: v128): v128 {
  const a = f64x2.pmin(v128.andnot(x, constant<f64>(SIGN)), constant<f64>(FLAT));
  const z = f64x2.add(a, a);
  const quotient = expQuotient<f64>(z);
  const power = expPower<f64>(quotient);
  const fraction = expFraction<f64>(z, quotient);
  return signed<f64>(madd<f64>(power, fraction, f64x2.sub(power, constant<f64>(ONE))), x);
}
/** E / (E + 2) with the sign of x. */
// @ts-ignore: decorator
@inline function signed<T>(e: v128, x: v128): v128 {
  return v128.or(v128.div<T>(e, v128.add<T>(e, constant<T>(TWO))), v128.and(x, constant<T>(SIGN)));
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
@inline export function f32_tanh(x: v128): v128 { return tanh32(x); }
// @ts-ignore: decorator
@inline export function f64_tanh(x: v128): v128 { return tanh64(x); }
// @ts-ignore: decorator
@inline export function f32_sinh(x: v128): v128 { return sinh<f32>(x); }
// @ts-ignore: decorator
@inline export function f64_sinh(x: v128): v128 { return sinh<f64>(x); }
// @ts-ignore: decorator
@inline export function f32_cosh(x: v128): v128 { return cosh<f32>(x); }
// @ts-ignore: decorator
@inline export function f64_cosh(x: v128): v128 { return cosh<f64>(x); }
