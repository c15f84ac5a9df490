import { unroll } from "../core/elementary/join.js";
import { ShapeError } from "../core/errors.js";
import { checkArguments, tensor } from "../core/graph/arguments.js";
import { emit, lift, type Operand, requireEvents, requireSmall } from "../core/graph/op.js";
import {
  type Axis,
  describe,
  type EventTensor,
  type Op,
  type Oracle,
  sampleAxis,
  type Tensor,
  type Value,
} from "../core/graph/tensor.js";
import { tuple } from "../core/graph/tuple.js";
import { threefry2x32 } from "../random/threefry.js";

type UniformAttrs = {
  readonly axis: Axis;
  readonly dtype: "f32" | "f64";
  readonly shape: readonly number[];
  readonly stream: number;
};

/** The number of the row of each event in its table, from 0. */
const rowIndexOp: Op<{ axis: Axis }> = {
  name: "rowIndex",
  infer: (_, attrs) => ({ shape: [], dtype: "i32", axis: attrs.axis }),
  vjp: () => [],
  batch: (node) => node,
  lowering: {
    lower: (_, at) => [["any_rowIndex", at.lanes, at.out, at.rowBase]],
  },
  source: "row",
};

export const rowIndexOracle = (): Oracle<{ axis: Axis }> => ({
  op: rowIndexOp,
  reference: (node, _, { rows }) => Float64Array.from({ length: rows(node.axis!) }, (_, row) => row),
  test: [{ args: [], attrs: { axis: sampleAxis }, ulp: { f32: 0, f64: 0 }, order: 0 }],
});

/** A whole number that an f64 holds, as the kernel reads it: saturated, NaN gives 0. */
const word = (x: number): number => Math.min(Math.max(Math.trunc(x) || 0, 0), 0xffff_ffff);

/**
 * Uniform numbers in (0, 1) as a function of key, step, stream, row and place: the same in every sweep, on every
 * thread and in both float types but for rounding. The kernel's file says which bits.
 */
const uniformOp: Op<UniformAttrs> = {
  name: "uniform",
  infer: (_, attrs) => ({
    shape: attrs.shape,
    dtype: attrs.dtype,
    axis: attrs.axis,
  }),
  vjp: () => [null, null],
  batch: (node, args, batched, size) => unroll(node, args, batched, size),
  lowering: {
    lower: (node, at) => {
      const [key, step] = tuple(at.args, 2);
      const stream = node.attrs.stream;
      return [[`${node.dtype}_uniform`, node.size, at.lanes, at.out, key, step, stream, at.rowBase]];
    },
  },
  source: "row",
  range: () => [0, 1],
};

export const uniformOracle = (): Oracle<UniformAttrs> => ({
  op: uniformOp,
  reference: (node, [key, step]: readonly Value[], { rows }) => {
    const n = rows(node.axis!);
    const start = Uint32Array.of(node.attrs.stream, word(step!.data[0]!));
    const [k0, k1] = threefry2x32([word(key!.data[0]!), word(key!.data[1]!)], start);
    const out = new Float64Array(node.size * n);
    for (let j = 0; j < node.size; j++) {
      for (let row = 0; row < n; row++) {
        const block = Uint32Array.of(j >> 1, row, (j >> 1) | 0x8000_0000, row);
        const high = threefry2x32([k0!, k1!], block)[j % 2]!;
        const low = block[2 + (j % 2)]! >>> 12;
        out[j * n + row] =
          node.dtype === "f32" ? ((high >>> 9) + 0.5) / 2 ** 23 : (high * 2 ** 20 + low + 0.5) / 2 ** 52;
      }
    }
    return out;
  },
  test: [[], [3]].map((shape) => ({
    args: [
      { shape: [2], values: [0xdead_beef, 12345] },
      { shape: [], values: [7] },
    ],
    attrs: { axis: sampleAxis, dtype: "f64", shape, stream: 1 },
    ulp: { f32: 0, f64: 0 },
    order: 0,
  })),
});

/** The number of each event's row in its table, from 0: an i32 event tensor of the table that `x` belongs to. */
export function rowIndex(x: Tensor): EventTensor {
  checkArguments("rowIndex", { x: [x, tensor] });
  return emit(rowIndexOp, [], { axis: requireEvents("rowIndex", x).axis! });
}

/**
 * Random numbers in (0, 1), as many per event as `like` has and of its float type; without gradient.
 *
 * They are a function of the key (two whole numbers below 2^32), the step, the stream, the row and the place, so that
 * a forward and a reverse sweep see the same ones. Give each use in a function a stream of its own. `rng` counts them.
 */
export function uniformLike(like: Tensor, key: Tensor, step: Operand, stream: number): EventTensor {
  checkArguments("uniformLike", { like: [like, tensor], key: [key, tensor] });
  const { axis, dtype, shape } = requireEvents("uniformLike", like);
  const [k, s] = [requireSmall("uniformLike", key), requireSmall("uniformLike", lift(step))];
  if (k.size !== 2 || s.size !== 1) {
    throw new ShapeError(
      "shape.uniform",
      `'uniformLike' needs a key of two numbers and one number as step, but got ${describe(k)} and ${describe(s)}`,
      { key: k.shape, step: s.shape },
    );
  }
  const attrs = { axis: axis!, dtype: dtype === "i32" ? axis!.dtype : dtype, shape, stream };
  return emit(uniformOp, [k.reshape([2]), s.reshape([])], attrs);
}
