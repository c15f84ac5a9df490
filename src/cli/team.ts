// The threads of a training, and the memory that they share.

import { availableParallelism } from "node:os";
import type { Sample } from "./samples.js";

/** More threads than this are used only where they are asked for. */
const mostThreads = 8;

/** Threads share tables by blocks of 8192 rows, so small samples have nothing to share. */
export async function startThreads(samples: readonly Sample[], asked: number | null) {
  const count = asked ?? Math.min(availableParallelism(), mostThreads);
  if (count < 2 || samples.every(({ rows }) => rows <= 8192)) return undefined;
  const { threads } = await import("../threads.node.js");
  return threads(count);
}

export const ownMemory = (bytes: number): ArrayBuffer => new ArrayBuffer(bytes);
/** Threads read such columns without a copy. */
export const sharedMemory = (bytes: number): SharedArrayBuffer => new SharedArrayBuffer(bytes);
