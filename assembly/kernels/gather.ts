import { inside } from "../check";
import { rows, tile } from "../state";

/** Rows of a small f64 table to an f32 tile; see `take`. */
export function f32_take(pc: usize): void {
  take<f32>(pc, NaN);
}

/** Rows of a small f64 table to an f64 tile; see `take`. */
export function f64_take(pc: usize): void {
  take<f64>(pc, NaN);
}

/** The same, with 0 where the index is outside. */
export function f32_takeMasked(pc: usize): void {
  take<f32>(pc, 0);
}

/** The same, with 0 where the index is outside. */
export function f64_takeMasked(pc: usize): void {
  take<f64>(pc, 0);
}

/** Operands k, m, T, out, table f64[m][k], idx i32[T]: out[j][e] = table[idx[e]][j], `outside` where idx is outside. */
function take<X>(pc: usize, outside: X): void {
  const k = <usize>load<u32>(pc, 8);
  const m = load<u32>(pc, 12);
  const T = <usize>load<u32>(pc, 16);
  let out = <usize>load<u32>(pc, 20);
  const table = <usize>load<u32>(pc, 24);
  const idx = <usize>load<u32>(pc, 28);
  const row = k * 8;
  const bound = i32x4.splat(<i32>m);
  if (!ASC_NO_ASSERT) inside(out, k * T * sizeof<X>());
  if (!ASC_NO_ASSERT) inside(table, <usize>m * row);
  if (!ASC_NO_ASSERT) inside(idx, T * 4);
  for (let j: usize = 0; j < k; j++) {
    const column = table + j * 8;
    for (let e: usize = 0; e < T; e += 4) {
      const at = v128.load(idx + e * 4);
      const to = out + e * sizeof<X>();
      if (v128.all_true<i32>(v128.lt<u32>(at, bound))) {
        const low = v128.load64_lane(
          column + <usize>i32x4.extract_lane(at, 1) * row,
          v128.load64_zero(column + <usize>i32x4.extract_lane(at, 0) * row),
          1,
        );
        const high = v128.load64_lane(
          column + <usize>i32x4.extract_lane(at, 3) * row,
          v128.load64_zero(column + <usize>i32x4.extract_lane(at, 2) * row),
          1,
        );
        if (sizeof<X>() == 4)
          v128.store(to, i64x2.shuffle(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 2));
        else {
          v128.store(to, low);
          v128.store(to, high, 16);
        }
      } else
        for (let lane: usize = 0; lane < 4; lane++) {
          const i = load<u32>(idx + (e + lane) * 4);
          store<X>(to + lane * sizeof<X>(), i < m ? <X>load<f64>(column + <usize>i * row) : outside);
        }
    }
    out += T * sizeof<X>();
  }
}

/** Sums of an f32 tile by segment; see `segmentSum`. */
export function f32_segmentSum(pc: usize): void {
  segmentSum<f32>(pc);
}

/** Sums of an f64 tile by segment; see `segmentSum`. */
export function f64_segmentSum(pc: usize): void {
  segmentSum<f64>(pc);
}

/**
 * Operands k, m, T, out f64[m][k], a, idx i32[T]: out[idx[e]][j] += a[j][e] over the events of a block, in f64 and
 * in the order of the rows; an idx outside 0..m-1 is skipped.
 */
function segmentSum<X>(pc: usize): void {
  const k = <usize>load<u32>(pc, 8);
  const m = load<u32>(pc, 12);
  const pitch = <usize>load<u32>(pc, 16) * sizeof<X>();
  const out = <usize>load<u32>(pc, 20);
  const a = <usize>load<u32>(pc, 24);
  const idx = <usize>load<u32>(pc, 28);
  if (!ASC_NO_ASSERT) inside(out, <usize>m * k * 8);
  if (!ASC_NO_ASSERT) inside(a, k * pitch);
  if (!ASC_NO_ASSERT) inside(idx, <usize>rows * 4);
  if (tile == 0) memory.fill(out, 0, <usize>m * k * 8);
  for (let e: usize = 0; e < <usize>rows; e++) {
    const i = load<u32>(idx + e * 4);
    if (i >= m) continue;
    let from = a + e * sizeof<X>();
    const to = out + <usize>i * k * 8;
    for (let j: usize = 0; j < k * 8; j += 8) {
      store<f64>(to + j, load<f64>(to + j) + <f64>load<X>(from));
      from += pitch;
    }
  }
}

/**
 * Small gather; operands count, n, m, out f64[count][n], table f64[count][m], idx i32[n], fill:
 * out[b][i] = table[b][idx[i]], and the integer `fill` where idx is outside 0..m-1.
 */
export function f64_gather(pc: usize): void {
  const count = <usize>load<u32>(pc, 8);
  const n = <usize>load<u32>(pc, 12);
  const m = load<u32>(pc, 16);
  let out = <usize>load<u32>(pc, 20);
  let table = <usize>load<u32>(pc, 24);
  const idx = <usize>load<u32>(pc, 28);
  const fill = <f64>load<i32>(pc, 32);
  for (let b: usize = 0; b < count; b++) {
    for (let e: usize = 0; e < n; e++) {
      const i = load<u32>(idx + e * 4);
      store<f64>(out + e * 8, i < m ? load<f64>(table + <usize>i * 8) : fill);
    }
    out += n * 8;
    table += <usize>m * 8;
  }
}

/**
 * Small segment sum; operands count, n, m, out f64[count][m], a f64[count][n], idx i32[n]; an idx outside 0..m-1 is
 * skipped.
 */
export function f64_scatter(pc: usize): void {
  const count = <usize>load<u32>(pc, 8);
  const n = <usize>load<u32>(pc, 12);
  const m = load<u32>(pc, 16);
  let out = <usize>load<u32>(pc, 20);
  let a = <usize>load<u32>(pc, 24);
  const idx = <usize>load<u32>(pc, 28);
  memory.fill(out, 0, count * <usize>m * 8);
  for (let b: usize = 0; b < count; b++) {
    for (let e: usize = 0; e < n; e++) {
      const i = load<u32>(idx + e * 4);
      if (i >= m) continue;
      const to = out + <usize>i * 8;
      store<f64>(to, load<f64>(to) + load<f64>(a + e * 8));
    }
    out += <usize>m * 8;
    a += n * 8;
  }
}
