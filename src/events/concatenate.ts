import {
  type AboutEvents,
  aboutEvents,
  type Column,
  childrenOf,
  type Events,
  flatColumns,
  isJagged,
  isText,
  type Jagged,
  type Marked,
  makeEvents,
  type Text,
  type Values,
  type Views,
} from "../core/events.js";
import { checkArguments, checkOptions } from "../text/checkoptions.js";
import { array } from "../text/legal.js";
import { someEvents } from "./checkdata.js";
import { notNumbers, unknownColumn } from "./columns.js";
import { joinValues } from "./columnvalues.js";
import { DataError } from "./dataerror.js";

/**
 * The rows of several tables, one after the other, with the columns and child tables of the first.
 *
 * Columns of different kinds become f64; 64-bit integers stay where all numbers are whole.
 * `files` are the tables' names for errors. With `consume` the array of tables loses them and the columns are let go one
 * by one, so that memory peaks at one column beyond the result where nobody else holds them.
 *
 * @throws DataError when a table lacks a column or a child table, or a column is jagged in one table only
 */
export function concatenate(
  tables: Events[],
  options: { files?: readonly string[]; consume?: boolean } = {},
): Events {
  checkArguments("concatenate", { tables: [tables, array] });
  for (const table of tables) checkArguments("concatenate", { tables: [table, someEvents] });
  checkOptions("concatenate", options, { files: true, consume: true });
  const { files = [], consume = false } = options;
  if (tables.length === 0) throw new DataError("data.empty", "There are no tables to join.");
  if (tables.length === 1) return tables[0]!;
  const views = commonViews(tables);
  const parts = tables.map((table) => partOf(table, views));
  if (consume) tables.length = 0;
  return join(parts, views, "", { files, consume });
}

/** What holds the columns of a table from here on, so that they can be let go one by one. */
interface Part {
  readonly about: AboutEvents;
  readonly columns: Map<string, Column | Text>;
  readonly children: Map<string, Events>;
}

interface Joining {
  readonly files: readonly string[];
  readonly consume: boolean;
}

/** The columns of child tables that have the same flat names in all tables. */
function commonViews(tables: readonly Events[]): Views {
  const all = tables.map((table) => aboutEvents(table).views ?? noViews);
  return new Map(
    [...all[0]!].filter(([name, path]) =>
      all.every((views) => views.get(name)?.every((word, i) => word === path[i])),
    ),
  );
}

const noViews: Views = new Map();

/** A table without the columns of children that have other names elsewhere: only the flat ones are left of these. */
function partOf(table: Events, common: Views): Part {
  const about = aboutEvents(table);
  const lost = new Map<string, Set<string>>();
  for (const [name, [child, column]] of about.views ?? noViews)
    if (!common.has(name)) lost.set(child, (lost.get(child) ?? new Set()).add(column));
  const children = childrenOf(table).flatMap(([name, child]): [string, Events][] => {
    const without = lost.get(name);
    if (!without) return [[name, child]];
    const kept = Object.entries(child).filter(([column]) => !without.has(column));
    const { names, widths: _, ...rest } = aboutEvents(child);
    const left = names.filter((column) => !without.has(column));
    return kept.length === 0 ? [] : [[name, makeEvents(kept, { ...rest, names: left })]];
  });
  return {
    about,
    columns: new Map(flatColumns(table).filter(([name]) => !common.has(name))),
    children: new Map(children),
  };
}

/** One table of several; `path` stands in front of names in messages. */
function join(parts: readonly Part[], views: Views, path: string, options: Joining): Events {
  const { files, consume } = options;
  const all = parts.map(({ about }) => about);
  const { names, dtype, skipped, widths } = all[0]!;
  const own = names.filter((name) => !views.has(name));
  const wide = own.find((name) => all.some((about) => (about.widths[name] ?? 1) !== (widths[name] ?? 1)));
  if (wide !== undefined) {
    const sentence = `Column ${path}${wide} has ${widths[wide]} values per event in one table and another number in another.`;
    throw new DataError("data.mismatch", sentence, { column: path + wide });
  }
  const columns = own.map((name): [string, Column | Text] => {
    const found = parts.map((part, i) => ofPart(part, name, parts[0]!, path, files[i]));
    if (consume) for (const part of parts) part.columns.delete(name);
    return [name, joinColumns(found, path + name, files)];
  });
  const children = [...parts[0]!.children.keys()].map((name): [string, Events] => {
    const found = parts.map((part, i) => {
      const child = part.children.get(name);
      if (child) return child;
      throw unknownColumn(path + name, [...part.columns.keys(), ...part.children.keys()], files[i]);
    });
    if (consume) for (const part of parts) part.children.delete(name);
    return [name, joinChildren(found, `${path}${name}.`, options)];
  });
  const nulls = new Map<string, number>();
  for (const about of all)
    for (const [name, count] of about.nulls ?? []) nulls.set(name, (nulls.get(name) ?? 0) + count);
  const rows = all.reduce((sum, about) => sum + about.rows, 0);
  const held: (readonly [string, Column | Text | Marked])[] = [...columns, ...children];
  return makeEvents(held, { rows, names, dtype, skipped, nulls, widths, views });
}

