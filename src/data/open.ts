import { createReadStream } from "node:fs";
import { type FileHandle, open, stat } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import type { Table } from "./columns.js";
import { type CsvOptions, readCsv } from "./csv.js";
import { DataError } from "./errors.js";
import type { ParquetOptions } from "./parquet.js";
import { readRoot } from "./root.js";
import type { ByteSource } from "./source.js";
import { splitSpec } from "./spec.js";

export interface ReadOptions extends Pick<ParquetOptions, "nulls" | "allowEmpty"> {
  /** What reads Parquet files: DuckDB where it is installed, unless this says otherwise. */
  parquet?: "hyparquet" | "duckdb" | undefined;
}

/**
 * The table that a command line names: `file.csv`, `file.csv.gz`, `file.parquet` or `file.root:Tree`. Node only.
 *
 * `columns` are those to read; all when left out.
 *
 * @throws DataError
 */
export async function readTable(
  spec: string,
  columns?: readonly string[],
  { nulls, allowEmpty, parquet }: ReadOptions = {},
): Promise<Table> {
  const { path, tree } = splitSpec(spec);
  const options = { file: path, columns, allowEmpty };
  const read = (): Promise<Table> => {
    if (/\.root$/i.test(path)) {
      return quietly(() => withFile(path, (source) => readRoot(source, { ...options, tree })));
    }
    if (/\.csv$/i.test(path)) return withFile(path, (source) => readCsv(source, options));
    if (/\.csv\.gz$/i.test(path)) return readGzip(path, options);
    if (/\.parquet$/i.test(path)) {
      return withFile(path, (source) => readParquetFile(path, source, { ...options, nulls }, parquet));
    }
    const sentence = "Tables are read from file.csv, file.csv.gz, file.parquet and file.root:Tree.";
    throw new DataError("data.unsupported", sentence, { file: path });
  };
  try {
    return await read();
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

/** DuckDB reads a path, in which it would take these characters for a pattern. */
const pattern = /[*?[\]{}]/;

async function readParquetFile(
  path: string,
  source: ByteSource,
  options: ParquetOptions,
  reader: ReadOptions["parquet"],
): Promise<Table> {
  const { planParquet, readParquet } = await import("./parquet.js");
  if (reader === "hyparquet" || pattern.test(path)) return readParquet(source, options);
  const { loadDuckdb, readDuckdb } = await import("./duckdb.js");
  const api = await loadDuckdb();
  if (api === undefined) {
    if (reader !== "duckdb") return readParquet(source, options);
    const sentence = "DuckDB is not installed; install it with: npm i @duckdb/node-api";
    throw new DataError("data.missingPackage", sentence, { file: path });
  }
  const plan = await planParquet(source, options);
  try {
    return await readDuckdb(api, path, plan);
  } catch (error) {
    if (error instanceof DataError) throw error;
    // The other reader reads what this one cannot, or says what is wrong.
    return readParquet(source, options);
  }
}

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

async function withFile<T>(path: string, read: (source: ByteSource) => Promise<T>): Promise<T> {
  const file = await openFile(path);
  try {
    const { size } = await file.stat();
    return await read({
      byteLength: size,
      slice: (start, end) => readRange(file, path, start, Math.min(end, size)),
    });
  } finally {
    await file.close();
  }
}

async function readRange(file: FileHandle, path: string, start: number, end: number): Promise<ArrayBuffer> {
  const bytes = new Uint8Array(Math.max(0, end - start));
  for (let at = 0; at < bytes.length; ) {
    const { bytesRead } = await file
      .read(bytes, at, bytes.length - at, start + at)
      .catch((error: unknown) => {
        throw unreadable(path, error);
      });
    if (bytesRead === 0)
      throw new DataError("data.unreadable", "The file became shorter while it was read.", { file: path });
    at += bytesRead;
  }
  return bytes.buffer;
}

async function readGzip(path: string, options: CsvOptions): Promise<Table> {
  await (await openFile(path)).close();
  const gunzip = createGunzip({ chunkSize: 1 << 18 });
  // The reader sees errors of the file and of the compression alike.
  const done = pipeline(createReadStream(path), gunzip).catch(() => undefined);
  try {
    return await readCsv(gunzip, options);
  } catch (error) {
    if (error instanceof DataError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    const truncated = code === "Z_BUF_ERROR";
    if (code?.startsWith("Z_") !== true) throw unreadable(path, error);
    const sentence = truncated ? "The compressed file is truncated." : "The file is not valid gzip.";
    throw new DataError("data.corrupt", sentence, { file: path }, { cause: error });
  } finally {
    gunzip.destroy();
    await done;
  }
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    const found = await stat(path);
    if (!found.isFile()) {
      const what = found.isDirectory() ? "a directory" : "a pipe or a device";
      throw new DataError("data.unreadable", `This is ${what}, not a file.`, { file: path });
    }
    return await open(path, "r");
  } catch (error) {
    throw error instanceof DataError ? error : unreadable(path, error);
  }
}

function unreadable(path: string, error: unknown): DataError {
  const { code, message } = error as NodeJS.ErrnoException;
  const place = { file: path };
  if (code === "ENOENT" || code === "ENOTDIR") {
    return new DataError("data.missingFile", "There is no such file.", place, { cause: error });
  }
  const reason = code === "EACCES" || code === "EPERM" ? "permission denied" : message.split(", ")[0];
  return new DataError("data.unreadable", `The file cannot be read: ${reason}.`, place, { cause: error });
}
