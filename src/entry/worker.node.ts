import { parentPort } from "node:worker_threads";
import { worker } from "../../bindings/worker.js";

const side = worker((answer) => parentPort?.postMessage(answer));
parentPort?.on("message", (order: unknown) => void side.obey(order));
parentPort?.on("messageerror", () => side.unreadable());
// The thread that waits may be blocked, and hear of no event.
process.on("exit", () => side.ended());
