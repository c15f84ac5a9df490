import { inside } from "../check";

/**
 * Kernels along runs of rows: the children of each parent, or the elements along an inner axis. Rows have k numbers and lie
 * one after the other; the operands `first`, i32[runs + 1], and `runs`, the address of their number, say which rows are a run
 * (those of run p are first[p] to first[p + 1] - 1, counted from first[0]). Every one of the k numbers has a run of its own.
 */

/** See `takeAlong`; NaN where the place is outside. */
export function f32_takeAlong(pc: usize): void {
  takeAlong<f32>(pc, NaN);
}

/** See `takeAlong`; NaN where the place is outside. */
export function f64_takeAlong(pc: usize): void {
  takeAlong<f64>(pc, NaN);
}

/** See `takeAlong`; -1 where the place is outside. */
export function i32_takeAlong(pc: usize): void {
  takeAlong<i32>(pc, -1);
}

/**
 * Operands k, out, a, places i32, first, runs, to, each, masked. `out` and `places` have rows of k for each run, those that `to`
 * says as `first` does, or `each` where it is 0. Each element is that of `a` at the place in its run; `outside` or, masked, 0 where
 * there is none.
 */
function takeAlong<X>(pc: usize, outside: X): void {
  const k = <usize>load<u32>(pc, 8);
  let out = <usize>load<u32>(pc, 12);
  let a = <usize>load<u32>(pc, 16);
  let places = <usize>load<u32>(pc, 20);
  const first = <usize>load<u32>(pc, 24);
  const n = load<i32>(<usize>load<u32>(pc, 28));
  const to = <usize>load<u32>(pc, 32);
  const each = load<i32>(pc, 36);
  const none: X = load<u32>(pc, 40) ? <X>0 : outside;
  const row = k * sizeof<X>();
  if (!ASC_NO_ASSERT) inside(out, <usize>(to ? rowsOf(to, n) : n * each) * row);
  if (!ASC_NO_ASSERT) inside(a, <usize>rowsOf(first, n) * row);
  for (let p = 0; p < n; p++) {
    const count = <u32>lengthOf(first, p);
    for (let r = to ? lengthOf(to, p) : each; r > 0; r--) {
      for (let j: usize = 0; j < row; j += sizeof<X>()) {
        const place = load<u32>(places);
        places += 4;
        store<X>(out, place < count ? load<X>(a + <usize>place * row + j) : none);
        out += sizeof<X>();
      }
    }
    a += <usize>count * row;
  }
}

/** See `scatterAlong`. */
export function f32_scatterAlong(pc: usize): void {
  scatterAlong<f32>(pc);
}

/** See `scatterAlong`. */
export function f64_scatterAlong(pc: usize): void {
  scatterAlong<f64>(pc);
}

/** Operands k, out, a, places i32, first, runs, from, each: the transpose of `takeAlong`, in the order of the rows of `a`. */
function scatterAlong<X>(pc: usize): void {
  const k = <usize>load<u32>(pc, 8);
  let out = <usize>load<u32>(pc, 12);
  let a = <usize>load<u32>(pc, 16);
  let places = <usize>load<u32>(pc, 20);
  const first = <usize>load<u32>(pc, 24);
  const n = load<i32>(<usize>load<u32>(pc, 28));
  const from = <usize>load<u32>(pc, 32);
  const each = load<i32>(pc, 36);
  const row = k * sizeof<X>();
  const bytes = <usize>rowsOf(first, n) * row;
  if (!ASC_NO_ASSERT) inside(out, bytes);
  if (!ASC_NO_ASSERT) inside(a, <usize>(from ? rowsOf(from, n) : n * each) * row);
  memory.fill(out, 0, bytes);
  for (let p = 0; p < n; p++) {
    const count = <u32>lengthOf(first, p);
    for (let r = from ? lengthOf(from, p) : each; r > 0; r--) {
      for (let j: usize = 0; j < row; j += sizeof<X>()) {
        const place = load<u32>(places);
        places += 4;
        if (place < count) {
          const at = out + <usize>place * row + j;
          store<X>(at, load<X>(at) + load<X>(a));
        }
        a += sizeof<X>();
      }
    }
    out += <usize>count * row;
  }
}

/** See `nth`; NaN where there is none. */
export function f32_nth(pc: usize): void {
  nth<f32>(pc, NaN);
}

/** See `nth`; NaN where there is none. */
export function f64_nth(pc: usize): void {
  nth<f64>(pc, NaN);
}

