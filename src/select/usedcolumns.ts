import {
  type Columns,
  childrenOf,
  type Events,
  isChild,
  makeEvents,
  type Numbers,
  requireColumn,
  tableInfo,
} from "../core/events.js";
import { type TableOptions, table } from "../core/run/table.js";
import { pathOf } from "./objects.js";

/** Names of all columns of events, those of their tables as `jets.pt`. */
export const pathsOf = (events: object): string[] =>
  Object.entries(events).flatMap(([name, column]) =>
    isTableOf(column) ? [name, ...pathsOf(column).map((inner) => `${name}.${inner}`)] : [name],
  );

/** A table of data, or one of Tensors. */
const isTableOf = (column: unknown): column is object =>
  isChild(column) ||
  (typeof column === "object" &&
    column !== null &&
    Object.getPrototypeOf(column) === Object.prototype &&
    !("offsets" in column));

/** Makes numbers of a column of a file, or says by its name why it has none. */
type Hold = (column: unknown, name: string) => Numbers;

const asItIs: Hold = (column, name) => {
  requireColumn(name, column);
  return column;
};

/** The table of those columns that an expression reads, as `neededColumns` names them, with the tables that they are in. */
export function usedColumns(
  columns: Columns,
  names: readonly string[],
  options: TableOptions,
  hold: Hold = asItIs,
): Events<Picked> {
  return table(
    selected(
      columns,
      names.map((name) => pathOf(columns, name) ?? [name]),
      hold,
    ),
    options,
  );
}

type Picked = Readonly<Record<string, Numbers | Events>>;

function selected(columns: Columns, paths: readonly (readonly string[])[], hold: Hold): Picked {
  const picked = new Map<string, Picked[string]>();
  const below = new Map<string, (readonly string[])[]>();
  for (const [name, ...rest] of paths) {
    if (name === undefined) continue;
    if (rest.length > 0 || isChild(columns[name])) below.set(name, [...(below.get(name) ?? []), rest]);
    else picked.set(name, hold(columns[name], name));
  }
  for (const [name, inner] of below)
    picked.set(name, rowsOf(columns[name] as unknown as Events, inner, hold));
  // Columns may have any name, __proto__ too.
  return Object.fromEntries(picked);
}

/** Rows of a table with some of its columns: any of them where none is asked for, though the rows themselves are. */
function rowsOf(events: Events, paths: readonly (readonly string[])[], hold: Hold): Events {
  const { rows, dtype, offsets, widths } = tableInfo(events)!;
  const wanted = paths.filter((path) => path.length > 0);
  if (wanted.length < paths.length && !wanted.some(([name]) => Object.hasOwn(widths, name!))) {
    const some = Object.keys(widths)[0] ?? childrenOf(events)[0]?.[0];
    if (some !== undefined) wanted.push([some]);
  }
  return makeEvents(Object.entries(selected(events, wanted, hold)), { rows, dtype, offsets, widths });
}

/** Every n-th row of events, with those of their tables that belong to it. */
export function everyNth(events: Events, n: number): Events {
  const { rows } = tableInfo(events)!;
  return rowsAt(
    events,
    Int32Array.from({ length: Math.ceil(rows / n) }, (_, i) => i * n),
  );
}

function rowsAt(events: Events, at: Int32Array, offsets?: Int32Array): Events {
  const { widths, dtype } = tableInfo(events)!;
  const columns = Object.keys(widths).map((name): [string, Numbers] => {
    const all = asItIs(events[name], name);
    const width = widths[name]!;
    const taken = all.slice(0, at.length * width);
    at.forEach((row, i) => {
      for (let j = 0; j < width; j++) taken[i * width + j] = all[row * width + j]!;
    });
    return [name, taken];
  });
  const children = childrenOf(events).map(([name, child]): [string, Events] => {
    const from = tableInfo(child)!.offsets!;
    const begins = new Int32Array(at.length + 1);
    at.forEach((row, i) => {
      begins[i + 1] = begins[i]! + from[row + 1]! - from[row]!;
    });
    const rows = new Int32Array(begins.at(-1)!);
    at.forEach((row, i) => {
      for (let j = begins[i]!; j < begins[i + 1]!; j++) rows[j] = from[row]! + j - begins[i]!;
    });
    return [name, rowsAt(child, rows, begins)];
  });
  return makeEvents<Numbers | Events>([...columns, ...children], { rows: at.length, dtype, widths, offsets });
}
