import { rows, tile, tiles } from "../state";
import { madd } from "./gemm";

/** out[i][j] = sum of a[i][e] b[j][e] over the f32 events of a block; see `contract`. */
export function f32_contract(pc: usize): void {
  contract<f32>(pc);
}

/** out[i][j] = sum of a[i][e] b[j][e] over the f64 events of a block; see `contract`. */
export function f64_contract(pc: usize): void {
  contract<f64>(pc);
}

/** Most events that an f32 accumulator sees. */
const longest: u32 = 1024;

/**
 * Words 2...: ka, kb, T, out f64[ka][kb], a [ka][T], b [kb][T], scratch.
 * One vector of partial sums per cell of out lives in scratch across tiles; every 1024 events, and after the last
 * tile, its lanes are added to out in f64. The lanes of a and b behind the last valid row may be set to 0.
 * Bytes of scratch: 16 ka kb + 48.
 */
function contract<T>(pc: usize): void {
  const ka = <usize>load<u32>(pc, 8);
  const kb = <usize>load<u32>(pc, 12);
  const lanes = load<u32>(pc, 16);
  const out = <usize>load<u32>(pc, 20);
  const a = <usize>load<u32>(pc, 24);
  const b = <usize>load<u32>(pc, 28);
  const sums = <usize>load<u32>(pc, 32);
  const pitch = <usize>lanes * sizeof<T>();
  const cells = ka * kb;
  if (tile == 0) {
    memory.fill(out, 0, cells * 8);
    memory.fill(sums, 0, cells * 16 + 48);
  }
  const valid = <usize>rows * sizeof<T>();
  const used = (valid + 15) & ~15;
  if (valid < used) {
    clear(a, ka, pitch, valid, used);
    clear(b, kb, pitch, valid, used);
  }
  if (rows > 0) {
    if (kb == 1) line<T>(ka, a, b, pitch, used, sums);
    else if (ka == 1) line<T>(kb, b, a, pitch, used, sums);
    else grid<T>(ka, kb, a, b, pitch, used, sums);
  }
  const period = max<u32>(longest / lanes, 1);
  if (tile == tiles - 1 || <u32>(tile + 1) % period == 0) flush<T>(sums, out, cells);
}

/** Zeroes the lanes behind the last valid row, up to the end of its vector: garbage there may be inf or NaN. */
function clear(a: usize, k: usize, pitch: usize, valid: usize, used: usize): void {
  for (; k; k--) {
    for (let i = valid; i < used; i += 4) store<u32>(a + i, 0);
    a += pitch;
  }
}

/** Adds the products of all pairs of rows, in blocks of at most 3 x 3. */
function grid<T>(ka: usize, kb: usize, a: usize, b: usize, pitch: usize, used: usize, sums: usize): void {
  const di = kb * 16;
  for (let left = ka; left;) {
    const r = rowsOf(left);
    let q = b;
    let s = sums;
    for (let rest = kb; rest;) {
      const c = rowsOf(rest);
      if (r == 3) {
        if (c == 3) dot33<T>(a, q, pitch, used, s, di);
        else dot32<T>(a, q, pitch, used, s, di, 16);
      } else {
        if (c == 3) dot32<T>(q, a, pitch, used, s, 16, di);
        else dot22<T>(a, q, pitch, used, s, di);
      }
      q += c * pitch;
      s += c * 16;
      rest -= c;
    }
    a += r * pitch;
    sums += r * di;
    left -= r;
  }
}

/** Rows of the next block when `left` >= 2 remain: threes, and one or two twos at the end. */
// @ts-ignore: decorator
@inline function rowsOf(left: usize): usize {
  return left > 4 || left == 3 ? 3 : 2;
}

/** One row b against k rows a, four at a time; surplus rows repeat the last one and are dropped. */
function line<T>(k: usize, a: usize, b: usize, pitch: usize, used: usize, sums: usize): void {
  const last = a + (k - 1) * pitch;
  const end = b + used;
  for (; a <= last; a += 4 * pitch) {
    let a0 = a;
    let a1 = min(a0 + pitch, last);
    let a2 = min(a1 + pitch, last);
    let a3 = min(a2 + pitch, last);
    let c0 = v128.load(sums);
    let c1 = v128.load(sums, 16);
    let c2 = v128.load(sums, 32);
    let c3 = v128.load(sums, 48);
    let p = b;
    do {
      const y = v128.load(p);
      c0 = madd<T>(c0, y, v128.load(a0));
      c1 = madd<T>(c1, y, v128.load(a1));
      c2 = madd<T>(c2, y, v128.load(a2));
      c3 = madd<T>(c3, y, v128.load(a3));
      a0 += 16;
      a1 += 16;
      a2 += 16;
      a3 += 16;
      p += 16;
    } while (p < end);
    v128.store(sums, c0);
    v128.store(sums, c1, 16);
    v128.store(sums, c2, 32);
    v128.store(sums, c3, 48);
    sums += 64;
  }
}

