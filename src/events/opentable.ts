import type { Events } from "../core/events.js";
import { checkArguments, checkOptions } from "../text/checkoptions.js";
import { optional, texts } from "../text/legal.js";
import { recordNames } from "../text/recordnames.js";
import { DataError } from "./dataerror.js";
import { type Format, headLength, isPacked, type ReadRequest } from "./formats/format.js";
import {
  formatByHead,
  formatByName,
  formatOfNameless,
  optionIsOf,
  whatIsRead,
  wronglyPacked,
} from "./formats/index.js";
import { type FormatOptions, formatOptions, type ReadOptions, readOptions } from "./readoptions.js";
import { type Located, labelOf, locate } from "./sources/locate.js";
import { aSignal, type Signal, throwIfAborted } from "./sources/signal.js";
import { aTableSource, type TableSource } from "./sources/tablesource.js";
import { type WatchedSource, watched } from "./sources/watched.js";

/**
 * The table of a path, as a command line names it, of an address or a URL, of a File, a Blob, or of bytes: `file.csv`
 * (also .tsv, .txt, .dat), `file.csv.gz`, `file.parquet` or `file.root:Tree`. What has another name or none is known by its
 * first bytes, where these tell; see also `named`. Of an address (http and https) the parts are read that are needed, where
 * its server sends parts. Paths are for Node, Deno and Bun alone.
 *
 * `columns` are those to read; all when left out.
 *
 * @throws DataError, also for an option that the format of the file does not take
 */
export async function readTable(
  source: TableSource,
  columns?: readonly string[],
  read: ReadOptions = {},
): Promise<Events> {
  checkArguments("readTable", { source: [source, aTableSource], columns: [columns, optional(texts)] });
  checkOptions("readTable", read, readOptions);
  const file = await openTable(source, columns, read);
  try {
    return await file.saying(() => file.format.read(file.source, file.request));
  } finally {
    await file.source.close();
  }
}

/**
 * The same rows in pieces: blocks of CSV, row groups of Parquet, runs of entries of a tree. Only one is in memory.
 *
 * Kinds of numbers may differ between the pieces of a column: nulls in one, or whole numbers beyond 2**53. At least one
 * piece comes, if without rows.
 *
 * @throws DataError
 */
export async function* tablePieces(
  source: TableSource,
  columns?: readonly string[],
  read: ReadOptions = {},
): AsyncGenerator<Events> {
  const file = await openTable(source, columns, read);
  try {
    const pieces = file.format.pieces(file.source, file.request);
    const next = () => file.saying(() => pieces.next());
    try {
      for (let piece = await next(); !piece.done; piece = await next()) yield piece.value;
    } finally {
      await pieces.return(undefined);
    }
  } finally {
    await file.source.close();
  }
}

/** A source of which the format is known. */
interface Recognised {
  readonly format: Format;
  readonly source: WatchedSource;
  /** The name that stands in errors, and may have told the format. */
  readonly name: string | undefined;
}

interface OpenTable extends Recognised {
  readonly request: ReadRequest;
  /** What `run` answers; its errors say what the file is. */
  saying<T>(run: () => Promise<T>): Promise<T>;
}

async function openTable(
  from: TableSource,
  columns: readonly string[] | undefined,
  { signal, ...read }: ReadOptions,
): Promise<OpenTable> {
  checkArguments("readTable", { signal: [signal, optional(aSignal)] });
  const located = locate(from);
  const found = await recognised(located, signal);
  const { format, source, name } = found;
  try {
    checkTaken(read, [{ spec: located.label, format }]);
    const known = name === undefined || formatByName(name) !== undefined;
    return {
      ...found,
      request: { ...read, file: name, columns, part: located.part },
      saying: (run) =>
        withMemory(name, source.byteLength, () =>
          source.telling(() => (known ? run() : guessed(format, run))),
        ),
    };
  } catch (error) {
    await source.close();
    throw error;
  }
}

/** The format of a source, by its name or else by its first bytes. Throws DataError. */
async function formatOf(from: TableSource, signal: Signal | undefined): Promise<Format> {
  const located = locate(from);
  const byName = located.name === undefined ? undefined : formatByName(located.name);
  if (byName) return byName;
  const { format, source } = await recognised(located, signal);
  await source.close();
  return format;
}

