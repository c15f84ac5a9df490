import { grad, vmap } from "../../core/derive/transform.js";
import { dot } from "../../core/elementary/linalg.js";
import type { Tensor } from "../../core/graph/tensor.js";
import { constantArray } from "../../core/run/trace.js";
import type { Likelihood } from "../likelihood.js";

/** What a likelihood says of the zeros of its Hessian. */
export type Sparse = NonNullable<ReturnType<NonNullable<Likelihood["sparse"]>>>;

/** Blocks of one size, one after the other. */
export interface Group {
  readonly size: number;
  /** Places of their rows [blocks * size]. */
  readonly rows: Int32Array;
}

/** A matrix of places in some of its entries. */
export interface Entries {
  readonly values: Tensor;
  /** Where an element stands; -1 where it is 0. */
  at(row: number, column: number): number;
}

/**
 * An envelope as blocks: rows that meet those of their block only, and the rest, which come last. Memory for the inverse
 * grows with the blocks, and with rows times the rest.
 */
export class Layout {
  readonly groups: readonly Group[];
  /** The rest as one block. */
  readonly rest: Group;
  /** The parameter at each place. */
  readonly order: Int32Array;
  readonly #first: readonly number[];
  /** Where column 0 of each row of the triangle would stand. */
  readonly #at: Float64Array;
  /** Rows of one colour meet no row in common but those of the rest. */
  readonly #colour: Int32Array;
  readonly #colours: number;

  constructor({ order, first }: Pick<Sparse, "order" | "first">) {
    const n = order.length;
    const end = bestCut(first);
    const bySize = new Map<number, number[]>();
    const colour = new Int32Array(n);
    let widest = 0;
    for (const [from, to] of blocksOf(first, end)) {
      const rows = bySize.get(to - from) ?? [];
      bySize.set(to - from, rows);
      for (let place = from; place < to; place++) {
        rows.push(place);
        colour[place] = place - from;
      }
      widest = Math.max(widest, to - from);
    }
    for (let place = end; place < n; place++) colour[place] = widest + place - end;
    this.order = order;
    this.groups = [...bySize].map(([size, rows]) => ({ size, rows: Int32Array.from(rows) }));
    this.rest = { size: n - end, rows: Int32Array.from({ length: n - end }, (_, i) => end + i) };
    this.#first = first;
    this.#colour = colour;
    this.#colours = widest + n - end;
    this.#at = new Float64Array(n);
    let size = 0;
    first.forEach((from, place) => {
      this.#at[place] = size - from;
      size += place + 1 - from;
    });
  }

  /** Entries of a lower triangle in the envelope. */
  triangle(values: Tensor): Entries {
    return {
      values,
      at: (i, j) => {
        const [row, column] = i < j ? [j, i] : [i, j];
        return column < this.#first[row]! ? -1 : this.#at[row]! + column;
      },
    };
  }

  /**
   * The Hessian of a function of the parameters by derivation, which differentiates to any order: one product for all
   * rows of a colour.
   */
  derived(f: (pars: Tensor) => Tensor, pars: Tensor): Entries {
    const n = this.order.length;
    const probes = new Float64Array(this.#colours * n);
    this.order.forEach((par, place) => {
      probes[this.#colour[place]! * n + par] = 1;
    });
    const product = (v: Tensor) => grad((x: Tensor) => dot(grad((y: Tensor) => f(y).sum())(x), v))(pars);
    const rows = vmap(product, [0])(constantArray(probes, [this.#colours, n]));
    return {
      values: rows.reshape([this.#colours * n]),
      at: (i, j) => this.#colour[j]! * n + this.order[i]!,
    };
  }
}

/** Adds row i to the blocks of the rows before it: those from its first column on become one. */
function join(blocks: [from: number, to: number][], first: number, i: number): number {
  let [from, saved] = [i, 0];
  for (let last = blocks.at(-1); last && last[1] > first; last = blocks.at(-1)) {
    from = last[0];
    saved += (last[1] - last[0]) ** 2;
    blocks.pop();
  }
  blocks.push([from, i + 1]);
  return (i + 1 - from) ** 2 - saved;
}

/** The blocks of the rows before `end`. */
function blocksOf(first: readonly number[], end: number): readonly [from: number, to: number][] {
  const blocks: [number, number][] = [];
  for (let i = 0; i < end; i++) join(blocks, first[i]!, i);
  return blocks;
}

/** Where the rest begins, so that fewest elements are left. */
function bestCut(first: readonly number[]): number {
  const n = first.length;
  const blocks: [number, number][] = [];
  let [best, least, squares] = [0, n * n, 0];
  for (let i = 0; i < n; i++) {
    squares += join(blocks, first[i]!, i);
    const elements = squares + (n - i - 1) * n;
    if (elements < least) [best, least] = [i + 1, elements];
  }
  return best;
}
