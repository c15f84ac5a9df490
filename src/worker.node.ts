import { parentPort } from "node:worker_threads";
import type { Order } from "../bindings/team.js";
import { worker } from "../bindings/worker.js";

const obey = worker((message) => parentPort?.postMessage(message));
parentPort?.on("message", (order: Order) => void obey(order));
