import { createReadStream } from "node:fs";
import { type FileHandle, open, stat } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import type { Table } from "./columns.js";
import { readCsv } from "./csv.js";
import { DataError } from "./errors.js";
import { readRoot } from "./root.js";
import type { ByteSource } from "./source.js";

/**
 * The table that a command line names: `file.csv`, `file.csv.gz` or `file.root:Tree`. Node only.
 *
 * `columns` are those to read; all when left out.
 *
 * @throws DataError
 */
export async function readTable(spec: string, columns?: readonly string[]): Promise<Table> {
  const { path, tree } = splitSpec(spec);
  if (/\.root$/i.test(path)) {
    return withFile(path, (source) => readRoot(source, { file: path, tree, columns }));
  }
  if (/\.csv$/i.test(path)) return withFile(path, (source) => readCsv(source, { file: path, columns }));
  if (/\.csv\.gz$/i.test(path)) return readGzip(path, columns);
  const sentence = "Tables are read from file.csv, file.csv.gz and file.root:Tree.";
  throw new DataError("data.unsupported", sentence, { file: path });
}

/** The file and the tree of `file.root:Tree`; other specs are paths, which may hold colons. */
export function splitSpec(spec: string): { path: string; tree: string | undefined } {
  const match = /^(.*\.root):(.*)$/is.exec(spec);
  return match === null ? { path: spec, tree: undefined } : { path: match[1]!, tree: match[2]! };
}

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

async function readGzip(path: string, columns: readonly string[] | undefined): Promise<Table> {
  await (await openFile(path)).close();
  const gunzip = createGunzip({ chunkSize: 1 << 18 });
  // The reader sees errors of the file and of the compression alike.
  const done = pipeline(createReadStream(path), gunzip).catch(() => undefined);
  try {
    return await readCsv(gunzip, { file: path, columns });
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
    if ((await stat(path)).isDirectory()) {
      throw new DataError("data.unreadable", "This is a directory, not a file.", { file: path });
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
  const reason = code === "EACCES" || code === "EPERM" ? "permission denied" : message;
  return new DataError("data.unreadable", `The file cannot be read: ${reason}.`, place, { cause: error });
}
