import { squaresOrder } from "../generated/agreed";
import { bell, f64_normPdf, mills } from "../math/erf";
import { entry, madd, poly5, poly6 } from "../math/vector";

/**
 * D of order 0 is the normal distribution function Phi, and D of order k > 0 its k-th derivative
 * (-1)^(k-1) He_(k-1)(z) phi(z), with the Hermite polynomials He_(n+1) = z He_n - n He_(n-1).
 */

/** In place of an order: squares of differences of order 0. */
export const SQUARES: u32 = <u32>squaresOrder;

/** From this |z| on every D is taken as 0 or 1: phi is subnormal (f64), or Phi(-|z|) is below 1e-38 (f32). */
// @ts-ignore: decorator
@inline export function reach<X>(): f64 {
  return sizeof<X>() == 4 ? 13.0 : 38.5;
}

/** z held where its powers times phi = 0 are 0. */
// @ts-ignore: decorator
@inline export function held(z: v128): v128 {
  return f64x2.pmin(f64x2.pmax(z, f64x2.splat(-40.0)), f64x2.splat(40.0));
}

/** phi(z). */
// @ts-ignore: decorator
@inline export function density<X>(z: v128): v128 {
  return sizeof<X>() == 4 ? f32x4.mul(gauss(z), entry<f32>(K, 10)) : f64_normPdf(z);
}

/**
 * All bits where z is not below 0, by its sign: what a quotient that vanished leaves of the order of edge and event, so
 * that the step is where it is counted.
 */
// @ts-ignore: decorator
@inline export function upper<X>(z: v128): v128 {
  return sizeof<X>() == 4 ? i32x4.ge_s(z, i64x2.splat(0)) : i64x2.ge_s(z, i64x2.splat(0));
}

/** Phi(z) less its step: Phi(z) below 0, and Phi(z) - 1 from 0 on. It is small in both tails. */
// @ts-ignore: decorator
@inline export function rest<X>(z: v128): v128 {
  const a = v128.abs<X>(z);
  return towards<X>(z, sizeof<X>() == 4 ? tail(a) : f64x2.mul(bell<f64>(a), mills<f64>(a)));
}

/** The same in f64 from exp(-z^2 / 2). */
// @ts-ignore: decorator
@inline export function restOf(z: v128, peak: v128): v128 {
  return towards<f64>(z, f64x2.mul(peak, mills<f64>(f64x2.abs(z))));
}

// @ts-ignore: decorator
@inline function towards<X>(z: v128, q: v128): v128 {
  return v128.xor(q, v128.andnot(v128.splat<X>(<X>-0.0), z));
}

/**
 * Phi(-a) in f32: exp(-a^2/2) times a polynomial in t = 1 / (1 + 0.34 a), the form of Abramowitz & Stegun 7.1.26 with
 * two more powers of t (own minimax fit on a <= 12: absolute error 2e-8, relative 5e-6).
 */
// @ts-ignore: decorator
@inline function tail(a: v128): v128 {
  const one = entry<f32>(K, 11);
  const t = f32x4.div(one, madd<f32>(a, entry<f32>(K, 12), one));
  return f32x4.mul(f32x4.mul(poly6<f32>(K, 13, t), t), gauss(a));
}

/** exp(-z^2/2) in f32: 2^n 2^f with a minimax polynomial for 2^f (relative error 8e-8); 0 from |z| = 12 on. */
// @ts-ignore: decorator
@inline function gauss(z: v128): v128 {
  const s = f32x4.pmax(f32x4.mul(f32x4.mul(z, entry<f32>(K, 0)), z), entry<f32>(K, 1));
  const n = f32x4.add(s, entry<f32>(K, 2));
  const f = f32x4.sub(s, f32x4.sub(n, entry<f32>(K, 2)));
  const e = i32x4.add(poly5<f32>(K, 4, f), i32x4.shl(n, 23));
  return v128.andnot(e, f32x4.lt(s, entry<f32>(K, 3)));
}

// gauss: -log2(e)/2, least exponent, rounding constant, cut, 2^f (6); 1/sqrt(2 pi), 1, tail: 0.34, polynomial (7).
const K = memory.data<f32>([
  -0.72134752044448170368, -110.0, 12582912.0, -104.0,
  1.00000007165, 0.693146967067, 0.240221197247, 0.0555071325874, 0.00967554136335, 0.00132764778088,
  0.39894228040143267794, 1.0, 0.34,
  0.135981317594, 0.130258070007, 0.154270551023, -0.0255857132682, 0.257993288365, -0.196849599748, 0.0439320649514,
]);
