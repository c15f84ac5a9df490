/**
 * Register blocks of the dense kernels: R rows of C (pitch bytes apart) times strips of events,
 *
 *   C[r][e] = start + sum_k w[k][r] x[k][e],   start = bias[r] or what C holds,
 *
 * and a limit when it is stored (see `bound`).
 * Events are in the lanes and weights are broadcast, so narrow layers need no packing of x. w is a panel [k][R].
 * Blocks are chosen for 15 vector registers (x64 engines keep one): accumulators, two of x, one weight, one
 * product; 5 x 2 spills. Loops over k are not unrolled: slower in Node 20.
 */

/** c + a b. */
// @ts-ignore: decorator
@inline export function madd<T>(c: v128, a: v128, b: v128): v128 {
  return v128.add<T>(c, v128.mul<T>(a, b));
}

/**
 * The type of `limit` says what is stored. A number is the least value: 0 is relu, and -inf nothing. A usize is the
 * way from c to events that gate it: c is stored where they are above 0, and else 0. This is the vector for `put`.
 */
// @ts-ignore: decorator
@inline export function bound<T, L>(limit: L): v128 {
  return v128.splat<T>(isFloat<L>() ? <T>limit : <T>0);
}

/** Stores a strip of c. NaN stays: pmax compares least > c. */
// @ts-ignore: decorator
@inline export function put<T, L>(at: usize, c0: v128, c1: v128, least: v128, limit: L): void {
  if (isFloat<L>()) {
    v128.store(at, v128.pmax<T>(c0, least));
    v128.store(at, v128.pmax<T>(c1, least), 16);
  } else {
    v128.store(at, v128.and(c0, v128.gt<T>(v128.load(at + limit), least)));
    v128.store(at, v128.and(c1, v128.gt<T>(v128.load(at + limit, 16), least)), 16);
  }
}

/** Bytes of events that one step of `rows4`, `rows3` and `rows2` covers. */
export const strip: usize = 32;

/** Four rows. `bias` holds the start of each row; 0 continues from what c holds. */
export function rows4<T, L>(
  depth: usize, x: usize, step: usize, strips: usize,
  w: usize, bias: usize, c: usize, pitch: usize, limit: L,
): void {
  const least = bound<T, L>(limit);
  const end = w + depth * 4 * sizeof<T>();
  for (; strips; strips--) {
    let c00: v128, c01: v128, c10: v128, c11: v128, c20: v128, c21: v128, c30: v128, c31: v128;
    const c1 = c + pitch;
    const c2 = c1 + pitch;
    const c3 = c2 + pitch;
    if (bias) {
      c00 = c01 = v128.load_splat<T>(bias);
      c10 = c11 = v128.load_splat<T>(bias, sizeof<T>());
      c20 = c21 = v128.load_splat<T>(bias, 2 * sizeof<T>());
      c30 = c31 = v128.load_splat<T>(bias, 3 * sizeof<T>());
    } else {
      c00 = v128.load(c);
      c01 = v128.load(c, 16);
      c10 = v128.load(c1);
      c11 = v128.load(c1, 16);
      c20 = v128.load(c2);
      c21 = v128.load(c2, 16);
      c30 = v128.load(c3);
      c31 = v128.load(c3, 16);
    }
    let p = x;
    let q = w;
    do {
      const x0 = v128.load(p);
      const x1 = v128.load(p, 16);
      let s = v128.load_splat<T>(q);
      c00 = madd<T>(c00, s, x0);
      c01 = madd<T>(c01, s, x1);
      s = v128.load_splat<T>(q, sizeof<T>());
      c10 = madd<T>(c10, s, x0);
      c11 = madd<T>(c11, s, x1);
      s = v128.load_splat<T>(q, 2 * sizeof<T>());
      c20 = madd<T>(c20, s, x0);
      c21 = madd<T>(c21, s, x1);
      s = v128.load_splat<T>(q, 3 * sizeof<T>());
      c30 = madd<T>(c30, s, x0);
      c31 = madd<T>(c31, s, x1);
      p += step;
      q += 4 * sizeof<T>();
    } while (q < end);
    put<T, L>(c, c00, c01, least, limit);
    put<T, L>(c1, c10, c11, least, limit);
    put<T, L>(c2, c20, c21, least, limit);
    put<T, L>(c3, c30, c31, least, limit);
    x += strip;
    c += strip;
  }
}

