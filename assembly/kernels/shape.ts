import { apart, inside } from "../check";
import { copy } from "./tile";

/** f32 elements chosen by a table; see `select`. */
export function f32_select(pc: usize): void {
  choose<f32>(pc);
}

/** f64 elements chosen by a table; see `select`. */
export function f64_select(pc: usize): void {
  choose<f64>(pc);
}

/** i32 elements chosen by a table; see `select`. */
export function i32_select(pc: usize): void {
  choose<i32>(pc);
}

/** Operands n, T, out, a, table: out[i][:] = table[i] < 0 ? 0 : a[table[i]][:]. Not in place. */
function choose<X>(pc: usize): void {
  const n = <usize>load<u32>(pc, 8);
  const T = <usize>load<u32>(pc, 12);
  let out = <usize>load<u32>(pc, 16);
  const a = <usize>load<u32>(pc, 20);
  const table = <usize>load<u32>(pc, 24);
  if (!ASC_NO_ASSERT) inside(out, n * T * sizeof<X>());
  if (!ASC_NO_ASSERT) inside(table, n * 4);
  if (T == 1) {
    for (let i: usize = 0; i < n; i++) {
      const from = load<i32>(table + i * 4);
      if (!ASC_NO_ASSERT && from >= 0) apart(out, n * sizeof<X>(), a + <usize>from * sizeof<X>(), sizeof<X>());
      store<X>(out + i * sizeof<X>(), from < 0 ? <X>0 : load<X>(a + <usize>from * sizeof<X>()));
    }
    return;
  }
  const pitch = T * sizeof<X>();
  const zero = i64x2.splat(0);
  for (let i: usize = 0; i < n; i++) {
    const from = load<i32>(table + i * 4);
    if (!ASC_NO_ASSERT && from >= 0) inside(a + <usize>from * pitch, pitch);
    if (from >= 0) copy(out, a + <usize>from * pitch, pitch);
    else for (let e: usize = 0; e < pitch; e += 16) v128.store(out + e, zero);
    out += pitch;
  }
}

/** f32 sums by target; see `accumulate`. */
export function f32_accumulate(pc: usize): void {
  accumulate<f32>(pc);
}

/** f64 sums by target; see `accumulate`. */
export function f64_accumulate(pc: usize): void {
  accumulate<f64>(pc);
}

/**
 * Operands n, m, T, out, a, table: out[j][:] = sum of a[i][:] over i < n with table[i] == j, in the order of i;
 * j < m, and targets below 0 are skipped. Not in place.
 */
function accumulate<X>(pc: usize): void {
  const n = <usize>load<u32>(pc, 8);
  const m = <usize>load<u32>(pc, 12);
  const T = <usize>load<u32>(pc, 16);
  const out = <usize>load<u32>(pc, 20);
  let a = <usize>load<u32>(pc, 24);
  const table = <usize>load<u32>(pc, 28);
  const pitch = T * sizeof<X>();
  if (!ASC_NO_ASSERT) apart(out, m * pitch, a, n * pitch);
  if (!ASC_NO_ASSERT) inside(table, n * 4);
  memory.fill(out, 0, m * pitch);
  if (T == 1) {
    for (let i: usize = 0; i < n; ) {
      const to = load<i32>(table + i * 4);
      if (!ASC_NO_ASSERT) assert(to < <i32>m, "a sum goes to a target that is none");
      const at = out + <usize>to * sizeof<X>();
      // A run of one target stays in a register: sums over a row would else wait for their own stores.
      let sum: X = to < 0 ? <X>0 : load<X>(at);
      do sum += load<X>(a + i * sizeof<X>());
      while (++i < n && load<i32>(table + i * 4) == to);
      if (to >= 0) store<X>(at, sum);
    }
    return;
  }
  for (let i: usize = 0; i < n; i++) {
    const to = load<i32>(table + i * 4);
    if (!ASC_NO_ASSERT) assert(to < <i32>m, "a sum goes to a target that is none");
    if (to >= 0) {
      const at = out + <usize>to * pitch;
      for (let e: usize = 0; e < pitch; e += 16)
        v128.store(at + e, v128.add<X>(v128.load(at + e), v128.load(a + e)));
    }
    a += pitch;
  }
}

/** f32 maxima by target; see `accumulateMax`. */
export function f32_accumulateMax(pc: usize): void {
  accumulateMax<f32>(pc);
}

/** f64 maxima by target; see `accumulateMax`. */
export function f64_accumulateMax(pc: usize): void {
  accumulateMax<f64>(pc);
}

/** Like `accumulate` with max: targets that nothing reaches are -inf, and NaN propagates. */
function accumulateMax<X>(pc: usize): void {
  const n = <usize>load<u32>(pc, 8);
  const m = <usize>load<u32>(pc, 12);
  const T = <usize>load<u32>(pc, 16);
  const out = <usize>load<u32>(pc, 20);
  let a = <usize>load<u32>(pc, 24);
  const table = <usize>load<u32>(pc, 28);
  const pitch = T * sizeof<X>();
  for (let i: usize = 0; i < m * pitch; i += sizeof<X>()) store<X>(out + i, <X>-Infinity);
  for (let i: usize = 0; i < n; i++) {
    const to = load<i32>(table + i * 4);
    if (!ASC_NO_ASSERT) assert(to < <i32>m, "a maximum goes to a target that is none");
    if (to >= 0) {
      const at = out + <usize>to * pitch;
      if (T == 1) store<X>(at, max<X>(load<X>(at), load<X>(a)));
      else
        for (let e: usize = 0; e < pitch; e += 16)
          v128.store(at + e, v128.max<X>(v128.load(at + e), v128.load(a + e)));
    }
    a += pitch;
  }
}

/** f32 parts of a concatenation; see `place`. */
export function f32_place(pc: usize): void {
  place<f32>(pc);
}

/** f64 parts of a concatenation; see `place`. */
export function f64_place(pc: usize): void {
  place<f64>(pc);
}

/** i32 parts of a concatenation; see `place`. */
export function i32_place(pc: usize): void {
  place<i32>(pc);
}

/** Operands n, T, out, a, offset: out[offset + i][:] = a[i][:] for i < n; the rest of out stays. */
function place<X>(pc: usize): void {
  const n = <usize>load<u32>(pc, 8);
  const pitch = <usize>load<u32>(pc, 12) * sizeof<X>();
  const out = <usize>load<u32>(pc, 16);
  const a = <usize>load<u32>(pc, 20);
  const offset = <usize>load<u32>(pc, 24);
  copy(out + offset * pitch, a, n * pitch);
}
