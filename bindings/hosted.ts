import type { Host, Hosted, HostGroup, Plan, TableData } from "../src/core/plan/layout.js";
import type { Arena, Numbers } from "./arena.js";
import { runBlocks } from "./blocks.js";
import type { Hosting, Waiting } from "./executable.js";
import { SumTree } from "./sumtree.js";

type Answer = Awaited<ReturnType<HostGroup["call"]>>;

/** A pass with a host, one group of blocks after the other: a leg, its calls, the next leg. */
function* runHosted(
  arena: Arena,
  plan: Plan,
  hosted: Hosted,
  table: TableData,
  outputs: ReadonlyMap<number, Numbers>,
  host: Host,
): Generator<Waiting, void, void> {
  const { legs, calls, block: length } = hosted;
  const blocks = Math.ceil(table.rows / length);
  const trees = treesOf(arena, plan.bytes, hosted, blocks);
  const sums = trees.at(-1)!;
  const parameters = hosted.networks.map(({ parameters }) => flat(arena, parameters));
  const size = blocks && host.groupBlocks(hosted, table.rows);
  const run = blocks ? host.begin(hosted, table.rows, parameters) : null;
  for (let from = 0; from < blocks; from += size) {
    const to = Math.min(from + size, blocks);
    const work = new GroupWork(hosted, table, outputs, from * length, Math.min(to * length, table.rows));
    const states = Array.from({ length: to - from }, () => new Float64Array(hosted.sums.state.bytes >>> 3));
    const group = run!.group();
    for (const [l, leg] of legs.entries()) {
      if (leg.phases.length > 0)
        runBlocks(arena, leg, work.table, work.streams, trees[l]!, blocksOf(to - from), from);
      for (const call of calls[l]!) {
        let answer: Answer | undefined;
        const asked = group
          .call(
            call,
            call.ins.map((s) => work.of(s)),
          )
          .then((got) => {
            answer = got;
          });
        yield { wait: refuse, settled: () => asked, trees };
        const { out, sums } = answer!;
        if (out) work.of(call.out).set(out);
        if (sums)
          states.forEach((state, b) => {
            const { address, size } = call.sums!;
            state.set(sums.subarray(b * size, (b + 1) * size), (address - hosted.sums.state.address) >>> 3);
          });
      }
    }
    if (hosted.sums.folds.length > 0)
      for (const [b, state] of states.entries()) sums.adopt(0, from + b, state);
  }
  for (const tree of trees) tree.finish();
}

/** How plans in which a host takes part are run. */
export const hostingBy = (host: Host): Hosting => ({
  pass: (arena, plan, hosted, table, outputs) => runHosted(arena, plan, hosted, table, outputs, host),
});

const refuse = (): never => {
  throw new Error("a host is waited for by executeAsync alone");
};

function* blocksOf(count: number): Iterable<number> {
  for (let b = 0; b < count; b++) yield b;
}

/** A tree for each leg, and last one for what the host sums: each with room for all that waits for its other half. */
function treesOf(arena: Arena, base: number, { legs, sums }: Hosted, blocks: number): readonly SumTree[] {
  const most = Math.ceil(Math.log2(blocks + 1)) + 2;
  let at = base;
  return [...legs, sums].map((pass) => {
    const tree = new SumTree(arena, at, pass);
    at += most * pass.state.bytes;
    return tree;
  });
}

/** Small values one after the other. */
function flat(arena: Arena, places: readonly { readonly address: number; readonly size: number }[]) {
  const out = new Float64Array(places.reduce((n, { size }) => n + size, 0));
  let at = 0;
  for (const { address, size } of places) {
    out.set(arena.f64.subarray(address >>> 3, (address >>> 3) + size), at);
    at += size;
  }
  return out;
}

/** The rows of a group as a table of its own, with the streams between its legs. */
class GroupWork {
  readonly table: TableData;
  /** Where legs write: event outputs of the call, and streams. */
  readonly streams: ReadonlyMap<number, Numbers>;
  readonly #between: readonly Float32Array[];

  constructor(
    { legs, streams }: Hosted,
    table: TableData,
    outputs: ReadonlyMap<number, Numbers>,
    from: number,
    to: number,
  ) {
    const rows = to - from;
    this.#between = streams.map((width) => new Float32Array(rows * width));
    const columns = new Map(table.columns);
    const written = new Map(outputs);
    for (const leg of legs) {
      // Of children too, the first of each parent is that of the group; theirs are found by that.
      const isRoot = (grain: number) => leg.grains[grain]!.parent < 0;
      for (const { parent, offsets } of leg.grains)
        if (parent >= 0 && isRoot(parent))
          columns.set(offsets, table.columns.get(offsets)!.subarray(from, to + 1));
      for (const { slot, grain, width } of leg.columns)
        if (isRoot(grain) && slot >= 0)
          columns.set(slot, table.columns.get(slot)!.subarray(from * width, to * width));
      for (const { slot, grain, width } of leg.outputs)
        if (isRoot(grain) && slot >= 0)
          written.set(slot, outputs.get(slot)!.subarray(from * width, to * width));
    }
    this.#between.forEach((values, s) => {
      columns.set(-2 - s, values);
      written.set(-2 - s, values);
    });
    this.table = { rows, columns };
    this.streams = written;
  }

  of(stream: number): Float32Array {
    return this.#between[stream]!;
  }
}
