/** The page's side of its workers: who is free gets the next task, and everybody gets the documents that it needs. */

import type { Failure, Order, Progress, Report } from "./protocol.js";
import type { ArgsOf, PartOf, ResultOf, TaskName } from "./tasks/index.js";

/** A task that did not end well. */
export class TaskError extends Error {
  override readonly name = "TaskError";
  readonly code: string | null;

  constructor({ message, code }: Failure) {
    super(message);
    this.code = code;
  }
}

/** What somebody who asks may say besides. */
export interface Asking<Part> {
  /** Paths of the documents that the task reads. */
  readonly documents?: readonly string[];
  readonly signal?: AbortSignal;
  /** Before those that wait, such as a slider's yields before a grid's patches. */
  readonly urgent?: boolean;
  progress?(progress: Progress, part: Part | undefined): void;
}

interface Call {
  readonly number: number;
  readonly task: TaskName;
  readonly args: unknown;
  readonly asking: Asking<unknown>;
  resolve(result: unknown): void;
  reject(error: unknown): void;
}

interface Member {
  readonly worker: Worker;
  readonly held: Set<string>;
  call: Call | null;
}

/** A worker that has not obeyed a cancel after so long computes without looking up; it is replaced. */
const patience = 500;

const aborted = () => new DOMException("cancelled", "AbortError");

/** Workers, each with one task at a time. */
export class Team {
  readonly #make: () => Worker;
  #members: Member[] = [];
  readonly #most: number;
  #waiting: Call[] = [];
  #calls = 0;
  #documents: ReadonlyMap<string, Uint8Array> = new Map();

  constructor(make: () => Worker, most: number) {
    this.#make = make;
    this.#most = most;
  }

  get size(): number {
    return this.#most;
  }

  /** Other documents than before: what is asked of the old ones ends. */
  use(documents: ReadonlyMap<string, Uint8Array>): void {
    this.#documents = documents;
    for (const member of this.#members) {
      this.#post(member, { kind: "drop" });
      member.held.clear();
    }
  }

  /** One more document. */
  add(path: string, bytes: Uint8Array): void {
    this.#documents = new Map(this.#documents).set(path, bytes);
  }

  /** Asks for a task. Rejects with a TaskError, or an AbortError where it was cancelled. */
  ask<N extends TaskName>(task: N, args: ArgsOf<N>, asking: Asking<PartOf<N>> = {}): Promise<ResultOf<N>> {
    const { signal } = asking;
    return new Promise<unknown>((resolve, reject) => {
      if (signal?.aborted) {
        reject(aborted());
        return;
      }
      const call: Call = {
        ...{ number: this.#calls++, task, args, resolve, reject },
        asking: asking as Asking<unknown>,
      };
      signal?.addEventListener("abort", () => this.#cancel(call), { once: true });
      if (asking.urgent) this.#waiting.unshift(call);
      else this.#waiting.push(call);
      this.#next();
    }) as Promise<ResultOf<N>>;
  }

  #next(): void {
    while (this.#waiting.length > 0) {
      const member = this.#free();
      if (!member) return;
      const call = this.#waiting.shift()!;
      member.call = call;
      for (const path of call.asking.documents ?? []) this.#give(member, path);
      this.#post(member, { kind: "run", call: call.number, task: call.task, args: call.args });
    }
  }

  #free(): Member | undefined {
    const free = this.#members.find(({ call }) => call === null);
    if (free || this.#members.length >= this.#most) return free;
    return this.#hire();
  }

  #hire(): Member {
    const member: Member = { worker: this.#make(), held: new Set(), call: null };
    member.worker.addEventListener("message", ({ data }: MessageEvent<Report>) => this.#hear(member, data));
    member.worker.addEventListener("error", ({ message }) => {
      const { call } = member;
      this.#dismiss(member);
      call?.reject(new TaskError({ message: message || "the worker does not start", code: null }));
    });
    this.#members.push(member);
    return member;
  }

  #dismiss(member: Member): void {
    member.worker.terminate();
    member.call = null;
    this.#members = this.#members.filter((one) => one !== member);
    this.#next();
  }

  #give(member: Member, path: string): void {
    const bytes = this.#documents.get(path);
    if (!bytes || member.held.has(path)) return;
    member.held.add(path);
    this.#post(member, { kind: "hold", path, bytes });
  }

  #post({ worker }: Member, order: Order): void {
    worker.postMessage(order);
  }

  #cancel(call: Call): void {
    const waiting = this.#waiting.indexOf(call);
    if (waiting >= 0) {
      this.#waiting.splice(waiting, 1);
      call.reject(aborted());
      return;
    }
    const member = this.#members.find((one) => one.call === call);
    if (!member) return;
    this.#post(member, { kind: "cancel", call: call.number });
    setTimeout(() => {
      if (member.call !== call) return;
      this.#dismiss(member);
      call.reject(aborted());
    }, patience);
  }

  #hear(member: Member, report: Report): void {
    const { call } = member;
    if (call?.number !== report.call) return;
    if (report.kind === "progress") {
      call.asking.progress?.(report.progress, report.part);
      return;
    }
    member.call = null;
    if (report.kind === "answer") call.resolve(report.result);
    else if (report.kind === "cancelled") call.reject(aborted());
    else call.reject(new TaskError(report.failure));
    this.#next();
  }
}
