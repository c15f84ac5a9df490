import { kdeMapBytes, kdeSumBytes, mostCells, roomCells } from "../core/agreed.js";
import { align, conform } from "../core/elementary/align.js";
import { safeMul, zeroMul } from "../core/elementary/arith.js";
import { unroll } from "../core/elementary/join.js";
import { DerivativeError, ShapeError } from "../core/errors.js";
import { checkArguments, operand, tensor } from "../core/graph/arguments.js";
import {
  constantValue,
  emit,
  lift,
  type Operand,
  ranked,
  requireEvents,
  requireSmall,
} from "../core/graph/op.js";
import type { Oracle, Value } from "../core/graph/oracle.js";
import type { Op } from "../core/graph/record.js";
import { ascending, requireEdges } from "../core/graph/shape.js";
import { FIRST, type Strong, strongOf, withStrong } from "../core/graph/strongzero.js";
import { describe, type Tensor, type Vector } from "../core/graph/tensor.js";
import { tuple } from "../core/graph/tuple.js";
import { checkOptions, type Known } from "../core/options.js";
import * as ref from "../core/oracle/reference.js";

/*
 * With z = (edge - x)/h and D_0 = Φ, D_1 = φ, D_k = φ⁽ᵏ⁻¹⁾, everything a kernel density histogram and its
 * derivatives of any order need is of one of two forms, each the transpose of the other:
 *   kdeSum  A_j = Σ_events w D_n(z_j)        kdeMap  B_i = Σ_edges g D_n(z_i), rows of successive n
 * because d/d(edge) = D_{n+1}/h, d/dx = -D_{n+1}/h, and d/dh = -z D_{n+1}/h = (D_{n+2} + n D_n)/h (Hermite).
 * D_0 occurs in differences only: sums of order 0 are per bin, and maps from order 0 on take cotangents c of bins,
 * with g_j = c_{j-1} - c_j. Edges may be infinite. h is small, or a bandwidth per event.
 */

/** D_n(z): Φ for n = 0, else the (n-1)-th derivative of φ. */
function derivative(n: number, z: number): number {
  if (n === 0) return ref.normCdf(z);
  let [previous, current] = [0, ref.normPdf(z)];
  if (current === 0) return 0;
  for (let k = 1; k < n; k++) [previous, current] = [current, -z * current - (k - 1) * previous];
  return current;
}

/** The bin [a, b) that x is in, or -1; the last finite edge belongs to the left where `closed`. */
function hardBin(edges: Float64Array, x: number, closed: boolean): number {
  const last = edges.findLastIndex(Number.isFinite);
  if (closed && x === edges[last]) return last - 1;
  if (x === Number.POSITIVE_INFINITY && edges.at(-1) === x) return edges.length - 2;
  const next = edges.findIndex((e) => e > x);
  return next < 0 ? -1 : next - 1;
}

/** What x gives to each bin (order 0) or edge. */
function shares(order: number, x: number, edges: Float64Array, h: number, closed: boolean): Float64Array {
  const out = new Float64Array(edges.length - (order ? 0 : 1));
  if (!(h >= 0) || Number.isNaN(x)) return out.fill(Number.NaN);
  if (h === 0) {
    const bin = order ? -1 : hardBin(edges, x, closed);
    if (bin >= 0) out[bin] = 1;
    return out;
  }
  const z = edges.map((e) => (e - x) / h);
  return out.map((_, j) => {
    if (order) return derivative(order, z[j]!);
    // On the right of the event both are near 1; 1 - Φ(-z) would cancel, so the difference is taken mirrored.
    const [a, b] = [z[j]!, z[j + 1]!];
    return a > 0 ? ref.normCdf(-a) - ref.normCdf(-b) : ref.normCdf(b) - ref.normCdf(a);
  });
}

const manyOf = (h: Tensor) => (h.axis ? 1 : 0);
/** Factors of edges from cotangents of bins. */
const edgeFactors = (c: Tensor) => c.pad(1, 0).sub(c.pad(0, 1));

