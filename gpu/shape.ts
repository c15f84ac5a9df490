import type { Device } from "./device.js";

/** Rows of a tile: as in the arena, lanes lie behind one another, features behind those, tiles behind those. */
export const lanes = 256;

/** Tiles of a whole leaf. */
export const leafTiles = 32;

/** What a layer does to its sums. */
export type Activation = "none" | "relu" | "tanh" | "sigmoid";

/** activation(Wᵀx + b): W [inputs, outputs] in row-major order, then b [outputs] where there are any. */
export interface Layer {
  readonly inputs: number;
  readonly outputs: number;
  readonly activation: Activation;
  readonly bias: boolean;
}

/** Layers that follow one another, and how many rows go through them at once. */
export interface Shape {
  readonly layers: readonly Layer[];
  /** Tiles of a leaf; fewer than a whole leaf has where the table has fewer. */
  readonly tiles: number;
  /** Leaves of a group; bits of results do not depend on it. */
  readonly leaves: number;
  /** Whether the gradients by the inputs are wanted. */
  readonly inputs: boolean;
}

export const parametersOf = ({ inputs, outputs, bias }: Layer) => inputs * outputs + (bias ? outputs : 0);

/** Where the parameters of each layer begin, and last where they end. */
export function offsetsOf(layers: readonly Layer[]): number[] {
  const offsets = [0];
  for (const layer of layers) offsets.push(offsets.at(-1)! + parametersOf(layer));
  return offsets;
}

/**
 * Tiles of a leaf as they are laid out: a power of two, of which a run of tiles is a part. Tiles beyond the last row hold
 * zeros, which no sum shows.
 */
export const paddedTiles = (tiles: number) => 2 ** Math.ceil(Math.log2(Math.max(tiles, 1)));

/**
 * Tiles over which one cell of a layer's gradient is summed before cells of a leaf are: a function of the layer alone, for it
 * is the order of sums. One, until a whole leaf of cells takes more than 8 MiB.
 */
export function runOf({ inputs, outputs }: Layer): number {
  let run = 1;
  while (run < leafTiles && (inputs * outputs * leafTiles) / run > 2 ** 21) run *= 2;
  return run;
}

/** Rows of 256 that one leaf's sums of a layer take when they are read. */
export const sumRows = (layer: Layer) => Math.ceil(parametersOf(layer) / lanes);

/** Bytes of the largest buffer of a group of so many leaves. */
export function largestBuffer({ layers, tiles, leaves, inputs }: Shape): number {
  const padded = paddedTiles(tiles);
  const width = Math.max(layers[0]!.inputs, ...layers.map((layer) => layer.outputs)) + 1;
  const floats = [
    lanes * width * padded * leaves,
    ...layers.map((l) => (l.inputs * l.outputs * padded * leaves) / Math.min(runOf(l), padded)),
    lanes * leaves * (layers.reduce((n, l) => n + sumRows(l), 1) + (inputs ? padded * layers[0]!.inputs : 0)),
    offsetsOf(layers).at(-1)!,
  ];
  return 4 * Math.max(...floats);
}

/** Throws `gpu.limit` where a buffer of this shape is larger than `limit` bytes. */
export function checkSize(device: Device, shape: Shape, limit = device.limits.buffer): void {
  const needed = largestBuffer(shape);
  // Places of parameters are counted in floats of 24 bits by some GPUs.
  const parameters = offsetsOf(shape.layers).at(-1)!;
  if (needed <= limit && parameters < 2 ** 24) return;
  const widths = [shape.layers[0]!.inputs, ...shape.layers.map((layer) => layer.outputs)].join("-");
  const text = `A network ${widths} needs a buffer of ${needed} bytes on the GPU, which gives ${limit}: compile without a GPU.`;
  throw device.error("gpu.limit", text, { needed, limit, parameters });
}

/**
 * Leaves of a group: `wanted`, or as many as leave its largest buffer within the device's limit and 256 MiB. Throws
 * `gpu.limit` where one leaf is too large.
 */
export function groupLeaves(device: Device, shape: Omit<Shape, "leaves">, wanted = 8): number {
  const limit = Math.min(device.limits.buffer, 2 ** 28);
  let leaves = wanted;
  while (leaves > 1 && largestBuffer({ ...shape, leaves }) > limit) leaves--;
  checkSize(device, { ...shape, leaves }, limit);
  return leaves;
}
