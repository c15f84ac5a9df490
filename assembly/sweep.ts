import { merges } from "./generated/agreed";
import { run } from "./generated/tape";
import { f64_exp } from "./math/exp";
import { setStaged, setTile } from "./state";

/**
 * Runs the instructions of [pc, end) once for every tile of a block, or for those of [from, to) where `to` is given: they
 * lie in the staging areas. All of these have T rows except the last, which has `lastRows`; `tiles` are in the block.
 */
export function sweep(pc: usize, end: usize, tiles: i32, lastRows: i32, T: i32, from: i32, to: i32): void {
  setStaged(from);
  const stop = to ? to : tiles;
  for (let tile = from; tile < stop; tile++) {
    setTile(tile, tiles, tile == stop - 1 ? lastRows : T);
    run(pc, end);
  }
}

/**
 * Merges the folded result of one block (at src) into another (at dst), in place.
 * Kinds: add, max (of n f64 each), logsumexp (n maxima m, then n sums s of exp(x - m)).
 */
export function merge(kind: i32, n: i32, dst: usize, src: usize): void {
  const bytes = <usize>n << 3;
  for (let i: usize = 0; i < bytes; i += 8) {
    const a = load<f64>(dst + i);
    const b = load<f64>(src + i);
    if (kind == merges.add) {
      store<f64>(dst + i, a + b);
      continue;
    }
    const m = max<f64>(a, b);
    store<f64>(dst + i, m);
    if (kind == merges.logsumexp) {
      const s = load<f64>(dst + bytes + i) * ratio(a, m) + load<f64>(src + bytes + i) * ratio(b, m);
      store<f64>(dst + bytes + i, s);
    }
  }
}

/** Writes the state of a fold of nothing; kinds as of `merge`. */
export function empty(kind: i32, n: i32, dst: usize): void {
  const bytes = <usize>n << 3;
  const none = kind == merges.add ? 0.0 : -Infinity;
  for (let i: usize = 0; i < bytes; i += 8) store<f64>(dst + i, none);
  if (kind == merges.logsumexp) memory.fill(dst + bytes, 0, bytes);
}

/** exp(a - m), and 1 where both are the same infinity. */
function ratio(a: f64, m: f64): f64 {
  return a == m ? 1.0 : f64x2.extract_lane(f64_exp(f64x2.splat(a - m)), 0);
}
