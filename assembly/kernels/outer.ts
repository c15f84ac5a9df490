import { maskedProduct } from "./linalg";

/**
 * Symmetric sum of outer products; operands S, n, diagonal, out f64[n][n], a f64[Q], b f64[Q], columns i32[Q],
 * ends i32[S], Q: rows Q belong to segments, segment s from ends[s-1] to ends[s], and
 * out = sum over segments and rows i, j of one of (a_i b_j + b_i a_j) at (columns_i, columns_j). Without `diagonal`
 * rows of the same column do not meet. NaN where ends or columns point outside, or columns do not ascend.
 */
export function f64_segmentOuter(pc: usize): void {
  const S = <usize>load<u32>(pc, 8);
  const n = <usize>load<u32>(pc, 12);
  const diagonal = load<u32>(pc, 16);
  const out = <usize>load<u32>(pc, 20);
  const a = <usize>load<u32>(pc, 24);
  const b = <usize>load<u32>(pc, 28);
  const columns = <usize>load<u32>(pc, 32);
  const ends = <usize>load<u32>(pc, 36);
  if (!sound(S, n, columns, ends, <usize>load<u32>(pc, 40))) {
    fillNaN(out, n * n);
    return;
  }
  memory.fill(out, 0, n * n * 8);
  let from: usize = 0;
  for (let s: usize = 0; s < S; s++) {
    const end = <usize>load<u32>(ends + s * 4);
    for (let i = from; i < end; i++) {
      const p = load<f64>(a + i * 8);
      const q = load<f64>(b + i * 8);
      if (p == 0.0 && q == 0.0) continue;
      const c = <usize>load<u32>(columns + i * 4);
      const row = out + c * n * 8;
      // Columns ascend in a segment: all that is written lies on or below the diagonal.
      for (let j = from; j < i; j++) {
        const to = row + <usize>load<u32>(columns + j * 4) * 8;
        store<f64>(to, load<f64>(to) + (p * load<f64>(b + j * 8) + q * load<f64>(a + j * 8)));
      }
      if (diagonal) store<f64>(row + c * 8, load<f64>(row + c * 8) + (p * q + p * q));
    }
    from = end;
  }
  for (let i: usize = 1; i < n; i++)
    for (let j: usize = 0; j < i; j++) store<f64>(out + (j * n + i) * 8, load<f64>(out + (i * n + j) * 8));
}

/**
 * Reverse of `f64_segmentOuter` in one of its factors; operands S, n, diagonal, out f64[Q], g f64[n][n], b f64[Q],
 * columns i32[Q], ends i32[S], Q: out_i = sum over rows j of the segment of (g_ij + g_ji) b_j.
 */
export function f64_segmentOuterGrad(pc: usize): void {
  const S = <usize>load<u32>(pc, 8);
  const n = <usize>load<u32>(pc, 12);
  const diagonal = load<u32>(pc, 16);
  const out = <usize>load<u32>(pc, 20);
  const g = <usize>load<u32>(pc, 24);
  const b = <usize>load<u32>(pc, 28);
  const columns = <usize>load<u32>(pc, 32);
  const ends = <usize>load<u32>(pc, 36);
  const Q = <usize>load<u32>(pc, 40);
  if (!sound(S, n, columns, ends, Q)) {
    fillNaN(out, Q);
    return;
  }
  // Rows behind the last segment meet none.
  memory.fill(out, 0, Q * 8);
  let from: usize = 0;
  for (let s: usize = 0; s < S; s++) {
    const end = <usize>load<u32>(ends + s * 4);
    for (let i = from; i < end; i++) {
      const c = <usize>load<u32>(columns + i * 4);
      let sum = 0.0;
      for (let j = from; j < end; j++) {
        const d = <usize>load<u32>(columns + j * 4);
        if (c == d && !diagonal) continue;
        sum += (load<f64>(g + (c * n + d) * 8) + load<f64>(g + (d * n + c) * 8)) * load<f64>(b + j * 8);
      }
      store<f64>(out + i * 8, sum);
    }
    from = end;
  }
}

