import { ShapeError } from "../core/errors.js";
import {
  commonAxis,
  conform,
  defineOp,
  emit,
  fullLike,
  requireEvents,
  requireSmall,
  unroll,
} from "../core/op.js";
import type { Op, Sample, Tensor, Value } from "../core/tensor.js";
import { describe } from "../core/tensor.js";

/** Activations that the dense kernel applies while its output is in cache. */
export type Activation = "none" | "relu" | "tanh" | "sigmoid";

const activations: Record<Activation, { scalar(x: number): number; vjp(g: Tensor, y: Tensor): Tensor }> = {
  none: { scalar: (x) => x, vjp: (g) => g },
  relu: { scalar: (x) => (x > 0 ? x : Number.isNaN(x) ? x : 0), vjp: (g, y) => g.gate(y) },
  tanh: { scalar: Math.tanh, vjp: (g, y) => g.mul(fullLike(y, 1).sub(y.mul(y))) },
  sigmoid: { scalar: (x) => 1 / (1 + Math.exp(-x)), vjp: (g, y) => g.mul(y.mul(fullLike(y, 1).sub(y))) },
};
const order = Object.keys(activations) as Activation[];

function samples(attrs: { activation: string; bias: boolean }): Sample[] {
  return [
    [3, 5],
    [7, 1],
    [1, 6],
  ].map(([k, n]) => ({
    args: [
      { shape: [k!], event: true, range: [-1, 1] as const },
      { shape: [k!, n!], range: [-1, 1] as const },
      ...(attrs.bias ? [{ shape: [n!], range: [-1, 1] as const }] : []),
    ],
    attrs,
    ulp: { f32: 16, f64: 16 },
  }));
}

/** y = activation(Wᵀx + b) per event: x [k], W [k, n], b [n]. Its reverse rule is made of dense and contract. */
const denseOp: Op = defineOp({
  name: "dense",
  infer: ([x, w, b]) => {
    const [k, n] = w!.shape;
    if (x!.shape.length !== 1 || w!.shape.length !== 2 || x!.shape[0] !== k || (b && b.shape[0] !== n)) {
      throw new ShapeError(
        "shape.dense",
        `'dense' got ${describe(x!)}, weights [${w!.shape.join(",")}]${b ? ` and bias [${b.shape.join(",")}]` : ""}; it needs x [k], weights [k, n], bias [n]`,
        { x: x!.shape, w: w!.shape, b: b?.shape ?? null },
      );
    }
    return { shape: [n!], dtype: x!.dtype, axis: x!.axis };
  },
  vjp: (g, [x, w, b], out) => {
    const gz = activations[out.attrs.activation as Activation].vjp(g, out);
    const rest = b ? [gz.sum("events")] : [];
    return [linear(gz, w!.transpose()), contract(x!, gz), ...rest];
  },
  batch: (node, args, batched, size) => unroll(node, args, batched, size),
  lower: (node, at) => {
    const [k, n] = node.args[1]!.shape as [number, number];
    const act = order.indexOf(node.attrs.activation as Activation);
    return [
      [
        `${node.dtype}_dense`,
        k,
        n,
        at.lanes,
        at.out,
        at.args[0]!,
        at.args[1]!,
        at.args[2] ?? 0,
        act,
        at.scratch,
      ],
    ];
  },
  scratch: (node) => denseScratch(node.args[1]!.shape as [number, number], node.dtype),
  reference: (node, [x, w, b]: readonly Value[]) => {
    const [k, n] = node.args[1]!.shape as [number, number];
    const f = activations[node.attrs.activation as Activation].scalar;
    const lanes = x!.lanes;
    const out = new Float64Array(n * lanes);
    for (let j = 0; j < n; j++) {
      for (let e = 0; e < lanes; e++) {
        let s = b ? b.data[j]! : 0;
        for (let i = 0; i < k; i++) s += w!.data[i * n + j]! * x!.data[i * lanes + e]!;
        out[j * lanes + e] = f(s);
      }
    }
    return out;
  },
  test: order.flatMap((activation) => [true, false].flatMap((bias) => samples({ activation, bias }))),
});

/** Bytes that the dense kernel packs its weights into. */
function denseScratch([k, n]: readonly [number, number], dtype: string): number {
  const size = dtype === "f64" ? 8 : 4;
  const vectors = (count: number) => 16 * Math.ceil((count * size) / 16);
  return vectors(n) + vectors(k * n) + 32 * Math.min(k, 256);
}

const contractOp: Op = defineOp({
  name: "contract",
  infer: ([a, b]) => ({ shape: [a!.shape[0]!, b!.shape[0]!], dtype: "f64", axis: null }),
  vjp: (g, [a, b]) => [linear(b!, g.transpose()), linear(a!, g)],
  batch: (node, args, batched, size) => unroll(node, args, batched, size),
  fold: { merge: "add", state: (node) => node.size },
  lower: (node, at) => {
    const [a, b] = node.shape as [number, number];
    return [
      [`${node.args[0]!.dtype}_contract`, a, b, at.lanes, at.out, at.args[0]!, at.args[1]!, at.scratch],
    ];
  },
  scratch: (node) => node.size * 16 + 64,
  reference: (node, [a, b]: readonly Value[]) => {
    const [m, n] = node.shape as [number, number];
    const lanes = a!.lanes;
    const out = new Float64Array(m * n);
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        for (let e = 0; e < lanes; e++) out[i * n + j]! += a!.data[i * lanes + e]! * b!.data[j * lanes + e]!;
      }
    }
    return out;
  },
  test: [
    [3, 4],
    [1, 5],
    [7, 1],
  ].map(([m, n]) => ({
    args: [
      { shape: [m!], event: true, range: [-1, 1] as const },
      { shape: [n!], event: true, range: [-1, 1] as const },
    ],
    ulp: { f32: 64, f64: 64 },
  })),
});

/** A dense layer per event. x [k] (events), weights [k, n], bias [n] or none (small); result [n]. */
export function dense(
  x: Tensor,
  weights: Tensor,
  bias: Tensor | null,
  activation: Activation = "none",
): Tensor {
  requireEvents("dense", x);
  const features = x.dtype === "i32" ? x.cast(x.axis!.dtype) : x;
  const args = [features, requireSmall("dense", weights), ...(bias ? [requireSmall("dense", bias)] : [])];
  return emit(denseOp, args, { activation, bias: bias !== null });
}

/** Wᵀx per event. */
export const linear = (x: Tensor, weights: Tensor): Tensor => dense(x, weights, null);

/** Σ over events of the outer product: a [m], b [n] (events of one table) to a small [m, n]. */
export function contract(a: Tensor, b: Tensor): Tensor {
  const axis = commonAxis("contract", [requireEvents("contract", a), requireEvents("contract", b)]);
  const dtype = a.dtype === "f64" || b.dtype === "f64" ? "f64" : axis!.dtype;
  return emit(
    contractOp,
    [a, b].map((t) => conform(t, { shape: t.shape, axis, dtype })),
  );
}
