import { inside } from "../check";

/** Kernels along runs of rows (see along.ts) that put numbers in order, NaN last. */

/** A number as an integer of the same order; -0 as 0, and NaN above all, which it is in descending order, too. */
// @ts-ignore: decorator
@inline function keyOf<X>(v: X, descending: u32): i64 {
  if (v != v) return i64.MAX_VALUE;
  const bits = reinterpret<i64>(<f64>v + 0.0);
  const key = bits ^ ((bits >> 63) & i64.MAX_VALUE);
  return descending ? ~key : key;
}

/** See `argsort`. */
export function f32_argsort(pc: usize): void {
  argsort<f32>(pc);
}

/** See `argsort`. */
export function f64_argsort(pc: usize): void {
  argsort<f64>(pc);
}

/**
 * Operands k, out i32, a, first, runs, scratch, descending: places in order, equal ones as they stood. `scratch` has 24 bytes
 * for each row of the longest run.
 */
function argsort<X>(pc: usize): void {
  const k = <usize>load<u32>(pc, 8);
  const out = <usize>load<u32>(pc, 12);
  const a = <usize>load<u32>(pc, 16);
  const first = <usize>load<u32>(pc, 20);
  const n = load<i32>(<usize>load<u32>(pc, 24));
  const keys = <usize>load<u32>(pc, 28);
  const descending = load<u32>(pc, 32);
  const start = load<i32>(first);
  if (!ASC_NO_ASSERT) inside(out, <usize>(load<i32>(first + <usize>n * 4) - start) * k * 4);
  for (let p = 0; p < n; p++) {
    const from = <usize>(load<i32>(first + <usize>p * 4) - start) * k;
    const count = load<i32>(first + <usize>p * 4 + 4) - start - <i32>(from / k);
    if (!ASC_NO_ASSERT) inside(keys, <usize>count * 24);
    const places = keys + <usize>count * 16;
    for (let j: usize = 0; j < k; j++) {
      const at = (from + j) * sizeof<X>();
      for (let i = 0; i < count; i++) {
        store<i64>(keys + <usize>i * 8, keyOf<X>(load<X>(a + at + <usize>i * k * sizeof<X>()), descending));
        store<i32>(places + <usize>i * 4, i);
      }
      const sorted = sortKeys(keys, places, count);
      for (let i = 0; i < count; i++)
        store<i32>(out + (from + j + <usize>i * k) * 4, load<i32>(sorted + <usize>i * 4));
    }
  }
}

/** Runs of so many are sorted by insertion, and then merged. */
const block = 16;

/**
 * Sorts n places i32 by their keys i64. There is room for n keys behind the keys, and for n places behind the places; returns
 * where the sorted places stand.
 */
function sortKeys(keys: usize, places: usize, n: i32): usize {
  for (let from = 0; from < n; from += block) insert(keys, places, from, min<i32>(from + block, n));
  let otherKeys = keys + <usize>n * 8;
  let otherPlaces = places + <usize>n * 4;
  for (let width = block; width < n; width *= 2) {
    for (let from = 0; from < n; from += 2 * width) {
      const half = min<i32>(from + width, n);
      merge(keys, places, otherKeys, otherPlaces, from, half, min<i32>(half + width, n));
    }
    const k = keys;
    const p = places;
    keys = otherKeys;
    places = otherPlaces;
    otherKeys = k;
    otherPlaces = p;
  }
  return places;
}

/** Sorts [from, to) by insertion. */
function insert(keys: usize, places: usize, from: i32, to: i32): void {
  for (let i = from + 1; i < to; i++) {
    const key = load<i64>(keys + <usize>i * 8);
    const place = load<i32>(places + <usize>i * 4);
    let j = i;
    for (; j > from && load<i64>(keys + <usize>j * 8 - 8) > key; j--) {
      store<i64>(keys + <usize>j * 8, load<i64>(keys + <usize>j * 8 - 8));
      store<i32>(places + <usize>j * 4, load<i32>(places + <usize>j * 4 - 4));
    }
    store<i64>(keys + <usize>j * 8, key);
    store<i32>(places + <usize>j * 4, place);
  }
}

