import { roomCells, squaresHead, squaresReach } from "../generated/agreed";
import { bell } from "../math/erf";
import { hardBin } from "./hardhist";
import { held, reach, restOf, upper } from "./kdebasis";
import { FACTORIAL } from "./kdecells";
import {
  ANY_ORDER, addPoison, addWeight, below, cellCount, countsOf, edgesOf, inverse, method, origin, roomOf, spacing, sumsOf,
} from "./kdeframe";
import { farSquares } from "./kdefar";
import { used } from "./kdemoments";

/**
 * Sums of squares: of events, w P_j(x)^2 with the share P_j of bin j, and the transpose. As in `kdecells`, P_j is a
 * polynomial in u in every cell, and so is its square.
 *
 * Room, in front of the frame: rows of one number per edge, m + 6 long. Row 0 is Phi less its step, the last row the
 * step, and those between are the coefficients of u^k of Phi; 2 KB for one pair of bins come before.
 */

/** Reach of squares: beyond it they are subnormal, which is slow, or 0. */
// @ts-ignore: decorator
@inline function near(far: f64): f64 { return min<f64>(far, <f64>squaresReach); }
// @ts-ignore: decorator
@inline function rowBytes(m: usize): usize { return (m + 6) * 8; }
// @ts-ignore: decorator
@inline function rowsIn(room: usize): usize { return room + squaresHead; }

/** Fills the rows of edges from..to for one centre: `many` coefficients, and the step behind them. */
function edgeRows(
  many: usize, m: usize, edges: usize, from: usize, to: usize, centre: f64, scale: f64, room: usize,
): void {
  const pitch = rowBytes(m);
  const one = f64x2.splat(1.0);
  for (let j = from; j <= to; j += 2) {
    const z = held(f64x2.mul(f64x2.sub(v128.load(edges + j * 8), f64x2.splat(centre)), f64x2.splat(scale)));
    const peak = v128.andnot(bell<f64>(z), f64x2.gt(f64x2.abs(z), f64x2.splat(<f64>squaresReach)));
    let at = rowsIn(room) + j * 8;
    v128.store(at, restOf(z, peak));
    v128.store(at + many * pitch, v128.and(upper<f64>(z), one));
    let now = f64x2.mul(peak, f64x2.splat(-0.39894228040143267794));
    let before = i64x2.splat(0);
    let factor = before;
    for (let k: usize = 1; k < many; k++) {
      at += pitch;
      v128.store(at, f64x2.mul(now, v128.load64_splat(FACTORIAL + k * 8)));
      const next = f64x2.sub(f64x2.mul(z, now), f64x2.mul(factor, before));
      before = now;
      now = next;
      factor = f64x2.add(factor, one);
    }
  }
}

/** Coefficients of bins j and j + 1, as `many` vectors in the room. */
// @ts-ignore: decorator
@inline function binPair(many: usize, m: usize, j: usize, room: usize): void {
  const pitch = rowBytes(m);
  let at = rowsIn(room) + j * 8;
  const step = f64x2.sub(v128.load(at + many * pitch, 8), v128.load(at + many * pitch));
  v128.store(room, f64x2.add(f64x2.sub(v128.load(at, 8), v128.load(at)), step));
  for (let k: usize = 1; k < many; k++) {
    at += pitch;
    v128.store(room + k * 16, f64x2.sub(v128.load(at, 8), v128.load(at)));
  }
}

/** At the end of a block: every cell adds sum of w P^2 to the bins. */
export function scatterSquares(bytes: usize, far: f64, m: usize, h: f64, frame: usize, room: usize): void {
  const edges = edgesOf(frame);
  const counts = countsOf(frame, m);
  const cells = cellCount(frame);
  const distance = near(far) * h;
  const terms = bytes / 8;
  let at = roomOf(frame, m);
  for (let c: usize = 0; c < cells; c++) {
    if (used(bytes, at)) {
      const centre = origin(frame) + <f64>c * spacing(frame);
      const from = max<usize>(below(edges, m, centre - distance), 1) - 1;
      const to = min<usize>(below(edges, m, centre + distance), m - 1);
      edgeRows(terms, m, edges, from, to + 1, centre, inverse(h), room);
      for (let j = from; j < to; j += 2) {
        binPair(terms, m, j, room);
        let sum = i64x2.splat(0);
        for (let i: usize = 0; i < terms; i++) {
          let inner = i64x2.splat(0);
          for (let k: usize = 0; k < terms - i; k++)
            inner = f64x2.add(inner, f64x2.mul(v128.load(room + k * 16), v128.load64_splat(at + (i + k) * 8)));
          sum = f64x2.add(sum, f64x2.mul(inner, v128.load(room + i * 16)));
        }
        v128.store(counts + j * 8, f64x2.add(v128.load(counts + j * 8), sum));
      }
    }
    at += bytes;
  }
  // `used` cells had their moments as they are: far bins want them divided by k!.
  let moments = roomOf(frame, m);
  for (let c: usize = 0; c < cells; c++) {
    for (let k: usize = 0; k < bytes; k += 8)
      store<f64>(moments + k, load<f64>(moments + k) * load<f64>(FACTORIAL + k));
    moments += bytes;
  }
  farSquares(bytes, near(far), m, h, frame);
  const left = load<f64>(at);
  const right = load<f64>(at + bytes);
  if (load<f64>(edges) == -Infinity) store<f64>(counts, load<f64>(counts) + left);
  const last = counts + m * 8 - 16;
  if (load<f64>(edges + m * 8 - 8) == Infinity) store<f64>(last, load<f64>(last) + right);
  addPoison(frame, load<f64>(at + bytes + 8) * 0.0);
}

