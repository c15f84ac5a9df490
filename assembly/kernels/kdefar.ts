import { bell } from "../math/erf";
import { held, restOf, SQUARES } from "./kdebasis";
import { FACTORIAL } from "./kdecells";
import { cellCount, countsOf, edgesOf, inverse, origin, roomOf, spacing, sumsOf } from "./kdeframe";
import { used } from "./kdemoments";

/**
 * Edges and bins that no event is near to. Taylor's series of `kdecells` is exact beside the largest numbers of a
 * histogram, not beside a tail: at a distance z its terms grow to (z/4)^k / k! before they fall. So where a histogram has
 * nothing but tails, the moments of a cell become weights at Chebyshev's nodes u_q of the cell, with the same moments,
 * and the tails of these are summed: the error is that of an interpolation in u, (z/8)^k / k!. The transpose does the
 * same for edges whose factors are so large that their tails count.
 */

/** From here on, in bandwidths, an edge is far from a cell. */
// @ts-ignore: decorator
@inline function near(bytes: usize): f64 { return bytes == 80 ? 5.0 : 6.0; }

/** Makes the sums of far edges again, as `scatter` has them: the moments are divided by k! already. */
export function farEdges(bytes: usize, reach: f64, order: u32, m: usize, h: f64, frame: usize): void {
  const edges = edgesOf(frame);
  const sums = sumsOf(frame, m);
  for (let j: usize = 0; j < m; j++) {
    const e = load<f64>(edges + j * 8);
    const first = abs<f64>(e) == Infinity ? -1.0 : distance(bytes, reach, m, h, frame, e, e);
    if (first < near(bytes)) continue;
    store<f64>(sums + j * 8, total(bytes, far(first, reach), order, m, h, frame, e, e));
  }
}

/** Makes the sums of squares of far bins again. */
export function farSquares(bytes: usize, reach: f64, m: usize, h: f64, frame: usize): void {
  const edges = edgesOf(frame);
  const counts = countsOf(frame, m);
  for (let j: usize = 0; j + 1 < m; j++) {
    const low = load<f64>(edges + j * 8);
    const high = load<f64>(edges + j * 8, 8);
    const first = distance(bytes, reach, m, h, frame, low, high);
    if (first < near(bytes)) continue;
    store<f64>(counts + j * 8, total(bytes, far(first, reach), SQUARES, m, h, frame, low, high));
  }
}

/** Beyond this, tails are below 1e-17 of those at the first distance. */
// @ts-ignore: decorator
@inline function far(first: f64, reach: f64): f64 {
  return min<f64>(sqrt<f64>(first * first + 80.0), reach);
}

/** Distance in bandwidths of the first cell with events from [low, high]; beyond the reach it is infinite. */
function distance(bytes: usize, reach: f64, m: usize, h: f64, frame: usize, low: f64, high: f64): f64 {
  const cells = <i32>cellCount(frame);
  const from = cellAt(frame, cells, low);
  const to = cellAt(frame, cells, high);
  const most = <i32>(2.0 * reach) + 2;
  const all = roomOf(frame, m);
  for (let i = from; i <= to; i++) if (used(bytes, all + <usize>i * bytes)) return 0.0;
  for (let d = 1; d <= most; d++) {
    const left = from - d >= 0 && used(bytes, all + <usize>(from - d) * bytes);
    const right = to + d < cells && used(bytes, all + <usize>(to + d) * bytes);
    if (!left && !right) continue;
    const a = left ? low - centreOf(frame, from - d) : Infinity;
    const b = right ? centreOf(frame, to + d) - high : Infinity;
    return min<f64>(a, b) * inverse(h);
  }
  return Infinity;
}

/** The cell that a value is in, or the nearest. */
function cellAt(frame: usize, cells: i32, x: f64): i32 {
  const n = nearest<f64>((x - origin(frame)) / spacing(frame));
  return <i32>max<f64>(min<f64>(n, <f64>(cells - 1)), 0.0);
}

// @ts-ignore: decorator
@inline function centreOf(frame: usize, cell: i32): f64 {
  return origin(frame) + <f64>cell * spacing(frame);
}

/** Sum over the cells within `end` bandwidths of [low, high]: of D_order at low, or of squares between both. */
function total(
  bytes: usize, end: f64, order: u32, m: usize, h: f64, frame: usize, low: f64, high: f64,
): f64 {
  const cells = <i32>cellCount(frame);
  const all = roomOf(frame, m);
  let sum = 0.0;
  for (let i = cellAt(frame, cells, low - end * h), to = cellAt(frame, cells, high + end * h); i <= to; i++) {
    const at = all + <usize>i * bytes;
    const centre = centreOf(frame, i);
    if (used(bytes, at)) sum += cell(bytes, order, at, (low - centre) * inverse(h), (high - centre) * inverse(h));
  }
  return order != SQUARES && order & 1 ? -sum : sum;
}

