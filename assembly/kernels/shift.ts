import { blockWords } from "../generated/agreed";
import { maskedProduct } from "./linalg";

/*
 * Sums of weighted blocks. A block is four integers: its weight k, its first place among the sums, its first row and
 * its length. With weights w f64[2][K] and rows v f64[2][A],
 *   y[place + i] += w[0][k] v[0][row + i] + w[1][k] v[1][row + i].
 * The three kernels are this and its reverses in w and in v. The masked ones have strong zeros, and one more operand that
 * says whose (`strongZeros`): where a mask made a cotangent 0, the other factor may be infinite
 * or NaN, and the product is 0. They are the same kernels, and where a result is not finite all is made again.
 */

/** Bytes of a block. */
const block: usize = 4 * blockWords;

/** Operands count, blocks, K, A, C, out f64[count][C], w f64[count][2][K], v f64[2][A], table i32[blocks][`blockWords`]. */
export function f64_shiftSum(pc: usize): void {
  const count = <usize>load<u32>(pc, 8);
  const blocks = <usize>load<u32>(pc, 12);
  const K = <usize>load<u32>(pc, 16) * 8;
  const A = <usize>load<u32>(pc, 20) * 8;
  const C = <usize>load<u32>(pc, 24) * 8;
  let out = <usize>load<u32>(pc, 28);
  let w = <usize>load<u32>(pc, 32);
  const v = <usize>load<u32>(pc, 36);
  const table = <usize>load<u32>(pc, 40);
  memory.fill(out, 0, count * C);
  for (let b: usize = 0; b < count; b++) {
    for (let t = table, end = table + blocks * block; t < end; t += block) {
      const at = w + (<usize>load<u32>(t) << 3);
      const p = load<f64>(at);
      const q = load<f64>(at + K);
      const pp = f64x2.splat(p);
      const qq = f64x2.splat(q);
      let to = out + (<usize>load<u32>(t, 4) << 3);
      let row = v + (<usize>load<u32>(t, 8) << 3);
      const last = to + (<usize>load<u32>(t, 12) << 3);
      for (; to + 16 <= last; to += 16) {
        const sum = f64x2.add(f64x2.mul(pp, v128.load(row)), f64x2.mul(qq, v128.load(row + A)));
        v128.store(to, f64x2.add(v128.load(to), sum));
        row += 16;
      }
      if (to < last) store<f64>(to, load<f64>(to) + (p * load<f64>(row) + q * load<f64>(row + A)));
    }
    out += C;
    w += 2 * K;
  }
}

/** Operands count, blocks, K, A, C, out f64[count][2][K], v f64[2][A], y f64[count][C], table i32[blocks][`blockWords`]. */
export function f64_shiftDot(pc: usize): void {
  const count = <usize>load<u32>(pc, 8);
  const blocks = <usize>load<u32>(pc, 12);
  const K = <usize>load<u32>(pc, 16) * 8;
  const A = <usize>load<u32>(pc, 20) * 8;
  const C = <usize>load<u32>(pc, 24) * 8;
  let out = <usize>load<u32>(pc, 28);
  const v = <usize>load<u32>(pc, 32);
  let y = <usize>load<u32>(pc, 36);
  const table = <usize>load<u32>(pc, 40);
  memory.fill(out, 0, count * 2 * K);
  for (let b: usize = 0; b < count; b++) {
    for (let t = table, end = table + blocks * block; t < end; t += block) {
      let from = y + (<usize>load<u32>(t, 4) << 3);
      let row = v + (<usize>load<u32>(t, 8) << 3);
      const last = from + (<usize>load<u32>(t, 12) << 3);
      let pp = f64x2.splat(0.0);
      let qq = f64x2.splat(0.0);
      for (; from + 16 <= last; from += 16) {
        const g = v128.load(from);
        pp = f64x2.add(pp, f64x2.mul(g, v128.load(row)));
        qq = f64x2.add(qq, f64x2.mul(g, v128.load(row + A)));
        row += 16;
      }
      let p = f64x2.extract_lane(pp, 0) + f64x2.extract_lane(pp, 1);
      let q = f64x2.extract_lane(qq, 0) + f64x2.extract_lane(qq, 1);
      if (from < last) {
        const g = load<f64>(from);
        p += g * load<f64>(row);
        q += g * load<f64>(row + A);
      }
      const to = out + (<usize>load<u32>(t) << 3);
      store<f64>(to, load<f64>(to) + p);
      store<f64>(to + K, load<f64>(to + K) + q);
    }
    out += 2 * K;
    y += C;
  }
}

