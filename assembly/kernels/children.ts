import { inside } from "../check";
import { copy } from "./tile";

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

/** Sums per parent of k f32 per child, in f64; see `sumChildren`. */
export function f64_sumWide(pc: usize): void {
  foldChildren<f32, f64>(pc, false);
}

/** Operands k, out [parents][k], a [children][k], first, parents. In the order of the children, and in f64. */
function sumChildren<X>(pc: usize): void {
  foldChildren<X, X>(pc, false);
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
  foldChildren<X, X>(pc, true);
}

/** Most children of a parent that is folded beside three others. */
const beside = 32;

/** Sums or, where `largest`, maxima of X as Y. */
// @ts-ignore: decorator
@inline function foldChildren<X, Y>(pc: usize, largest: bool): void {
  const k = <usize>load<u32>(pc, 8);
  const out = <usize>load<u32>(pc, 12);
  const a = <usize>load<u32>(pc, 16);
  const first = <usize>load<u32>(pc, 20);
  const n = load<i32>(<usize>load<u32>(pc, 24));
  if (!ASC_NO_ASSERT) inside(first, <usize>(n + 1) * 4);
  if (!ASC_NO_ASSERT) inside(out, <usize>n * k * sizeof<Y>());
  const row = k * sizeof<X>();
  const start = a - <usize>load<i32>(first) * row;
  let p = 0;
  if (k == 1) for (; p + 4 <= n; p += 4) four<X, Y>(out, start, first, p, largest);
  for (; p < n; p++) {
    const from = start + <usize>load<i32>(first + <usize>p * 4) * row;
    const to = start + <usize>load<i32>(first + <usize>p * 4 + 4) * row;
    for (let j: usize = 0; j < k; j++)
      store<Y>(out + (<usize>p * k + j) * sizeof<Y>(), foldRun<X, Y>(from + j * sizeof<X>(), to, row, largest));
  }
}

/** Every k-th number of [from, to). */
// @ts-ignore: decorator
@inline function foldRun<X, Y>(from: usize, to: usize, row: usize, largest: bool): Y {
  let s = largest ? -Infinity : 0.0;
  for (; from < to; from += row) s = largest ? max<f64>(s, <f64>load<X>(from)) : s + <f64>load<X>(from);
  return <Y>s;
}

/**
 * Four parents side by side, four children of each in a turn: a long run of one would wait for each addition, and how many turns
 * there are is guessed better than how many children. Reads up to `beside` rows too far.
 */
