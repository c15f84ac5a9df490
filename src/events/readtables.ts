import { aboutEvents, type Events, isJagged, isText } from "../core/events.js";
import { checkArguments, checkOptions } from "../text/checkoptions.js";
import { optional, texts } from "../text/legal.js";
import { concatenate } from "./concatenate.js";
import { DataError } from "./dataerror.js";
import { expandSpecs } from "./glob.js";
import { optionsOfEach, readTable, tablePieces } from "./opentable.js";
import { type ReadOptions, readOptions } from "./readoptions.js";
import { labelOf, locate } from "./sources/locate.js";
import { type TableSource, tableSources } from "./sources/tablesource.js";
import { someOf } from "./withchildren.js";

/** The rows of several files as one table, and how many came from each file. */
export interface Tables {
  readonly table: Events;
  readonly files: readonly FileRows[];
}

/** How many rows a file has. */
export interface FileRows {
  readonly spec: string;
  readonly rows: number;
  /** The file, one of those of a pattern, has no such tree. */
  readonly treeless?: boolean;
}

const { allowEmpty: _, allowTreeless: __, ...manyOptions } = readOptions;

/**
 * One table from several sources of any kinds (see `readTable`), none of them twice, in their order; a path may be a pattern.
 *
 * Files may have no rows, and those of a pattern no tree, as long as one has rows. Without `columns` all files must have the same ones.
 *
 * @throws DataError that names the file, and the column where that is at fault
 */
export async function readTables(
  sources: readonly TableSource[],
  columns?: readonly string[],
  options: Omit<ReadOptions, "allowEmpty" | "allowTreeless"> = {},
): Promise<Tables> {
  checkArguments("readTables", { sources: [sources, tableSources], columns: [columns, optional(texts)] });
  checkOptions("readTables", options, manyOptions);
  const read = readGroups([{ ...(await expandSpecs(sources)), columns }], options);
  return (await read.next()).value!;
}

/** Files that become one table, and what is read of them: all that there is where no columns are named. */
export interface Group {
  readonly files: readonly TableSource[];
  /** Those of the files that came from patterns, and so may lack the tree. */
  readonly ofPatterns: ReadonlySet<TableSource>;
  readonly columns: readonly string[] | undefined;
}

/** What is read of a file. */
interface Wanted {
  readonly columns: readonly string[] | undefined;
  readonly ofPattern: boolean;
}

/**
 * The tables of several groups of files, one after the other. A file that stands in several groups is read once, and let go
 * when its last group has it. `about` makes of an error of a group the one that is thrown.
 *
 * @throws DataError
 */
export async function* readGroups(
  groups: readonly Group[],
  options: ReadOptions,
  about: (error: unknown, group: number) => unknown = (error) => error,
): AsyncGenerator<Tables, undefined> {
  const at = async <T>(group: number, run: () => T | Promise<T>): Promise<T> => {
    try {
      return await run();
    } catch (error) {
      throw about(error, group);
    }
  };
  for (const [g, { files }] of groups.entries())
    await at(g, () => {
      if (files.length === 0) throw new DataError("data.empty", "There are no files to read.");
    });
  const wanted = wantedOf(groups);
  const specs = [...wanted.keys()];
  const each = await optionsOfEach(specs, options, (i) => forgiving(wanted.get(specs[i]!)!.ofPattern));
  const tables = new Map<TableSource, Events>();
  const firsts = new Map<number, TableSource>();
  for (const [i, spec] of specs.entries()) {
    const using = groups.flatMap(({ files }, g) => (files.includes(spec) ? [g] : []));
    const table = await at(using[0]!, () => readTable(spec, wanted.get(spec)!.columns, each[i]));
    tables.set(spec, table);
    if (aboutEvents(table).treeless) continue;
    for (const g of using) {
      const first = firsts.get(g) ?? spec;
      firsts.set(g, first);
      const all = groups[g]!.columns === undefined;
      if (all) await at(g, () => checkNames(tables.get(first)!, table, labelOf(first), labelOf(spec)));
    }
  }
  const last = new Map(groups.flatMap(({ files }, g) => files.map((file) => [file, g] as const)));
  for (const [g, { files, columns }] of groups.entries()) {
    const parts = files.map((spec) => only(tables.get(spec)!, columns, labelOf(spec)));
    for (const spec of files) if (last.get(spec) === g) tables.delete(spec);
    yield await at(g, () => joinTables(files.map(labelOf), files, parts));
  }
}

/** Every file once, with the columns that any group wants of it. */
function wantedOf(groups: readonly Group[]): Map<TableSource, Wanted> {
  const wanted = new Map<TableSource, Wanted>();
  for (const { files, ofPatterns, columns } of groups)
    for (const spec of files) {
      const before = wanted.get(spec) ?? { columns: [], ofPattern: true };
      wanted.set(spec, {
        columns: before.columns && columns && [...new Set([...before.columns, ...columns])],
        ofPattern: before.ofPattern && ofPatterns.has(spec),
      });
    }
  return wanted;
}

/** The columns of one group out of those of a file. */
function only(all: Events, names: readonly string[] | undefined, file: string): Events {
  return aboutEvents(all).treeless || names === undefined ? all : someOf(all, names, file);
}

