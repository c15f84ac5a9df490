import { madd } from "./gemm";

/**
 * Sums over events of the products of rows, held in registers: the inner loops of `contract`. Rows lie `pitch` bytes apart.
 */

/** Adds the products of all pairs of rows, in blocks of at most 3 x 3; the sums are written `to` bytes on. */
export function grid<T>(
  ka: usize, kb: usize, a: usize, b: usize, pitch: usize, used: usize, sums: usize, to: usize,
): void {
  const di = kb * 16;
  for (let left = ka; left;) {
    const r = rowsOf(left);
    let q = b;
    let s = sums;
    for (let rest = kb; rest;) {
      const c = rowsOf(rest);
      if (r == 3) {
        if (c == 3) dot33<T>(a, q, pitch, used, s, di, to);
        else dot32<T>(a, q, pitch, used, s, di, 16, to);
      } else {
        if (c == 3) dot32<T>(q, a, pitch, used, s, 16, di, to);
        else dot22<T>(a, q, pitch, used, s, di, to);
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

/** One row b against k rows a, four at a time; surplus rows repeat the last one and are dropped. Written `to` bytes on. */
export function line<T>(k: usize, a: usize, b: usize, pitch: usize, used: usize, sums: usize, to: usize): void {
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
    v128.store(sums + to, c0);
    v128.store(sums + to, c1, 16);
    v128.store(sums + to, c2, 32);
    v128.store(sums + to, c3, 48);
    sums += 64;
  }
}

/** Three rows a by three rows b; accumulators at s + i di + j 16, written `to` bytes on. */
function dot33<T>(a: usize, b: usize, pitch: usize, used: usize, s: usize, di: usize, to: usize): void {
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
  v128.store(s + to, c00);
  v128.store(s + to, c01, 16);
  v128.store(s + to, c02, 32);
  v128.store(s1 + to, c10);
  v128.store(s1 + to, c11, 16);
  v128.store(s1 + to, c12, 32);
  v128.store(s2 + to, c20);
  v128.store(s2 + to, c21, 16);
  v128.store(s2 + to, c22, 32);
}

/** Three rows a by two rows b; accumulators at s + i di + j dj, written `to` bytes on. */
function dot32<T>(a: usize, b: usize, pitch: usize, used: usize, s: usize, di: usize, dj: usize, to: usize): void {
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
  v128.store(s + to, c00);
  v128.store(s + dj + to, c01);
  v128.store(s1 + to, c10);
  v128.store(s1 + dj + to, c11);
  v128.store(s2 + to, c20);
  v128.store(s2 + dj + to, c21);
}

/** Two rows a by two rows b; accumulators at s + i di + j 16, written `to` bytes on. */
function dot22<T>(a: usize, b: usize, pitch: usize, used: usize, s: usize, di: usize, to: usize): void {
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
  v128.store(s + to, c00);
  v128.store(s + to, c01, 16);
  v128.store(s1 + to, c10);
  v128.store(s1 + to, c11, 16);
}
