import type { Device, Handle, Launch, Reading, Upload } from "./device.js";
import { type Layer, lanes, offsetsOf, paddedTiles, runOf, type Shape, sumRows } from "./shape.js";
import * as sources from "./sources.js";

/** Arrays that one kernel may be given: WebGPU guarantees eight buffers, of which one is the result. */
const most = 6;

/**
 * The kernels of one shape on one start of a device. A kernel has one result, which its next call overwrites: so each place in
 * the network has a kernel of its own, called once per group.
 */
export class Built {
  readonly #shape: Shape;
  readonly #tiles: number;
  readonly #parkParameters: Launch;
  readonly #parkInputs: Launch;
  readonly #forward: readonly Launch[];
  readonly #outputs: Reading;
  readonly #slope: Launch;
  /** Of every layer but the first, and of the first where the gradients of inputs are wanted. */
  readonly #back: ReadonlyMap<number, Launch>;
  readonly #weightParts: readonly Launch[];
  readonly #biasParts: readonly (Launch | null)[];
  readonly #fold: readonly Launch[];
  readonly #byLeaf: Launch | null;
  readonly #stacks: readonly Launch[];
  readonly #sums: Reading;
  #p: Handle | null = null;
  /** Inputs of the layers of the group at hand, and last what came out. */
  #values: Handle[] = [];

  constructor(device: Device, shape: Shape) {
    const { layers, leaves, inputs } = shape;
    const padded = paddedTiles(shape.tiles);
    const tiles = padded * leaves;
    const offsets = offsetsOf(layers);
    const [first, last] = [layers[0]!, layers.at(-1)!];
    const sizes = ({ inputs: k, outputs: n }: Layer, i: number) => ({ k, n, at: offsets[i]! });
    const runs = layers.map((layer) => Math.min(runOf(layer), padded));
    const events = (features: number) => [lanes, features, tiles];

    this.#shape = shape;
    this.#tiles = tiles;
    this.#parkParameters = device.kernel(sources.park, { output: [offsets.at(-1)!] });
    this.#parkInputs = device.kernel(sources.parkEvents, { output: events(first.inputs) });
    this.#forward = layers.map((layer, i) =>
      device.kernel(sources.forward(layer.activation, layer.bias), {
        output: events(layer.outputs),
        constants: sizes(layer, i),
      }),
    );
    this.#outputs = device.kernel(sources.outputs, {
      output: events(last.outputs + 1),
      constants: { n: last.outputs },
      read: true,
    });
    this.#slope = device.kernel(sources.slope(last.activation), { output: events(last.outputs) });
    this.#back = new Map(
      layers.flatMap((layer, i) => {
        if (i === 0 && !inputs) return [];
        const source = i === 0 ? sources.back : sources.backThrough(layers[i - 1]!.activation);
        return [
          [i, device.kernel(source, { output: events(layer.inputs), constants: sizes(layer, i) })] as const,
        ];
      }),
    );
    this.#weightParts = layers.map((layer, i) =>
      device.kernel(sources.weightParts, {
        output: [layer.outputs, layer.inputs, tiles / runs[i]!],
        constants: { run: runs[i]! },
      }),
    );
    this.#biasParts = layers.map(({ bias, outputs }) =>
      bias ? device.kernel(sources.biasParts, { output: [outputs, tiles] }) : null,
    );
    this.#fold = layers.map((layer, i) =>
      device.kernel(sources.fold(layer.bias), {
        output: [lanes, sumRows(layer), leaves],
        constants: { k: layer.inputs, n: layer.outputs, parts: padded / runs[i]!, tiles: padded },
      }),
    );
    this.#byLeaf = inputs
      ? device.kernel(sources.byLeaf, {
          output: [lanes, padded * first.inputs, leaves],
          constants: { k: first.inputs, tiles: padded },
        })
      : null;
    const rows = [...layers.map(sumRows), ...(inputs ? [padded * first.inputs] : [])];
    const stacks: Launch[] = [];
    while (rows.length > most) {
      const some = rows.splice(0, most);
      stacks.push(device.kernel(sources.stack(most, false), stackOf(some, leaves, 0)));
      rows.unshift(some.reduce((a, b) => a + b, 0));
    }
    this.#stacks = stacks;
    this.#sums = device.kernel(sources.stack(rows.length, true), {
      ...stackOf(rows, leaves, 1),
      read: true,
    });
  }

  /** Brings the parameters of a step there. */
  async parameters(values: Float32Array): Promise<void> {
    this.#p = await this.#parkParameters({ values, size: [values.length] });
  }

  /** Brings inputs [tile][feature][lane] there, and leaves the values of all layers there. */
  async forward(inputs: Float32Array): Promise<void> {
    const { layers } = this.#shape;
    const upload: Upload = { values: inputs, size: [lanes, layers[0]!.inputs, this.#tiles] };
    let x = await this.#parkInputs(upload);
    this.#values = [x];
    for (const forward of this.#forward) {
      x = await forward(x, this.#p!);
      this.#values.push(x);
    }
  }

  /** What came out, with a feature more that is `tick`: [tile][feature][lane]. */
  outputs(tick: number): Promise<Float32Array> {
    return this.#outputs(this.#values.at(-1)!, tick);
  }

  /**
   * The reverse of what was left there: [leaf][row][256], rows of the sums of each layer, of the cotangents of inputs where they
   * are wanted, and one that is `tick`.
   */
  async reverse(cotangents: Float32Array, tick: number): Promise<Float32Array> {
    const { layers } = this.#shape;
    const upload: Upload = { values: cotangents, size: [lanes, layers.at(-1)!.outputs, this.#tiles] };
    let g = await this.#slope(upload, this.#values.at(-1)!);
    const parts: Handle[] = new Array(layers.length);
    for (let i = layers.length - 1; i >= 0; i--) {
      const weights = await this.#weightParts[i]!(this.#values[i]!, g);
      const biases = await this.#biasParts[i]?.(g);
      parts[i] = await this.#fold[i]!(weights, ...(biases ? [biases] : []));
      const back = this.#back.get(i);
      if (back) g = await back(g, this.#p!, ...(i > 0 ? [this.#values[i]!] : []));
    }
    if (this.#byLeaf) parts.push(await this.#byLeaf(g));
    for (const stack of this.#stacks) parts.unshift(await stack(...parts.splice(0, most)));
    return this.#sums(...parts, tick);
  }
}

/** The size of arrays behind one another, and where each ends. */
function stackOf(rows: readonly number[], leaves: number, more: number) {
  let end = 0;
  const constants: Record<string, number> = {};
  rows.forEach((n, i) => {
    end += n;
    constants[`c${i + 1}`] = end;
  });
  return { output: [lanes, end + more, leaves], constants };
}
