import {
  kdeMapBytes,
  kdeSumBytes,
  mostCells,
  roomCells,
  squaresBytes,
  squaresOrder,
  squaresReach,
} from "../core/agreed.js";
import { pullbackAt } from "../core/derive/apart.js";
import { align, conform } from "../core/elementary/align.js";
import { safeMul } from "../core/elementary/arith.js";
import { normInterval } from "../core/elementary/interval.js";
import { stack, unroll } from "../core/elementary/join.js";
import { normPdf } from "../core/elementary/special.js";
import { ShapeError } from "../core/errors.js";
import { checkArguments, operand, tensor } from "../core/graph/arguments.js";
import { emit, lift, type Operand, ranked, requireEvents, requireSmall } from "../core/graph/op.js";
import type { Oracle, Value } from "../core/graph/oracle.js";
import type { Op } from "../core/graph/record.js";
import { ascending, requireEdges } from "../core/graph/shape.js";
import { describe, type Tensor, type Vector } from "../core/graph/tensor.js";
import { tuple } from "../core/graph/tuple.js";
import { checkOptions } from "../core/options.js";
import * as ref from "../core/oracle/reference.js";

/*
 * Statistical variances of a smoothed histogram: V_j = Σ w P_j², with the share P_j = Φ(z_{j+1}) - Φ(z_j) of an event
 * in a bin. With P' and P'' the same differences of φ and of φ', its first derivatives in events and bandwidth are
 *   dV/dx = -2 w P P'/h        dV/dh = 2 w P P''/h
 * and `kdeSquaresMap` gives Σ_j c_j of P², 2 P P' and 2 P P''. What comes rarely (edges that train, second orders) is
 * put together from elementary ops.
 */

const manyOf = (h: Tensor) => (h.axis ? 1 : 0);
const cellsOf = (h: Tensor, m: number) => (h.axis ? 0 : roomCells(mostCells(m)));

/** Differences over bins of Φ, φ or φ' as an event tensor [bins]. */
function shares(n: 0 | 1 | 2, x: Tensor, edges: Tensor, h: Tensor): Tensor {
  const m = edges.size;
  // In f64 as in the kernels: edges and events are far larger than their distance.
  const z = edges
    .sub(x.cast("f64").reshape([1]))
    .div((h.axis ? h.cast("f64") : h).clip(1e-300, 1e300).reshape([1]))
    .clip(-squaresReach, squaresReach);
  if (n === 0) return normInterval(z.slice(0, m - 1), z.slice(1, m));
  const d = n === 1 ? normPdf(z) : z.mul(normPdf(z)).neg();
  return d.slice(1, m).sub(d.slice(0, m - 1));
}

const squaresOp: Op<{ closed: boolean }> = {
  name: "kdeSquares",
  infer: ([, , edges]) => ({ shape: [edges!.size - 1], dtype: "f64", axis: null }),
  vjp: (g, args, out) => {
    const [x, w, edges, h] = tuple(args, 4);
    const rows = emit(mapOp, [x, g, edges, h], out.attrs);
    const perWidth = h.pow(-1);
    const dh = safeMul(rows.at(2), w);
    const weights = w.cast("f64").reshape([1]);
    const sums = ([e]: Tensor[]) => [shares(0, x, e!, h).square().mul(weights).sum("events")];
    const [de] = pullbackAt(sums, [edges], [g]);
    return [
      safeMul(safeMul(rows.at(1), w), perWidth.neg()),
      rows.at(0),
      de!,
      h.axis ? safeMul(dh, perWidth) : safeMul(dh.sum("events"), perWidth),
    ];
  },
  batch: (node, args, batched, size) => unroll(node, args, batched, size),
  lowering: {
    fold: { merge: "add" },
    lower: (node, at) => {
      const [x, w, edges, h] = tuple(at.args, 4);
      const [first, , e, width] = tuple(node.args, 4);
      const closed = node.attrs.closed ? 1 : 0;
      return [
        [
          `${first.dtype}_kdeSum`,
          ...[squaresOrder, e.size, at.lanes, at.out, x, w, edges, h, manyOf(width), closed, at.scratch],
        ],
      ];
    },
    scratch: (node) => {
      const m = node.args[2]!.size;
      return squaresBytes(m) + kdeSumBytes(m, cellsOf(node.args[3]!, m));
    },
  },
};

export const squaresOracle = (): Oracle<{ closed: boolean }> => ({
  op: squaresOp,
  reference: (node, [x, w, edges, h]: readonly Value[]) => {
    const out = new Float64Array(node.size);
    x!.data.forEach((xi, i) => {
      const hi = h!.data[h!.lanes > 1 ? i : 0]!;
      for (let j = 0; j < out.length; j++) {
        const [a, b] = [(edges!.data[j]! - xi) / hi, (edges!.data[j + 1]! - xi) / hi];
        const p = a > 0 ? ref.normCdf(-a) - ref.normCdf(-b) : ref.normCdf(b) - ref.normCdf(a);
        out[j]! += w!.data[i]! * p * p;
      }
    });
    return out;
  },
  test: [false, true].map((event) => ({
    args: [
      { shape: [], event: true, range: [-1, 2] as const },
      { shape: [], event: true, range: [0.5, 1] as const },
      { shape: [4], values: [-1, 0, 0.7, 1.9] },
      event ? { shape: [], event, range: [0.2, 0.6] as const } : { shape: [], values: [0.4] },
    ],
    attrs: { closed: true },
    ulp: { f32: 64, f64: 256 },
  })),
});

