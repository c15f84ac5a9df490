import type { Tensor } from "../graph/tensor.js";

/** How long the buffers of a tile live: from their node to its last use, aliases counting as uses of what they alias. */
export class Lifetimes {
  readonly #order: readonly Tensor[];
  readonly #last = new Map<Tensor, number>();

  constructor(order: readonly Tensor[], results: readonly Tensor[]) {
    this.#order = order;
    order.forEach((node, i) => {
      for (const arg of node.args) if (arg.axis) this.#last.set(owner(arg), i);
    });
    for (const node of results) this.#last.set(owner(node), order.length);
  }

  /** Whether something else of the order, or a result, needs the node. */
  has(node: Tensor): boolean {
    return this.#last.has(owner(node));
  }

  /** What the node at a place of the order is the last to use. */
  endingAt(place: number): Tensor[] {
    const used = this.#order[place]!.args.map(owner);
    return [...new Set(used)].filter((t) => t.axis && this.#last.get(t) === place);
  }
}

/** The node whose numbers an alias has. */
export function owner(t: Tensor): Tensor {
  let node = t;
  while (node.op.alias) node = node.args[0]!;
  return node;
}

/** Buffers given back are handed out again, smallest fitting first and oldest of a size first: the tile stays in cache. */
export class Pool {
  /** Free addresses by size; there are few sizes, and any number of buffers. */
  readonly #free = new Map<number, { addresses: number[]; next: number }>();
  /** All buffers, by their addresses. */
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

  /** Takes back all that was handed out. */
  reset(): void {
    this.#free.clear();
    for (const [address, bytes] of this.#sizes) this.free(address, bytes);
  }

  free(address: number, bytes: number): void {
    const size = this.#sizes.get(address) ?? bytes;
    const queue = this.#free.get(size);
    if (queue) queue.addresses.push(address);
    else this.#free.set(size, { addresses: [address], next: 0 });
  }
}
