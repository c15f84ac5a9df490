import { inside } from "../check";

/** Kernels along runs of rows (see along.ts) that go through a run from one end to the other, in f64. */

/** See `cumsum`. */
export function f32_cumsum(pc: usize): void {
  cumsum<f32>(pc);
}

/** See `cumsum`. */
export function f64_cumsum(pc: usize): void {
  cumsum<f64>(pc);
}

/** Operands k, out, a, first, runs, exclusive, reverse: sums up to each element, with it or without, or from it on. */
function cumsum<X>(pc: usize): void {
  const k = <usize>load<u32>(pc, 8);
  const out = <usize>load<u32>(pc, 12);
  const a = <usize>load<u32>(pc, 16);
  const first = <usize>load<u32>(pc, 20);
  const n = load<i32>(<usize>load<u32>(pc, 24));
  const exclusive = load<u32>(pc, 28);
  const reverse = load<u32>(pc, 32);
  const row = k * sizeof<X>();
  const start = load<i32>(first);
  if (!ASC_NO_ASSERT) inside(out, <usize>(load<i32>(first + <usize>n * 4) - start) * row);
  const step: usize = reverse ? <usize>0 - row : row;
  for (let p = 0; p < n; p++) {
    const from = load<i32>(first + <usize>p * 4) - start;
    const to = load<i32>(first + <usize>p * 4 + 4) - start;
    for (let j: usize = 0; j < row; j += sizeof<X>()) {
      let at = <usize>(reverse ? to - 1 : from) * row + j;
      let s = 0.0;
      for (let i = from; i < to; i++) {
        const before = s;
        s += <f64>load<X>(a + at);
        store<X>(out + at, <X>(exclusive ? before : s));
        at += step;
      }
    }
  }
}

/** See `scan`. */
export function f32_scan(pc: usize): void {
  scan<f32>(pc);
}

/** See `scan`. */
export function f64_scan(pc: usize): void {
  scan<f64>(pc);
}

/**
 * Operands k, out, a, b or 0, first, runs, reverse, strong, start. A state that begins as `start` becomes a·state + b at each
 * element; its values before that. With `strong` a state of 0 stays 0 whatever a is.
 */
function scan<X>(pc: usize): void {
  const k = <usize>load<u32>(pc, 8);
  const out = <usize>load<u32>(pc, 12);
  const a = <usize>load<u32>(pc, 16);
  const b = <usize>load<u32>(pc, 20);
  const first = <usize>load<u32>(pc, 24);
  const n = load<i32>(<usize>load<u32>(pc, 28));
  const reverse = load<u32>(pc, 32);
  const strong = load<u32>(pc, 36);
  const begin = <f64>load<u32>(pc, 40);
  const row = k * sizeof<X>();
  const start = load<i32>(first);
  if (!ASC_NO_ASSERT) inside(out, <usize>(load<i32>(first + <usize>n * 4) - start) * row);
  const step: usize = reverse ? <usize>0 - row : row;
  for (let p = 0; p < n; p++) {
    const from = load<i32>(first + <usize>p * 4) - start;
    const to = load<i32>(first + <usize>p * 4 + 4) - start;
    for (let j: usize = 0; j < row; j += sizeof<X>()) {
      let at = <usize>(reverse ? to - 1 : from) * row + j;
      let s = begin;
      for (let i = from; i < to; i++) {
        store<X>(out + at, <X>s);
        if (!strong || s != 0) s *= <f64>load<X>(a + at);
        if (b) s += <f64>load<X>(b + at);
        at += step;
      }
    }
  }
}

/** See `product`. */
export function f32_product(pc: usize): void {
  product<f32>(pc);
}

/** See `product`. */
export function f64_product(pc: usize): void {
  product<f64>(pc);
}

/** Operands k, out[runs][k], a, first, runs, any: the product of each run, or 1 - the product of 1 - a without cancellation. */
function product<X>(pc: usize): void {
  const k = <usize>load<u32>(pc, 8);
  let out = <usize>load<u32>(pc, 12);
  let a = <usize>load<u32>(pc, 16);
  const first = <usize>load<u32>(pc, 20);
  const n = load<i32>(<usize>load<u32>(pc, 24));
  const any = load<u32>(pc, 28);
  const row = k * sizeof<X>();
  if (!ASC_NO_ASSERT) inside(out, <usize>n * row);
  for (let p = 0; p < n; p++) {
    const end = a + <usize>(load<i32>(first + <usize>p * 4 + 4) - load<i32>(first + <usize>p * 4)) * row;
    for (let j: usize = 0; j < row; j += sizeof<X>()) {
      let s = any ? 0.0 : 1.0;
      for (let at = a + j; at < end; at += row) {
        const v = <f64>load<X>(at);
        s = any ? s + v * (1 - s) : s * v;
      }
      store<X>(out, <X>s);
      out += sizeof<X>();
    }
    a = end;
  }
}
