import { roomCells } from "../generated/agreed";
import { bell } from "../math/erf";
import { rows } from "../state";
import { firstLanes } from "./fold";
import { held, restOf } from "./kdebasis";
import { farEdges } from "./kdefar";
import { among, cellBytes, FACTORIAL, numbers, offsets, pair } from "./kdecells";
import {
  addPoison, addWeight, below, cellCount, countsOf, edgesOf, inverse, origin, roomOf, spacing, sumsOf,
} from "./kdeframe";

/** Sums over events by `kdecells`: events add to the moments of cells, and at the end of a block cells to edges. */

/** Clears the moments. */
export function clearMoments<X>(m: usize, frame: usize): void {
  memory.fill(roomOf(frame, m), 0, roomCells(cellCount(frame)) * cellBytes<X>());
}

/** Adds the moments of a tile; `masked`, an event of weight 0 adds nothing even if it is NaN. */
export function gather<X>(m: usize, x: usize, w: usize, h: f64, frame: usize, masked: bool): void {
  const moments = roomOf(frame, m);
  const start = f64x2.splat(origin(frame));
  const width = f64x2.splat(spacing(frame));
  const perCell = f64x2.splat(1.0 / spacing(frame));
  const scale = f64x2.splat(inverse(h));
  const count = f64x2.splat(<f64>cellCount(frame));
  const all = <usize>rows;
  let odd = i64x2.splat(0);
  let least = odd;
  for (let e: usize = 0; e < all; e += 2) {
    let xs = pair<X>(x + e * sizeof<X>());
    let ws = pair<X>(w + e * sizeof<X>());
    if (e + 1 == all) {
      const mask = firstLanes<f64>(1);
      xs = v128.and(xs, mask);
      ws = v128.and(ws, mask);
    }
    if (masked) xs = v128.and(xs, f64x2.ne(ws, i64x2.splat(0)));
    odd = f64x2.add(odd, f64x2.mul(ws, i64x2.splat(0)));
    least = f64x2.pmin(least, ws);
    const n = f64x2.nearest(f64x2.mul(f64x2.sub(xs, start), perCell));
    const inside = among(n, count);
    const cell = numbers(n, inside, count);
    const u = offsets(xs, n, inside, start, width, scale);
    const wu = f64x2.mul(ws, u);
    const u2 = f64x2.mul(u, u);
    const a = moments + <usize>i32x4.extract_lane(cell, 0) * cellBytes<X>();
    add<X>(a, i64x2.shuffle(ws, wu, 0, 2), i64x2.shuffle(u2, u2, 0, 0));
    const b = moments + <usize>i32x4.extract_lane(cell, 2) * cellBytes<X>();
    add<X>(b, i64x2.shuffle(ws, wu, 1, 3), i64x2.shuffle(u2, u2, 1, 1));
  }
  addPoison(frame, f64x2.extract_lane(odd, 0) + f64x2.extract_lane(odd, 1));
  addWeight(frame, min<f64>(f64x2.extract_lane(least, 0), f64x2.extract_lane(least, 1)));
}

/** Adds p (1, s, s^2, ...) to the moments of a cell. */
// @ts-ignore: decorator
@inline function add<X>(at: usize, p: v128, s: v128): void {
  v128.store(at, f64x2.add(v128.load(at), p));
  p = f64x2.mul(p, s);
  v128.store(at, f64x2.add(v128.load(at, 16), p), 16);
  p = f64x2.mul(p, s);
  v128.store(at, f64x2.add(v128.load(at, 32), p), 32);
  p = f64x2.mul(p, s);
  v128.store(at, f64x2.add(v128.load(at, 48), p), 48);
  p = f64x2.mul(p, s);
  v128.store(at, f64x2.add(v128.load(at, 64), p), 64);
  if (sizeof<X>() == 4) return;
  p = f64x2.mul(p, s);
  v128.store(at, f64x2.add(v128.load(at, 80), p), 80);
  p = f64x2.mul(p, s);
  v128.store(at, f64x2.add(v128.load(at, 96), p), 96);
  p = f64x2.mul(p, s);
  v128.store(at, f64x2.add(v128.load(at, 112), p), 112);
}

