import { contractBytes, denseBytes, activations as numberOf } from "../core/agreed.js";
import { conform, fullLike } from "../core/elementary/align.js";
import { flush, gate, safeMul } from "../core/elementary/arith.js";
import { unroll } from "../core/elementary/join.js";
import { ShapeError } from "../core/errors.js";
import { checkArguments, either, nothing, tensor } from "../core/graph/arguments.js";
import { commonAxis, emit, floats, floatType, requireEvents, requireSmall } from "../core/graph/op.js";
import type { Oracle, Sample, Value } from "../core/graph/oracle.js";
import type { Op } from "../core/graph/record.js";
import { madeBy } from "../core/graph/record.js";
import {
  FIRST,
  product,
  productInstruction,
  SECOND,
  type Strong,
  strongOf,
  strongProduct,
  withStrong,
} from "../core/graph/strongzero.js";
import type { EventTensor, Matrix, Tensor } from "../core/graph/tensor.js";
import { describe } from "../core/graph/tensor.js";
import { tuple } from "../core/graph/tuple.js";
import { checkChoice } from "../core/options.js";

/** Activations that the dense kernel applies while its output is in cache. */
export type Activation = "none" | "relu" | "tanh" | "sigmoid";

/**
 * What the kernel can do, as slopes of what came out. `gate` is the reverse rule of relu: 0 where the third argument, events
 * y [n], is not above 0.
 */
const activations: Record<keyof typeof numberOf, (g: Tensor, out: Tensor) => Tensor> = {
  none: (g) => g,
  relu: gated,
  tanh: (g, y) => safeMul(g, fullLike(y, 1).sub(y.mul(y))),
  sigmoid: (g, y) => safeMul(g, y.mul(fullLike(y, 1).sub(y))),
  gate: (g, out) => gated(g, out.args[2]!),
};

/** The same in plain numbers, for the oracle. */
const values: Record<keyof typeof numberOf, (x: number, y: number) => number> = {
  none: (x) => x,
  relu: (x) => (x > 0 ? x : Number.isNaN(x) ? x : 0),
  tanh: (x) => Math.tanh(x),
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  gate: (x, y) => (y > 0 ? x : 0),
};
const isKnown = (name: string): name is keyof typeof activations => name in activations;
const order = Object.keys(activations).filter(isKnown);
const choices = order.filter((name) => name !== "gate");

/** g.gate(y). A linear layer that makes g gates it itself; its own result is never stored if nothing else needs it. */
function gated(g: Tensor, y: Tensor): Tensor {
  if (!madeBy(denseOp, g) || g.attrs.activation !== "none" || g.attrs.bias || g.dtype !== y.dtype)
    return gate(g, y);
  return emit(denseOp, [...g.args, y], { ...g.attrs, activation: "gate" });
}

function samples(attrs: DenseAttrs): Sample<DenseAttrs>[] {
  const gate = attrs.activation === "gate";
  return [
    [3, 5],
    [7, 1],
    [1, 6],
  ].map(([k, n]) => ({
    args: [
      { shape: [k!], event: true, range: [-1, 1] as const },
      { shape: [k!, n!], range: [-1, 1] as const },
      ...(attrs.bias || gate ? [{ shape: [n!], event: gate, range: [-1, 1] as const }] : []),
    ],
    attrs,
    ulp: { f32: 16, f64: 16 },
  }));
}

type DenseAttrs = { readonly activation: Activation | "gate"; readonly bias: boolean } & Strong;