/** Three rows a by three rows b; accumulators at s + i di + j 16. */
function dot33<T>(a: usize, b: usize, pitch: usize, used: usize, s: usize, di: usize): void {
  let a1 = a + pitch;
  let a2 = a1 + pitch;
  let b1 = b + pitch;
  let b2 = b1 + pitch;
  const s1 = s + di;
  const s2 = s1 + di;
  let c00 = v128.load(s);
  let c01 = v128.load(s, 16);
  let c02 = v128.load(s, 32);
  let c10 = v128.load(s1);
  let c11 = v128.load(s1, 16);
  let c12 = v128.load(s1, 32);
  let c20 = v128.load(s2);
  let c21 = v128.load(s2, 16);
  let c22 = v128.load(s2, 32);
  const end = a + used;
  do {
    const y0 = v128.load(b);
    const y1 = v128.load(b1);
    const y2 = v128.load(b2);
    let x = v128.load(a);
    c00 = madd<T>(c00, x, y0);
    c01 = madd<T>(c01, x, y1);
    c02 = madd<T>(c02, x, y2);
    x = v128.load(a1);
    c10 = madd<T>(c10, x, y0);
    c11 = madd<T>(c11, x, y1);
    c12 = madd<T>(c12, x, y2);
    x = v128.load(a2);
    c20 = madd<T>(c20, x, y0);
    c21 = madd<T>(c21, x, y1);
    c22 = madd<T>(c22, x, y2);
    a += 16;
    a1 += 16;
    a2 += 16;
    b += 16;
    b1 += 16;
    b2 += 16;
  } while (a < end);
  v128.store(s, c00);
  v128.store(s, c01, 16);
  v128.store(s, c02, 32);
  v128.store(s1, c10);
  v128.store(s1, c11, 16);
  v128.store(s1, c12, 32);
  v128.store(s2, c20);
  v128.store(s2, c21, 16);
  v128.store(s2, c22, 32);
}

/** Three rows a by two rows b; accumulators at s + i di + j dj. */
function dot32<T>(a: usize, b: usize, pitch: usize, used: usize, s: usize, di: usize, dj: usize): void {
  let a1 = a + pitch;
  let a2 = a1 + pitch;
  let b1 = b + pitch;
  const s1 = s + di;
  const s2 = s1 + di;
  let c00 = v128.load(s);
  let c01 = v128.load(s + dj);
  let c10 = v128.load(s1);
  let c11 = v128.load(s1 + dj);
  let c20 = v128.load(s2);
  let c21 = v128.load(s2 + dj);
  const end = a + used;
  do {
    const y0 = v128.load(b);
    const y1 = v128.load(b1);
    let x = v128.load(a);
    c00 = madd<T>(c00, x, y0);
    c01 = madd<T>(c01, x, y1);
    x = v128.load(a1);
    c10 = madd<T>(c10, x, y0);
    c11 = madd<T>(c11, x, y1);
    x = v128.load(a2);
    c20 = madd<T>(c20, x, y0);
    c21 = madd<T>(c21, x, y1);
    a += 16;
    a1 += 16;
    a2 += 16;
    b += 16;
    b1 += 16;
  } while (a < end);
  v128.store(s, c00);
  v128.store(s + dj, c01);
  v128.store(s1, c10);
  v128.store(s1 + dj, c11);
  v128.store(s2, c20);
  v128.store(s2 + dj, c21);
}

/** Two rows a by two rows b; accumulators at s + i di + j 16. */
function dot22<T>(a: usize, b: usize, pitch: usize, used: usize, s: usize, di: usize): void {
  let a1 = a + pitch;
  let b1 = b + pitch;
  const s1 = s + di;
  let c00 = v128.load(s);
  let c01 = v128.load(s, 16);
  let c10 = v128.load(s1);
  let c11 = v128.load(s1, 16);
  const end = a + used;
  do {
    const y0 = v128.load(b);
    const y1 = v128.load(b1);
    let x = v128.load(a);
    c00 = madd<T>(c00, x, y0);
    c01 = madd<T>(c01, x, y1);
    x = v128.load(a1);
    c10 = madd<T>(c10, x, y0);
    c11 = madd<T>(c11, x, y1);
    a += 16;
    a1 += 16;
    b += 16;
    b1 += 16;
  } while (a < end);
  v128.store(s, c00);
  v128.store(s, c01, 16);
  v128.store(s1, c10);
  v128.store(s1, c11, 16);
}

/** Adds the lanes of every sum to out and zeroes it. */
function flush<T>(sums: usize, out: usize, cells: usize): void {
  const zero = i64x2.splat(0);
  for (; cells; cells--) {
    let v = v128.load(sums);
    v128.store(sums, zero);
    if (sizeof<T>() == 4)
      v = f64x2.add(f64x2.promote_low_f32x4(v), f64x2.promote_low_f32x4(v128.shuffle<u64>(v, v, 1, 0)));
    store<f64>(out, load<f64>(out) + (f64x2.extract_lane(v, 0) + f64x2.extract_lane(v, 1)));
    sums += 16;
    out += 8;
  }
}
