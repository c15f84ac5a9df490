import {
  type Columns,
  childrenOf,
  type Events,
  isChild,
  makeEvents,
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

/** The table of those columns that an expression reads, as `neededColumns` names them, with the tables that they are in. */
export function usedColumns(columns: Columns, names: readonly string[], options: TableOptions): Events {
  return table(
    selected(
      columns,
      names.map((name) => pathOf(columns, name) ?? [name]),
    ),
    options,
  );
}

type Picked = Readonly<Record<string, ReturnType<typeof columnOf> | Events>>;

function selected(columns: Columns, paths: readonly (readonly string[])[]): Picked {
  const picked = new Map<string, Picked[string]>();
  const below = new Map<string, (readonly string[])[]>();
  for (const [name, ...rest] of paths) {
    if (name === undefined) continue;
    if (rest.length > 0 || isChild(columns[name])) below.set(name, [...(below.get(name) ?? []), rest]);
    else picked.set(name, columnOf(columns, name));
  }
  for (const [name, inner] of below) picked.set(name, rowsOf(columns[name] as unknown as Events, inner));
  // Columns may have any name, __proto__ too.
  return Object.fromEntries(picked);
}

function columnOf(columns: Columns, name: string) {
  const column = columns[name];
  requireColumn(name, column);
  return column;
}

/** Rows of a table with some of its columns: any of them where only their number is asked for. */
function rowsOf(events: Events, paths: readonly (readonly string[])[]): Events {
  const { rows, dtype, offsets, widths } = tableInfo(events)!;
  const wanted = paths.filter((path) => path.length > 0);
  if (wanted.length === 0) {
    const some = Object.keys(widths)[0] ?? childrenOf(events)[0]?.[0];
    if (some !== undefined) wanted.push([some]);
  }
  return makeEvents(Object.entries(selected(events, wanted)), { rows, dtype, offsets, widths });
}
