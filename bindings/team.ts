import type { Plan } from "../src/core/plan.js";
import type { Arena, Numbers } from "./arena.js";
import type { SweepWork, Team } from "./executable.js";
import type { SumTree } from "./sumtree.js";

/** A worker thread, whatever the runtime calls it. */
export interface Port {
  post(message: unknown): void;
  onMessage(f: (message: unknown) => void): void;
  /** Whether an answer is awaited, and the process must stay for it. */
  hold(awaited: boolean): void;
  close(): void;
}

/** What a worker is told. Numbers travel in shared memory; messages only say where. */
export type Order =
  | { readonly kind: "start"; readonly module: WebAssembly.Module; readonly status: SharedArrayBuffer }
  | { readonly kind: "plan"; readonly id: number; readonly plan: Plan }
  | {
      readonly kind: "sweep";
      readonly turn: number;
      readonly plan: number;
      readonly stage: number;
      readonly sweep: number;
      readonly from: number;
      readonly to: number;
      readonly rows: number;
      readonly columns: ReadonlyMap<number, Numbers>;
      readonly streams: ReadonlyMap<number, Numbers>;
      /** Values of the plan's shared region. */
      readonly small: SharedArrayBuffer;
      /** Subtrees: count, then per subtree level and index and state, as f64. */
      readonly sums: SharedArrayBuffer;
    };

/** Words of the status: the last turn that was finished, and the length of an error text that follows. */
export const TURN = 0;
export const FAILED = 1;
export const TEXT = 2;
const STATUS_BYTES = 4 * (TEXT + 256);

interface Member {
  readonly port: Port;
  readonly status: Int32Array;
  readonly plans: WeakMap<Plan, number>;
  small: SharedArrayBuffer;
  sums: SharedArrayBuffer;
  busy: boolean;
}

/**
 * Threads that share the sweeps of compiled functions with the calling one. Blocks are dealt in contiguous runs, and
 * every thread returns the finished subtrees of the one tree of sums, so results have the same bits for any number.
 */
export class Threads implements Team {
  readonly #members: Member[];
  #turn = 0;
  #plans = 0;
  #waiting: (() => void) | null = null;

  private constructor(members: Member[]) {
    this.#members = members;
  }

