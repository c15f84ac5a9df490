import { Built } from "./built.js";
import type { Device } from "./device.js";
import { finite, largest, OddRows } from "./finite.js";
import { checkSize, type Layer, lanes, offsetsOf, paddedTiles, type Shape, sumRows } from "./shape.js";

/** What a leaf's rows give to the gradient, and the cotangents of the inputs where they are wanted. */
export interface Reverse {
  /** [leaf][parameter]: f32 sums, in the order of the parameters. */
  readonly sums: Float32Array;
  /** [tile][feature][lane], as the inputs were given. */
  readonly inputs: Float32Array | null;
}

const networks = new WeakMap<Device, Map<string, Network>>();

/** The network of this shape on this device, made once: its kernels are never given back before the device is closed. */
export function networkOn(device: Device, shape: Shape): Network {
  const known = networks.get(device) ?? new Map<string, Network>();
  networks.set(device, known);
  const key = JSON.stringify([shape.layers, shape.tiles, shape.leaves, shape.inputs]);
  const network = known.get(key) ?? new Network(device, shape);
  known.set(key, network);
  return network;
}

/** Consecutive dense layers on a device, for groups of whole leaves. */
export class Network {
  readonly device: Device;
  readonly shape: Shape;
  #built: Built | null = null;
  #generation = 0;
  #step: Step | null = null;
  #group: Group | null = null;
  #ticks = 0;

  /** Throws `gpu.limit` where a buffer would be too large. */
  constructor(device: Device, shape: Shape) {
    checkSize(device, shape);
    this.device = device;
    this.shape = shape;
  }

  /** The layers with these parameters, flat: of each layer W [inputs, outputs] in row-major order, then b. */
  step(parameters: ArrayLike<number>): Step {
    return new Step(this, Float32Array.from(parameters));
  }

  /** Does work with the parameters of a step and the values of a group there; where it fails, once more on a fresh device. */
  async with<T>(group: Group, job: (built: Built, tick: number) => Promise<T>): Promise<T> {
    const attempt = () =>
      this.device.work(async () => {
        const built = await this.#prepare(group);
        this.#ticks = (this.#ticks % 999) + 1;
        return job(built, this.#ticks);
      });
    try {
      return await attempt();
    } catch (error) {
      this.#built = null;
      if (!this.device.passes(error)) throw error;
      // Where there is no fresh one, what failed first says more.
      await this.device.renew().catch(() => {
        throw error;
      });
      return await attempt();
    }
  }

  async #prepare(group: Group): Promise<Built> {
    if (!this.#built || this.#generation !== this.device.generation) {
      this.#generation = this.device.generation;
      this.#step = null;
      this.#group = null;
      this.#built = new Built(this.device, this.shape);
    }
    const built = this.#built;
    if (this.#step !== group.step) {
      this.#group = null;
      this.#step = null;
      await built.parameters(group.step.parameters);
      this.#step = group.step;
    }
    if (this.#group !== group) {
      this.#group = null;
      await built.forward(group.staged);
      this.#group = group;
    }
    return built;
  }
}

/** A network with its parameters. */
export class Step {
  readonly network: Network;
  readonly parameters: Float32Array;

  constructor(network: Network, parameters: Float32Array) {
    const wanted = offsetsOf(network.shape.layers).at(-1)!;
    if (parameters.length !== wanted)
      throw network.device.error(
        "gpu.parameters",
        `The layers have ${wanted} parameters, and ${parameters.length} are given.`,
        { wanted, given: parameters.length },
      );
    this.network = network;
    this.parameters = parameters;
  }

  /**
   * A group of rows: inputs [tile][feature][lane] of any number of tiles up to a group's. Rows without a finite input are kept
   * from the device. Throws `gpu.finite` where sums could leave the numbers of f32, in which GPUs disagree.
   */
  group(inputs: Float32Array): Group {
    return new Group(this, inputs);
  }
}

/** Rows on their way through a network: forward, and then reverse as often as wanted. */
export class Group {
  readonly step: Step;
  /** The inputs as they go there, all tiles of a group. */
  readonly staged: Float32Array;
  readonly #tiles: number;
  readonly #odd: OddRows;

  constructor(step: Step, inputs: Float32Array) {
    const { layers, tiles, leaves } = step.network.shape;
    this.step = step;
    const width = layers[0]!.inputs;
    this.#tiles = inputs.length / (lanes * width);
    this.staged = this.#pad(inputs, width);
    this.#odd = new OddRows(this.staged, width, paddedTiles(tiles) * leaves);
    const bound = reach(layers, step.parameters, largest(this.staged));
    // As far again below the largest f32 as the reverse may lie above.
    if (!(bound < 1e30))
      throw step.network.device.error(
        "gpu.finite",
        "Sums of the network may leave the numbers of f32, where GPUs do not keep infinities and NaN: computed without a GPU.",
        { bound },
      );
  }

