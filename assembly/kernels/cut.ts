import { f32_normLogCdf, f64_normLogCdf } from "../math/erf";
import { f32_exp, f64_exp } from "../math/exp";
import { f32_log1p, f64_log1p } from "../math/log";

/** log of a product of k soft cuts on f32 events; see `logCutProduct`. */
export function f32_logCutProduct(pc: usize): void {
  logCutProduct<f32>(pc);
}

/** log of a product of k soft cuts on f64 events; see `logCutProduct`. */
export function f64_logCutProduct(pc: usize): void {
  logCutProduct<f64>(pc);
}

/** Operands k, T, out, z, kind (0 logSigmoid, 1 normLogCdf): out[e] = sum over j of logS(z[j][e]). */
function logCutProduct<X>(pc: usize): void {
  const k = <usize>load<u32>(pc, 8);
  const pitch = <usize>load<u32>(pc, 12) * sizeof<X>();
  const out = <usize>load<u32>(pc, 16);
  const z = <usize>load<u32>(pc, 20);
  const normal = load<u32>(pc, 24) == 1;
  for (let e: usize = 0; e < pitch; e += 16)
    v128.store(out + e, normal ? normalCuts<X>(k, pitch, z + e) : sigmoidCuts<X>(k, pitch, z + e));
}

/**
 * logSigmoid(z) = min(z, 0) - log1p(exp(-|z|)). The k logarithms are one: prod (1 + t_j) = 1 + q with
 * q <- q + t (1 + q), all terms positive, so no digits are lost. 64 factors of at most 2 stay finite in f32.
 */
// @ts-ignore: decorator
@inline function sigmoidCuts<X>(k: usize, pitch: usize, z: usize): v128 {
  const zero = i64x2.splat(0);
  const one = v128.splat<X>(1);
  let sum = zero;
  for (let j: usize = 0; j < k; ) {
    let q = zero;
    for (const end = min<usize>(j + 64, k); j < end; j++) {
      const x = v128.load(z + j * pitch);
      const t = exp<X>(v128.neg<X>(v128.abs<X>(x)));
      sum = v128.add<X>(sum, v128.min<X>(x, zero));
      q = v128.add<X>(q, v128.mul<X>(t, v128.add<X>(one, q)));
    }
    sum = v128.sub<X>(sum, log1p<X>(q));
  }
  return sum;
}

// @ts-ignore: decorator
@inline function normalCuts<X>(k: usize, pitch: usize, z: usize): v128 {
  let sum = i64x2.splat(0);
  for (let j: usize = 0; j < k; j++) sum = v128.add<X>(sum, normLogCdf<X>(v128.load(z + j * pitch)));
  return sum;
}

// @ts-ignore: decorator
@inline function exp<X>(x: v128): v128 {
  return sizeof<X>() == 4 ? f32_exp(x) : f64_exp(x);
}

// @ts-ignore: decorator
@inline function log1p<X>(x: v128): v128 {
  return sizeof<X>() == 4 ? f32_log1p(x) : f64_log1p(x);
}

// @ts-ignore: decorator
@inline function normLogCdf<X>(x: v128): v128 {
  return sizeof<X>() == 4 ? f32_normLogCdf(x) : f64_normLogCdf(x);
}
