import type { Plan } from "../src/core/plan.js";
import { Arena } from "./arena.js";
import { range, runBlocks } from "./executable.js";
import { load } from "./load.js";
import { SumTree } from "./sumtree.js";
import { FAILED, type Order, TEXT, TURN } from "./team.js";

/** What a worker thread does with its orders; `post` answers the thread that gave them. */
export function worker(post: (message: unknown) => void): (order: Order) => Promise<void> {
  const plans = new Map<number, Plan>();
  let arena: Promise<Arena> | null = null;
  let status = new Int32Array(new SharedArrayBuffer(0));

  const sweep = async (order: Order & { kind: "sweep" }): Promise<void> => {
    const here = await (arena as Promise<Arena>);
    const plan = plans.get(order.plan) as Plan;
    const work = plan.stages[order.stage]!.sweeps[order.sweep]!;
    here.load(plan);
    const { address, bytes } = plan.shared;
    here.f64.set(new Float64Array(order.small, 0, bytes >> 3), address >> 3);
    const tree = new SumTree(here, plan.bytes, work);
    const table = { rows: order.rows, columns: order.columns };
    runBlocks(here, work, table, order.streams, tree, range(order.from, order.to));
    const words = work.state.bytes >> 3;
    const sums = new Float64Array(order.sums);
    sums[0] = tree.pending.length;
    tree.pending.forEach(({ level, index, address }, i) => {
      const at = 1 + i * (words + 2);
      sums[at] = level;
      sums[at + 1] = index;
      sums.set(here.f64.subarray(address >> 3, (address >> 3) + words), at + 2);
    });
  };

  return async (order) => {
    if (order.kind === "start") {
      status = new Int32Array(order.status);
      arena = load({ module: order.module }).then(({ kernels }) => new Arena(kernels));
      await arena;
      post("ready");
    } else if (order.kind === "plan") {
      plans.set(order.id, order.plan);
    } else {
      try {
        await sweep(order);
      } catch (error) {
        const text = (error instanceof Error ? error.message : String(error)).slice(0, status.length - TEXT);
        status.set(
          [...text].map((c) => c.charCodeAt(0)),
          TEXT,
        );
        Atomics.store(status, FAILED, Math.max(text.length, 1));
      }
      Atomics.store(status, TURN, order.turn);
      Atomics.notify(status, TURN);
      post("done");
    }
  };
}