// @ts-ignore: decorator
@inline function four<X, Y>(out: usize, start: usize, first: usize, p: i32, largest: bool): void {
  const at = first + <usize>p * 4;
  const starts = v128.load(at);
  let left = i32x4.sub(v128.load(at, 4), starts);
  let a = start + <usize>i32x4.extract_lane(starts, 0) * sizeof<X>();
  let b = start + <usize>i32x4.extract_lane(starts, 1) * sizeof<X>();
  let c = start + <usize>i32x4.extract_lane(starts, 2) * sizeof<X>();
  let d = start + <usize>i32x4.extract_lane(starts, 3) * sizeof<X>();
  out += <usize>p * sizeof<Y>();
  const pairs = i32x4.max_s(left, i32x4.shuffle(left, left, 2, 3, 0, 1));
  let most = max<i32>(i32x4.extract_lane(pairs, 0), i32x4.extract_lane(pairs, 1));
  if (most > beside) {
    const end = start + <usize>load<i32>(at, 16) * sizeof<X>();
    store<Y>(out, foldRun<X, Y>(a, b, sizeof<X>(), largest));
    store<Y>(out, foldRun<X, Y>(b, c, sizeof<X>(), largest), sizeof<Y>());
    store<Y>(out, foldRun<X, Y>(c, d, sizeof<X>(), largest), 2 * sizeof<Y>());
    store<Y>(out, foldRun<X, Y>(d, end, sizeof<X>(), largest), 3 * sizeof<Y>());
    return;
  }
  let low = f64x2.splat(largest ? -Infinity : 0.0);
  let high = low;
  for (;;) {
    const has = i32x4.gt_s(left, i32x4.splat(0));
    const has1 = i32x4.gt_s(left, i32x4.splat(1));
    const has2 = i32x4.gt_s(left, i32x4.splat(2));
    const has3 = i32x4.gt_s(left, i32x4.splat(3));
    if (sizeof<X>() == 4) {
      const x = v128.load(a);
      const y = v128.load(b);
      const z = v128.load(c);
      const w = v128.load(d);
      const xy = i32x4.shuffle(x, y, 0, 4, 1, 5);
      const zw = i32x4.shuffle(z, w, 0, 4, 1, 5);
      const XY = i32x4.shuffle(x, y, 2, 6, 3, 7);
      const ZW = i32x4.shuffle(z, w, 2, 6, 3, 7);
      const r0 = kept<f32>(i64x2.shuffle(xy, zw, 0, 2), has, largest);
      const r1 = kept<f32>(i64x2.shuffle(xy, zw, 1, 3), has1, largest);
      const r2 = kept<f32>(i64x2.shuffle(XY, ZW, 0, 2), has2, largest);
      const r3 = kept<f32>(i64x2.shuffle(XY, ZW, 1, 3), has3, largest);
      low = fold(fold(fold(fold(low, front(r0), largest), front(r1), largest), front(r2), largest), front(r3), largest);
      high = fold(fold(fold(fold(high, back(r0), largest), back(r1), largest), back(r2), largest), back(r3), largest);
    } else {
      let x = v128.load(a);
      let y = v128.load(b);
      let z = v128.load(c);
      let w = v128.load(d);
      low = fold(low, kept<f64>(i64x2.shuffle(x, y, 0, 2), i32x4.shuffle(has, has, 0, 0, 1, 1), largest), largest);
      high = fold(high, kept<f64>(i64x2.shuffle(z, w, 0, 2), i32x4.shuffle(has, has, 2, 2, 3, 3), largest), largest);
      low = fold(low, kept<f64>(i64x2.shuffle(x, y, 1, 3), i32x4.shuffle(has1, has1, 0, 0, 1, 1), largest), largest);
      high = fold(high, kept<f64>(i64x2.shuffle(z, w, 1, 3), i32x4.shuffle(has1, has1, 2, 2, 3, 3), largest), largest);
      x = v128.load(a, 16);
      y = v128.load(b, 16);
      z = v128.load(c, 16);
      w = v128.load(d, 16);
      low = fold(low, kept<f64>(i64x2.shuffle(x, y, 0, 2), i32x4.shuffle(has2, has2, 0, 0, 1, 1), largest), largest);
      high = fold(high, kept<f64>(i64x2.shuffle(z, w, 0, 2), i32x4.shuffle(has2, has2, 2, 2, 3, 3), largest), largest);
      low = fold(low, kept<f64>(i64x2.shuffle(x, y, 1, 3), i32x4.shuffle(has3, has3, 0, 0, 1, 1), largest), largest);
      high = fold(high, kept<f64>(i64x2.shuffle(z, w, 1, 3), i32x4.shuffle(has3, has3, 2, 2, 3, 3), largest), largest);
    }
    most -= 4;
    if (most <= 0) break;
    left = i32x4.sub(left, i32x4.splat(4));
    a += 4 * sizeof<X>();
    b += 4 * sizeof<X>();
    c += 4 * sizeof<X>();
    d += 4 * sizeof<X>();
  }
  if (sizeof<Y>() == 4) {
    v128.store(out, i64x2.shuffle(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 2));
  } else {
    v128.store(out, low);
    v128.store(out, high, 16);
  }
}

/** What changes nothing where there is no child. */
// @ts-ignore: decorator
@inline function kept<X>(x: v128, has: v128, largest: bool): v128 {
  return largest ? v128.bitselect(x, v128.splat<X>(<X>-Infinity), has) : v128.and(x, has);
}

// @ts-ignore: decorator
@inline function fold(s: v128, x: v128, largest: bool): v128 {
  return largest ? f64x2.max(s, x) : f64x2.add(s, x);
}

// @ts-ignore: decorator
@inline function front(x: v128): v128 {
  return f64x2.promote_low_f32x4(x);
}

// @ts-ignore: decorator
@inline function back(x: v128): v128 {
  return f64x2.promote_low_f32x4(i64x2.shuffle(x, x, 1, 0));
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
    } else for (let e: usize = 0; e < bytes; e += row) copy(out + e, a, row);
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
