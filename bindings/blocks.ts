import type { Sweep, TableData } from "../src/core/plan/layout.js";
import type { Arena, Numbers } from "./arena.js";
import type { SumTree } from "./sumtree.js";

/** Where an address is in the view of a type. Addresses go up to 4 GiB: no shift may take them for negative. */
export const place = (address: number, dtype: "f32" | "f64" | "i32"): number =>
  address >>> (dtype === "f64" ? 3 : 2);

/** The row of each grain with which a row of the table begins. */
export function rowsFrom(sweep: Sweep, { columns }: TableData, row: number): number[] {
  const rows: number[] = [];
  for (const { parent, offsets } of sweep.grains)
    rows.push(parent < 0 ? row : columns.get(offsets)![rows[parent]!]!);
  return rows;
}

/**
 * Copies chunks of columns in, runs the phases on their tiles, and takes sums and event outputs out. `first` is the block of a
 * larger table with which the rows of this one begin.
 */
export function runBlocks(
  arena: Arena,
  sweep: Sweep,
  table: TableData,
  streams: ReadonlyMap<number, Numbers>,
  tree: SumTree,
  blocks: Iterable<number>,
  first = 0,
): void {
  const run = new BlockRun(arena, sweep, table, streams, first * sweep.block);
  for (const block of blocks) {
    run.block(block);
    tree.add(first + block);
  }
}

/** A pass over blocks of a table. Chunks are short where events have few children: nothing is looked up or made for each. */
class BlockRun {
  readonly #arena: Arena;
  readonly #sweep: Sweep;
  readonly #table: TableData;
  readonly #columns: readonly Numbers[];
  readonly #begins: readonly (Numbers | undefined)[];
  readonly #outputs: readonly Numbers[];
  /** By grain: rows of the chunk, its tiles, and tiles of the block in all and before it. */
  readonly #from: number[];
  readonly #to: number[];
  readonly #tiles: number[];
  readonly #total: number[];
  readonly #done: number[];
  /** The number of the table's first row. */
  readonly #first: number;

  constructor(
    arena: Arena,
    sweep: Sweep,
    table: TableData,
    streams: ReadonlyMap<number, Numbers>,
    first: number,
  ) {
    this.#first = first;
    this.#arena = arena;
    this.#sweep = sweep;
    this.#table = table;
    this.#columns = sweep.columns.map(({ slot }) => table.columns.get(slot)!);
    this.#begins = sweep.grains.map(({ offsets }) => table.columns.get(offsets));
    this.#outputs = sweep.outputs.map(({ slot }) => streams.get(slot)!);
    const zeros = () => sweep.grains.map(() => 0);
    [this.#from, this.#to, this.#tiles, this.#total, this.#done] = [
      zeros(),
      zeros(),
      zeros(),
      zeros(),
      zeros(),
    ];
  }

  block(block: number): void {
    const { block: length, chunk } = this.#sweep;
    const start = block * length;
    const end = Math.min(start + length, this.#table.rows);
    const [total, done] = [this.#total, this.#done];
    // Kernels count tiles in the block: sums open with the first one and close with the last.
    total.fill(0);
    done.fill(0);
    for (let row = start; row < end; row += chunk) {
      this.#move(row, Math.min(row + chunk, end));
      for (let g = 0; g < total.length; g++) total[g]! += this.#tiles[g]!;
    }
    for (let row = start; row < end; row += chunk) {
      this.#move(row, Math.min(row + chunk, end));
      this.#stage();
      this.#run(row === start);
      this.#take();
      for (let g = 0; g < done.length; g++) done[g]! += this.#tiles[g]!;
    }
  }

  /** To the chunk of some rows of the table. Children that are not there have an empty tile: it opens and closes their sums. */
  #move(first: number, end: number): void {
    const { grains, lanes } = this.#sweep;
    for (let g = 0; g < grains.length; g++) {
      const begins = this.#begins[g];
      const { parent } = grains[g]!;
      const from = begins ? begins[this.#from[parent]!]! : first;
      const to = begins ? begins[this.#to[parent]!]! : end;
      this.#from[g] = from;
      this.#to[g] = to;
      this.#tiles[g] = Math.max(Math.ceil((to - from) / lanes), 1);
    }
  }

  /** Copies columns of the chunk in, with where its children begin. */
  #stage(): void {
    const arena = this.#arena;
    const { grains, columns } = this.#sweep;
    for (let g = 0; g < grains.length; g++) {
      const { parent, rowBase, count, first } = grains[g]!;
      arena.i32[rowBase >>> 2] = this.#from[g]! + (parent < 0 ? this.#first : 0);
      arena.i32[count >>> 2] = this.#to[g]! - this.#from[g]!;
      const begins = this.#begins[g];
      if (begins) arena.i32.set(begins.subarray(this.#from[parent]!, this.#to[parent]! + 1), first >>> 2);
    }
    for (let i = 0; i < columns.length; i++) {
      const { address, width, dtype, grain } = columns[i]!;
      const rows = this.#columns[i]!.subarray(this.#from[grain]! * width, this.#to[grain]! * width);
      arena.view(dtype).set(rows, place(address, dtype));
    }
  }

  #run(fresh: boolean): void {
    const { kernels } = this.#arena;
    const { phases, lanes } = this.#sweep;
    for (const phase of phases) {
      const { code } = phase;
      if (phase.kind === "whole") {
        kernels.run(code.start, code.end);
        continue;
      }
      const { grain: g, prologue, again } = phase;
      if (fresh || again) kernels.sweep(prologue.start, prologue.end, 1, lanes, lanes);
      const tiles = this.#tiles[g]!;
      const done = this.#done[g]!;
      const last = this.#to[g]! - this.#from[g]! - (tiles - 1) * lanes;
      kernels.sweep(code.start, code.end, this.#total[g]!, last, lanes, done, done + tiles);
    }
  }

  /** Copies event outputs of the chunk out. */
  #take(): void {
    const { outputs } = this.#sweep;
    for (let i = 0; i < outputs.length; i++) {
      const { address, width, dtype, grain } = outputs[i]!;
      const at = place(address, dtype);
      const rows = this.#to[grain]! - this.#from[grain]!;
      const values = this.#arena.view(dtype).subarray(at, at + rows * width);
      this.#outputs[i]!.set(values, this.#from[grain]! * width);
    }
  }
}
