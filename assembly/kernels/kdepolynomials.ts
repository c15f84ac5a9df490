import { roomCells } from "../generated/agreed";
import { bell } from "../math/erf";
import { held, reach, restOf, SQUARES } from "./kdebasis";
import { addFar, bitsOf, isFar } from "./kdefar";
import { among, cellBytes, FACTORIAL, numbers, offsets, pair } from "./kdecells";
import { below, cellCount, edgesOf, greatest, inverse, origin, roomOf, spacing, sumsOf } from "./kdeframe";
import { expandSquares } from "./kdesquares";

/**
 * Sums over edges by `kdecells`: a polynomial per cell and row, made when the first event asks for it. A flag per cell
 * says whether they are known; then come the polynomials of all rows.
 */

// @ts-ignore: decorator
@inline function polynomials(m: usize, frame: usize): usize {
  return roomOf(frame, m) + ((roomCells(cellCount(frame)) * 4 + 63) & ~63);
}

/** Forgets all polynomials, and writes those of the cells out of reach. c are cotangents of bins for order 0. */
export function clearPolynomials<X>(order: u32, count: usize, m: usize, c: usize, frame: usize): void {
  const cells = cellCount(frame);
  const flags = roomOf(frame, m);
  memory.fill(flags, 0, cells * 4);
  store<u32>(flags + cells * 4, 1);
  store<u32>(flags + cells * 4, 1, 4);
  const bytes = count * cellBytes<X>();
  const at = polynomials(m, frame) + cells * bytes;
  memory.fill(at, 0, 2 * bytes);
  if (order && order != SQUARES) return;
  const edges = edgesOf(frame);
  if (load<f64>(edges) == -Infinity) store<f64>(at, load<f64>(c));
  if (load<f64>(edges + m * 8 - 8) == Infinity) store<f64>(at + bytes, load<f64>(c + m * 8 - 16));
}

/** The polynomials of a cell, where they are not known yet. */
// @ts-ignore: decorator
@inline function know<X>(
  order: u32, count: usize, m: usize, c: usize, h: f64, frame: usize, cell: usize, at: usize, room: usize,
): void {
  const flag = roomOf(frame, m) + cell * 4;
  if (load<u32>(flag)) return;
  store<u32>(flag, 1);
  if (order == SQUARES) expandSquares(cellBytes<X>(), reach<X>(), m, h, frame, cell, at, room + 512);
  else expand(cellBytes<X>(), reach<X>(), order, count, m, c, h, frame, cell, at, room);
}

/** The polynomials of one cell: in row r the coefficients (-1)^(order+r) sum over edges of g C_(order+r+k) / k!. */
function expand(
  bytes: usize, span: f64, order: u32, rows: usize, m: usize, c: usize, h: f64,
  frame: usize, cell: usize, at: usize, room: usize,
): void {
  const edges = edgesOf(frame);
  const g = sumsOf(frame, m);
  const centre = origin(frame) + <f64>cell * spacing(frame);
  const distance = span * h;
  const scale = f64x2.splat(inverse(h));
  const one = f64x2.splat(1.0);
  const many = bytes / 8 + rows - 1;
  const to = below(edges, m, centre + distance);
  const end = room + many * 16;
  memory.fill(room, 0, many * 16);
  const from = below(edges, m, centre - distance);
  let most = -1e9;
  let far = false;
  // No edge is far where one beside the cell has nearly the greatest factor of all.
  const beside = below(edges, m, centre);
  for (let j = max<usize>(beside, 1) - 1; j < min<usize>(beside + 1, m); j++) most = max<f64>(most, bitsAt(edges, g, j, centre, h));
  if (most < bitsOf(0, greatest(frame)) - 14.0) {
    for (let j = from; j < to; j++) most = max<f64>(most, bitsAt(edges, g, j, centre, h));
    for (let j = from; j < to; j++)
      if (isFar(bytes, (load<f64>(edges + j * 8) - centre) * inverse(h), load<f64>(g + j * 8), most)) far = true;
  }
  for (let j = from; j < to; j += 2) {
    const z = held(f64x2.mul(f64x2.sub(v128.load(edges + j * 8), f64x2.splat(centre)), scale));
    let gj = v128.load(g + j * 8);
    if (far) {
      if (isFar(bytes, f64x2.extract_lane(z, 0), f64x2.extract_lane(gj, 0), most)) gj = f64x2.replace_lane(gj, 0, 0.0);
      // The second of the last pair may be out of reach, where nothing is added below.
      if (j + 1 == to || isFar(bytes, f64x2.extract_lane(z, 1), f64x2.extract_lane(gj, 1), most))
        gj = f64x2.replace_lane(gj, 1, 0.0);
    }
    const peak = f64x2.mul(bell<f64>(z), gj);
    let before = i64x2.splat(0);
    let factor = before;
    let now = f64x2.mul(peak, f64x2.splat(-0.39894228040143267794));
    let k = room;
    if (order == 0) {
      v128.store(k, f64x2.add(v128.load(k), restOf(z, peak)));
      k += 16;
    } else {
      for (let i: u32 = 1; i < order; i++) {
        const next = f64x2.sub(f64x2.mul(z, now), f64x2.mul(factor, before));
        before = now;
        now = next;
        factor = f64x2.add(factor, one);
      }
    }
    for (; k < end; k += 16) {
      v128.store(k, f64x2.add(v128.load(k), now));
      const next = f64x2.sub(f64x2.mul(z, now), f64x2.mul(factor, before));
      before = now;
      now = next;
      factor = f64x2.add(factor, one);
    }
  }
  for (let k: usize = 0; k < many; k++) {
    const sum = v128.load(room + k * 16);
    store<f64>(room + k * 8, f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1));
  }
  if (order == 0) {
    const b = below(edges, m, centre);
    if (b > 0 && b < m) store<f64>(room, load<f64>(room) + load<f64>(c + b * 8 - 8));
  }
  const first = at;
  for (let r: usize = 0; r < rows; r++) {
    const sign = ((<usize>order + r) & 1) ? -1.0 : 1.0;
    for (let k: usize = 0; k < bytes; k += 8)
      store<f64>(at + k, sign * load<f64>(FACTORIAL + k) * load<f64>(room + r * 8 + k));
    at += bytes;
  }
  if (!far) return;
  for (let j = from; j < to; j++) {
    const z = (load<f64>(edges + j * 8) - centre) * inverse(h);
    const gj = load<f64>(g + j * 8);
    if (isFar(bytes, z, gj, most)) addFar(bytes, order, rows, z, gj, first);
  }
}

