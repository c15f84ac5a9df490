import { isInput } from "../graph/op.js";
import { type Axis, isFold, type Places, type Tensor } from "../graph/tensor.js";
import type { Encoder } from "./encode.js";
import type { ColumnSlot, FoldSlot, Sweep } from "./layout.js";

/** Rows that one call into WASM works on, and that one leaf of the sum tree holds. */
export const BLOCK = 8192;
/** Events per tile: intermediates of this length stay in the first cache. */
export const TILE = 256;

/** Bytes of rows that are staged at once: a block of wide rows is worked on in several parts, to the same bits. */
const STAGED = 32 * 2 ** 20;

/** Plans one pass over a table: what runs before each block, and the tile program with its buffers. */
export function planSweep(
  encoder: Encoder,
  axis: Axis,
  work: { folds: readonly Tensor[]; outputs: readonly number[] },
  outputs: readonly Tensor[],
  states: ReadonlyMap<Tensor, FoldSlot>,
  state: { address: number; bytes: number },
): { sweep: Sweep; instructions: number } {
  const results = work.outputs.map((i) => outputs[i]!);
  const needed = new Set<Tensor>([...work.folds, ...results]);
  for (const node of needed) for (const arg of node.args) if (arg.axis) needed.add(arg);
  const order = [...needed].sort((a, b) => a.id - b.id);
  const varies = new Set<Tensor>();
  for (const node of order) {
    if (node.op.source || isFold(node) || node.args.some((a) => varies.has(a))) varies.add(node);
  }
  const lanes = TILE;
  const bytesOf = (t: Tensor) => t.size * lanes * (t.dtype === "f64" ? 8 : 4);
  const rowBase = encoder.reserve(16);
  const perTile = [...order.filter(isInput), ...results].reduce((sum, t) => sum + bytesOf(t), 0);
  const staged = Math.min(BLOCK / lanes, Math.max(1, Math.floor(STAGED / perTile)));
  const staging = (t: Tensor) => encoder.reserve(staged * bytesOf(t), 64);
  const columns: ColumnSlot[] = [];
  const stagingOf = new Map<Tensor, number>();
  for (const node of order) {
    if (!isInput(node)) continue;
    const address = staging(node);
    stagingOf.set(node, address);
    columns.push({ slot: node.attrs.slot, address, width: node.size, dtype: node.dtype });
  }
  const place = (t: Tensor): Partial<Places> => ({
    lanes,
    rowBase,
    staging: stagingOf.get(t) ?? 0,
    ...(t.op.lowering?.scratch ? { scratch: encoder.reserve(t.op.lowering.scratch(t, lanes), 64) } : {}),
  });

  const prologue = encoder.range(() => {
    for (const node of order) {
      if (varies.has(node)) continue;
      if (node.op.alias) encoder.place(node, encoder.address(node.args[0]!));
      else encoder.place(node, encoder.reserve(bytesOf(node), 64));
      encoder.lower(node, place(node));
    }
  });

  // Buffers of the tile: each lives from its node to its last use, aliases counting as uses of what they alias.
  const owner = (t: Tensor): Tensor => {
    let node = t;
    while (node.op.alias) node = node.args[0]!;
    return node;
  };
  const lastUse = new Map<Tensor, number>();
  order.forEach((node, i) => {
    for (const arg of node.args) if (arg.axis) lastUse.set(owner(arg), i);
  });
  for (const t of results) lastUse.set(owner(t), order.length);
  const pool = new Pool((bytes) => encoder.reserve(bytes, 64));
  let instructions = 0;
  const outputSlots: ColumnSlot[] = [];
  const tile = encoder.range(() => {
    order.forEach((node, i) => {
      if (!varies.has(node)) return;
      const dying = [...new Set(node.args.map(owner))].filter(
        (t) => t.axis && varies.has(t) && lastUse.get(t) === i,
      );
      const release = () => {
        for (const t of dying) pool.free(encoder.address(t), bytesOf(t));
      };
      if (isFold(node)) {
        encoder.lower(node, { ...place(node), out: states.get(node)!.address });
        release();
      } else if (node.op.alias) {
        encoder.place(node, encoder.address(node.args[0]!));
        return;
      } else {
        if (node.op.lowering?.inPlace) release();
        encoder.place(node, pool.take(bytesOf(node)));
        encoder.lower(node, place(node));
        if (!node.op.lowering?.inPlace) release();
      }
      instructions++;
    });
    work.outputs.forEach((slot) => {
      const t = outputs[slot]!;
      const address = staging(t);
      encoder.emit([[`${t.dtype}_store`, t.size, lanes, encoder.address(t), address]]);
      outputSlots.push({ slot, address, width: t.size, dtype: t.dtype });
    });
  });
  encoder.forget(order.filter((t) => t.axis));
  const folds = work.folds.map((t) => states.get(t)!);
  return {
    sweep: {
      table: axis.table,
      prologue,
      tile,
      lanes,
      block: BLOCK,
      staged,
      columns,
      outputs: outputSlots,
      folds,
      state,
      rowBase,
    },
    instructions,
  };
}

/** Buffers given back are handed out again, smallest fitting first and oldest of a size first: the tile stays in cache. */
class Pool {
  /** Free addresses by size; there are few sizes, and any number of buffers. */
  readonly #free = new Map<number, { addresses: number[]; next: number }>();
  readonly #sizes = new Map<number, number>();
  readonly #reserve: (bytes: number) => number;
  constructor(reserve: (bytes: number) => number) {
    this.#reserve = reserve;
  }

  take(bytes: number): number {
    let best = Number.POSITIVE_INFINITY;
    // A buffer more than twice too large is better left to what needs it.
    for (const [size, { addresses, next }] of this.#free) {
      if (size >= bytes && size <= 2 * bytes && size < best && next < addresses.length) best = size;
    }
    const queue = this.#free.get(best);
    if (queue) return queue.addresses[queue.next++]!;
    const address = this.#reserve(bytes);
    this.#sizes.set(address, bytes);
    return address;
  }

  free(address: number, bytes: number): void {
    const size = this.#sizes.get(address) ?? bytes;
    const queue = this.#free.get(size);
    if (queue) queue.addresses.push(address);
    else this.#free.set(size, { addresses: [address], next: 0 });
  }
}