/** Opens a source, of which name and first bytes do not disagree. */
async function recognised(located: Located, signal: Signal | undefined): Promise<Recognised> {
  throwIfAborted(signal);
  const wrongly =
    located.name === undefined || formatByName(located.name) ? undefined : wronglyPacked(located.name);
  if (wrongly) {
    const sentence = `Compressed as a whole, ${wrongly.noun} is not read; unpack it with gunzip.`;
    throw new DataError("data.unsupported", sentence, { file: located.name });
  }
  const opened = await located.open(signal).catch((error: unknown) => {
    // A path that is none is rather a word that was to be something else.
    const aWord = located.isPath && !formatByName(located.name ?? "");
    if (!aWord) throw error;
    throw new DataError("data.unsupported", whatIsRead, { file: located.name }, { cause: error });
  });
  const source = watched(opened, signal);
  // An address may lead to another, whose name says more.
  const other = located.named ? undefined : source.name;
  const name = other !== undefined && formatByName(other) ? other : located.name;
  try {
    return { format: await formatIn(source, name), source, name };
  } catch (error) {
    await source.close();
    throw error;
  }
}

/** The format of what is open under a name, or under none. Throws DataError. */
async function formatIn(source: WatchedSource, name: string | undefined): Promise<Format> {
  const named = name === undefined ? undefined : formatByName(name);
  const head = new Uint8Array(await source.slice(0, Math.min(headLength, source.byteLength)));
  const format = named ?? (name === undefined ? formatOfNameless(head) : formatByHead(head));
  if (!format) throw new DataError("data.unsupported", whatIsRead, { file: name });
  // It is none of its format, and yet no other.
  if (source.byteLength === 0) throw new DataError("data.empty", "The file is empty.", { file: name });
  const lie = named && name !== undefined && disagreement(name, named, head);
  if (lie) throw new DataError("data.format", lie, { file: name });
  return format;
}

/** Says what a file is that is not what its name says, as far as the first bytes tell. */
function disagreement(path: string, named: Format, head: Uint8Array): string | undefined {
  const found = formatByHead(head);
  if (found === undefined) return undefined;
  const not = `This is not ${named.noun}, as its name says, but`;
  if (!isPacked(head))
    return found === named
      ? undefined
      : `${not} ${found.noun}: its name should end with ${found.endings[0]}.`;
  if (/\.gz$/i.test(path)) return undefined;
  return `${not} compressed by gzip: unpack it with gunzip${named.packed ? ", or let its name end with .gz" : ""}.`;
}

/** What is read of a file whose name says nothing; errors say what it was taken for. */
async function guessed<T>(format: Format, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof DataError) || error.column !== undefined) throw error;
    const { code, message } = error;
    // The place is in the message already.
    const sentence = `${message} Its name has no ending that is known; it begins as ${format.noun}${format.packed ? " that gzip compressed" : ""}.`;
    throw new DataError(code, sentence, {}, { cause: error });
  }
}

/**
 * The options `read` of all and `own` of each file, without those that mean nothing to its format.
 *
 * @throws DataError for one of all that none of the files takes
 */
export async function optionsOfEach(
  sources: readonly TableSource[],
  { signal, ...read }: ReadOptions,
  own: (file: number) => ReadOptions,
): Promise<ReadOptions[]> {
  const files: { spec: string; format: Format }[] = [];
  // One after the other: there may be more files than can be open.
  for (const source of sources) files.push({ spec: labelOf(source), format: await formatOf(source, signal) });
  checkTaken(read, files);
  return files.map(({ format: { takes } }, i) => ({
    ...Object.fromEntries(
      Object.entries({ ...read, ...own(i) }).filter(([name]) => takes.some((taken) => taken === name)),
    ),
    signal,
  }));
}

/** Refuses an option that none of the files takes. */
function checkTaken(read: FormatOptions, files: readonly { spec: string; format: Format }[]): void {
  for (const option of recordNames(formatOptions)) {
    if (read[option] === undefined || files.some(({ format }) => format.takes.includes(option))) continue;
    const { spec, format } = files[0]!;
    throw new DataError("data.option", `${option} means nothing for ${format.noun}: ${optionIsOf(option)}.`, {
      file: spec,
      option,
    });
  }
}

/** What `run` returns; says the size of the file where memory is not enough. */
async function withMemory<T>(path: string | undefined, size: number, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof RangeError && /allocation|array length|too large/i.test(error.message)))
      throw error;
    const gigabytes = Number((size / 1e9).toPrecision(3));
    const sentence = `The columns of this file of ${gigabytes} GB need more memory than there is; read fewer of them.`;
    throw new DataError("data.tooLarge", sentence, { file: path }, { cause: error });
  }
}
