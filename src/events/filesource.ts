/** Files as the readers of tables want them; in Node and what is like it. */

import type { FileHandle } from "node:fs/promises";
import { builtin, hasFiles } from "./builtin.js";
import { type ByteSource, chunks, type OpenSource } from "./bytesource.js";
import { DataError } from "./dataerror.js";

/** Opens a regular file. Throws DataError, also where the runtime has no files. */
export async function openSource(path: string): Promise<OpenSource> {
  const file = await openFile(path);
  try {
    const { size } = await file.stat();
    return {
      byteLength: size,
      slice: (start, end) => readRange(file, path, start, Math.min(end, size)),
      close: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw unreadable(path, error);
  }
}

/** What is compressed in a source, by zlib. Throws DataError about the file of that name and the compression alike. */
export async function* gunzippedByNode(
  source: ByteSource,
  path: string | undefined,
): AsyncGenerator<Uint8Array> {
  const { createGunzip } = await builtin("node:zlib");
  const { Readable } = await builtin("node:stream");
  const { pipeline } = await builtin("node:stream/promises");
  const gunzip = createGunzip({ chunkSize: 1 << 18 });
  // The loop below sees errors of the file and of the compression alike.
  const done = pipeline(Readable.from(chunks(source)), gunzip).catch(() => undefined);
  try {
    yield* gunzip;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const truncated = code === "Z_BUF_ERROR";
    if (code?.startsWith("Z_") !== true) throw error instanceof DataError ? error : unreadable(path, error);
    const sentence = truncated ? "The compressed file is truncated." : "The file is not valid gzip.";
    throw new DataError("data.corrupt", sentence, { file: path }, { cause: error });
  } finally {
    gunzip.destroy();
    // Nothing reads the source any more when the pipeline is done.
    await done;
  }
}

/** What to give where there are no files. */
const noFiles =
  "This runtime has no files that are found by a path; give a File, a Blob, the bytes, or the whole address: new URL(path, location.href).";

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

async function openFile(path: string): Promise<FileHandle> {
  if (!hasFiles()) throw new DataError("data.unreadable", noFiles, { file: path });
  const { open, stat } = await builtin("node:fs/promises");
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

function unreadable(path: string | undefined, error: unknown): DataError {
  const { code, message } = error as NodeJS.ErrnoException;
  const place = { file: path };
  if (code === "ENOENT" || code === "ENOTDIR") {
    return new DataError("data.missingFile", "There is no such file.", place, { cause: error });
  }
  const reason = code === "EACCES" || code === "EPERM" ? "permission denied" : message.split(", ")[0];
  return new DataError("data.unreadable", `The file cannot be read: ${reason}.`, place, { cause: error });
}
