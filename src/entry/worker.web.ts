import { worker } from "../../bindings/worker.js";

const scope = globalThis as unknown as {
  postMessage(m: unknown): void;
  onmessage: (e: { data: unknown }) => void;
  onmessageerror: () => void;
};
const side = worker((answer) => scope.postMessage(answer));
scope.onmessage = ({ data }) => void side.obey(data);
scope.onmessageerror = () => side.unreadable();
