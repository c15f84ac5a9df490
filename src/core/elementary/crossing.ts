import { AxisError } from "../errors.js";
import { type Axis, isAxis, lineage } from "../graph/axis.js";
import { constantValue, emit, ranked, requireEvents } from "../graph/op.js";
import { type Interpreter, type Oracle, sampleChild, type Value } from "../graph/oracle.js";
import type { NodeOf, Op } from "../graph/record.js";
import { type Dtype, describe, type EventTensor, type Tensor } from "../graph/tensor.js";
import { spreadFrom, spreadSmall } from "./reshape.js";

/** The axis above that of `x`; an AxisError where there is none. */
export function requireParent(op: string, x: Tensor): Axis {
  const { parent, table } = requireEvents(op, x).axis!;
  if (parent) return parent;
  throw new AxisError(
    "axis.parent",
    `'${op}' goes from the rows of a child table to their parent, but got ${describe(x)}, and '${table}' has no parent; over all of its rows it goes with "events"`,
    { op, table },
  );
}

/** An op from rows of a child to their parent, feature by feature. */
export function upward(
  name: string,
  vjp: (g: Tensor, x: Tensor, out: Tensor) => Tensor,
  simplify: (x: Tensor) => Tensor | null = () => null,
  wide?: Op,
): Op {
  const op: Op = {
    name,
    ...(wide ? { wide } : {}),
    infer: ([x]) => ({ shape: x!.shape, dtype: x!.dtype, axis: requireParent(name, x!) }),
    vjp: (g, [x], out) => [vjp(g, x!, out)],
    batch: (_, [x]) => emit(op, [x!]),
    simplify: ([x]) => simplify(x!),
    lowering: {
      whole: true,
      lower: (node, at) => {
        const { first } = at.grain(node.args[0]!.axis!);
        const { count } = at.grain(node.axis!);
        return [[`${node.dtype}_${name}`, node.size, at.out, at.args[0]!, first, count]];
      },
    },
  };
  return op;
}

export const referenceUpward = (
  op: Op,
  order: 1 | 2,
  start: number,
  step: (a: number, b: number) => number,
): Oracle => ({
  op,
  reference: (node, [x]: readonly Value[], { offsets, rows }) => {
    const first = offsets(node.args[0]!.axis!);
    const parents = rows(node.axis!);
    const out = new Float64Array(node.size * parents).fill(start);
    for (let j = 0; j < node.size; j++)
      for (let p = 0; p < parents; p++)
        for (let i = first[p]!; i < first[p + 1]!; i++)
          out[j * parents + p] = step(out[j * parents + p]!, x!.data[j * x!.lanes + i]!);
    return out;
  },
  test: [[], [3]].map((shape) => ({
    args: [{ shape, child: true, range: [-2, 2] as const }],
    ulp: { f32: 1, f64: 4 },
    order,
  })),
});

/** How many children each parent has: from where they begin, whatever they are. */
const countOp: Op<{ axis: Axis }> = {
  name: "countChildren",
  infer: (_, { axis }) => ({ shape: [], dtype: axis.dtype, axis: axis.parent }),
  vjp: () => [],
  batch: (node) => node,
  lowering: {
    whole: true,
    lower: (node, at) => {
      const { first } = at.grain(node.attrs.axis);
      return [[`${node.dtype}_countChildren`, at.out, first, at.grain(node.axis!).count]];
    },
  },
};

export const countChildrenOracle = (): Oracle<{ axis: Axis }> => ({
  op: countOp,
  reference: (node, _, { offsets }) => {
    const first = offsets(node.attrs.axis);
    return Float64Array.from({ length: first.length - 1 }, (_, p) => first[p + 1]! - first[p]!);
  },
  test: [{ args: [], attrs: { axis: sampleChild }, ulp: { f32: 0, f64: 0 }, order: 0 }],
});

/** Number of the children of each parent. */
export function countChildren(op: string, x: Tensor): Tensor {
  requireParent(op, x);
  return emit(countOp, [], { axis: x.axis! });
}

