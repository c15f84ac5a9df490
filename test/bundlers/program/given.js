// For bundlers that do not: workers are entries of their own, and their addresses are given.
import { page } from "./page.js";

const address = (file) => new URL(file, document.baseURI);
const inWorker = () => new Worker(address("inworker.js"), { type: "module" });
const threadWorker = () => new Worker(address("threadworker.js"), { type: "module" });
page(document.title, inWorker, threadWorker, { count: 2, worker: address("threadworker.js") });
