import type { FoldSlot, Plan, Sweep } from "../src/core/plan.js";
import type { Kernels } from "./load.js";

/** Rows per call, and per leaf of the tree of sums; must be that of the plan. */
const BLOCK = 8192;
const PAGE = 65536;

type Numbers = Float64Array | Float32Array | Int32Array | Int16Array | Int8Array | Uint16Array | Uint8Array;

/** The columns of one table, in the order of the plan's slots. */
export interface TableData {
  readonly rows: number;
  readonly columns: ReadonlyMap<number, Numbers>;
}

const mergeKinds: Record<FoldSlot["merge"], number> = { add: 0, max: 1, logsumexp: 2 };

/** The arena of one kernel instance: which plan lies in it, and views that survive growth. */
export class Arena {
  readonly kernels: Kernels;
  #loaded: Plan | null = null;
  #buffer: ArrayBufferLike | null = null;
  f32 = new Float32Array(0);
  f64 = new Float64Array(0);
  i32 = new Int32Array(0);

  constructor(kernels: Kernels) {
    this.kernels = kernels;
  }

  /** Makes `bytes` addressable. */
  ensure(bytes: number): void {
    const { memory } = this.kernels;
    const missing = bytes - memory.buffer.byteLength;
    if (missing > 0) {
      try {
        memory.grow(Math.ceil(missing / PAGE));
      } catch {
        throw new RangeError(
          `the kernels need ${(bytes / 2 ** 20).toFixed(0)} MiB of memory, and this runtime gives no more than ${(memory.buffer.byteLength / 2 ** 20).toFixed(0)} MiB`,
        );
      }
    }
    if (memory.buffer !== this.#buffer) {
      this.#buffer = memory.buffer;
      this.f32 = new Float32Array(memory.buffer);
      this.f64 = new Float64Array(memory.buffer);
      this.i32 = new Int32Array(memory.buffer);
    }
  }

  /** Writes a plan's tape, tables and constants, unless it lies there already. */
  load(plan: Plan): void {
    this.ensure(plan.bytes);
    if (this.#loaded === plan) return;
    this.i32.set(plan.code, plan.codeBase >> 2);
    for (const { address, values } of plan.tables) this.i32.set(values, address >> 2);
    for (const { address, value } of plan.constants) this.f64[address >> 3] = value;
    this.#loaded = plan;
  }

  view(dtype: "f32" | "f64" | "i32"): Float32Array | Float64Array | Int32Array {
    return this[dtype];
  }
}

/**
 * Runs a plan over tables of any length: small inputs by slot in, results by output out.
 * `order` permutes the blocks of every table, for the test that the order does not matter.
 */
export function execute(
  arena: Arena,
  plan: Plan,
  inputs: readonly Numbers[],
  tables: ReadonlyMap<string, TableData>,
  order: (blocks: number) => Iterable<number> = upwards,
): Numbers[] {
  arena.load(plan);
  for (const { slot, address, size, dtype } of plan.inputs) {
    const shift = dtype === "f64" ? 3 : 2;
    arena.view(dtype).set((inputs[slot] as Numbers).subarray(0, size), address >> shift);
  }
  const streams = plan.outputs.map((out): Numbers => {
    if (out.kind === "small") return new Float64Array(0);
    const n = (tables.get(out.table) as TableData).rows * out.width;
    return out.dtype === "f64"
      ? new Float64Array(n)
      : out.dtype === "f32"
        ? new Float32Array(n)
        : new Int32Array(n);
  });
  for (const stage of plan.stages) {
    arena.kernels.run(stage.code.start, stage.code.end);
    for (const sweep of stage.sweeps)
      runSweep(arena, plan, sweep, tables.get(sweep.table) as TableData, streams, order);
  }
  return plan.outputs.map((out, i) => {
    if (out.kind === "events") return streams[i] as Numbers;
    const start = out.address >> (out.dtype === "f64" ? 3 : 2);
    return arena.view(out.dtype).slice(start, start + out.size);
  });
}

function* upwards(blocks: number): Iterable<number> {
  for (let b = 0; b < blocks; b++) yield b;
}

function runSweep(
  arena: Arena,
  plan: Plan,
  sweep: Sweep,
  table: TableData,
  streams: readonly Numbers[],
  order: (blocks: number) => Iterable<number>,
): void {
  const { kernels } = arena;
  const blocks = Math.ceil(table.rows / BLOCK);
  const tree = new SumTree(arena, plan.bytes, sweep, blocks);
  for (const block of order(blocks)) {
    const first = block * BLOCK;
    const rows = Math.min(BLOCK, table.rows - first);
    const tiles = Math.ceil(rows / sweep.lanes);
    for (const { slot, address, width, dtype } of sweep.columns) {
      const at = address >> (dtype === "f64" ? 3 : 2);
      const column = table.columns.get(slot) as Numbers;
      const view = arena.view(dtype);
      view.set(column.subarray(first * width, (first + rows) * width), at);
      // Lanes beyond the last row repeat it: they are computed and then left out of every fold.
      for (let r = rows; r < tiles * sweep.lanes; r++) {
        view.copyWithin(at + r * width, at + (rows - 1) * width, at + rows * width);
      }
    }
    arena.i32[sweep.rowBase >> 2] = first;
    // Once per block, as a tile of its own: folds may zero lanes beyond the last row in any operand.
    kernels.sweep(sweep.prologue.start, sweep.prologue.end, 1, sweep.lanes, sweep.lanes);
    kernels.sweep(sweep.tile.start, sweep.tile.end, tiles, rows - (tiles - 1) * sweep.lanes, sweep.lanes);
    for (const { slot, address, width, dtype } of sweep.outputs) {
      const at = address >> (dtype === "f64" ? 3 : 2);
      (streams[slot] as Numbers).set(arena.view(dtype).subarray(at, at + rows * width), first * width);
    }
    tree.add(block);
  }
  tree.finish();
}

/**
 * The fixed tree in which the sums of blocks are merged: leaf b is in the subtree that the binary counter puts it in,
 * whatever order the blocks come in. So one order and another, one thread and four, agree to the last bit.
 */
class SumTree {
  readonly #arena: Arena;
  readonly #sweep: Sweep;
  readonly #blocks: number;
  readonly #base: number;
  readonly #bytes: number;
  /** Finished subtrees by level and index, as copies outside the arena's state region. */
  readonly #pending = new Map<string, number>();
  readonly #free: number[] = [];
  #slots = 0;

