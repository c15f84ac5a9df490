import { AxisError, ShapeError } from "../errors.js";
import { checkArgument, tensor } from "../graph/arguments.js";
import type { Attrs } from "../graph/attrs.js";
import type { Axis } from "../graph/axis.js";
import { emit } from "../graph/op.js";
import type { Oracle, Sample } from "../graph/oracle.js";
import { sampleAxis } from "../graph/oracle.js";
import type { Rank } from "../graph/rank.js";
import type { Op } from "../graph/record.js";
import { madeBy } from "../graph/record.js";
import {
  axisFromEnd,
  fittedShape,
  place,
  requireDtype,
  requireShape,
  requireWhole,
  steps,
  strides,
} from "../graph/shape.js";
import type { Dtype, EventTensor, Tensor } from "../graph/tensor.js";
import { describe, sizeOf } from "../graph/tensor.js";

const moved = { f32: 0, f64: 0 };
const lanesOf = (node: Tensor, at: { lanes: number }) => (node.axis ? at.lanes : 1);

function samples<A extends Attrs>(shape: readonly number[], attrs: A, order: 0 | 1 | 2 = 1): Sample<A>[] {
  return [false, true].map((event) => ({
    args: [{ shape, event, range: [-2, 2] as const }],
    attrs,
    ulp: moved,
    order,
  }));
}

/** An op that picks elements of its argument by a static table; -1 reads as zero. */
interface Selection<A extends Attrs> extends Op<A> {
  indices(x: Tensor, attrs: A): Int32Array;
}

type Selected<A extends Attrs> = Omit<Selection<A>, "infer" | "lowering"> & {
  shape(x: Tensor, attrs: A): readonly number[];
};

function selection<A extends Attrs>(spec: NoInfer<Selected<A>>): Selection<A> {
  return {
    ...spec,
    infer: ([x], attrs) => ({ shape: spec.shape(x!, attrs), dtype: x!.dtype, axis: x!.axis }),
    lowering: {
      lower: (node, at) => {
        const lanes = lanesOf(node, at);
        const table = at.ints(spec.indices(node.args[0]!, node.attrs));
        return [[`${node.dtype}_select`, node.size, lanes, at.out, at.args[0]!, table]];
      },
    },
  };
}

const selectionOracle = <A extends Attrs>(op: Selection<A>, test: readonly Sample<A>[]): Oracle<A> => ({
  op,
  reference: (node, [x]) => {
    const table = op.indices(node.args[0]!, node.attrs);
    const out = new Float64Array(table.length * x!.lanes);
    table.forEach((j, i) => {
      if (j >= 0) out.set(x!.data.subarray(j * x!.lanes, (j + 1) * x!.lanes), i * x!.lanes);
    });
    return out;
  },
  test,
});

type SliceAttrs = { readonly axis: number; readonly start: number; readonly stop: number };
type PadAttrs = { readonly axis: number; readonly before: number; readonly after: number };

const broadcastOp: Selection<{ shape: readonly number[] }> = /*#__PURE__*/ selection({
  name: "broadcast",
  uniform: true,
  shape: (x, attrs) => {
    const shape = requireShape("broadcast", attrs.shape);
    const lead = shape.length - x.shape.length;
    if (lead >= 0 && x.shape.every((d, i) => d === 1 || d === shape[lead + i])) return shape;
    throw new ShapeError(
      "shape.broadcast",
      `'broadcast' to [${shape}] does not fit ${describe(x)}: from the last axis on, lengths must be equal or 1; reshape it first`,
      { from: x.shape, to: shape },
    );
  },
  indices: (x, attrs) => {
    const { shape } = attrs;
    const own = strides(x.shape);
    const lead = shape.length - x.shape.length;
    const moves = shape.map((_, i) => (i < lead || x.shape[i - lead] === 1 ? 0 : own[i - lead]!));
    return steps(shape, moves);
  },
  vjp: (g, [x], out) => {
    const lead = out.shape.length - x!.shape.length;
    const axes = out.shape.flatMap((d, i) =>
      i < lead || (x!.shape[i - lead] === 1 && d !== 1) ? [i - out.shape.length] : [],
    );
    return [g.sum(axes).reshape(x!.shape)];
  },
  batch: (node, [x], _, size) => {
    const { shape } = node.attrs;
    const ones = new Array<number>(shape.length - (x!.shape.length - 1)).fill(1);
    return x!.reshape([size, ...ones, ...x!.shape.slice(1)]).broadcast([size, ...shape]);
  },
});