/** Operands count, blocks, K, A, C, out f64[2][A], w f64[count][2][K], y f64[count][C], table i32[blocks][`blockWords`]. */
export function f64_shiftOuter(pc: usize): void {
  const count = <usize>load<u32>(pc, 8);
  const blocks = <usize>load<u32>(pc, 12);
  const K = <usize>load<u32>(pc, 16) * 8;
  const A = <usize>load<u32>(pc, 20) * 8;
  const C = <usize>load<u32>(pc, 24) * 8;
  const out = <usize>load<u32>(pc, 28);
  let w = <usize>load<u32>(pc, 32);
  let y = <usize>load<u32>(pc, 36);
  const table = <usize>load<u32>(pc, 40);
  memory.fill(out, 0, 2 * A);
  for (let b: usize = 0; b < count; b++) {
    for (let t = table, end = table + blocks * block; t < end; t += block) {
      const at = w + (<usize>load<u32>(t) << 3);
      const p = load<f64>(at);
      const q = load<f64>(at + K);
      let from = y + (<usize>load<u32>(t, 4) << 3);
      let row = out + (<usize>load<u32>(t, 8) << 3);
      const last = from + (<usize>load<u32>(t, 12) << 3);
      for (; from < last; from += 8) {
        const g = load<f64>(from);
        store<f64>(row, load<f64>(row) + p * g);
        store<f64>(row + A, load<f64>(row + A) + q * g);
        row += 8;
      }
    }
    w += 2 * K;
    y += C;
  }
}

export function f64_shiftSumMasked(pc: usize): void {
  f64_shiftSum(pc);
  const count = <usize>load<u32>(pc, 8);
  const C = <usize>load<u32>(pc, 24) * 8;
  const out = <usize>load<u32>(pc, 28);
  if (finite(out, count * C)) return;
  memory.fill(out, 0, count * C);
  again(pc, out, C, <usize>load<u32>(pc, 32), 2 * (<usize>load<u32>(pc, 16) * 8), <usize>load<u32>(pc, 36), 0, 0);
}

export function f64_shiftDotMasked(pc: usize): void {
  f64_shiftDot(pc);
  const count = <usize>load<u32>(pc, 8);
  const K = <usize>load<u32>(pc, 16) * 8;
  const out = <usize>load<u32>(pc, 28);
  if (finite(out, count * 2 * K)) return;
  memory.fill(out, 0, count * 2 * K);
  again(pc, <usize>load<u32>(pc, 36), <usize>load<u32>(pc, 24) * 8, out, 2 * K, <usize>load<u32>(pc, 32), 0, 1);
}

export function f64_shiftOuterMasked(pc: usize): void {
  f64_shiftOuter(pc);
  const A = <usize>load<u32>(pc, 20) * 8;
  const K = <usize>load<u32>(pc, 16) * 8;
  const out = <usize>load<u32>(pc, 28);
  if (finite(out, 2 * A)) return;
  memory.fill(out, 0, 2 * A);
  again(pc, <usize>load<u32>(pc, 36), <usize>load<u32>(pc, 24) * 8, <usize>load<u32>(pc, 32), 2 * K, out, 0, 2);
}

function finite(at: usize, bytes: usize): bool {
  for (let i: usize = 0; i < bytes; i += 8) if (!isFinite(load<f64>(at + i))) return false;
  return true;
}

/** All products of one of the kernels, one at a time: y += w v (0), w += v y (1) or v += w y (2). */
function again(pc: usize, y: usize, ys: usize, w: usize, ws: usize, v: usize, vs: usize, which: u32): void {
  const blocks = <usize>load<u32>(pc, 12);
  const K = <usize>load<u32>(pc, 16) * 8;
  const A = <usize>load<u32>(pc, 20) * 8;
  const table = <usize>load<u32>(pc, 40);
  const strong = load<u32>(pc, 44);
  for (let b = load<u32>(pc, 8); b; b--) {
    for (let t = table, end = table + blocks * block; t < end; t += block) {
      const length = <usize>load<u32>(t, 12) * 8;
      for (let side: usize = 0; side < 2; side++) {
        const k = w + side * K + <usize>load<u32>(t) * 8;
        for (let i: usize = 0; i < length; i += 8) {
          const c = y + <usize>load<u32>(t, 4) * 8 + i;
          const r = v + side * A + <usize>load<u32>(t, 8) * 8 + i;
          const to = which == 0 ? c : which == 1 ? k : r;
          const first = which == 1 ? r : k;
          const second = which == 0 ? r : c;
          store<f64>(to, load<f64>(to) + maskedProduct(load<f64>(first), load<f64>(second), strong));
        }
      }
    }
    y += ys;
    w += ws;
    v += vs;
  }
}
