/** A worker: reads orders, runs one task after the other, and reports. */

import { initFrom } from "gradcut";
import kernels from "gradcut/kernels.wasm?url";
import { Library } from "./models.js";
import type { Failure, Order, Report } from "./protocol.js";
import { Cancelled, type Context, type Task } from "./task.js";
import { tasks } from "./tasks/index.js";

/** What is used of a worker's scope. */
interface Scope {
  postMessage(message: Report): void;
  addEventListener(type: "message", listener: (event: MessageEvent<Order>) => void): void;
}

const scope = globalThis as unknown as Scope;
const library = new Library();
const cancelled = new Set<number>();
let ready: Promise<void> | null = null;
let turn: Promise<void> = Promise.resolve();

async function start(): Promise<void> {
  const answer = await fetch(kernels);
  await initFrom({ bytes: await answer.arrayBuffer() });
}

/** A task of a list of many kinds, which its name picked. */
type AnyTask = Task<unknown, unknown, unknown>;

/** Lets the orders that came meanwhile be read. */
function breathe(): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  return new Promise((go) => {
    // Timers wait for some milliseconds at least, which a slider feels.
    port1.onmessage = () => {
      port1.close();
      go();
    };
    port2.postMessage(null);
  });
}

function failureOf(error: unknown): Failure {
  if (!(error instanceof Error)) return { message: String(error), code: null };
  const code = "code" in error && typeof error.code === "string" ? error.code : null;
  return { message: error.message, code };
}

async function run(call: number, name: keyof typeof tasks, args: unknown): Promise<void> {
  const check = () => {
    if (cancelled.has(call)) throw new Cancelled();
  };
  const context: Context<unknown> = {
    model: (question) => library.model(question),
    workspace: (path) => library.workspace(path),
    source: (of) => library.source(of),
    text: (path) => library.text(path),
    async progress(done, of, part) {
      scope.postMessage({ kind: "progress", call, progress: { done, of }, part });
      await breathe();
      check();
    },
  };
  try {
    ready ??= start();
    await ready;
    await breathe();
    check();
    const result = await (tasks[name] as unknown as AnyTask).run(args, context);
    scope.postMessage({ kind: "answer", call, result });
  } catch (error) {
    if (error instanceof Cancelled) scope.postMessage({ kind: "cancelled", call });
    else scope.postMessage({ kind: "failed", call, failure: failureOf(error) });
  } finally {
    cancelled.delete(call);
  }
}

scope.addEventListener("message", ({ data }) => {
  switch (data.kind) {
    case "hold":
      library.hold(data.path, data.bytes);
      return;
    case "drop":
      library.drop();
      return;
    case "cancel":
      cancelled.add(data.call);
      return;
    case "run": {
      const { call, task, args } = data;
      turn = turn.then(() => run(call, task, args));
      return;
    }
    default:
      data satisfies never;
  }
});
