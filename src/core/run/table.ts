import { OptionError } from "../../text/gradcuterror.js";
import { InputError } from "../errors.js";
import {
  type AboutEvents,
  type Columns,
  childrenOf,
  type Events,
  isChild,
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
export function table<C extends Readonly<Record<string, Numbers | Events>>>(
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
  const names = made?.names ?? Object.keys(columns).filter((name) => !isChild(columns[name]));
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
  for (const [name, child] of childrenOf(columns)) {
    const parents = tableInfo(child)!.offsets!.length - 1;
    rows ??= parents;
    if (parents !== rows) throw wrongParents(name, parents, rows);
  }
  if (rows === undefined) throw new InputError("table.empty", "a table needs at least one column", {});
  // Of a child table it is one of its own, whose rows have no parents.
  return makeEvents(Object.entries(columns), { ...made, offsets: undefined, rows, dtype, names, widths });
}

const wrongParents = (name: string, parents: number, rows: number): InputError =>
  new InputError(
    "table.length",
    `child table '${name}' has rows for ${parents} parents, but the table has ${rows} events; its offsets are ${rows + 1} numbers, from 0 to its number of rows`,
    { column: name, parents, rows },
  );

/**
 * A child table: any number of rows for each row of a parent, as jets of events, one parent's rows after the other's. Those
 * of parent p are offsets[p] up to but without offsets[p + 1]. It stands among the columns of its parent,
 * `table({ weight, jets: nested(offsets, { pt, eta }) })`, and may have children itself. In a traced function it is a record
 * of event tensors, `events.jets.pt`. Offsets are copied, columns are not.
 *
 * @throws InputError for offsets that do not ascend from 0 to the number of rows
 */
export function nested<C extends Readonly<Record<string, Numbers | Events>>>(
  offsets: ArrayLike<number>,
  columns: C,
): Events<C> {
  const begins = checkedOffsets(offsets);
  const made = table(columns, { rows: begins.at(-1)! });
  return makeEvents(Object.entries(made), { ...tableInfo(made)!, offsets: begins }) as unknown as Events<C>;
}

/** Offsets of our own, which no kernel has to check again. */
function checkedOffsets(given: ArrayLike<number>): Int32Array {
  const numbers = typeof given === "object" && given !== null && given.length > 0;
  const wrong = (sentence: string, at: number): InputError =>
    new InputError("table.offsets", `offsets of nested() ${sentence}`, {
      at,
      got: numbers ? given[at] : given,
    });
  if (!numbers) throw wrong("are numbers, one more than there are parents; for none of them [0]", 0);
  // In shared memory where the caller's are, so that threads need no copy.
  const shared = ArrayBuffer.isView(given) && tagOf(given.buffer) === "SharedArrayBuffer";
  const own = shared ? new Int32Array(new SharedArrayBuffer(given.length * 4)) : new Int32Array(given.length);
  let before = 0;
  for (let i = 0; i < own.length; i++) {
    const begin = given[i]!;
    if (!(begin >= before && begin <= 0x7fffffff && Number.isInteger(begin)) || (i === 0 && begin !== 0)) {
      throw wrong(
        `ascend from 0 in whole numbers below 2^31, but number ${i} is ${begin}${i > 0 ? ` after ${before}` : ""}`,
        i,
      );
    }
    own[i] = begin;
    before = begin;
  }
  return own;
}

/** Not `instanceof`: pages that share nothing have no such class. */
const tagOf = (buffer: ArrayBufferLike): string => buffer[Symbol.toStringTag];

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
