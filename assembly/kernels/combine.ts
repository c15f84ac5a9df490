import { inside } from "../check";
import { memberBytes } from "../generated/agreed";

/**
 * Kernels between rows and their combinations within a parent. They run once for a chunk, on buffers of whole rows [row][k].
 * Their last operands are first, i32[parents + 1] (rows of parent p are those of first[p] to first[p + 1] - 1, counted from
 * first[0]); the address of the number of parents; and what is combined: 2 or 3 different rows i < j < l in their order, or,
 * where that is 0, each row of another table with each row of this one; `others` is first of that table.
 */

/** Operands bytes of a row, out [combinations], a [rows], member, first, parents, how many, others: member 0, 1, 2 of each. */
export function any_member(pc: usize): void {
  const bytes = <usize>load<u32>(pc, 8);
  const out = <usize>load<u32>(pc, 12);
  const a = <usize>load<u32>(pc, 16);
  if (bytes & 7) combine<f32>(pc, false, bytes >> 2, out, a);
  else combine<f64>(pc, false, bytes >> 3, out, a);
}

/** Sums of k f32 per combination; see `sumMembers`. */
export function f32_sumMembers(pc: usize): void {
  sumMembers<f32>(pc);
}

/** Sums of k f64 per combination; see `sumMembers`. */
export function f64_sumMembers(pc: usize): void {
  sumMembers<f64>(pc);
}

/**
 * Operands k, scratch f64[rows][k], a [combinations][k], member, first, parents, how many, others, out [rows][k]: of each row
 * the sum of the combinations that it is that member of, in f64.
 */
function sumMembers<X>(pc: usize): void {
  const k = <usize>load<u32>(pc, 8);
  let from = <usize>load<u32>(pc, 12);
  const first = <usize>load<u32>(pc, 24);
  const parents = <usize>load<u32>(<usize>load<u32>(pc, 28));
  let out = <usize>load<u32>(pc, 40);
  const n = <usize>(load<i32>(first + parents * 4) - load<i32>(first)) * k;
  if (!ASC_NO_ASSERT) inside(from, memberBytes(k, n / k));
  if (!ASC_NO_ASSERT) inside(out, n * sizeof<X>());
  memory.fill(from, 0, n * 8);
  combine<X>(pc, true, k, <usize>load<u32>(pc, 16), from);
  for (const end = out + n * sizeof<X>(); out < end; out += sizeof<X>()) {
    store<X>(out, <X>load<f64>(from));
    from += 8;
  }
}

/** A run of combinations that begins at `at` from rows: one row for all of it, or as many rows as it has. */
// @ts-ignore: decorator
@inline function spread<X>(same: bool, k: usize, at: usize, own: usize, n: usize): void {
  const end = at + n * k * sizeof<X>();
  // Always four vectors: what goes too far is written over by the next run, or is room.
  if (!same) {
    do {
      v128.store(at, v128.load(own));
      v128.store(at, v128.load(own, 16), 16);
      v128.store(at, v128.load(own, 32), 32);
      v128.store(at, v128.load(own, 48), 48);
      own += 64;
      at += 64;
    } while (at < end);
  } else if (k == 1) {
    const v = v128.splat<X>(load<X>(own));
    do {
      v128.store(at, v);
      v128.store(at, v, 16);
      v128.store(at, v, 32);
      v128.store(at, v, 48);
      at += 64;
    } while (at < end);
  } else
    while (at < end)
      for (let j: usize = 0; j < k; j++) {
        store<X>(at, load<X>(own + j * sizeof<X>()));
        at += sizeof<X>();
      }
}

/** The reverse: adds a run to sums of rows in f64. */
// @ts-ignore: decorator
@inline function gather<X>(same: bool, k: usize, at: usize, own: usize, n: usize): void {
  if (!same)
    for (const end = at + n * k * sizeof<X>(); at < end; at += sizeof<X>()) {
      store<f64>(own, load<f64>(own) + <f64>load<X>(at));
      own += 8;
    }
  else
    for (const first = at + k * sizeof<X>(); at < first; at += sizeof<X>()) {
      let sum = load<f64>(own);
      for (let r: usize = 0; r < n; r++) sum += <f64>load<X>(at + r * k * sizeof<X>());
      store<f64>(own, sum);
      own += 8;
    }
}

/**
 * Goes through the combinations of all parents, which begin at `at`, with rows from `rows` on: those of the same first rows
 * are a run, of which every member but the last is the same row, and the last are rows that follow each other.
 */
// @ts-ignore: decorator
@inline function combine<X>(pc: usize, back: bool, k: usize, at: usize, rows: usize): void {
  const member = load<i32>(pc, 20);
  let first = <usize>load<u32>(pc, 24);
  let parents = load<i32>(<usize>load<u32>(pc, 28));
  const many = load<i32>(pc, 32);
  let others = <usize>load<u32>(pc, 36);
  const row = k * (back ? 8 : sizeof<X>());
  const same = member + 1 < many;
  for (; parents > 0; parents--) {
    const n = load<i32>(first, 4) - load<i32>(first);
    const firsts = many ? n : load<i32>(others, 4) - load<i32>(others);
    for (let i = 0; i < firsts; i++) {
      const to = many == 3 ? n : i + 1;
      for (let j = many == 3 ? i + 1 : i; j < to; j++) {
        const length = <usize>(many ? n - 1 - j : n);
        const own = rows + <usize>(many == 0 ? 0 : same ? (member ? j : i) : j + 1) * row;
        if (back) gather<X>(same, k, at, own, length);
        else spread<X>(same, k, at, own, length);
        at += length * k * sizeof<X>();
      }
    }
    rows += <usize>n * row;
    first += 4;
    others += 4;
  }
}
