import { emit } from "../graph/op.js";
import type { Oracle, Value } from "../graph/oracle.js";
import type { Op } from "../graph/record.js";
import { axisFromEnd, steps, strides } from "../graph/shape.js";
import type { Tensor } from "../graph/tensor.js";
import { fullLike } from "./align.js";
import { safeMul } from "./arith.js";

type AxesAttrs = { readonly axes: readonly number[] };

interface Reduction {
  readonly start: number;
  step(a: number, b: number): number;
}

function reduction(name: string, kernel: string, vjp: Op<AxesAttrs>["vjp"]): Op<AxesAttrs> {
  const op: Op<AxesAttrs> = {
    name,
    vjp,
    infer: ([x], attrs) => {
      const gone = attrs.axes.map((a) => x!.shape.length + a);
      return { shape: x!.shape.filter((_, i) => !gone.includes(i)), dtype: x!.dtype, axis: x!.axis };
    },
    batch: (node, [x]) => emit(op, [x!], node.attrs),
    lowering: {
      lower: (node, at) => {
        const x = node.args[0]!;
        const table = at.ints(segments(x.shape, node.attrs.axes));
        const lanes = node.axis ? at.lanes : 1;
        return [[`${node.dtype}_${kernel}`, x.size, node.size, lanes, at.out, at.args[0]!, table]];
      },
    },
    simplify: ([x], attrs) => (attrs.axes.length === 0 ? x! : null),
  };
  return op;
}

const reductionOracle = (op: Op<AxesAttrs>, { start, step }: Reduction): Oracle<AxesAttrs> => ({
  op,
  reference: (node, [x]: readonly Value[]) => {
    const table = segments(node.args[0]!.shape, node.attrs.axes);
    const lanes = x!.lanes;
    const out = new Float64Array(node.size * lanes).fill(start);
    table.forEach((j, i) => {
      for (let e = 0; e < lanes; e++) out[j * lanes + e] = step(out[j * lanes + e]!, x!.data[i * lanes + e]!);
    });
    return out;
  },
  test: (
    [
      [[2, 3], [-1]],
      [[2, 3], [-2]],
      [[4], [-1]],
    ] as const
  ).flatMap(([shape, axes]) =>
    [false, true].map((event) => ({
      args: [{ shape, event, range: [-2, 2] as const }],
      attrs: { axes },
      ulp: { f32: 4, f64: 4 },
    })),
  ),
});

/** For every element of `shape` the index of the element it is reduced into. */
function segments(shape: readonly number[], axes: readonly number[]): Int32Array {
  const gone = axes.map((a) => shape.length + a);
  const kept = strides(shape.filter((_, i) => !gone.includes(i)));
  let k = 0;
  return steps(
    shape,
    shape.map((_, i) => (gone.includes(i) ? 0 : kept[k++]!)),
  );
}

/** `small` (a reduction of x over axes) with the shape of x again. */
function restore(small: Tensor, x: Tensor, axes: readonly number[]): Tensor {
  const gone = axes.map((a) => x.shape.length + a);
  return small.reshape(x.shape.map((d, i) => (gone.includes(i) ? 1 : d))).broadcast(x.shape);
}

const sumInnerOp: Op<AxesAttrs> = /*#__PURE__*/ reduction("sumInner", "accumulate", (g, [x], out) => [
  restore(g, x!, out.attrs.axes),
]);

export const sumInnerOracle = () => reductionOracle(sumInnerOp, { start: 0, step: (a, b) => a + b });

const maxInnerOp: Op<AxesAttrs> = /*#__PURE__*/ reduction("maxInner", "accumulateMax", (g, [x], out) => {
  const { axes } = out.attrs;
  const first = x!.eq(restore(out, x!, axes));
  return [restore(safeMul(g, fullLike(out, 1).div(first.sum(axes))), x!, axes).mul(first)];
});

export const maxInnerOracle = () =>
  reductionOracle(maxInnerOp, {
    start: Number.NEGATIVE_INFINITY,
    step: (a, b) => (Number.isNaN(a) || b > a ? (Number.isNaN(a) ? a : b) : Number.isNaN(b) ? b : a),
  });

function axesOf(op: string, x: Tensor, axes: readonly number[]): number[] {
  return [...new Set(axes.map((a) => axisFromEnd(op, x, a)))].sort((a, b) => a - b);
}

const floats = (x: Tensor) => (x.dtype === "i32" ? x.cast(x.axis?.dtype ?? "f64") : x);

/** Sum over inner axes. */
export const sumInner = (x: Tensor, axes: readonly number[]): Tensor =>
  emit(sumInnerOp, [floats(x)], { axes: axesOf("sum", x, axes) });

/** Largest over inner axes. */
export const maxInner = (x: Tensor, axes: readonly number[]): Tensor =>
  emit(maxInnerOp, [floats(x)], { axes: axesOf("max", x, axes) });
