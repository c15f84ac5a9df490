import { ShapeError } from "./errors.js";
import { describe, sizeOf, type Tensor } from "./tensor.js";

/** Strides of a row-major shape. */
export function strides(shape: readonly number[]): number[] {
  const out = new Array<number>(shape.length).fill(1);
  for (let i = shape.length - 2; i >= 0; i--) out[i] = out[i + 1]! * shape[i + 1]!;
  return out;
}

/** For every element of `shape`, in order, the dot product of its index with `steps`, plus `base`. */
export function steps(shape: readonly number[], steps: readonly number[], base = 0): Int32Array {
  const out = new Int32Array(sizeOf(shape));
  const index = new Array<number>(shape.length).fill(0);
  let at = base;
  for (let i = 0; i < out.length; i++) {
    out[i] = at;
    for (let d = shape.length - 1; d >= 0; d--) {
      at += steps[d]!;
      if (++index[d]! < shape[d]!) break;
      at -= steps[d]! * shape[d]!;
      index[d] = 0;
    }
  }
  return out;
}

/** The axis counted from the end: -1 is the last. Leading axes may then come and go. */
export function axisFromEnd(op: string, x: Tensor, axis: number): number {
  const k = axis < 0 ? axis : axis - x.shape.length;
  if (!Number.isInteger(axis) || -k > x.shape.length || k >= 0) {
    throw new ShapeError("shape.axis", `'${op}' has no axis ${axis} on ${describe(x)}`, {
      op,
      axis,
      shape: x.shape,
    });
  }
  return k;
}
