import { bell, f64_normPdf, mills } from "../math/erf";
import { entry, madd, poly5, poly6 } from "../math/vector";
import { firstLanes, widen } from "./fold";
import { hardMap, hardSum } from "./hardhist";
import { rows, tile, tiles } from "../state";

/**
 * Sums over events of kernel-smoothed steps at edges e_j: A_j = sum over i of w_i D((e_j - x_i) / h), where D is Phi
 * for order 0 and the derivative of order k of Phi else: D = (-1)^(k-1) He_(k-1)(z) phi(z), with the Hermite
 * polynomials He_(n+1) = z He_n - n He_(n-1).
 *
 * Dense: events in lanes, a loop over all edges. Per-event values have the dtype of the tile, sums are f64.
 */

/** f32 events; see `kdeSum`. */
export function f32_kdeSum(pc: usize): void {
  kdeSum<f32>(pc);
}

/** f64 events; see `kdeSum`. */
export function f64_kdeSum(pc: usize): void {
  kdeSum<f64>(pc);
}

/**
 * Operands order, m, diff, T, out, x, w, edges f64[m], h f64[1], scratch of 16 m bytes.
 * out f64[m] = A_j; with diff, out f64[m-1] = A_(j+1) - A_j, from the difference of each event, which for order 0 is
 * accurate in both tails. h = 0 with order 0 is NumPy's histogram: bins [a, b), the last [a, b].
 * h = 0 with a higher order gives 0.
 */
function kdeSum<X>(pc: usize): void {
  const order = load<u32>(pc, 8);
  const m = <usize>load<u32>(pc, 12);
  const diff = load<u32>(pc, 16) != 0;
  const out = <usize>load<u32>(pc, 24);
  const x = <usize>load<u32>(pc, 28);
  const w = <usize>load<u32>(pc, 32);
  const edges = <usize>load<u32>(pc, 36);
  const h = load<f64>(<usize>load<u32>(pc, 40));
  const sums = <usize>load<u32>(pc, 44);
  if (tile == 0) memory.fill(sums, 0, m * 16);
  if (h == 0.0) {
    if (order == 0) hardSum<X>(m, diff, x, w, edges, sums);
  } else if (order == 0 && diff) sumDifferences<X>(m, x, w, edges, h, sums);
  else sumValues<X>(order, m, diff, x, w, edges, h, sums);
  if (tile != tiles - 1) return;
  const running = h == 0.0 && !diff;
  let total = 0.0;
  for (let j: usize = 0; j < m - (diff ? 1 : 0); j++) {
    const pair = v128.load(sums + j * 16);
    const sum = f64x2.extract_lane(pair, 0) + f64x2.extract_lane(pair, 1);
    total = running ? total + sum : sum;
    store<f64>(out + j * 8, total);
  }
}

/** Two vectors of events at a time; padding gets x = 0, w = 0. */
function sumValues<X>(order: u32, m: usize, diff: bool, x: usize, w: usize, edges: usize, h: f64, sums: usize): void {
  const valid = <usize>rows * sizeof<X>();
  const scale = v128.splat<X>(<X>(1.0 / h));
  for (let e: usize = 0; e < valid; e += 32) {
    const mask0 = firstLanes<X>((valid - e) / sizeof<X>());
    const mask1 = firstLanes<X>(max<usize>(valid, e + 16) / sizeof<X>() - (e + 16) / sizeof<X>());
    const x0 = v128.and(v128.load(x + e), mask0);
    const x1 = v128.and(v128.load(x + e, 16), mask1);
    const w0 = v128.and(v128.load(w + e), mask0);
    const w1 = v128.and(v128.load(w + e, 16), mask1);
    let before = i64x2.splat(0);
    for (let j: usize = 0; j < m; j++) {
      const edge = v128.splat<X>(<X>load<f64>(edges + j * 8));
      const d0 = smooth<X>(order, v128.mul<X>(v128.sub<X>(edge, x0), scale));
      const d1 = smooth<X>(order, v128.mul<X>(v128.sub<X>(edge, x1), scale));
      const now = v128.add<X>(v128.mul<X>(w0, d0), v128.mul<X>(w1, d1));
      if (!diff) add<X>(sums + j * 16, now);
      else if (j) add<X>(sums + j * 16 - 16, v128.sub<X>(now, before));
      before = now;
    }
  }
}

/**
 * Differences of Phi. With Phi = c + r, c = 0 and r = Q(|z|) below 0, c = 1 and r = -Q(|z|) above, the difference of
 * the c is exact and that of the r is between small numbers wherever the result is small.
 */
