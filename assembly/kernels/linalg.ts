import { apart, inside } from "../check";
import { solveBytes, strongZeros } from "../generated/agreed";

/** Small dense linear algebra in f64, row-major. Orders of summation depend on the sizes only. */

/** Operands batch, m, k, n, out, a, b: out[m][n] = a[m][k] b[k][n] for each of the batch. Not in place. */
export function f64_matmul(pc: usize): void {
  const m = <usize>load<u32>(pc, 12);
  const k = <usize>load<u32>(pc, 16);
  const n = <usize>load<u32>(pc, 20);
  let out = <usize>load<u32>(pc, 24);
  let a = <usize>load<u32>(pc, 28);
  let b = <usize>load<u32>(pc, 32);
  const width = n * 8;
  const depth = k * 8;
  if (!ASC_NO_ASSERT) {
    const count = <usize>load<u32>(pc, 8);
    apart(out, count * m * width, a, count * m * depth);
    apart(out, count * m * width, b, count * k * width);
  }
  for (let batch = load<u32>(pc, 8); batch; batch--) {
    let i: usize = 0;
    if (n > 1)
      for (; i + 4 <= m; i += 4) {
        let j: usize = 0;
        for (; j + 32 <= width; j += 32) block(out + j, a, b + j, k, width);
        for (let r: usize = 0; r < 4; r++) rowTimes(out + r * width, a + r * depth, b, k, n, j);
        out += 4 * width;
        a += 4 * depth;
      }
    for (; i < m; i++) {
      if (n == 1) store<f64>(out, dot(a, b, k));
      else rowTimes(out, a, b, k, n, 0);
      out += width;
      a += depth;
    }
    b += k * width;
  }
}

/**
 * The same with strong zeros: operand 8 says whose (`strongZeros`). Where a mask made a cotangent 0, the other factor
 * may be infinite or NaN, and the product is 0. Results that are not finite are made again.
 */
export function f64_matmulMasked(pc: usize): void {
  f64_matmul(pc);
  const m = <usize>load<u32>(pc, 12);
  const k = <usize>load<u32>(pc, 16);
  const n = <usize>load<u32>(pc, 20);
  let out = <usize>load<u32>(pc, 24);
  let a = <usize>load<u32>(pc, 28);
  let b = <usize>load<u32>(pc, 32);
  const strong = load<u32>(pc, 36);
  for (let batch = load<u32>(pc, 8); batch; batch--) {
    for (let i: usize = 0; i < m; i++) {
      for (let j: usize = 0; j < n; j++) {
        if (!isFinite(load<f64>(out))) store<f64>(out, maskedDot(k, a, 8, b + j * 8, n * 8, strong));
        out += 8;
      }
      a += k * 8;
    }
    b += k * n * 8;
  }
}

/** Sum of a[i] b[i], i in steps of `da` and `db` bytes, a product being 0 where a factor with strong zeros is. */
export function maskedDot(k: usize, a: usize, da: usize, b: usize, db: usize, strong: u32): f64 {
  let sum = 0.0;
  for (; k; k--) {
    sum += maskedProduct(load<f64>(a), load<f64>(b), strong);
    a += da;
    b += db;
  }
  return sum;
}

/** a b, and 0 where a factor with strong zeros is. */
// @ts-ignore: decorator
@inline export function maskedProduct(a: f64, b: f64, strong: u32): f64 {
  return (strong & strongZeros.first && a == 0.0) || (strong & strongZeros.second && b == 0.0) ? 0.0 : a * b;
}