  /** Starts the workers behind the ports; resolves when all of them have kernels. */
  static async start(module: WebAssembly.Module, ports: readonly Port[]): Promise<Threads> {
    const ready: Promise<void>[] = [];
    const members = ports.map((port): Member => {
      const status = new Int32Array(new SharedArrayBuffer(STATUS_BYTES));
      const none = new SharedArrayBuffer(0);
      ready.push(new Promise((resolve) => port.onMessage(() => resolve())));
      port.post({ kind: "start", module, status: status.buffer as SharedArrayBuffer } satisfies Order);
      return { port, status, plans: new WeakMap(), small: none, sums: none, busy: false };
    });
    await Promise.all(ready);
    const threads = new Threads(members);
    for (const { port } of members) {
      port.onMessage(() => threads.#waiting?.());
      port.hold(false);
    }
    return threads;
  }

  /** Threads at work, the calling one included. */
  get count(): number {
    return this.#members.length + 1;
  }

  begin(arena: Arena, work: SweepWork): { from: number; to: number } {
    if (this.#members.some((m) => m.busy)) {
      throw new Error(
        "the threads are busy with an earlier call of .async(); await that first, or use other threads",
      );
    }
    const { plan, blocks, table } = work;
    const sweep = plan.stages[work.stage]!.sweeps[work.sweep]!;
    const share = (k: number) => Math.round((blocks * k) / this.count);
    const turn = ++this.#turn;
    const columns = new Map(
      sweep.columns.map(({ slot }) => [slot, toShared(table.columns.get(slot) as Numbers)]),
    );
    const streams = new Map(
      sweep.outputs.map(({ slot }) => [slot, sharedLike(work.streams.get(slot) as Numbers)]),
    );
    this.#members.forEach((member, k) => {
      const [from, to] = [share(k + 1), share(k + 2)];
      if (from === to) return;
      let id = member.plans.get(plan);
      if (id === undefined) {
        id = this.#plans++;
        member.plans.set(plan, id);
        member.port.post({ kind: "plan", id, plan } satisfies Order);
      }
      if (member.small.byteLength < plan.shared.bytes)
        member.small = new SharedArrayBuffer(plan.shared.bytes);
      const { address, bytes } = plan.shared;
      new Float64Array(member.small).set(arena.f64.subarray(address >> 3, (address + bytes) >> 3));
      const subtrees = 2 * Math.ceil(Math.log2(to - from + 1)) + 2;
      const size = 8 + subtrees * (16 + sweep.state.bytes);
      if (member.sums.byteLength < size) member.sums = new SharedArrayBuffer(size);
      member.busy = true;
      member.port.post({
        kind: "sweep",
        turn,
        plan: id,
        stage: work.stage,
        sweep: work.sweep,
        from,
        to,
        rows: table.rows,
        columns,
        streams,
        small: member.small,
        sums: member.sums,
      } satisfies Order);
    });
    this.#streams = streams;
    return { from: 0, to: share(1) };
  }

  #streams: ReadonlyMap<number, Numbers> = new Map();

  #done(member: Member): boolean {
    return !member.busy || Atomics.load(member.status, TURN) === this.#turn;
  }

  wait(): void {
    for (const member of this.#members) {
      while (!this.#done(member)) Atomics.wait(member.status, TURN, Atomics.load(member.status, TURN), 1000);
    }
  }

  async settled(): Promise<void> {
    for (const { port } of this.#members) port.hold(true);
    while (!this.#members.every((m) => this.#done(m))) {
      await new Promise<void>((resolve) => {
        this.#waiting = resolve;
      });
    }
    this.#waiting = null;
    for (const { port } of this.#members) port.hold(false);
  }

  collect(tree: SumTree, work: SweepWork): void {
    const sweep = work.plan.stages[work.stage]!.sweeps[work.sweep]!;
    const words = sweep.state.bytes / 8;
    const failed = this.#members.find((m) => m.busy && Atomics.load(m.status, FAILED) !== 0)?.status;
    for (const member of this.#members) {
      if (!member.busy) continue;
      member.busy = false;
      if (failed || words === 0) continue;
      const sums = new Float64Array(member.sums);
      for (let i = 0; i < sums[0]!; i++) {
        const at = 1 + i * (words + 2);
        tree.adopt(sums[at]!, sums[at + 1]!, sums.subarray(at + 2, at + 2 + words));
      }
    }
    if (failed) {
      const text = String.fromCharCode(...failed.subarray(TEXT, TEXT + failed[FAILED]!));
      failed[FAILED] = 0;
      throw new Error(`a worker thread failed: ${text}`);
    }
    const first = Math.min(Math.round(work.blocks / this.count) * 8192, work.table.rows);
    for (const { slot, width } of sweep.outputs) {
      const from = this.#streams.get(slot) as Numbers;
      (work.streams.get(slot) as Numbers).set(from.subarray(first * width), first * width);
    }
    this.#streams = new Map();
  }

  /** Ends the threads. */
  close(): void {
    for (const { port } of this.#members) port.close();
    this.#members.length = 0;
  }
}

/** The column itself where its memory is shared, else a copy: the caller may write to its own at any time. */
function toShared(data: Numbers): Numbers {
  if (data.buffer instanceof SharedArrayBuffer) return data;
  const copy = sharedLike(data);
  copy.set(data);
  return copy;
}

/** An array of the same kind and length in shared memory. */
export function sharedLike(data: Numbers): Numbers {
  const Kind = data.constructor as new (buffer: SharedArrayBuffer) => Numbers;
  return new Kind(new SharedArrayBuffer(data.byteLength));
}