// @ts-ignore: decorator
@inline function bitsAt(edges: usize, g: usize, j: usize, centre: f64, h: f64): f64 {
  return bitsOf((load<f64>(edges + j * 8) - centre) * inverse(h), load<f64>(g + j * 8));
}

/** `count` rows for a tile of `bytes`, as `windowMap`. */
export function evaluate<X>(
  order: u32, count: usize, m: usize, bytes: usize, out: usize, x: usize, c: usize, h: f64, frame: usize, room: usize,
): void {
  const table = polynomials(m, frame);
  const start = f64x2.splat(origin(frame));
  const width = f64x2.splat(spacing(frame));
  const perCell = f64x2.splat(1.0 / spacing(frame));
  const scale = f64x2.splat(inverse(h));
  const cells = f64x2.splat(<f64>cellCount(frame));
  const one = f64x2.splat(1.0);
  const stride = count * cellBytes<X>();
  for (let e: usize = 0; e < bytes; e += 2 * sizeof<X>()) {
    const xs = pair<X>(x + e);
    const n = f64x2.nearest(f64x2.mul(f64x2.sub(xs, start), perCell));
    const inside = among(n, cells);
    const cell = numbers(n, inside, cells);
    const u = offsets(xs, n, inside, start, width, scale);
    const u2 = f64x2.mul(u, u);
    const na = <usize>i32x4.extract_lane(cell, 0);
    const nb = <usize>i32x4.extract_lane(cell, 2);
    know<X>(order, count, m, c, h, frame, na, table + na * stride, room);
    know<X>(order, count, m, c, h, frame, nb, table + nb * stride, room);
    rowsOf<X>(count, table + na * stride, i64x2.shuffle(one, u, 0, 2), i64x2.shuffle(u2, u2, 0, 0), room);
    rowsOf<X>(count, table + nb * stride, i64x2.shuffle(one, u, 0, 3), i64x2.shuffle(u2, u2, 1, 1), room + count * 16);
    let to = out + e;
    for (let r: usize = 0; r < count; r++) {
      const a = v128.load(room + r * 16);
      const b = v128.load(room + (count + r) * 16);
      const y = f64x2.add(i64x2.shuffle(a, b, 0, 2), i64x2.shuffle(a, b, 1, 3));
      if (sizeof<X>() == 8) v128.store(to, y);
      else v128.store64_lane(to, f32x4.demote_f64x2_zero(y), 0);
      to += bytes;
    }
  }
}

/** The polynomials of a cell at one u, as two halves each; p = (1, u), s = (u^2, u^2). */
// @ts-ignore: decorator
@inline function rowsOf<X>(count: usize, at: usize, p: v128, s: v128, to: usize): void {
  const p1 = f64x2.mul(p, s);
  const s2 = f64x2.mul(s, s);
  const p2 = f64x2.mul(p, s2);
  const p3 = f64x2.mul(p1, s2);
  const p4 = f64x2.mul(p2, s2);
  const p5 = f64x2.mul(p3, s2);
  const p6 = f64x2.mul(p4, s2);
  const p7 = f64x2.mul(p5, s2);
  for (const end = to + count * 16; to < end; to += 16) {
    let a = f64x2.add(f64x2.mul(v128.load(at), p), f64x2.mul(v128.load(at, 32), p2));
    let b = f64x2.add(f64x2.mul(v128.load(at, 16), p1), f64x2.mul(v128.load(at, 48), p3));
    a = f64x2.add(a, f64x2.mul(v128.load(at, 64), p4));
    if (sizeof<X>() == 8) {
      b = f64x2.add(b, f64x2.mul(v128.load(at, 80), p5));
      a = f64x2.add(a, f64x2.mul(v128.load(at, 96), p6));
      b = f64x2.add(b, f64x2.mul(v128.load(at, 112), p7));
    }
    v128.store(to, f64x2.add(a, b));
    at += cellBytes<X>();
  }
}
