import type { Port, Threads } from "../bindings/team.js";
import { startThreads } from "./core/compile.js";
import { RuntimeUnavailableError } from "./core/errors.js";

export type { Threads };

/**
 * Threads that share the sweeps of compiled functions, as web workers: `compile(f, { threads: await threads(4) })`, then
 * `await f.async(...)`, because a page's main thread may not block. Needs shared memory: a page served with
 * `Cross-Origin-Opener-Policy: same-origin` and `Cross-Origin-Embedder-Policy: require-corp`.
 */
export function threads(count: number = navigator.hardwareConcurrency): Promise<Threads> {
  if (typeof SharedArrayBuffer === "undefined") {
    throw new RuntimeUnavailableError(
      "runtime.shared",
      "threads need shared memory: serve the page with Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp",
    );
  }
  return startThreads(() =>
    Array.from({ length: Math.max(0, count - 1) }, (): Port => {
      const worker = new Worker(new URL("./worker.web.js", import.meta.url), { type: "module" });
      return {
        post: (message) => worker.postMessage(message),
        onMessage: (f) => {
          worker.onmessage = ({ data }) => f(data);
        },
        hold: () => {},
        close: () => worker.terminate(),
      };
    }),
  );
}
