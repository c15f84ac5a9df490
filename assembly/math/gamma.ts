/**
 * log |Gamma| and its derivative.
 * lgamma: a rational of x times (x - 1)(x - 2) on [1/2, 5/2], exact at both zeros; the recurrence up to 8;
 * Stirling's series above. digamma: the recurrence up to 8, the asymptotic series above. Both: reflection
 * below 0.
 * Own minimax fits: relative error 3e-17 (rational), 2e-18 (series).
 * Largest errors: lgamma 2.5 ulp, digamma 8 ulp of max(1, |value|); f32 computes in f64: 0.5 ulp.
 */

import { f64_log } from "./log";
import { f64_sin } from "./trig";
import { high, join, low, madd, poly5, poly8, select } from "./vector";

/** Numerator and denominator of lgamma(x) / ((x - 1) (x - 2)). */
const BASE = memory.data<f64>([
  2.7586555381577067822, 116.35674737126027749, 1040.9329622184983928, 3102.7104892904494297,
  3569.1263685139731503, 1604.4878978788227609, 257.89556117625516126, 11.106693282045767759,
  0.029101508587937044958,
  1.0, 69.084803891165935462, 904.51318289731267755, 3835.300602143406661, 6335.5748677054619176,
  4338.84536083320899, 1206.4080013854876462, 120.44033490549730361, 3.0065891386872533157,
]);
/** Of lgamma(x) - (x - 1/2) (log x - 1) - log(2 pi) / 2 + 1/2, in 1 / x^2, times 1 / x; x >= 8. */
const STIRLING = memory.data<f64>([
  0.083333333333333101023, -0.0027777777773576853683, 0.00079365057617285665966, -0.00059518964238153184259,
  0.00083645615941708432107, -0.0016333785235390196728,
]);
/** Of log x - 1 / (2 x) - digamma(x), in 1 / x^2, times 1 / x^2; x >= 8. */
const PSI = memory.data<f64>([
  0.083333333333325808632, -0.0083333333238770594208, 0.0039682500002516775465, -0.0041658971738943013311,
  0.0074994890336685009977, -0.017269804018216832306,
]);

/** For x >= 0 (infinite at 0). */
function lgammaRight(x: v128): v128 {
  const one = f64x2.splat(1.0);
  const large = f64x2.ge(x, f64x2.splat(8.0));
  const small = f64x2.lt(x, f64x2.splat(0.5));
  let y = f64x2.add(x, v128.and(one, small));
  y = select(large, one, y);
  let product = one;
  for (let i = 0; i < 6; i++) {
    const above = f64x2.ge(y, f64x2.splat(2.5));
    y = f64x2.sub(y, v128.and(one, above));
    product = f64x2.mul(product, select(above, y, one));
  }
  const zeros = f64x2.mul(f64x2.sub(y, one), f64x2.sub(y, f64x2.splat(2.0)));
  const base = f64x2.mul(zeros, f64x2.div(poly8<f64>(BASE, 0, y), poly8<f64>(BASE, 9, y)));
  const logarithm = f64_log(select(v128.or(large, small), x, product));
  const below = select(small, f64x2.sub(base, logarithm), f64x2.add(base, logarithm));
  const inverse = f64x2.div(one, x);
  const series = f64x2.mul(inverse, poly5<f64>(STIRLING, 0, f64x2.mul(inverse, inverse)));
  const rest = f64x2.add(f64x2.splat(0.41893853320467274178), series);
  const above = madd<f64>(f64x2.sub(x, f64x2.splat(0.5)), f64x2.sub(logarithm, one), rest);
  return select(large, above, below);
}

/** For x > 0. */
function digammaRight(x: v128): v128 {
  const one = f64x2.splat(1.0);
  let y = x;
  // The sum of 1 / (x + i), as one fraction.
  let numerator = f64x2.splat(0.0);
  let denominator = one;
  for (let i = 0; i < 8; i++) {
    const below = f64x2.lt(y, f64x2.splat(8.0));
    numerator = select(below, madd<f64>(numerator, y, denominator), numerator);
    denominator = f64x2.mul(denominator, select(below, y, one));
    y = f64x2.add(y, v128.and(one, below));
  }
  const inverse = f64x2.div(one, y);
  const z = f64x2.mul(inverse, inverse);
  const series = madd<f64>(z, poly5<f64>(PSI, 0, z), f64x2.mul(inverse, f64x2.splat(0.5)));
  return f64x2.sub(f64x2.sub(f64_log(y), series), f64x2.div(numerator, denominator));
}

/** The distance of x from the nearest integer, with its sign. */
// @ts-ignore: decorator
@inline function toInteger(x: v128): v128 {
  return f64x2.sub(x, f64x2.nearest(x));
}

/** Gamma(x) Gamma(-x) = -pi / (x sin(pi x)). Infinite at the poles. */
function lgammaLeft(x: v128): v128 {
  const a = f64x2.abs(x);
  const sine = f64_sin(f64x2.mul(f64x2.abs(toInteger(a)), f64x2.splat(3.14159265358979323846)));
  const reflected = f64x2.add(f64_log(f64x2.mul(sine, f64x2.splat(0.31830988618379067154))), f64_log(a));
  const y = f64x2.neg(f64x2.add(reflected, lgammaRight(a)));
  return select(f64x2.eq(a, f64x2.splat(Infinity)), a, y);
}

/** digamma(1 - x) - digamma(x) = pi cot(pi x). NaN at the poles. */
function digammaLeft(x: v128): v128 {
  const pi = f64x2.splat(3.14159265358979323846);
  const d = toInteger(x);
  const sine = f64_sin(f64x2.mul(d, pi));
  // The cosine as a sine keeps its relative accuracy near 0.
  const cosine = f64_sin(f64x2.mul(f64x2.sub(f64x2.splat(0.5), f64x2.abs(d)), pi));
  const right = digammaRight(f64x2.sub(f64x2.splat(1.0), x));
  const y = f64x2.sub(right, f64x2.mul(pi, f64x2.div(cosine, sine)));
  return v128.or(y, f64x2.eq(sine, f64x2.splat(0.0)));
}

function lgamma64(x: v128): v128 {
  const left = f64x2.lt(x, f64x2.splat(0.0));
  if (!v128.any_true(left)) return lgammaRight(x);
  return select(left, lgammaLeft(x), lgammaRight(x));
}

function digamma64(x: v128): v128 {
  const left = f64x2.lt(x, f64x2.splat(0.0));
  if (!v128.any_true(left)) return digammaRight(x);
  return select(left, digammaLeft(x), digammaRight(x));
}

// @ts-ignore: decorator
@inline export function f32_lgamma(x: v128): v128 { return join(lgamma64(low(x)), lgamma64(high(x))); }
// @ts-ignore: decorator
@inline export function f64_lgamma(x: v128): v128 { return lgamma64(x); }
// @ts-ignore: decorator
@inline export function f32_digamma(x: v128): v128 { return join(digamma64(low(x)), digamma64(high(x))); }
// @ts-ignore: decorator
@inline export function f64_digamma(x: v128): v128 { return digamma64(x); }
