import { blocksBundle, cellOf, displayed, shownRows } from "../text/display.js";
import { InputError } from "./errors.js";
import { arrayName, numberKind } from "./numberkind.js";
import { describe } from "./tree.js";

/** Arrays of numbers that columns and results may be. */
export type Numbers =
  | Float64Array
  | Float32Array
  | Int32Array
  | Int16Array
  | Int8Array
  | Uint32Array
  | Uint16Array
  | Uint8Array
  | Uint8ClampedArray;

/** One number per row. Integers of 64 bits are kept, selected and written, but no tile holds them all: nothing computes with them. */
export type Values = Numbers | BigInt64Array | BigUint64Array;

/** Any count of numbers per row: row r has `content[offsets[r]]` up to but without `content[offsets[r + 1]]`. */
export interface Jagged {
  readonly offsets: Int32Array;
  readonly content: Values;
}

/** Numbers of the rows of a table: one each, or any count each. */
export type Column = Values | Jagged;

/** Words, which nothing computes with; null where a Parquet file has null. */
export type Text = readonly (string | null)[];

/** Columns of one table by name; child tables of any number of rows per row stand among them. */
export type Columns = Readonly<Record<string, Column | Text | Marked>>;

/** Names of jagged columns, and the child table and the column there that each is. */
export type Views = ReadonlyMap<string, readonly [child: string, column: string]>;

/** What is known of events beside their columns. */
export interface AboutEvents {
  /** Number of events. */
  readonly rows: number;
  /** Float type of the tiles that the columns are read into. */
  readonly dtype: "f32" | "f64";
  /** Names of all columns in the order of the file; child tables are not among them. */
  readonly names: readonly string[];
  /** Values per event of each column that can be computed with: no text, nothing jagged, no 64-bit integers. */
  readonly widths: Readonly<Record<string, number>>;
  /** Of a child table: its rows of parent p are those from offsets[p] up to but without offsets[p + 1]. */
  readonly offsets?: Int32Array | undefined;
  /** Jagged columns that are columns of child tables as well: `Jet_pt` is `["Jet", "pt"]`, with the same numbers. */
  readonly views?: Views | undefined;
  /** How many cells of a column were null; they are NaN. */
  readonly nulls?: ReadonlyMap<string, number> | undefined;
  /** Columns of the file that could not be read, where all were wanted. */
  readonly skipped?: readonly string[] | undefined;
  /** There is no such tree in the file, which was allowed; there are no rows and no columns then. */
  readonly treeless?: boolean | undefined;
}

// Of the registry: `gradcut` and `gradcut/tables` may be bundled apart and still hand events to each other.
const ABOUT: unique symbol = Symbol.for("gradcut.events");

/** What marks a record of columns as events. No interface, which a record of columns of any names could not be. */
export type Marked = Readonly<Record<typeof ABOUT, AboutEvents>>;

/**
 * A table of events: a frozen record of columns by name, as readers and `table` make it. Cuts and histograms count it,
 * compiled functions see its columns as event tensors, and trainings take their batches from it. To make one copies no
 * column; `aboutEvents` tells what else is known.
 */
export type Events<C extends Columns = Columns> = Readonly<C> & Marked;

/**
 * Marks columns as events of which all is known; nothing is checked or copied. Widths that are not given are 1. Child
 * tables get the float type of the table, and views are made of them here.
 */
export function makeEvents<C extends Column | Text | Marked>(
  columns: Iterable<readonly [string, C]>,
  about: Partial<AboutEvents> & Pick<AboutEvents, "rows">,
): Events<Readonly<Record<string, C>>> {
  const { dtype = "f32", widths: known = {}, views } = about;
  // Columns may have any name, __proto__ too.
  const marked: Record<string, Column | Text | Marked> = Object.fromEntries(columns);
  for (const [name, child] of childrenOf(marked)) {
    const own = tableInfo(child)!;
    if (own.dtype !== dtype) marked[name] = makeEvents(Object.entries(child), { ...own, dtype });
  }
  for (const [name, path] of views ?? []) marked[name] = childColumn(marked, path)!;
  const widths: Record<string, number> = Object.create(null);
  const { names = flatColumns(marked).map(([name]) => name) } = about;
  for (const name of names)
    if (isNumbers(marked[name])) widths[name] = Object.hasOwn(known, name) ? known[name]! : 1;
  const info: AboutEvents = { ...about, dtype, names, widths };
  const inOrder = Object.fromEntries([
    ...names.filter((name) => Object.hasOwn(marked, name)).map((name) => [name, marked[name]]),
    ...Object.entries(marked),
  ]);
  const shown = displayed(inOrder, () => eventsBundle(inOrder, info));
  return Object.freeze(Object.defineProperty(shown, ABOUT, { value: info })) as unknown as Events<
    Readonly<Record<string, C>>
  >;
}

