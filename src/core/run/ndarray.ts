import { blocksBundle, cellOf, display, type MimeBundle, shownRows } from "../../text/display.js";
import { InputError } from "../errors.js";
import { requireKind } from "../numberkind.js";
import type { Numbers } from "../plan/layout.js";

/** Numbers of an array: reals, or integers for indices. */
export type ArrayData = Float64Array | Int32Array;

/** Two axes, and three or more. */
export type MatrixShape = readonly [rows: number, columns: number];
export type LongShape = readonly [number, number, number, ...number[]];

/** Nested arrays of a shape, as far as its type says. */
type Lists<S extends readonly number[]> = S["length"] extends 2
  ? number[][]
  : S["length"] extends 3
    ? number[][][]
    : unknown[];

/**
 * Numbers with two axes or more, outside traced functions: what compiled functions return for a matrix, and take for
 * one. `array` makes it. A vector is a Float64Array, and a scalar a number.
 */
export class NdArray<
  out S extends readonly number[] = readonly number[],
  out D extends ArrayData = Float64Array,
> {
  /** The elements in row-major order: that at [i, j] of a matrix is `data[i * shape[1] + j]`. */
  readonly data: D;
  readonly shape: S;

  constructor(data: D, shape: S) {
    this.data = data;
    this.shape = shape;
  }

  /** The element at these places, one for each axis; negative ones count from the end. Throws an InputError beyond. */
  at(...places: { readonly [K in keyof S]: number }): number {
    const at = (places as readonly number[]).map((p, i) => (p < 0 ? p + (this.shape[i] ?? 0) : p));
    if (
      at.length !== this.shape.length ||
      !at.every((p, i) => Number.isInteger(p) && p >= 0 && p < this.shape[i]!)
    ) {
      throw new InputError(
        "input.place",
        `at(${places}) is no place in an array of the shape [${this.shape}]; give one whole number for each axis, from 0 on or from -1 back`,
        { places, shape: this.shape },
      );
    }
    return this.data[at.reduce((index, p, i) => index * this.shape[i]! + p, 0)]!;
  }

  [display](): MimeBundle {
    const columns = this.shape.length === 2 ? this.shape[1]! : 1;
    const row = (i: number) => Array.from(this.data.subarray(i * columns, (i + 1) * columns), cellOf);
    return blocksBundle(`[${this.shape}]`, [{ rows: shownRows(this.data.length / (columns || 1), row) }]);
  }

  /** The same numbers as nested arrays, rows of a matrix one by one. */
  toArray(): Lists<S> {
    const lists = (axis: number, from: number): unknown => {
      if (axis === this.shape.length) return this.data[from];
      const step = sizeOf(this.shape.slice(axis + 1));
      return Array.from({ length: this.shape[axis]! }, (_, i) => lists(axis + 1, from + i * step));
    };
    return lists(0, 0) as Lists<S>;
  }

  /** Nested arrays: `array` reads them again. */
  toJSON(): Lists<S> {
    return this.toArray();
  }
}

const sizeOf = (shape: readonly number[]) => shape.reduce((n, d) => n * d, 1);

/** Numbers along one axis. */
export type Row = readonly number[] | Numbers;
/** Rows of a matrix, or of arrays of more axes. */
export type Nested = readonly (Row | Nested)[];

const isList = (x: unknown): x is ArrayLike<unknown> => Array.isArray(x) || ArrayBuffer.isView(x);
/** Whether the first element is a row. */
export const isNested = (values: Row | Nested): values is Nested =>
  Array.isArray(values) && isList(values[0]);

/** The shape of nested arrays by their type. */
export type ShapeOf<V> = V extends Row
  ? readonly [number]
  : V extends readonly Row[]
    ? MatrixShape
    : V extends readonly (readonly Row[])[]
      ? readonly [number, number, number]
      : readonly number[];
type Sizes<S extends readonly number[]> = { readonly [K in keyof S]: number };
type Kept<V> = V extends Int8Array | Uint8Array | Uint8ClampedArray | Int16Array | Uint16Array | Int32Array
  ? Int32Array
  : Float64Array;
/** A vector is its numbers. */
type Made<S extends readonly number[], D extends ArrayData> = number extends S["length"]
  ? D | NdArray<S, D>
  : S["length"] extends 1
    ? D
    : NdArray<Sizes<S>, D>;

