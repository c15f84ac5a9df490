import type { Plan } from "../src/core/plan/layout.js";
import type { Arena } from "./arena.js";
import { rowsFrom } from "./blocks.js";
import type { SweepWork, Team } from "./executable.js";
import type { Module } from "./load.js";
import {
  BEGUN,
  DROPPED,
  ENDED,
  newStatus,
  type Order,
  type Port,
  readFailure,
  reason,
  TURN,
} from "./orders.js";
import { adopt, fill, look, type Member, type Part, type Run, sharedLike, toShared } from "./parts.js";
import type { SumTree } from "./sumtree.js";

/** Makes the library's error out of a code, a sentence and its fields; the one who starts a team gives it. */
export type Fault = (code: string, message: string, fields?: Readonly<Record<string, unknown>>) => Error;

/** How a team is started. */
export interface Start {
  readonly module: Module;
  /** Threads at work, the calling one included. */
  readonly count: number;
  /** Opens one worker. */
  readonly open: () => Port;
  readonly fault: Fault;
  /** Milliseconds without a sign of life after which the calling thread takes over the work of a worker. */
  readonly patience?: number;
  /** Milliseconds in which a worker must have its kernels. */
  readonly starting?: number;
}

/**
 * Threads that share the sweeps of compiled functions with the calling one. Blocks are dealt in contiguous runs, and
 * every thread returns the finished subtrees of the one tree of sums, so results have the same bits for any number.
 *
 * No call waits for ever, and none returns a part of a sum. A worker that throws, or is known to have ended, fails the
 * call that needs it; later calls go on with those who are left. A worker that gives no sign of life is not waited for:
 * the calling thread computes its blocks, which have the same bits, so a slow machine makes no false alarm.
 */
export class Threads implements Team {
  readonly #members: Member[] = [];
  readonly #fault: Fault;
  readonly #patience: number;
  /** Why workers ended, as long as no call has said so. */
  readonly #losses: string[] = [];
  #turn = 0;
  #plans = 0;
  #run: Run | null = null;
  #wake: (() => void) | null = null;
  #closed = false;

  private constructor({ fault, patience = 1000 }: Start) {
    this.#fault = fault;
    this.#patience = patience;
  }

  /** Starts the workers; resolves when all of them have kernels, rejects when one of them does not come to that. */
  static async start(start: Start): Promise<Threads> {
    const threads = new Threads(start);
    try {
      const ready: Promise<void>[] = [];
      for (let k = 1; k < start.count; k++) ready.push(threads.#hire(start));
      await Promise.all(ready);
    } catch (error) {
      threads.close();
      throw error;
    }
    for (const { port } of threads.#members) port.hold(false);
    return threads;
  }

  #hire({ open, module, fault, starting = 60_000 }: Start): Promise<void> {
    return new Promise((resolve, reject) => {
      const refuse = (why: string) => {
        clearTimeout(timer);
        reject(fault("threads.start", `a worker thread does not start: ${why}`, { reason: why }));
      };
      const timer = setTimeout(
        () => refuse(`no answer in ${starting / 1000} s; is its script the one of 'gradcut/worker'?`),
        starting,
      );
      try {
        const none = new SharedArrayBuffer(0);
        const status = newStatus();
        const port = open();
        const member: Member = {
          ...{ port, status, plans: new WeakMap<Plan, number>() },
          ...{ small: none, sums: none, turn: 0, gone: false },
        };
        this.#members.push(member);
        let here = false;
        port.listen({
          answer: (message) => {
            const failed = (message as { failed?: string } | null)?.failed;
            if (failed !== undefined) here ? this.#lose(member, failed) : refuse(failed);
            else if (message === "ready") {
              here = true;
              clearTimeout(timer);
              resolve();
            } else this.#wake?.();
          },
          end: (why) => (here ? this.#lose(member, why) : refuse(why)),
        });
        port.post({ kind: "start", module, status: status.buffer } satisfies Order);
      } catch (error) {
        refuse(reason(error));
      }
    });
  }

  /** Threads at work, the calling one included. */
  get count(): number {
    return this.#members.length + 1;
  }

  begin(arena: Arena, work: SweepWork): { from: number; to: number } {
    if (this.#run) {
      throw this.#fault(
        "threads.busy",
        "the threads are busy with an earlier call of .async(); await that first, or use other threads",
      );
    }
    this.#check();
    const { plan, blocks, table } = work;
    const sweep = plan.stages[work.stage]!.sweeps[work.sweep]!;
    // Who is still busy with what nobody waits for gets nothing.
    const free = this.#members.filter((m) => Atomics.load(m.status, TURN) === m.turn);
    const share = (k: number) => Math.round((blocks * k) / (free.length + 1));
    const turn = (this.#turn + 1) | 0;
    this.#turn = turn;
    const slots = [...sweep.columns.map(({ slot }) => slot), ...sweep.grains.slice(1).map((g) => g.offsets)];
    const columns = new Map(slots.map((slot) => [slot, toShared(table.columns.get(slot)!)]));
    const streams = new Map(sweep.outputs.map(({ slot }) => [slot, sharedLike(work.streams.get(slot)!)]));
    const parts: Part[] = [];
    this.#run = { turn, parts, streams, own: share(1), since: performance.now() };
    try {
      free.forEach((member, k) => {
        const [from, to] = [share(k + 1), share(k + 2)];
        if (from === to) return;
        const id = this.#teach(member, plan);
        fill(member, arena, plan, (to - from + 1) | 0, sweep.state.bytes);
        const { small, sums } = member;
        const begun = Atomics.load(member.status, BEGUN);
        const place = { plan: id, stage: work.stage, sweep: work.sweep, from, to, rows: table.rows };
        member.port.post({ kind: "sweep", turn, ...place, columns, streams, small, sums } satisfies Order);
        member.turn = turn;
        parts.push({ member, from, to, begun, late: false });
      });
    } catch (error) {
      this.end();
      throw error;
    }
    return { from: 0, to: share(1) };
  }

  /** The number under which a member knows a plan. */
  #teach(member: Member, plan: Plan): number {
    let id = member.plans.get(plan);
    if (id === undefined) {
      id = this.#plans++;
      member.port.post({ kind: "plan", id, plan } satisfies Order);
      member.plans.set(plan, id);
    }
    return id;
  }

  wait(): void {
    const run = this.#run!;
    const slice = this.#slice(run);
    for (const part of run.parts) {
      const { status } = part.member;
      while (!this.#decided(run, part)) {
        const seen = Atomics.load(status, TURN);
        if (seen === run.turn) break;
        if (this.#block(status, seen, slice) === "timed-out") look(part);
      }
    }
  }

  #block(status: Int32Array<SharedArrayBuffer>, seen: number, slice: number): string {
    try {
      return Atomics.wait(status, TURN, seen, slice);
    } catch {
      throw this.#fault(
        "threads.blocking",
        "this thread may not wait for others, as the main thread of a page may not; call .async(...) and await it",
      );
    }
  }