  constructor(arena: Arena, base: number, sweep: Sweep, blocks: number) {
    this.#arena = arena;
    this.#sweep = sweep;
    this.#blocks = blocks;
    this.#base = base;
    this.#bytes = sweep.state.bytes;
    if (blocks === 0) this.#identity();
  }

  #identity(): void {
    for (const { merge, words, address } of this.#sweep.folds) {
      const at = address >> 3;
      this.#arena.f64.fill(0, at, at + words);
      if (merge !== "add") {
        const maxima = merge === "logsumexp" ? words / 2 : words;
        this.#arena.f64.fill(Number.NEGATIVE_INFINITY, at, at + maxima);
      }
    }
  }

  #slot(): number {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    const address = this.#base + this.#slots++ * this.#bytes;
    this.#arena.ensure(address + this.#bytes);
    return address;
  }

  /** Takes the state of a block out of the state region. */
  add(block: number): void {
    if (this.#blocks <= 1 || this.#bytes === 0) return;
    let address = this.#slot();
    this.#copy(address, this.#sweep.state.address);
    let [level, index] = [0, block];
    for (;;) {
      const sibling = this.#pending.get(`${level}:${index ^ 1}`);
      if (sibling === undefined) break;
      this.#pending.delete(`${level}:${index ^ 1}`);
      const [left, right] = index & 1 ? [sibling, address] : [address, sibling];
      this.#merge(left, right);
      this.#free.push(right);
      address = left;
      index >>= 1;
      level++;
    }
    this.#pending.set(`${level}:${index}`, address);
  }

  /** Joins what is left, smallest subtree first, and puts the result into the state region. */
  finish(): void {
    if (this.#blocks <= 1 || this.#bytes === 0) return;
    const rest = [...this.#pending].sort(([a], [b]) => Number.parseInt(a, 10) - Number.parseInt(b, 10));
    const address = rest
      .map(([, a]) => a)
      .reduce((small, large) => {
        this.#merge(large, small);
        return large;
      });
    this.#copy(this.#sweep.state.address, address);
  }

  #merge(into: number, from: number): void {
    const offset = this.#sweep.state.address;
    for (const { merge, words, address } of this.#sweep.folds) {
      const n = merge === "logsumexp" ? words / 2 : words;
      this.#arena.kernels.merge(mergeKinds[merge], n, into + address - offset, from + address - offset);
    }
  }

  #copy(to: number, from: number): void {
    this.#arena.f64.copyWithin(to >> 3, from >> 3, (from + this.#bytes) >> 3);
  }
}
