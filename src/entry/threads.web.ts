import type { Port } from "../../bindings/orders.js";
import { RuntimeUnavailableError } from "../core/errors.js";
import { start, type Threads, type ThreadsOptions } from "./startthreads.js";

export type { Threads, ThreadsOptions, WorkerLike } from "./startthreads.js";

/**
 * Threads that share the sweeps of compiled functions, as web workers: `compile(f, { threads: await threads(4) })`, then
 * `await f.async(...)`, because a page's main thread may not block. Needs shared memory: a page served with
 * `Cross-Origin-Opener-Policy: same-origin` and `Cross-Origin-Embedder-Policy: require-corp`. Rejects where that is
 * missing (RuntimeUnavailableError) or a worker does not start (ThreadsError).
 */
export async function threads(options?: number | ThreadsOptions): Promise<Threads> {
  if (typeof SharedArrayBuffer === "undefined") {
    throw new RuntimeUnavailableError(
      "runtime.shared",
      "threads need shared memory: serve the page with Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp",
    );
  }
  return start(
    options,
    () => navigator.hardwareConcurrency ?? 1,
    (script) =>
      script === undefined
        ? new Worker(new URL("./worker.web.js", import.meta.url), { type: "module" })
        : new Worker(script, { type: "module" }),
    wire,
  );
}

function wire(worker: Worker): Port {
  return {
    post: (message) => worker.postMessage(message),
    listen: ({ answer, end }) => {
      worker.addEventListener("message", ({ data }) => answer(data));
      // Without a message where the script could not be fetched or read.
      worker.addEventListener("error", ({ message }) =>
        end(message || "its script cannot be loaded; where a bundler moved it, give threads({ worker })"),
      );
    },
    hold: () => {},
    close: () => worker.terminate(),
  };
}
