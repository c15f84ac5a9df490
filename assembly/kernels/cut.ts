import { steps } from "../generated/agreed";
import { f32_normLogCdf, f64_normLogCdf } from "../math/erf";
import { expFraction, expLowest, expPower, expQuotient } from "../math/exp";
import { logSum } from "../math/log";

/** log of a product of k soft cuts on f32 events; see `logCutProduct`. */
export function f32_logCutProduct(pc: usize): void {
  logCutProduct<f32>(pc);
}

/** log of a product of k soft cuts on f64 events; see `logCutProduct`. */
export function f64_logCutProduct(pc: usize): void {
  logCutProduct<f64>(pc);
}

/** Operands k, T, out, z, kind (`steps`): out[e] = sum over j of logS(z[j][e]). */
function logCutProduct<X>(pc: usize): void {
  const k = <usize>load<u32>(pc, 8);
  const pitch = <usize>load<u32>(pc, 12) * sizeof<X>();
  const out = <usize>load<u32>(pc, 16);
  const z = <usize>load<u32>(pc, 20);
  const normal = load<u32>(pc, 24) == steps.normal;
  for (let e: usize = 0; e < pitch; e += 32) {
    if (normal) normalCuts<X>(k, pitch, z + e, out + e);
    else sigmoidCuts<X>(k, pitch, z + e, out + e);
  }
}

/**
 * Two vectors of events, as one alone waits for its own long chain of operations.
 * logSigmoid(z) = min(z, 0) - log1p(exp(-|z|)). The k logarithms are one: prod (1 + t_j) = 1 + q with
 * q <- q + t (1 + q), all terms positive, so no digits are lost. 64 factors of at most 2 stay finite in f32.
 */
function sigmoidCuts<X>(k: usize, pitch: usize, z: usize, out: usize): void {
  const zero = i64x2.splat(0);
  const one = v128.splat<X>(1);
  let s0 = zero, s1 = zero;
  for (let j: usize = 0; j < k; ) {
    let q0 = zero, q1 = zero;
    for (const end = min<usize>(j + 64, k); j < end; j++) {
      const x0 = v128.load(z);
      const x1 = v128.load(z, 16);
      const t0 = decay<X>(x0);
      const t1 = decay<X>(x1);
      s0 = v128.add<X>(s0, v128.pmin<X>(x0, zero));
      s1 = v128.add<X>(s1, v128.pmin<X>(x1, zero));
      q0 = v128.add<X>(q0, v128.mul<X>(t0, v128.add<X>(one, q0)));
      q1 = v128.add<X>(q1, v128.mul<X>(t1, v128.add<X>(one, q1)));
      z += pitch;
    }
    s0 = v128.sub<X>(s0, log1p<X>(q0));
    s1 = v128.sub<X>(s1, log1p<X>(q1));
  }
  v128.store(out, s0);
  v128.store(out, s1, 16);
}

/** Two vectors of events. */
function normalCuts<X>(k: usize, pitch: usize, z: usize, out: usize): void {
  let s0 = i64x2.splat(0);
  let s1 = s0;
  for (; k; k--) {
    s0 = v128.add<X>(s0, normLogCdf<X>(v128.load(z)));
    s1 = v128.add<X>(s1, normLogCdf<X>(v128.load(z, 16)));
    z += pitch;
  }
  v128.store(out, s0);
  v128.store(out, s1, 16);
}

/** exp(-|x|), 0 where that is not a normal number. */
// @ts-ignore: decorator
@inline function decay<X>(x: v128): v128 {
  const z = v128.or(x, v128.splat<X>(<X>-0.0));
  const least = v128.pmax<X>(z, expLowest<X>());
  const quotient = expQuotient<X>(least);
  const power = expPower<X>(quotient);
  const y = v128.add<X>(power, v128.mul<X>(power, expFraction<X>(least, quotient)));
  return v128.andnot(y, v128.lt<X>(z, least));
}

/** log(1 + q) for q >= 0: of the rounded sum and what rounding took from it, which both differences give exactly. */
// @ts-ignore: decorator
@inline function log1p<X>(q: v128): v128 {
  const one = v128.splat<X>(1);
  const sum = v128.add<X>(one, q);
  return logSum<X>(sum, v128.sub<X>(q, v128.sub<X>(sum, one)));
}

// @ts-ignore: decorator
@inline function normLogCdf<X>(x: v128): v128 {
  return sizeof<X>() == 4 ? f32_normLogCdf(x) : f64_normLogCdf(x);
}
