import { concat } from "../elementary/join.js";
import type { Body } from "../graph/attrs.js";
import { emit } from "../graph/op.js";
import type { Oracle } from "../graph/oracle.js";
import type { Op } from "../graph/record.js";
import { sizeOf, type Tensor, type Type } from "../graph/tensor.js";
import { cotangents } from "./apart.js";
import { bodyOf, extend } from "./body.js";

/** A body run once per element of a leading axis: what `vmap` makes of ops that cannot be widened. */
/** What is mapped: a body, which of its inputs have the axis, and its length. */
type MapAttrs = { readonly body: Body; readonly batched: readonly boolean[]; readonly size: number };

export const mapOp: Op<MapAttrs> = {
  name: "map",
  infer: (_, attrs) => {
    const out = attrs.body.outputs[0]!;
    return { shape: [attrs.size, ...out.shape], dtype: out.dtype, axis: null };
  },
  vjp: (g, args, node) => {
    const body = node.attrs.body;
    const flags = node.attrs.batched;
    const size = node.attrs.size;
    const out = body.outputs[0]!;
    const floats = body.inputs.map((t) => t.dtype !== "i32");
    const sizes = body.inputs.map((t, i) => (floats[i] ? t.size : 0));
    const reverse = extend(body, [out], ([y], inputs, [gy]) => {
      const grads = cotangents([y!], [gy!], inputs);
      const parts = grads.flatMap((d, i) => (floats[i] ? [d.reshape([d.size])] : []));
      return [concat([parts[0]!, ...parts.slice(1)])];
    });
    const all = emit(mapOp, [...args, g], { body: reverse, batched: [...flags, true], size });
    let start = 0;
    return args.map((arg, i) => {
      if (!floats[i]) return null;
      const part = all.slice(start, start + sizes[i]!);
      start += sizes[i]!;
      return flags[i] ? part.reshape(arg.shape) : part.sum([-2]).reshape(arg.shape);
    });
  },
  batch: (node, args, batched, size) => mapBatch(node, args, batched, size),
  lowering: {
    lower: (node, at) => {
      const body = node.attrs.body;
      const flags = node.attrs.batched;
      const code = at.body(
        body,
        body.inputs.map((_, i) => (flags[i] ? undefined : at.args[i])),
      );
      const bytesOf = (t: Tensor) => t.size * (t.dtype === "i32" ? 4 : 8);
      const ins = body.inputs.flatMap((t, i) =>
        flags[i] ? [code.inputs[i]!, at.args[i]!, bytesOf(t), bytesOf(t)] : [],
      );
      const out = body.outputs[0]!;
      const outs = [at.out, code.outputs[0]!, bytesOf(out), bytesOf(out)];
      return [["any_map", node.attrs.size, code.start, code.end, ins.length / 4, 1, ...ins, ...outs]];
    },
  },
};

export const mapOracle = (): Oracle<MapAttrs> => ({
  op: mapOp,
  reference: (node, args, interpreter) => {
    const body = node.attrs.body;
    const flags = node.attrs.batched;
    const one = sizeOf(node.shape.slice(1));
    const out = new Float64Array(node.size);
    for (let i = 0; i < node.attrs.size; i++) {
      const inputs = body.inputs.map((t, j) =>
        flags[j] ? args[j]!.data.subarray(i * t.size, (i + 1) * t.size) : args[j]!.data,
      );
      out.set(interpreter.body(body, inputs)[0]!, i * one);
    }
    return out;
  },
  test: [],
  untested: "needs a body: see test/core/vmap.test.ts",
});

/** The batch rule of ops that run on their own terms for every element: fits, roots, maps. */
export function mapBatch(
  node: Tensor,
  args: readonly Tensor[],
  batched: readonly boolean[],
  size: number,
): Tensor {
  const types: Type[] = args.map((a, i) => ({
    shape: batched[i] ? a.shape.slice(1) : a.shape,
    dtype: a.dtype,
    axis: null,
  }));
  return emit(mapOp, args, { body: bodyOf(node, types), batched: [...batched], size });
}
