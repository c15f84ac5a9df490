import { defineOp, emit, fullLike, methods } from "../core/graph/op.js";
import { axisFromEnd, steps, strides } from "../core/graph/shape.js";
import type { Op, Tensor, Value } from "../core/graph/tensor.js";

declare module "../core/graph/tensor.js" {
  interface Tensor {
    /** Sum over inner axes; see `sum`. */
    sumInner(axes: readonly number[]): Tensor;
    /** Largest over inner axes; see `max`. */
    maxInner(axes: readonly number[]): Tensor;
  }
}

type AxesAttrs = { readonly axes: readonly number[] };

function reduction(
  name: string,
  kernel: string,
  spec: Pick<Op<AxesAttrs>, "vjp"> & { start: number; step(a: number, b: number): number },
): Op<AxesAttrs> {
  const op: Op<AxesAttrs> = defineOp({
    name,
    vjp: spec.vjp,
    infer: ([x], attrs) => {
      const gone = attrs.axes.map((a) => x!.shape.length + a);
      return { shape: x!.shape.filter((_, i) => !gone.includes(i)), dtype: x!.dtype, axis: x!.axis };
    },
    batch: (node, [x]) => emit(op, [x!], node.attrs),
    lowering: {
      lower: (node, at) => {
        const x = node.args[0]!;
        const table = at.ints(segments(x.shape, node.attrs.axes));
        return [
          [
            `${node.dtype}_${kernel}`,
            x.size,
            node.size,
            node.axis ? at.lanes : 1,
            at.out,
            at.args[0]!,
            table,
          ],
        ];
      },
    },
    reference: (node, [x]: readonly Value[]) => {
      const table = segments(node.args[0]!.shape, node.attrs.axes);
      const lanes = x!.lanes;
      const out = new Float64Array(node.size * lanes).fill(spec.start);
      table.forEach((j, i) => {
        for (let e = 0; e < lanes; e++) {
          out[j * lanes + e] = spec.step(out[j * lanes + e]!, x!.data[i * lanes + e]!);
        }
      });
      return out;
    },
    simplify: ([x], attrs) => (attrs.axes.length === 0 ? x! : null),
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
  return op;
}

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

const sumInnerOp = reduction("sumInner", "accumulate", {
  start: 0,
  step: (a, b) => a + b,
  vjp: (g, [x], out) => [restore(g, x!, out.attrs.axes)],
});

const maxInnerOp = reduction("maxInner", "accumulateMax", {
  start: Number.NEGATIVE_INFINITY,
  step: (a, b) => (Number.isNaN(a) || b > a ? (Number.isNaN(a) ? a : b) : Number.isNaN(b) ? b : a),
  vjp: (g, [x], out) => {
    const { axes } = out.attrs;
    const first = x!.eq(restore(out, x!, axes));
    return [restore(g.safeMul(fullLike(out, 1).div(first.sumInner(axes))), x!, axes).mul(first)];
  },
});

function axesOf(op: string, x: Tensor, axes: readonly number[]): number[] {
  return [...new Set(axes.map((a) => axisFromEnd(op, x, a)))].sort((a, b) => a - b);
}

const floats = (x: Tensor) => (x.dtype === "i32" ? x.cast(x.axis?.dtype ?? "f64") : x);

methods({
  sumInner: (x: Tensor, axes: readonly number[]) =>
    emit(sumInnerOp, [floats(x)], { axes: axesOf("sum", x, axes) }),
  maxInner: (x: Tensor, axes: readonly number[]) =>
    emit(maxInnerOp, [floats(x)], { axes: axesOf("max", x, axes) }),
});
