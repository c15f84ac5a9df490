/** Tables of events inside a tree of data: found, copied by rows, put into shared memory. */

import { InputError } from "../../core/errors.js";
import { type Column, table, tableInfo } from "../../core/run/table.js";
import { flatten, isNumbers, unflatten } from "../../core/tree.js";

export interface EventTable {
  /** The name it has in messages: that of its key in the data, `events` where the data are one table. */
  readonly name: string;
  readonly columns: Readonly<Record<string, Column>>;
  readonly rows: number;
  readonly dtype: "f32" | "f64";
  /** Values per event of each column. */
  readonly widths: Readonly<Record<string, number>>;
}

/** Row numbers of tables by their names. */
export type Rows = Readonly<Record<string, Uint32Array>>;

const isLeaf = (x: unknown): x is unknown =>
  typeof x === "number" ||
  (ArrayBuffer.isView(x) && !(x instanceof DataView)) ||
  isNumbers(x) ||
  tableInfo(x) !== null;

/** The same data with every table replaced; all else stays. */
export function mapTables<D>(data: D, fn: (events: EventTable, index: number) => unknown): D {
  const { leaves, paths, structure } = flatten(data, isLeaf, "events");
  let index = 0;
  const mapped = leaves.map((leaf, i) => {
    const info = tableInfo(leaf);
    if (!info) return leaf;
    const name = paths[i]!.slice("events".length).replace(/^\./, "") || "events";
    return fn({ ...info, name, columns: leaf as EventTable["columns"] }, index++);
  });
  return unflatten<D>(structure, mapped);
}

export function tablesOf(data: unknown): EventTable[] {
  const tables: EventTable[] = [];
  mapTables(data, (events) => tables.push(events));
  return tables;
}

/** Fewer rows than this are worked on by one thread, so there is nothing to share. */
const SHARED_FROM = 8192;

/** The same data with the columns of long tables in memory that threads read without a copy. */
export function shareTables<D>(data: D): D {
  return mapTables(data, ({ columns, rows, dtype }) => {
    if (rows <= SHARED_FROM) return columns;
    const shared = Object.entries(columns).map(([name, column]): [string, Column] => {
      if (column.buffer instanceof SharedArrayBuffer) return [name, column];
      const copy = allocate(column, column.length, true);
      copy.set(column);
      return [name, copy];
    });
    return table(Object.fromEntries(shared), { dtype, rows });
  });
}

function allocate(like: Column, length: number, shared: boolean): Column {
  const Kind = like.constructor as new (of: number | SharedArrayBuffer) => Column;
  return new Kind(shared ? new SharedArrayBuffer(length * like.BYTES_PER_ELEMENT) : length);
}

/** A table of the rows `order[from]` … `order[to - 1]`, in memory that all of them use: each replaces the one before. */
export type Gather = (order: Uint32Array, from: number, to: number) => EventTable["columns"];

export interface GatherOptions {
  /** Most rows that will be asked for. */
  readonly most: number;
  readonly shared: boolean;
  /** Column of event weights, multiplied by the number of all rows over that of the chosen ones. */
  readonly weights?: string | undefined;
}

export function gather(events: EventTable, { most, shared, weights }: GatherOptions): Gather {
  const { columns, rows, dtype, widths } = events;
  if (rows === 0) return () => columns;
  const kept = Object.entries(columns).map(([name, column]) => {
    const width = widths[name]!;
    const memory = allocate(column, most * width, shared && most > SHARED_FROM);
    return { name, column, width, memory, scaled: name === weights };
  });
  const made = new Map<number, EventTable["columns"]>();
  const tableOf = (n: number) =>
    table(Object.fromEntries(kept.map(({ name, width, memory }) => [name, memory.subarray(0, n * width)])), {
      dtype,
      rows: n,
    });
  return (order, from, to) => {
    const n = to - from;
    for (const { column, width, memory, scaled } of kept) {
      copyRows(column, memory, width, order, from, to);
      if (scaled) for (let i = 0; i < n * width; i++) memory[i]! *= rows / n;
    }
    // Of one length there is one table, which those who saw it before need not look at again.
    const found = made.get(n) ?? tableOf(n);
    made.set(n, found);
    return found;
  };
}

function copyRows(
  column: Column,
  memory: Column,
  width: number,
  order: Uint32Array,
  from: number,
  to: number,
): void {
  // One loop for each kind of array: a loop that meets several kinds runs several times slower.
  if (column instanceof Float32Array && memory instanceof Float32Array) {
    if (width === 1) for (let i = from; i < to; i++) memory[i - from] = column[order[i]!]!;
    else copyWide32(column, memory, width, order, from, to);
  } else if (column instanceof Float64Array && memory instanceof Float64Array) {
    if (width === 1) for (let i = from; i < to; i++) memory[i - from] = column[order[i]!]!;
    else copyWide64(column, memory, width, order, from, to);
  } else {
    for (let i = from; i < to; i++)
      for (let k = 0; k < width; k++) memory[(i - from) * width + k] = column[order[i]! * width + k]!;
  }
}

function copyWide32(
  column: Float32Array,
  memory: Float32Array,
  width: number,
  order: Uint32Array,
  from: number,
  to: number,
) {
  let at = 0;
  for (let i = from; i < to; i++) {
    const row = order[i]! * width;
    for (let k = 0; k < width; k++) memory[at++] = column[row + k]!;
  }
}

function copyWide64(
  column: Float64Array,
  memory: Float64Array,
  width: number,
  order: Uint32Array,
  from: number,
  to: number,
) {
  let at = 0;
  for (let i = from; i < to; i++) {
    const row = order[i]! * width;
    for (let k = 0; k < width; k++) memory[at++] = column[row + k]!;
  }
}

/** Throws unless some table has this column, and every one that has it keeps fractions in it. */
export function requireWeights(data: unknown, name: string): void {
  const columns = tablesOf(data).flatMap(({ columns }) => columns[name] ?? []);
  if (columns.length === 0) {
    const sentence = `No table has the column '${name}' of event weights: name the one that the loss multiplies by.`;
    throw new InputError("train.weights", sentence, { column: name });
  }
  if (columns.every((c) => c instanceof Float64Array || c instanceof Float32Array)) return;
  const sentence = `The weights '${name}' are integers, which cannot be scaled: use Float64Array.from(${name}).`;
  throw new InputError("train.weights", sentence, { column: name });
}