/** Σ in f64 of what may be f32. */
const sumWideOp: Op = {
  name: "sumWide",
  infer: ([x]) => ({ shape: x!.shape, dtype: "f64", axis: requireParent("sum", x!) }),
  vjp: (g, [x]) => [toChild(g, x!.axis!).cast(x!.dtype)],
  batch: (_, [x]) => emit(sumWideOp, [x!]),
  lowering: {
    whole: true,
    lower: (node, at) => {
      const [x] = node.args;
      const kernel = x!.dtype === "f32" ? "f64_sumWide" : "f64_sumChildren";
      return [[kernel, node.size, at.out, at.args[0]!, at.grain(x!.axis!).first, at.grain(node.axis!).count]];
    },
  },
};

export const sumWideOracle = () => referenceUpward(sumWideOp, 2, 0, (a, b) => a + b);

const sumOp: Op = /*#__PURE__*/ upward(
  "sumChildren",
  (g, x) => toChild(g, x.axis!),
  (x) => {
    const value = constantValue(x);
    if (value === null || !Number.isFinite(value)) return null;
    return countChildren("sum", x).mul(value).cast(x.dtype).broadcast(x.shape);
  },
  sumWideOp,
);

export const sumChildrenOracle = () => referenceUpward(sumOp, 2, 0, (a, b) => a + b);

const spreadChildrenOp: Op<{ axis: Axis }> = {
  name: "spreadChildren",
  uniform: true,
  infer: ([x], { axis }) => ({ shape: x!.shape, dtype: x!.dtype, axis }),
  vjp: (g, [x]) => [x!.dtype === "i32" ? null : sumChildren(g)],
  batch: (node, [x]) => emit(spreadChildrenOp, [x!], node.attrs),
  // What is the same for all events is so for their children.
  simplify: ([x], { axis }) => {
    const small = spreadFrom(x!);
    return small && spreadSmall(small, axis, x!.dtype);
  },
  lowering: {
    whole: true,
    lower: (node, at) => {
      const { first } = at.grain(node.axis!);
      const { count } = at.grain(node.args[0]!.axis!);
      return [[`${node.dtype}_spreadChildren`, node.size, at.out, at.args[0]!, first, count]];
    },
  },
};

export const spreadChildrenOracle = (): Oracle<{ axis: Axis }> => ({
  op: spreadChildrenOp,
  reference: (node, [x], interpreter) => spreadReference(node, x!, interpreter),
  test: [[], [3]].map((shape) => ({
    args: [{ shape, event: true, range: [-2, 2] as const }],
    attrs: { axis: sampleChild },
    ulp: { f32: 0, f64: 0 },
  })),
});

function spreadReference(
  node: NodeOf<{ axis: Axis }>,
  x: Value,
  { offsets, rows }: Interpreter,
): Float64Array {
  const first = offsets(node.axis!);
  const n = rows(node.axis!);
  const out = new Float64Array(node.size * n);
  for (let j = 0; j < node.size; j++)
    for (let p = 0; p < x.lanes; p++)
      out.fill(x.data[j * x.lanes + p]!, j * n + first[p]!, j * n + first[p + 1]!);
  return out;
}

/** A value of each parent for all of its children. */
export const toChild = (x: Tensor, axis: Axis): Tensor => emit(spreadChildrenOp, [x], { axis });

/** Rows of an ancestor for all rows below them on `axis`. */
export function toAxis(x: Tensor, axis: Axis): Tensor {
  const line = lineage(axis);
  return line.slice(0, line.indexOf(x.axis!)).reduceRight((y, a) => toChild(y, a), x);
}

/** Σ over the children of each parent. */
export const sumChildren = (x: Tensor): Tensor => emit(sumOp, [x]);

/** A small tensor for every event of a table, or values of an ancestor for all rows below them. */
export function spread(x: Tensor, axis: Axis, dtype?: Dtype): EventTensor {
  if (!isAxis(axis)) {
    throw new AxisError(
      "axis.none",
      "'spread' needs the axis of a table, as that of an event column: spread(p, events.x.axis)",
      { op: "spread" },
    );
  }
  if (!x.axis || !lineage(axis).slice(1).includes(x.axis)) return spreadSmall(x, axis, dtype);
  const y = toAxis(x, axis);
  return ranked(dtype ? y.cast(dtype) : y);
}
