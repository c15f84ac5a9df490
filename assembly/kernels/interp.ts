import { additiveCodes } from "../generated/agreed";
import { f64_exp } from "../math/exp";

// @ts-expect-error: a decorator of AssemblyScript
@inline function power(x: f64, n: i32): f64 {
  let p = 1.0;
  for (let i = 0; i < n; i++) p *= x;
  return p;
}

/** k (k - 1) ... over m factors: the factor that m derivatives of x^k leave. */
function falling(k: i32, m: i32): f64 {
  let p = 1.0;
  for (let i = 0; i < m; i++) p *= <f64>(k - i);
  return p;
}

/** The m-th derivative of c x^k at x. */
// @ts-expect-error: a decorator of AssemblyScript
@inline function term(c: f64, k: i32, m: i32, x: f64): f64 {
  return k < m ? 0.0 : c * falling(k, m) * power(x, k - m);
}

/**
 * Weights of the up and the down variation in an additive interpolation; operands n, code, m, out f64[2][n], a f64[n]:
 * the m-th derivatives of U and D at a, where the shift of a bin is U (up - nominal) + D (nominal - down).
 * Codes: `additiveCodes`.
 */
export function f64_interpWeights(pc: usize): void {
  const n = <usize>load<u32>(pc, 8);
  const code = load<i32>(pc, 12);
  const m = load<i32>(pc, 16);
  const out = <usize>load<u32>(pc, 20);
  const alpha = <usize>load<u32>(pc, 24);
  for (let i: usize = 0; i < n; i++) {
    const a = load<f64>(alpha + i * 8);
    const to = out + i * 8;
    let up = 0.0;
    let down = 0.0;
    if (code == additiveCodes.code0 || (code == additiveCodes.code4p && abs<f64>(a) > 1.0)) {
      const line = m == 0 ? a : m == 1 ? 1.0 : 0.0;
      if (a > 0.0) up = line;
      else down = line;
    } else if (code == additiveCodes.code4p) {
      const even = m == 0 ? 0.5 * a : m == 1 ? 0.5 : 0.0;
      const odd = sixth(a, m);
      up = even + odd;
      down = even - odd;
    } else if (code != additiveCodes.code2 && code != additiveCodes.code2c) {
      // A code without formulas here is no other one's.
      up = NaN;
      down = NaN;
    } else if (abs<f64>(a) <= 1.0) {
      const even = m == 0 ? 0.5 * a : m == 1 ? 0.5 : 0.0;
      const odd = m == 0 ? 0.5 * a * a : m == 1 ? a : m == 2 ? 1.0 : 0.0;
      up = even + odd;
      down = even - odd;
    } else {
      const side = a > 0.0 ? 1.0 : -1.0;
      const line = m == 0 ? a - side : m == 1 ? 1.0 : 0.0;
      const join = code == additiveCodes.code2c && m == 0 ? side : 0.0;
      if (a > 0.0) {
        up = 1.5 * line + join;
        down = -0.5 * line;
      } else {
        up = -0.5 * line;
        down = 1.5 * line + join;
      }
    }
    // NaN falls through every comparison.
    store<f64>(to, a == a ? up : a);
    store<f64>(to + n * 8, a == a ? down : a);
  }
}

/** The m-th derivative of a² (15 - 10 a² + 3 a⁴) / 16. */
// @ts-expect-error: a decorator of AssemblyScript
@inline function sixth(a: f64, m: i32): f64 {
  const s = a * a;
  if (m == 0) return (s * (15.0 + s * (3.0 * s - 10.0))) / 16.0;
  if (m == 1) return (a * (30.0 + s * (18.0 * s - 40.0))) / 16.0;
  if (m == 2) return (30.0 + s * (90.0 * s - 120.0)) / 16.0;
  return (term(15.0, 2, m, a) - term(10.0, 4, m, a) + term(3.0, 6, m, a)) / 16.0;
}

/**
 * Multiplicative interpolation; operands n, m, out f64[n], a f64[n], c f64[8][n], and alpha0 (0 or 1): the m-th
 * derivative in a of 1 + c0 a + ... + c5 a⁶ where |a| < alpha0, of exp(c6 a) above and of exp(-c7 a) below.
 */
export function f64_interpFactor(pc: usize): void {
  const n = <usize>load<u32>(pc, 8);
  const m = load<i32>(pc, 12);
  const out = <usize>load<u32>(pc, 16);
  const alpha = <usize>load<u32>(pc, 20);
  const c = <usize>load<u32>(pc, 24);
  const bound = <f64>load<u32>(pc, 28);
  const row = n * 8;
  for (let i: usize = 0; i < n; i++) {
    const a = load<f64>(alpha + i * 8);
    const at = c + i * 8;
    let y: f64;
    if (abs<f64>(a) < bound) {
      y = 0.0;
      if (m <= 2) {
        for (let k = 6; k > m; k--)
          y = (y + load<f64>(at + <usize>(k - 1) * row) * (m == 0 ? 1.0 : m == 1 ? <f64>k : <f64>(k * (k - 1)))) * a;
        y += m == 0 ? 1.0 : <f64>m * load<f64>(at + <usize>(m - 1) * row);
      } else for (let k = 1; k <= 6; k++) y += term(load<f64>(at + <usize>(k - 1) * row), k, m, a);
    } else {
      const slope = a >= bound ? load<f64>(at + 6 * row) : -load<f64>(at + 7 * row);
      y = power(slope, m) * f64x2.extract_lane(f64_exp(f64x2.splat(slope * a)), 0);
    }
    store<f64>(out + i * 8, y);
  }
}
