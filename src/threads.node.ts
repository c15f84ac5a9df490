import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { Port, Threads } from "../bindings/team.js";
import { startThreads } from "./core/compile.js";

export type { Threads };

/**
 * Threads that share the sweeps of compiled functions: `compile(f, { threads: await threads(4) })`. The calling thread is
 * one of them (default: as many as there are processors). Results have the same bits for any number. `close()` ends them;
 * they do not keep the process alive.
 */
export function threads(count: number = availableParallelism()): Promise<Threads> {
  return startThreads(() =>
    Array.from({ length: Math.max(0, count - 1) }, (): Port => {
      const worker = new Worker(new URL("./worker.node.js", import.meta.url));
      return {
        post: (message) => worker.postMessage(message),
        onMessage: (f) => {
          worker.removeAllListeners("message");
          worker.on("message", f);
        },
        hold: (awaited) => (awaited ? worker.ref() : worker.unref()),
        close: () => void worker.terminate(),
      };
    }),
  );
}
