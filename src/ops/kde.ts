import {
  align,
  conform,
  defineOp,
  emit,
  lift,
  type Operand,
  requireEvents,
  requireSmall,
  unroll,
} from "../core/op.js";
import * as ref from "../core/reference.js";
import type { Attrs, Op, Tensor, Value } from "../core/tensor.js";

/*
 * With z = (edge - x)/h and D_0 = Φ, D_1 = φ, D_k = φ⁽ᵏ⁻¹⁾, everything a kernel density histogram and its
 * derivatives of any order need is of one of two forms, each the transpose of the other:
 *   kdeSum  A_j = Σ_events w D_n(z_j)        kdeMap  B_i = Σ_edges g D_n(z_i)
 * because d/d(edge) = D_{n+1}/h, d/dx = -D_{n+1}/h, and d/dh = -z D_{n+1}/h = (D_{n+2} + n D_n)/h (Hermite).
 */

/** D_n(z): Φ for n = 0, else the (n-1)-th derivative of φ. */
function kernelReference(n: number, z: number): number {
  if (n === 0) return ref.normCdf(z);
  let [previous, current] = [0, ref.normPdf(z)];
  if (current === 0) return 0;
  for (let k = 1; k < n; k++) [previous, current] = [current, -z * current - (k - 1) * previous];
  return current;
}

const kdeSumOp: Op = defineOp({
  name: "kdeSum",
  infer: ([, , edges], attrs) => ({ shape: [edges!.size - (attrs.diff ? 1 : 0)], dtype: "f64", axis: null }),
  vjp: (g, [x, w, edges, h], out) => {
    const n = out.attrs.order as number;
    const c = out.attrs.diff ? g.pad(1, 0).sub(g.pad(0, 1)) : g;
    const second = sum(n + 2, x!, w!, edges!, h!);
    const dh = n === 0 ? second : second.add(sum(n, x!, w!, edges!, h!).mul(n));
    return [
      w!.mul(map(n + 1, x!, c, edges!, h!)).mul(h!.pow(-1).neg()),
      map(n, x!, c, edges!, h!),
      c.mul(sum(n + 1, x!, w!, edges!, h!)).div(h!),
      c.mul(dh).sum().div(h!),
    ];
  },
  batch: (node, args, batched, size) => unroll(node, args, batched, size),
  fold: { merge: "add", state: (node) => node.size },
  lower: (node, at) => {
    const [x, w, edges, h] = at.args as [number, number, number, number];
    const { order, diff } = node.attrs as { order: number; diff: boolean };
    const m = node.args[2]!.size;
    return [
      [`${node.args[0]!.dtype}_kdeSum`, order, m, diff ? 1 : 0, at.lanes, at.out, x, w, edges, h, at.scratch],
    ];
  },
  scratch: (node, lanes) => node.args[2]!.size * 64 + lanes * 64 + 256,
  reference: (node, [x, w, edges, h]: readonly Value[]) => {
    const { order, diff } = node.attrs as { order: number; diff: boolean };
    const out = new Float64Array(node.size);
    x!.data.forEach((xi, i) => {
      const at = (j: number) => kernelReference(order, (edges!.data[j]! - xi) / h!.data[0]!);
      for (let j = 0; j < out.length; j++) {
        // On the right of the event both are near 1; 1 - Φ(-z) would cancel, so the difference is taken mirrored.
        const mirrored = diff && order === 0 && edges!.data[j]! > xi;
        const value = mirrored
          ? ref.normCdf((xi - edges!.data[j]!) / h!.data[0]!) -
            ref.normCdf((xi - edges!.data[j + 1]!) / h!.data[0]!)
          : diff
            ? at(j + 1) - at(j)
            : at(j);
        out[j]! += w!.data[i]! * value;
      }
    });
    return out;
  },
  test: [0, 1, 2].flatMap((order) =>
    (order === 0 ? [true, false] : [false]).map((diff) => ({
      args: [
        { shape: [], event: true, range: [-1, 2] as const },
        { shape: [], event: true, range: [0.5, 1] as const },
        { shape: [4], values: [-1, 0, 0.7, 1.9] },
        { shape: [], values: [0.4] },
      ],
      attrs: { order, diff } as Attrs,
      ulp: { f32: 64, f64: 256 },
    })),
  ),
});

const kdeMapOp: Op = defineOp({
  name: "kdeMap",
  infer: ([x]) => ({ shape: [], dtype: x!.dtype, axis: x!.axis }),
  vjp: (c, [x, g, edges, h], out) => {
    const n = out.attrs.order as number;
    const second = sum(n + 2, x!, c, edges!, h!);
    const dh = n === 0 ? second : second.add(sum(n, x!, c, edges!, h!).mul(n));
    return [
      c.mul(map(n + 1, x!, g!, edges!, h!)).mul(h!.pow(-1).neg()),
      sum(n, x!, c, edges!, h!),
      g!.mul(sum(n + 1, x!, c, edges!, h!)).div(h!),
      g!.mul(dh).sum().div(h!),
    ];
  },
  batch: (node, args, batched, size) => unroll(node, args, batched, size),
  lower: (node, at) => {
    const [x, g, edges, h] = at.args as [number, number, number, number];
    return [
      [
        `${node.dtype}_kdeMap`,
        node.attrs.order as number,
        node.args[2]!.size,
        at.lanes,
        at.out,
        x,
        g,
        edges,
        h,
        at.scratch,
      ],
    ];
  },
  scratch: (node, lanes) => node.args[2]!.size * 64 + lanes * 64 + 256,
  reference: (node, [x, g, edges, h]: readonly Value[]) =>
    x!.data.map((xi) =>
      g!.data.reduce(
        (s, gj, j) =>
          s + gj * kernelReference(node.attrs.order as number, (edges!.data[j]! - xi) / h!.data[0]!),
        0,
      ),
    ),
  test: [0, 1, 2].map((order) => ({
    args: [
      { shape: [], event: true, range: [-1, 2] as const },
      { shape: [4], range: [-1, 1] as const },
      { shape: [4], values: [-1, 0, 0.7, 1.9] },
      { shape: [], values: [0.4] },
    ],
    attrs: { order } as Attrs,
    ulp: { f32: 64, f64: 256 },
  })),
});

const sum = (order: number, x: Tensor, w: Tensor, edges: Tensor, h: Tensor) =>
  emit(kdeSumOp, [x, w, edges, h], { order, diff: false });
const map = (order: number, x: Tensor, g: Tensor, edges: Tensor, h: Tensor) =>
  emit(kdeMapOp, [x, g, edges, h], { order });

/**
 * Binned kernel density of the events: Σ w [Φ((e_{j+1} - x)/h) - Φ((e_j - x)/h)] per bin.
 * x and weights are scalars per event, edges small [bins + 1], bandwidth a scalar in the unit of x.
 * Mass outside the edges is not in any bin. After relaxed (gradhep), with weights.
 */
export function kde(x: Tensor, weights: Operand, edges: Tensor, bandwidth: Operand): Tensor {
  requireEvents("kde", x);
  const [xs, ws] = align("kde", [x, weights]) as [Tensor, Tensor];
  const h = conform(requireSmall("kde", lift(bandwidth)), { shape: [], axis: null, dtype: "f64" });
  return emit(kdeSumOp, [xs, ws, requireSmall("kde", edges), h], { order: 0, diff: true });
}
