import { InputError } from "./errors.js";
import type { Numbers } from "./plan.js";

/** A column of events. 64-bit integers stay untouched; they are carried, not computed with. */
export type Column = Numbers;

export interface TableOptions {
  /** Float type of the tiles (default f32, as for networks; likelihood-grade sums want f64). */
  dtype?: "f32" | "f64";
  /** Number of events, where columns hold several values per event, row by row. */
  rows?: number;
}

interface TableInfo {
  readonly rows: number;
  readonly dtype: "f32" | "f64";
  readonly widths: Readonly<Record<string, number>>;
}

const TABLE = Symbol("gradcut.table");

/** Columns that a compiled function sees as event tensors. */
export type Table<C extends Readonly<Record<string, Column>> = Readonly<Record<string, Column>>> = C;

/**
 * Marks columns as one table of events: in a traced function each becomes an event tensor.
 * Columns are not copied. All have one length, or with `rows` a multiple of it (several values per event).
 */
export function table<C extends Readonly<Record<string, Column>>>(
  columns: C,
  options: TableOptions = {},
): Table<C> {
  const names = Object.keys(columns);
  let rows = options.rows;
  const widths: Record<string, number> = {};
  for (const name of names) {
    const column = columns[name] as Column;
    if (
      !ArrayBuffer.isView(column) ||
      column instanceof DataView ||
      typeof (column as Column)[0] === "bigint"
    ) {
      throw new InputError(
        "table.column",
        `column '${name}' of the table is no typed array of numbers; convert it, e.g. Float64Array.from(${name})`,
        { column: name },
      );
    }
    rows ??= column.length;
    const width = rows === 0 ? 1 : column.length / rows;
    if (
      !Number.isInteger(width) ||
      (width === 0 && rows > 0) ||
      (width !== 1 && options.rows === undefined)
    ) {
      throw new InputError(
        "table.length",
        `column '${name}' has ${column.length} values, but the table has ${rows} events; make them equal, or give { rows } for several values per event`,
        { column: name, length: column.length, rows },
      );
    }
    widths[name] = width;
  }
  if (rows === undefined) throw new InputError("table.empty", "a table needs at least one column", {});
  const info: TableInfo = { rows, dtype: options.dtype ?? "f32", widths };
  const marked = { ...columns };
  Object.defineProperty(marked, TABLE, { value: info });
  return marked;
}

/** What `table` noted about columns, or null for any other value. */
export function tableInfo(value: unknown): TableInfo | null {
  if (typeof value !== "object" || value === null) return null;
  return (value as { [TABLE]?: TableInfo })[TABLE] ?? null;
}
