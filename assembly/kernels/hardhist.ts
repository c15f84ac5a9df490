import { rows } from "../state";

/**
 * The limit of the smoothed histogram at bandwidth 0: events counted in f64 with NumPy's rule, bins [a, b) and the
 * last one [a, b]. Edges must ascend (equal ones are allowed), else everything is NaN. A NaN event is in no bin.
 */

/**
 * Adds the weights of a tile to pairs of f64 at sums: pair j gets the events of bin j (diff, j < m - 1), or those
 * that are left of edge j but not of edge j - 1 (j < m), whose running sum is the step function at the edges.
 */
export function hardSum<X>(m: usize, diff: bool, x: usize, w: usize, edges: usize, sums: usize): void {
  if (!ascending(m, edges)) {
    for (let j: usize = 0; j < m; j++) store<f64>(sums + j * 16, NaN);
    return;
  }
  const first: usize = diff ? 1 : 0;
  for (let e: usize = 0; e < <usize>rows * sizeof<X>(); e += sizeof<X>()) {
    const b = region(m, edges, <f64>load<X>(x + e));
    if (b < first || b >= m) continue;
    const at = sums + (b - first) * 16;
    store<f64>(at, load<f64>(at) + <f64>load<X>(w + e));
  }
}

/** The transpose: out = sum of the g[j] with x left of edge j, for `bytes` of events; scratch of 8 (m + 1) bytes. */
export function hardMap<X>(m: usize, bytes: usize, out: usize, x: usize, g: usize, edges: usize, scratch: usize): void {
  const sorted = ascending(m, edges);
  let sum = 0.0;
  store<f64>(scratch + m * 8, 0.0);
  for (let j = m; j > 0; j--) {
    sum += load<f64>(g + j * 8 - 8);
    store<f64>(scratch + j * 8 - 8, sorted ? sum : NaN);
  }
  for (let e: usize = 0; e < bytes; e += sizeof<X>())
    store<X>(out + e, <X>load<f64>(scratch + region(m, edges, <f64>load<X>(x + e)) * 8));
}

function ascending(m: usize, edges: usize): bool {
  for (let j: usize = 1; j < m; j++)
    if (!(load<f64>(edges + j * 8 - 8) <= load<f64>(edges + j * 8))) return false;
  return true;
}

/** The first edge that x is left of, m if there is none or x is NaN. The last edge counts x equal to it as left. */
function region(m: usize, edges: usize, x: f64): usize {
  if (x != x) return m;
  let from: usize = 0;
  for (let n = m; n > 1; ) {
    const half = n >> 1;
    if (load<f64>(edges + (from + half) * 8) <= x) from += half;
    n -= half;
  }
  if (load<f64>(edges + from * 8) > x) return from;
  return from + 1 == m && load<f64>(edges + from * 8) == x ? from : from + 1;
}
