/**
 * The files of a training: places that can be written and that no other run writes, before anything is spent.
 */

import { mkdir, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { requireWritable } from "../../events/atomic.js";
import { UsageError } from "../line/usageerror.js";
import { LockedError, takeLock } from "./lock.js";

/** Files that a run may write into its folder. */
export const outputNames = [
  "result.json",
  "model.json",
  "plot.json",
  "report.html",
  "workspace.json",
] as const;

/** Runs with a folder and a checkpoint of its own. Throws UsageError where they cannot be written or are in use. */
export async function holdingOutputs<T>(
  { out, checkpoint = null }: { out: string | null; checkpoint?: string | null },
  run: () => Promise<T>,
): Promise<T> {
  const releases: (() => Promise<void>)[] = [];
  const hold = async (option: string, place: string, lock: string) => {
    try {
      releases.push(await takeLock(lock));
    } catch (error) {
      throw error instanceof LockedError ? inUse(option, place, error) : unwritable(place, error, option);
    }
  };
  try {
    if (out !== null) {
      await makeDirectory(out);
      await hold("out", out, join(out, ".lock"));
      for (const name of outputNames) await requireWritable(join(out, name));
    }
    if (checkpoint !== null) {
      await makeDirectory(dirname(checkpoint), "checkpoint");
      const old = await stat(checkpoint).catch(() => undefined);
      if (!old || old.isFile()) await hold("checkpoint", checkpoint, `${checkpoint}.lock`);
      await requireWritable(checkpoint);
    }
    return await run();
  } finally {
    for (const release of releases) await release();
  }
}

/** Makes the directory of the files, before a training is spent. Throws UsageError. */
export async function makeDirectory(out: string, option = "out"): Promise<void> {
  await makeParents(resolve(out)).catch((error) => {
    throw unwritable(out, error, option);
  });
}

/** Makes a directory and those above it. Node's own `recursive` never ends where a file system refuses them, as /proc does. */
async function makeParents(path: string): Promise<void> {
  const isDirectory = async () => (await stat(path).catch(() => undefined))?.isDirectory() === true;
  if (await isDirectory()) return;
  if (dirname(path) !== path) await makeParents(dirname(path));
  await mkdir(path).catch(async (error) => {
    if (!(await isDirectory())) throw error;
  });
}

function inUse(option: string, place: string, cause: LockedError): UsageError {
  const remedy = `wait for its end, or name another ${option === "out" ? "folder" : "file"}`;
  return new UsageError("conflict", option, place, `--${option} ${place}: ${cause.message}: ${remedy}`, {
    cause,
  });
}

function unwritable(out: string, error: unknown, option: string): UsageError {
  const { code, message, path } = error as NodeJS.ErrnoException;
  const reasons: Record<string, string> = {
    EACCES: "permission denied",
    EPERM: "permission denied",
    EROFS: "the file system is read-only",
    EEXIST: path === resolve(out) ? "a file has this name" : "a part of the path is a file",
    ENOTDIR: "a part of the path is a file",
    ENOENT: "the file system takes no new folders there",
    ENOSPC: "the disk is full",
  };
  const reason = reasons[code ?? ""] ?? message;
  return new UsageError("bad-value", option, out, `--${option} ${out}: cannot write there (${reason})`, {
    cause: error,
  });
}