export const broadcastOracle = () =>
  selectionOracle(broadcastOp, [
    ...samples([3], { shape: [2, 3] }),
    ...samples([2, 1], { shape: [2, 4] }),
    ...samples([], { shape: [5] }),
  ]);

const transposeOp: Selection<{ axes: readonly number[] }> = /*#__PURE__*/ selection({
  name: "transpose",
  uniform: true,
  shape: (x, attrs) => {
    const { axes } = attrs;
    if (axes.length !== x.shape.length || new Set(axes).size !== axes.length) {
      const given = axes.map((a) => x.shape.length + a);
      throw new ShapeError(
        "shape.transpose",
        `'transpose' to axes [${given}] needs each of the ${x.shape.length} inner axes of ${describe(x)} once`,
        { axes: given, shape: x.shape },
      );
    }
    return axes.map((a) => x.shape[x.shape.length + a]!);
  },
  indices: (x, attrs) => {
    const own = strides(x.shape);
    const { axes } = attrs;
    return steps(
      axes.map((a) => x.shape[x.shape.length + a]!),
      axes.map((a) => own[x.shape.length + a]!),
    );
  },
  vjp: (g, _, out) => {
    const { axes } = out.attrs;
    const n = axes.length;
    const inverse = new Array<number>(n);
    axes.forEach((a, i) => {
      inverse[n + a] = i - n;
    });
    return [g.transpose(inverse)];
  },
  batch: (node, [x]) => {
    const { axes } = node.attrs;
    return x!.transpose([-axes.length - 1, ...axes]);
  },
  simplify: (args, { axes }) => {
    const x = args[0]!;
    if (axes.every((a, i) => a === i - axes.length)) return x;
    const inner = madeBy(transposeOp, x) ? x.attrs.axes : null;
    if (!inner) return null;
    const both = axes.map((a) => inner[inner.length + a]!);
    return both.every((a, i) => a === i - both.length) ? x.args[0]! : null;
  },
});

export const transposeOracle = () =>
  selectionOracle(transposeOp, [
    ...samples([2, 3], { axes: [-1, -2] }),
    ...samples([2, 3, 2], { axes: [-2, -1, -3] }),
  ]);

const sliceOp: Selection<SliceAttrs> = /*#__PURE__*/ selection({
  name: "slice",
  uniform: true,
  shape: (x, { axis, start, stop }) =>
    x.shape.map((d, i) => (i === x.shape.length + axis ? stop - start : d)),
  indices: (x, attrs) => {
    const own = strides(x.shape);
    const k = x.shape.length + attrs.axis;
    return steps(sliceOp.infer([x], attrs).shape, own, own[k]! * attrs.start);
  },
  vjp: (g, [x], out) => {
    const { axis, start, stop } = out.attrs;
    return [g.pad(start, x!.shape[x!.shape.length + axis]! - stop, axis)];
  },
  batch: (node, [x]) => emit(sliceOp, [x!], node.attrs),
});

export const sliceOracle = () =>
  selectionOracle(sliceOp, [
    ...samples([4, 3], { axis: -2, start: 1, stop: 3 }),
    ...samples([5], { axis: -1, start: 0, stop: 2 }),
  ]);

const padOp: Selection<PadAttrs> = /*#__PURE__*/ selection({
  name: "pad",
  shape: (x, { axis, before, after }) => {
    requireWhole("pad", "the number of zeros before", before);
    requireWhole("pad", "the number of zeros after", after);
    return x.shape.map((d, i) => (i === x.shape.length + axis ? d + before + after : d));
  },
  indices: (x, attrs) => {
    const { axis, before } = attrs;
    const shape = padOp.infer([x], attrs).shape;
    const k = x.shape.length + axis;
    const inner = sizeOf(shape.slice(k + 1));
    return steps(shape, strides(x.shape), -before * inner).map((j, i) => {
      const at = Math.floor(i / inner) % shape[k]!;
      return at >= before && at < before + x.shape[k]! ? j : -1;
    });
  },
  vjp: (g, [x], out) => {
    const { axis, before } = out.attrs;
    return [g.slice(before, before + x!.shape[x!.shape.length + axis]!, axis)];
  },
  batch: (node, [x]) => emit(padOp, [x!], node.attrs),
  simplify: ([x], { before, after }) => (before === 0 && after === 0 ? x! : null),
});