/** activation(Wᵀx + b) per event: x [k], W [k, n], b [n]. Its reverse rule is made of dense and contract. */
const denseOp: Op<DenseAttrs> = {
  name: "dense",
  infer: ([x, w, b]) => {
    const [k, n] = w!.shape;
    if (
      x!.shape.length !== 1 ||
      w!.shape.length !== 2 ||
      x!.shape[0] !== k ||
      (b && (b.shape.length !== 1 || b.shape[0] !== n))
    ) {
      throw new ShapeError(
        "shape.dense",
        `'dense' got ${describe(x!)}, weights [${w!.shape.join(",")}]${b ? ` and bias [${b.shape.join(",")}]` : ""}; it needs x [k], weights [k, n], bias [n]`,
        { x: x!.shape, w: w!.shape, b: b?.shape ?? null },
      );
    }
    return { shape: [n!], dtype: x!.dtype, axis: x!.axis };
  },
  vjp: (g, [x, w], out) => {
    const slope = activations[out.attrs.activation](g, out);
    // Where a cut or a sigmoid behind a network is shut, slopes are subnormal, and layer after layer would be slow.
    const gz = out.dtype === "f32" && g.op !== denseOp ? flush(slope) : slope;
    const strong = strongOf(out);
    return [
      linear(gz, w!.transpose(), FIRST | (strong & SECOND)),
      contract(x!, gz, (strong & FIRST) | SECOND),
      out.attrs.bias ? gz.sum("events") : null,
    ];
  },
  strong: (args, attrs, which) =>
    attrs.activation === "none" && !attrs.bias ? strongProduct(() => denseOp)(args, attrs, which) : null,
  batch: (node, args, batched, size) => {
    if (batched[0]) return unroll(node, args, batched, size);
    // Layers of one input are one layer: side by side their outputs, biases and gates.
    const [x, w, third] = args;
    const [k, n] = tuple(node.args[1]!.shape, 2);
    const each = (t: Tensor, i: number) => (batched[i] ? t : t.broadcast([size, ...t.shape]));
    const weights = each(w!, 1)
      .transpose([1, 0, 2])
      .reshape([k, size * n]);
    const rest = third ? [each(third, 2).reshape([size * n])] : [];
    return emit(denseOp, [x!, weights, ...rest], node.attrs).reshape([size, n]);
  },
  lowering: {
    lower: (node, at) => {
      const [k, n] = tuple(node.args[1]!.shape, 2);
      const { activation, bias } = node.attrs;
      const [x, weights, third = 0] = at.args;
      const words = [
        k,
        n,
        at.lanes,
        at.out,
        x!,
        weights!,
        bias ? third : 0,
        numberOf[activation],
        at.scratch,
      ];
      const gate = activation === "gate" ? third : 0;
      return [productInstruction(node, `${node.dtype}_dense`, [...words, gate])];
    },
    scratch: ({ args, dtype }) => {
      const [k, n] = args[1]!.shape;
      return denseBytes(k!, n!, dtype === "f64" ? 8 : 4);
    },
  },
};

export const denseOracle = (): Oracle<DenseAttrs> => ({
  op: denseOp,
  reference: (node, [x, w, third]: readonly Value[]) => {
    const [k, n] = tuple(node.args[1]!.shape, 2);
    const f = values[node.attrs.activation];
    const strong = strongOf(node);
    const lanes = x!.lanes;
    const out = new Float64Array(n * lanes);
    for (let j = 0; j < n; j++) {
      for (let e = 0; e < lanes; e++) {
        let s = node.attrs.bias ? third!.data[j]! : 0;
        for (let i = 0; i < k; i++) s += product(x!.data[i * lanes + e]!, w!.data[i * n + j]!, strong);
        out[j * lanes + e] = f(s, third?.data[j * lanes + e] ?? 0);
      }
    }
    return out;
  },
  test: [
    ...order.flatMap((activation) =>
      (activation === "gate" ? [false] : [true, false]).flatMap((bias) => samples({ activation, bias })),
    ),
    ...(["none", "gate"] as const).flatMap((activation) =>
      [FIRST, SECOND].flatMap((strong) => samples({ activation, bias: false, strong })),
    ),
  ],
});

