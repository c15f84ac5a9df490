import { didYouMean } from "../expr/errors.js";
import { DataError } from "./errors.js";

/** A number per row, or the numbers of a jagged column; 64-bit integers are kept whole. */
export type Values = Float64Array | Int32Array | BigInt64Array | BigUint64Array;

/** Any count of numbers per row: row r has `content[offsets[r]]` up to but without `content[offsets[r + 1]]`. */
export interface Jagged {
  readonly offsets: Int32Array;
  readonly content: Values;
}

export type Column = Values | Jagged;

/** Columns of one length by name. */
export interface Table {
  readonly rows: number;
  readonly columns: ReadonlyMap<string, Column>;
}

export function isJagged(column: Column): column is Jagged {
  return "offsets" in column;
}

/**
 * The column of that name.
 *
 * @throws DataError with the nearest name when there is none
 */
export function column(table: Table, name: string, file?: string): Column {
  const found = table.columns.get(name);
  if (found !== undefined) return found;
  throw unknownColumn(name, [...table.columns.keys()], file);
}

/** There is no column of that name; says which one is near. */
export function unknownColumn(name: string, known: readonly string[], file?: string): DataError {
  const sentence = `There is no column ${name}. ${didYouMean(name, known, "columns")}`;
  return new DataError("data.unknownColumn", sentence, { file, column: name });
}

/** Element `index` of every row, NaN where a row has no such element. */
export function pick({ offsets, content }: Jagged, index: number): Float64Array {
  const out = new Float64Array(offsets.length - 1);
  for (let row = 0; row < out.length; row++) {
    const at = offsets[row]! + index;
    out[row] = at < offsets[row + 1]! ? Number(content[at]) : Number.NaN;
  }
  return out;
}

/** The numbers as f64; 64-bit integers beyond 2**53 are rounded. No copy when they are f64 already. */
export function asFloat64(values: Values): Float64Array {
  if (values instanceof Float64Array) return values;
  const out = new Float64Array(values.length);
  for (let i = 0; i < out.length; i++) out[i] = Number(values[i]);
  return out;
}

/** The rows whose mask is not 0, in order; the mask has one entry per row. */
export function select(table: Table, mask: ArrayLike<number>): Table {
  if (mask.length !== table.rows) {
    throw new DataError(
      "data.mismatch",
      `A mask of ${mask.length} entries cannot select from ${table.rows} rows.`,
    );
  }
  let rows = 0;
  for (let row = 0; row < table.rows; row++) if (mask[row]) rows++;
  const selected = new Int32Array(rows);
  for (let row = 0, i = 0; row < table.rows; row++) if (mask[row]) selected[i++] = row;
  const columns = new Map<string, Column>();
  for (const [name, old] of table.columns) {
    columns.set(name, isJagged(old) ? takeJagged(old, selected) : take(old, selected));
  }
  return { rows, columns };
}

function take(values: Values, rows: Int32Array): Values {
  const out = sameKind(values, rows.length);
  for (let i = 0; i < rows.length; i++) out[i] = values[rows[i]!]!;
  return out;
}

function takeJagged({ offsets, content }: Jagged, rows: Int32Array): Jagged {
  const newOffsets = new Int32Array(rows.length + 1);
  for (let i = 0; i < rows.length; i++) {
    newOffsets[i + 1] = newOffsets[i]! + offsets[rows[i]! + 1]! - offsets[rows[i]!]!;
  }
  const out = sameKind(content, newOffsets[rows.length]!);
  for (let i = 0; i < rows.length; i++) {
    const from = offsets[rows[i]!]!;
    for (let at = newOffsets[i]!; at < newOffsets[i + 1]!; at++)
      out[at] = content[from + at - newOffsets[i]!]!;
  }
  return { offsets: newOffsets, content: out };
}

/**
 * The rows of several tables, one after the other, with the columns of the first.
 *
 * Columns of different kinds become f64.
 *
 * @throws DataError when a table lacks a column, or a column is jagged in one table only
 */
export function concatenate(tables: readonly Table[]): Table {
  const [first] = tables;
  if (first === undefined) throw new DataError("data.empty", "There are no tables to join.");
  if (tables.length === 1) return first;
  const columns = new Map<string, Column>();
  for (const name of first.columns.keys()) {
    const parts = tables.map((table) => column(table, name));
    const jagged = parts.filter(isJagged);
    if (jagged.length === parts.length) columns.set(name, joinJagged(jagged, name));
    else if (jagged.length === 0) columns.set(name, joinValues(parts as Values[]));
    else {
      const sentence = `Column ${name} has one number per row in one table and any count of them in another.`;
      throw new DataError("data.mismatch", sentence, { column: name });
    }
  }
  return { rows: tables.reduce((sum, table) => sum + table.rows, 0), columns };
}

/** One array from several; f64 when they are of different kinds. */
export function joinValues(parts: readonly Values[]): Values {
  const first = parts[0]!;
  const same = parts.every((part) => part.constructor === first.constructor);
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const out = same ? sameKind(first, length) : new Float64Array(length);
  let at = 0;
  for (const part of parts) {
    // One kind on both sides, which the type of `set` cannot say.
    (out as Float64Array).set((same ? part : asFloat64(part)) as Float64Array, at);
    at += part.length;
  }
  return out;
}

function joinJagged(parts: readonly Jagged[], name: string): Jagged {
  const content = joinValues(parts.map((part) => part.content));
  if (content.length > maxContent) throw tooManyElements(name);
  const offsets = new Int32Array(parts.reduce((sum, part) => sum + part.offsets.length - 1, 1));
  let row = 0;
  let shift = 0;
  for (const part of parts) {
    for (let i = 1; i < part.offsets.length; i++) offsets[++row] = shift + part.offsets[i]!;
    shift += part.content.length;
  }
  return { offsets, content };
}

/** The most elements that the offsets of a jagged column can count. */
export const maxContent = 2 ** 31 - 1;

/** The error for a jagged column beyond {@link maxContent}. */
export function tooManyElements(name: string, file?: string): DataError {
  const sentence = `Column ${name} has more than 2**31 - 1 elements; read fewer files at once.`;
  return new DataError("data.tooLarge", sentence, { file, column: name });
}

function sameKind(values: Values, length: number): Values {
  if (values instanceof Float64Array) return new Float64Array(length);
  if (values instanceof Int32Array) return new Int32Array(length);
  return values instanceof BigInt64Array ? new BigInt64Array(length) : new BigUint64Array(length);
}