export const padOracle = () =>
  selectionOracle(padOp, [
    ...samples([2, 3], { axis: -1, before: 1, after: 2 }),
    ...samples([2, 3], { axis: -2, before: 0, after: 1 }),
  ]);

const reshapeOp: Op<{ shape: readonly number[] }> = {
  name: "reshape",
  alias: true,
  uniform: true,
  infer: ([x], attrs) => {
    const shape = requireShape("reshape", attrs.shape);
    if (sizeOf(shape) !== x!.size) {
      throw new ShapeError(
        "shape.reshape",
        `'reshape' to [${shape.join(",")}] needs ${sizeOf(shape)} elements, but ${describe(x!)} has ${x!.size}; one axis may be -1, which is what is left`,
        { from: x!.shape, to: shape },
      );
    }
    return { shape, dtype: x!.dtype, axis: x!.axis };
  },
  vjp: (g, [x]) => [g.reshape(x!.shape)],
  batch: (node, [x], _, size) => x!.reshape([size, ...node.attrs.shape]),
  simplify: ([x], attrs) => {
    const { shape } = attrs;
    if (shape.length === x!.shape.length && shape.every((d, i) => d === x!.shape[i])) return x!;
    return x!.op === reshapeOp ? x!.args[0]!.reshape(shape) : null;
  },
};

export const reshapeOracle = (): Oracle<{ shape: readonly number[] }> => ({
  op: reshapeOp,
  reference: (_, [x]) => x!.data,
  test: samples([2, 3], { shape: [3, 2] }),
});

const stopOp: Op = {
  name: "stopGradient",
  alias: true,
  infer: ([x]) => ({ shape: x!.shape, dtype: x!.dtype, axis: x!.axis }),
  vjp: () => [null],
  batch: (_, [x]) => x!.stopGradient(),
};

export const stopOracle = (): Oracle => ({
  op: stopOp,
  reference: (_, [x]) => x!.data,
  test: samples([2], {}, 0),
});

const castOp: Op<{ dtype: Dtype }> = {
  name: "cast",
  uniform: true,
  infer: ([x], attrs) => ({
    shape: x!.shape,
    dtype: requireDtype("cast", x!, attrs.dtype),
    axis: x!.axis,
  }),
  vjp: (g, [x], out) => [x!.dtype === "i32" || out.dtype === "i32" ? null : g.cast(x!.dtype)],
  batch: (node, [x]) => emit(castOp, [x!], node.attrs),
  lowering: {
    lower: (node, at) => [
      [
        `${node.dtype}_from${node.args[0]!.dtype.toUpperCase()}`,
        node.size * lanesOf(node, at),
        at.out,
        at.args[0]!,
      ],
    ],
  },
  simplify: ([x], attrs) => (x!.dtype === attrs.dtype ? x! : null),
};

export const castOracle = (): Oracle<{ dtype: Dtype }> => ({
  op: castOp,
  reference: (node, [x]) => (node.dtype === "i32" ? x!.data.map(Math.trunc) : x!.data),
  test: [
    { args: [{ shape: [3], event: true, range: [-5, 5] }], attrs: { dtype: "i32" }, ulp: moved, order: 0 },
    { args: [{ shape: [3], range: [-5, 5] }], attrs: { dtype: "i32" }, ulp: moved, order: 0 },
    { args: [{ shape: [3], event: true, range: [-5, 5] }], attrs: { dtype: "f64" }, ulp: moved, order: 1 },
  ],
});

