import { inside } from "../check";

/**
 * Kernels from rows of a parent to rows of its child and back. They run once for a chunk, on buffers of whole rows [row][k].
 * Their last two operands are the addresses of first, i32[parents + 1] (children of parent p are those of first[p] to
 * first[p + 1] - 1, counted from first[0]), and of the number of parents. Buffers have 64 rows of room at their end.
 */

/** Operands out, first, parents: how many children each has. */
export function f32_countChildren(pc: usize): void {
  const out = <usize>load<u32>(pc, 8);
  const first = <usize>load<u32>(pc, 12);
  const n = load<u32>(<usize>load<u32>(pc, 16));
  if (!ASC_NO_ASSERT) inside(out, <usize>n * 4);
  for (let e: usize = 0; e < <usize>n * 4; e += 16)
    v128.store(out + e, f32x4.convert_i32x4_s(i32x4.sub(v128.load(first + e, 4), v128.load(first + e))));
}

/** The same for f64. */
export function f64_countChildren(pc: usize): void {
  const out = <usize>load<u32>(pc, 8);
  const first = <usize>load<u32>(pc, 12);
  const n = load<u32>(<usize>load<u32>(pc, 16));
  if (!ASC_NO_ASSERT) inside(out, <usize>n * 8);
  for (let e: usize = 0; e < <usize>n * 4; e += 8) {
    const counts = i32x4.sub(v128.load64_zero(first + e, 4), v128.load64_zero(first + e));
    v128.store(out + e * 2, f64x2.convert_low_i32x4_s(counts));
  }
}

/** Sums per parent of k f32 per child; see `sumChildren`. */
export function f32_sumChildren(pc: usize): void {
  sumChildren<f32>(pc);
}

/** Sums per parent of k f64 per child; see `sumChildren`. */
export function f64_sumChildren(pc: usize): void {
  sumChildren<f64>(pc);
}

/** Most children of a parent that is summed beside three others. */
const beside = 32;

/** Operands k, out [parents][k], a [children][k], first, parents. In the order of the children, and in f64. */
function sumChildren<X>(pc: usize): void {
  const k = <usize>load<u32>(pc, 8);
  const out = <usize>load<u32>(pc, 12);
  const a = <usize>load<u32>(pc, 16);
  const first = <usize>load<u32>(pc, 20);
  const n = load<i32>(<usize>load<u32>(pc, 24));
  if (!ASC_NO_ASSERT) inside(first, <usize>(n + 1) * 4);
  if (!ASC_NO_ASSERT) inside(out, <usize>n * k * sizeof<X>());
  const row = k * sizeof<X>();
  const start = a - <usize>load<i32>(first) * row;
  let p = 0;
  if (k == 1) for (; p + 4 <= n; p += 4) four<X>(out, start, first, p);
  for (; p < n; p++) {
    const from = start + <usize>load<i32>(first + <usize>p * 4) * row;
    const to = start + <usize>load<i32>(first + <usize>p * 4 + 4) * row;
    for (let j: usize = 0; j < row; j += sizeof<X>()) store<X>(out + <usize>p * row + j, <X>sumRun<X>(from + j, to, row));
  }
}

/** The sum of every k-th number of [from, to). */
// @ts-ignore: decorator
@inline function sumRun<X>(from: usize, to: usize, row: usize): f64 {
  let s = 0.0;
  for (; from < to; from += row) s += <f64>load<X>(from);
  return s;
}

/** Sums of four parents side by side: a long run of one would wait for each addition. */
// @ts-ignore: decorator
@inline function four<X>(out: usize, start: usize, first: usize, p: i32): void {
  const at = first + <usize>p * 4;
  const starts = v128.load(at);
  const counts = i32x4.sub(v128.load(at, 4), starts);
  let a = start + <usize>i32x4.extract_lane(starts, 0) * sizeof<X>();
  let b = start + <usize>i32x4.extract_lane(starts, 1) * sizeof<X>();
  let c = start + <usize>i32x4.extract_lane(starts, 2) * sizeof<X>();
  let d = start + <usize>i32x4.extract_lane(starts, 3) * sizeof<X>();
  out += <usize>p * sizeof<X>();
  const most = max<i32>(
    max<i32>(i32x4.extract_lane(counts, 0), i32x4.extract_lane(counts, 1)),
    max<i32>(i32x4.extract_lane(counts, 2), i32x4.extract_lane(counts, 3)),
  );
  if (most > beside) {
    const end = start + <usize>load<i32>(at, 16) * sizeof<X>();
    store<X>(out, <X>sumRun<X>(a, b, sizeof<X>()));
    store<X>(out + sizeof<X>(), <X>sumRun<X>(b, c, sizeof<X>()));
    store<X>(out + 2 * sizeof<X>(), <X>sumRun<X>(c, d, sizeof<X>()));
    store<X>(out + 3 * sizeof<X>(), <X>sumRun<X>(d, end, sizeof<X>()));
    return;
  }
  let low = i64x2.splat(0);
  let high = low;
  let left = counts;
  const one = i32x4.splat(1);
  const none = i32x4.splat(0);
  // Two turns without a question where there are few: a guess about each parent would often be wrong.
  const turns = max<i32>(most, 2);
  for (let i = 0; i < turns; i++) {
    const has = i32x4.gt_s(left, none);
    left = i32x4.sub(left, one);
    if (sizeof<X>() == 4) {
      let v = v128.load32_zero(a);
      v = v128.load32_lane(b, v, 1);
      v = v128.load32_lane(c, v, 2);
      v = v128.and(v128.load32_lane(d, v, 3), has);
      low = f64x2.add(low, f64x2.promote_low_f32x4(v));
      high = f64x2.add(high, f64x2.promote_low_f32x4(i64x2.shuffle(v, v, 1, 0)));
    } else {
      const v = v128.load64_lane(b, v128.load64_zero(a), 1);
      const w = v128.load64_lane(d, v128.load64_zero(c), 1);
      low = f64x2.add(low, v128.and(v, i32x4.shuffle(has, has, 0, 0, 1, 1)));
      high = f64x2.add(high, v128.and(w, i32x4.shuffle(has, has, 2, 2, 3, 3)));
    }
    a += sizeof<X>();
    b += sizeof<X>();
    c += sizeof<X>();
    d += sizeof<X>();
  }
  if (sizeof<X>() == 4) {
    const x = f32x4.demote_f64x2_zero(low);
    const y = f32x4.demote_f64x2_zero(high);
    v128.store(out, i64x2.shuffle(x, y, 0, 2));
  } else {
    v128.store(out, low);
    v128.store(out, high, 16);
  }
}

