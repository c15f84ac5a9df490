/** Dense layers and their reverse in plain f64, event by event: what the kernels are held to. */

import type { Activation, Layer } from "../../gpu/shape.js";
import { lanes, offsetsOf } from "../../gpu/shape.js";
import { random } from "../kit/random.js";

/** Layers of these widths; `activation` after every one but the last. */
export const layersOf = (widths: readonly number[], activation: Activation, bias = true): Layer[] =>
  widths.slice(1).map((outputs, i) => ({
    inputs: widths[i]!,
    outputs,
    activation: i === widths.length - 2 ? "none" : activation,
    bias,
  }));

/** Parameters by He's rule times `scale`, f32 numbers. */
export function startOf(layers: readonly Layer[], scale: number): Float64Array {
  const draw = random(7);
  const normal = () => Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw());
  return Float64Array.from(
    layers.flatMap(({ inputs, outputs, bias }) => [
      ...Array.from({ length: inputs * outputs }, () =>
        Math.fround(scale * Math.sqrt(2 / inputs) * normal()),
      ),
      ...(bias ? Array.from({ length: outputs }, () => Math.fround(0.1 * normal())) : []),
    ]),
  );
}

/** Rows of two kinds, told apart by a curved line: inputs [row][feature] and labels. */
export function eventsOf(rows: number, width: number): { x: Float64Array; labels: Float64Array } {
  const draw = random(11);
  const x = Float64Array.from({ length: rows * width }, () => Math.fround(4 * draw() - 2));
  const labels = Float64Array.from({ length: rows }, (_, r) => {
    const [a, b] = [x[r * width]!, x[r * width + 1]!];
    return a * a + Math.sin(2 * b) > 1.2 ? 1 : 0;
  });
  return { x, labels };
}

/** Rows [row][feature] as [tile][feature][lane], the last tile filled up with zeros. */
export function tiled(x: Float64Array, width: number): Float32Array {
  const rows = x.length / width;
  const out = new Float32Array(Math.ceil(rows / lanes) * lanes * width);
  for (let r = 0; r < rows; r++)
    for (let i = 0; i < width; i++)
      out[(Math.floor(r / lanes) * width + i) * lanes + (r % lanes)] = x[r * width + i]!;
  return out;
}

const value: Record<Activation, (s: number) => number> = {
  none: (s) => s,
  relu: (s) => Math.max(s, 0),
  tanh: Math.tanh,
  sigmoid: (s) => 1 / (1 + Math.exp(-s)),
};
const slope: Record<Activation, (y: number) => number> = {
  none: () => 1,
  relu: (y) => (y > 0 ? 1 : 0),
  tanh: (y) => 1 - y * y,
  sigmoid: (y) => y * (1 - y),
};

/** The mean binary cross entropy of one output, and the cotangent of that output. */
export function crossEntropy(logit: number, label: number): { loss: number; slope: number } {
  const soft = Math.log1p(Math.exp(-Math.abs(logit))) + Math.max(logit, 0);
  return { loss: soft - label * logit, slope: 1 / (1 + Math.exp(-logit)) - label };
}

export interface Answer {
  readonly loss: number;
  readonly gradient: Float64Array;
  /** [row][feature] */
  readonly inputs: Float64Array;
}

/** Mean loss of rows with a finite input, its gradient by the parameters and by the inputs. */
export function plain(
  layers: readonly Layer[],
  p: Float64Array,
  x: Float64Array,
  labels: Float64Array,
): Answer {
  const offsets = offsetsOf(layers);
  const width = layers[0]!.inputs;
  const gradient = new Float64Array(p.length);
  const inputs = new Float64Array(x.length);
  let loss = 0;
  for (let r = 0; r < labels.length; r++) {
    const row = x.subarray(r * width, (r + 1) * width);
    if (!row.every(Number.isFinite)) continue;
    const ys: Float64Array[] = [row];
    layers.forEach(({ inputs: k, outputs: n, activation, bias }, l) => {
      const [below, at] = [ys[l]!, offsets[l]!];
      const y = new Float64Array(n);
      for (let j = 0; j < n; j++) {
        let s = bias ? p[at + k * n + j]! : 0;
        for (let i = 0; i < k; i++) s += p[at + i * n + j]! * below[i]!;
        y[j] = value[activation](s);
      }
      ys.push(y);
    });
    const end = crossEntropy(ys.at(-1)![0]!, labels[r]!);
    loss += end.loss / labels.length;
    let g = Float64Array.of(end.slope / labels.length);
    for (let l = layers.length - 1; l >= 0; l--) {
      const { inputs: k, outputs: n, activation, bias } = layers[l]!;
      const [below, y, at] = [ys[l]!, ys[l + 1]!, offsets[l]!];
      g = g.map((s, j) => s * slope[activation](y[j]!));
      const next = new Float64Array(k);
      for (let i = 0; i < k; i++) {
        const from = at + i * n;
        let s = 0;
        for (let j = 0; j < n; j++) {
          gradient[from + j]! += below[i]! * g[j]!;
          s += p[from + j]! * g[j]!;
        }
        next[i] = s;
      }
      if (bias) for (let j = 0; j < n; j++) gradient[at + k * n + j]! += g[j]!;
      g = next;
    }
    inputs.set(g, r * width);
  }
  return { loss, gradient, inputs };
}
