import {
  type AboutEvents,
  aboutEvents,
  type Column,
  type Columns,
  type Events,
  flatColumn,
  flatColumns,
  isChild,
  isJagged,
  isText,
  type Jagged,
  makeEvents,
  type Text,
  type Values,
} from "../core/events.js";
import { checkArguments, checkOptions } from "../text/checkoptions.js";
import { array, aText, numbers, object } from "../text/legal.js";
import { didYouMean } from "../text/nearest.js";
import { aJagged, someEvents } from "./checkdata.js";
import { exactNumber, joinValues, sameKind } from "./columnvalues.js";
import { DataError } from "./dataerror.js";
import { takeRows } from "./takerows.js";

export { asFloat64, type Kind } from "./columnvalues.js";

/**
 * Columns of one length as events, which `aboutEvents` tells more of.
 *
 * @throws DataError for columns of several lengths, and for what is none
 */
export function eventsOf(columns: Columns): Events {
  checkArguments("eventsOf", { columns: [columns, object] });
  let rows: number | undefined;
  for (const [name, values] of flatColumns(columns)) {
    rows ??= lengthOf(values);
    if (lengthOf(values) === rows) continue;
    const sentence = `Column ${name} has ${lengthOf(values)} rows, but the table has ${rows}.`;
    throw new DataError("data.mismatch", sentence, { column: name });
  }
  return makeEvents(Object.entries(columns), { rows: rows ?? 0 });
}

/** Rows of a column. */
const lengthOf = (column: Column | Text): number =>
  isJagged(column) ? column.offsets.length - 1 : column.length;

/**
 * The column of that name.
 *
 * @throws DataError with the nearest name when there is none
 */
export function column(table: Events, name: string, file?: string): Column {
  checkArguments("column", { table: [table, someEvents], name: [name, aText] });
  const found = Object.hasOwn(table, name) ? table[name] : undefined;
  if (found === undefined || isChild(found)) throw unknownColumn(name, numbersOf(table), file);
  if (isText(found)) throw notNumbers(name, found, file);
  return found;
}

function notNumbers(name: string, text: Text, file: string | undefined): DataError {
  const word = text.find((cell) => cell !== null)?.slice(0, 40) ?? "";
  const sentence = `Column ${name} holds text (${JSON.stringify(word)}, …), not numbers.`;
  return new DataError("data.notNumber", sentence, { file, column: name });
}

/** Names of the columns that hold numbers. */
export const numbersOf = (table: Events): string[] =>
  aboutEvents(table).names.filter((name) => !isText(table[name]));

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
export function select<C extends Columns>(table: Events<C>, mask: ArrayLike<number>): Events<C>;
export function select(table: Events, mask: ArrayLike<number>): Events {
  checkArguments("select", { table: [table, someEvents], mask: [mask, numbers] });
  const { rows: all, names, dtype, widths, skipped } = aboutEvents(table);
  if (mask.length !== all) {
    throw new DataError("data.mismatch", `A mask of ${mask.length} entries cannot select from ${all} rows.`);
  }
  let rows = 0;
  for (let row = 0; row < all; row++) if (mask[row]) rows++;
  // The table as it is: nothing is copied where all rows stay.
  if (rows === all) return table;
  const selected = new Int32Array(rows);
  for (let row = 0, i = 0; row < all; row++) if (mask[row]) selected[i++] = row;
  const taken = names.map(
    (name) => [name, takeRows(flatColumn(table, name), selected, sameKind, widths[name])] as const,
  );
  return makeEvents(taken, { rows, names, dtype, widths, skipped });
}

/**
 * The table with more columns after its own, such as a mask (a Uint8Array) or a score.
 *
 * @throws DataError when a name is taken or a length differs
 */