/** Three rows; see `rows4`. */
export function rows3<T, L>(
  depth: usize, x: usize, step: usize, strips: usize,
  w: usize, bias: usize, c: usize, pitch: usize, limit: L,
): void {
  const least = bound<T, L>(limit);
  const end = w + depth * 3 * sizeof<T>();
  for (; strips; strips--) {
    let c00: v128, c01: v128, c10: v128, c11: v128, c20: v128, c21: v128;
    const c1 = c + pitch;
    const c2 = c1 + pitch;
    if (bias) {
      c00 = c01 = v128.load_splat<T>(bias);
      c10 = c11 = v128.load_splat<T>(bias, sizeof<T>());
      c20 = c21 = v128.load_splat<T>(bias, 2 * sizeof<T>());
    } else {
      c00 = v128.load(c);
      c01 = v128.load(c, 16);
      c10 = v128.load(c1);
      c11 = v128.load(c1, 16);
      c20 = v128.load(c2);
      c21 = v128.load(c2, 16);
    }
    let p = x;
    let q = w;
    do {
      const x0 = v128.load(p);
      const x1 = v128.load(p, 16);
      let s = v128.load_splat<T>(q);
      c00 = madd<T>(c00, s, x0);
      c01 = madd<T>(c01, s, x1);
      s = v128.load_splat<T>(q, sizeof<T>());
      c10 = madd<T>(c10, s, x0);
      c11 = madd<T>(c11, s, x1);
      s = v128.load_splat<T>(q, 2 * sizeof<T>());
      c20 = madd<T>(c20, s, x0);
      c21 = madd<T>(c21, s, x1);
      p += step;
      q += 3 * sizeof<T>();
    } while (q < end);
    put<T, L>(c, c00, c01, least, limit);
    put<T, L>(c1, c10, c11, least, limit);
    put<T, L>(c2, c20, c21, least, limit);
    x += strip;
    c += strip;
  }
}

/** Two rows; see `rows4`. */
export function rows2<T, L>(
  depth: usize, x: usize, step: usize, strips: usize,
  w: usize, bias: usize, c: usize, pitch: usize, limit: L,
): void {
  const least = bound<T, L>(limit);
  const end = w + depth * 2 * sizeof<T>();
  for (; strips; strips--) {
    let c00: v128, c01: v128, c10: v128, c11: v128;
    const c1 = c + pitch;
    if (bias) {
      c00 = c01 = v128.load_splat<T>(bias);
      c10 = c11 = v128.load_splat<T>(bias, sizeof<T>());
    } else {
      c00 = v128.load(c);
      c01 = v128.load(c, 16);
      c10 = v128.load(c1);
      c11 = v128.load(c1, 16);
    }
    let p = x;
    let q = w;
    do {
      const x0 = v128.load(p);
      const x1 = v128.load(p, 16);
      let s = v128.load_splat<T>(q);
      c00 = madd<T>(c00, s, x0);
      c01 = madd<T>(c01, s, x1);
      s = v128.load_splat<T>(q, sizeof<T>());
      c10 = madd<T>(c10, s, x0);
      c11 = madd<T>(c11, s, x1);
      p += step;
      q += 2 * sizeof<T>();
    } while (q < end);
    put<T, L>(c, c00, c01, least, limit);
    put<T, L>(c1, c10, c11, least, limit);
    x += strip;
    c += strip;
  }
}

/** One row, one strip at a time; see `rows4`. */
export function rows1<T, L>(
  depth: usize, x: usize, step: usize, strips: usize,
  w: usize, bias: usize, c: usize, pitch: usize, limit: L,
): void {
  const least = bound<T, L>(limit);
  const end = w + depth * sizeof<T>();
  for (; strips; strips--) {
    let c0: v128, c1: v128;
    if (bias) {
      c0 = c1 = v128.load_splat<T>(bias);
    } else {
      c0 = v128.load(c);
      c1 = v128.load(c, 16);
    }
    let p = x;
    let q = w;
    do {
      const s = v128.load_splat<T>(q);
      c0 = madd<T>(c0, s, v128.load(p));
      c1 = madd<T>(c1, s, v128.load(p, 16));
      p += step;
      q += sizeof<T>();
    } while (q < end);
    put<T, L>(c, c0, c1, least, limit);
    x += strip;
    c += strip;
  }
}