/** Which derivative of Φ, and whether the last edge belongs to the bin before it. */
type SumAttrs = { readonly order: number; readonly closed: boolean } & Strong;
/** The same, and of how many successive ones. */
type MapAttrs = { readonly order: number; readonly rows: number; readonly closed: boolean };

/** x for a hard histogram: whoever asks for its derivative is told why there is none. */
const hardOp: Op<{ what: "events" | "edges" }> = {
  name: "hardArgument",
  alias: true,
  infer: ([x]) => ({ shape: x!.shape, dtype: x!.dtype, axis: x!.axis }),
  vjp: (_, __, out) => {
    const { what } = out.attrs;
    throw new DerivativeError(
      "derivative.hard",
      `a histogram with bandwidth 0 counts events, so its derivative with respect to its ${what} is 0 or infinite; give a bandwidth above 0 (a tenth to a half of a bin is usual), or wrap the ${what} in stopGradient()`,
      { bandwidth: 0, argument: what },
    );
  },
  batch: (node, [x]) => emit(hardOp, [x!], node.attrs),
};

export const hardOracle = (): Oracle<{ what: "events" | "edges" }> => ({
  op: hardOp,
  reference: (_, [x]) => x!.data,
  test: [false, true].map((event) => ({
    args: [{ shape: [2], event, range: [-2, 2] as const }],
    attrs: { what: "events" },
    ulp: { f32: 0, f64: 0 },
    order: 0,
  })),
});

/** The same value for a bandwidth that is the constant 0: its derivative is refused with a sentence. */
export function hardArgument(x: Tensor, what: "events" | "edges"): Tensor {
  return emit(hardOp, [x], { what });
}

const kdeSumOp: Op<SumAttrs> = {
  name: "kdeSum",
  infer: ([, , edges], attrs) => ({ shape: [edges!.size - (attrs.order ? 0 : 1)], dtype: "f64", axis: null }),
  vjp: (g, [x, w, edges, h], out) => {
    const { order: n } = out.attrs;
    const rows = map(out.attrs, n, 3, [x!, g, edges!, h!]);
    const perWidth = h!.pow(-1);
    const bend = n === 0 ? rows.at(2) : rows.at(2).add(rows.at(0).mul(n));
    // The weights are cotangents themselves where the sum belongs to a reverse rule.
    const strong = strongOf(out) === FIRST;
    const times = (t: Tensor, by: Tensor) => (strong ? zeroMul(t, by) : safeMul(t, by));
    const dh = times(bend, w!);
    const factors = n === 0 ? edgeFactors(g) : g;
    const more = (weights: Tensor) => sum(out.attrs, n + 1, [x!, weights, edges!, h!], strongOf(out));
    return [
      safeMul(times(rows.at(1), w!), perWidth.neg()),
      rows.at(0),
      h!.axis
        ? times(factors, more(strong ? safeMul(w!, perWidth) : w!.mul(perWidth)))
        : safeMul(times(factors, more(w!)), perWidth),
      h!.axis ? safeMul(dh, perWidth) : safeMul(dh.sum("events"), perWidth),
    ];
  },
  batch: (node, args, batched, size) => unroll(node, args, batched, size),
  lowering: {
    fold: { merge: "add" },
    lower: (node, at) => {
      const [x, w, edges, h] = tuple(at.args, 4);
      const { order, closed } = node.attrs;
      const [first, , e, width] = tuple(node.args, 4);
      return [
        [
          `${first.dtype}_kdeSum${strongOf(node) ? "Masked" : ""}`,
          ...[order, e.size, at.lanes, at.out, x, w, edges, h, manyOf(width), closed ? 1 : 0, at.scratch],
        ],
      ];
    },
    scratch: (node) => kdeSumBytes(node.args[2]!.size, cellsOf(node.args[3]!, node.args[2]!.size)),
  },
};