  async settled(): Promise<void> {
    const run = this.#run!;
    const slice = this.#slice(run);
    for (const { member } of run.parts) member.port.hold(true);
    while (!run.parts.every((part) => this.#decided(run, part))) {
      const woken = await new Promise<boolean>((resolve) => {
        const timer = setTimeout(() => resolve(false), slice);
        this.#wake = () => {
          clearTimeout(timer);
          resolve(true);
        };
      });
      if (!woken) for (const part of run.parts) look(part);
    }
    this.#wake = null;
    for (const { member } of run.parts) member.port.hold(false);
  }

  collect(tree: SumTree, work: SweepWork): readonly { from: number; to: number }[] {
    const run = this.#run!;
    this.end();
    this.#check();
    const sweep = work.plan.stages[work.stage]!.sweeps[work.sweep]!;
    const words = sweep.state.bytes / 8;
    const kept = run.parts.filter((part) => !part.late);
    for (const { member } of kept) {
      const why = readFailure(member.status);
      if (why !== null)
        throw this.#fault("threads.failed", `a worker thread failed: ${why}`, { reason: why });
    }
    for (const { member, from, to } of kept) {
      if (words > 0) adopt(tree, new Float64Array(member.sums), words);
      const [first, last] = [from * sweep.block, Math.min(to * sweep.block, work.table.rows)].map((row) =>
        rowsFrom(sweep, work.table, row),
      );
      for (const { slot, width, grain } of sweep.outputs) {
        const theirs = run.streams.get(slot)!;
        const [start, end] = [first![grain]! * width, last![grain]! * width];
        work.streams.get(slot)!.set(theirs.subarray(start, end), start);
      }
    }
    return run.parts.filter((part) => part.late);
  }

  end(): void {
    for (const { member } of this.#run?.parts ?? []) {
      if (Atomics.load(member.status, TURN) !== member.turn)
        Atomics.store(member.status, DROPPED, member.turn);
    }
    this.#run = null;
  }

  /** Ends the threads. A call that waits for them has no result. */
  close(): void {
    this.#closed = true;
    for (const { port } of this.#members) port.close();
    this.#members.length = 0;
    this.#wake?.();
  }

  /** Whether nothing more will come of a part. */
  #decided(run: Run, { member, late }: Part): boolean {
    if (Atomics.load(member.status, ENDED) !== 0) this.#lose(member, "it ended by itself");
    return late || member.gone || this.#closed || Atomics.load(member.status, TURN) === run.turn;
  }

  /** Long enough for twenty blocks as slow as those of the calling thread. */
  #slice({ own, since }: Run): number {
    return Math.max(this.#patience, (20 * (performance.now() - since)) / Math.max(own, 1));
  }

  #lose(member: Member, why: string): void {
    if (member.gone || this.#closed) return;
    member.gone = true;
    this.#losses.push(why);
    this.#members.splice(this.#members.indexOf(member), 1);
    member.port.close();
    this.#wake?.();
  }

  /** Throws where the threads are closed, or one of them is lost and no call has said so. */
  #check(): void {
    if (this.#closed) {
      throw this.#fault(
        "threads.closed",
        "the threads are closed, so this call has no result; await what is under way before close(), and start others with threads()",
      );
    }
    for (const member of [...this.#members]) {
      if (Atomics.load(member.status, ENDED) !== 0) this.#lose(member, "it ended by itself");
    }
    if (this.#losses.length === 0) return;
    const reasons = this.#losses.splice(0);
    const left =
      this.#members.length === 0
        ? "no worker is left, and the calling thread will work alone"
        : `the other ${this.count} threads, the calling one among them, go on`;
    throw this.#fault(
      "threads.lost",
      `${reasons.length === 1 ? "a worker thread has" : `${reasons.length} worker threads have`} ended (${reasons.join("; ")}), so this call has no result; ${left}: call again, or start new ones with threads()`,
      { reasons, left: this.count },
    );
  }
}