export function withColumns<C extends Columns, A extends Readonly<Record<string, Column>>>(
  table: Events<C>,
  added: A,
): Events<C & A>;
export function withColumns(table: Events, added: Readonly<Record<string, Column>>): Events {
  checkArguments("withColumns", { table: [table, someEvents], added: [added, object] });
  const about = aboutEvents(table);
  for (const [name, values] of Object.entries(added)) {
    if (Object.hasOwn(table, name)) {
      throw new DataError("data.mismatch", `There is a column ${name} already.`, { column: name });
    }
    const rows = lengthOf(values);
    if (rows !== about.rows) {
      const sentence = `Column ${name} has ${rows} rows, but the table has ${about.rows}.`;
      throw new DataError("data.mismatch", sentence, { column: name });
    }
  }
  return changed(table, Object.entries(added), [...about.names, ...Object.keys(added)]);
}

/** The table with other columns of the same length in place of its own, or besides them. */
export function changed(
  table: Events,
  columns: Iterable<readonly [string, Column | Text]>,
  names: readonly string[] = aboutEvents(table).names,
  also: Partial<AboutEvents> = {},
): Events {
  return makeEvents([...Object.entries(table), ...columns], { ...aboutEvents(table), names, ...also });
}

/**
 * The rows of several tables, one after the other, with the columns of the first.
 *
 * Columns of different kinds become f64; 64-bit integers stay where all numbers are whole.
 * `files` are the tables' names for errors. With `consume` the array of tables loses them and the columns are let go one
 * by one, so that memory peaks at one column beyond the result where nobody else holds them.
 *
 * @throws DataError when a table lacks a column, or a column is jagged in one table only
 */
export function concatenate(
  tables: Events[],
  options: { files?: readonly string[]; consume?: boolean } = {},
): Events {
  checkArguments("concatenate", { tables: [tables, array] });
  for (const table of tables) checkArguments("concatenate", { tables: [table, someEvents] });
  checkOptions("concatenate", options, { files: true, consume: true });
  const { files = [], consume = false } = options;
  if (tables.length === 0) throw new DataError("data.empty", "There are no tables to join.");
  if (tables.length === 1) return tables[0]!;
  const all = tables.map(aboutEvents);
  // What holds the columns from here on, so that they can be let go one by one.
  const parts = tables.map((table) => new Map(flatColumns(table)));
  if (consume) tables.length = 0;
  const { names, dtype, skipped, widths } = all[0]!;
  const columns = names.map((name): [string, Column | Text] => {
    const found = parts.map((part, i) => ofPart(part, name, parts[0]!, files[i]));
    if (consume) for (const part of parts) part.delete(name);
    return [name, joinColumns(found, name, files)];
  });
  const nulls = new Map<string, number>();
  for (const about of all)
    for (const [name, count] of about.nulls ?? []) nulls.set(name, (nulls.get(name) ?? 0) + count);
  const rows = all.reduce((sum, about) => sum + about.rows, 0);
  const wide = names.find((name) => all.some((about) => (about.widths[name] ?? 1) !== (widths[name] ?? 1)));
  if (wide !== undefined) {
    const sentence = `Column ${wide} has ${widths[wide]} values per event in one table and another number in another.`;
    throw new DataError("data.mismatch", sentence, { column: wide });
  }
  return makeEvents(columns, { rows, names, dtype, skipped, nulls, widths });
}

type Part = ReadonlyMap<string, Column | Text>;

/** A column of one of several tables, which is text where that of the first is. */
function ofPart(part: Part, name: string, first: Part, file: string | undefined): Column | Text {
  const found = part.get(name);
  if (found === undefined) throw unknownColumn(name, [...part.keys()], file);
  if (isText(found) === isText(first.get(name))) return found;
  if (isText(found)) throw notNumbers(name, found, file);
  const sentence = `Column ${name} holds numbers here but text in another file.`;
  throw new DataError("data.mismatch", sentence, { file, column: name });
}

/** One column from those of several tables, in order. */
function joinColumns(
  parts: readonly (Column | Text)[],
  name: string,
  files: readonly string[],
): Column | Text {
  const text = parts.filter(isText);
  if (text.length > 0) return text.flat();
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
