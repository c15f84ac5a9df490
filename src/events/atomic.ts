import type { FileHandle } from "node:fs/promises";
import { builtin, hasFiles } from "./builtin.js";
import { DataError } from "./dataerror.js";

/** Takes the next bytes of a file. */
export type Append = (bytes: Uint8Array) => Promise<void>;

/**
 * Writes a file so that its name holds either what was there before or all that `write` appended, whatever goes wrong
 * or is killed in between. Node only.
 *
 * The bytes go to a file beside it, which takes its name at the end; what a process that was killed left of such files is
 * taken away. What is not a regular file (a pipe, a device) is written directly. When `write` answers false, all of it is as if it had not been.
 *
 * @throws DataError with the code data.unwritable
 */
export async function writeAtomically(
  path: string,
  write: (append: Append) => Promise<unknown>,
): Promise<void> {
  if (!hasFiles()) {
    const sentence = "This runtime has no files to write; write where Node is, or in Deno or Bun.";
    throw new DataError("data.unwritable", sentence, { file: path });
  }
  const { open, realpath, rename, rm, stat } = await builtin("node:fs/promises");
  const old = await stat(path).catch(() => undefined);
  if (old?.isDirectory()) {
    throw new DataError("data.unwritable", "This is a directory; name a file in it.", { file: path });
  }
  const direct = old !== undefined && !old.isFile();
  // The file that a link names is replaced, not the link.
  const target = await realpath(path).catch(() => path);
  const temporary = direct ? target : await temporaryName(target);
  if (!direct) await removeLeft(target);
  let file: FileHandle | undefined;
  try {
    file = await attempt(path, () => open(temporary, direct ? "w" : "wx", old?.mode));
    const handle = file;
    const keep = (await write((bytes) => attempt(path, () => writeAll(handle, bytes)))) !== false;
    if (!direct && keep) await attempt(path, () => handle.sync());
    file = undefined;
    await attempt(path, () => handle.close());
    if (!direct && keep) await attempt(path, () => rename(temporary, target));
    else if (!direct) await attempt(path, () => rm(temporary, { force: true }));
    else if (!keep)
      throw new DataError("data.unwritable", "This needs a file, not a pipe or a device.", { file: path });
  } catch (error) {
    await file?.close().catch(() => undefined);
    if (!direct) await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
}

/** The first letters of a hash of this machine's name: a process is known by its number there. */
export async function machineName(): Promise<string> {
  const { createHash } = await builtin("node:crypto");
  const { hostname } = await builtin("node:os");
  return createHash("sha256").update(hostname()).digest("hex").slice(0, 8);
}

/** A name beside a file for what becomes that file; it says whose it is. */
export async function temporaryName(target: string): Promise<string> {
  const { randomBytes } = await builtin("node:crypto");
  return `${target}.${await machineName()}-${process.pid}-${randomBytes(6).toString("hex")}.tmp`;
}

/** Whether a process of this machine runs. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It is somebody else's, or there is none.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Files beside which this process has looked: what is left by others is left before. */
const looked = new Set<string>();

/** Takes away what dead processes of this machine left beside a file. What cannot be taken away stays. */
export async function removeLeft(target: string): Promise<void> {
  if (looked.has(target)) return;
  looked.add(target);
  const { basename, dirname, join } = await builtin("node:path");
  const { readdir, rm } = await builtin("node:fs/promises");
  const machine = await machineName();
  const folder = dirname(target);
  const name = basename(target);
  for (const file of await readdir(folder).catch(() => [])) {
    if (!file.startsWith(`${name}.`)) continue;
    const [, host, pid] = /^([0-9a-f]{8})-(\d+)-[0-9a-f]{12}\.tmp$/.exec(file.slice(name.length + 1)) ?? [];
    if (host === machine && !isRunning(Number(pid)))
      await rm(join(folder, file), { force: true }).catch(() => undefined);
  }
}

/** Whether a file can be written at this place, found out without changing what is there. Throws as {@link writeAtomically}. */
export async function requireWritable(path: string): Promise<void> {
  const { stat } = await builtin("node:fs/promises");
  const old = await stat(path).catch(() => undefined);
  if (old && !old.isFile() && !old.isDirectory()) return;
  await writeAtomically(path, async () => false);
}

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; ) at += (await file.write(bytes, at)).bytesWritten;
}

async function attempt<T>(path: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const reason = reasons.get(code ?? "") ?? `The file cannot be written: ${message.split(", ")[0]}.`;
    throw new DataError("data.unwritable", reason, { file: path }, { cause });
  }
}

const reasons = new Map([
  ["ENOSPC", "The disk is full; the file was not written."],
  ["EDQUOT", "Your disk quota is used up; the file was not written."],
  ["EFBIG", "The file would be larger than this file system allows."],
  ["ENOENT", "There is no such folder; make it first."],
  ["ENOTDIR", "There is no such folder; a file has its name."],
  ["EACCES", "The file cannot be written: permission denied."],
  ["EPERM", "The file cannot be written: permission denied."],
  ["EROFS", "The file cannot be written: the file system is read-only."],
]);
