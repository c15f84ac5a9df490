import { array, aText, numbers, object } from "../text/legal.js";
import { didYouMean } from "../text/nearest.js";
import { aJagged, aTable, checkArguments, checkOptions } from "./checkdata.js";
import { exactNumber, joinValues, sameKind, type Values } from "./columnvalues.js";
import { DataError } from "./dataerror.js";

export { asFloat64, type Kind, type Values } from "./columnvalues.js";

/** Any count of numbers per row: row r has `content[offsets[r]]` up to but without `content[offsets[r + 1]]`. */
export interface Jagged {
  readonly offsets: Int32Array;
  readonly content: Values;
}

/** Numbers of the rows of a table: one each, or any count each. */
export type Column = Values | Jagged;

/** Words, which nothing computes with; null where a Parquet file has null. */
export type Text = readonly (string | null)[];

/** Columns of one length by name. */
export interface Table {
  readonly rows: number;
  readonly columns: ReadonlyMap<string, Column>;
  /** Columns of text; readers keep them only where all columns are read, so that rows can be written again. */
  readonly text?: ReadonlyMap<string, Text> | undefined;
  /** The names of `columns` and `text` in the order of the file; that of the maps when left out. */
  readonly names?: readonly string[] | undefined;
  /** Columns of the file that could not be read, where all were wanted. */
  readonly skipped?: readonly string[] | undefined;
  /** How many cells of a column were null; they are NaN. */
  readonly nulls?: ReadonlyMap<string, number> | undefined;
  /** There is no such tree in the file, which was allowed; there are no rows and no columns then. */
  readonly treeless?: boolean | undefined;
}

/** Whether rows of the column have any count of numbers each. */
export function isJagged(column: Column): column is Jagged {
  return typeof column === "object" && column !== null && "offsets" in column;
}

/**
 * The column of that name.
 *
 * @throws DataError with the nearest name when there is none
 */
export function column(table: Table, name: string, file?: string): Column {
  checkArguments("column", { table: [table, aTable], name: [name, aText] });
  const found = table.columns.get(name);
  if (found !== undefined) return found;
  const text = table.text?.get(name);
  if (text !== undefined) {
    const sentence = `Column ${name} holds text (${JSON.stringify(text.find((cell) => cell !== null)?.slice(0, 40) ?? "")}, …), not numbers.`;
    throw new DataError("data.notNumber", sentence, { file, column: name });
  }
  throw unknownColumn(name, [...table.columns.keys()], file);
}

/** There is no column of that name; says which one is near. */
export function unknownColumn(name: string, known: readonly string[], file?: string): DataError {
  const sentence = `There is no column ${name}. ${didYouMean(name, known, "columns")}`;
  return new DataError("data.unknownColumn", sentence, { file, column: name });
}

/**
 * Element `index` of every row, NaN where a row has no such element.
 *
 * @throws DataError for a 64-bit integer that no f64 is, with the name of the column where it is given
 */
export function pick(jagged: Jagged, index: number, column?: string): Float64Array {
  checkArguments("pick", { jagged: [jagged, aJagged] });
  const { offsets, content } = jagged;
  const out = new Float64Array(offsets.length - 1);
  for (let row = 0; row < out.length; row++) {
    const at = offsets[row]! + index;
    out[row] = at < offsets[row + 1]! ? exactNumber(content[at]!, column) : Number.NaN;
  }
  return out;
}

/** The rows whose mask is not 0, in order; the mask has one entry per row. */
export function select(table: Table, mask: ArrayLike<number>): Table {
  checkArguments("select", { table: [table, aTable], mask: [mask, numbers] });
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
  const text =
    table.text &&
    new Map([...table.text].map(([name, cells]) => [name, Array.from(selected, (row) => cells[row]!)]));
  return { rows, columns, text, names: table.names, skipped: table.skipped };
}

/**
 * The table with more columns after its own, such as a mask (a Uint8Array) or a score.
 *
 * @throws DataError when a name is taken or a length differs
 */
