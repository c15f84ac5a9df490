/** What compiled functions take and return, as types: Tensors become data, and data Tensors. */

import type { Events, Marked, Numbers } from "../events.js";
import type { Rank, RankOf } from "../graph/rank.js";
import type { EventTensor, Scalar, Tensor, Vector } from "../graph/tensor.js";
import type { ArrayData, LongShape, MatrixShape, NdArray } from "./ndarray.js";

type Reals = Float64Array | Float32Array;
type List = readonly number[];

interface Arguments {
  scalar: number;
  vector: List | Numbers;
  matrix: NdArray<MatrixShape, ArrayData>;
  array: NdArray<LongShape, ArrayData>;
  events: Numbers;
}
interface RealArguments {
  scalar: number;
  vector: List | Reals;
  matrix: NdArray<MatrixShape>;
  array: NdArray<LongShape>;
  events: Reals;
}
interface Results {
  scalar: number;
  vector: Float64Array;
  matrix: NdArray<MatrixShape>;
  array: NdArray<LongShape>;
  events: Float64Array | Float32Array | Int32Array;
}

/** Concrete leaf of an argument: a number, numbers (a vector, or a column of a table), or an array of more axes. */
export type Data = number | List | Numbers | NdArray<List, ArrayData>;
/** Data that are real numbers by their type. */
export type Real = number | List | Reals | NdArray;
/** Concrete leaf of a result: a number for a scalar, numbers for a vector or a column, else an array with its shape. */
export type Leaf = Results[Rank];

type Function = (...args: never[]) => unknown;

/** Where the Tensors of an object may stand: all of them in a table, in none, or in either. */
type Place<T> =
  T extends Tensor<infer R>
    ? [R] extends ["events"]
      ? "table"
      : "events" extends R
        ? "either"
        : "small"
    : "either";
/** What is no table. */
type NoTable = { readonly [K in keyof Marked]?: never };
/** Events whose columns no type knows, where none is asked for by its name. */
type AnyEvents<T> = string extends keyof T ? ("small" extends Place<T[keyof T]> ? never : Events) : never;
type Mark<T> =
  "table" extends Place<T[keyof T]> ? Marked : "small" extends Place<T[keyof T]> ? NoTable : unknown;

/** Arguments of a compiled function: Tensors become data. */
export type In<T> =
  T extends Tensor<infer R>
    ? [Rank] extends [R]
      ? Data
      : Arguments[R]
    : T extends Function
      ? T
      : T extends readonly unknown[]
        ? { [K in keyof T]: In<T[K]> }
        : T extends object
          ? ({ [K in keyof T]: In<T[K]> } & Mark<T>) | AnyEvents<T>
          : T;
/** Arguments that are differentiated: the same without integers, which have no derivative. */
export type RealIn<T> =
  T extends Tensor<infer R>
    ? [Rank] extends [R]
      ? Real
      : RealArguments[R]
    : T extends Function
      ? T
      : T extends readonly unknown[]
        ? { [K in keyof T]: RealIn<T[K]> }
        : T extends object
          ? { [K in keyof T]: RealIn<T[K]> } & Mark<T>
          : T;
/** Results of a compiled function: Tensors become data. */
export type Out<T> =
  T extends Tensor<infer R> ? Results[R] : T extends object ? { [K in keyof T]: Out<T[K]> } : T;

/**
 * Data as a traced function gets them: columns of tables become events, numbers and other arrays small Tensors, trees
 * stay trees.
 */
export type Traced<T> = T extends Tensor
  ? T
  : T extends Marked
    ? { [K in Extract<keyof T, string>]: T[K] extends Marked ? Traced<T[K]> : EventTensor }
    : T extends number
      ? Scalar
      : T extends List | ArrayBufferView
        ? Vector
        : T extends NdArray<infer S, ArrayData>
          ? Tensor<RankOf<S>>
          : T extends object
            ? { [K in keyof T]: Traced<T[K]> }
            : T;
/** The same with Tensors of any rank: what a function takes that asks for nothing but the tree. */
export type Symbols<T> = T extends Tensor | Data
  ? Tensor
  : T extends Marked
    ? { [K in Extract<keyof T, string>]: T[K] extends Marked ? Symbols<T[K]> : Tensor }
    : T extends object
      ? { [K in keyof T]: Symbols<T[K]> }
      : T;
