/**
 * What the entries for Node and for the web have in common. No type of a runtime: users of the one lack the other's.
 */

import type { Port } from "../../bindings/orders.js";
import type { Threads } from "../../bindings/team.js";
import { ThreadsError } from "../core/errors.js";
import { checkOptions } from "../core/options.js";
import { startThreads } from "../core/run/compile.js";

export type { Threads };

/** What `threads` needs of a worker: a web `Worker`, or one of `node:worker_threads`. */
export interface WorkerLike {
  postMessage(message: unknown): void;
  terminate(): unknown;
}

/** The address of a script, as text or as a `URL`. */
export type Script = string | { readonly href: string };

/** How threads are started. */
export interface ThreadsOptions {
  /** Threads at work, the calling one included (default: as many as there are processors). */
  readonly count?: number;
  /**
   * The script of a worker, or how to make one, where a bundler does not follow the built-in address: a module of yours
   * that says `import "gradcut/worker"`.
   */
  readonly worker?: Script | (() => WorkerLike);
}

/** Starts threads; `make` opens a worker of this runtime, and `port` wires it. */
export async function start<W extends WorkerLike>(
  asked: number | ThreadsOptions | undefined,
  processors: () => number,
  make: (script: string | undefined) => W,
  port: (worker: W) => Port,
): Promise<Threads> {
  if (typeof asked === "object") checkOptions("threads", asked, { count: true, worker: true });
  const { count = processors(), worker } = typeof asked === "object" ? asked : { count: asked };
  if (!Number.isInteger(count) || count < 1) {
    throw new ThreadsError(
      "threads.count",
      `threads() got a count of ${count}; give a whole number of at least 1, the calling thread included`,
      { count },
    );
  }
  return startThreads(count, () =>
    port(
      typeof worker === "function"
        ? (worker() as W)
        : make(typeof worker === "object" ? worker.href : worker),
    ),
  );
}