export const kdeSumOracle = (): Oracle<SumAttrs> => ({
  op: kdeSumOp,
  reference: (node, [x, w, edges, h]: readonly Value[]) => {
    const { order, closed } = node.attrs;
    const out = new Float64Array(node.size);
    x!.data.forEach((xi, i) => {
      const hi = h!.data[h!.lanes > 1 ? i : 0]!;
      if (strongOf(node) && w!.data[i] === 0) return;
      shares(order, xi, edges!.data, hi, closed).forEach((d, j) => {
        out[j]! += w!.data[i]! * d;
      });
    });
    return out;
  },
  test: [0, 1, 2].flatMap((order) =>
    [false, true].map((event) => ({
      args: [
        { shape: [], event: true, range: [-1, 2] as const },
        { shape: [], event: true, range: [0.5, 1] as const },
        { shape: [4], values: [-1, 0, 0.7, 1.9] },
        event ? { shape: [], event, range: [0.2, 0.6] as const } : { shape: [], values: [0.4] },
      ],
      attrs: withStrong({ order, closed: true }, event ? FIRST : 0),
      ulp: { f32: 64, f64: 256 },
    })),
  ),
});

const kdeMapOp: Op<MapAttrs> = {
  name: "kdeMap",
  infer: ([x], attrs) => ({ shape: [attrs.rows], dtype: x!.dtype, axis: x!.axis }),
  vjp: (g, [x, c, edges, h], out) => {
    const { order: n, rows } = out.attrs;
    const each = Array.from({ length: rows }, (_, r) => r);
    const transposed = each
      .map((r) => {
        const s = sum(out.attrs, n + r, [x!, g.at(r), edges!, h!], FIRST);
        return n === 0 && r > 0 ? s.slice(1, s.size).sub(s.slice(0, s.size - 1)) : s;
      })
      .reduce((a, b) => a.add(b));
    const perWidth = h!.pow(-1);
    const more = map(out.attrs, n, rows + 2, [x!, c!, edges!, h!]);
    const bend = each
      .map((r) => zeroMul(g.at(r), n + r === 0 ? more.at(r + 2) : more.at(r + 2).add(more.at(r).mul(n + r))))
      .reduce((a, b) => a.add(b));
    const factors = n === 0 ? edgeFactors(c!) : c!;
    const scaled = h!.axis ? safeMul(g, perWidth) : g;
    const moved = each
      .map((r) => sum(out.attrs, n + r + 1, [x!, scaled.at(r), edges!, h!], FIRST))
      .reduce((a, b) => a.add(b));
    return [
      safeMul(zeroMul(g, more.slice(1, rows + 1)).sum(-1), perWidth.neg()),
      transposed,
      h!.axis ? zeroMul(factors, moved) : safeMul(zeroMul(factors, moved), perWidth),
      h!.axis ? safeMul(bend, perWidth) : safeMul(bend.sum("events"), perWidth),
    ];
  },
  batch: (node, args, batched, size) => unroll(node, args, batched, size),
  lowering: {
    lower: (node, at) => {
      const [x, c, edges, h] = tuple(at.args, 4);
      const { order, rows, closed } = node.attrs;
      const [e, width] = tuple(node.args.slice(2), 2);
      return [
        [
          `${node.dtype}_kdeMap`,
          ...[
            order,
            rows,
            e.size,
            at.lanes,
            at.out,
            x,
            c,
            edges,
            h,
            manyOf(width),
            closed ? 1 : 0,
            at.scratch,
          ],
        ],
      ];
    },
    scratch: (node) => {
      const m = node.args[2]!.size;
      return kdeMapBytes(m, cellsOf(node.args[3]!, m), node.size);
    },
  },
};

