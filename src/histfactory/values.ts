import type { Tensor } from "../core/tensor.js";
import { constantArray } from "../core/trace.js";
import { concat } from "../ops/join.js";
import type { Bins, Num } from "./config.js";

/** Numbers of a model by their role; those that are all plain are arrays, the others tensors. Empty ones are absent. */
export interface Values<V = Float64Array | Tensor> {
  /** Expected events of each cell (a bin of a sample). */
  readonly nominal: V;
  /** Of each shifted cell, at +1 and -1. */
  readonly up?: V;
  readonly down?: V;
  /** Of each normsys of a sample, at +1 and -1. */
  readonly hi?: V;
  readonly lo?: V;
  /** Uncertainties of cells with a shapesys, and with a staterror. */
  readonly shape?: V;
  readonly stat?: V;
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

/** Collects numbers and tensors to one vector. */
export class Vector {
  readonly #parts: (Num | { tensor: Tensor })[] = [];

  push(value: Num): void {
    this.#parts.push(value);
  }

  bins(values: Bins, n: number): void {
    if ("shape" in values) this.#parts.push({ tensor: values.reshape([n]) });
    else for (const v of values) this.push(v);
  }

  get value(): Float64Array | Tensor | undefined {
    const parts = this.#parts;
    if (parts.length === 0) return undefined;
    if (parts.every((v): v is number => typeof v === "number")) return Float64Array.from(parts);
    const tensors: Tensor[] = [];
    let run: number[] = [];
    const flush = () => {
      if (run.length) tensors.push(constantArray(Float64Array.from(run)));
      run = [];
    };
    for (const part of parts) {
      if (typeof part === "number") run.push(part);
      else {
        flush();
        tensors.push("tensor" in part ? part.tensor : part.reshape([1]));
      }
    }
    flush();
    return concat(tensors);
  }
}