/** Merges [from, half) with [half, to), of equal keys the first ones first. */
function merge(keys: usize, places: usize, toKeys: usize, toPlaces: usize, from: i32, half: i32, to: i32): void {
  let left = from;
  let right = half;
  for (let i = from; i < to; i++) {
    const second = left >= half || (right < to && load<i64>(keys + <usize>right * 8) < load<i64>(keys + <usize>left * 8));
    const taken = <usize>(second ? right++ : left++);
    store<i64>(toKeys + <usize>i * 8, load<i64>(keys + taken * 8));
    store<i32>(toPlaces + <usize>i * 4, load<i32>(places + taken * 4));
  }
}

/** See `largest`. */
export function f32_largest(pc: usize): void {
  largest<f32>(pc);
}

/** See `largest`. */
export function f64_largest(pc: usize): void {
  largest<f64>(pc);
}

/**
 * Operands k, out i32[runs][most][k], a, first, runs, most: places of the largest in descending order, as `argsort` has them; -1
 * where there are fewer.
 */
function largest<X>(pc: usize): void {
  const k = <usize>load<u32>(pc, 8);
  let out = <usize>load<u32>(pc, 12);
  let a = <usize>load<u32>(pc, 16);
  const first = <usize>load<u32>(pc, 20);
  const n = load<i32>(<usize>load<u32>(pc, 24));
  const most = load<i32>(pc, 28);
  const row = k * sizeof<X>();
  const step = k * 4;
  if (!ASC_NO_ASSERT) inside(out, <usize>n * <usize>most * step);
  for (let p = 0; p < n; p++) {
    const count = load<i32>(first + <usize>p * 4 + 4) - load<i32>(first + <usize>p * 4);
    for (let j: usize = 0; j < k; j++) {
      const from = a + j * sizeof<X>();
      const to = out + j * 4;
      let have = 0;
      let worst: i64 = 0;
      for (let i = 0; i < count; i++) {
        const key = keyOf<X>(load<X>(from + <usize>i * row), 1);
        if (have == most && key >= worst) continue;
        let t = have < most ? have++ : have - 1;
        for (; t > 0; t--) {
          const before = load<i32>(to + <usize>(t - 1) * step);
          if (keyOf<X>(load<X>(from + <usize>before * row), 1) <= key) break;
          store<i32>(to + <usize>t * step, before);
        }
        store<i32>(to + <usize>t * step, i);
        worst = keyOf<X>(load<X>(from + <usize>load<i32>(to + <usize>(have - 1) * step) * row), 1);
      }
      for (; have < most; have++) store<i32>(to + <usize>have * step, -1);
    }
    out += <usize>most * step;
    a += <usize>count * row;
  }
}

/** See `searchsorted`. */
export function f32_searchsorted(pc: usize): void {
  searchsorted<f32>(pc);
}

/** See `searchsorted`. */
export function f64_searchsorted(pc: usize): void {
  searchsorted<f64>(pc);
}

/**
 * Operands k, out i32, a, v, first, runs, to, each, right. `out` and `v` have rows of k for each run, those that `to` says as
 * `first` does, or `each` where it is 0: how many numbers of the sorted run are less than v, or, right, less or equal; NaN is last.
 */
function searchsorted<X>(pc: usize): void {
  const k = <usize>load<u32>(pc, 8);
  let out = <usize>load<u32>(pc, 12);
  let a = <usize>load<u32>(pc, 16);
  let v = <usize>load<u32>(pc, 20);
  const first = <usize>load<u32>(pc, 24);
  const n = load<i32>(<usize>load<u32>(pc, 28));
  const to = <usize>load<u32>(pc, 32);
  const each = load<i32>(pc, 36);
  const right = load<u32>(pc, 40);
  const row = k * sizeof<X>();
  for (let p = 0; p < n; p++) {
    const count = load<i32>(first + <usize>p * 4 + 4) - load<i32>(first + <usize>p * 4);
    const rows = to ? load<i32>(to + <usize>p * 4 + 4) - load<i32>(to + <usize>p * 4) : each;
    if (!ASC_NO_ASSERT) inside(out, <usize>rows * k * 4);
    for (let r = 0; r < rows; r++) {
      for (let j: usize = 0; j < row; j += sizeof<X>()) {
        const key = keyOf<X>(load<X>(v), 0);
        v += sizeof<X>();
        let low = 0;
        let high = count;
        while (low < high) {
          const middle = (low + high) >> 1;
          const other = keyOf<X>(load<X>(a + <usize>middle * row + j), 0);
          if (other < key || (right && other == key)) low = middle + 1;
          else high = middle;
        }
        store<i32>(out, low);
        out += 4;
      }
    }
    a += <usize>count * row;
  }
}
