import { where } from "../../core/elementary/arith.js";
import type { Tensor } from "../../core/graph/tensor.js";
import { constantArray } from "../../core/run/trace.js";
import { gather, scatter } from "../../ops/rows.js";

/** What constraints are computed with: of plain numbers, or of tensors of a traced function. */
export interface Algebra<V> {
  add(a: V, b: V): V;
  mul(a: V, b: V): V;
  div(a: V, b: V): V;
  sqrt(a: V): V;
  /** 1 where it is above 0, else 0. */
  positive(a: V): V;
  /** 1 where it is 0, else 0. */
  zero(a: V): V;
  /** The number where the mask is 1, else 1. */
  orOne(mask: V, a: V): V;
  gather(a: V, at: Int32Array): V;
  /** Sums [n] of the numbers by their places; a place of -1 is none. */
  sums(a: V, at: Int32Array, n: number): V;
}

export const ofTensors: Algebra<Tensor> = {
  add: (a, b) => a.add(b),
  mul: (a, b) => a.mul(b),
  div: (a, b) => a.div(b),
  sqrt: (a) => a.sqrt(),
  positive: (a) => a.gt(0),
  zero: (a) => a.eq(0),
  orOne: (mask, a) => where(mask, a, 1),
  gather: (a, at) => gather(a, constantArray(at)),
  sums: (a, at, n) => scatter(a, constantArray(at), n),
};

/** Numbers made of those at each place: loops, as there may be a million. */
function each(n: number, f: (i: number) => number): Float64Array {
  const out = new Float64Array(n);
  for (let i = 0; i < n; i++) out[i] = f(i);
  return out;
}

export const ofNumbers: Algebra<Float64Array> = {
  add: (a, b) => each(a.length, (i) => a[i]! + b[i]!),
  mul: (a, b) => each(a.length, (i) => a[i]! * b[i]!),
  div: (a, b) => each(a.length, (i) => a[i]! / b[i]!),
  sqrt: (a) => each(a.length, (i) => Math.sqrt(a[i]!)),
  positive: (a) => each(a.length, (i) => (a[i]! > 0 ? 1 : 0)),
  zero: (a) => each(a.length, (i) => (a[i] === 0 ? 1 : 0)),
  orOne: (mask, a) => each(a.length, (i) => (mask[i] ? a[i]! : 1)),
  gather: (a, at) => each(at.length, (i) => a[at[i]!]!),
  sums(a, at, n) {
    const sums = new Float64Array(n);
    for (let i = 0; i < a.length; i++) {
      const to = at[i]!;
      if (to >= 0) sums[to]! += a[i]!;
    }
    return sums;
  },
};