/** Four rows of a[k] times four columns of b[k][width / 8]. */
function block(out: usize, a: usize, b: usize, k: usize, width: usize): void {
  let s00 = i64x2.splat(0);
  let s01 = s00, s10 = s00, s11 = s00, s20 = s00, s21 = s00, s30 = s00, s31 = s00;
  const depth = k * 8;
  const a1 = a + depth;
  const a2 = a1 + depth;
  const a3 = a2 + depth;
  for (let p: usize = 0; p < depth; p += 8) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    let x = v128.load64_splat(a + p);
    s00 = f64x2.add(s00, f64x2.mul(x, b0));
    s01 = f64x2.add(s01, f64x2.mul(x, b1));
    x = v128.load64_splat(a1 + p);
    s10 = f64x2.add(s10, f64x2.mul(x, b0));
    s11 = f64x2.add(s11, f64x2.mul(x, b1));
    x = v128.load64_splat(a2 + p);
    s20 = f64x2.add(s20, f64x2.mul(x, b0));
    s21 = f64x2.add(s21, f64x2.mul(x, b1));
    x = v128.load64_splat(a3 + p);
    s30 = f64x2.add(s30, f64x2.mul(x, b0));
    s31 = f64x2.add(s31, f64x2.mul(x, b1));
    b += width;
  }
  v128.store(out, s00);
  v128.store(out, s01, 16);
  v128.store(out + width, s10);
  v128.store(out + width, s11, 16);
  v128.store(out + width * 2, s20);
  v128.store(out + width * 2, s21, 16);
  v128.store(out + width * 3, s30);
  v128.store(out + width * 3, s31, 16);
}

/** One row a[k] times b[k][n], from the byte `from` of the row on. */
function rowTimes(out: usize, a: usize, b: usize, k: usize, n: usize, from: usize): void {
  const row = n * 8;
  const end = a + k * 8;
  let j = from;
  for (; j + 64 <= row; j += 64) {
    let s0 = i64x2.splat(0);
    let s1 = s0, s2 = s0, s3 = s0;
    let q = b + j;
    for (let p = a; p < end; p += 8) {
      const x = v128.load64_splat(p);
      s0 = f64x2.add(s0, f64x2.mul(x, v128.load(q)));
      s1 = f64x2.add(s1, f64x2.mul(x, v128.load(q, 16)));
      s2 = f64x2.add(s2, f64x2.mul(x, v128.load(q, 32)));
      s3 = f64x2.add(s3, f64x2.mul(x, v128.load(q, 48)));
      q += row;
    }
    v128.store(out + j, s0);
    v128.store(out + j, s1, 16);
    v128.store(out + j, s2, 32);
    v128.store(out + j, s3, 48);
  }
  for (; j + 16 <= row; j += 16) {
    let s = i64x2.splat(0);
    let q = b + j;
    for (let p = a; p < end; p += 8) {
      s = f64x2.add(s, f64x2.mul(v128.load64_splat(p), v128.load(q)));
      q += row;
    }
    v128.store(out + j, s);
  }
  if (j < row) {
    let s = 0.0;
    let q = b + j;
    for (let p = a; p < end; p += 8) {
      s += load<f64>(p) * load<f64>(q);
      q += row;
    }
    store<f64>(out + j, s);
  }
}

/** Sum of a[i] b[i]. */
export function dot(a: usize, b: usize, n: usize): f64 {
  const bytes = n * 8;
  let i: usize = 0;
  let s0 = i64x2.splat(0);
  if (bytes >= 64) {
    let s1 = s0, s2 = s0, s3 = s0;
    for (; i + 64 <= bytes; i += 64) {
      s0 = f64x2.add(s0, f64x2.mul(v128.load(a + i), v128.load(b + i)));
      s1 = f64x2.add(s1, f64x2.mul(v128.load(a + i, 16), v128.load(b + i, 16)));
      s2 = f64x2.add(s2, f64x2.mul(v128.load(a + i, 32), v128.load(b + i, 32)));
      s3 = f64x2.add(s3, f64x2.mul(v128.load(a + i, 48), v128.load(b + i, 48)));
    }
    s0 = f64x2.add(f64x2.add(s0, s1), f64x2.add(s2, s3));
  }
  for (; i + 16 <= bytes; i += 16) s0 = f64x2.add(s0, f64x2.mul(v128.load(a + i), v128.load(b + i)));
  let s = f64x2.extract_lane(s0, 0) + f64x2.extract_lane(s0, 1);
  if (i < bytes) s += load<f64>(a + i) * load<f64>(b + i);
  return s;
}

