import { OptionError } from "../../text/gradcuterror.js";
import { InputError } from "../errors.js";
import {
  type AboutEvents,
  type Columns,
  type Events,
  makeEvents,
  type Numbers,
  requireColumn,
  tableInfo,
} from "../events.js";
import { checkOptions, type Known } from "../options.js";

/** How a table of events is read into tiles. */
export interface TableOptions {
  /** Float type of the tiles (default f32, as for networks; likelihood-grade sums want f64). */
  dtype?: "f32" | "f64";
  /** Number of events, where columns hold several values per event, row by row. */
  rows?: number;
}

/**
 * Makes columns one table of events: in a traced function each becomes an event tensor.
 * All have one length, or with `rows` a multiple of it (several values per event). Columns are not copied: what is
 * written into them later is seen by later calls. The table itself is frozen; for other columns make another one. Every
 * place in the arguments of a function is a table of its own there, also where two hold the same object. Events that
 * were read or made before get other options; what they have beside numbers they keep.
 */
export function table<C extends Readonly<Record<string, Numbers>>>(
  columns: C,
  options?: TableOptions,
): Events<C>;
export function table<C extends Columns>(events: Events<C>, options?: TableOptions): Events<C>;
export function table(columns: Columns, options: TableOptions = {}): Events {
  if (typeof columns !== "object" || columns === null || ArrayBuffer.isView(columns)) {
    const got = ArrayBuffer.isView(columns) ? "one array" : String(columns);
    throw new InputError(
      "table.columns",
      `table() got ${got}; it takes columns by name, as table({ x })`,
      {},
    );
  }
  checkOptions("table", options, known);
  const made = tableInfo(columns);
  const { dtype = made?.dtype ?? "f32" } = options;
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
  let rows = options.rows ?? made?.rows;
  // Columns may have any name, __proto__ too.
  const widths: Record<string, number> = Object.create(null);
  const names = made?.names ?? Object.keys(columns);
  for (const name of names) {
    const column = columns[name];
    if (made && !Object.hasOwn(made.widths, name)) continue;
    requireColumn(name, column);
    rows ??= column.length;
    const width = rows === 0 ? 1 : column.length / rows;
    if (
      (rows === 0 && column.length > 0) ||
      !Number.isInteger(width) ||
      (width === 0 && rows > 0) ||
      (width !== 1 && options.rows === undefined && !made)
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
  return makeEvents(Object.entries(columns), { ...made, rows, dtype, names, widths });
}

/** The table of those columns that are named. Throws an InputError for one that nothing computes with. */
export function someColumns(columns: Columns, names: readonly string[], options: TableOptions): Events {
  const used = names.map((name): [string, Numbers] => {
    const column = columns[name];
    requireColumn(name, column);
    return [name, column];
  });
  return table(Object.fromEntries(used), options);
}

const known: Known<TableOptions> = { dtype: true, rows: true };

/** Columns of a table, which must be as long as they were when it was made: memory can be given away since. */
export function requireLength(name: string, column: Numbers, { rows, widths }: AboutEvents): Numbers {
  const length = rows * (widths[name] as number);
  if (column.length === length || rows === 0) return column;
  throw new InputError(
    "table.changed",
    `column '${name}' had ${length} values when table() was called and has ${column.length} now: its memory was resized or transferred since; make a new table from what there is`,
    { column: name, length: column.length, expected: length },
  );
}