/**
 * The polynomials of one cell: sum over bins of c P^2, of 2 c P P' and of 2 c P P'', with P' = D_1 and P'' = D_2
 * between the edges. c lies where other maps keep factors of edges.
 */
export function expandSquares(
  bytes: usize, far: f64, m: usize, h: f64, frame: usize, cell: usize, to: usize, room: usize,
): void {
  const terms = bytes / 8;
  const many = terms + 2;
  const edges = edgesOf(frame);
  const c = sumsOf(frame, m);
  const centre = origin(frame) + <f64>cell * spacing(frame);
  const distance = near(far) * h;
  const first = max<usize>(below(edges, m, centre - distance), 1) - 1;
  const end = min<usize>(below(edges, m, centre + distance), m - 1);
  edgeRows(many, m, edges, first, end + 1, centre, inverse(h), room);
  const squares = room + 512;
  const bends = room + 1024;
  memory.fill(squares, 0, 1024);
  for (let j = first; j < end; j += 2) {
    binPair(many, m, j, room);
    const cj = v128.load(c + j * 8);
    for (let k: usize = 0; k <= terms; k++) {
      let square = i64x2.splat(0);
      let bend = square;
      for (let i: usize = 0; i <= k; i++) {
        const other = v128.load(room + (k - i) * 16);
        square = f64x2.add(square, f64x2.mul(v128.load(room + i * 16), other));
        const falling = f64x2.splat(<f64>((i + 1) * (i + 2)));
        if (k < terms) bend = f64x2.add(bend, f64x2.mul(f64x2.mul(v128.load(room + i * 16, 32), falling), other));
      }
      v128.store(squares + k * 16, f64x2.add(v128.load(squares + k * 16), f64x2.mul(cj, square)));
      v128.store(bends + k * 16, f64x2.add(v128.load(bends + k * 16), f64x2.mul(cj, bend)));
    }
  }
  // Everything belongs to one bin where no edge is near: its square is in row 0 by the step, and constant.
  for (let k: usize = 0; k < terms; k++) {
    store<f64>(to + k * 8, both(squares + k * 16));
    store<f64>(to + bytes + k * 8, -<f64>(k + 1) * both(squares + k * 16 + 16));
    store<f64>(to + 2 * bytes + k * 8, 2.0 * both(bends + k * 16));
  }
}

// @ts-ignore: decorator
@inline function both(at: usize): f64 {
  return load<f64>(at) + load<f64>(at, 8);
}

/** Event by event, forward (out = 0) or the three rows of the transpose for all of a tile. */
export function windowSquares<X>(
  m: usize, closed: bool, bytes: usize, x: usize, w: usize, h: usize, many: bool,
  out: usize, c: usize, frame: usize, room: usize,
): void {
  const edges = edgesOf(frame);
  const counts = countsOf(frame, m);
  const all = method(frame) == ANY_ORDER;
  const pitch = rowBytes(m);
  const rows = rowsIn(room);
  const order: usize = out ? 3 : 1;
  let odd = 0.0;
  let least = 0.0;
  for (let e: usize = 0; e < bytes; e += sizeof<X>()) {
    const xe = <f64>load<X>(x + e);
    const we = out ? 0.0 : <f64>load<X>(w + e);
    const he = many ? <f64>load<X>(h + e) : load<f64>(h);
    odd += we * 0.0;
    least = min<f64>(least, we);
    let square = 0.0, slope = 0.0, bend = 0.0;
    if (!(he >= 0.0) || xe != xe || (he == 0.0 && all)) {
      odd = NaN;
      square = NaN;
      slope = NaN;
      bend = NaN;
    } else if (he == 0.0) {
      const b = hardBin(edges, m, xe, closed);
      if (b + 1 < m) {
        if (out) square = load<f64>(c + b * 8);
        else store<f64>(counts + b * 8, load<f64>(counts + b * 8) + we);
      }
    } else {
      const distance = near(reach<X>()) * he;
      const from: usize = all ? 0 : max<usize>(below(edges, m, xe - distance), 1) - 1;
      const right = min<f64>(xe + distance, 1.7976931348623157e308);
      const to: usize = all ? m - 1 : min<usize>(below(edges, m, right), m - 1);
      edgeRows(order, m, edges, from, to, xe, inverse(he), room);
      for (let j = from; j < to; j++) {
        const at = rows + j * 8;
        const step = load<f64>(at + order * pitch, 8) - load<f64>(at + order * pitch);
        const p = load<f64>(at, 8) - load<f64>(at) + step;
        if (!out) {
          store<f64>(counts + j * 8, load<f64>(counts + j * 8) + we * p * p);
          continue;
        }
        const cp = load<f64>(c + j * 8) * p;
        square += cp * p;
        // Row 1 is -D_1 and row 2 D_2 / 2.
        slope -= 2.0 * cp * (load<f64>(at + pitch, 8) - load<f64>(at + pitch));
        bend += 4.0 * cp * (load<f64>(at + 2 * pitch, 8) - load<f64>(at + 2 * pitch));
      }
    }
    if (!out) continue;
    store<X>(out + e, <X>square);
    store<X>(out + bytes + e, <X>slope);
    store<X>(out + 2 * bytes + e, <X>bend);
  }
  if (out) return;
  addPoison(frame, odd);
  addWeight(frame, least);
}