/**
 * At the end of a block: the cells visit the edges, and fill sums and counts as `windowSum` would. `bytes` are those
 * of a cell, and `far` the reach: what depends on the type.
 */
export function scatter(bytes: usize, far: f64, order: u32, m: usize, h: f64, frame: usize): void {
  const edges = edgesOf(frame);
  const sums = sumsOf(frame, m);
  const counts = countsOf(frame, m);
  const cells = cellCount(frame);
  const scale = f64x2.splat(inverse(h));
  const distance = far * h;
  let at = roomOf(frame, m);
  for (let c: usize = 0; c < cells; c++) {
    if (used(bytes, at)) {
      const centre = origin(frame) + <f64>c * spacing(frame);
      const whole = load<f64>(at);
      for (let k: usize = 0; k < bytes; k += 8) store<f64>(at + k, load<f64>(at + k) * load<f64>(FACTORIAL + k));
      if (order == 0) count(counts, m, below(edges, m, centre), whole);
      const to = below(edges, m, centre + distance);
      for (let j = below(edges, m, centre - distance); j < to; j += 2) {
        const z = held(f64x2.mul(f64x2.sub(v128.load(edges + j * 8), f64x2.splat(centre)), scale));
        v128.store(sums + j * 8, f64x2.add(v128.load(sums + j * 8), series(bytes, order, z, at)));
      }
    }
    at += bytes;
  }
  farEdges(bytes, far, order, m, h, frame);
  if (order == 0) {
    count(counts, m, load<f64>(edges) == -Infinity ? 1 : 0, load<f64>(at));
    count(counts, m, load<f64>(edges + m * 8 - 8) == Infinity ? m - 1 : m, load<f64>(at + bytes));
  }
  // A NaN event has a finite weight, but its other moments are NaN.
  addPoison(frame, load<f64>(at + bytes + 8) * 0.0);
}

/** Adds to the bin between edges b - 1 and b. */
// @ts-ignore: decorator
@inline function count(counts: usize, m: usize, b: usize, w: f64): void {
  if (b > 0 && b < m) store<f64>(counts + b * 8 - 8, load<f64>(counts + b * 8 - 8) + w);
}

/** Whether a cell has events. */
// @ts-ignore: decorator
@inline export function used(bytes: usize, at: usize): bool {
  let any = v128.load(at);
  for (let k: usize = 16; k < bytes; k += 16) any = v128.or(any, v128.load(at + k));
  return v128.any_true(any);
}

/** The sum over k of C_(order+k)(z) times the k-th coefficient at `at`; for order 0 without the step of Phi. */
// @ts-ignore: decorator
@inline function series(bytes: usize, order: u32, z: v128, at: usize): v128 {
  const one = f64x2.splat(1.0);
  const peak = bell<f64>(z);
  let before = i64x2.splat(0);
  let now = f64x2.mul(peak, f64x2.splat(-0.39894228040143267794)); // C_1
  let sum: v128;
  let factor = before; // k - 1 beside C_k
  let k = at;
  if (order == 0) {
    sum = f64x2.mul(v128.load64_splat(at), restOf(z, peak));
    k += 8;
  } else {
    for (let i: u32 = 1; i < order; i++) {
      const next = f64x2.sub(f64x2.mul(z, now), f64x2.mul(factor, before));
      before = now;
      now = next;
      factor = f64x2.add(factor, one);
    }
    sum = i64x2.splat(0);
  }
  for (const end = at + bytes; k < end; k += 8) {
    sum = f64x2.add(sum, f64x2.mul(v128.load64_splat(k), now));
    const next = f64x2.sub(f64x2.mul(z, now), f64x2.mul(factor, before));
    before = now;
    now = next;
    factor = f64x2.add(factor, one);
  }
  return sum;
}
