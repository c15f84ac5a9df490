import type { Events } from "../core/events.js";
import { checkArguments, checkOptions } from "../text/checkoptions.js";
import { aText, optional, texts } from "../text/legal.js";
import { recordNames } from "../text/recordnames.js";
import { DataError } from "./dataerror.js";
import { type FileSource, openSource } from "./filesource.js";
import { type Format, headLength, type ReadRequest } from "./formats/format.js";
import {
  formatByHead,
  formatByName,
  isPacked,
  optionIsOf,
  whatIsRead,
  wronglyPacked,
} from "./formats/index.js";
import { type ReadOptions, readOptions } from "./readoptions.js";
import { splitSpec } from "./splitspec.js";

/**
 * The table that a command line names: `file.csv` (also .tsv, .txt, .dat), `file.csv.gz`, `file.parquet` or
 * `file.root:Tree`. Files of other names are known by their first bytes, where these tell. Node only.
 *
 * `columns` are those to read; all when left out.
 *
 * @throws DataError, also for an option that the format of the file does not take
 */
export async function readTable(
  spec: string,
  columns?: readonly string[],
  read: ReadOptions = {},
): Promise<Events> {
  checkArguments("readTable", { spec: [spec, aText], columns: [columns, optional(texts)] });
  checkOptions("readTable", read, readOptions);
  const file = await openTable(spec, columns, read);
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
  spec: string,
  columns?: readonly string[],
  read: ReadOptions = {},
): AsyncGenerator<Events> {
  const file = await openTable(spec, columns, read);
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

interface OpenTable {
  readonly format: Format;
  readonly source: FileSource;
  readonly request: ReadRequest;
  /** What `run` answers; its errors say what the file is. */
  saying<T>(run: () => Promise<T>): Promise<T>;
}

async function openTable(
  spec: string,
  columns: readonly string[] | undefined,
  read: ReadOptions,
): Promise<OpenTable> {
  const { path, tree: part } = splitSpec(spec);
  const { format, source } = await recognised(path);
  try {
    checkTaken(read, [{ spec: path, format }]);
    return {
      ...{ format, source, request: { ...read, file: path, columns, part } },
      saying: (run) =>
        withMemory(path, source.byteLength, () => (formatByName(path) ? run() : guessed(format, run))),
    };
  } catch (error) {
    await source.close();
    throw error;
  }
}

/** The format of a file, by its name or else by its first bytes. Throws DataError. */
export async function formatOf(spec: string): Promise<Format> {
  const { path } = splitSpec(spec);
  const named = formatByName(path);
  if (named) return named;
  const { format, source } = await recognised(path);
  await source.close();
  return format;
}

/** Opens a file, of which name and first bytes do not disagree. */
async function recognised(path: string): Promise<{ format: Format; source: FileSource }> {
  const place = { file: path };
  const named = formatByName(path);
  const packed = named ? undefined : wronglyPacked(path);
  if (packed) {
    const sentence = `Compressed as a whole, ${packed.noun} is not read; unpack it with gunzip.`;
    throw new DataError("data.unsupported", sentence, place);
  }
  const source = await openSource(path).catch((error: unknown) => {
    throw named ? error : new DataError("data.unsupported", whatIsRead, place, { cause: error });
  });
  try {
    const head = new Uint8Array(await source.slice(0, Math.min(headLength, source.byteLength)));
    const format = named ?? formatByHead(head);
    if (!format) throw new DataError("data.unsupported", whatIsRead, place);
    const lie = named && disagreement(path, named, head);
    if (lie) throw new DataError("data.format", lie, place);
    return { format, source };
  } catch (error) {
    await source.close();
    throw error;
  }
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
  specs: readonly string[],
  read: ReadOptions,
  own: (file: number) => ReadOptions,
): Promise<ReadOptions[]> {
  const files: { spec: string; format: Format }[] = [];
  // One after the other: there may be more files than can be open.
  for (const spec of specs) files.push({ spec, format: await formatOf(spec) });
  checkTaken(read, files);
  return files.map(({ format: { takes } }, i) =>
    Object.fromEntries(
      Object.entries({ ...read, ...own(i) }).filter(([name]) => takes.some((taken) => taken === name)),
    ),
  );
}

/** Refuses an option that none of the files takes. */
function checkTaken(read: ReadOptions, files: readonly { spec: string; format: Format }[]): void {
  for (const option of recordNames(readOptions)) {
    if (read[option] === undefined || files.some(({ format }) => format.takes.includes(option))) continue;
    const { spec, format } = files[0]!;
    throw new DataError("data.option", `${option} means nothing for ${format.noun}: ${optionIsOf(option)}.`, {
      file: spec,
      option,
    });
  }
}

/** What `run` returns; says the size of the file where memory is not enough. */
async function withMemory<T>(path: string, size: number, run: () => Promise<T>): Promise<T> {
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
