import { threads } from "gradcut/threads";
import { conform, errors, share, survive } from "./program.js";

/** Runs all of it, and sends what came of it to the server, which says where to go next. */
export async function page(name, inWorker, threadWorker, options) {
  const refused = (promise) =>
    promise.then(
      () => "no error",
      (error) => error.name,
    );
  const result = {};
  try {
    result.isolated = crossOriginIsolated;
    result.page = await conform();
    result.errors = errors();
    result.worker = await new Promise((resolve, reject) => {
      const worker = inWorker();
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = ({ message }) => reject(new Error(`the page's worker: ${message}`));
    });
    result.share = await share(threads, options);
    result.survived = await survive(threads, threadWorker);
    result.missing = await refused(threads({ count: 2, worker: "/nowhere.js" }));
    // Where the bundler follows no address of a worker, the built-in one leads nowhere.
    result.builtin = await refused(threads(2));
  } catch (error) {
    result.error = String(error?.stack ?? error);
  }
  const next = await fetch(`/result/${name}`, { method: "POST", body: JSON.stringify(result) });
  location.href = await next.text();
}