/** The part of one cell, with its edges at z and y bandwidths: pairs of nodes u and -u. */
function cell(bytes: usize, order: u32, at: usize, z: f64, y: f64): f64 {
  const nodes = bytes == 80 ? NODES10 : NODES16;
  let row = bytes == 80 ? WEIGHTS10 : WEIGHTS16;
  let sum = i64x2.splat(0);
  for (let q: usize = 0; q < bytes / 2; q += 8) {
    let even = 0.0, odd = 0.0;
    for (let k: usize = 0; k < bytes; k += 16) {
      even += load<f64>(row + k) * load<f64>(at + k);
      odd += load<f64>(row + k, 8) * load<f64>(at + k, 8);
    }
    row += bytes;
    const w = f64x2(even + odd, even - odd);
    const u = load<f64>(nodes + q);
    const both = f64x2(u, -u);
    let d = tail(order, held(f64x2.sub(f64x2.splat(z), both)));
    if (order == SQUARES) {
      d = f64x2.sub(tail(order, held(f64x2.sub(f64x2.splat(y), both))), d);
      d = f64x2.mul(d, d);
    }
    sum = f64x2.add(sum, f64x2.mul(w, d));
  }
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
}

/**
 * About how many bits (the logarithm to base 2) g phi has at an edge z bandwidths from the centre of a cell, at most in
 * the cell.
 */
// @ts-ignore: decorator
@inline export function bitsOf(z: f64, g: f64): f64 {
  const d = max<f64>(abs<f64>(z) - 0.25, 0.0);
  return <f64>((reinterpret<u64>(abs<f64>(g)) >> 52)) - 1023.0 - 0.7213 * d * d;
}

/** Whether what Taylor's series leaves out of an edge shows beside the largest edge, which has `most` bits. */
// @ts-ignore: decorator
@inline export function isFar(bytes: usize, z: f64, g: f64, most: f64): bool {
  // Bits of (|z|/4)^k / k! for the k terms, from above, and of an accuracy beside the largest edge (1e-5 in f32, 6e-11).
  const left = bytes == 80 ? 3.61 * (abs<f64>(z) - 4.0) - 21.8 : 5.77 * (abs<f64>(z) - 4.0) - 44.25;
  return bitsOf(z, g) + left > most - (bytes == 80 ? 16.0 : 34.0);
}

/** Adds an edge with factor g to the polynomials of a cell, rows D_order and up, from its values at the nodes. */
export function addFar(bytes: usize, order: u32, rows: usize, z: f64, g: f64, at: usize): void {
  const nodes = bytes == 80 ? NODES10 : NODES16;
  for (let r: usize = 0; r < rows; r++) {
    let row = bytes == 80 ? WEIGHTS10 : WEIGHTS16;
    for (let q: usize = 0; q < bytes / 2; q += 8) {
      const u = load<f64>(nodes + q);
      const d = f64x2.mul(tail(order + <u32>r, held(f64x2.sub(f64x2.splat(z), f64x2(u, -u)))), f64x2.splat(g));
      const even = f64x2.extract_lane(d, 0) + f64x2.extract_lane(d, 1);
      const odd = f64x2.extract_lane(d, 0) - f64x2.extract_lane(d, 1);
      for (let k: usize = 0; k < bytes; k += 16) {
        store<f64>(at + k, load<f64>(at + k) + even * load<f64>(row + k) * load<f64>(FACTORIAL + k));
        store<f64>(at + k, load<f64>(at + k, 8) + odd * load<f64>(row + k, 8) * load<f64>(FACTORIAL + k, 8), 8);
      }
      row += bytes;
    }
    at += bytes;
  }
}

/** D of an order, for order 0 and squares Phi less its step. */
function tail(order: u32, z: v128): v128 {
  const peak = bell<f64>(z);
  if (order == 0 || order == SQUARES) return restOf(z, peak);
  let now = f64x2.mul(peak, f64x2.splat(0.39894228040143267794));
  let before = i64x2.splat(0);
  for (let k: u32 = 1; k < order; k++) {
    const next = f64x2.neg(f64x2.add(f64x2.mul(z, now), f64x2.mul(f64x2.splat(<f64>(k - 1)), before)));
    before = now;
    now = next;
  }
  return now;
}

