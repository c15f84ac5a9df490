import { mapRoom, squaresBytes } from "../generated/agreed";
import { rows, tile, tiles } from "../state";
import { hardMap, hardSum } from "./hardhist";
import { reach, SQUARES } from "./kdebasis";
import { cellBytes } from "./kdecells";
import { addFactor, addPoison, CELLS, countsOf, dismiss, edgesOf, frameUp, HARD, leastWeight, method, NOTHING, poison, sumsOf, ZERO } from "./kdeframe";
import { clearMoments, gather, scatter } from "./kdemoments";
import { clearPolynomials, evaluate } from "./kdepolynomials";
import { scatterSquares, windowSquares } from "./kdesquares";
import { windowMap, windowSum } from "./kdewindow";

/**
 * Histograms of events that are smoothed by a Gaussian, and their derivatives. D_0 is Phi, D_k its k-th derivative:
 *   sum: over events of w_i D_n((e_j - x_i) / h), for each edge, or for n = 0 its difference for each bin
 *   map: over edges of g_j D_n((e_j - x_i) / h), for each event: the transpose
 * Order -1 stands for squares of the differences of order 0, and its map has three rows: see `kdesquares`.
 * Values per event have the dtype of the tile (those by cells are f64), sums are f64.
 */

/** f32 events; see `kdeSum`. */
export function f32_kdeSum(pc: usize): void {
  kdeSum<f32>(pc, false);
}

/** f64 events; see `kdeSum`. */
export function f64_kdeSum(pc: usize): void {
  kdeSum<f64>(pc, false);
}

/** The same with strong zeros of the weights: an event of weight 0 adds nothing, whatever else it is. */
export function f32_kdeSumMasked(pc: usize): void {
  kdeSum<f32>(pc, true);
}

/** The same with strong zeros of the weights: an event of weight 0 adds nothing, whatever else it is. */
export function f64_kdeSumMasked(pc: usize): void {
  kdeSum<f64>(pc, true);
}

/**
 * Operands order, m, T, out, x, w, edges f64[m], h, many, closed, scratch. h is f64[1], or with `many` the bandwidths
 * of the events. out f64[m], for order 0 f64[m - 1]: bins. Edges may be infinite at both ends. Where h = 0 an event is
 * in the bin [a, b), and with `closed` the last finite edge belongs to the left; other orders give 0. Where no weight is
 * below 0, no bin is: what is below the rounding of a difference of its edges is 0.
 * Scratch: `kdeSumBytes` for two cells more than `mostCells`, and for squares `squaresBytes` more.
 */
function kdeSum<X>(pc: usize, masked: bool): void {
  const order = load<u32>(pc, 8);
  const m = <usize>load<u32>(pc, 12);
  const out = <usize>load<u32>(pc, 20);
  const x = <usize>load<u32>(pc, 24);
  const w = <usize>load<u32>(pc, 28);
  const h = <usize>load<u32>(pc, 36);
  const many = load<u32>(pc, 40) != 0;
  const closed = load<u32>(pc, 44) != 0;
  const room = <usize>load<u32>(pc, 48);
  const squares = order == SQUARES;
  const frame = room + (squares ? squaresBytes(m) : 0);
  if (tile == 0) {
    frameUp<X>(frame, m, load<u32>(pc, 16), <usize>load<u32>(pc, 32), load<f64>(h), many);
    if (method(frame) == CELLS) clearMoments<X>(m, frame);
  }
  const how = method(frame);
  const valid = <usize>rows * sizeof<X>();
  if (how == CELLS) gather<X>(m, x, w, load<f64>(h), frame, masked);
  else if (how == HARD) {
    if (order == 0 || squares) hardSum<X>(m, closed, valid, x, w, frame, countsOf(frame, m));
  } else if (how == NOTHING) {
    if (!masked || anyWeight<X>(w, valid)) addPoison(frame, NaN);
  } else {
    if (squares) windowSquares<X>(m, closed, valid, x, w, h, many, 0, 0, frame, room);
    else windowSum<X>(order, m, closed, valid, x, w, h, many, frame, masked);
  }
  if (tile != tiles - 1) return;
  if (how == CELLS) {
    if (squares) scatterSquares(cellBytes<X>(), reach<X>(), m, load<f64>(h), frame, room);
    else scatter(cellBytes<X>(), reach<X>(), order, m, load<f64>(h), frame);
  }
  const sums = sumsOf(frame, m);
  const counts = countsOf(frame, m);
  const odd = poison(frame);
  const sign = how == CELLS && order & 1 ? -1.0 : 1.0;
  const bins = order == 0 || squares;
  const size = bins ? m - 1 : m;
  const positive = leastWeight(frame) >= 0.0 && how != HARD;
  for (let j: usize = 0; j < size; j++) {
    const sum = load<f64>(sums + j * 8);
    const bin = load<f64>(counts + j * 8) + (load<f64>(sums + j * 8, 8) - sum);
    let y = sign * sum;
    if (bins) {
      const ascends = load<f64>(edgesOf(frame) + j * 8) <= load<f64>(edgesOf(frame) + j * 8, 8);
      y = ascends && positive ? max<f64>(bin, 0.0) : bin;
    }
    store<f64>(out + j * 8, odd + y);
  }
}

