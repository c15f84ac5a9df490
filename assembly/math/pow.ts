/**
 * Powers, lane by lane with AssemblyScript's pow (the table-based algorithm of musl: 0.6 ulp);
 * f32 computes in f64. Special values are those of JavaScript: x^0 is 1 even for NaN, 1^NaN is NaN.
 */

import { high, join, low } from "./vector";

function pow64(x: v128, y: v128): v128 {
  const z = f64x2.splat(Math.pow(f64x2.extract_lane(x, 0), f64x2.extract_lane(y, 0)));
  return f64x2.replace_lane(z, 1, Math.pow(f64x2.extract_lane(x, 1), f64x2.extract_lane(y, 1)));
}

// @ts-ignore: decorator
@inline export function f32_pow(x: v128, y: v128): v128 {
  return join(pow64(low(x), low(y)), pow64(high(x), high(y)));
}
// @ts-ignore: decorator
@inline export function f64_pow(x: v128, y: v128): v128 { return pow64(x, y); }
