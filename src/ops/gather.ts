import { unroll } from "../core/elementary/join.js";
import { ShapeError } from "../core/errors.js";
import { checkArguments, tensor } from "../core/graph/arguments.js";
import { commonAxis, computedIn, emit, indices, requireEvents, requireSmall } from "../core/graph/op.js";
import type { Oracle, Value } from "../core/graph/oracle.js";
import type { More, Small } from "../core/graph/rank.js";
import type { Op } from "../core/graph/record.js";
import { requireFloat, requireWhole } from "../core/graph/shape.js";
import type { EventTensor, Tensor } from "../core/graph/tensor.js";
import { describe } from "../core/graph/tensor.js";
import { tuple } from "../core/graph/tuple.js";

type TakeAttrs = { readonly dtype: "f32" | "f64"; readonly skip?: boolean };

/** Rows of a small table by an integer column; where the index is outside NaN, or 0 with `skip`. */
const takeOp: Op<TakeAttrs> = {
  name: "take",
  infer: ([table, index], attrs) => ({
    shape: table!.shape.slice(1),
    dtype: requireFloat("take", attrs.dtype),
    axis: index!.axis,
  }),
  vjp: (g, [table, index]) => [segmentSum(g, index!, table!.shape[0]!).reshape(table!.shape), null],
  batch: (node, args, batched, size) => unroll(node, args, batched, size),
  lowering: {
    lower: (node, at) => [
      [
        `${node.dtype}_take${node.attrs.skip ? "Masked" : ""}`,
        ...[node.size, node.args[0]!.shape[0]!, at.lanes, at.out, at.args[0]!, at.args[1]!],
      ],
    ],
  },
};

export const takeOracle = (): Oracle<TakeAttrs> => ({
  op: takeOp,
  reference: (node, [table, index]: readonly Value[]) => {
    const lanes = index!.lanes;
    const out = new Float64Array(node.size * lanes);
    for (let j = 0; j < node.size; j++) {
      for (let e = 0; e < lanes; e++) {
        out[j * lanes + e] =
          table!.data[index!.data[e]! * node.size + j] ?? (node.attrs.skip ? 0 : Number.NaN);
      }
    }
    return out;
  },
  test: [[], [3]].flatMap((inner) =>
    (["f32", "f64"] as const).map((dtype) => ({
      args: [
        { shape: [4, ...inner], range: [-1, 1] as const },
        { shape: [], event: true, integer: 4 },
      ],
      attrs: { dtype, ...(inner.length ? { skip: true } : {}) },
      ulp: { f32: 0, f64: 0 },
    })),
  ),
});

/** Sums of events by an integer column: the reverse of take. */
const segmentSumOp: Op<{ segments: number }> = {
  name: "segmentSum",
  infer: ([x, index], attrs) => {
    commonAxis("segmentSum", [x!, index!]);
    const segments = requireWhole("segmentSum", "the number of segments", attrs.segments, 1);
    return { shape: [segments, ...x!.shape], dtype: "f64", axis: null };
  },
  // An event that is in no sum has no slope.
  vjp: (g, [x, index]) => [emit(takeOp, [g, index!], { dtype: computedIn(x!), skip: true }), null],
  batch: (node, args, batched, size) => unroll(node, args, batched, size),
  lowering: {
    fold: { merge: "add" },
    lower: (node, at) => {
      const [x, index] = tuple(at.args, 2);
      const segments = node.attrs.segments;
      return [
        [`${node.args[0]!.dtype}_segmentSum`, node.args[0]!.size, segments, at.lanes, at.out, x, index],
      ];
    },
  },
};

export const segmentSumOracle = (): Oracle<{ segments: number }> => ({
  op: segmentSumOp,
  reference: (node, [x, index]: readonly Value[]) => {
    const lanes = index!.lanes;
    const k = node.args[0]!.size;
    const out = new Float64Array(node.size);
    for (let j = 0; j < k; j++) {
      for (let e = 0; e < lanes; e++) {
        const at = index!.data[e]! * k + j;
        if (at >= 0 && at < out.length) out[at]! += x!.data[j * lanes + e]!;
      }
    }
    return out;
  },
  test: [[], [3]].map((inner) => ({
    args: [
      { shape: inner, event: true, range: [-1, 1] as const },
      { shape: [], event: true, integer: 4 },
    ],
    attrs: { segments: 4 },
    ulp: { f32: 64, f64: 64 },
  })),
});

function requireIndex(op: string, given: Tensor): Tensor {
  const index = indices(requireEvents(op, given));
  if (index.shape.length || index.dtype !== "i32") {
    throw new ShapeError(
      "shape.index",
      `'${op}' needs one integer per event, but got ${describe(index)}; pass the column as an Int32Array or .cast("i32")`,
      { op, shape: index.shape, dtype: index.dtype },
    );
  }
  return index;
}

/** Row `index` of a small table [m, ...inner] for every event: parameters by category. */
export function take(table: Tensor, index: Tensor, dtype?: "f32" | "f64"): EventTensor {
  checkArguments("take", { table: [table, tensor], index: [index, tensor] });
  const at = requireIndex("take", index);
  const rows = requireSmall("take", table);
  if (rows.shape.length === 0) {
    throw new ShapeError("shape.take", `'take' needs a table [m, ...], but got ${describe(table)}`, {
      shape: [],
    });
  }
  return emit(takeOp, [rows, at], { dtype: dtype ?? at.axis!.dtype });
}

/** Sum of x over the events of each category: x [...inner] to a small [segments, ...inner]. */
export function segmentSum(x: Tensor, index: Tensor, segments: number): Tensor<More<Small>> {
  checkArguments("segmentSum", { x: [x, tensor], index: [index, tensor] });
  const at = requireIndex("segmentSum", index);
  const whole = requireEvents("segmentSum", x).dtype === "i32";
  return emit(segmentSumOp, [whole ? x.cast("f64") : x, at], { segments });
}
