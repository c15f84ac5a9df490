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
    for (let j: usize = 0; j < row; j += size) store<X>(start + j, 0);
    store<X>(start, begin);
    for (let left = to - from - 1; left > 0; left--) {
      const next = back ? here - 1 : here + 1;
      const now = out + here * row;
      const then = out + next * row;
      const keep = load<X>(a + here * size);
      const move = load<X>(v + here * size);
      const done = down
        ? vectors<X>(row, now, then, keep, move, b ? b + here * row : 0, true)
        : vectors<X>(row, now, then, keep, move, b ? b + here * row : 0, false);
      for (let j = done; j < row; j += size) {
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

/** The next row as far as it fills whole vectors; returns how many bytes these are. States stand in the lanes. */
// @ts-ignore: decorator
@inline function vectors<X>(row: usize, now: usize, then: usize, keep: X, move: X, b: usize, down: bool): usize {
  const whole = row & ~15;
  const kept = f64x2.splat(<f64>keep);
  const moved = f64x2.splat(<f64>move);
  // What stood in the last lanes before.
  let before = i64x2.splat(0);
  for (let j: usize = 0; j < whole; j += 16) {
    const x = v128.load(now + j);
    const more = down && j + 16 < row;
    if (sizeof<X>() == 4) {
      const low = f64x2.promote_low_f32x4(x);
      const high = f64x2.promote_low_f32x4(i64x2.shuffle(x, x, 1, 0));
      const behind = more ? f64x2.promote_low_f32x4(v128.load32_zero(now + j, 16)) : i64x2.splat(0);
      const between = i64x2.shuffle(low, high, 1, 2);
      let s = step(low, down ? between : i64x2.shuffle(before, low, 1, 2), kept, moved);
      let t = step(high, down ? i64x2.shuffle(high, behind, 1, 2) : between, kept, moved);
      before = high;
      if (b) {
        const y = v128.load(b + j);
        s = f64x2.add(s, f64x2.promote_low_f32x4(y));
        t = f64x2.add(t, f64x2.promote_low_f32x4(i64x2.shuffle(y, y, 1, 0)));
      }
      v128.store(then + j, i64x2.shuffle(f32x4.demote_f64x2_zero(s), f32x4.demote_f64x2_zero(t), 0, 2));
    } else {
      const behind = more ? v128.load64_zero(now + j, 16) : i64x2.splat(0);
      let s = step(x, down ? i64x2.shuffle(x, behind, 1, 2) : i64x2.shuffle(before, x, 1, 2), kept, moved);
      before = x;
      if (b) s = f64x2.add(s, v128.load(b + j));
      v128.store(then + j, s);
    }
  }
  return whole;
}

// @ts-ignore: decorator
@inline function step(state: v128, other: v128, kept: v128, moved: v128): v128 {
  const zero = f64x2.splat(0);
  const a = v128.and(f64x2.mul(kept, state), f64x2.ne(state, zero));
  return f64x2.add(a, v128.and(f64x2.mul(moved, other), f64x2.ne(other, zero)));
}

// @ts-ignore: decorator
@inline function times<X>(x: X, state: X): f64 {
  return state == 0 ? 0 : <f64>x * <f64>state;
}
