import { inside } from "../check";

/** States of f32 along the children of each parent; see `recurrence`. */
export function f32_recurrence(pc: usize): void {
  recurrence<f32>(pc);
}

/** States of f64 along the children of each parent; see `recurrence`. */
export function f64_recurrence(pc: usize): void {
  recurrence<f64>(pc);
}

/**
 * Operands k, out [children][k], a [children], v [children], b [children][k] or 0, flags (1: begin with 1 in state 0, else
 * with 0; 2: from the last child to the first; 4: states go down), first, parents. The next row is a row + v (row shifted by one
 * state, up or down) + b; a state of 0 stays 0 whatever it is multiplied with. See children.ts for the buffers.
 */
function recurrence<X>(pc: usize): void {
  const k = <usize>load<u32>(pc, 8);
  const out = <usize>load<u32>(pc, 12);
  const a = <usize>load<u32>(pc, 16);
  const v = <usize>load<u32>(pc, 20);
  const b = <usize>load<u32>(pc, 24);
  const flags = load<u32>(pc, 28);
  const first = <usize>load<u32>(pc, 32);
  const n = load<i32>(<usize>load<u32>(pc, 36));
  const begin: X = (flags & 1) != 0 ? 1 : 0;
  const back = (flags & 2) != 0;
  const down = (flags & 4) != 0;
  const size = sizeof<X>();
  const row = k * size;
  const zero = load<i32>(first);
  if (!ASC_NO_ASSERT) inside(out, <usize>(load<i32>(first + <usize>n * 4) - zero) * row);
  for (let p = 0; p < n; p++) {
    const from = <usize>(load<i32>(first + <usize>p * 4) - zero);
    const to = <usize>(load<i32>(first + <usize>p * 4 + 4) - zero);
    if (from == to) continue;
    let here = back ? to - 1 : from;
    const start = out + here * row;
    memory.fill(start, 0, row);
    store<X>(start, begin);
    for (let left = to - from - 1; left > 0; left--) {
      const next = back ? here - 1 : here + 1;
      const now = out + here * row;
      const then = out + next * row;
      const keep = load<X>(a + here * size);
      const move = load<X>(v + here * size);
      for (let j: usize = 0; j < row; j += size) {
        let s = times<X>(keep, load<X>(now + j));
        if (down) {
          if (j + size < row) s += times<X>(move, load<X>(now + j + size));
        } else if (j > 0) s += times<X>(move, load<X>(now + j - size));
        if (b != 0) s += <f64>load<X>(b + here * row + j);
        store<X>(then + j, <X>s);
      }
      here = next;
    }
  }
}

// @ts-ignore: decorator
@inline function times<X>(x: X, state: X): f64 {
  return state == 0 ? 0 : <f64>x * <f64>state;
}
