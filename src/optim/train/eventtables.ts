/** Tables of events inside a tree of data: found, copied by rows, put into shared memory. */

import { InputError } from "../../core/errors.js";
import {
  aboutEvents,
  type Events,
  flatColumns,
  makeEvents,
  type Numbers,
  tableInfo,
  type Values,
} from "../../core/events.js";
import { isData } from "../../core/run/trace.js";
import { flatten, unflatten } from "../../core/tree.js";
import { copyRows, takeRows } from "../../events/takerows.js";

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
  return mapTables(data, (events) => {
    const about = aboutEvents(events);
    if (about.rows <= SHARED_FROM) return events;
    const shared = computed(events).map(([name, column]): [string, Numbers] => {
      if (column.buffer instanceof SharedArrayBuffer) return [name, column];
      const copy = allocate(column, column.length, true);
      copy.set(column);
      return [name, copy];
    });
    return makeEvents([...Object.entries(events), ...shared], about);
  });
}

function allocate<V extends Values>(like: V, length: number, shared: boolean): V {
  const Kind = like.constructor as new (of: number | SharedArrayBuffer) => V;
  return new Kind(shared ? new SharedArrayBuffer(length * like.BYTES_PER_ELEMENT) : length);
}

/** Those rows of a table, of columns of all kinds; weights are multiplied by the number of all rows over theirs. */
export function takeEvents(
  events: Events,
  rows: Uint32Array,
  { shared, weights }: Pick<GatherOptions, "shared" | "weights">,
): Events {
  const { rows: all, widths, ...about } = aboutEvents(events);
  if (all === 0) return events;
  const make = (like: Values, length: number) => allocate(like, length, shared && rows.length > SHARED_FROM);
  const columns = flatColumns(events).map(([name, column]) => {
    const taken = takeRows(column, rows, make, widths[name]);
    if (name === weights) scaleBy(taken as Numbers, all / rows.length);
    return [name, taken] as const;
  });
  return makeEvents(columns, { ...about, rows: rows.length, widths });
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

/** Takes rows of what is computed with; f64 columns are rounded once where tiles are f32, but for the weights. */
export function gather(events: Events, { most, shared, weights }: GatherOptions): Gather {
  const { rows, dtype, widths } = aboutEvents(events);
  if (rows === 0) return () => events;
  const kept = computed(events).map(([name, column]) => {
    const width = widths[name]!;
    const rounded = dtype === "f32" && column instanceof Float64Array && name !== weights;
    const memory = allocate(rounded ? oneFloat : column, most * width, shared && most > SHARED_FROM);
    return { name, column, width, memory, scaled: name === weights };
  });
  const made = new Map<number, Events>();
  const tableOf = (n: number) =>
    makeEvents(
      kept.map(({ name, width, memory }) => [name, memory.subarray(0, n * width)]),
      { rows: n, dtype, widths },
    );
  return (order, from, to) => {
    const n = to - from;
    for (const { column, width, memory, scaled } of kept) {
      copyRows(column, memory, width, order, from, to);
      if (scaled) scaleBy(memory, rows / n, n * width);
    }
    // Of one length there is one table, which those who saw it before need not look at again.
    const found = made.get(n) ?? tableOf(n);
    made.set(n, found);
    return found;
  };
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
