/** Comparisons (1 or 0; 0 with NaN), and the selections built on them. */

import { select } from "./vector";

/** The number 1 where the mask is set, else 0. */
// @ts-ignore: decorator
@inline function flag<T>(mask: v128): v128 {
  return v128.and(mask, v128.splat<T>(<T>1));
}

/** c != 0 ? a : b. */
// @ts-ignore: decorator
@inline function where<T>(c: v128, a: v128, b: v128): v128 {
  return select(v128.ne<T>(c, v128.splat<T>(<T>0)), a, b);
}

/** x where y > 0, else 0: the cotangent of relu. */
// @ts-ignore: decorator
@inline function gate<T>(x: v128, y: v128): v128 {
  return v128.and(x, v128.gt<T>(y, v128.splat<T>(<T>0)));
}

/** x y, and 0 where x is 0 even if y is infinite or NaN: the strong zero of cotangents. */
// @ts-ignore: decorator
@inline function safeMul<T>(x: v128, y: v128): v128 {
  return v128.and(v128.mul<T>(x, y), v128.ne<T>(x, v128.splat<T>(<T>0)));
}

/** x y, and 0 where one of them is 0 even if the other is infinite or NaN: a product of two cotangents. */
// @ts-ignore: decorator
@inline function zeroMul<T>(x: v128, y: v128): v128 {
  return v128.and(safeMul<T>(x, y), v128.ne<T>(y, v128.splat<T>(<T>0)));
}

// @ts-ignore: decorator
@inline export function f32_lt(x: v128, y: v128): v128 { return flag<f32>(f32x4.lt(x, y)); }
// @ts-ignore: decorator
@inline export function f64_lt(x: v128, y: v128): v128 { return flag<f64>(f64x2.lt(x, y)); }
// @ts-ignore: decorator
@inline export function i32_lt(x: v128, y: v128): v128 { return flag<i32>(i32x4.lt_s(x, y)); }
// @ts-ignore: decorator
@inline export function f32_le(x: v128, y: v128): v128 { return flag<f32>(f32x4.le(x, y)); }
// @ts-ignore: decorator
@inline export function f64_le(x: v128, y: v128): v128 { return flag<f64>(f64x2.le(x, y)); }
// @ts-ignore: decorator
@inline export function i32_le(x: v128, y: v128): v128 { return flag<i32>(i32x4.le_s(x, y)); }
// @ts-ignore: decorator
@inline export function f32_eq(x: v128, y: v128): v128 { return flag<f32>(f32x4.eq(x, y)); }
// @ts-ignore: decorator
@inline export function f64_eq(x: v128, y: v128): v128 { return flag<f64>(f64x2.eq(x, y)); }
// @ts-ignore: decorator
@inline export function i32_eq(x: v128, y: v128): v128 { return flag<i32>(i32x4.eq(x, y)); }
// @ts-ignore: decorator
@inline export function f32_safeMul(x: v128, y: v128): v128 { return safeMul<f32>(x, y); }
// @ts-ignore: decorator
@inline export function f64_safeMul(x: v128, y: v128): v128 { return safeMul<f64>(x, y); }
// @ts-ignore: decorator
@inline export function f32_zeroMul(x: v128, y: v128): v128 { return zeroMul<f32>(x, y); }
// @ts-ignore: decorator
@inline export function f64_zeroMul(x: v128, y: v128): v128 { return zeroMul<f64>(x, y); }
// @ts-ignore: decorator
@inline export function f32_gate(x: v128, y: v128): v128 { return gate<f32>(x, y); }
// @ts-ignore: decorator
@inline export function f64_gate(x: v128, y: v128): v128 { return gate<f64>(x, y); }
// @ts-ignore: decorator
@inline export function f32_where(x: v128, y: v128, z: v128): v128 { return where<f32>(x, y, z); }
// @ts-ignore: decorator
@inline export function f64_where(x: v128, y: v128, z: v128): v128 { return where<f64>(x, y, z); }
// @ts-ignore: decorator
@inline export function f32_clip(x: v128, y: v128, z: v128): v128 { return f32x4.min(f32x4.max(x, y), z); }
// @ts-ignore: decorator
@inline export function f64_clip(x: v128, y: v128, z: v128): v128 { return f64x2.min(f64x2.max(x, y), z); }
