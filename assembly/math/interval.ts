import { f32_normCdf, f64_normCdf } from "./erf";

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

/** Phi(b) - Phi(a). */
// @ts-ignore: decorator
@inline function normInterval<T>(a: v128, b: v128): v128 {
  return v128.add<T>(v128.sub<T>(step<T>(b), step<T>(a)), v128.sub<T>(rest<T>(b), rest<T>(a)));
}

// @ts-ignore: decorator
@inline export function f32_normInterval(a: v128, b: v128): v128 { return normInterval<f32>(a, b); }
// @ts-ignore: decorator
@inline export function f64_normInterval(a: v128, b: v128): v128 { return normInterval<f64>(a, b); }
