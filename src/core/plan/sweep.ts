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

/** What a pass is for: the folds that it makes, and the numbers of the event outputs that it writes. */
export interface Pass {
  readonly folds: Tensor[];
  readonly outputs: number[];
}

const bytesOf = (t: Tensor) => t.size * TILE * (t.dtype === "f64" ? 8 : 4);

/** Plans one pass over a table: what runs before each block, and the tile program with its buffers. */
export function planSweep(
  encoder: Encoder,
  axis: Axis,
  work: Pass,
  outputs: readonly Tensor[],
  states: ReadonlyMap<Tensor, FoldSlot>,
  state: Sweep["state"],
): { sweep: Sweep; instructions: number } {
  const results = work.outputs.map((slot) => ({ slot, node: outputs[slot]! }));
  const order = eventNodes([...work.folds, ...results.map(({ node }) => node)]);
  const varies = varying(order);
  const rowBase = encoder.reserve(16);
  const staging = new Staging(encoder, order, results);
  const place = (t: Tensor): Partial<Places> => ({
    lanes: TILE,
    rowBase,
    staging: staging.of(t),
    ...(t.op.lowering?.scratch ? { scratch: encoder.reserve(t.op.lowering.scratch(t, TILE), 64) } : {}),
  });

  const prologue = encoder.range(() => {
    for (const node of order) {
      if (varies.has(node)) continue;
      if (node.op.alias) encoder.place(node, encoder.address(node.args[0]!));
      else encoder.place(node, encoder.reserve(bytesOf(node), 64));
      encoder.lower(node, place(node));
    }
  });

  const lifetimes = new Lifetimes(order, results);
  const pool = new Pool((bytes) => encoder.reserve(bytes, 64));
  let instructions = 0;
  let outputSlots: ColumnSlot[] = [];
  const tile = encoder.range(() => {
    order.forEach((node, i) => {
      if (!varies.has(node)) return;
      const release = () => {
        for (const t of lifetimes.endingAt(i)) if (varies.has(t)) pool.free(encoder.address(t), bytesOf(t));
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
    outputSlots = results.map((result) => staging.store(result));
  });
  encoder.forget(order.filter((t) => t.axis));
  const { tiles: staged, columns } = staging;
  const folds = work.folds.map((t) => states.get(t)!);
  return {
    sweep: {
      ...{ table: axis.table, prologue, tile, lanes: TILE, block: BLOCK, staged },
      ...{ columns, outputs: outputSlots, folds, state, rowBase },
    },
    instructions,
  };
}

/** The event nodes that some values are made of, and these, in the order in which they can be computed. */
function eventNodes(ends: readonly Tensor[]): Tensor[] {
  const needed = new Set(ends);
  for (const node of needed) for (const arg of node.args) if (arg.axis) needed.add(arg);
  return [...needed].sort((a, b) => a.id - b.id);
}

/** Those that are not the same in every tile. */
function varying(order: readonly Tensor[]): ReadonlySet<Tensor> {
  const varies = new Set<Tensor>();
  for (const node of order) {
    if (node.op.source || isFold(node) || node.args.some((a) => varies.has(a))) varies.add(node);
  }
  return varies;
}

/** An event output, and its number among the outputs. */
interface Result {
  readonly slot: number;
  readonly node: Tensor;
}

/** Where rows of columns come in, and rows of event outputs go out. */
class Staging {
  /** Tiles that lie there at once. */
  readonly tiles: number;
  readonly columns: ColumnSlot[] = [];
  readonly #encoder: Encoder;
  readonly #places = new Map<Tensor, number>();

  constructor(encoder: Encoder, order: readonly Tensor[], results: readonly Result[]) {
    this.#encoder = encoder;
    const inputs = order.filter(isInput);
    const perTile = [...inputs, ...results.map(({ node }) => node)].reduce((sum, t) => sum + bytesOf(t), 0);
    this.tiles = Math.min(BLOCK / TILE, Math.max(1, Math.floor(STAGED / perTile)));
    for (const node of inputs) {
      const address = this.#reserve(node);
      this.#places.set(node, address);
      this.columns.push({ slot: node.attrs.slot, address, width: node.size, dtype: node.dtype });
    }
  }

  #reserve(t: Tensor): number {
    return this.#encoder.reserve(this.tiles * bytesOf(t), 64);
  }

  /** The place of a column, 0 for all other nodes. */
  of(t: Tensor): number {
    return this.#places.get(t) ?? 0;
  }

  /** Encodes how an output is written. */
  store({ slot, node }: Result): ColumnSlot {
    const { dtype, size: width } = node;
    const address = this.#reserve(node);
    this.#encoder.emit([[`${dtype}_store`, width, TILE, this.#encoder.address(node), address]]);
    return { slot, address, width, dtype };
  }
}

/** How long the buffers of a tile live: from their node to its last use, aliases counting as uses of what they alias. */
class Lifetimes {
  readonly #order: readonly Tensor[];
  readonly #last = new Map<Tensor, number>();

  constructor(order: readonly Tensor[], results: readonly Result[]) {
    this.#order = order;
    order.forEach((node, i) => {
      for (const arg of node.args) if (arg.axis) this.#last.set(owner(arg), i);
    });
    for (const { node } of results) this.#last.set(owner(node), order.length);
  }

  /** What the node at a place of the order is the last to use. */
  endingAt(place: number): Tensor[] {
    const used = this.#order[place]!.args.map(owner);
    return [...new Set(used)].filter((t) => t.axis && this.#last.get(t) === place);
  }
}

function owner(t: Tensor): Tensor {
  let node = t;
  while (node.op.alias) node = node.args[0]!;
  return node;
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
