/** The checkpoint of a training on disk, and what the command keeps in it besides the training itself. */

import { readFile } from "node:fs/promises";
import { writeAtomically } from "../../events/atomic.js";
import { type CheckpointOptions, readCheckpoint } from "../../optim/train/checkpoint.js";
import type { History } from "../../plot/rundata.js";
import { GradcutError } from "../../text/gradcuterror.js";
import { UsageError } from "../line/usageerror.js";
import type { Params } from "./analysis.js";

/** What is kept beside the position of the training. */
export interface Kept {
  history: History;
  best: { loss: number; params: Params; grads: Params };
  /** Seconds of training until then. */
  spent: number;
}

export interface Loaded {
  bytes: Uint8Array;
  step: number;
  kept: Kept | null;
}

/** The checkpoint in a file; null where there is none. Throws UsageError for what is no checkpoint. */
export async function loadCheckpoint(path: string): Promise<Loaded | null> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw new UsageError("bad-value", "resume", path, `--resume: ${path}: ${error.message}`, {
      cause: error,
    });
  });
  if (bytes === null) return null;
  return aboutCheckpoint(path, async () => {
    const { step, attached } = readCheckpoint(new Uint8Array(bytes));
    return { bytes: new Uint8Array(bytes), step, kept: attached as Kept | null };
  });
}

/** Writes checkpoints to a file, each in place of the one before, all of it or nothing. */
export function checkpointTo(path: string, every: number, attach: () => Kept): CheckpointOptions {
  return {
    seconds: every,
    attach,
    save: (bytes) => writeAtomically(path, (append) => append(bytes)),
  };
}

/** What `run` returns; errors about a checkpoint, or about how the events are split, become those of the command line. */
export async function aboutCheckpoint<T>(path: string | null, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof GradcutError)) throw error;
    const { code, message } = error;
    if (code.startsWith("checkpoint."))
      throw new UsageError("conflict", "resume", path ?? "", `--resume: ${path}: ${message}`, {
        cause: error,
      });
    const option = /^train\.(batch|validation)$/.exec(code)?.[1];
    if (option !== undefined)
      throw new UsageError("bad-value", option, undefined, `--${option}: ${message}`, { cause: error });
    throw error;
  }
}
