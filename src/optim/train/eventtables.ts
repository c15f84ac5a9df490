/** Tables of events inside a tree of data: found, copied by rows, put into shared memory. */

import { InputError } from "../../core/errors.js";
import {
  aboutEvents,
  type Columns,
  childrenOf,
  type Events,
  makeEvents,
  type Numbers,
  tableInfo,
  type Values,
} from "../../core/events.js";
import { isData } from "../../core/run/trace.js";
import { flatten, joinPath, unflatten } from "../../core/tree.js";
import { beginsOf, copyRows, elementsOf, type RowNumbers, takeTable } from "../../events/takerows.js";

/** A table of the data. */
export interface Place {
  /** The name that it has in messages: that of its key in the data, `events` where the data are one table. */
  readonly name: string;
  readonly index: number;
}

/** Row numbers of tables by their names. */
export type Rows = Readonly<Record<string, Uint32Array>>;

/** The same data with every table replaced; all else stays. */
export function mapTables<D>(data: D, fn: (events: Events, place: Place) => unknown): D {
  const { leaves, paths, structure } = flatten<unknown>(data, isData, "events");
  let index = 0;
  const mapped = leaves.map((leaf, i) => {
    if (!tableInfo(leaf)) return leaf;
    const name = paths[i]!.slice("events".length).replace(/^\./, "") || "events";
    return fn(leaf as Events, { name, index: index++ });
  });
  return unflatten<D>(structure, mapped);
}

/** The tables of the data with their names and numbers of rows, in order. */
export function tablesOf(data: unknown): Named[] {
  const tables: Named[] = [];
  mapTables(data, (events, { name }) => tables.push({ name, rows: aboutEvents(events).rows, events }));
  return tables;
}

/** A table with its name in messages. */
export interface Named {
  readonly name: string;
  readonly rows: number;
  readonly events: Events;
}

/** Fewer rows than this are worked on by one thread, so there is nothing to share. */
const SHARED_FROM = 8192;

/** The columns of events that are computed with. */
const computed = (events: Events): [string, Numbers][] =>
  Object.keys(aboutEvents(events).widths).map((name) => [name, events[name] as Numbers]);

/** The same data with the columns of long tables in memory that threads read without a copy. */
export function shareTables<D>(data: D): D {
  return mapTables(data, (events) =>
    aboutEvents(events).rows <= SHARED_FROM ? events : sharedTable(events),
  );
}

/** A table in shared memory, with its children. */
function sharedTable(events: Events): Events {
  const about = aboutEvents(events);
  const columns = computed(events).map(([name, column]) => [name, inShared(column)] as const);
  const children = childrenOf(events).map(([name, child]) => [name, sharedTable(child)] as const);
  const { offsets } = about;
  return makeEvents<Columns[string]>([...Object.entries(events), ...columns, ...children], {
    ...about,
    ...(offsets && { offsets: inShared(offsets) }),
  });
}

function inShared<V extends Numbers>(column: V): V {
  if (column.buffer instanceof SharedArrayBuffer) return column;
  const copy = allocate(column, column.length, true);
  copy.set(column);
  return copy;
}

function allocate<V extends Values>(like: V, length: number, shared: boolean): V {
  const Kind = like.constructor as new (of: number | SharedArrayBuffer) => V;
  return new Kind(shared ? new SharedArrayBuffer(length * like.BYTES_PER_ELEMENT) : length);
}

/**
 * Those rows of a table, of columns of all kinds and with their children; weights are multiplied by the number of all rows
 * over theirs.
 */
export function takeEvents(
  events: Events,
  rows: Uint32Array,
  { shared, weights }: Pick<GatherOptions, "shared" | "weights">,
): Events {
  const { rows: all } = aboutEvents(events);
  if (all === 0) return events;
  const make = <V extends Values>(like: V, length: number) =>
    allocate(like, length, shared && rows.length > SHARED_FROM);
  const taken = takeTable(events, rows, make);
  if (weights !== undefined && Object.hasOwn(aboutEvents(taken).widths, weights))
    scaleBy(taken[weights] as Numbers, all / rows.length);
  return taken;
}

const oneFloat: Numbers = new Float32Array(0);

function scaleBy(values: Numbers, factor: number, count = values.length): void {
  for (let i = 0; i < count; i++) values[i]! *= factor;
}

/** A table of the rows `order[from]` … `order[to - 1]`, in memory that all of them use: each replaces the one before. */
export type Gather = (order: Uint32Array, from: number, to: number) => Events;

export interface GatherOptions {
  /** Most rows that will be asked for. */
  readonly most: number;
  readonly shared: boolean;
  /** Column of event weights, multiplied by the number of all rows over that of the chosen ones. */
  readonly weights?: string | undefined;
}

/**
 * Takes rows of what is computed with, and their children; f64 columns are rounded once where tiles are f32, but for the
 * weights.
 */
