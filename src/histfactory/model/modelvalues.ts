import { concat } from "../../core/elementary/join.js";
import type { Tensor } from "../../core/graph/tensor.js";
import { constantArray } from "../../core/run/trace.js";
import type { ModifierType } from "../modifiers/index.js";
import type { Bins, Num } from "./config.js";

/** Numbers of a model by their role; those that are all plain are arrays, the others tensors. Empty ones are absent. */
export type Values<V = Float64Array | Tensor> = Roles<V> & Uncertainties<V>;

interface Roles<V> {
  /** Expected events of each cell (a bin of a sample). */
  readonly nominal: V;
  /** Of each shifted cell, at +1 and -1. */
  readonly up?: V;
  readonly down?: V;
  /** Of each interpolated factor of a sample, at +1 and -1. */
  readonly hi?: V;
  readonly lo?: V;
  /** Auxiliary data, widths and rate factors that are not computed from yields (0 where they are), [aux]. */
  readonly aux?: V;
  readonly sigma?: V;
  readonly factor?: V;
  /** Starts and bounds of the parameters, and 1 where the measurement fixes them [npars]. */
  readonly init: V;
  readonly lower: V;
  readonly upper: V;
  readonly fixed: V;
}

/** Uncertainties of cells, by the type of their modifiers. */
type Uncertainties<V> = { readonly [T in ModifierType]?: V };

/** Collects numbers and tensors to one vector. */
export class Vector {
  readonly #parts: (readonly Num[] | Float64Array | Tensor)[] = [];

  /** The numbers pushed last, if no bins came after them. */
  #run: Num[] | undefined;

  push(value: Num): void {
    if (this.#run) this.#run.push(value);
    else {
      this.#run = [value];
      this.#parts.push(this.#run);
    }
  }

  bins(values: Bins, n: number): void {
    this.#run = undefined;
    this.#parts.push("shape" in values ? values.reshape([n]) : values);
  }

  get value(): Float64Array | Tensor | undefined {
    const parts = this.#parts;
    if (parts.length === 0) return undefined;
    if (parts.every(allPlain)) return joined(parts);
    const tensors: Tensor[] = [];
    let run: number[] = [];
    const flush = () => {
      if (run.length) tensors.push(constantArray(Float64Array.from(run)));
      run = [];
    };
    const add = (tensor: Tensor) => {
      flush();
      tensors.push(tensor);
    };
    for (const part of parts) {
      if ("shape" in part) add(part);
      else
        for (const value of part) {
          if (typeof value === "number") run.push(value);
          else add(value.reshape([1]));
        }
    }
    flush();
    return concat(tensors);
  }
}

const allPlain = (part: readonly Num[] | Float64Array | Tensor): part is readonly number[] | Float64Array =>
  part instanceof Float64Array || (!("shape" in part) && part.every((value) => typeof value === "number"));

function joined(parts: readonly (readonly number[] | Float64Array)[]): Float64Array {
  const all = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