// The nodes above 0 of 10 and of 16, and for each the numbers that make its weight of the moments divided by k!; those of
// the node below 0 have the other sign where k is odd.
const NODES10 = memory.data<f64>([
  0.24692208514878444, 0.22275163104709197, 0.1767766952966369, 0.1134976249348867, 0.03910861626005772,
]);
const WEIGHTS10 = memory.data<f64>([
  0.01583844403245363, 0.06414348891841763, -24.82196608731567, -301.5765002027952, 34039.18902675758,
  689269.8359939544, -35565928.60395252, -1008259346.5775018, 20903681684.790688, 761912953431.2632,
  -0.05095254494944288, -0.2287415122840155, 79.4702911121285, 1070.2991139309909, -106001.37802484588,
  -2379362.5556536578, 104206885.08334078, 3274715395.593097, -54726549140.79069, -2211157511852.2407, 0.1,
  0.565685424949238, -153.6, -2606.6784381660887, 186777.6, 5282868.30134994, -150994944.0, -5979094734.3278475,
  67645734912.0, 3443958566972.8403, -0.19626105055051507, -1.7292084364153835, 283.5464100078446, 7494.775600031659,
  -218192.5697583004, -9612208.620377604, 140108066.43804622, 8641206947.096745, -54726549140.79069,
  -4339640962087.837, 0.6313751514675043, 16.14414448389314, -184.5947350326574, -14160.158503576647,
  103377.15875638872, 13216673.03043518, -57754078.917434484, -10337326939.253992, 20903681684.790688,
  4810529063777.174,
]);
const NODES16 = memory.data<f64>([
  0.24879618166804923, 0.2392350839330522, 0.22048031608708876, 0.19325261334068425, 0.15859832104091137,
  0.11784918420649941, 0.0725711693136156, 0.02450428508239015,
]);
const WEIGHTS16 = memory.data<f64>([
  -0.0061557127098227655, -0.024741990285188094, 25.014905609866712, 301.63130449375984, -96812.58630377386,
  -1945620.4201908512, 343461401.5880477, 9663451404.266823, -1063418764712.9072, -38468310961402.74,
  2675197095822085.0, 1.182782141460092e+17, -4.831726938570023e+18, -2.5246549115137314e+20, 4.6750247334783447e+21,
  2.8185871074073953e+23, 0.0189591677254589, 0.07924911101569221, -76.99423019162523, -965.5050872033223,
  296968.8177810393, 6206631.838834794, -1046688243.0936308, -30626016808.244396, 3208141265298.8286,
  120689954470763.92, -7956714557610061.0, -3.6584876555231104e+17, 1.4100921603787133e+19, 7.66242048764599e+20,
  -1.3313344063967697e+22, -8.34744460036638e+23, -0.03340694599692448, -0.15151895003510826, 135.46040656525798,
  1843.1632669433181, -518279.0650189629, -11753408.97130801, 1798748369.7650604, 57108220868.94115,
  -5385324893040.837, -219828803303343.0, 1.2938877462228966e+16, 6.455345067098862e+17, -2.204741605392504e+19,
  -1.299963705548269e+21, 1.9924827446482435e+22, 1.355551447863415e+24, 0.05129242442679127, 0.2654164595247572,
  -207.3469360892107, -3218.7963594108755, 780474.4792160795, 20193115.78054016, -2625911972.9413238,
  -95115835655.9184, 7512583716572.942, 349869801398035.2, -1.7070297358376292e+16, -9.716467358250648e+17,
  2.746142854410182e+19, 1.8473156191889232e+21, -2.35029364692808e+22, -1.8242653537508107e+24,
  -0.07615647034924852, -0.4801845936919062, 305.88154722846855, 5785.966936236947, -1111802.0201419056,
  -35050876.10149132, 3503657147.101874, 154639720450.67612, -9200158655646.025, -522082625827136.7,
  1.9306925692989236e+16, 1.3390821619612096e+18, -2.903601489166933e+19, -2.380026415880728e+21,
  2.35029364692808e+22, 2.2228737651533597e+24, 0.11692927573683684, 0.9921941889046031, -462.1039416366372,
  -11763.440148052006, 1531824.4164850174, 64990879.0968337, -4106556353.5309954, -243921030665.32407,
  9544048367112.025, 728867457864600.2, -1.8338575921639484e+16, -1.7117160080172127e+18, 2.5848803769350046e+19,
  2.851393934240049e+21, -1.9924827446482435e+22, -2.5360583843630344e+24, -0.20603488805864503, -2.8390735605797848,
  765.6764372305169, 31652.09177993207, -1658071.2943359055, -114237603.58404636, 3621420098.927773,
  349311454290.4069, -7486446634056.574, -928440596228176.0, 1.3356413017020578e+16, 2.0245029062755028e+18,
  -1.7902309319212136e+19, -3.206921196818771e+21, 1.3313344063967697e+22, 2.7517837020995646e+24,
  0.6345731492255537, 25.896415549033332, -485.5881887166369, -59449.38043496749, 775697.252318412,
  158277878.68740186, -1488130447.8168054, -425105776385.35913, 2870575598472.548, 1054312757927356.1,
  -4911825430435029.0, -2.2049237328541238e+18, 6.406313286137535e+18, 3.398673841728935e+21,
  -4.6750247334783447e+21, -2.861759515382488e+24,
]);
