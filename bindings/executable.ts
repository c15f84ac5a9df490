import type { Hosted, OutputSlot, Plan, TableData } from "../src/core/plan/layout.js";
import type { Arena, Numbers } from "./arena.js";
import { place, runBlocks } from "./blocks.js";
import { SumTree } from "./sumtree.js";

/** One sweep of a run, as the workers of a team need to know it. */
export interface SweepWork {
  readonly plan: Plan;
  readonly stage: number;
  readonly sweep: number;
  readonly table: TableData;
  readonly blocks: number;
  /** Event outputs by output slot, as long as the table. */
  readonly streams: ReadonlyMap<number, Numbers>;
}

/** Others who take blocks of a sweep. They return subtrees of the same tree of sums. */
export interface Team {
  /** Hands out blocks; what is left for this thread is [from, to). */
  begin(arena: Arena, work: SweepWork): { from: number; to: number };
  /** Whether all is done; a caller that may not block waits for `settled` instead. */
  wait(): void;
  settled(): Promise<void>;
  /**
   * Brings what the others summed into the tree, and their event outputs into the streams. Returns the blocks that they
   * leave to this thread; throws where the sweep cannot be finished.
   */
  collect(tree: SumTree, work: SweepWork): readonly { readonly from: number; readonly to: number }[];
  /** What was handed out is not waited for any more; nothing to do after `collect`. */
  end(): void;
}

/** What may differ between runs without changing a bit of the result. */
export interface RunOptions {
  /** Order of the blocks of a table. */
  readonly order?: (blocks: number) => Iterable<number>;
  readonly team?: Team | undefined;
  /** Needed for a plan in which a host takes part, which only `executeAsync` runs. */
  readonly hosting?: Hosting;
}

/** Runs passes in which a host takes part. */
export interface Hosting {
  pass(
    arena: Arena,
    plan: Plan,
    hosted: Hosted,
    table: TableData,
    outputs: ReadonlyMap<number, Numbers>,
  ): Iterable<Waiting>;
}

/** A run that waits for what is done elsewhere. */
export interface Waiting {
  /** Returns when it is done; a host is waited for by `settled` alone. */
  wait(): void;
  settled(): Promise<void>;
  /** What of the run lies behind the plan's memory. */
  readonly trees: readonly SumTree[];
}

/** Runs a plan over tables of any length: small inputs by slot in, results by output out. */
export function execute(
  arena: Arena,
  plan: Plan,
  inputs: readonly (number | Numbers)[],
  tables: ReadonlyMap<string, TableData>,
  options: RunOptions = {},
): (number | Numbers)[] {
  if (isSmall(plan)) return executeSmall(arena, plan, inputs);
  const run = steps(arena, plan, inputs, tables, options);
  try {
    for (;;) {
      const turn = run.next();
      if (turn.done) return turn.value;
      turn.value.wait();
    }
  } finally {
    run.return([]);
  }
}

const isSmall = ({ stages: [first, second] }: Plan) =>
  !second && first!.sweeps.length === 0 && first!.hosted.length === 0;

/** A run without events: a few microseconds, of which the kernels should have the most. */
function executeSmall(arena: Arena, plan: Plan, inputs: readonly (number | Numbers)[]): (number | Numbers)[] {
  begin(arena, plan, inputs);
  const { start, end } = plan.stages[0]!.code;
  arena.kernels.run(start, end);
  if (plan.guards.length > 0) arena.check(plan);
  return results(arena, plan, noStreams);
}

const noStreams: ReadonlyMap<number, Numbers> = new Map();

const results = (arena: Arena, plan: Plan, streams: ReadonlyMap<number, Numbers>) =>
  plan.outputs.map((out, i) => (out.kind === "events" ? streams.get(i)! : read(arena, out)));

type SmallOutput = Extract<OutputSlot, { kind: "small" }>;

function begin(arena: Arena, plan: Plan, inputs: readonly (number | Numbers)[]): void {
  arena.load(plan);
  for (const { slot, address, dtype } of plan.inputs) {
    const value = inputs[slot]!;
    if (typeof value === "number") arena.f64[address >>> 3] = value;
    else arena.view(dtype).set(value, place(address, dtype));
  }
}