/** Largest per parent of k f32 per child; see `maxChildren`. */
export function f32_maxChildren(pc: usize): void {
  maxChildren<f32>(pc);
}

/** Largest per parent of k f64 per child; see `maxChildren`. */
export function f64_maxChildren(pc: usize): void {
  maxChildren<f64>(pc);
}

/** Operands k, out [parents][k], a [children][k], first, parents. Without children -inf; NaN propagates. */
function maxChildren<X>(pc: usize): void {
  const k = <usize>load<u32>(pc, 8);
  let out = <usize>load<u32>(pc, 12);
  const a = <usize>load<u32>(pc, 16);
  const first = <usize>load<u32>(pc, 20);
  const n = load<i32>(<usize>load<u32>(pc, 24));
  if (!ASC_NO_ASSERT) inside(out, <usize>n * k * sizeof<X>());
  const row = k * sizeof<X>();
  const start = a - <usize>load<i32>(first) * row;
  for (let p = 0; p < n; p++) {
    const from = start + <usize>load<i32>(first + <usize>p * 4) * row;
    const to = start + <usize>load<i32>(first + <usize>p * 4 + 4) * row;
    for (let j: usize = 0; j < row; j += sizeof<X>()) {
      let m: X = <X>-Infinity;
      for (let at = from + j; at < to; at += row) m = max<X>(m, load<X>(at));
      store<X>(out, m);
      out += sizeof<X>();
    }
  }
}

/** k f32 of each parent to all of its children; see `spreadChildren`. */
export function f32_spreadChildren(pc: usize): void {
  spreadChildren<f32>(pc);
}

/** k f64 of each parent to all of its children; see `spreadChildren`. */
export function f64_spreadChildren(pc: usize): void {
  spreadChildren<f64>(pc);
}

/** k i32 of each parent to all of its children; see `spreadChildren`. */
export function i32_spreadChildren(pc: usize): void {
  spreadChildren<i32>(pc);
}

/** Operands k, out [children][k], a [parents][k], first, parents. */
function spreadChildren<X>(pc: usize): void {
  const k = <usize>load<u32>(pc, 8);
  let out = <usize>load<u32>(pc, 12);
  let a = <usize>load<u32>(pc, 16);
  const first = <usize>load<u32>(pc, 20);
  const n = load<i32>(<usize>load<u32>(pc, 24));
  const row = k * sizeof<X>();
  if (!ASC_NO_ASSERT) inside(out, (<usize>(load<i32>(first + <usize>n * 4) - load<i32>(first)) + 64) * row);
  let start = load<i32>(first);
  if (k == 1 && load<i32>(first + <usize>n * 4) - start <= 2 * n) {
    few<X>(out, a, first, n);
    return;
  }
  for (let p = 0; p < n; p++) {
    const stop = load<i32>(first + <usize>p * 4 + 4);
    const bytes = <usize>(stop - start) * row;
    start = stop;
    if (k == 1) {
      // Always the same few stores: what goes too far is written over by the next parent, or is room.
      const v = v128.splat<X>(load<X>(a));
      v128.store(out, v);
      v128.store(out, v, 16);
      v128.store(out, v, 32);
      v128.store(out, v, 48);
      for (let e: usize = 64; e < bytes; e += 64) {
        v128.store(out + e, v);
        v128.store(out + e, v, 16);
        v128.store(out + e, v, 32);
        v128.store(out + e, v, 48);
      }
    } else for (let e: usize = 0; e < bytes; e += row) memory.copy(out + e, a, row);
    out += bytes;
    a += row;
  }
}

/** The same where most parents have few children: one store for each. */
// @ts-ignore: decorator
@inline function few<X>(out: usize, a: usize, first: usize, n: i32): void {
  let start = load<i32>(first);
  for (let p = 0; p < n; p++) {
    first += 4;
    const stop = load<i32>(first);
    const bytes = <usize>(stop - start) * sizeof<X>();
    start = stop;
    const v = v128.splat<X>(load<X>(a));
    v128.store(out, v);
    for (let e: usize = 16; e < bytes; e += 16) v128.store(out + e, v);
    out += bytes;
    a += sizeof<X>();
  }
}

/** Operands out i32[children], first, parents: the place of each child in its parent, from 0. */
export function any_place(pc: usize): void {
  let out = <usize>load<u32>(pc, 8);
  const first = <usize>load<u32>(pc, 12);
  const n = load<i32>(<usize>load<u32>(pc, 16));
  for (let p = 0; p < n; p++) {
    const children = load<i32>(first + <usize>p * 4 + 4) - load<i32>(first + <usize>p * 4);
    for (let i = 0; i < children; i++) {
      store<i32>(out, i);
      out += 4;
    }
  }
}
