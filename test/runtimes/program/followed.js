// For bundlers that follow the addresses of workers.
import { page } from "./page.js";

page({
  inWorker: () => new Worker(new URL("./inworker.js", import.meta.url), { type: "module" }),
  threadWorker: () => new Worker(new URL("./threadworker.js", import.meta.url), { type: "module" }),
  options: 2,
});
