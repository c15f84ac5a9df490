import { inside } from "../check";

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
 * the sum of the combinations that it is that member of, in their order and in f64.
 */
function sumMembers<X>(pc: usize): void {
  const k = <usize>load<u32>(pc, 8);
  let from = <usize>load<u32>(pc, 12);
  const first = <usize>load<u32>(pc, 24);
  const parents = <usize>load<u32>(<usize>load<u32>(pc, 28));
  let out = <usize>load<u32>(pc, 40);
  const n = <usize>(load<i32>(first + parents * 4) - load<i32>(first)) * k;
  if (!ASC_NO_ASSERT) inside(from, n * 8);
  if (!ASC_NO_ASSERT) inside(out, n * sizeof<X>());
  memory.fill(from, 0, n * 8);
  combine<X>(pc, true, k, <usize>load<u32>(pc, 16), from);
  for (const end = out + n * sizeof<X>(); out < end; out += sizeof<X>()) {
    store<X>(out, <X>load<f64>(from));
    from += 8;
  }
}

/** Of combinations [row][k] at `at` and a row at `own`: copies the row there, or adds it to sums in f64. Returns the next. */
// @ts-ignore: decorator
@inline function visit<X>(back: bool, k: usize, at: usize, own: usize): usize {
  for (let j: usize = 0; j < k; j++) {
    if (back) store<f64>(own + j * 8, load<f64>(own + j * 8) + <f64>load<X>(at));
    else store<X>(at, load<X>(own + j * sizeof<X>()));
    at += sizeof<X>();
  }
  return at;
}

/** Goes through the combinations of all parents, which begin at `at`, with rows from `rows` on. */
// @ts-ignore: decorator
@inline function combine<X>(pc: usize, back: bool, k: usize, at: usize, rows: usize): void {
  const member = load<i32>(pc, 20);
  let first = <usize>load<u32>(pc, 24);
  let parents = load<i32>(<usize>load<u32>(pc, 28));
  const many = load<i32>(pc, 32);
  let others = <usize>load<u32>(pc, 36);
  const row = k * (back ? 8 : sizeof<X>());
  for (; parents > 0; parents--) {
    const n = load<i32>(first, 4) - load<i32>(first);
    const end = rows + <usize>n * row;
    if (many == 0) {
      for (let each = load<i32>(others, 4) - load<i32>(others); each > 0; each--)
        for (let i = rows; i < end; i += row) at = visit<X>(back, k, at, i);
      others += 4;
    } else
      for (let i = rows; i < end; i += row)
        for (let j = i + row; j < end; j += row) {
          if (many == 2) at = visit<X>(back, k, at, member ? j : i);
          else
            for (let l = j + row; l < end; l += row)
              at = visit<X>(back, k, at, member == 0 ? i : member == 1 ? j : l);
        }
    rows = end;
    first += 4;
  }
}
