import {
  type AboutEvents,
  aboutEvents,
  type Column,
  type Columns,
  childColumn,
  childrenOf,
  type Events,
  isChild,
  isJagged,
  isText,
  type Jagged,
  type Marked,
  makeEvents,
  type Text,
} from "../core/events.js";
import { checkArguments } from "../text/checkoptions.js";
import { aText, numbers, object } from "../text/legal.js";
import { didYouMean } from "../text/nearest.js";
import { aJagged, someEvents } from "./checkdata.js";
import { exactNumber, sameKind } from "./columnvalues.js";
import { DataError } from "./dataerror.js";
import { takeTable } from "./takerows.js";

export { asFloat64, type Kind } from "./columnvalues.js";

/**
 * Columns of one length as events, which `aboutEvents` tells more of.
 *
 * @throws DataError for columns of several lengths, and for what is none
 */
export function eventsOf(columns: Columns): Events {
  checkArguments("eventsOf", { columns: [columns, object] });
  let rows: number | undefined;
  for (const [name, values] of Object.entries(columns)) {
    const length = lengthOf(values);
    rows ??= length;
    if (length === rows) continue;
    const sentence = isChild(values)
      ? `Child table ${name} has rows for ${length} parents, but the table has ${rows} rows.`
      : `Column ${name} has ${length} rows, but the table has ${rows}.`;
    throw new DataError("data.mismatch", sentence, { column: name });
  }
  return makeEvents(Object.entries(columns), { rows: rows ?? 0 });
}

/** Rows of a column, or parents of the rows of a child table. */
function lengthOf(column: Column | Text | Marked): number {
  if (isChild(column)) return aboutEvents(column).offsets!.length - 1;
  return isJagged(column) ? column.offsets.length - 1 : column.length;
}

/**
 * The column of that name; `jets.pt` is that of a child table, with any count of numbers per row, where no column has this
 * name itself.
 *
 * @throws DataError with the nearest name when there is none
 */
export function column(table: Events, name: string, file?: string): Column {
  checkArguments("column", { table: [table, someEvents], name: [name, aText] });
  const own = Object.hasOwn(table, name) ? table[name] : undefined;
  const found = own ?? childColumn(table, name.split("."));
  if (isChild(found)) {
    throw isChildTable(name, `${name}.${numbersOf(found)[0] ?? "pt"}`, file);
  }
  if (found === null) throw unknownColumn(name, numbersOf(table), file);
  if (isText(found)) throw notNumbers(name, found, file);
  return found;
}

/** The column of that name is text. */
export function notNumbers(name: string, text: Text, file: string | undefined): DataError {
  const word = text.find((cell) => cell !== null)?.slice(0, 40) ?? "";
  const sentence = `Column ${name} holds text (${JSON.stringify(word)}, …), not numbers.`;
  return new DataError("data.notNumber", sentence, { file, column: name });
}

/** The error for a child table in the place of a column, such as the example. */
export function isChildTable(name: string, example: string, file?: string): DataError {
  const sentence = `${name} is a child table, no column: say which of its columns, as ${example}.`;
  return new DataError("data.unknownColumn", sentence, { file, column: name });
}

/** Names of the columns that hold numbers, those of child tables with their paths, but none twice. */
export function numbersOf(table: Events): string[] {
  const { names, views = new Map() } = aboutEvents(table);
  const viewed = new Set(Array.from(views.values(), (path) => path.join(".")));
  const inside = childrenOf(table).flatMap(([name, child]) =>
    numbersOf(child).map((column) => `${name}.${column}`),
  );
  return [...names.filter((name) => !isText(table[name])), ...inside.filter((path) => !viewed.has(path))];
}

/** There is no column of that name; says which one is near. */
export function unknownColumn(name: string, known: readonly string[], file?: string): DataError {
  const sentence = `There is no column ${name}. ${didYouMean(name, known, "columns")}`;
  return new DataError("data.unknownColumn", sentence, { file, column: name });
}

/**
 * Element `index` of every row, from the end where it is negative; NaN where a row has no such element.
 *
 * @throws DataError for a 64-bit integer that no f64 is, with the name of the column where it is given
 */
export function pick(jagged: Jagged, index: number, column?: string): Float64Array {
  checkArguments("pick", { jagged: [jagged, aJagged] });
  const { offsets, content } = jagged;
  const out = new Float64Array(offsets.length - 1);
  for (let row = 0; row < out.length; row++) {
    const [first, end] = [offsets[row]!, offsets[row + 1]!];
    const at = index < 0 ? end + index : first + index;
    out[row] = at >= first && at < end ? exactNumber(content[at]!, column) : Number.NaN;
  }
  return out;
}

/** The rows whose mask is not 0, in order; the mask has one entry per row. */
export function select<C extends Columns>(table: Events<C>, mask: ArrayLike<number>): Events<C>;
export function select(table: Events, mask: ArrayLike<number>): Events {
  checkArguments("select", { table: [table, someEvents], mask: [mask, numbers] });
  const { rows: all } = aboutEvents(table);
  if (mask.length !== all) {
    throw new DataError("data.mismatch", `A mask of ${mask.length} entries cannot select from ${all} rows.`);
  }
  let rows = 0;
  for (let row = 0; row < all; row++) if (mask[row]) rows++;
  // The table as it is: nothing is copied where all rows stay.
  if (rows === all) return table;
  const selected = new Int32Array(rows);
  for (let row = 0, i = 0; row < all; row++) if (mask[row]) selected[i++] = row;
  const taken = takeTable(table, selected, sameKind);
  // Where nulls are is not known.
  return makeEvents(Object.entries(taken), { ...aboutEvents(taken), nulls: undefined });
}

/**
 * The table with more columns after its own, such as a mask (a Uint8Array) or a score, and more child tables.
 *
 * @throws DataError when a name is taken or a length differs
 */
export function withColumns<C extends Columns, A extends Readonly<Record<string, Column | Events>>>(
  table: Events<C>,
  added: A,
): Events<C & A>;
export function withColumns(table: Events, added: Readonly<Record<string, Column | Events>>): Events {
  checkArguments("withColumns", { table: [table, someEvents], added: [added, object] });
  const about = aboutEvents(table);
  for (const [name, values] of Object.entries(added)) {
    if (Object.hasOwn(table, name)) {
      throw new DataError("data.mismatch", `There is a column ${name} already.`, { column: name });
    }
    const rows = lengthOf(values);
    if (rows !== about.rows) {
      const sentence = `${isChild(values) ? "Child table" : "Column"} ${name} has ${rows} rows, but the table has ${about.rows}.`;
      throw new DataError("data.mismatch", sentence, { column: name });
    }
  }
  const names = Object.keys(added).filter((name) => !isChild(added[name]));
  return changed(table, Object.entries(added), [...about.names, ...names]);
}

/** The table with other columns and children of the same length in place of its own, or besides them. */
export function changed(
  table: Events,
  columns: Iterable<readonly [string, Column | Text | Marked]>,
  names: readonly string[] = aboutEvents(table).names,
  also: Partial<AboutEvents> = {},
): Events {
  return makeEvents([...Object.entries(table), ...columns], { ...aboutEvents(table), names, ...also });
}