/** y += s x. */
export function axpy(y: usize, x: usize, s: f64, n: usize): void {
  const bytes = n * 8;
  const v = f64x2.splat(s);
  let i: usize = 0;
  for (; i + 16 <= bytes; i += 16)
    v128.store(y + i, f64x2.add(v128.load(y + i), f64x2.mul(v, v128.load(x + i))));
  if (i < bytes) store<f64>(y + i, load<f64>(y + i) + s * load<f64>(x + i));
}

/**
 * Operands batch, n, m, out, A, b, scratch (`solveBytes`): A[n][n] out[n][m] = b[n][m] for each of the batch, by LU with
 * partial pivoting. A singular matrix gives NaN everywhere in its part. out may be b.
 */
export function f64_solve(pc: usize): void {
  const n = <usize>load<u32>(pc, 12);
  const m = <usize>load<u32>(pc, 16);
  let x = <usize>load<u32>(pc, 20);
  let a = <usize>load<u32>(pc, 24);
  let b = <usize>load<u32>(pc, 28);
  const lu = <usize>load<u32>(pc, 32);
  if (!ASC_NO_ASSERT) inside(lu, solveBytes(n));
  for (let batch = load<u32>(pc, 8); batch; batch--) {
    memory.copy(lu, a, solveBytes(n));
    if (x != b) memory.copy(x, b, n * m * 8);
    solved(lu, x, n, m);
    a += n * n * 8;
    b += n * m * 8;
    x += n * m * 8;
  }
}

/** x = A^-1 x; destroys A. */
export function solved(lu: usize, x: usize, n: usize, m: usize): void {
  const row = n * 8;
  const wide = m * 8;
  for (let c: usize = 0; c < n; c++) {
    const top = lu + c * row;
    const p = pivot(lu, n, c);
    const d = load<f64>(lu + p * row + c * 8);
    if (!(abs<f64>(d) > 0.0)) {
      for (let i: usize = 0; i < n * wide; i += 8) store<f64>(x + i, NaN);
      return;
    }
    if (p != c) {
      swap(top, lu + p * row, row);
      swap(x + c * wide, x + p * wide, wide);
    }
    for (let r = c + 1; r < n; r++) {
      const at = lu + r * row;
      const factor = load<f64>(at + c * 8) / d;
      if (factor == 0.0) continue;
      axpy(at + c * 8 + 8, top + c * 8 + 8, -factor, n - c - 1);
      axpy(x + r * wide, x + c * wide, -factor, m);
    }
  }
  for (let c = n; c-- > 0; ) {
    const at = x + c * wide;
    const d = load<f64>(lu + c * row + c * 8);
    for (let i: usize = 0; i < wide; i += 8) store<f64>(at + i, load<f64>(at + i) / d);
    for (let r: usize = 0; r < c; r++) axpy(x + r * wide, at, -load<f64>(lu + r * row + c * 8), m);
  }
}

/** The same, but a column of b that is 0 gives 0 whatever A is: where a mask made a cotangent 0. out is not b. */
export function f64_solveMasked(pc: usize): void {
  f64_solve(pc);
  const n = <usize>load<u32>(pc, 12);
  const m = <usize>load<u32>(pc, 16);
  let x = <usize>load<u32>(pc, 20);
  let b = <usize>load<u32>(pc, 28);
  for (let batch = load<u32>(pc, 8); batch; batch--) {
    for (let j: usize = 0; j < m; j++) {
      let zero = true;
      for (let i = j; i < n * m; i += m) if (load<f64>(b + i * 8) != 0.0) zero = false;
      if (zero) for (let i = j; i < n * m; i += m) store<f64>(x + i * 8, 0.0);
    }
    b += n * m * 8;
    x += n * m * 8;
  }
}

/** The row from c on with the greatest element of column c. */
function pivot(a: usize, n: usize, c: usize): usize {
  let best = c;
  let size = 0.0;
  for (let r = c; r < n; r++) {
    const value = abs<f64>(load<f64>(a + (r * n + c) * 8));
    if (value > size) {
      size = value;
      best = r;
    }
  }
  return best;
}

function swap(a: usize, b: usize, bytes: usize): void {
  for (let i: usize = 0; i < bytes; i += 8) {
    const x = load<f64>(a + i);
    store<f64>(a + i, load<f64>(b + i));
    store<f64>(b + i, x);
  }
}