/**
 * One table from those of several files, and how many rows each has. The array loses them, so that columns which nobody
 * else holds are let go one by one.
 *
 * @throws DataError where none has rows, or what they have does not fit
 */
function joinTables(specs: readonly string[], sources: readonly TableSource[], tables: Events[]): Tables {
  const files = specs.map((spec, i) => fileRows(spec, tables[i]!));
  if (files.every(({ treeless }) => treeless)) throw noTrees(sources);
  const full = files.flatMap(({ rows }, i) => (rows > 0 ? [i] : []));
  if (full.length === 0) throw noRows(specs);
  // Tables without rows do not know what kind their columns are.
  const parts = full.map((i) => tables[i]!);
  tables.length = 0;
  const table = concatenate(parts, { files: full.map((i) => specs[i]!), consume: true });
  return { table, files };
}

/** One of several files may have no rows, and one of a pattern no tree. */
const forgiving = (ofPattern: boolean): ReadOptions => ({
  allowEmpty: true,
  ...(ofPattern && { allowTreeless: true }),
});

/** How many rows a table of a file has. */
function fileRows(spec: string, table: Events): FileRows {
  const { rows, treeless } = aboutEvents(table);
  return treeless ? { spec, rows, treeless } : { spec, rows };
}

/** Some rows of one of several files. */
export interface Piece {
  readonly spec: string;
  /** Which file, from 0. */
  readonly file: number;
  readonly table: Events;
}

/**
 * The same rows piece by piece, of which one is in memory: tables may be larger than it. Each file has at least one piece,
 * if without rows (`treeless` for one of a pattern that has no such tree). Kinds of numbers may differ between pieces.
 *
 * @throws DataError that names the file, and the column where that is at fault
 */
export async function* readPieces(
  sources: readonly TableSource[],
  columns?: readonly string[],
  options: Omit<ReadOptions, "allowEmpty" | "allowTreeless"> = {},
): AsyncGenerator<Piece> {
  checkOptions("readPieces", options, manyOptions);
  checkArguments("readPieces", { sources: [sources, tableSources], columns: [columns, optional(texts)] });
  const { files: all, ofPatterns } = await expandSpecs(sources);
  if (all.length === 0) throw new DataError("data.empty", "There are no files to read.");
  const each = await optionsOfEach(all, options, (i) => forgiving(ofPatterns.has(all[i]!)));
  let first: Piece | undefined;
  let full: Piece | undefined;
  for (const [file, source] of all.entries()) {
    const spec = labelOf(source);
    for await (const table of tablePieces(source, columns, each[file])) {
      const piece = { spec, file, table };
      const { rows, treeless } = aboutEvents(table);
      if (treeless) {
        yield piece;
        continue;
      }
      first ??= piece;
      if (columns === undefined && first.file !== file) checkNames(first.table, table, first.spec, spec);
      if (rows > 0) {
        full ??= piece;
        if (full.file !== file) checkShapes(full, piece);
      }
      yield piece;
    }
  }
  if (first === undefined) throw noTrees(all);
  if (full === undefined) throw noRows(all.map(labelOf));
}

/** The error when no file of a pattern has the tree. */
function noTrees(files: readonly TableSource[]): DataError {
  const { part: tree } = locate(files[0]!);
  const sentence = `None of the ${files.length} files has ${tree === undefined ? "a tree" : `a tree ${tree}`}.`;
  return new DataError("data.unknownTree", sentence, { file: files.map(labelOf).join(", ") });
}

function noRows(files: readonly string[]): DataError {
  const sentence = files.length === 1 ? "The table has no rows." : "None of the tables has rows.";
  return new DataError("data.empty", sentence, { file: files.join(", ") });
}

const shapes = { text: "text", jagged: "any count of numbers per row", flat: "one number per row" };

/** Columns must be text, numbers or lists in all files alike. */
function checkShapes(first: Piece, { spec, table }: Piece): void {
  const shapeOf = (events: Events, name: string) => {
    if (isText(events[name])) return shapes.text;
    return isJagged(events[name]) ? shapes.jagged : shapes.flat;
  };
  for (const name of aboutEvents(first.table).names) {
    const [here, there] = [shapeOf(table, name), shapeOf(first.table, name)];
    if (here === there) continue;
    const sentence = `Column ${name} has ${here}, but ${there} in ${first.spec}.`;
    throw new DataError("data.mismatch", sentence, { file: spec, column: name });
  }
}

function checkNames(first: Events, other: Events, firstFile: string, file: string): void {
  const namesOf = (events: Events) => new Set(aboutEvents(events).names);
  const [known, found] = [namesOf(first), namesOf(other)];
  const missing = [...known].find((name) => !found.has(name));
  const added = [...found].find((name) => !known.has(name));
  const column = missing ?? added;
  if (column === undefined) return;
  const sentence =
    missing !== undefined
      ? `There is no column ${column}, which ${firstFile} has.`
      : `Column ${column} is not in ${firstFile}.`;
  throw new DataError("data.mismatch", sentence, { file, column });
}