  /** What comes out, [tile][feature][lane]. */
  async forward(): Promise<Float32Array> {
    const { network, parameters } = this.step;
    const { layers, tiles, leaves } = network.shape;
    const n = layers.at(-1)!.outputs;
    const read = await network.with(this, async (built, tick) => {
      const values = await built.outputs(tick);
      const all = paddedTiles(tiles) * leaves;
      for (let t = 0; t < all; t++) this.#checkTick(values, (t * (n + 1) + n) * lanes, tick);
      return values;
    });
    const y = new Float32Array(this.#tiles * n * lanes);
    for (let t = 0; t < this.#tiles; t++) {
      const from = this.#place(t) * (n + 1) * lanes;
      y.set(read.subarray(from, from + n * lanes), t * n * lanes);
    }
    this.#checkFinite(y);
    this.#odd.answer(y, layers, parameters, (tile) => this.#tileAt(tile));
    return y;
  }

  /** The reverse: cotangents [tile][feature][lane] of what came out. Throws `gpu.finite` where they or the sums are not finite. */
  async reverse(cotangents: Float32Array): Promise<Reverse> {
    const { network } = this.step;
    const { layers, tiles, leaves, inputs } = network.shape;
    const n = layers.at(-1)!.outputs;
    const staged = this.#pad(cotangents, n);
    this.#checkFinite(staged);
    if (this.#odd.touches(staged, n)) throw this.#notFinite();
    const width = layers.reduce((rows, layer) => rows + sumRows(layer), 0);
    const padded = paddedTiles(tiles);
    const rows = width + (inputs ? padded * layers[0]!.inputs : 0) + 1;
    const read = await network.with(this, async (built, tick) => {
      const values = await built.reverse(staged, tick);
      for (let leaf = 0; leaf < leaves; leaf++)
        this.#checkTick(values, ((leaf + 1) * rows - 1) * lanes, tick);
      return values;
    });
    this.#checkFinite(read);
    const present = Math.ceil(this.#tiles / tiles);
    const offsets = offsetsOf(layers);
    const total = offsets.at(-1)!;
    const sums = new Float32Array(present * total);
    for (let leaf = 0; leaf < present; leaf++) {
      let row = leaf * rows;
      layers.forEach((layer, i) => {
        const length = offsets[i + 1]! - offsets[i]!;
        sums.set(read.subarray(row * lanes, row * lanes + length), leaf * total + offsets[i]!);
        row += sumRows(layer);
      });
    }
    return { sums, inputs: inputs ? this.#inputs(read, rows, width) : null };
  }

  #inputs(read: Float32Array, rows: number, before: number): Float32Array {
    const { layers, tiles } = this.step.network.shape;
    const size = layers[0]!.inputs * lanes;
    const dx = new Float32Array(this.#tiles * size);
    for (let t = 0; t < this.#tiles; t++) {
      const from = (Math.floor(t / tiles) * rows + before) * lanes + (t % tiles) * size;
      dx.set(read.subarray(from, from + size), t * size);
    }
    return dx;
  }

  /** Where a tile stands among the padded tiles of all leaves. */
  #place(tile: number): number {
    const { tiles } = this.step.network.shape;
    return Math.floor(tile / tiles) * paddedTiles(tiles) + (tile % tiles);
  }

  /** The tile that stands at a place; only of places that hold one. */
  #tileAt(place: number): number {
    const { tiles } = this.step.network.shape;
    const padded = paddedTiles(tiles);
    return Math.floor(place / padded) * tiles + (place % padded);
  }

  #pad(values: Float32Array, width: number): Float32Array {
    const { tiles, leaves } = this.step.network.shape;
    const size = width * lanes;
    const given = values.length / size;
    if (given !== this.#tiles || !Number.isInteger(given) || given < 1 || given > tiles * leaves)
      throw this.step.network.device.error(
        "gpu.rows",
        `A group has 1 to ${tiles * leaves} tiles of ${width} times ${lanes} numbers, and the same of all arrays; ${values.length} numbers are given.`,
        { most: tiles * leaves, width, given: values.length },
      );
    const staged = new Float32Array(paddedTiles(tiles) * leaves * size);
    for (let t = 0; t < given; t++)
      staged.set(values.subarray(t * size, (t + 1) * size), this.#place(t) * size);
    return staged;
  }

  #checkTick(values: Float32Array, from: number, tick: number): void {
    for (let i = from; i < from + lanes; i++) {
      if (values[i] === tick) continue;
      const text = "What was read from the GPU was not computed in this call: nothing of it was used.";
      throw this.step.network.device.error("gpu.read", text, { got: values[i], tick });
    }
  }

  #checkFinite(values: Float32Array): void {
    if (!finite(values)) throw this.#notFinite();
  }

  #notFinite(): Error {
    const text =
      "A number of the network or of its reverse is not finite, which GPUs do not keep: computed without a GPU.";
    return this.step.network.device.error("gpu.finite", text);
  }
}

/** A bound of all sums of the layers, for inputs up to `most`. NaN where a parameter is. */
function reach(layers: readonly Layer[], parameters: Float32Array, most: number): number {
  const offsets = offsetsOf(layers);
  let values = most;
  let bound = most;
  layers.forEach(({ inputs, activation }, i) => {
    const largestParameter = largest(parameters.subarray(offsets[i]!, offsets[i + 1]!));
    values = (inputs * values + 1) * largestParameter;
    bound = values > bound || Number.isNaN(values) ? values : bound;
    if (activation === "tanh" || activation === "sigmoid") values = 1;
  });
  return bound;
}