/**
 * The same kernels with strong zeros; one more operand says whose (`strongZeros`). Where a mask
 * made a cotangent 0, the other factor may be infinite or NaN, and the product is 0.
 */
export function f64_segmentOuterMasked(pc: usize): void {
  f64_segmentOuter(pc);
  const n = <usize>load<u32>(pc, 12);
  const out = <usize>load<u32>(pc, 20);
  let finite = true;
  for (let i: usize = 0; i < n * n * 8; i += 8) if (!isFinite(load<f64>(out + i))) finite = false;
  if (finite) return;
  const S = <usize>load<u32>(pc, 8);
  const diagonal = load<u32>(pc, 16);
  const a = <usize>load<u32>(pc, 24);
  const b = <usize>load<u32>(pc, 28);
  const columns = <usize>load<u32>(pc, 32);
  const ends = <usize>load<u32>(pc, 36);
  const Q = <usize>load<u32>(pc, 40);
  const strong = load<u32>(pc, 44);
  if (!sound(S, n, columns, ends, Q)) return;
  memory.fill(out, 0, n * n * 8);
  let from: usize = 0;
  for (let s: usize = 0; s < S; s++) {
    const end = <usize>load<u32>(ends + s * 4);
    for (let i = from; i < end; i++) {
      const c = <usize>load<u32>(columns + i * 4);
      for (let j = from; j < end; j++) {
        const d = <usize>load<u32>(columns + j * 4);
        if (c == d && !diagonal) continue;
        const to = out + (c * n + d) * 8;
        const p = maskedProduct(load<f64>(a + i * 8), load<f64>(b + j * 8), strong);
        const q = maskedProduct(load<f64>(a + j * 8), load<f64>(b + i * 8), strong);
        store<f64>(to, load<f64>(to) + (p + q));
      }
    }
    from = end;
  }
}

export function f64_segmentOuterGradMasked(pc: usize): void {
  f64_segmentOuterGrad(pc);
  const S = <usize>load<u32>(pc, 8);
  const n = <usize>load<u32>(pc, 12);
  const diagonal = load<u32>(pc, 16);
  const out = <usize>load<u32>(pc, 20);
  const g = <usize>load<u32>(pc, 24);
  const b = <usize>load<u32>(pc, 28);
  const columns = <usize>load<u32>(pc, 32);
  const ends = <usize>load<u32>(pc, 36);
  const Q = <usize>load<u32>(pc, 40);
  const strong = load<u32>(pc, 44);
  if (!sound(S, n, columns, ends, Q)) return;
  let from: usize = 0;
  for (let s: usize = 0; s < S; s++) {
    const end = <usize>load<u32>(ends + s * 4);
    for (let i = from; i < end; i++) {
      if (isFinite(load<f64>(out + i * 8))) continue;
      const c = <usize>load<u32>(columns + i * 4);
      let sum = 0.0;
      for (let j = from; j < end; j++) {
        const d = <usize>load<u32>(columns + j * 4);
        if (c == d && !diagonal) continue;
        const both = load<f64>(g + (c * n + d) * 8) + load<f64>(g + (d * n + c) * 8);
        sum += maskedProduct(both, load<f64>(b + j * 8), strong);
      }
      store<f64>(out + i * 8, sum);
    }
    from = end;
  }
}

/** Whether columns i32[Q] are inside and ascend in each segment, and ends i32[S] ascend up to Q: no row lies elsewhere. */
function sound(S: usize, n: usize, columns: usize, ends: usize, Q: usize): bool {
  let from: usize = 0;
  for (let s: usize = 0; s < S; s++) {
    const end = <usize>load<u32>(ends + s * 4);
    if (end < from || end > Q) return false;
    let least: usize = 0;
    for (let i = from; i < end; i++) {
      const c = <usize>load<u32>(columns + i * 4);
      if (c < least || c >= n) return false;
      least = c + 1;
    }
    from = end;
  }
  return true;
}

function fillNaN(out: usize, n: usize): void {
  for (let i: usize = 0; i < n; i++) store<f64>(out + i * 8, NaN);
}