const spreadOp: Op<{ axis: Axis; dtype: Dtype }> = {
  name: "spread",
  uniform: true,
  infer: ([x], attrs) => {
    const axis = attrs.axis;
    if (x!.axis) {
      throw new AxisError(
        "axis.events",
        `'spread' gives a small tensor to the events of '${axis.table}', but ${describe(x!)} has events already`,
        { op: "spread", tables: [axis.table, x!.axis.table] },
      );
    }
    return { shape: x!.shape, dtype: requireDtype("spread", { axis }, attrs.dtype), axis };
  },
  vjp: (g) => [g.sum("events")],
  batch: (node, [x]) => emit(spreadOp, [x!], node.attrs),
  lowering: {
    lower: (node, at) => [[`${node.dtype}_spread`, node.size, at.lanes, at.out, at.args[0]!]],
  },
};

/** What a tensor is spread of, or null. */
export const spreadFrom = (t: Tensor): Tensor | null => (madeBy(spreadOp, t) ? t.args[0]! : null);

export const spreadOracle = (): Oracle<{ axis: Axis; dtype: Dtype }> => ({
  op: spreadOp,
  reference: (node, [x], { rows }) => {
    const n = rows(node.axis!);
    const out = new Float64Array(node.size * n);
    x!.data.forEach((v, j) => {
      out.fill(v, j * n, (j + 1) * n);
    });
    return out;
  },
  test: [[], [3]].map((shape) => ({
    args: [{ shape, range: [-2, 2] }],
    attrs: { axis: sampleAxis, dtype: "f64" },
    ulp: moved,
  })),
});

/** NumPy's broadcast_to on the inner axes. */
export const broadcast = (x: Tensor, shape: readonly number[]): Tensor =>
  Array.isArray(shape) && shape.length === x.shape.length && shape.every((d, i) => d === x.shape[i])
    ? x
    : emit(broadcastOp, [x], { shape });

/** The same elements in another shape; one axis may be -1, which is what is left. */
export const reshape = (x: Tensor, shape: readonly number[]): Tensor =>
  emit(reshapeOp, [x], { shape: fittedShape("reshape", x, shape) });

/** Permutes inner axes; without argument reverses them. */
export const transpose = (x: Tensor, axes?: readonly number[]): Tensor =>
  emit(transposeOp, [x], {
    axes: (axes ?? x.shape.map((_, i) => x.shape.length - 1 - i)).map((a) => axisFromEnd("transpose", x, a)),
  });

/** Elements start..stop-1 of one inner axis (default the last); negative places count from the end. */
export function slice(x: Tensor, start: number, stop?: number, axis = -1): Tensor {
  const k = axisFromEnd("slice", x, axis);
  const d = x.shape[x.shape.length + k]!;
  const [from, to] = [place("slice", x, start, d, d), stop === undefined ? d : place("slice", x, stop, d, d)];
  if (from >= to) {
    throw new ShapeError(
      "shape.slice",
      `'slice' from ${start} to ${stop ?? d} takes nothing of axis ${axis} of ${describe(x)}, which has ${d} elements`,
      { start, stop, length: d },
    );
  }
  return from === 0 && to === d ? x : emit(sliceOp, [x], { axis: k, start: from, stop: to });
}

/** Zeros around one inner axis (default the last). */
export const pad = (x: Tensor, before: number, after: number, axis = -1): Tensor =>
  emit(padOp, [x], { axis: axisFromEnd("pad", x, axis), before, after });

/** Element i of the leading inner axis; -1 is the last. */
export function at(x: Tensor, i: number): Tensor {
  const d = x.shape[0];
  if (d === undefined) {
    throw new ShapeError(
      "shape.axis",
      `'at' takes an element of an inner axis, but ${describe(x)} has none`,
      { op: "at", shape: x.shape },
    );
  }
  const k = place("at", x, i, d);
  return x.slice(k, k + 1, 0).reshape(x.shape.slice(1));
}

/** The small tensor for every row of an axis. */
export const spreadSmall = (x: Tensor, axis: Axis, dtype?: Dtype): EventTensor =>
  emit(spreadOp, [x], { axis, dtype: dtype ?? (x.dtype === "i32" ? "i32" : axis.dtype) });

/** The numbers in another type. */
export const cast = (x: Tensor, dtype: Dtype): Tensor => emit(castOp, [x], { dtype });

/** The value, with a cotangent of zero. */
export function stopGradient<R extends Rank>(x: Tensor<R>): Tensor<R> {
  checkArgument("stopGradient", "x", x, tensor);
  return emit(stopOp, [x]);
}
