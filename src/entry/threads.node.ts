/**
 * Threads that share the sweeps of compiled functions.
 *
 * @module gradcut/threads
 */

import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { Port } from "../../bindings/orders.js";
import { start, type Threads, type ThreadsOptions } from "./startthreads.js";

export type { Threads, ThreadsOptions, WorkerLike } from "./startthreads.js";

/**
 * Threads that share the sweeps of compiled functions: `compile(f, { threads: await threads(4) })`. The calling thread is
 * one of them (default: as many as there are processors). Results have the same bits for any number. `close()` ends them;
 * they do not keep the process alive. Rejects with a ThreadsError where a worker does not start; a call whose worker
 * ended, or whose threads were closed, throws one.
 */
export function threads(options?: number | ThreadsOptions): Promise<Threads> {
  return start(
    options,
    availableParallelism,
    (script) =>
      new Worker(script === undefined ? new URL("./worker.node.js", import.meta.url) : file(script)),
    wire,
  );
}

/** Node takes paths, and addresses only as URL. */
const file = (script: string): string | URL => (/^(file|data):/.test(script) ? new URL(script) : script);

function wire(worker: Worker): Port {
  let why = "";
  return {
    post: (message) => worker.postMessage(message),
    listen: ({ answer, end }) => {
      worker.on("message", answer);
      worker.on("error", (error) => {
        why = error instanceof Error ? error.message : String(error);
      });
      worker.on("exit", (code) => end(why || `exit code ${code}`));
    },
    hold: (awaited) => (awaited ? worker.ref() : worker.unref()),
    close: () => void worker.terminate(),
  };
}
