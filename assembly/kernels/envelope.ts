import { axpy, dot } from "./linalg";

/**
 * Symmetric matrices as lower triangles in envelopes: row i has its columns first[i] .. i one after the other, and at[i]
 * is where its column 0 would stand, counted in f64. A Cholesky factor has the envelope of its matrix: coordinates that
 * meet few others, in blocks before the rest, cost the rest of each row and no more.
 */

/** Lays rows out one after the other; returns their size. */
export function place(first: usize, at: usize, n: usize): usize {
  let size: usize = 0;
  for (let i: usize = 0; i < n; i++) {
    const from = <usize>load<u32>(first + i * 4);
    store<u32>(at + i * 4, <u32>(size - from));
    size += i + 1 - from;
  }
  return size;
}

/** The address of column 0 of a row. */
function row(a: usize, at: usize, i: usize): usize {
  return a + 8 * <usize>load<u32>(at + i * 4);
}

/**
 * Replaces a matrix by its Cholesky factor L. False, with a half done, if a pivot is not above 1e-12 of its diagonal
 * element: solutions would be rounding errors.
 */
export function cholesky(a: usize, first: usize, at: usize, n: usize): bool {
  for (let i: usize = 0; i < n; i++) {
    const li = row(a, at, i);
    const from = <usize>load<u32>(first + i * 4);
    for (let j = from; j < i; j++) {
      const lj = row(a, at, j);
      const both = max<usize>(from, <usize>load<u32>(first + j * 4));
      const rest = load<f64>(li + j * 8) - dot(li + both * 8, lj + both * 8, j - both);
      store<f64>(li + j * 8, rest / load<f64>(lj + j * 8));
    }
    const diagonal = load<f64>(li + i * 8);
    const rest = diagonal - dot(li + from * 8, li + from * 8, i - from);
    if (!(rest > 1e-12 * diagonal) || rest == Infinity) return false;
    store<f64>(li + i * 8, sqrt<f64>(rest));
  }
  return true;
}

/** b = L^-1 b. */
export function forward(l: usize, first: usize, at: usize, b: usize, n: usize): void {
  for (let i: usize = 0; i < n; i++) {
    const li = row(l, at, i);
    const from = <usize>load<u32>(first + i * 4);
    const sum = dot(li + from * 8, b + from * 8, i - from);
    store<f64>(b + i * 8, (load<f64>(b + i * 8) - sum) / load<f64>(li + i * 8));
  }
}

/** b = L^-T b. */
export function backward(l: usize, first: usize, at: usize, b: usize, n: usize): void {
  for (let i = n; i-- > 0; ) {
    const li = row(l, at, i);
    const from = <usize>load<u32>(first + i * 4);
    const x = load<f64>(b + i * 8) / load<f64>(li + i * 8);
    store<f64>(b + i * 8, x);
    axpy(b + from * 8, li + from * 8, -x, i - from);
  }
}

/** y += A x. */
export function plus(y: usize, a: usize, first: usize, at: usize, x: usize, n: usize): void {
  for (let i: usize = 0; i < n; i++) {
    const ai = row(a, at, i);
    const from = <usize>load<u32>(first + i * 4);
    store<f64>(y + i * 8, load<f64>(y + i * 8) + dot(ai + from * 8, x + from * 8, i - from + 1));
    axpy(y + from * 8, ai + from * 8, load<f64>(x + i * 8), i - from);
  }
}