function sumDifferences<X>(m: usize, x: usize, w: usize, edges: usize, h: f64, sums: usize): void {
  const valid = <usize>rows * sizeof<X>();
  const scale = v128.splat<X>(<X>(1.0 / h));
  const zero = i64x2.splat(0);
  const one = v128.splat<X>(1);
  const sign = v128.splat<X>(<X>-0.0);
  for (let e: usize = 0; e < valid; e += 32) {
    const mask0 = firstLanes<X>((valid - e) / sizeof<X>());
    const mask1 = firstLanes<X>(max<usize>(valid, e + 16) / sizeof<X>() - (e + 16) / sizeof<X>());
    const x0 = v128.and(v128.load(x + e), mask0);
    const x1 = v128.and(v128.load(x + e, 16), mask1);
    const w0 = v128.and(v128.load(w + e), mask0);
    const w1 = v128.and(v128.load(w + e, 16), mask1);
    let c0 = zero, c1 = zero, r0 = zero, r1 = zero;
    for (let j: usize = 0; j < m; j++) {
      const edge = v128.splat<X>(<X>load<f64>(edges + j * 8));
      const z0 = v128.mul<X>(v128.sub<X>(edge, x0), scale);
      const z1 = v128.mul<X>(v128.sub<X>(edge, x1), scale);
      const above0 = v128.ge<X>(z0, zero);
      const above1 = v128.ge<X>(z1, zero);
      const s0 = v128.xor(tail<X>(z0), v128.and(above0, sign));
      const s1 = v128.xor(tail<X>(z1), v128.and(above1, sign));
      const b0 = v128.and(above0, one);
      const b1 = v128.and(above1, one);
      if (j) {
        const d0 = v128.add<X>(v128.sub<X>(b0, c0), v128.sub<X>(s0, r0));
        const d1 = v128.add<X>(v128.sub<X>(b1, c1), v128.sub<X>(s1, r1));
        add<X>(sums + j * 16 - 16, v128.add<X>(v128.mul<X>(w0, d0), v128.mul<X>(w1, d1)));
      }
      c0 = b0;
      c1 = b1;
      r0 = s0;
      r1 = s1;
    }
  }
}

// @ts-ignore: decorator
@inline function add<X>(at: usize, v: v128): void {
  v128.store(at, f64x2.add(v128.load(at), widen<X>(v)));
}

/** f32 events; see `kdeMap`. */
export function f32_kdeMap(pc: usize): void {
  kdeMap<f32>(pc);
}

/** f64 events; see `kdeMap`. */
export function f64_kdeMap(pc: usize): void {
  kdeMap<f64>(pc);
}

/**
 * Operands order, m, T, out, x, g f64[m], edges f64[m], h f64[1], scratch of 8 (m + 1) bytes:
 * out_i = sum over j of g_j D((e_j - x_i) / h), the transpose of `kdeSum` without diff. Runs over all T events.
 */
function kdeMap<X>(pc: usize): void {
  const order = load<u32>(pc, 8);
  const m = <usize>load<u32>(pc, 12);
  const bytes = <usize>load<u32>(pc, 16) * sizeof<X>();
  const out = <usize>load<u32>(pc, 20);
  const x = <usize>load<u32>(pc, 24);
  const g = <usize>load<u32>(pc, 28);
  const edges = <usize>load<u32>(pc, 32);
  const h = load<f64>(<usize>load<u32>(pc, 36));
  if (h == 0.0) {
    if (order == 0) hardMap<X>(m, bytes, out, x, g, edges, <usize>load<u32>(pc, 40));
    else memory.fill(out, 0, bytes);
    return;
  }
  const scale = v128.splat<X>(<X>(1.0 / h));
  for (let e: usize = 0; e < bytes; e += 32) {
    const x0 = v128.load(x + e);
    const x1 = v128.load(x + e, 16);
    let s0 = i64x2.splat(0);
    let s1 = s0;
    for (let j: usize = 0; j < m; j++) {
      const edge = v128.splat<X>(<X>load<f64>(edges + j * 8));
      const gj = v128.splat<X>(<X>load<f64>(g + j * 8));
      const d0 = smooth<X>(order, v128.mul<X>(v128.sub<X>(edge, x0), scale));
      const d1 = smooth<X>(order, v128.mul<X>(v128.sub<X>(edge, x1), scale));
      s0 = v128.add<X>(s0, v128.mul<X>(gj, d0));
      s1 = v128.add<X>(s1, v128.mul<X>(gj, d1));
    }
    v128.store(out + e, s0);
    v128.store(out + e, s1, 16);
  }
}

/** D of an order at z. */
// @ts-ignore: decorator
@inline function smooth<X>(order: u32, z: v128): v128 {
  if (order == 0) {
    const above = v128.ge<X>(z, i64x2.splat(0));
    const q = v128.xor(tail<X>(z), v128.and(above, v128.splat<X>(<X>-0.0)));
    return v128.add<X>(v128.and(above, v128.splat<X>(1)), q);
  }
  // Beyond the clip phi is 0, and so is its product with any power; an infinite z would make that NaN.
  const limit = v128.splat<X>(sizeof<X>() == 4 ? 13 : 39);
  const far = v128.gt<X>(v128.abs<X>(z), limit);
  const u = v128.neg<X>(v128.andnot(z, far));
  const phi = v128.andnot(density<X>(u), far);
  if (order == 1) return phi;
  let last = v128.splat<X>(1);
  let he = u;
  for (let n: u32 = 1; n < order - 1; n++) {
    const next = v128.sub<X>(v128.mul<X>(u, he), v128.mul<X>(v128.splat<X>(<X>n), last));
    last = he;
    he = next;
  }
  return v128.mul<X>(he, phi);
}

/** phi(z). */
// @ts-ignore: decorator
@inline function density<X>(z: v128): v128 {
  return sizeof<X>() == 4 ? f32x4.mul(gauss(z), entry<f32>(K, 10)) : f64_normPdf(z);
}

/**
 * Q(|z|) = Phi(-|z|). f32: exp(-z^2/2) times a polynomial in t = 1 / (1 + 0.34 |z|), the form of Abramowitz & Stegun
 * 7.1.26 with two more powers of t (own minimax fit on |z| <= 12: absolute error of Q 2e-8, relative 5e-6).
 */
// @ts-ignore: decorator
@inline function tail<X>(z: v128): v128 {
  const a = v128.abs<X>(z);
  if (sizeof<X>() == 8) return f64x2.mul(bell<f64>(a), mills<f64>(a));
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
