import type { Tensor } from "../../core/graph/tensor.js";
import { segmentOuter } from "../../ops/outer.js";
import { gather, scatter } from "../../ops/rows.js";
import { ints } from "./derived.js";

/** Rows in segments: the column of each row, and the end of each segment. */
export interface Rows {
  readonly columns: Int32Array;
  readonly ends: Int32Array;
}

/** Where the pairs of rows of a segment belong. */
interface Pairs {
  /** Rows of shared columns, their ranks among these, and ends of segments. */
  readonly shared: Int32Array;
  readonly ranks: Int32Array;
  readonly ends: Int32Array;
  /** All other pairs of rows, and their entries. */
  readonly left: Int32Array;
  readonly right: Int32Array;
  readonly entry: Int32Array;
}

/** Fewer parameters are as fast without. */
const LEAST = 20;
/** The part of a whole lower triangle that an envelope must save. */
const SAVED = 0.4;

/**
 * The Hessian of a model as the lower triangle of an arrow: parameters that meet one bin only come first, those of a bin
 * side by side, and then those that bins share. Among the former only those of one bin have mixed derivatives, so the
 * matrix grows with the bins, not with their square.
 */
export class Arrow {
  /** The parameter at each place. */
  readonly order: Int32Array;
  /** The place of each parameter. */
  readonly places: Int32Array;
  /** The first column of each row. */
  readonly first: readonly number[];
  readonly entries: number;
  readonly #at: Int32Array;
  /** Rank of a shared parameter among those, by place; -1 of others. */
  readonly #rank: Int32Array;
  readonly #shared: number;
  /** Of each entry its place in the matrix of shared parameters, and the parameter of whose diagonal it is; else -1. */
  readonly #square: Int32Array;
  readonly #diagonal: Int32Array;

  /** `rows` are the parameters of each bin. */
  constructor(npars: number, rows: Rows) {
    const bins = segments(rows);
    const met = new Int32Array(npars);
    for (const pars of bins) for (const par of pars) met[par]!++;
    const own = new Set(bins.flatMap((pars) => pars.filter((par) => met[par] === 1)));
    for (let par = 0; par < npars; par++) if (met[par] === 0) own.add(par);
    const shared = Array.from({ length: npars }, (_, par) => par).filter((par) => !own.has(par));
    this.order = Int32Array.from([...own, ...shared]);
    this.places = new Int32Array(npars);
    this.order.forEach((par, place) => {
      this.places[par] = place;
    });
    const first = Array.from({ length: npars }, (_, place) => place);
    for (const pars of bins) {
      const least = Math.min(...pars.map((par) => this.places[par]!));
      for (const par of pars) first[this.places[par]!] = Math.min(first[this.places[par]!]!, least);
    }
    this.first = first;
    this.#at = new Int32Array(npars);
    let entries = 0;
    first.forEach((from, place) => {
      this.#at[place] = entries - from;
      entries += place + 1 - from;
    });
    this.entries = entries;
    this.#shared = shared.length;
    this.#rank = Int32Array.from(this.order, (_, place) => (place < own.size ? -1 : place - own.size));
    this.#square = new Int32Array(entries).fill(-1);
    this.#diagonal = new Int32Array(entries).fill(-1);
    for (let row = 0; row < npars; row++) {
      this.#diagonal[this.#at[row]! + row] = this.order[row]!;
      for (let column = Math.max(first[row]!, own.size); column <= row; column++) {
        this.#square[this.#at[row]! + column] = this.#rank[row]! * shared.length + this.#rank[column]!;
      }
    }
  }

  /** Whether it is worth its pains. */
  get worthwhile(): boolean {
    const n = this.order.length;
    return n >= LEAST && this.entries < (1 - SAVED) * ((n * (n + 1)) / 2);
  }

  /** The entries of a sum of `a_i b_j + b_i a_j` over the pairs of rows in segments, as `segmentOuter`. */
  outer(a: Tensor, b: Tensor, rows: Rows, { diagonal }: { readonly diagonal: boolean }): Tensor {
    const { shared, ranks, ends, left, right, entry } = this.#meet(rows, diagonal);
    const at = (x: Tensor, index: Int32Array) => gather(x, ints(index));
    const pair = at(a, left)
      .mul(at(b, right))
      .add(at(b, left).mul(at(a, right)));
    const sparse = scatter(pair, ints(entry), this.entries);
    if (shared.length === 0) return sparse;
    const size = this.#shared;
    const segment = { columns: ints(ranks), ends: ints(ends), size };
    const square = segmentOuter(at(a, shared), at(b, shared), segment, { diagonal });
    return sparse.add(gather(square.reshape([size * size]), ints(this.#square)));
  }

  /** The entries of a diagonal matrix, from a number for each parameter. */
  spread(diagonal: Tensor): Tensor {
    return gather(diagonal, ints(this.#diagonal));
  }

  /** The diagonal of entries, by place. */
  diagonal(triangle: Tensor): Tensor {
    return gather(triangle, ints(this.#at.map((at, place) => at + place)));
  }

  #meet({ columns, ends }: Rows, diagonal: boolean): Pairs {
    const [shared, sharedEnds]: [number[], number[]] = [[], []];
    const [left, right, entry]: [number[], number[], number[]] = [[], [], []];
    let from = 0;
    for (const end of ends) {
      for (let i = from; i < end; i++) {
        const a = this.places[columns[i]!]!;
        if (this.#rank[a]! >= 0) shared.push(i);
        for (let j = from; j <= i; j++) {
          const b = this.places[columns[j]!]!;
          if ((this.#rank[a]! >= 0 && this.#rank[b]! >= 0) || (i === j && !diagonal)) continue;
          left.push(i);
          right.push(j);
          entry.push(this.#at[Math.max(a, b)]! + Math.min(a, b));
        }
      }
      sharedEnds.push(shared.length);
      from = end;
    }
    return {
      shared: Int32Array.from(shared),
      ranks: Int32Array.from(shared, (row) => this.#rank[this.places[columns[row]!]!]!),
      ends: Int32Array.from(sharedEnds),
      left: Int32Array.from(left),
      right: Int32Array.from(right),
      entry: Int32Array.from(entry),
    };
  }
}

/** The columns of each segment. */
function segments({ columns, ends }: Rows): number[][] {
  return Array.from(ends, (end, s) => Array.from(columns.subarray(s > 0 ? ends[s - 1]! : 0, end)));
}