/** See `nth`; -1 where there is none. */
export function i32_nth(pc: usize): void {
  nth<i32>(pc, -1);
}

/** Operands k, out, a, first, runs, i, masked: row i of each run, from its end where negative; without one `outside`, or 0. */
function nth<X>(pc: usize, outside: X): void {
  const k = <usize>load<u32>(pc, 8);
  let out = <usize>load<u32>(pc, 12);
  let a = <usize>load<u32>(pc, 16);
  const first = <usize>load<u32>(pc, 20);
  const n = load<i32>(<usize>load<u32>(pc, 24));
  const i = load<i32>(pc, 28);
  const none: X = load<u32>(pc, 32) ? <X>0 : outside;
  const row = k * sizeof<X>();
  if (!ASC_NO_ASSERT) inside(out, <usize>n * row);
  for (let p = 0; p < n; p++) {
    const count = lengthOf(first, p);
    const place = i < 0 ? count + i : i;
    const from = a + <usize>place * row;
    const has = <u32>place < <u32>count;
    for (let j: usize = 0; j < row; j += sizeof<X>()) store<X>(out + j, has ? load<X>(from + j) : none);
    out += row;
    a += <usize>count * row;
  }
}

/** See `placeNth`. */
export function f32_placeNth(pc: usize): void {
  placeNth<f32>(pc);
}

/** See `placeNth`. */
export function f64_placeNth(pc: usize): void {
  placeNth<f64>(pc);
}

/** Operands k, out, a, first, runs, i: the transpose of `nth`. */
function placeNth<X>(pc: usize): void {
  const k = <usize>load<u32>(pc, 8);
  let out = <usize>load<u32>(pc, 12);
  let a = <usize>load<u32>(pc, 16);
  const first = <usize>load<u32>(pc, 20);
  const n = load<i32>(<usize>load<u32>(pc, 24));
  const i = load<i32>(pc, 28);
  const row = k * sizeof<X>();
  const bytes = <usize>rowsOf(first, n) * row;
  if (!ASC_NO_ASSERT) inside(out, bytes);
  memory.fill(out, 0, bytes);
  for (let p = 0; p < n; p++) {
    const count = lengthOf(first, p);
    const place = i < 0 ? count + i : i;
    if (<u32>place < <u32>count) {
      const to = out + <usize>place * row;
      for (let j: usize = 0; j < row; j += sizeof<X>()) store<X>(to + j, load<X>(a + j));
    }
    out += <usize>count * row;
    a += row;
  }
}

/** See `argmax`. */
export function f32_argmax(pc: usize): void {
  argmax<f32>(pc);
}

/** See `argmax`. */
export function f64_argmax(pc: usize): void {
  argmax<f64>(pc);
}

/**
 * Operands k, out i32[runs][k], a, first, runs, least: the place of the first largest (or least) in each run, where NaN is
 * larger (less) than all; -1 where the run is empty.
 */
function argmax<X>(pc: usize): void {
  const k = <usize>load<u32>(pc, 8);
  let out = <usize>load<u32>(pc, 12);
  let a = <usize>load<u32>(pc, 16);
  const first = <usize>load<u32>(pc, 20);
  const n = load<i32>(<usize>load<u32>(pc, 24));
  const least = load<u32>(pc, 28);
  const row = k * sizeof<X>();
  if (!ASC_NO_ASSERT) inside(out, <usize>n * k * 4);
  for (let p = 0; p < n; p++) {
    const count = lengthOf(first, p);
    for (let j: usize = 0; j < row; j += sizeof<X>()) {
      let place = -1;
      let best: X = 0;
      let at = a + j;
      for (let i = 0; i < count; i++) {
        const v = load<X>(at);
        at += row;
        if (place < 0 || (best == best && (v != v || (least ? v < best : v > best)))) {
          place = i;
          best = v;
        }
      }
      store<i32>(out, place);
      out += 4;
    }
    a += <usize>count * row;
  }
}

/** Rows of run p. */
// @ts-ignore: decorator
@inline function lengthOf(first: usize, p: i32): i32 {
  const at = first + <usize>p * 4;
  return load<i32>(at, 4) - load<i32>(at);
}

/** Rows of n runs. */
// @ts-ignore: decorator
@inline function rowsOf(first: usize, n: i32): i32 {
  return load<i32>(first + <usize>n * 4) - load<i32>(first);
}
