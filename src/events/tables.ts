import {
  aboutEvents,
  type Columns,
  childColumn,
  childrenOf,
  type Events,
  isChild,
  isJagged,
  isText,
  makeEvents,
  type Numbers,
  ownColumns,
} from "../core/events.js";
import { flatten, unflatten } from "../core/tree.js";
import { checkArguments, checkOptions } from "../text/checkoptions.js";
import { optional, texts } from "../text/legal.js";
import { column, pick } from "./columns.js";
import { held } from "./columnvalues.js";
import { DataError } from "./dataerror.js";
import { expandSpecs } from "./glob.js";
import { type ReadOptions, readOptions } from "./readoptions.js";
import { type Group, readGroups } from "./readtables.js";
import { isTableSource, type TableSource, tableSources } from "./sources/tablesource.js";
import { someOf } from "./withchildren.js";

/** Sources of tables by name, in a tree of any depth: one, or several whose rows follow one another. */
export type Files = TableSource | readonly TableSource[] | { readonly [name: string]: Files };

/** The same tree of what was read. */
export type EventsOf<F extends Files, C extends Columns> = F extends TableSource | readonly TableSource[]
  ? Events<C>
  : { readonly [K in keyof F]: F[K] extends Files ? EventsOf<F[K], C> : never };

/** The columns of these names; `Muon.pt` is one of a child table. */
export type ColumnsOf<K extends string> = Readonly<Record<FlatName<K>, Numbers>> & {
  readonly [C in ChildName<K>]: Events<ColumnsOf<Within<K, C>>>;
};

type FlatName<K extends string> = K extends `${string}]` ? K : K extends `${string}.${string}` ? never : K;
type ChildName<K extends string> = K extends `${string}]`
  ? never
  : K extends `${infer C}.${string}`
    ? C
    : never;
type Within<K extends string, C extends string> = K extends `${C}.${infer N}` ? N : never;

/** How the files are written, and how a training reads what is in them. */
export interface TablesOptions extends Omit<ReadOptions, "allowEmpty" | "allowTreeless"> {
  /** Float type of the tiles (default f32), see `table`. */
  readonly dtype?: "f32" | "f64";
}

/** {@link TablesOptions} with the columns to read. */
export interface ColumnsOptions<K extends string> extends TablesOptions {
  /**
   * The columns to read: of one number per event, or `Muon.pt` of a child table, of which `Muon` alone is its rows with one
   * of its columns; `Muon_pt[0]` is an element of a jagged one,
   * NaN where an event has none. All that the files have when left out: text and jagged columns too, which nothing computes
   * with.
   */
  readonly columns: readonly K[];
}

const { allowEmpty: _, allowTreeless: __, ...known } = readOptions;

/**
 * The events of a training from files, in the tree in which its loss takes them: each name has what `readTable`
 * takes, a pattern, or a list of these. A file that several names have is read once.
 *
 * @throws DataError that begins with the name, and says the file, and the column where that is at fault
 */
export function tables<const F extends Files, const K extends string>(
  files: F,
  options: ColumnsOptions<K>,
): Promise<EventsOf<F, ColumnsOf<K>>>;
export function tables<const F extends Files>(
  files: F,
  options?: TablesOptions,
): Promise<EventsOf<F, Columns>>;
export async function tables(
  files: Files,
  options: TablesOptions & Partial<ColumnsOptions<string>> = {},
): Promise<unknown> {
  checkOptions("tables", options, { ...known, columns: true, dtype: true });
  const { columns, dtype = "f32", ...read } = options;
  checkArguments("tables", {
    columns: [columns, optional(texts)],
    dtype: [dtype, { words: '"f32" or "f64"', accepts: (x) => x === "f32" || x === "f64" }],
  });
  const { leaves, paths, structure } = flatten<TableSource | readonly TableSource[]>(
    files,
    (x): x is TableSource | readonly TableSource[] => isTableSource(x) || tableSources.accepts(x),
    "files",
    "paths, URLs, Files, Blobs or bytes, and lists of them",
  );
  const names = paths.map((path) => path.slice("files".length).replace(/^\./, ""));
  const about = (error: unknown, leaf: number) => underName(error, names[leaf]!);
  const sources = columns?.map(sourceOf);
  const wanted = sources && [...new Set(sources.map(({ source }) => source))];
  const groups: Group[] = [];
  for (const [i, leaf] of leaves.entries())
    groups.push({ ...(await filesOf(leaf, (error) => about(error, i))), columns: wanted });
  const made: Events[] = [];
  for await (const { table } of readGroups(groups, read, about)) {
    try {
      made.push(sources ? computable(table, sources, dtype) : retyped(table, dtype));
    } catch (error) {
      throw about(error, made.length);
    }
  }
  return unflatten(structure, made);
}

