import { AxisError, ShapeError } from "../errors.js";
import { type Dtype, describe, sizeOf, type Tensor } from "./tensor.js";

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

/** The element counted from the front: -1 is the last. Throws where `length` has no such place. */
export function place(op: string, x: Tensor, at: number, length: number, last = length - 1): number {
  const k = at < 0 ? length + at : at;
  if (Number.isInteger(at) && k >= 0 && k <= last) return k;
  throw new ShapeError(
    "shape.index",
    `'${op}' ${Number.isInteger(at) ? "has no place" : "needs a whole number, not"} ${at} on an axis of ${length} elements of ${describe(x)}; places go from 0 to ${last}, or from -${length}, counted from the end`,
    { op, index: at, length, shape: x.shape },
  );
}

/** Throws unless `n` is a whole number from `least` on: sizes, counts and orders. */
export function requireWhole(op: string, what: string, n: number, least = 0): number {
  if (Number.isSafeInteger(n) && n >= least) return n;
  throw new ShapeError(
    "shape.number",
    `${what} of '${op}' is a whole number from ${least} on, not ${typeof n === "number" ? n : `a ${typeof n}`}`,
    { op, what, got: n, least },
  );
}

/** Throws unless `shape` is one: an array of whole numbers from 0 on. */
export function requireShape(op: string, shape: readonly number[]): readonly number[] {
  if (Array.isArray(shape) && Array.from(shape).every((d) => Number.isSafeInteger(d) && d >= 0)) return shape;
  throw new ShapeError(
    "shape.none",
    `'${op}' got the shape ${JSON.stringify(shape)}; a shape is an array of whole numbers from 0 on, as [2, 3]`,
    { op, shape },
  );
}

/** The shape with its one -1, if it has one, replaced by what makes it fit the elements of x. */
export function fittedShape(op: string, x: Tensor, shape: readonly number[]): readonly number[] {
  const open = Array.isArray(shape) ? shape.indexOf(-1) : -1;
  if (open < 0) return requireShape(op, shape);
  const others = requireShape(op, shape.toSpliced(open, 1));
  const n = x.size / sizeOf(others);
  if (Number.isInteger(n)) return shape.toSpliced(open, 1, n);
  throw new ShapeError(
    "shape.reshape",
    `'${op}' to [${shape}] finds no whole number for -1: ${describe(x)} has ${x.size} elements, which ${sizeOf(others)} does not divide`,
    { op, from: x.shape, to: shape },
  );
}

/** Throws unless both have one inner shape and one table. */
export function requireLike(op: string, what: string, got: Tensor, like: Tensor): void {
  const same = got.shape.length === like.shape.length && got.shape.every((d, i) => d === like.shape[i]);
  if (same && got.axis === like.axis) return;
  throw new ShapeError(
    "shape.like",
    `${what} of '${op}' is ${describe(got)}, but belongs to ${describe(like)}: they must have one shape`,
    { op, got: got.shape, expected: like.shape },
  );
}

/** Throws unless small tensors are f64 or i32 and event tensors f32, f64 or i32. */
export function requireDtype(op: string, x: Pick<Tensor, "axis">, dtype: Dtype): Dtype {
  const known: readonly Dtype[] = x.axis ? ["f32", "f64", "i32"] : ["f64", "i32"];
  if (known.includes(dtype)) return dtype;
  throw new ShapeError(
    "shape.dtype",
    `'${op}' got the type ${JSON.stringify(dtype)}; ${x.axis ? "events" : "small tensors"} are ${known.join(", ")}`,
    { op, dtype, known },
  );
}

/** Throws unless the tensor is small and integer, with a rank where one is asked for: places to read or write. */
export function requireIntegers(op: string, index: Tensor, rank?: number): Tensor {
  if (index.axis) {
    throw new AxisError(
      "axis.events",
      `'${op}' needs small integers, but got ${describe(index)}; events have take() and segmentSum()`,
      { op, table: index.axis.table },
    );
  }
  if (index.dtype !== "i32" || (rank !== undefined && index.shape.length !== rank)) {
    throw new ShapeError(
      "shape.index",
      `'${op}' needs ${rank === undefined ? "small integers" : `integers with ${rank} inner ${rank === 1 ? "axis" : "axes"}`}, but got ${describe(index)}; pass an Int32Array`,
      { op, shape: index.shape, dtype: index.dtype },
    );
  }
  return index;
}

/** Throws unless the type is one that events are computed in. */
export function requireFloat(op: string, dtype: "f32" | "f64"): "f32" | "f64" {
  if (dtype === "f32" || dtype === "f64") return dtype;
  throw new ShapeError(
    "shape.dtype",
    `'${op}' got the type ${JSON.stringify(dtype)}; it takes "f32" or "f64"`,
    {
      op,
      dtype,
    },
  );
}

/** Throws unless they are the edges of bins: small [bins + 1], at least two. */
export function requireEdges(op: string, edges: Tensor): void {
  if (!edges.axis && edges.shape.length === 1 && edges.size > 1) return;
  throw new ShapeError(
    `${op}.edges`,
    `'${op}' needs edges [bins + 1], at least two of them, but got ${describe(edges)}`,
    { shape: edges.shape },
  );
}

/** 1 where edges ascend, else NaN: bins between edges that do not are none. */
export function ascending(edges: Tensor): Tensor {
  const flag = edges.slice(1).ge(edges.slice(0, -1)).min();
  return flag.div(flag);
}
