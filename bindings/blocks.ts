import type { Sweep, TableData } from "../src/core/plan/layout.js";
import type { Arena, Numbers } from "./arena.js";
import type { SumTree } from "./sumtree.js";

/** Where an address is in the view of a type. Addresses go up to 4 GiB: no shift may take them for negative. */
export const place = (address: number, dtype: "f32" | "f64" | "i32"): number =>
  address >>> (dtype === "f64" ? 3 : 2);

/** The row of each grain with which a row of the table begins. */
export function rowsFrom(sweep: Sweep, { columns }: TableData, row: number): number[] {
  const rows = [row];
  for (const { parent, offsets } of sweep.grains.slice(1)) rows.push(columns.get(offsets)![rows[parent]!]!);
  return rows;
}

/** Tiles of some rows of each grain. Children that are not there have an empty one: it opens and closes their sums. */
const tilesOf = ({ lanes }: Sweep, from: readonly number[], to: readonly number[]): number[] =>
  from.map((start, g) => Math.max(Math.ceil((to[g]! - start) / lanes), g === 0 ? 0 : 1));

/** Copies chunks of columns in, runs the phases on their tiles, and takes sums and event outputs out. */
export function runBlocks(
  arena: Arena,
  sweep: Sweep,
  table: TableData,
  streams: ReadonlyMap<number, Numbers>,
  tree: SumTree,
  blocks: Iterable<number>,
): void {
  const { block: length, chunk } = sweep;
  for (const block of blocks) {
    const end = Math.min((block + 1) * length, table.rows);
    const bounds: number[][] = [];
    for (let row = block * length; row < end; row += chunk) bounds.push(rowsFrom(sweep, table, row));
    bounds.push(rowsFrom(sweep, table, end));
    // Kernels count tiles in the block: sums open with the first one and close with the last.
    const total = sweep.grains.map(() => 0);
    for (let c = 1; c < bounds.length; c++)
      tilesOf(sweep, bounds[c - 1]!, bounds[c]!).forEach((tiles, g) => {
        total[g]! += tiles;
      });
    const done = sweep.grains.map(() => 0);
    for (let c = 1; c < bounds.length; c++) {
      const [from, to] = [bounds[c - 1]!, bounds[c]!];
      stage(arena, sweep, table, from, to);
      const tiles = tilesOf(sweep, from, to);
      runPhases(arena, sweep, { from, to, tiles, total, done, fresh: c === 1 });
      for (const { slot, address, width, dtype, grain } of sweep.outputs) {
        const at = place(address, dtype);
        const values = arena.view(dtype).subarray(at, at + (to[grain]! - from[grain]!) * width);
        streams.get(slot)!.set(values, from[grain]! * width);
      }
      tiles.forEach((n, g) => {
        done[g]! += n;
      });
    }
    tree.add(block);
  }
}

/** Copies columns of a chunk in, with where its children begin. */
function stage(
  arena: Arena,
  { grains, columns }: Sweep,
  table: TableData,
  from: readonly number[],
  to: readonly number[],
): void {
  grains.forEach(({ parent, offsets, rowBase, count, first }, g) => {
    arena.i32[rowBase >>> 2] = from[g]!;
    arena.i32[count >>> 2] = to[g]! - from[g]!;
    if (parent < 0) return;
    const begins = table.columns.get(offsets)!;
    arena.i32.set(begins.subarray(from[parent]!, to[parent]! + 1), first >>> 2);
  });
  for (const { slot, address, width, dtype, grain } of columns) {
    const data = table.columns.get(slot)!;
    arena.view(dtype).set(data.subarray(from[grain]! * width, to[grain]! * width), place(address, dtype));
  }
}

/** The rows of a chunk by grain, and the tiles of its block: in all, and worked on before. */
interface Chunk {
  readonly from: readonly number[];
  readonly to: readonly number[];
  readonly tiles: readonly number[];
  readonly total: readonly number[];
  readonly done: readonly number[];
  /** Whether it is the first of its block. */
  readonly fresh: boolean;
}

function runPhases(
  { kernels }: Arena,
  { phases, lanes }: Sweep,
  { from, to, tiles, total, done, fresh }: Chunk,
): void {
  for (const phase of phases) {
    const { code } = phase;
    if (phase.kind === "whole") {
      kernels.run(code.start, code.end);
      continue;
    }
    const { grain: g, prologue } = phase;
    // Folds may zero lanes beyond the last row in any operand: of the table that is the last chunk of a block.
    if (fresh || g > 0) kernels.sweep(prologue.start, prologue.end, 1, lanes, lanes);
    const last = to[g]! - from[g]! - (tiles[g]! - 1) * lanes;
    kernels.sweep(code.start, code.end, total[g]!, last, lanes, done[g]!, done[g]! + tiles[g]!);
  }
}
