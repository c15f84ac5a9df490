import {
  aboutEvents,
  type Columns,
  childrenOf,
  type Events,
  makeEvents,
  type Values,
} from "../core/events.js";
import { DataError } from "./dataerror.js";
import { withChildren } from "./withchildren.js";

/** A column of child tables in child tables. */
export interface NestedColumn {
  /** Names of the tables, each in the one before. */
  readonly tables: readonly string[];
  readonly column: string;
  /** Where the rows of each of them begin; one more where each row has any count of numbers. */
  readonly offsets: readonly Int32Array[];
  readonly values: Values;
  /** How many of the numbers were null. */
  readonly nulls: number;
}

/**
 * The table with these columns in child tables of its child tables.
 *
 * @throws DataError where tables of one name differ in their numbers of rows
 */
export function withNested(
  table: Events,
  nested: readonly NestedColumn[],
  file: string | undefined,
  level = 0,
): Events {
  if (nested.length === 0) return table;
  const children = new Map(childrenOf(table));
  for (const name of new Set(nested.map(({ tables }) => tables[level]!))) {
    const columns = nested.filter(({ tables }) => tables[level] === name);
    children.set(name, childWith(name, children.get(name), columns, file, level));
  }
  return makeEvents<Columns[string]>([...Object.entries(table), ...children], aboutEvents(table));
}

/** A child table, which is there already or not, with columns in it and in its own children. */
function childWith(
  name: string,
  child: Events | undefined,
  columns: readonly NestedColumn[],
  file: string | undefined,
  level: number,
): Events {
  const before = child && aboutEvents(child);
  const offsets = before?.offsets ?? columns[0]!.offsets[level]!;
  for (const { offsets: own, tables, column } of columns) {
    if (own[level]!.length === offsets.length && own[level]!.every((begin, i) => begin === offsets[i]))
      continue;
    const path = [...tables, column].join(".");
    const sentence = `Column ${path} has other numbers of elements than other columns of ${name}; read it alone.`;
    throw new DataError("data.mismatch", sentence, { file, column: path });
  }
  const here = columns.filter(({ tables }) => tables.length === level + 1);
  const added = here.map(({ column, offsets: own, values }) => {
    const inner = own[level + 1];
    return [column, inner ? { offsets: inner, content: values } : values] as const;
  });
  const counts = here.filter(({ nulls }) => nulls > 0).map(({ column, nulls }) => [column, nulls] as const);
  const nulls = new Map([...(before?.nulls ?? []), ...counts]);
  const own = withChildren(
    Object.fromEntries<Columns[string]>([...Object.entries(child ?? {}), ...added]),
    {
      ...before,
      names: [...(before?.names ?? []), ...here.map(({ column }) => column)],
      rows: offsets.at(-1)!,
      offsets,
      ...(nulls.size > 0 && { nulls }),
    },
    { file },
  );
  return withNested(
    own,
    columns.filter(({ tables }) => tables.length > level + 1),
    file,
    level + 1,
  );
}