/**
 * A matrix, or an array of more axes, as an argument of compiled functions and trainings: `array([[1, 2], [3, 4]])`, or its
 * elements in row-major order and its shape, `array([1, 2, 3, 4], [2, 2])` or `array({ data, shape })`. One axis is a
 * vector: a Float64Array. Integers stay integers in an Int32Array. Float64Arrays and Int32Arrays are not copied.
 *
 * Throws an InputError where rows differ in length, numbers do not fill the shape, or something is no number.
 */
export function array<const V extends Row, const S extends readonly number[]>(
  values: V,
  shape: S,
): Made<S, Kept<V>>;
export function array<const V extends Row, const S extends readonly number[]>(values: {
  readonly data: V;
  readonly shape: S;
}): Made<S, Kept<V>>;
export function array<V extends Row | Nested>(
  values: V,
): Made<ShapeOf<V>, V extends Row ? Kept<V> : Float64Array>;
export function array(
  values: Row | Nested | { readonly data: Row; readonly shape: readonly number[] },
  shape?: readonly number[],
): ArrayData | NdArray<readonly number[], ArrayData> {
  if (shape !== undefined) return shaped(values as Row, shape);
  if (isList(values))
    return isNested(values as Row | Nested) ? nested(values as Nested) : numbersOf(values as Row, "");
  const given = values as { readonly data?: Row; readonly shape?: readonly number[] } | null;
  if (typeof given === "object" && given?.data && given.shape) return shaped(given.data, given.shape);
  throw new InputError(
    "input.array",
    `array() takes nested arrays of numbers, as [[1, 2], [3, 4]], or numbers and a shape, not ${values === null ? "null" : `a ${typeof values}`}`,
    { got: typeof values },
  );
}

function shaped(values: Row, shape: readonly number[]) {
  if (!Array.isArray(shape) || shape.length === 0 || !shape.every((n) => Number.isInteger(n) && n >= 0)) {
    throw new InputError(
      "input.shape",
      `the shape of array() is [${shape}]; give the length of each axis, one or more whole numbers, as [2, 3]`,
      { shape },
    );
  }
  const data = numbersOf(values, "");
  if (data.length !== sizeOf(shape)) {
    throw new InputError(
      "input.shape",
      `array() got ${data.length} numbers for the shape [${shape}], which has ${sizeOf(shape)} elements; give as many numbers, or the shape that they have`,
      { length: data.length, shape },
    );
  }
  return shape.length === 1 ? data : new NdArray(data, [...shape]);
}

/** An array of nested ones. */
export function nested(values: Nested): NdArray {
  const shape = depthOf(values);
  const rows: ArrayData[] = [];
  const visit = (list: unknown, axis: number, path: string): void => {
    const length = shape[axis]!;
    const isLast = axis === shape.length - 1;
    if (!isList(list) || list.length !== length) {
      const got = isList(list) ? `has ${list.length} elements` : `is ${String(list)}`;
      const first = "[0]".repeat(axis);
      throw new InputError(
        "input.ragged",
        `${path} of array() ${got} where ${first} has ${length}; give all rows one length, or pass them as a list of vectors, without array()`,
        { path, expected: length },
      );
    }
    if (isLast) rows.push(numbersOf(list as Row, path));
    else for (const [i, row] of (list as Nested).entries()) visit(row, axis + 1, `${path}[${i}]`);
  };
  visit(values, 0, "");
  const data = new Float64Array(sizeOf(shape));
  for (const [i, row] of rows.entries()) data.set(row, i * row.length);
  return new NdArray(data, shape);
}

/** Lengths along the first elements. */
function depthOf(values: Nested): number[] {
  const shape: number[] = [];
  for (let at: unknown = values; isList(at); at = at[0]) shape.push(at.length);
  return shape;
}

/** The numbers of a row, reals in a Float64Array and integers in an Int32Array. */
function numbersOf(values: Row, path: string): ArrayData {
  if (values instanceof Float64Array || values instanceof Int32Array) return values;
  if (!Array.isArray(values)) {
    return requireKind(values).dtype === "i32" ? Int32Array.from(values) : Float64Array.from(values);
  }
  const odd = Array.from(values as unknown[]).findIndex((v) => typeof v !== "number");
  if (odd < 0) return Float64Array.from(values);
  const got = values[odd] as unknown;
  throw new InputError(
    "input.number",
    `${path}[${odd}] of array() is ${Array.isArray(got) ? "an array" : String(got)}, no number; every row holds numbers alone, as in [[1, 2], [3, 4]]`,
    { path: `${path}[${odd}]` },
  );
}
