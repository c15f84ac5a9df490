/** Thresholds as a training sees them. */

import { mul } from "../../entry/ops.js";
import type { Tensor } from "../../index.js";

type Numbers = Readonly<Record<string, number>>;

/** Thresholds as distances from where they start, in units that suit their columns: value = start + param · unit. */
export class Coordinates {
  /** Where the thresholds that train start, in the units of their columns. */
  readonly start: Numbers;
  readonly #units: Numbers;

  /** Thresholds that `units` does not name have the unit of their column. */
  constructor(start: Numbers, units: Numbers = {}) {
    this.start = start;
    this.#units = units;
  }

  get names(): readonly string[] {
    return Object.keys(this.start);
  }

  /** Params of the start. */
  zeros(): Record<string, number> {
    return Object.fromEntries(this.names.map((name) => [name, 0]));
  }

  values(params: Numbers): Record<string, number> {
    return map(params, (name, t) => this.start[name]! + t * this.#unit(name));
  }

  traced(params: Readonly<Record<string, Tensor>>): Record<string, Tensor> {
    return map(params, (name, t) => mul(t, this.#unit(name)).add(this.start[name]!));
  }

  params(values: Numbers): Record<string, number> {
    return map(values, (name, value) => (value - this.start[name]!) / this.#unit(name));
  }

  /** Slopes in the values from those in the params. */
  slopes(grads: Numbers): Record<string, number> {
    return map(grads, (name, slope) => slope / this.#unit(name));
  }

  #unit(name: string): number {
    return this.#units[name] ?? 1;
  }
}

const map = <A, B>(
  record: Readonly<Record<string, A>>,
  f: (name: string, value: A) => B,
): Record<string, B> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, f(name, value)]));
