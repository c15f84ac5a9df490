import { type Events, type Numbers, tableInfo } from "../events.js";
import { type Axis, lineage } from "../graph/axis.js";
import type { TableData } from "../plan/layout.js";
import { CHUNK, type ChildRows } from "../plan/sweep.js";
import { combinedOffsets, type Offsets, requireRows } from "./combinedrows.js";
import type { Data } from "./data.js";
import type { ChildOf } from "./symbols.js";
import { requireLength } from "./table.js";
import type { Trace } from "./trace.js";

/** The data of a call as a plan reads them. */
export interface BoundTables {
  /** Columns of tables, and rows of their children. */
  readonly tables: ReadonlyMap<string, TableData>;
  /** What a plan for these data must know of children. */
  readonly children: ReadonlyMap<Axis, ChildRows>;
  /** Equal where one plan serves. */
  readonly sizes: string;
}

const noTables: BoundTables = { tables: new Map(), children: new Map(), sizes: "" };
const noColumns: ReadonlyMap<number, Numbers> = new Map();

/** The tables among the leaves of arguments. */
export function boundTables(traced: Trace, leaves: readonly Data[]): BoundTables {
  if (traced.tables.length === 0) return noTables;
  const tables = new Map<string, TableData>();
  const children = new Map<Axis, ChildRows>();
  for (const { leaf, axis } of traced.tables) {
    const events = leaves[leaf] as unknown as Events;
    const { rows } = tableInfo(events)!;
    const columns = new Map<number, Numbers>();
    traced.columns.forEach(({ leaf: own, within, name }, slot) => {
      if (own !== leaf) return;
      const data = within.reduce((table, child) => table[child] as unknown as Events, events);
      columns.set(slot, requireLength(name, data[name] as Numbers, tableInfo(data)!));
    });
    tables.set(axis.table, { rows, columns });
    const own = traced.children.filter((child) => child.leaf === leaf);
    const offsets = offsetsOf(own, events);
    for (const child of own) {
      const begins = offsets.get(child.axis)!;
      const slot = traced.columns.length + traced.children.indexOf(child);
      columns.set(slot, begins);
      tables.set(child.axis.table, { rows: begins.at(-1)!, columns: noColumns });
      children.set(child.axis, { slot, capacity: capacityFor(child.axis, offsets, rows) });
    }
  }
  const sizes = Array.from(children.values(), ({ capacity }) => capacity).join();
  return { tables, children, sizes };
}

/** The offsets of the children of events; those of axes that a function made are computed from these. */
function offsetsOf(children: readonly ChildOf[], events: Events): Offsets {
  const offsets = new Map<Axis, Int32Array>();
  for (const { axis, within } of children) {
    if (!within) {
      offsets.set(axis, combinedOffsets(axis, offsets));
      continue;
    }
    const table = within.reduce((t, name) => t[name] as unknown as Events, events);
    offsets.set(axis, tableInfo(table)!.offsets!);
  }
  return offsets;
}

/** The rows of a child, of one chunk of the `rows` of its table, that a plan has room for: a power of two, so that there are few plans. */
function capacityFor(axis: Axis, offsets: Offsets, rows: number): number {
  const line = lineage(axis).slice(0, -1).toReversed();
  let capacity = 1024;
  let before = 0;
  for (let row = 0; row < rows; row += CHUNK) {
    const to = Math.min(row + CHUNK, rows);
    const end = line.reduce((at, a) => offsets.get(a)![at]!, to);
    requireRows(axis, end - before, row, to);
    while (capacity < end - before) capacity *= 2;
    before = end;
  }
  return capacity;
}
