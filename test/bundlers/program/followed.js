// For bundlers that follow the addresses of workers.
import { page } from "./page.js";

const inWorker = () => new Worker(new URL("./inworker.js", import.meta.url), { type: "module" });
const threadWorker = () => new Worker(new URL("./threadworker.js", import.meta.url), { type: "module" });
page(document.title, inWorker, threadWorker, 2);
