import { type Activation, type Layer, lanes, offsetsOf } from "./shape.js";

/** Whether all are finite: infinities and NaN have no difference to themselves, so neither has a sum over them. */
export function finite(values: Float32Array): boolean {
  let s = 0;
  for (let i = 0; i < values.length; i++) s += values[i]! - values[i]!;
  return s === 0;
}

/** The largest magnitude; NaN where one is. */
export function largest(values: Float32Array): number {
  let most = 0;
  for (let i = 0; i < values.length; i++) {
    const size = Math.abs(values[i]!);
    if (!(size <= most)) most = size;
    if (Number.isNaN(most)) return most;
  }
  return most;
}

const activated: Record<Activation, (x: number) => number> = {
  none: (x) => x,
  relu: (x) => (x > 0 ? x : Number.isNaN(x) ? x : 0),
  tanh: Math.tanh,
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
};

/**
 * Rows with an input that is not finite: GPUs do not agree about those. They go there as zeros, are answered here, and must not
 * be asked for gradients.
 */
export class OddRows {
  /** Places, tile × 256 + lane, and the row's inputs. */
  readonly #rows = new Map<number, readonly number[]>();

  /** Takes them out of inputs [tile][feature][lane]. */
  constructor(inputs: Float32Array, width: number, tiles: number) {
    if (finite(inputs)) return;
    for (let t = 0; t < tiles; t++) {
      if (finite(inputs.subarray(t * width * lanes, (t + 1) * width * lanes))) continue;
      for (let e = 0; e < lanes; e++) {
        const row = Array.from({ length: width }, (_, i) => inputs[(t * width + i) * lanes + e]!);
        if (row.every(Number.isFinite)) continue;
        this.#rows.set(t * lanes + e, row);
        for (let i = 0; i < width; i++) inputs[(t * width + i) * lanes + e] = 0;
      }
    }
  }

  /** Puts their outputs where they belong; `tileAt` says which tile of y a place is. */
  answer(
    y: Float32Array,
    layers: readonly Layer[],
    parameters: Float32Array,
    tileAt: (place: number) => number,
  ): void {
    const n = layers.at(-1)!.outputs;
    for (const [row, inputs] of this.#rows) {
      const out = through(inputs, layers, parameters);
      const tile = tileAt(Math.floor(row / lanes));
      out.forEach((value, j) => {
        y[(tile * n + j) * lanes + (row % lanes)] = value;
      });
    }
  }

  /** Whether one of them has a cotangent [tile][feature][lane] that is not zero. */
  touches(cotangents: Float32Array, width: number): boolean {
    for (const row of this.#rows.keys()) {
      const [tile, e] = [Math.floor(row / lanes), row % lanes];
      for (let j = 0; j < width; j++) if (cotangents[(tile * width + j) * lanes + e] !== 0) return true;
    }
    return false;
  }
}

/** One row through the layers, as the kernels do it. */
function through(
  inputs: readonly number[],
  layers: readonly Layer[],
  parameters: Float32Array,
): readonly number[] {
  const offsets = offsetsOf(layers);
  return layers.reduce((x, { inputs: k, outputs: n, activation, bias }, l) => {
    const at = offsets[l]!;
    return Array.from({ length: n }, (_, j) => {
      let s = bias ? parameters[at + k * n + j]! : 0;
      for (let i = 0; i < k; i++) s += parameters[at + i * n + j]! * x[i]!;
      return activated[activation](s);
    });
  }, inputs);
}
