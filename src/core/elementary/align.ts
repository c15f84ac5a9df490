import { broadcastShapes, commonAxis, constant, floatType, lift, type Operand } from "../graph/op.js";
import type { Tensor, Type } from "../graph/tensor.js";
import { spread, toAxis } from "./crossing.js";

/** Brings operands of an elementwise op to one inner shape, axis and float type. */
export function align(op: string, operands: readonly Operand[], masks: readonly number[] = []): Tensor[] {
  const tensors = operands.map(lift);
  const shape = broadcastShapes(op, tensors);
  const axis = commonAxis(op, tensors);
  const dtype = floatType(
    axis,
    tensors.filter((t, i) => t.dtype !== "i32" || !masks.includes(i)),
  );
  return tensors.map((t) => conform(t, { shape, axis, dtype }));
}

/** `t` broadcast, spread over events and cast until it has the type. */
export function conform(t: Tensor, type: Type): Tensor {
  let x = t;
  if (type.axis && x.axis && x.axis !== type.axis) x = toAxis(x, type.axis);
  if (x.shape.length !== type.shape.length || x.shape.some((d, i) => d !== type.shape[i])) {
    x = x.broadcast(type.shape);
  }
  if (!x.axis) x = x.cast(type.dtype === "i32" ? "i32" : "f64");
  if (type.axis && !x.axis) return spread(x, type.axis, type.dtype);
  return x.dtype === type.dtype ? x : x.cast(type.dtype);
}

/** The constant `value` with the type of `t`. */
export function fullLike(t: Type, value: number): Tensor {
  const dtype = t.dtype === "i32" ? (t.axis?.dtype ?? "f64") : t.dtype;
  return conform(constant(value), { shape: t.shape, axis: t.axis, dtype });
}
