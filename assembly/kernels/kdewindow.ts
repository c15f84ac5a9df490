import { hardBin } from "./hardhist";
import { density, held, reach, rest, upper } from "./kdebasis";
import { ANY_ORDER, addPoison, addWeight, below, countsOf, edgesOf, inverse, method, sumsOf } from "./kdeframe";
import { widen } from "./fold";

/** Event by event: the edges within reach of it in lanes, everything else by counting. */

/** The bandwidth of an event: one for all, or its own. */
// @ts-ignore: decorator
@inline function widthOf<X>(h: usize, many: bool, e: usize): f64 {
  return many ? <f64>load<X>(h + e) : load<f64>(h);
}

/** First edge to visit, and the one behind the last. */
// @ts-ignore: decorator
@inline function first<X>(edges: usize, m: usize, all: bool, x: f64, h: f64): usize {
  return all ? 0 : below(edges, m, x - reach<X>() * h);
}
// @ts-ignore: decorator
@inline function last<X>(edges: usize, m: usize, all: bool, x: f64, h: f64): usize {
  return all ? m : below(edges, m, min<f64>(x + reach<X>() * h, 1.7976931348623157e308));
}

/** (e - x) / h of the next edges; in f32 only the quotient is rounded. */
// @ts-ignore: decorator
@inline function quotients<X>(edges: usize, x: v128, scale: v128): v128 {
  const z = held(f64x2.mul(f64x2.sub(v128.load(edges), x), scale));
  if (sizeof<X>() == 8) return z;
  const y = held(f64x2.mul(f64x2.sub(v128.load(edges, 16), x), scale));
  return i64x2.shuffle(f32x4.demote_f64x2_zero(z), f32x4.demote_f64x2_zero(y), 0, 2);
}

/** Adds w d to the sums of the edges at `at`. */
// @ts-ignore: decorator
@inline function add<X>(at: usize, w: v128, d: v128): void {
  if (sizeof<X>() == 8) v128.store(at, f64x2.add(v128.load(at), f64x2.mul(w, d)));
  else {
    v128.store(at, f64x2.add(v128.load(at), f64x2.mul(w, f64x2.promote_low_f32x4(d))));
    const high = f64x2.promote_low_f32x4(i64x2.shuffle(d, d, 1, 0));
    v128.store(at, f64x2.add(v128.load(at, 16), f64x2.mul(w, high)), 16);
  }
}

/** D of an order >= 1 at z. */
// @ts-ignore: decorator
@inline function derivative<X>(order: u32, z: v128): v128 {
  let now = density<X>(z);
  let before = i64x2.splat(0);
  for (let k: u32 = 1; k < order; k++) {
    const next = v128.neg<X>(v128.add<X>(v128.mul<X>(z, now), v128.mul<X>(v128.splat<X>(<X>(k - 1)), before)));
    before = now;
    now = next;
  }
  return now;
}

/**
 * Adds a tile: for order 0, to the counts of bins the weights of events whose step is in it, and to the sums of edges
 * w (Phi(z) less its step), or with edges in any order w Phi(z); for another order w D(z). `masked`, an event of weight 0
 * adds nothing even if it is NaN.
 */
