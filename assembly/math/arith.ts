/** Elementary arithmetic. min, max, relu and sign propagate NaN. */

import { high, join, low, select } from "./vector";

// @ts-ignore: decorator
@inline function sign<T>(x: v128): v128 {
  const zero = v128.splat<T>(<T>0);
  const size = v128.and(v128.splat<T>(<T>1), v128.ne<T>(x, zero));
  const signed = v128.or(size, v128.and(x, v128.splat<T>(<T>-0.0)));
  return v128.or(signed, v128.ne<T>(x, x));
}

// @ts-ignore: decorator
@inline function relu<T>(x: v128): v128 {
  return v128.andnot(x, v128.lt<T>(x, v128.splat<T>(<T>0)));
}

/** x, but 0 where |x| is below 2^-100: subnormal numbers are 50 times slower. */
// @ts-ignore: decorator
@inline function flush<T>(x: v128): v128 {
  return v128.andnot(x, v128.lt<T>(v128.abs<T>(x), v128.splat<T>(<T>7.888609052210118e-31)));
}

/** The smallest f32 that is not below x: of what is rounded down, the next one. */
// @ts-ignore: decorator
@inline export function f64_singleAbove(x: v128): v128 {
  const near = f32x4.demote_f64x2_zero(x);
  const below = f64x2.lt(f64x2.promote_low_f32x4(near), x);
  const next = v128.or(i32x4.shr_s(near, 31), i32x4.splat(1));
  return f64x2.promote_low_f32x4(i32x4.add(near, v128.and(next, i32x4.shuffle(below, below, 0, 2, 0, 2))));
}
// @ts-ignore: decorator
@inline export function f32_singleAbove(x: v128): v128 { return x; }
// @ts-ignore: decorator
@inline export function f32_flush(x: v128): v128 { return flush<f32>(x); }
// @ts-ignore: decorator
@inline export function f64_flush(x: v128): v128 { return flush<f64>(x); }
// @ts-ignore: decorator
@inline export function f32_neg(x: v128): v128 { return f32x4.neg(x); }
// @ts-ignore: decorator
@inline export function f64_neg(x: v128): v128 { return f64x2.neg(x); }
// @ts-ignore: decorator
@inline export function f32_abs(x: v128): v128 { return f32x4.abs(x); }
// @ts-ignore: decorator
@inline export function f64_abs(x: v128): v128 { return f64x2.abs(x); }
// @ts-ignore: decorator
@inline export function f32_sqrt(x: v128): v128 { return f32x4.sqrt(x); }
// @ts-ignore: decorator
@inline export function f64_sqrt(x: v128): v128 { return f64x2.sqrt(x); }
// @ts-ignore: decorator
@inline export function f32_floor(x: v128): v128 { return f32x4.floor(x); }
// @ts-ignore: decorator
@inline export function f64_floor(x: v128): v128 { return f64x2.floor(x); }
// @ts-ignore: decorator
@inline export function f32_sign(x: v128): v128 { return sign<f32>(x); }
// @ts-ignore: decorator
@inline export function f64_sign(x: v128): v128 { return sign<f64>(x); }
// @ts-ignore: decorator
@inline export function f32_relu(x: v128): v128 { return relu<f32>(x); }
// @ts-ignore: decorator
@inline export function f64_relu(x: v128): v128 { return relu<f64>(x); }
// @ts-ignore: decorator
@inline export function f32_add(x: v128, y: v128): v128 { return f32x4.add(x, y); }
// @ts-ignore: decorator
@inline export function f64_add(x: v128, y: v128): v128 { return f64x2.add(x, y); }
// @ts-ignore: decorator
@inline export function f32_sub(x: v128, y: v128): v128 { return f32x4.sub(x, y); }
// @ts-ignore: decorator
@inline export function f64_sub(x: v128, y: v128): v128 { return f64x2.sub(x, y); }
// @ts-ignore: decorator
@inline export function f32_mul(x: v128, y: v128): v128 { return f32x4.mul(x, y); }
// @ts-ignore: decorator
@inline export function f64_mul(x: v128, y: v128): v128 { return f64x2.mul(x, y); }
// @ts-ignore: decorator
@inline export function f32_div(x: v128, y: v128): v128 { return f32x4.div(x, y); }
// @ts-ignore: decorator
@inline export function f64_div(x: v128, y: v128): v128 { return f64x2.div(x, y); }
// @ts-ignore: decorator
@inline export function f32_min(x: v128, y: v128): v128 { return f32x4.min(x, y); }
// @ts-ignore: decorator
@inline export function f64_min(x: v128, y: v128): v128 { return f64x2.min(x, y); }
// @ts-ignore: decorator
@inline export function f32_max(x: v128, y: v128): v128 { return f32x4.max(x, y); }
// @ts-ignore: decorator
@inline export function f64_max(x: v128, y: v128): v128 { return f64x2.max(x, y); }

/** sqrt(x^2 + y^2), at most 1.1 ulp. Infinite where one of them is, and the other not NaN. */
// @ts-ignore: decorator
@inline export function f64_hypot(x: v128, y: v128): v128 {
  const larger = f64x2.max(f64x2.abs(x), f64x2.abs(y));
  const usual = v128.and(f64x2.gt(larger, f64x2.splat(1e-140)), f64x2.lt(larger, f64x2.splat(1e150)));
  return i64x2.all_true(usual) ? plainHypot(x, y) : anyHypot(x, y, usual);
}

/** sqrt(x^2 + y^2), computed in f64. */
// @ts-ignore: decorator
@inline export function f32_hypot(x: v128, y: v128): v128 {
  return join(plainHypot(low(x), low(y)), plainHypot(high(x), high(y)));
}

// @ts-ignore: decorator
@inline function plainHypot(x: v128, y: v128): v128 {
  return f64x2.sqrt(f64x2.add(f64x2.mul(x, x), f64x2.mul(y, y)));
}

/** Lane by lane where a square is not a normal number; a lane does not depend on the other. */
function anyHypot(x: v128, y: v128, usual: v128): v128 {
  const first = f64x2.splat(scalarHypot(f64x2.extract_lane(x, 0), f64x2.extract_lane(y, 0)));
  const both = f64x2.replace_lane(first, 1, scalarHypot(f64x2.extract_lane(x, 1), f64x2.extract_lane(y, 1)));
  return select(usual, plainHypot(x, y), both);
}

function scalarHypot(x: f64, y: f64): f64 {
  return isNaN(x) || isNaN(y) ? NaN : Math.hypot(x, y);
}