export const kdeMapOracle = (): Oracle<MapAttrs> => ({
  op: kdeMapOp,
  reference: (node, [x, c, edges, h]: readonly Value[]) => {
    const { order, rows, closed } = node.attrs;
    const lanes = x!.lanes;
    const out = new Float64Array(rows * lanes);
    if (c!.data.every((v) => v === 0)) return out;
    const factors = c!.data.slice();
    const g = order
      ? factors
      : edges!.data.map((_, j) => (factors[j - 1] ?? 0) - (j < factors.length ? factors[j]! : 0));
    for (let r = 0; r < rows; r++) {
      const with_ = order + r === 0 ? factors : g;
      x!.data.forEach((xi, i) => {
        const hi = h!.data[h!.lanes > 1 ? i : 0]!;
        out[r * lanes + i] = shares(order + r, xi, edges!.data, hi, closed).reduce(
          (s, d, j) => s + d * with_[j]!,
          0,
        );
      });
    }
    return out;
  },
  test: [0, 1, 2].flatMap((order) =>
    [false, true].map((event) => ({
      args: [
        { shape: [], event: true, range: [-1, 2] as const },
        { shape: [order ? 4 : 3], range: [-1, 1] as const },
        { shape: [4], values: [-1, 0, 0.7, 1.9] },
        event ? { shape: [], event, range: [0.2, 0.6] as const } : { shape: [], values: [0.4] },
      ],
      attrs: { order, rows: order === 1 ? 1 : 3, closed: true },
      ulp: { f32: 64, f64: 256 },
    })),
  ),
});

/** Cells that the kernels may make: none where each event has its own bandwidth. */
const cellsOf = (h: Tensor, m: number) => (h.axis ? 0 : roomCells(mostCells(m)));

/** The two forms of x, weights or cotangents, edges and bandwidth. */
type Parts = readonly [x: Tensor, w: Tensor, edges: Tensor, h: Tensor];

const sum = ({ closed }: MapAttrs | SumAttrs, order: number, parts: Parts, strong: number): Tensor =>
  emit(kdeSumOp, parts, withStrong({ order, closed }, strong));
const map = ({ closed }: MapAttrs | SumAttrs, order: number, rows: number, parts: Parts): Tensor =>
  emit(kdeMapOp, parts, { order, rows, closed });

/** Where an event on the last finite edge is counted at bandwidth 0. */
export interface KdeOptions {
  /** In the last bin, as NumPy has it (default); else beyond it, as ROOT has it. */
  readonly closed?: boolean;
}

const known: Known<KdeOptions> = { closed: true };

/**
 * Binned kernel density of the events: Σ w [Φ((e_{j+1} - x)/h) - Φ((e_j - x)/h)] per bin.
 * x and weights are scalars per event, edges small [bins + 1] and may begin with -∞ and end with +∞, the bandwidth a
 * scalar in the unit of x, for all events or for each; 0 is the hard histogram, below 0 is NaN.
 * Mass outside the edges is not in any bin; edges that do not ascend give NaN. After relaxed (gradhep), with weights.
 */
export function kde(
  x: Tensor,
  weights: Operand,
  edges: Tensor,
  bandwidth: Operand,
  options: KdeOptions = {},
): Vector {
  checkArguments("kde", {
    x: [x, tensor],
    weights: [weights, operand],
    edges: [edges, tensor],
    bandwidth: [bandwidth, operand],
  });
  checkOptions("kde", options, known);
  const { closed = true } = options;
  requireEvents("kde", x);
  const e = requireSmall("kde", edges);
  const h = lift(bandwidth);
  requireEdges("kde", e);
  const perEvent = h.axis ? [h] : [];
  const [xs, ws, hs] = tuple(align("kde", [x, weights, ...perEvent]), 2);
  if (xs.shape.length || h.shape.length) {
    throw new ShapeError(
      "kde.scalar",
      `'kde' needs one number per event and one bandwidth, but got ${describe(x)} and bandwidth ${describe(h)}; take one element with .at(i), or use hist, which knows bandwidths per bin`,
      { x: x.shape, bandwidth: h.shape },
    );
  }
  const width = hs ?? conform(h, { shape: [], axis: null, dtype: "f64" });
  const hard = constantValue(h) === 0;
  const [events, bounds] = hard ? [hardArgument(xs, "events"), hardArgument(e, "edges")] : [xs, e];
  return ranked(emit(kdeSumOp, [events, ws, bounds, width], { order: 0, closed }).mul(ascending(e)));
}
