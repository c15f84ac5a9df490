import { stat } from "node:fs/promises";
import { aText, optional, texts } from "../text/legal.js";
import type { Known } from "../text/options.js";
import type { Table } from "./columns.js";
import { type CsvOptions, csvPieces, readCsv } from "./csv.js";
import { DataError } from "./errors.js";
import { gunzipped, openSource } from "./file.js";
import { withoutSentinels } from "./missing.js";
import { checkArguments, checkOptions } from "./options.js";
import type { ParquetOptions } from "./parquet.js";
import { readRoot, rootPieces } from "./root.js";
import { splitSpec } from "./spec.js";

/** How any table is read. */
export interface ReadOptions
  extends Pick<ParquetOptions, "nulls" | "allowEmpty">,
    Pick<CsvOptions, "names" | "separator"> {
  /** What stands for no number: words in CSV, and numbers such as -999 in any file. */
  missing?: readonly string[] | undefined;
  /** A ROOT file without the tree is a table without rows and columns, not an error. */
  allowTreeless?: boolean | undefined;
}

export const readOptions: Known<ReadOptions> = {
  ...{ nulls: true, allowEmpty: true, names: true, separator: true },
  ...{ missing: true, allowTreeless: true },
};

/**
 * The table that a command line names: `file.csv` (also .tsv, .txt, .dat), `file.csv.gz`, `file.parquet` or
 * `file.root:Tree`. Node only.
 *
 * `columns` are those to read; all when left out.
 *
 * @throws DataError
 */
export async function readTable(
  spec: string,
  columns?: readonly string[],
  read: ReadOptions = {},
): Promise<Table> {
  checkArguments("readTable", { spec: [spec, aText], columns: [columns, optional(texts)] });
  checkOptions("readTable", read, readOptions);
  const { path, tree } = splitSpec(spec);
  const { nulls, missing, allowEmpty, allowTreeless } = read;
  const options = { file: path, columns, allowEmpty };
  return withMemory(path, async () => {
    const kind = kindOf(path);
    if (kind === "csv.gz") return readCsv(gunzipped(path), { ...options, ...csvOptions(path, read) });
    const source = await openSource(path);
    try {
      if (kind === "csv") return await readCsv(source, { ...options, ...csvOptions(path, read) });
      const table =
        kind === "parquet"
          ? await (await parquetReader()).readParquet(source, { ...options, nulls })
          : await quietly(() => readRoot(source, { ...options, tree })).catch((error: unknown) =>
              orTreeless(error, allowTreeless),
            );
      return withoutSentinels(table, missing, path);
    } finally {
      await source.close();
    }
  });
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
): AsyncGenerator<Table> {
  const { path, tree } = splitSpec(spec);
  const { nulls, missing, allowEmpty, allowTreeless } = read;
  const options = { file: path, columns, allowEmpty };
  const kind = kindOf(path);
  const source = kind === "csv.gz" ? undefined : await openSource(path);
  try {
    let pieces: AsyncGenerator<Table>;
    if (source === undefined) pieces = csvPieces(gunzipped(path), { ...options, ...csvOptions(path, read) });
    else if (kind === "csv") pieces = csvPieces(source, { ...options, ...csvOptions(path, read) });
    else if (kind === "root") pieces = rootPieces(source, { ...options, tree });
    else pieces = (await parquetReader()).parquetPieces(source, { ...options, nulls });
    const next = () =>
      withMemory(path, () => (kind === "root" ? quietly(() => pieces.next()) : pieces.next()));
    try {
      for (let piece = await next(); !piece.done; piece = await next())
        yield withoutSentinels(piece.value, kind === "csv" || kind === "csv.gz" ? [] : missing, path);
    } catch (error) {
      yield orTreeless(error, allowTreeless);
    } finally {
      await pieces.return(undefined);
    }
  } finally {
    await source?.close();
  }
}

/** A table without anything where the error is that there is no tree, and that is allowed. */
function orTreeless(error: unknown, allowed: boolean | undefined): Table {
  if (!allowed || !(error instanceof DataError) || error.code !== "data.unknownTree") throw error;
  return { rows: 0, columns: new Map(), treeless: true };
}

function kindOf(path: string): "csv" | "csv.gz" | "parquet" | "root" {
  const [, kind, packed] = /\.(csv|tsv|txt|dat|parquet|root)(\.gz)?$/i.exec(path.toLowerCase()) ?? [];
  if (kind === "parquet" || kind === "root") {
    if (packed === undefined) return kind;
  } else if (kind !== undefined) return packed === undefined ? "csv" : "csv.gz";
  const sentence =
    "Tables are read from file.csv, file.csv.gz, file.parquet and file.root:Tree (.tsv, .txt and .dat are as .csv).";
  throw new DataError("data.unsupported", sentence, { file: path });
}

function csvOptions(path: string, { names, separator, missing }: ReadOptions) {
  const preferred = /\.tsv(\.gz)?$/i.test(path) ? ("\t" as const) : undefined;
  return { names, separator, missing, preferred };
}

/** What `run` returns; says the size of the file where memory is not enough. */
async function withMemory<T>(path: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof RangeError && /allocation|array length|too large/i.test(error.message)))
      throw error;
    const bytes = await stat(path).then(
      ({ size }) => ` of ${Number((size / 1e9).toPrecision(3))} GB`,
      () => "",
    );
    const sentence = `The columns of this file${bytes} need more memory than there is; read fewer of them.`;
    throw new DataError("data.tooLarge", sentence, { file: path }, { cause: error });
  }
}

/** Loaded where it is needed. */
const parquetReader = () => import("./parquet.js");

let quiet = 0;
let loud: Pick<Console, "log" | "warn" | "error"> = console;

/** jsroot tells the console about damage, stack traces included; our error says it in one line. */
async function quietly<T>(run: () => Promise<T>): Promise<T> {
  if (quiet++ === 0) {
    loud = { log: console.log, warn: console.warn, error: console.error };
    Object.assign(console, { log: ignore, warn: ignore, error: ignore });
  }
  try {
    return await run();
  } finally {
    if (--quiet === 0) Object.assign(console, loud);
  }
}

function ignore(): void {}
