import { OptionError } from "../../text/gradcuterror.js";
import { InputError } from "../errors.js";
import { arrayName, numberKind } from "../graph/numberkind.js";
import { checkOptions, type Known } from "../options.js";
import type { Numbers } from "../plan/layout.js";
import { describe } from "../tree.js";

/** A column of events. Integers of 64 bits are none: no tile holds them all. */
export type Column = Numbers;

/** How a table of events is read into tiles. */
export interface TableOptions {
  /** Float type of the tiles (default f32, as for networks; likelihood-grade sums want f64). */
  dtype?: "f32" | "f64";
  /** Number of events, where columns hold several values per event, row by row. */
  rows?: number;
}

export interface TableInfo {
  readonly rows: number;
  readonly dtype: "f32" | "f64";
  readonly widths: Readonly<Record<string, number>>;
}

const TABLE = Symbol("gradcut.table");

/** Columns that a compiled function sees as event tensors. */
export type Table<C extends Readonly<Record<string, Column>> = Readonly<Record<string, Column>>> = C;

/**
 * Marks columns as one table of events: in a traced function each becomes an event tensor.
 * All have one length, or with `rows` a multiple of it (several values per event). Columns are not copied: what is
 * written into them later is seen by later calls. The table itself is frozen; for other columns make another one. Every
 * place in the arguments of a function is a table of its own there, also where two hold the same object.
 */
export function table<C extends Readonly<Record<string, Column>>>(
  columns: C,
  options: TableOptions = {},
): Table<C> {
  if (typeof columns !== "object" || columns === null || ArrayBuffer.isView(columns)) {
    const got = ArrayBuffer.isView(columns) ? "one array" : String(columns);
    throw new InputError(
      "table.columns",
      `table() got ${got}; it takes columns by name, as table({ x })`,
      {},
    );
  }
  checkOptions("table", options, known);
  const { dtype = "f32" } = options;
  if (dtype !== "f32" && dtype !== "f64") {
    throw new OptionError(
      "option.value",
      `dtype of a table is "f32" or "f64", not ${JSON.stringify(dtype)}`,
      {
        option: "dtype",
        got: dtype,
      },
    );
  }
  if (options.rows !== undefined && !(Number.isSafeInteger(options.rows) && options.rows >= 0)) {
    throw new OptionError(
      "option.value",
      `rows of a table is the number of events, a whole number from 0 on, not ${options.rows}`,
      { option: "rows", got: options.rows },
    );
  }
  let rows = options.rows;
  // Columns may have any name, __proto__ too.
  const widths: Record<string, number> = Object.create(null);
  for (const name of Object.keys(columns)) {
    const column = columns[name] as Column;
    requireColumn(name, column);
    rows ??= column.length;
    const width = rows === 0 ? 1 : column.length / rows;
    if (
      (rows === 0 && column.length > 0) ||
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
  const info: TableInfo = { rows, dtype, widths };
  const marked = { ...columns };
  Object.defineProperty(marked, TABLE, { value: info });
  return Object.freeze(marked);
}

const known: Known<TableOptions> = { dtype: true, rows: true };

/** Columns of a table, which must be as long as they were when it was made: memory can be given away since. */
export function requireLength(name: string, column: Column, { rows, widths }: TableInfo): Column {
  const length = rows * (widths[name] as number);
  if (column.length === length || rows === 0) return column;
  throw new InputError(
    "table.changed",
    `column '${name}' had ${length} values when table() was called and has ${column.length} now: its memory was resized or transferred since; make a new table from what there is`,
    { column: name, length: column.length, expected: length },
  );
}

function requireColumn(name: string, column: Column): void {
  const kind = arrayName(column);
  if (kind && numberKind(column)) return;
  const what = kind ? `a ${kind}` : Array.isArray(column) ? "an array" : describe(column);
  throw new InputError(
    "table.column",
    `column '${name}' of the table is ${what}, no typed array of numbers; ${remedy(column, kind)}`,
    { column: name, kind: kind || typeof column },
  );
}

/** How a column becomes one of numbers, and whether that would change it. */
function remedy(column: unknown, kind: string): string {
  if (!kind.startsWith("Big")) return "convert it, e.g. with Float64Array.from(…)";
  const values = column as BigInt64Array | BigUint64Array;
  const row = values.findIndex((x) => BigInt(Number(x)) !== x);
  if (row < 0)
    return "all of its values are exact in Float64Array.from(…, Number) and a table with dtype f64";
  return `its value ${values[row]} in row ${row} is none that an f64 holds: leave the column out, or take a part of it that has at most 53 bits`;
}

/** What `table` noted about columns, or null for any other value. */
export function tableInfo(value: unknown): TableInfo | null {
  if (typeof value !== "object" || value === null) return null;
  return (value as { [TABLE]?: TableInfo })[TABLE] ?? null;
}
