// For bundlers that do not: workers are entries of their own, and their addresses are given.
import { page } from "./page.js";

const address = (file) => new URL(file, document.baseURI);
const open = (file) => () => new Worker(address(file), { type: "module" });
page({
  inWorker: open("inworker.js"),
  threadWorker: open("threadworker.js"),
  compiler: open("compiler.js"),
  options: { count: 2, worker: address("threadworker.js") },
});
