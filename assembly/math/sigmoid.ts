/**
 * sigmoid, and the logarithm of it on both sides: softplus(x) = max(x, 0) + log1p(e^-|x|) = -logSigmoid(-x).
 * The sum 1 + e^z = (1 + 2^n) + 2^n (e^r - 1) saves one rounding.
 * Largest errors: sigmoid 1.8 ulp, logSigmoid and softplus 1.6 ulp.
 */

import { expFraction, expLowest, expPower, expQuotient } from "./exp";
import { log1pUnit } from "./log";
import { entry, madd } from "./vector";

const ONE: usize = 0;
const SIGN: usize = 1;
const FLAT: usize = 2; // 1 + e^-x is 1 from here on
const TABLE32 = memory.data<f32>([1.0, -0.0, 18.0]);
const TABLE64 = memory.data<f64>([1.0, -0.0, 40.0]);

// @ts-ignore: decorator
@inline function constant<T>(i: usize): v128 {
  return entry<T>(sizeof<T>() == 4 ? TABLE32 : TABLE64, i);
}

// @ts-ignore: decorator
@inline function sigmoid<T>(x: v128): v128 {
  const lowest = expLowest<T>();
  const z = v128.neg<T>(v128.pmax<T>(v128.pmin<T>(x, constant<T>(FLAT)), lowest));
  const quotient = expQuotient<T>(z);
  const power = expPower<T>(quotient);
  const fraction = expFraction<T>(z, quotient);
  const y = v128.div<T>(constant<T>(ONE), madd<T>(power, fraction, v128.add<T>(constant<T>(ONE), power)));
  return v128.andnot(y, v128.lt<T>(x, lowest));
}

/** log(1 + e^-|x|), 0 where e^-|x| is not a normal number. */
// @ts-ignore: decorator
@inline function excess<T>(x: v128): v128 {
  const lowest = expLowest<T>();
  const z = v128.or(x, constant<T>(SIGN));
  const clamped = v128.pmax<T>(z, lowest);
  const quotient = expQuotient<T>(clamped);
  const power = expPower<T>(quotient);
  const u = madd<T>(power, expFraction<T>(clamped, quotient), power);
  return v128.andnot(log1pUnit<T>(u), v128.lt<T>(z, lowest));
}

// @ts-ignore: decorator
@inline function softplus<T>(x: v128): v128 {
  return v128.add<T>(v128.pmax<T>(x, v128.splat<T>(<T>0)), excess<T>(x));
}

// @ts-ignore: decorator
@inline function logSigmoid<T>(x: v128): v128 {
  return v128.sub<T>(v128.pmin<T>(x, v128.splat<T>(<T>0)), excess<T>(x));
}

// @ts-ignore: decorator
@inline export function f32_sigmoid(x: v128): v128 { return sigmoid<f32>(x); }
// @ts-ignore: decorator
@inline export function f64_sigmoid(x: v128): v128 { return sigmoid<f64>(x); }
// @ts-ignore: decorator
@inline export function f32_logSigmoid(x: v128): v128 { return logSigmoid<f32>(x); }
// @ts-ignore: decorator
@inline export function f64_logSigmoid(x: v128): v128 { return logSigmoid<f64>(x); }
// @ts-ignore: decorator
@inline export function f32_softplus(x: v128): v128 { return softplus<f32>(x); }
// @ts-ignore: decorator
@inline export function f64_softplus(x: v128): v128 { return softplus<f64>(x); }
