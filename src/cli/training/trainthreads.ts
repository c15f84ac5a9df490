/** The threads of a training, and the memory that they share. */

import { availableParallelism } from "node:os";
import { BLOCK } from "../../core/plan/sweep.js";
import type { Sample } from "../tables/samples.js";

/** More threads than this are used only where they are asked for. */
const mostThreads = 8;

/** Threads for each processor that somebody may ask for: more only wait for one another. */
const mostPerProcessor = 4;

/** Threads that have something to do: they share each table by blocks of 8192 rows, of which a batch has fewer. */
export function usefulThreads(
  samples: readonly Pick<Sample, "rows">[],
  asked: number | null,
  batch: number | null,
  processors = availableParallelism(),
): number {
  const wanted =
    asked === null ? Math.min(processors, mostThreads) : Math.min(asked, mostPerProcessor * processors);
  const total = samples.reduce((sum, { rows }) => sum + rows, 0);
  const part = batch === null ? 1 : Math.min(1, batch / Math.max(1, total));
  const blocks = samples.map(({ rows }) => Math.ceil((rows * part) / BLOCK));
  return Math.max(1, Math.min(wanted, ...[Math.max(1, ...blocks)]));
}

/** The threads that help, undefined where one does it all. */
export async function startThreads(samples: readonly Sample[], asked: number | null, batch: number | null) {
  const count = usefulThreads(samples, asked, batch);
  if (count < 2) return undefined;
  const { threads } = await import("../../entry/threads.node.js");
  return threads(count);
}
