import { ShapeError } from "../errors.js";
import type { Axis } from "../graph/axis.js";
import { commonAxis, emit, floatType, lift, ranked } from "../graph/op.js";
import type { Oracle } from "../graph/oracle.js";
import type { More, Rank } from "../graph/rank.js";
import type { Op } from "../graph/record.js";
import { axisFromEnd } from "../graph/shape.js";
import { type Dtype, describe, sizeOf, type Tensor } from "../graph/tensor.js";
import { conform } from "./align.js";

const concatOp: Op<{ axis: number }> = {
  name: "concat",
  infer: (args, attrs) => {
    const { axis } = attrs;
    const first = args[0]!;
    const events = commonAxis("concat", args);
    const k = first.shape.length + axis;
    for (const x of args) {
      if (x.shape.length !== first.shape.length || x.shape.some((d, i) => i !== k && d !== first.shape[i])) {
        throw new ShapeError(
          "shape.concat",
          `'concat' cannot join ${describe(first)} and ${describe(x)} along axis ${axis}: the other axes differ`,
          { shapes: args.map((a) => a.shape) },
        );
      }
    }
    const joined = args.reduce((n, x) => n + x.shape[k]!, 0);
    return {
      shape: first.shape.map((d, i) => (i === k ? joined : d)),
      dtype: first.dtype,
      axis: events,
    };
  },
  vjp: (g, args, out) => {
    const { axis } = out.attrs;
    let start = 0;
    return args.map((x) => {
      const stop = start + x.shape[x.shape.length + axis]!;
      const part = g.slice(start, stop, axis);
      start = stop;
      return part;
    });
  },
  batch: (node, args, batched, size) =>
    emit(
      concatOp,
      args.map((x, i) => (batched[i] ? x : x.broadcast([size, ...x.shape]))),
      node.attrs,
    ),
  lowering: {
    lower: (node, at) => {
      const k = node.shape.length + node.attrs.axis;
      const inner = sizeOf(node.shape.slice(k + 1));
      const outer = sizeOf(node.shape.slice(0, k));
      const lanes = node.axis ? at.lanes : 1;
      const bytes = node.dtype === "f64" ? 8 : 4;
      let start = 0;
      return node.args.flatMap((x, i) => {
        const run = x.shape[k]! * inner;
        const offset = start;
        start += run;
        return Array.from({ length: outer }, (_, o) => {
          const to = o * node.shape[k]! * inner + offset;
          return [
            `${node.dtype}_place`,
            run,
            lanes,
            at.out,
            at.args[i]! + o * run * lanes * bytes,
            to,
          ] as const;
        });
      });
    },
  },
};

export const concatOracle = (): Oracle<{ axis: number }> => ({
  op: concatOp,
  reference: (node, args) => {
    const k = node.shape.length + node.attrs.axis;
    const inner = sizeOf(node.shape.slice(k + 1));
    const outer = sizeOf(node.shape.slice(0, k));
    const lanes = args[0]!.lanes;
    const out = new Float64Array(node.size * lanes);
    let start = 0;
    node.args.forEach((x, i) => {
      const run = x.shape[k]! * inner * lanes;
      for (let o = 0; o < outer; o++) {
        out.set(args[i]!.data.subarray(o * run, (o + 1) * run), o * node.shape[k]! * inner * lanes + start);
      }
      start += run;
    });
    return out;
  },
  test: [-1, -2].flatMap((axis) =>
    [false, true].map((event) => ({
      args: [
        { shape: [2, 3], event, range: [-1, 1] as const },
        { shape: [2, 3], event, range: [-1, 1] as const },
      ],
      attrs: { axis },
      ulp: { f32: 0, f64: 0 },
      order: 1 as const,
    })),
  ),
});

/** Joins tensors along an inner axis (default the last). */
export function concat<R extends Rank>(tensors: readonly Tensor<R>[], axis = -1): Tensor<R> {
  const parts = listed("concat", tensors);
  const first = parts[0]!;
  const k = axisFromEnd("concat", first, axis);
  const axes = commonAxis("concat", parts);
  const dtype = joinedType(parts, axes);
  const same = parts.map((p) => conform(p, { shape: p.shape, axis: axes, dtype }));
  return ranked(same.length === 1 ? first : emit(concatOp, same, { axis: k }));
}

function listed(op: string, parts: readonly Tensor[]): readonly Tensor[] {
  if (Array.isArray(parts) && parts.length > 0) return parts.map(lift);
  throw new ShapeError("shape.empty", `'${op}' got no tensors; it takes an array of at least one`, { op });
}

/** Integers among floats become floats; small floats take the type of the events they are joined with. */
function joinedType(parts: readonly Tensor[], axis: Axis | null): Dtype {
  if (parts.every((p) => p.dtype === "i32")) return "i32";
  return floatType(axis, parts);
}

/** Stacks tensors of one shape along a new leading inner axis: columns into features. */
export function stack<R extends Rank>(tensors: readonly Tensor<R>[]): Tensor<More<R>> {
  const parts = listed("stack", tensors);
  const first = parts[0]!;
  const odd = parts.find(
    (p) => p.shape.length !== first.shape.length || p.shape.some((d, i) => d !== first.shape[i]),
  );
  if (odd) {
    throw new ShapeError(
      "shape.stack",
      `'stack' needs tensors of one shape, but got ${describe(first)} and ${describe(odd)}; broadcast or reshape them first`,
      { shapes: parts.map((p) => p.shape) },
    );
  }
  const rows = parts.map((p) => p.reshape([1, ...p.shape]));
  return ranked(concat(rows, 0));
}

/** Batch rule of last resort: one copy of the op per element, stacked. For ops whose kernels have no batch axis. */
export function unroll(
  node: Tensor,
  args: readonly Tensor[],
  batched: readonly boolean[],
  size: number,
  call: (args: readonly Tensor[]) => Tensor = (a) => emit(node.op, a, node.attrs),
): Tensor {
  const parts: Tensor[] = [];
  for (let i = 0; i < size; i++) {
    parts.push(call(args.map((a, j) => (batched[j] ? a.at(i) : a))));
  }
  return stack(parts);
}
