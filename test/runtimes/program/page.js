import { initFrom } from "gradcut";
import { threads } from "gradcut/threads";
import { conform, errors, share, survive } from "./program.js";

const refused = (promise) =>
  promise.then(
    () => "no error",
    (error) => error.name,
  );

/** What a worker says; its own error where it does not start. */
const heard = (worker) =>
  new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.onmessageerror = () => reject(new Error("a message of the worker cannot be read here"));
    worker.onerror = ({ message }) => reject(new Error(`the page's worker: ${message}`));
  });

/** What a page can be asked for, by the word behind the ? of its address. */
const asked = {
  /** All of it: the page, its worker, threads that are lost, closed and not found. */
  async everything({ inWorker, threadWorker, options }) {
    const page = await conform();
    const worker = await heard(inWorker());
    const { shared, closed } = await share(threads, options);
    const survived = await survive(threads, threadWorker);
    const missing = await refused(threads({ count: 2, worker: "/nowhere.js" }));
    // Where the bundler follows no address of a worker, the built-in one leads nowhere.
    const builtin = await refused(threads(2));
    const says = { errors: errors(), isolated: crossOriginIsolated, closed, missing, builtin };
    return { runs: { page, worker, threads: shared, survived }, says };
  },
  async page() {
    const page = await conform();
    return { runs: { page }, says: { errors: errors(), threads: await refused(threads(2)) } };
  },
  async worker({ inWorker }) {
    return { runs: { worker: await heard(inWorker()) }, says: {} };
  },
  async threads({ options }) {
    const { shared, closed } = await share(threads, options, true);
    return { runs: { threads: shared }, says: { isolated: crossOriginIsolated, closed } };
  },
  /** Where a policy forbids to compile: what the error says. */
  async forbidden() {
    const init = await conform().then(
      () => "no error",
      (error) => `${error.name}: ${error.message}`,
    );
    return { runs: {}, says: { init } };
  },
  /** Kernels that a worker under a policy of its own has compiled: whether they are of use to this page. */
  async module({ compiler }) {
    const start = async () => initFrom({ module: await heard(compiler()) });
    const [page, init] = await conform({ start }).then(
      (result) => [result, "no error"],
      (error) => [null, `${error.name}: ${error.message}`],
    );
    return { runs: page ? { page } : {}, says: { init } };
  },
};

/** Does what the address asks for, and sends what came of it to the server. */
export async function page(workers) {
  const answer = (result) => fetch("/result", { method: "POST", body: JSON.stringify(result) });
  try {
    await answer(await asked[location.search.slice(1)](workers));
  } catch (error) {
    await answer({ error: `${error}\n${error?.stack}`, says: {}, runs: {} });
  }
}
