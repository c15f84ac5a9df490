import { frameBytes, mostCells } from "../generated/agreed";
import { tiles } from "../state";
import { reach } from "./kdebasis";

/**
 * What the kernels of smoothed histograms keep in scratch during a block: how they go about it, the edges, and room
 * for one number per edge twice (sums and counts, or cotangents). Then follows what the method needs.
 */

/** Bandwidth 0: a hard histogram. */
export const HARD: u32 = 0;
/** Each event visits the edges within reach of it, found by bisection. */
export const WINDOW: u32 = 1;
/** The same with edges in any order: every event visits all. */
export const ANY_ORDER: u32 = 2;
/** Events are gathered in cells, and the cells visit the edges: see `kdecells`. */
export const CELLS: u32 = 3;
/** No histogram: a bandwidth below 0 or NaN, or a hard one with edges that do not ascend. Everything is NaN. */
export const NOTHING: u32 = 4;
/** All factors of a map are 0, and so is it. */
export const ZERO: u32 = 5;

/** Makes that the method. */
export function dismiss(frame: usize): void {
  store<u32>(frame, ZERO);
}

/** Cells per bandwidth. */
export const DENSITY: f64 = 2.0;

// @ts-ignore: decorator
@inline export function method(frame: usize): u32 { return load<u32>(frame); }
// @ts-ignore: decorator
@inline export function cellCount(frame: usize): usize { return load<u32>(frame, 4); }
/** Centre of the first cell. */
// @ts-ignore: decorator
@inline export function origin(frame: usize): f64 { return load<f64>(frame, 8); }
/** Distance of cells. */
// @ts-ignore: decorator
@inline export function spacing(frame: usize): f64 { return load<f64>(frame, 16); }
/** NaN once an event was seen that belongs nowhere, else 0. */
// @ts-ignore: decorator
@inline export function poison(frame: usize): f64 { return load<f64>(frame, 24); }
// @ts-ignore: decorator
@inline export function addPoison(frame: usize, p: f64): void { store<f64>(frame, poison(frame) + p, 24); }
/** The least weight seen, or 0 where that is more: below 0, bins may be so too. */
// @ts-ignore: decorator
@inline export function leastWeight(frame: usize): f64 { return load<f64>(frame, 32); }
// @ts-ignore: decorator
@inline export function addWeight(frame: usize, w: f64): void { store<f64>(frame, min<f64>(leastWeight(frame), w), 32); }
/** The greatest factor of an edge. */
// @ts-ignore: decorator
@inline export function greatest(frame: usize): f64 { return load<f64>(frame, 40); }
// @ts-ignore: decorator
@inline export function addFactor(frame: usize, g: f64): void { store<f64>(frame, max<f64>(greatest(frame), abs<f64>(g)), 40); }
/** The edges f64[m], then infinities: vectors may read past the last. */
// @ts-ignore: decorator
@inline export function edgesOf(frame: usize): usize { return frame + 64; }
// @ts-ignore: decorator
@inline function pitch(m: usize): usize { return ((m + 5) & ~1) * 8; }
/** A number per edge. */
// @ts-ignore: decorator
@inline export function sumsOf(frame: usize, m: usize): usize { return frame + 64 + pitch(m); }
/** Another number per edge, or per bin. */
// @ts-ignore: decorator
@inline export function countsOf(frame: usize, m: usize): usize { return frame + 64 + 2 * pitch(m); }
/** Room of the method. */
// @ts-ignore: decorator
@inline export function roomOf(frame: usize, m: usize): usize { return frame + 64 + 3 * pitch(m); }

/** Looks at edges and bandwidth, chooses a method and clears the rest; T events per tile, one bandwidth or `many`. */
export function frameUp<X>(frame: usize, m: usize, T: u32, edges: usize, h: f64, many: bool): void {
  const copy = edgesOf(frame);
  if (!ASC_NO_ASSERT) assert(roomOf(frame, m) <= frame + frameBytes(m), "a frame has too little room");
  memory.fill(frame, 0, 64 + 3 * pitch(m));
  let low = Infinity;
  let high = -Infinity;
  let sorted = true;
  for (let j: usize = 0; j < m; j++) {
    // Not -0: the sign of a difference says which side an event is on.
    const e = load<f64>(edges + j * 8) + 0.0;
    store<f64>(copy + j * 8, e);
    if (j && !(load<f64>(copy + j * 8 - 8) <= e)) sorted = false;
    if (abs<f64>(e) == Infinity) continue;
    low = min<f64>(low, e);
    high = max<f64>(high, e);
  }
  for (let j = m; j < m + 4; j++) store<f64>(copy + j * 8, Infinity);
  store<u32>(frame, sorted ? WINDOW : ANY_ORDER);
  if (many) return;
  if (!(h >= 0.0)) store<u32>(frame, NOTHING);
  else if (h == 0.0) store<u32>(frame, sorted ? HARD : NOTHING);
  else if (sorted && low <= high) {
    const margin = Math.ceil(reach<X>() * DENSITY);
    const cells = Math.ceil(((high - low) / h) * DENSITY) + 2.0 * margin + 1.0;
    const events = <f64>tiles * <f64>T;
    // Fewer events than that are faster one by one. Cells must be far wider than the rounding of their centres.
    if (!(cells <= <f64>mostCells(m)) || events < 512.0 || events < 1.5 * cells) return;
    const width = h / DENSITY;
    if (!(width > 1e-12 * max<f64>(abs<f64>(low), abs<f64>(high)))) return;
    store<u32>(frame, CELLS);
    store<u32>(frame, <u32>cells, 4);
    store<f64>(frame, low - margin * width, 8);
    store<f64>(frame, width, 16);
  }
}

/** Number of edges below v; those at -inf are below everything. */
export function below(edges: usize, m: usize, v: f64): usize {
  let from: usize = 0;
  for (let n = m; n > 0; ) {
    const half = n >> 1;
    const e = load<f64>(edges + (from + half) * 8);
    if (e < v || e == -Infinity) {
      from += half + 1;
      n -= half + 1;
    } else n = half;
  }
  return from;
}

/** 1 / h, and finite. */
// @ts-ignore: decorator
@inline export function inverse(h: f64): f64 {
  return min<f64>(1.0 / h, 1.7e308);
}
