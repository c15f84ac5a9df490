import type { Sweep } from "../src/core/plan/layout.js";
import type { Arena } from "./arena.js";

/** A finished subtree of blocks: 2^level of them from index·2^level on, and the address of its state. */
export interface Subtree {
  readonly level: number;
  readonly index: number;
  readonly address: number;
}

/**
 * The fixed tree in which the sums of blocks are merged: a block is in the subtree that the binary counter puts it in,
 * whatever order blocks come in and whoever worked on them. So one order and another, one thread and four, agree to the
 * last bit. States lie from `base` on in the arena.
 */
export class SumTree {
  readonly #arena: Arena;
  readonly #sweep: Pick<Sweep, "folds" | "state">;
  readonly #base: number;
  readonly #bytes: number;
  readonly #pending = new Map<string, Subtree>();
  readonly #free: number[] = [];
  #slots = 0;

  constructor(arena: Arena, base: number, sweep: Pick<Sweep, "folds" | "state">) {
    this.#arena = arena;
    this.#sweep = sweep;
    this.#base = base;
    this.#bytes = sweep.state.bytes;
  }

  /** What waits for its other half. */
  get pending(): readonly Subtree[] {
    return [...this.#pending.values()];
  }

  /** Takes the state of a block out of the state region. */
  add(block: number): void {
    if (this.#bytes === 0) return;
    const address = this.#slot();
    this.#copy(address, this.#sweep.state.address);
    this.#insert({ level: 0, index: block, address });
  }

  /** Takes in a subtree that was worked on elsewhere. */
  adopt(level: number, index: number, state: Float64Array): void {
    const address = this.#slot();
    this.#arena.f64.set(state, address >>> 3);
    this.#insert({ level, index, address });
  }

  #insert(leaf: Subtree): void {
    let { level, index, address } = leaf;
    for (;;) {
      const key = `${level}:${index ^ 1}`;
      const sibling = this.#pending.get(key);
      if (!sibling) break;
      this.#pending.delete(key);
      const [left, right] = index & 1 ? [sibling.address, address] : [address, sibling.address];
      this.#merge(left, right);
      this.#free.push(right);
      address = left;
      index >>= 1;
      level++;
    }
    this.#pending.set(`${level}:${index}`, { level, index, address });
  }

  /** Copies the states, and returns how to put them back. */
  keep(): () => void {
    const start = this.#base >>> 3;
    const states = this.#arena.f64.slice(start, start + ((this.#slots * this.#bytes) >>> 3));
    return () => {
      this.#arena.ensure(this.#base + this.#slots * this.#bytes);
      this.#arena.f64.set(states, start);
    };
  }

  /** Joins what is left, smallest subtree first, and puts the result into the state region. */
  finish(): void {
    if (this.#bytes === 0) return;
    if (this.#pending.size === 0) {
      this.#identity();
      return;
    }
    const rest = [...this.#pending.values()].sort((a, b) => a.level - b.level).map((t) => t.address);
    const address = rest.reduce((small, large) => {
      this.#merge(large, small);
      return large;
    });
    this.#copy(this.#sweep.state.address, address);
  }

  /** The sums of a table without rows. */
  #identity(): void {
    for (const { kind, size, address } of this.#sweep.folds) this.#arena.kernels.empty(kind, size, address);
  }

  #slot(): number {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    const address = this.#base + this.#slots++ * this.#bytes;
    this.#arena.ensure(address + this.#bytes);
    return address;
  }

  #merge(into: number, from: number): void {
    const offset = this.#sweep.state.address;
    for (const { kind, size, address } of this.#sweep.folds) {
      this.#arena.kernels.merge(kind, size, into + address - offset, from + address - offset);
    }
  }

  #copy(to: number, from: number): void {
    this.#arena.f64.copyWithin(to >>> 3, from >>> 3, (from + this.#bytes) >>> 3);
  }
}