export function gather(events: Events, { most, shared, weights }: GatherOptions): Gather {
  const { rows } = aboutEvents(events);
  if (rows === 0) return () => events;
  const columns = gatherColumns(events, { shared: shared && most > SHARED_FROM, weights });
  columns.room(most);
  return (order, from, to) => {
    const taken = columns.take(order, from, to);
    if (weights !== undefined && Object.hasOwn(aboutEvents(events).widths, weights))
      scaleBy(taken[weights] as Numbers, rows / (to - from));
    return taken;
  };
}

/** Memory for rows of a table and their children. */
interface Gathering {
  /** Makes room for so many rows where there is less. */
  room(rows: number): void;
  take(order: RowNumbers, from: number, to: number, offsets?: Int32Array): Events;
}

function gatherColumns(events: Events, { shared, weights }: Omit<GatherOptions, "most">): Gathering {
  const about = aboutEvents(events);
  const { dtype, widths } = about;
  const kept = computed(events).map(([name, column]) => {
    const rounded = dtype === "f32" && column instanceof Float64Array && name !== weights;
    const like = rounded ? oneFloat : column;
    return { name, column, width: widths[name]!, memory: allocate(like, 0, shared) };
  });
  const children = childrenOf(events).map(([name, child]) => gatherChildren(name, child, shared));
  /** Of one length there is one table, which those who saw it before need not look at again. */
  const made = new Map<number, Events>();
  let most = 0;
  return {
    room(rows) {
      if (rows <= most) return;
      most = rows;
      made.clear();
      for (const column of kept) column.memory = allocate(column.memory, most * column.width, shared);
      for (const child of children) child.room(rows);
    },
    take(order, from, to, offsets) {
      const n = to - from;
      for (const { column, width, memory } of kept) copyRows(column, memory, width, order, from, to);
      const found = made.get(n);
      if (found) return found;
      const table = makeEvents<Columns[string]>(
        [
          ...kept.map(({ name, width, memory }) => [name, memory.subarray(0, n * width)] as const),
          ...children.map(({ name, take }) => [name, take(order, from, to)] as const),
        ],
        { rows: n, dtype, widths, offsets },
      );
      // Rows may have other numbers of children the next time.
      if (offsets === undefined && children.length === 0) made.set(n, table);
      return table;
    },
  };
}

/** The same of a child table by the rows of its parent. */
function gatherChildren(name: string, child: Events, shared: boolean) {
  const offsets = aboutEvents(child).offsets!;
  const columns = gatherColumns(child, { shared });
  let begins = allocate(offsets, 1, shared);
  let elements = new Int32Array(0);
  return {
    name,
    room(rows: number): void {
      begins = allocate(offsets, rows + 1, shared);
    },
    take(order: RowNumbers, from: number, to: number): Events {
      beginsOf(offsets, order, from, to, begins);
      const n = begins[to - from]!;
      // The next rows may have a few more; who asks once needs no room for these.
      if (n > elements.length) elements = new Int32Array(elements.length === 0 ? n : Math.ceil(1.25 * n));
      columns.room(elements.length);
      elementsOf(offsets, order, from, to, elements);
      return columns.take(elements, 0, n, begins.subarray(0, to - from + 1));
    },
  };
}

/** A row of a table by its name, as messages have it; `events.jets` is a child table. */
export interface RowOf {
  readonly table: string;
  readonly row: number;
}

/**
 * The row of the table that `taken` has its rows from, `rowBefore` of the table itself, and of a child table by way of its
 * parents. Null where none of these has that name.
 */
export function originalRow(
  { table, row }: RowOf,
  { name, events: taken }: Pick<Named, "name" | "events">,
  given: Events,
  rowBefore: (row: number) => number,
): number | null {
  if (name === table) return rowBefore(row);
  const before = new Map(childrenOf(given));
  for (const [own, child] of childrenOf(taken)) {
    const [here, there] = [aboutEvents(child).offsets!, aboutEvents(before.get(own)!).offsets!];
    const ofChild = (at: number): number => {
      const parent = here.findIndex((begin) => begin > at) - 1;
      return there[rowBefore(parent)]! + at - here[parent]!;
    };
    const below = { name: joinPath(name, own), events: child };
    const found = originalRow({ table, row }, below, before.get(own)!, ofChild);
    if (found !== null) return found;
  }
  return null;
}

/** Throws unless some table has this column, and every one that has it keeps fractions in it. */
export function requireWeights(data: unknown, name: string): void {
  const columns = tablesOf(data).flatMap(({ events }) => (Object.hasOwn(events, name) ? [events[name]] : []));
  if (columns.length === 0) {
    const sentence = `No table has the column '${name}' of event weights: name the one that the loss multiplies by.`;
    throw new InputError("train.weights", sentence, { column: name });
  }
  if (columns.every((c) => c instanceof Float64Array || c instanceof Float32Array)) return;
  const sentence = `The weights '${name}' are integers, which cannot be scaled: use Float64Array.from(${name}).`;
  throw new InputError("train.weights", sentence, { column: name });
}