function read(arena: Arena, out: SmallOutput): number | Numbers {
  if (out.scalar) return arena.f64[out.address >>> 3]!;
  const start = place(out.address, out.dtype);
  const view = arena.view(out.dtype);
  if (out.size > 64) return view.slice(start, start + out.size);
  // A call of slice costs more than a few elements.
  const values = out.dtype === "f64" ? new Float64Array(out.size) : new Int32Array(out.size);
  for (let i = 0; i < out.size; i++) values[i] = view[start + i]!;
  return values;
}

/** Runs that wait for threads take turns: threads serve one at a time. */
let queue: Promise<unknown> = Promise.resolve();

/** The same for threads that may not block, such as the main thread of a page. */
export function executeAsync(
  arena: Arena,
  plan: Plan,
  inputs: readonly (number | Numbers)[],
  tables: ReadonlyMap<string, TableData>,
  options: RunOptions = {},
): Promise<(number | Numbers)[]> {
  const run = async () => {
    const turns = steps(arena, plan, inputs, tables, options);
    try {
      for (;;) {
        const turn = turns.next();
        if (turn.done) return turn.value;
        // Other compiled functions may be called meanwhile, and use the same arena.
        const restore = keep(arena, plan, turn.value.trees);
        await turn.value.settled();
        restore();
      }
    } finally {
      turns.return([]);
    }
  };
  const result = queue.then(run);
  queue = result.catch(() => {});
  return result;
}

function* steps(
  arena: Arena,
  plan: Plan,
  inputs: readonly (number | Numbers)[],
  tables: ReadonlyMap<string, TableData>,
  { order, team, hosting }: RunOptions,
): Generator<Waiting, (number | Numbers)[], void> {
  begin(arena, plan, inputs);
  const streams = new Map<number, Numbers>();
  plan.outputs.forEach((out, i) => {
    if (out.kind === "small") return;
    const n = tables.get(out.table)!.rows * out.width;
    streams.set(i, column(out.dtype, n));
  });
  for (const [s, stage] of plan.stages.entries()) {
    arena.kernels.run(stage.code.start, stage.code.end);
    for (const [w, sweep] of stage.sweeps.entries()) {
      const table = tables.get(sweep.table)!;
      const blocks = Math.ceil(table.rows / sweep.block);
      const tree = new SumTree(arena, plan.bytes, sweep);
      if (team && blocks > 1) {
        const work = { plan, stage: s, sweep: w, table, blocks, streams };
        const { from, to } = team.begin(arena, work);
        try {
          runBlocks(arena, sweep, table, streams, tree, range(from, to));
          yield { wait: () => team.wait(), settled: () => team.settled(), trees: [tree] };
          for (const { from, to } of team.collect(tree, work))
            runBlocks(arena, sweep, table, streams, tree, range(from, to));
        } finally {
          team.end();
        }
      } else {
        runBlocks(arena, sweep, table, streams, tree, order?.(blocks) ?? range(0, blocks));
      }
      tree.finish();
    }
    for (const hosted of stage.hosted)
      yield* hosting!.pass(arena, plan, hosted, tables.get(hosted.table)!, streams);
  }
  arena.check(plan);
  return results(arena, plan, streams);
}

/** Copies what a run has in the arena, and returns how to put it back. */
function keep(arena: Arena, plan: Plan, trees: readonly SumTree[]): () => void {
  const start = plan.shared.address >>> 3;
  const small = arena.f64.slice(start, start + (plan.shared.bytes >>> 3));
  const sums = trees.map((tree) => tree.keep());
  return () => {
    arena.load(plan);
    arena.f64.set(small, start);
    for (const restore of sums) restore();
  };
}

export function column(dtype: "f32" | "f64" | "i32", n: number): Numbers {
  return dtype === "f64" ? new Float64Array(n) : dtype === "f32" ? new Float32Array(n) : new Int32Array(n);
}

export function* range(from: number, to: number): Iterable<number> {
  for (let b = from; b < to; b++) yield b;
}
