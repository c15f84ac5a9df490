/**
 * Dense layers with one output, or with one or two inputs, whose sums are too short for the blocks of gemm.ts.
 * Names and layouts are the same as there.
 */

import { bound, madd, put, strip } from "./gemm";

/** One row, four strips at a time, of unpacked x: two accumulators alone would wait for each other. */
export function row<T, L>(
  depth: usize, x: usize, step: usize, quads: usize, w: usize, bias: usize, c: usize, limit: L,
): void {
  const least = bound<T, L>(limit);
  const end = w + depth * sizeof<T>();
  for (; quads; quads--) {
    let c0 = v128.load_splat<T>(bias);
    let c1 = c0, c2 = c0, c3 = c0, c4 = c0, c5 = c0, c6 = c0, c7 = c0;
    let p = x;
    let q = w;
    do {
      const s = v128.load_splat<T>(q);
      c0 = madd<T>(c0, s, v128.load(p));
      c1 = madd<T>(c1, s, v128.load(p, 16));
      c2 = madd<T>(c2, s, v128.load(p, 32));
      c3 = madd<T>(c3, s, v128.load(p, 48));
      c4 = madd<T>(c4, s, v128.load(p, 64));
      c5 = madd<T>(c5, s, v128.load(p, 80));
      c6 = madd<T>(c6, s, v128.load(p, 96));
      c7 = madd<T>(c7, s, v128.load(p, 112));
      p += step;
      q += sizeof<T>();
    } while (q < end);
    put<T, L>(c, c0, c1, least, limit);
    put<T, L>(c + 32, c2, c3, least, limit);
    put<T, L>(c + 64, c4, c5, least, limit);
    put<T, L>(c + 96, c6, c7, least, limit);
    x += 4 * strip;
    c += 4 * strip;
  }
}

/** All rows of a layer with one input. */
export function from1<T, L>(
  outputs: usize, x: usize, w: usize, bias: usize, c: usize, pitch: usize, limit: L,
): void {
  const least = bound<T, L>(limit);
  for (; outputs; outputs--) {
    const s = v128.load_splat<T>(w);
    const b = v128.load_splat<T>(bias);
    const end = c + pitch;
    let p = x;
    do {
      put<T, L>(c, madd<T>(b, s, v128.load(p)), madd<T>(b, s, v128.load(p, 16)), least, limit);
      p += strip;
      c += strip;
    } while (c < end);
    w += sizeof<T>();
    bias += sizeof<T>();
  }
}

/** All rows of a layer with two inputs; w is [2] per row. */
export function from2<T, L>(
  outputs: usize, x: usize, w: usize, bias: usize, c: usize, pitch: usize, limit: L,
): void {
  const least = bound<T, L>(limit);
  const y = x + pitch;
  for (; outputs; outputs--) {
    const s = v128.load_splat<T>(w);
    const t = v128.load_splat<T>(w, sizeof<T>());
    const b = v128.load_splat<T>(bias);
    const end = c + pitch;
    let p = x;
    let q = y;
    do {
      const c0 = madd<T>(madd<T>(b, s, v128.load(p)), t, v128.load(q));
      const c1 = madd<T>(madd<T>(b, s, v128.load(p, 16)), t, v128.load(q, 16));
      put<T, L>(c, c0, c1, least, limit);
      p += strip;
      q += strip;
      c += strip;
    } while (c < end);
    w += 2 * sizeof<T>();
    bias += sizeof<T>();
  }
}
