import { toAxis } from "../core/elementary/crossing.js";
import { unroll } from "../core/elementary/join.js";
import { ShapeError } from "../core/errors.js";
import { checkArguments, tensor } from "../core/graph/arguments.js";
import { type Axis, lineage } from "../core/graph/axis.js";
import { emit, lift, type Operand, requireEvents, requireSmall } from "../core/graph/op.js";
import { type Oracle, sampleAxis, sampleChild, type Value } from "../core/graph/oracle.js";
import type { Op } from "../core/graph/record.js";
import { describe, type EventTensor, type Tensor } from "../core/graph/tensor.js";
import { tuple } from "../core/graph/tuple.js";
import { type Key, threefry2x32 } from "../random/threefry.js";

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

/** The place of each row of a child in its parent, from 0. */
const placeOp: Op<{ axis: Axis }> = {
  name: "place",
  infer: (_, attrs) => ({ shape: [], dtype: "i32", axis: attrs.axis }),
  vjp: () => [],
  batch: (node) => node,
  lowering: {
    whole: true,
    lower: ({ attrs: { axis } }, at) => [
      ["any_place", at.out, at.grain(axis).first, at.grain(axis.parent!).count],
    ],
  },
};

export const placeOracle = (): Oracle<{ axis: Axis }> => ({
  op: placeOp,
  reference: (node, _, { offsets, rows }) => {
    const first = offsets(node.axis!);
    const out = new Float64Array(rows(node.axis!));
    for (let p = 0; p + 1 < first.length; p++)
      for (let i = first[p]!; i < first[p + 1]!; i++) out[i] = i - first[p]!;
    return out;
  },
  test: [{ args: [], attrs: { axis: sampleChild }, ulp: { f32: 0, f64: 0 }, order: 0 }],
});

/** The numbers that tell the rows of a child from each other: the row of the event, and places in the parents on the way. */
function placesOf(axis: Axis): readonly Tensor[] {
  if (!axis.parent) return [];
  const line = lineage(axis).toReversed();
  return line.map((a) => toAxis(emit(a.parent ? placeOp : rowIndexOp, [], { axis: a }), axis));
}

/** A whole number that an f64 holds, as the kernel reads it: saturated, NaN gives 0. */
const word = (x: number): number => Math.min(Math.max(Math.trunc(x) || 0, 0), 0xffff_ffff);

/**
 * Uniform numbers in (0, 1) as a function of key, step, stream, row and place: the same in every sweep, on every
 * thread and in both float types but for rounding. The row of a child is that of its event with places in its parents; these
 * are further arguments. The kernel's file says which bits.
 */
const uniformOp: Op<UniformAttrs> = {
  name: "uniform",
  infer: (_, attrs) => ({
    shape: attrs.shape,
    dtype: attrs.dtype,
    axis: attrs.axis,
  }),
  vjp: (_, args) => args.map(() => null),
  batch: (node, args, batched, size) => unroll(node, args, batched, size),
  lowering: {
    lower: (node, at) => {
      const [key, step, ...places] = tuple(at.args, 2);
      const own = [key, step, node.attrs.stream, at.rowBase, ...places];
      return [[`${node.dtype}_uniform`, node.size, at.lanes, at.out, ...own]];
    },
  },
  source: "row",
  range: () => [0, 1],
};

export const uniformOracle = (): Oracle<UniformAttrs> => ({
  op: uniformOp,
  reference: (node, [key, step, event, ...places]: readonly Value[], { rows }) => {
    const n = rows(node.axis!);
    const start = Uint32Array.of(node.attrs.stream, word(step!.data[0]!));
    const [k0, k1] = threefry2x32([word(key!.data[0]!), word(key!.data[1]!)], start);
    const out = new Float64Array(node.size * n);
    for (let row = 0; row < n; row++) {
      let [own, at]: [Key, number] = [[k0!, k1!], event ? event.data[row]! : row];
      for (const place of places) {
        const [a, b] = threefry2x32(own, Uint32Array.of(place.data[row]!, at));
        [own, at] = [[a!, b!], 0];
      }
      for (let j = 0; j < node.size; j++) {
        const block = Uint32Array.of(j >> 1, at, (j >> 1) | 0x8000_0000, at);
        const high = threefry2x32(own, block)[j % 2]!;
        const low = block[2 + (j % 2)]! >>> 12;
        out[j * n + row] =
          node.dtype === "f32" ? ((high >>> 9) + 0.5) / 2 ** 23 : (high * 2 ** 20 + low + 0.5) / 2 ** 52;
      }
    }
    return out;
  },
  test: [[], [3]].flatMap((shape) =>
    [sampleAxis, sampleChild].map((axis) => ({
      args: [
        { shape: [2], values: [0xdead_beef, 12345] },
        { shape: [], values: [7] },
        ...[1000, 5].map((integer) => ({ shape: [], child: true, integer })).slice(axis.parent ? 0 : 2),
      ],
      attrs: { axis, dtype: "f64", shape, stream: 1 },
      ulp: { f32: 0, f64: 0 },
      order: 0 as const,
    })),
  ),
});

/**
 * The number of each event's row in its table, from 0: an i32 event tensor of the table that `x` belongs to. Rows of a child
 * table are counted through all events, so that theirs changes where an event before has more or less of them.
 */
export function rowIndex(x: Tensor): EventTensor {
  checkArguments("rowIndex", { x: [x, tensor] });
  return emit(rowIndexOp, [], { axis: requireEvents("rowIndex", x).axis! });
}

/**
 * Random numbers in (0, 1), as many per event as `like` has and of its float type; without gradient.
 *
 * They are a function of the key (two whole numbers below 2^32), the step, the stream, the row and the place, so that
 * a forward and a reverse sweep see the same ones; of a child, of the row of its event and its place there, so that no other
 * event changes them. Give each use in a function a stream of its own. `rng` counts them.
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
  return emit(uniformOp, [k.reshape([2]), s.reshape([]), ...placesOf(axis!)], attrs);
}