/** The first rows, as notebooks show them. */
function eventsBundle(columns: Readonly<Record<string, Column | Text | Marked>>, { rows }: AboutEvents) {
  const flat = flatColumns(columns);
  const cell = (column: Column | Text, row: number) =>
    cellOf(
      isJagged(column) ? column.content.slice(column.offsets[row]!, column.offsets[row + 1]!) : column[row],
    );
  const children = childrenOf(columns).map(([name, child]) => [name, `${aboutEvents(child).rows} rows`]);
  return blocksBundle(`${rows} events`, [
    {
      head: flat.map(([name]) => name),
      rows: flat.length > 0 ? shownRows(rows, (i) => flat.map(([, c]) => cell(c, i))) : [],
    },
    { rows: children },
  ]);
}

/** What is known of events, or null for any other value. */
export function tableInfo(value: unknown): AboutEvents | null {
  if (typeof value !== "object" || value === null) return null;
  return (value as Partial<Marked>)[ABOUT] ?? null;
}

/** The columns that are no child tables, by their names. */
export const flatColumns = (columns: Columns): [name: string, column: Column | Text][] =>
  Object.entries(columns).filter((entry): entry is [string, Column | Text] => !isChild(entry[1]));

/** Those that are no views: what a table holds beside its child tables. */
export const ownColumns = (events: Events): [name: string, column: Column | Text][] => {
  const { views } = aboutEvents(events);
  return flatColumns(events).filter(([name]) => !views?.has(name));
};

/** One of them. */
export const flatColumn = (columns: Columns, name: string): Column | Text => {
  const column = columns[name];
  if (column !== undefined && !isChild(column)) return column;
  throw new InputError("table.column", `'${name}' is a child table, no column`, { column: name });
};

/** The child tables among columns, by their names. */
export const childrenOf = (columns: Columns): readonly (readonly [name: string, child: Events])[] =>
  Object.entries(columns).filter((entry): entry is [string, Events] => isChild(entry[1]));

/**
 * A column of a child table, or of a child of one, by its path: all of its numbers for each row of `columns`. Null where
 * there is none.
 */
export function childColumn(columns: Columns, [name = "", ...rest]: readonly string[]): Jagged | null {
  const child = Object.hasOwn(columns, name) ? columns[name] : undefined;
  const about = tableInfo(child);
  if (!isChild(child) || !about?.offsets || rest.length === 0) return null;
  const inside: Columns = child;
  const { offsets, widths } = about;
  // Names of columns may have dots themselves.
  const column = rest.join(".");
  const content = Object.hasOwn(inside, column) ? inside[column] : undefined;
  if (content === undefined) {
    const below = childColumn(inside, rest);
    return below && { offsets: offsets.map((row) => below.offsets[row]!), content: below.content };
  }
  if (isChild(content) || isText(content) || isJagged(content)) return null;
  const width = widths[column] ?? 1;
  return { offsets: width === 1 ? offsets : offsets.map((row) => row * width), content };
}

/** Whether a value is a child table: one whose rows belong to rows of another. */
export const isChild = (value: unknown): value is Marked => tableInfo(value)?.offsets !== undefined;

/** What is known of events beside their columns: how many there are, and what is special about some. */
export function aboutEvents(events: Columns): AboutEvents {
  const info = tableInfo(events);
  if (info) return info;
  const sentence = `aboutEvents() takes events, as table() makes them, not ${describe(events)}`;
  throw new InputError("table.events", sentence, {});
}

/** Whether tiles can hold a column. */
const isNumbers = (column: unknown): column is Numbers =>
  arrayName(column) !== "" && numberKind(column) !== null;

/** Throws an InputError for a column that cannot be computed with. */
export function requireColumn(name: string, column: unknown): asserts column is Numbers {
  if (isNumbers(column)) return;
  const kind = arrayName(column);
  const words = isText(column) && typeof column.find((cell) => cell !== null) === "string";
  const remedy = kind.startsWith("Big")
    ? wideRemedy(column as BigInt64Array)
    : words
      ? "leave it out of what computes"
      : isJagged(column)
        ? "choose one per event, e.g. with pick(…, 0)"
        : "convert it, e.g. with Float64Array.from(…)";
  const what = words ? "text" : isJagged(column) ? "jagged" : describe(column);
  throw new InputError(
    "table.column",
    `column '${name}' of the table is ${what}, no typed array of numbers; ${remedy}`,
    { column: name, kind: kind || typeof column },
  );
}

/** Whether a column holds words. */
export function isText(column: unknown): column is Text {
  return Array.isArray(column);
}

/** Whether rows of a column have any count of numbers each. */
export function isJagged(column: unknown): column is Jagged {
  return typeof column === "object" && column !== null && "offsets" in column && tableInfo(column) === null;
}

/** How a column of 64-bit integers becomes one of numbers, and whether that would change it. */
function wideRemedy(values: BigInt64Array | BigUint64Array): string {
  const row = values.findIndex((x: bigint) => BigInt(Number(x)) !== x);
  if (row < 0)
    return "all of its values are exact in Float64Array.from(…, Number) and a table with dtype f64";
  return `its value ${values[row]} in row ${row} is none that an f64 holds: leave the column out, or take a part of it that has at most 53 bits`;
}