const retyped = (table: Events, dtype: "f32" | "f64"): Events =>
  makeEvents(Object.entries(table), { ...aboutEvents(table), dtype });

/** The columns that were asked for, of one number per event or per row of a child table each. */
function computable(table: Events, sources: readonly Source[], dtype: "f32" | "f64"): Events {
  const { rows, nulls } = aboutEvents(table);
  const inside = sources.filter(
    ({ name }) => isChild(table[name]) || childColumn(table, name.split(".")) !== null,
  );
  const flat = sources.filter((source) => !inside.includes(source));
  const columns = new Map(flat.map((source) => [source.name, numbersAt(table, source)]));
  const children = childrenOf(
    someOf(
      table,
      inside.map(({ name }) => name),
    ),
  ).map(([name, child]) => [name, heldIn(child, `${name}.`)] as const);
  return makeEvents<Columns[string]>([...columns, ...children], {
    ...{ rows, nulls, dtype, names: [...columns.keys()] },
  });
}

/** A child table of what tiles hold. */
function heldIn(child: Events, path: string): Events {
  const columns = ownColumns(child).map(([name, values]) => {
    if (isText(values) || isJagged(values)) return [name, values] as const;
    return [name, held(values, path + name)] as const;
  });
  const children = childrenOf(child).map(([name, own]) => [name, heldIn(own, `${path}${name}.`)] as const);
  return makeEvents<Columns[string]>([...columns, ...children], aboutEvents(child));
}

/** The same error with the name of what was read in front. */
function underName(error: unknown, name: string): unknown {
  if (!(error instanceof DataError) || name === "") return error;
  const { code, sentence, file, line, column, option } = error;
  return new DataError(code, sentence, { name, file, line, column, option }, { cause: error });
}

/** The files of a name, none of them twice. */
async function filesOf(
  leaf: TableSource | readonly TableSource[],
  about: (error: unknown) => unknown,
): Promise<Omit<Group, "columns">> {
  try {
    return await expandSpecs(isTableSource(leaf) ? [leaf] : leaf);
  } catch (error) {
    throw about(error);
  }
}

/** A column to compute with, and the one of the file that it is of. */
interface Source {
  readonly name: string;
  readonly source: string;
  /** Which element of a jagged column. */
  readonly index: number | null;
}

function sourceOf(name: string): Source {
  const element = /^(.+)\[(\d+)\]$/s.exec(name);
  return element
    ? { name, source: element[1]!, index: Number(element[2]) }
    : { name, source: name, index: null };
}

/** One number per event, as tiles hold it. */
function numbersAt(table: Events, { name, source, index }: Source): Numbers {
  const found = column(table, source);
  const fail = (sentence: string) => new DataError("data.mismatch", sentence, { column: name });
  if (!isJagged(found)) {
    if (index === null) return held(found, name);
    throw fail(`Column ${source} has one number per event: write ${source}.`);
  }
  if (index !== null) return pick(found, index, source);
  const path = aboutEvents(table).views?.get(source)?.join(".");
  const all = path === undefined ? "" : ` All of them are ${path}, a column of a child table.`;
  throw fail(`Column ${source} has any count of numbers per event. Choose one, as in ${source}[0].${all}`);
}
