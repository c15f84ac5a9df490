/** Params as a training begins with them: the arrays that compiled functions take, as the numbers that rules move. */

import { InputError } from "../../core/errors.js";
import { type ArrayData, NdArray } from "../../core/run/ndarray.js";
import { isNumbers, mapPaths } from "../../core/tree.js";
import { isNumeric, type NumericLeaf } from "../transformation.js";

type Integers =
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

/** Params of type P during and after a training: vectors of any kind are Float64Arrays. */
export type Vectors<P> = P extends Float64Array | NdArray
  ? P
  : P extends readonly number[] | Float32Array
    ? Float64Array
    : P extends object
      ? { [K in keyof P]: Vectors<P[K]> }
      : P;

/** P where it has no integer arrays, which have no derivative; else nothing fits. */
export type Trainable<P> = P extends Integers
  ? never
  : P extends ArrayBufferView | NdArray
    ? P
    : P extends NdArray<readonly number[], ArrayData>
      ? never
      : P extends object
        ? { [K in keyof P]: Trainable<P[K]> }
        : P;

type Leaf = number | readonly number[] | ArrayBufferView | NdArray<readonly number[], ArrayData>;
const isLeaf = (x: unknown): x is Leaf =>
  typeof x === "number" ||
  (ArrayBuffer.isView(x) && !(x instanceof DataView)) ||
  isNumbers(x) ||
  x instanceof NdArray;

/** The same numbers as numbers and Float64Arrays. Throws an InputError at integer arrays. */
export function startOf<P>(params: P): Vectors<P> {
  const vectors = (leaf: Leaf, path: string): NumericLeaf => {
    if (isNumeric(leaf)) return leaf;
    if (Array.isArray(leaf) || leaf instanceof Float32Array)
      return Float64Array.from(leaf as ArrayLike<number>);
    const kind = leaf instanceof NdArray ? "array of integers" : leaf.constructor.name;
    throw new InputError(
      "train.integers",
      `${path} is an ${kind}: integers have no derivative, so they cannot be trained; use Float64Array.from(${path}), or pass them in data or extras`,
      { path },
    );
  };
  return mapPaths(params, isLeaf, vectors, "params") as Vectors<P>;
}
