import { edgesOf } from "./kdeframe";

/**
 * Bandwidth 0: events are counted in f64 in bins [a, b). The last finite edge belongs to the bin left of it where
 * `closed` (NumPy's rule), else to the right (ROOT's). A NaN event is in no bin.
 */

/** Adds the weights of `bytes` of events to the bins. */
export function hardSum<X>(m: usize, closed: bool, bytes: usize, x: usize, w: usize, frame: usize, counts: usize): void {
  const edges = edgesOf(frame);
  for (let e: usize = 0; e < bytes; e += sizeof<X>()) {
    const b = hardBin(edges, m, <f64>load<X>(x + e), closed);
    if (b + 1 < m) store<f64>(counts + b * 8, load<f64>(counts + b * 8) + <f64>load<X>(w + e));
  }
}

/** The transpose: for each event the cotangent of its bin, 0 outside. */
export function hardMap<X>(m: usize, closed: bool, bytes: usize, out: usize, x: usize, c: usize, frame: usize): void {
  const edges = edgesOf(frame);
  for (let e: usize = 0; e < bytes; e += sizeof<X>()) {
    const b = hardBin(edges, m, <f64>load<X>(x + e), closed);
    store<X>(out + e, b + 1 < m ? <X>load<f64>(c + b * 8) : <X>0);
  }
}

/** The bin of x between ascending edges, or m. */
export function hardBin(edges: usize, m: usize, x: f64, closed: bool): usize {
  if (x != x) return m;
  let from: usize = 0;
  for (let n = m; n > 0; ) {
    const half = n >> 1;
    if (load<f64>(edges + (from + half) * 8) <= x) {
      from += half + 1;
      n -= half + 1;
    } else n = half;
  }
  if (!from) return m;
  if (from == m && x == Infinity && load<f64>(edges + m * 8 - 8) == Infinity) return m - 2;
  // The frame has infinite edges behind the last one.
  if (closed && x < Infinity && load<f64>(edges + from * 8 - 8) == x && load<f64>(edges + from * 8) == Infinity) from--;
  return from ? from - 1 : m;
}
