import type { Order } from "../bindings/team.js";
import { worker } from "../bindings/worker.js";

const scope = globalThis as unknown as {
  postMessage(m: unknown): void;
  onmessage: (e: { data: Order }) => void;
};
const obey = worker((message) => scope.postMessage(message));
scope.onmessage = ({ data }) => void obey(data);