const mapOp: Op<{ closed: boolean }> = {
  name: "kdeSquaresMap",
  infer: ([x]) => ({ shape: [3], dtype: x!.dtype, axis: x!.axis }),
  vjp: (g, args) =>
    pullbackAt(
      (own) => {
        const [x, c, edges, h] = tuple(own, 4);
        const p = shares(0, x, edges, h);
        // c are cotangents of bins: their zeros are strong.
        const twice = safeMul(c, p).mul(2);
        const slope = safeMul(twice, shares(1, x, edges, h)).sum(-1);
        const bend = safeMul(twice, shares(2, x, edges, h)).sum(-1);
        return [stack([safeMul(c, p.square()).sum(-1), slope, bend]).cast(x.dtype)];
      },
      args,
      [g],
    ),
  batch: (node, args, batched, size) => unroll(node, args, batched, size),
  lowering: {
    lower: (node, at) => {
      const [x, c, edges, h] = tuple(at.args, 4);
      const [e, width] = tuple(node.args.slice(2), 2);
      const closed = node.attrs.closed ? 1 : 0;
      return [
        [
          `${node.dtype}_kdeMap`,
          ...[squaresOrder, 3, e.size, at.lanes, at.out, x, c, edges, h, manyOf(width), closed, at.scratch],
        ],
      ];
    },
    scratch: (node) => {
      const m = node.args[2]!.size;
      return squaresBytes(m) + kdeMapBytes(m, cellsOf(node.args[3]!, m), 3);
    },
  },
};

export const mapOracle = (): Oracle<{ closed: boolean }> => ({
  op: mapOp,
  reference: (_, [x, c, edges, h]: readonly Value[]) => {
    const lanes = x!.lanes;
    const out = new Float64Array(3 * lanes);
    if (c!.data.every((v) => v === 0)) return out;
    x!.data.forEach((xi, i) => {
      const hi = h!.data[h!.lanes > 1 ? i : 0]!;
      const z = edges!.data.map((e) => (e - xi) / hi);
      for (let j = 0; j < c!.data.length; j++) {
        const [a, b, cj] = [z[j]!, z[j + 1]!, c!.data[j]!];
        const p = a > 0 ? ref.normCdf(-a) - ref.normCdf(-b) : ref.normCdf(b) - ref.normCdf(a);
        out[i]! += cj * p * p;
        out[lanes + i]! += 2 * cj * p * (ref.normPdf(b) - ref.normPdf(a));
        out[2 * lanes + i]! -= 2 * cj * p * (b * ref.normPdf(b) - a * ref.normPdf(a));
      }
    });
    return out;
  },
  test: [false, true].map((event) => ({
    args: [
      { shape: [], event: true, range: [-1, 2] as const },
      { shape: [3], range: [-1, 1] as const },
      { shape: [4], values: [-1, 0, 0.7, 1.9] },
      event ? { shape: [], event, range: [0.2, 0.6] as const } : { shape: [], values: [0.4] },
    ],
    attrs: { closed: true },
    ulp: { f32: 64, f64: 256 },
  })),
});

/**
 * Sums of squared parts of weights: Σ (w P_j)² per bin, the statistical variance of `kde` with the same arguments.
 * As the bandwidth vanishes it becomes Σ w². Arguments as for `kde`, already of one type.
 */
export function kdeSquares(
  x: Tensor,
  weights: Operand,
  edges: Tensor,
  bandwidth: Operand,
  options: { readonly closed?: boolean } = {},
): Vector {
  checkArguments("kdeSquares", {
    x: [x, tensor],
    weights: [weights, operand],
    edges: [edges, tensor],
    bandwidth: [bandwidth, operand],
  });
  checkOptions("kdeSquares", options, { closed: true });
  const { closed = true } = options;
  const e = requireSmall("kdeSquares", edges);
  requireEdges("kdeSquares", e);
  const h = lift(bandwidth);
  const perEvent = h.axis ? [h] : [];
  const [xs, ws, hs] = tuple(align("kdeSquares", [requireEvents("kdeSquares", x), weights, ...perEvent]), 2);
  if (xs.shape.length || h.shape.length) {
    throw new ShapeError(
      "kde.scalar",
      `'kdeSquares' needs one number per event and one bandwidth, but got ${describe(x)} and bandwidth ${describe(h)}; take one element with .at(i)`,
      { x: x.shape, bandwidth: h.shape },
    );
  }
  const width = hs ?? conform(h, { shape: [], axis: null, dtype: "f64" });
  return ranked(emit(squaresOp, [xs, ws.square(), e, width], { closed }).mul(ascending(e)));
}