/** Whether an event has a weight. */
function anyWeight<X>(w: usize, bytes: usize): bool {
  for (let e: usize = 0; e < bytes; e += sizeof<X>()) if (load<X>(w + e) != 0) return true;
  return false;
}

/** f32 events; see `kdeMap`. */
export function f32_kdeMap(pc: usize): void {
  kdeMap<f32>(pc);
}

/** f64 events; see `kdeMap`. */
export function f64_kdeMap(pc: usize): void {
  kdeMap<f64>(pc);
}

/**
 * Operands order, count, m, T, out [count][T], x, c, edges f64[m], h, many, closed, scratch: for each event the rows
 * D_order to D_(order + count - 1), summed over edges with factors c f64[m]. For order 0, c f64[m - 1] are the
 * cotangents of bins instead, and g_j = c_(j-1) - c_j the factors of edges. Runs over all T events. Where all of c are 0,
 * so are all rows, whatever events, edges and bandwidth are: the strong zero of cotangents.
 * Scratch: `kdeMapBytes` for as many cells, and for squares `squaresBytes` more.
 */
function kdeMap<X>(pc: usize): void {
  const order = load<u32>(pc, 8);
  const count = <usize>load<u32>(pc, 12);
  const m = <usize>load<u32>(pc, 16);
  const bytes = <usize>load<u32>(pc, 20) * sizeof<X>();
  const out = <usize>load<u32>(pc, 24);
  const x = <usize>load<u32>(pc, 28);
  const c = <usize>load<u32>(pc, 32);
  const h = <usize>load<u32>(pc, 40);
  const many = load<u32>(pc, 44) != 0;
  const closed = load<u32>(pc, 48) != 0;
  const room = <usize>load<u32>(pc, 52);
  const squares = order == SQUARES;
  const frame = room + mapRoom + (squares ? squaresBytes(m) : 0);
  if (tile == 0) {
    frameUp<X>(frame, m, load<u32>(pc, 20), <usize>load<u32>(pc, 36), load<f64>(h), many);
    if (!anyWeight<f64>(c, (squares || order == 0 ? m - 1 : m) * 8)) dismiss(frame);
    const g = sumsOf(frame, m);
    for (let j: usize = 0; j < m; j++) {
      let gj = load<f64>(c + j * 8);
      if (squares) gj = j + 1 < m ? gj : 0.0;
      else if (order == 0) gj = (j ? load<f64>(c + j * 8 - 8) : 0.0) - (j + 1 < m ? gj : 0.0);
      store<f64>(g + j * 8, gj);
      addFactor(frame, gj);
    }
    if (method(frame) == CELLS) clearPolynomials<X>(order, count, m, c, frame);
  }
  const how = method(frame);
  if (how == ZERO) memory.fill(out, 0, count * bytes);
  else if (how == CELLS) evaluate<X>(order, count, m, bytes, out, x, c, load<f64>(h), frame, room);
  else if (how == HARD) {
    memory.fill(out, 0, count * bytes);
    if (order == 0 || squares) hardMap<X>(m, closed, bytes, out, x, c, frame);
  } else if (how == NOTHING) {
    for (let e: usize = 0; e < count * bytes; e += sizeof<X>()) store<X>(out + e, <X>NaN);
  } else if (squares) windowSquares<X>(m, closed, bytes, x, 0, h, many, out, c, frame, room + mapRoom);
  else windowMap<X>(order, count, m, closed, bytes, out, x, c, h, many, frame, room);
}