export function withColumns(table: Table, added: Readonly<Record<string, Column>>): Table {
  checkArguments("withColumns", { table: [table, aTable], added: [added, object] });
  const columns = new Map(table.columns);
  for (const [name, values] of Object.entries(added)) {
    if (columns.has(name) || table.text?.has(name)) {
      throw new DataError("data.mismatch", `There is a column ${name} already.`, { column: name });
    }
    const rows = isJagged(values) ? values.offsets.length - 1 : values.length;
    if (rows !== table.rows) {
      const sentence = `Column ${name} has ${rows} rows, but the table has ${table.rows}.`;
      throw new DataError("data.mismatch", sentence, { column: name });
    }
    columns.set(name, values);
  }
  return { ...table, columns, names: table.names && [...table.names, ...Object.keys(added)] };
}

/** All names of a table in their order. */
export function namesOf({ names, columns, text }: Table): readonly string[] {
  return names ?? [...columns.keys(), ...(text?.keys() ?? [])];
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
 * Columns of different kinds become f64; 64-bit integers stay where all numbers are whole.
 * `files` are the tables' names for errors. With `consume` the tables' maps lose their columns one by one, so that
 * memory peaks at one column beyond the result.
 *
 * @throws DataError when a table lacks a column, or a column is jagged in one table only
 */
export function concatenate(
  tables: readonly Table[],
  options: { files?: readonly string[]; consume?: boolean } = {},
): Table {
  checkArguments("concatenate", { tables: [tables, array] });
  for (const table of tables) checkArguments("concatenate", { tables: [table, aTable] });
  checkOptions("concatenate", options, { files: true, consume: true });
  const { files = [], consume = false } = options;
  const [first] = tables;
  if (first === undefined) throw new DataError("data.empty", "There are no tables to join.");
  if (tables.length === 1) return first;
  const columns = new Map<string, Column>();
  for (const name of [...first.columns.keys()]) {
    const parts = tables.map((table, i) => column(table, name, files[i]));
    if (consume) for (const table of tables) (table.columns as Map<string, Column>).delete(name);
    columns.set(name, joinColumns(parts, name, files));
  }
  const text =
    first.text &&
    new Map(
      [...first.text.keys()].map((name) => [
        name,
        tables.flatMap((table, i) => words(table, name, files[i])),
      ]),
    );
  const nulls = new Map<string, number>();
  for (const table of tables) {
    for (const [name, count] of table.nulls ?? []) nulls.set(name, (nulls.get(name) ?? 0) + count);
  }
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  return { rows, columns, text, names: first.names, skipped: first.skipped, nulls };
}

function words(table: Table, name: string, file: string | undefined): Text {
  const found = table.text?.get(name);
  if (found !== undefined) return found;
  if (!table.columns.has(name)) throw unknownColumn(name, [...table.columns.keys()], file);
  const sentence = `Column ${name} holds numbers here but text in another file.`;
  throw new DataError("data.mismatch", sentence, { file, column: name });
}

/** One column from those of several tables, in order. */
function joinColumns(parts: readonly Column[], name: string, files: readonly string[]): Column {
  const jagged = parts.filter(isJagged);
  if (jagged.length === parts.length) return joinJagged(jagged, name);
  if (jagged.length === 0) return joinValues(parts as Values[], name);
  const other = parts.findIndex((part) => isJagged(part) !== isJagged(parts[0]!));
  const [here, there] = isJagged(parts[0]!)
    ? ["one number per row", "any count of them"]
    : ["any count of numbers per row", "one"];
  const sentence = `Column ${name} has ${here}, but ${there} in ${files[0] ?? "another table"}.`;
  throw new DataError("data.mismatch", sentence, { file: files[other], column: name });
}

function joinJagged(parts: readonly Jagged[], name: string): Jagged {
  const content = joinValues(
    parts.map((part) => part.content),
    name,
  );
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