export function windowSum<X>(
  order: u32, m: usize, closed: bool, bytes: usize, x: usize, w: usize, h: usize, many: bool, frame: usize,
  masked: bool,
): void {
  const edges = edgesOf(frame);
  const sums = sumsOf(frame, m);
  const counts = countsOf(frame, m);
  const all = method(frame) == ANY_ORDER;
  const step = v128.splat<X>(all ? <X>1 : <X>0);
  let odd = 0.0;
  let least = 0.0;
  for (let e: usize = 0; e < bytes; e += sizeof<X>()) {
    const xe = <f64>load<X>(x + e);
    const we = <f64>load<X>(w + e);
    if (masked && we == 0.0) continue;
    const he = widthOf<X>(h, many, e);
    odd += we * 0.0;
    least = min<f64>(least, we);
    if (!(he >= 0.0) || xe != xe || (he == 0.0 && all)) {
      odd = NaN;
      continue;
    }
    if (he == 0.0) {
      const b = order ? m : hardBin(edges, m, xe, closed);
      if (b + 1 < m) store<f64>(counts + b * 8, load<f64>(counts + b * 8) + we);
      continue;
    }
    if (order == 0 && !all) {
      const b = below(edges, m, xe);
      if (b > 0 && b < m) store<f64>(counts + b * 8 - 8, load<f64>(counts + b * 8 - 8) + we);
    }
    const to = last<X>(edges, m, all, xe, he);
    const scale = f64x2.splat(inverse(he));
    for (let j = first<X>(edges, m, all, xe, he); j < to; j += 16 / sizeof<X>()) {
      const z = quotients<X>(edges + j * 8, f64x2.splat(xe), scale);
      let d: v128;
      if (order == 0) d = v128.add<X>(rest<X>(z), v128.and(upper<X>(z), step));
      else d = derivative<X>(order, z);
      add<X>(sums + j * 8, f64x2.splat(we), d);
    }
  }
  addPoison(frame, odd);
  addWeight(frame, least);
}

/**
 * The transpose for a tile: `count` rows from an order on, sum over edges of g D(z). For order 0 of the first row, c is
 * the cotangent of the bins and g_j = c_(j-1) - c_j that of the edges.
 */
export function windowMap<X>(
  order: u32, count: usize, m: usize, closed: bool, bytes: usize, out: usize,
  x: usize, c: usize, h: usize, many: bool, frame: usize, room: usize,
): void {
  const edges = edgesOf(frame);
  const g = sumsOf(frame, m);
  const all = method(frame) == ANY_ORDER;
  const step = v128.splat<X>(all ? <X>1 : <X>0);
  for (let e: usize = 0; e < bytes; e += sizeof<X>()) {
    const xe = <f64>load<X>(x + e);
    const he = widthOf<X>(h, many, e);
    memory.fill(room, 0, count * 16);
    let base = 0.0;
    if (!(he >= 0.0) || xe != xe || (he == 0.0 && all)) base = NaN;
    else if (he == 0.0) {
      const b = order ? m : hardBin(edges, m, xe, closed);
      if (b + 1 < m) base = load<f64>(c + b * 8);
    } else {
      if (order == 0 && !all) {
        const b = below(edges, m, xe);
        if (b > 0 && b < m) base = load<f64>(c + b * 8 - 8);
      }
      const to = last<X>(edges, m, all, xe, he);
      const scale = f64x2.splat(inverse(he));
      for (let j = first<X>(edges, m, all, xe, he); j < to; j += 16 / sizeof<X>()) {
        const z = quotients<X>(edges + j * 8, f64x2.splat(xe), scale);
        let y = v128.load(g + j * 8);
        if (sizeof<X>() == 4) {
          const high = f32x4.demote_f64x2_zero(v128.load(g + j * 8, 16));
          y = i64x2.shuffle(f32x4.demote_f64x2_zero(y), high, 0, 2);
        }
        let at = room;
        if (order == 0) {
          const d = v128.add<X>(rest<X>(z), v128.and(upper<X>(z), step));
          v128.store(at, v128.add<X>(v128.load(at), v128.mul<X>(y, d)));
          at += 16;
        }
        let now = v128.mul<X>(y, density<X>(z));
        let before = i64x2.splat(0);
        let k: u32 = 1;
        const end = room + count * 16;
        while (at < end) {
          if (k >= order) {
            v128.store(at, v128.add<X>(v128.load(at), now));
            at += 16;
          }
          const next = v128.neg<X>(v128.add<X>(v128.mul<X>(z, now), v128.mul<X>(v128.splat<X>(<X>(k - 1)), before)));
          before = now;
          now = next;
          k++;
        }
      }
    }
    for (let r: usize = 0; r < count; r++) {
      const sum = widen<X>(v128.load(room + r * 16));
      const y = f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
      // The step belongs to the row of order 0 only; NaN to all.
      store<X>(out + e, <X>(order == 0 && r == 0 ? y + base : y + base * 0.0));
      out += bytes;
    }
    out -= count * bytes;
  }
}