const contractOp: Op<Strong> = {
  name: "contract",
  infer: ([a, b]) => {
    if (a!.shape.length !== 1 || b!.shape.length !== 1) {
      throw new ShapeError(
        "shape.contract",
        `'contract' needs one inner axis of each, but got ${describe(a!)} and ${describe(b!)}; reshape them to [m] and [n]`,
        { a: a!.shape, b: b!.shape },
      );
    }
    return { shape: [a!.shape[0]!, b!.shape[0]!], dtype: "f64", axis: null };
  },
  vjp: (g, [a, b], out) => {
    const strong = strongOf(out);
    return [
      linear(b!, g.transpose(), ((strong & SECOND) >> 1) | SECOND),
      linear(a!, g, (strong & FIRST) | SECOND),
    ];
  },
  strong: /*#__PURE__*/ strongProduct(() => contractOp),
  batch: (node, args, batched, size) => {
    if (batched[0] && batched[1]) return unroll(node, args, batched, size);
    const [m, n] = tuple(node.shape, 2);
    const [a, b] = tuple(
      args.map((t) => t.reshape([t.size])),
      2,
    );
    const all = emit(contractOp, [a, b], node.attrs);
    return batched[0] ? all.reshape([size, m, n]) : all.reshape([m, size, n]).transpose([1, 0, 2]);
  },
  lowering: {
    fold: { merge: "add" },
    lower: (node, at) => {
      const [a, b] = tuple(node.shape, 2);
      const words = [a, b, at.lanes, at.out, at.args[0]!, at.args[1]!, at.scratch];
      return [productInstruction(node, `${node.args[0]!.dtype}_contract`, words)];
    },
    scratch: (node) => contractBytes(node.size) * (strongOf(node) ? 2 : 1),
    clears: true,
  },
};

export const contractOracle = (): Oracle<Strong> => ({
  op: contractOp,
  reference: (node, [a, b]: readonly Value[]) => {
    const [m, n] = tuple(node.shape, 2);
    const strong = strongOf(node);
    const lanes = a!.lanes;
    const out = new Float64Array(m * n);
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        for (let e = 0; e < lanes; e++)
          out[i * n + j]! += product(a!.data[i * lanes + e]!, b!.data[j * lanes + e]!, strong);
      }
    }
    return out;
  },
  test: [
    [3, 4],
    [1, 5],
    [7, 1],
  ].flatMap(([m, n]) =>
    [0, FIRST, SECOND].map((strong) => ({
      args: [
        { shape: [m!], event: true, range: [-1, 1] as const },
        { shape: [n!], event: true, range: [-1, 1] as const },
      ],
      attrs: withStrong({}, strong),
      ulp: { f32: 64, f64: 64 },
    })),
  ),
});

/** A dense layer per event. x [k] (events), weights [k, n], bias [n] or none (small); result [n]. */
export function affine(
  x: Tensor,
  weights: Tensor,
  bias: Tensor | null,
  activation: Activation = "none",
): EventTensor {
  checkArguments("affine", {
    x: [x, tensor],
    weights: [weights, tensor],
    bias: [bias, either(tensor, nothing)],
  });
  checkChoice("the activation of dense()", activation, choices);
  requireEvents("affine", x);
  const args = [floats(x), requireSmall("affine", weights), ...(bias ? [requireSmall("affine", bias)] : [])];
  return emit(denseOp, args, { activation, bias: bias !== null });
}

/**
 * What a dense layer is made of: what goes into it, and W and b where there is one. Null of other nodes, and of products that
 * reverse rules made.
 */
export function layerOf(
  t: Tensor,
): { readonly x: Tensor; readonly activation: Activation; readonly parameters: readonly Tensor[] } | null {
  if (!madeBy(denseOp, t) || strongOf(t)) return null;
  const { activation } = t.attrs;
  const [x, ...parameters] = t.args;
  return activation === "gate" ? null : { x: x!, activation, parameters };
}

/** Wᵀx per event: x [k], weights [k, n] to [n]. An AxisError where x has no events or weights have, else a ShapeError. */
export const linear = (x: Tensor, weights: Tensor, strong = 0): EventTensor =>
  emit(
    denseOp,
    [floats(requireEvents("linear", x)), requireSmall("linear", weights)],
    withStrong({ activation: "none", bias: false }, strong),
  );

/** Σ over events of the outer product: a [m], b [n] (events of one table) to a small [m, n]. */
export function contract(a: Tensor, b: Tensor, strong = 0): Matrix {
  checkArguments("contract", { a: [a, tensor], b: [b, tensor] });
  const axis = commonAxis("contract", [requireEvents("contract", a), requireEvents("contract", b)]);
  const dtype = floatType(axis, [a, b]);
  return emit(
    contractOp,
    [a, b].map((t) => conform(t, { shape: t.shape, axis, dtype })),
    withStrong({}, strong),
  );
}
