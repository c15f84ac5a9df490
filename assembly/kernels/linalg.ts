/** Small dense linear algebra in f64, row-major. Orders of summation depend on the sizes only. */

/** Operands batch, m, k, n, out, a, b: out[m][n] = a[m][k] b[k][n] for each of the batch. Not in place. */
export function f64_matmul(pc: usize): void {
  const m = <usize>load<u32>(pc, 12);
  const k = <usize>load<u32>(pc, 16);
  const n = <usize>load<u32>(pc, 20);
  let out = <usize>load<u32>(pc, 24);
  let a = <usize>load<u32>(pc, 28);
  let b = <usize>load<u32>(pc, 32);
  for (let batch = load<u32>(pc, 8); batch; batch--) {
    for (let i: usize = 0; i < m; i++) {
      if (n == 1) store<f64>(out, dot(a, b, k));
      else rowTimes(out, a, b, k, n);
      out += n * 8;
      a += k * 8;
    }
    b += k * n * 8;
  }
}

/** One row a[k] times b[k][n]. */
function rowTimes(out: usize, a: usize, b: usize, k: usize, n: usize): void {
  const row = n * 8;
  const end = a + k * 8;
  let j: usize = 0;
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
 * Operands n, m, out, A, b, scratch of 8 n n bytes: A[n][n] out[n][m] = b[n][m], by LU with partial pivoting.
 * A singular matrix gives NaN everywhere. out may be b.
 */
export function f64_solve(pc: usize): void {
  const n = <usize>load<u32>(pc, 8);
  const m = <usize>load<u32>(pc, 12);
  const x = <usize>load<u32>(pc, 16);
  const b = <usize>load<u32>(pc, 24);
  const lu = <usize>load<u32>(pc, 28);
  const row = n * 8;
  const wide = m * 8;
  memory.copy(lu, load<u32>(pc, 20), n * row);
  if (x != b) memory.copy(x, b, n * wide);
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

/**
 * Replaces the lower triangle of a[n][n] by its Cholesky factor L. False if the matrix is not positive definite by
 * more than the rounding of its diagonal; then a is half done.
 */
export function cholesky(a: usize, n: usize): bool {
  const row = n * 8;
  const floor = 4.0 * <f64>n * f64.EPSILON;
  for (let i: usize = 0; i < n; i++) {
    const li = a + i * row;
    for (let j: usize = 0; j < i; j++) {
      const lj = a + j * row;
      store<f64>(li + j * 8, (load<f64>(li + j * 8) - dot(li, lj, j)) / load<f64>(lj + j * 8));
    }
    const diagonal = load<f64>(li + i * 8);
    const rest = diagonal - dot(li, li, i);
    if (!(rest > floor * diagonal) || rest == Infinity) return false;
    store<f64>(li + i * 8, sqrt<f64>(rest));
  }
  return true;
}

/** b = L^-1 b. */
export function forward(l: usize, b: usize, n: usize): void {
  for (let i: usize = 0; i < n; i++) {
    const at = b + i * 8;
    store<f64>(at, (load<f64>(at) - dot(l, b, i)) / load<f64>(l + i * 8));
    l += n * 8;
  }
}

/** b = L^-T b. */
export function backward(l: usize, b: usize, n: usize): void {
  for (let i = n; i-- > 0; ) {
    const li = l + i * n * 8;
    const x = load<f64>(b + i * 8) / load<f64>(li + i * 8);
    store<f64>(b + i * 8, x);
    axpy(b, li, -x, i);
  }
}
