/** The matrix of networks that every place runs: numbers in, numbers out, for Node, Deno and pages alike. */

import type { Device, Moved } from "../../gpu/device.js";
import { networkOn } from "../../gpu/network.js";
import { type Activation, type Layer, lanes, type Shape } from "../../gpu/shape.js";
import { type Answer, crossEntropy, eventsOf, layersOf, plain, startOf, tiled } from "./plain.js";

export interface Case {
  readonly widths: readonly number[];
  readonly rows: number;
  readonly activation: Activation;
  /** Leaves into which the rows are cut (default 1). */
  readonly leaves?: number;
  /** Scale of the weights (default 1). */
  readonly scale?: number;
  /** Whether layers have biases (default true). */
  readonly bias?: boolean;
  /** Every so many rows one has an input that is not finite. */
  readonly broken?: number;
}

export const cases: readonly Case[] = [
  { widths: [2, 64, 64, 1], rows: 1000, activation: "relu" },
  { widths: [2, 64, 64, 1], rows: 1000, activation: "tanh", scale: 20, leaves: 4 },
  { widths: [2, 64, 64, 1], rows: 900, activation: "sigmoid", broken: 8 },
  { widths: [5, 17, 3, 2, 1], rows: 700, activation: "tanh", bias: false },
  { widths: [3, 4, 4, 4, 4, 4, 4, 4, 1], rows: 300, activation: "tanh", leaves: 2 },
  { widths: [2, 64, 64, 1], rows: 10_000, activation: "relu", leaves: 2 },
  // Wide enough to sum over two tiles at once.
  { widths: [2, 300, 300, 1], rows: 300, activation: "relu" },
];

export const nameOf = ({ widths, rows, activation, leaves = 1, scale = 1, bias = true, broken }: Case) =>
  [
    `${widths.join("-")} × ${rows} ${activation}`,
    ...(leaves > 1 ? [`${leaves} leaves`] : []),
    ...(scale === 1 ? [] : [`weights × ${scale}`]),
    ...(bias ? [] : ["no biases"]),
    ...(broken ? ["rows of NaN and ∞"] : []),
  ].join(", ");

/** Rows, layers and parameters of a case. */
export function problem({ widths, rows, activation, scale = 1, bias = true, broken }: Case) {
  const layers = layersOf(widths, activation, bias);
  const { x, labels } = eventsOf(rows, widths[0]!);
  const bad = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  if (broken) for (let r = 0; r < rows; r += broken) x[r * widths[0]!] = bad[(r / broken) % 3]!;
  return { layers, x, labels, p: startOf(layers, scale) };
}

/** Loss, gradients and sums of leaves as a device gives them, `grouped` leaves at a time. */
export async function onDevice(
  device: Device,
  layers: readonly Layer[],
  p: Float64Array,
  { x, labels }: { x: Float64Array; labels: Float64Array },
  { leaves = 1, grouped = leaves }: { leaves?: number; grouped?: number } = {},
): Promise<Answer & { sums: Float32Array }> {
  const width = layers[0]!.inputs;
  const given = tiled(x, width);
  const all = Math.ceil(labels.length / lanes);
  const tiles = Math.ceil(all / leaves);
  const shape: Shape = { layers, tiles, leaves: grouped, inputs: true };
  const step = networkOn(device, shape).step(p);
  const sums = new Float32Array(leaves * p.length);
  const inputs = new Float64Array(x.length);
  let loss = 0;
  for (let from = 0; from < all; from += tiles * grouped) {
    const to = Math.min(from + tiles * grouped, all);
    const group = step.group(given.subarray(from * width * lanes, to * width * lanes));
    const y = await group.forward();
    const g = new Float32Array(y.length);
    for (let r = from * lanes; r < Math.min(to * lanes, labels.length); r++) {
      // A row whose input is not finite is cut away: its cotangent is zero.
      if (!x.subarray(r * width, (r + 1) * width).every(Number.isFinite)) continue;
      const end = crossEntropy(y[r - from * lanes]!, labels[r]!);
      loss += end.loss / labels.length;
      g[r - from * lanes] = end.slope / labels.length;
    }
    const reverse = await group.reverse(g);
    sums.set(reverse.sums, (from / tiles) * p.length);
    for (let r = from * lanes; r < Math.min(to * lanes, labels.length); r++) {
      const at = (Math.floor(r / lanes) - from) * width * lanes + (r % lanes);
      for (let i = 0; i < width; i++) inputs[r * width + i] = reverse.inputs![at + i * lanes]!;
    }
  }
  const gradient = p.map((_, j) => {
    let s = 0;
    for (let leaf = 0; leaf < leaves; leaf++) s += sums[leaf * p.length + j]!;
    return s;
  });
  return { loss, gradient, inputs, sums };
}

export interface Row {
  readonly name: string;
  /** |loss − loss in f64| / loss */
  readonly loss: number;
  /** 1 − cosine with the gradient in f64, by parameters and by inputs. */
  readonly gradient: number;
  readonly inputs: number;
  /** Per group, beside one upload of parameters. */
  readonly uploads: number;
  readonly reads: number;
}

export async function measured(device: Device, one: Case): Promise<Row> {
  const { layers, p, ...events } = problem(one);
  const leaves = one.leaves ?? 1;
  const before: Moved = { ...device.moved };
  const got = await onDevice(device, layers, p, events, { leaves });
  const uploads = device.moved.uploads - before.uploads - 1;
  const reads = device.moved.reads - before.reads;
  const want = plain(layers, p, events.x, events.labels);
  return {
    name: nameOf(one),
    loss: Math.abs(got.loss / want.loss - 1),
    gradient: apart(got.gradient, want.gradient),
    inputs: apart(got.inputs, want.inputs),
    uploads,
    reads,
  };
}

/** 1 − cosine of the angle between two vectors; not finite where one of them is not. */
export function apart(a: Float64Array, b: Float64Array): number {
  let [aa, bb, d] = [0, 0, 0];
  const size = (v: Float64Array) => Math.sqrt(v.reduce((s, x) => s + x * x, 0));
  [aa, bb] = [size(a), size(b)];
  // Half the square of the difference of the unit vectors, which does not cancel.
  for (let i = 0; i < a.length; i++) d += (a[i]! / aa - b[i]! / bb) ** 2;
  return d / 2;
}

/** The loss after so many steps down the gradient, on a device or in plain f64. */
export async function trained(
  device: Device | null,
  widths: readonly number[],
  rows: number,
  steps: number,
): Promise<number> {
  const { layers, p, ...events } = problem({ widths, rows, activation: "tanh" });
  const ask = () =>
    device ? onDevice(device, layers, p, events) : Promise.resolve(plain(layers, p, events.x, events.labels));
  for (let step = 0; step < steps; step++) {
    const { gradient } = await ask();
    for (let j = 0; j < p.length; j++) p[j]! -= 0.1 * gradient[j]!;
  }
  return (await ask()).loss;
}

/** Whether the sums of every leaf have the same bits in one group, in groups of one leaf, and asked for again. */
export async function sameBits(device: Device): Promise<boolean> {
  const one: Case = { widths: [2, 64, 64, 1], rows: 1000, activation: "relu", leaves: 4 };
  const { layers, p, ...events } = problem(one);
  const together = await onDevice(device, layers, p, events, { leaves: 4 });
  const alone = await onDevice(device, layers, p, events, { leaves: 4, grouped: 1 });
  const again = await onDevice(device, layers, p, events, { leaves: 4 });
  const bits = ({ sums }: { sums: Float32Array }) => [...new Int32Array(sums.buffer)].join();
  return bits(together) === bits(alone) && bits(together) === bits(again);
}