/** One child table of those of several parents, which follow one another. */
function joinChildren(tables: Events[], path: string, options: Joining): Events {
  const begins = tables.map((child) => {
    const { offsets, rows } = aboutEvents(child);
    return { offsets: offsets!, rows };
  });
  const offsets = joinOffsets(begins, path.slice(0, -1));
  const views = commonViews(tables);
  const parts = tables.map((child) => partOf(child, views));
  if (options.consume) tables.length = 0;
  const joined = join(parts, views, path, options);
  return makeEvents(Object.entries(joined), { ...aboutEvents(joined), offsets });
}

/** A column of one of several tables, which is text where that of the first is. */
function ofPart(
  { columns }: Part,
  name: string,
  first: Part,
  path: string,
  file: string | undefined,
): Column | Text {
  const found = columns.get(name);
  if (found === undefined)
    throw unknownColumn(
      path + name,
      Array.from(columns.keys(), (known) => path + known),
      file,
    );
  if (isText(found) === isText(first.columns.get(name))) return found;
  if (isText(found)) throw notNumbers(path + name, found, file);
  const sentence = `Column ${path}${name} holds numbers here but text in another file.`;
  throw new DataError("data.mismatch", sentence, { file, column: path + name });
}

/** One column from those of several tables, in order. */
function joinColumns(
  parts: readonly (Column | Text)[],
  name: string,
  files: readonly string[],
): Column | Text {
  const text = parts.filter(isText);
  if (text.length > 0) return text.flat();
  const jagged = parts.filter(isJagged);
  if (jagged.length === parts.length) return joinJagged(jagged, name);
  if (jagged.length === 0) return joinValues(parts as Values[], name);
  const other = parts.findIndex((part) => isJagged(part) !== isJagged(parts[0]!));
  const [here, there] = isJagged(parts[0]!)
    ? ["one number per row", "any count of them"]
    : ["any count of numbers per row", "one"];
  const sentence = `Column ${name} has ${here}, but ${there} in ${files[0] ?? "another table"}.`;
  throw new DataError("data.mismatch", sentence, { file: files[other], column: name });
}

function joinJagged(parts: readonly Jagged[], name: string): Jagged {
  const begins = parts.map(({ offsets, content }) => ({ offsets, rows: content.length }));
  const offsets = joinOffsets(begins, name);
  const content = joinValues(
    parts.map((part) => part.content),
    name,
  );
  return { offsets, content };
}

/** Offsets of rows that follow one another, each part with so many. */
function joinOffsets(
  parts: readonly { readonly offsets: Int32Array; readonly rows: number }[],
  name: string,
): Int32Array {
  if (parts.reduce((sum, { rows }) => sum + rows, 0) > maxContent) throw tooManyElements(name);
  const joined = new Int32Array(parts.reduce((sum, { offsets }) => sum + offsets.length - 1, 1));
  let row = 0;
  let shift = 0;
  for (const { offsets, rows } of parts) {
    for (let i = 1; i < offsets.length; i++) joined[++row] = shift + offsets[i]!;
    shift += rows;
  }
  return joined;
}

/** The most elements that the offsets of a jagged column can count. */
export const maxContent = 2 ** 31 - 1;

/** The error for a jagged column beyond {@link maxContent}. */
export function tooManyElements(name: string, file?: string): DataError {
  const sentence = `Column ${name} has more than 2**31 - 1 elements; read fewer files at once.`;
  return new DataError("data.tooLarge", sentence, { file, column: name });
}
