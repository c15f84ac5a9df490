import type { Plan } from "../src/core/plan/layout.js";
import { Arena } from "./arena.js";
import { runBlocks } from "./blocks.js";
import { load } from "./load.js";
import {
  type Answer,
  BEGUN,
  DROPPED,
  ENDED,
  FAILED,
  newStatus,
  type Order,
  reason,
  TURN,
  writeFailure,
} from "./orders.js";
import { SumTree } from "./sumtree.js";

/** What the script of a worker thread wires to its runtime. */
export interface WorkerSide {
  /** Does what it is told, and answers. */
  obey(order: unknown): Promise<void>;
  /** An order came that cannot be read. */
  unreadable(): void;
  /** The thread ends. */
  ended(): void;
}

/** What a worker thread does with its orders; `post` answers the thread that gave them. */
export function worker(post: (answer: Answer) => void): WorkerSide {
  const plans = new Map<number, Plan>();
  let arena: Arena | null = null;
  let status: Int32Array<SharedArrayBuffer> | null = null;

  const sweep = (order: Order & { kind: "sweep" }, here: Arena, words: Int32Array): void => {
    const plan = plans.get(order.plan)!;
    const work = plan.stages[order.stage]!.sweeps[order.sweep]!;
    here.load(plan);
    const { address, bytes } = plan.shared;
    here.f64.set(new Float64Array(order.small, 0, bytes >>> 3), address >>> 3);
    const tree = new SumTree(here, plan.bytes, work);
    const table = { rows: order.rows, columns: order.columns };
    runBlocks(here, work, table, order.streams, tree, wanted(order, words));
    here.check(plan);
    const size = work.state.bytes >>> 3;
    const sums = new Float64Array(order.sums);
    sums[0] = tree.pending.length;
    tree.pending.forEach(({ level, index, address }, i) => {
      const at = 1 + i * (size + 2);
      sums[at] = level;
      sums[at + 1] = index;
      sums.set(here.f64.subarray(address >>> 3, (address >>> 3) + size), at + 2);
    });
  };

  const act = async (order: Order): Promise<void> => {
    if (order.kind === "start") {
      status = new Int32Array(order.status);
      arena = new Arena((await load({ module: order.module })).kernels);
      post("ready");
    } else if (order.kind === "plan") {
      plans.set(order.id, order.plan);
    } else if (order.kind === "sweep") {
      if (!arena || !status) throw new Error("it got work before its kernels");
      try {
        Atomics.store(status, FAILED, 0);
        sweep(order, arena, status);
      } catch (error) {
        writeFailure(status, reason(error));
      }
      Atomics.store(status, TURN, order.turn);
      Atomics.notify(status, TURN);
      post("done");
    } else {
      throw new Error("it got an order that it does not know");
    }
  };

  return {
    obey: (order) => act(order as Order).catch((error: unknown) => post({ failed: reason(error) })),
    unreadable: () => post({ failed: "an order could not be read" }),
    ended: () => {
      status ??= newStatus();
      Atomics.store(status, ENDED, 1);
      Atomics.notify(status, TURN);
    },
  };
}

/** The blocks of an order, as long as somebody waits for them. */
function* wanted(order: Order & { kind: "sweep" }, status: Int32Array): Iterable<number> {
  for (let b = order.from; b < order.to; b++) {
    if (Atomics.load(status, DROPPED) === order.turn) return;
    Atomics.add(status, BEGUN, 1);
    yield b;
  }
}
