import { adapterOf, inSoftware, isLost, largestOf, ranBy, scopesOf } from "./context.js";
import type { Fault, Library, LibraryGpu, LibraryKernel } from "./library.js";
import { loadLibrary } from "./library.js";

/** In the order of choice; `webasm` and `cpu` are for tests, and never chosen. */
export const modes = ["webgpu", "webgl2", "webasm", "cpu"] as const;

/** What runs the kernels. */
export type Mode = (typeof modes)[number];

/** How a device is opened. */
export interface DeviceOptions {
  /** Default: webgpu, or else webgl2. */
  readonly mode?: Mode;
}

/** What one buffer may hold. */
export interface Limits {
  /** Bytes. */
  readonly buffer: number;
}

/** What went over the bus. */
export interface Moved {
  uploads: number;
  reads: number;
  launches: number;
}

/** Values for a kernel, and their sizes: the fastest first. */
export interface Upload {
  readonly values: Float32Array;
  readonly size: readonly number[];
}

/** How a kernel is made: a source text, the sizes of its result, numbers that it names. */
export interface KernelSettings {
  readonly output: readonly number[];
  readonly constants?: Readonly<Record<string, number>>;
  /** Whether its result comes back to the host, as one array; otherwise it stays, as a handle for other kernels. */
  readonly read?: boolean;
}

/** Runs a kernel. Its result stands until its next call. */
export type Launch = (...args: readonly (Upload | Handle | number)[]) => Promise<Handle>;

/** Runs a kernel and brings its result back. */
export type Reading = (...args: readonly (Upload | Handle | number)[]) => Promise<Float32Array>;

/** A result that stays on the device. */
export interface Handle {
  readonly handle: unknown;
}

/** Failures after which the same work on a fresh device may succeed. */
const passing = ["gpu.lost", "gpu.read", "gpu.memory", "gpu.failed"];

const isUpload = (arg: Upload | Handle | number): arg is Upload => typeof arg === "object" && "values" in arg;

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

/**
 * Opens a device: `mode`, or the first that there is of webgpu and webgl2. `fault` makes the errors: `gpu.absent` (gpu.js is
 * not installed), `gpu.none` (no GPU), `gpu.mode`, `gpu.unavailable` (a mode that is unknown, or not here).
 */
export async function openDevice(
  options: DeviceOptions,
  fault: Fault,
  load: () => Promise<Library> = loadLibrary,
): Promise<Device> {
  const asked = options.mode;
  if (asked !== undefined && !modes.includes(asked)) {
    const text = `There is no mode '${asked}' of a GPU: give one of ${modes.join(", ")}, or none to have it chosen.`;
    throw fault("gpu.mode", text, { mode: asked, choices: modes });
  }
  let library: Library;
  try {
    library = await load();
  } catch (error) {
    const text = `gpu.js does not load (${messageOf(error)}): npm install gpu.js@2.24, or compile without a GPU.`;
    throw fault("gpu.absent", text, { reason: messageOf(error) });
  }
  const mode = asked ?? (await present(library));
  if (mode === null) {
    const text =
      "There is no GPU here, neither by WebGPU nor by WebGL 2: compile without one, which is faster than a GPU in software.";
    throw fault("gpu.none", text, { tried: ["webgpu", "webgl2"] });
  }
  const device = new Device(library, mode, fault);
  await device.renew();
  return device;
}

async function present({ GPU }: Library): Promise<Mode | null> {
  if (await GPU.isWebGPUAvailable()) return "webgpu";
  return GPU.isWebGL2Supported ? "webgl2" : null;
}

/** A GPU, or what stands for one in tests. Kernels are made by it; work on it is done one at a time. */
export class Device {
  readonly mode: Mode;
  /** Counts of all calls so far. */
  readonly moved: Moved = { uploads: 0, reads: 0, launches: 0 };
  readonly #library: Library;
  readonly #fault: Fault;
  /** Errors of this device, with their codes. */
  readonly #faults = new WeakMap<object, string>();
  #gpu: LibraryGpu | null = null;
  #probe: LibraryKernel | null = null;
  #facts = { adapter: "", software: false, buffer: 0 };
  #generation = 0;
  #queue: Promise<unknown> = Promise.resolve();

  /** Closed until it is started by `renew`. */
  constructor(library: Library, mode: Mode, fault: Fault) {
    this.mode = mode;
    this.#library = library;
    this.#fault = fault;
  }

  /** Counts the times that this was started: kernels of an earlier one are gone. */
  get generation(): number {
    return this.#generation;
  }

  /** The driver's words for the GPU. */
  get adapter(): string {
    return this.#facts.adapter;
  }

  /** Whether this computes on the CPU: then it proves that results are right, and says nothing about speed. */
  get software(): boolean {
    return this.#facts.software;
  }

  get limits(): Limits {
    return this.#facts;
  }

  /** Whether the GPU is gone, with all that was on it. */
  get lost(): boolean {
    return this.#probe !== null && isLost(this.#probe);
  }

  /** Makes a kernel; the mode that runs it is looked at in every call. */
  kernel(source: string, settings: KernelSettings & { readonly read: true }): Reading;
  kernel(source: string, settings: KernelSettings): Launch;
  kernel(source: string, { output, constants = {}, read = false }: KernelSettings): Launch | Reading {
    const settings = { precision: "single", tactic: "precision", output, constants } as const;
    const made = this.#live().createKernel(source, { ...settings, pipeline: !read });
    const size = output.reduce((a, b) => a * b, 1);
    const call = async (args: readonly (Upload | Handle | number)[]) => {
      this.moved.launches++;
      const given = args.map((arg) => {
        if (typeof arg === "number") return arg;
        if (!isUpload(arg)) return arg.handle;
        this.moved.uploads++;
        return this.#library.input(arg.values, arg.size);
      });
      const result = await made(...given);
      this.#assertMode(made);
      return result;
    };
    if (!read) return async (...args) => ({ handle: await call(args) });
    return async (...args) => {
      const result = await call(args);
      this.moved.reads++;
      const flat = new Float32Array(size);
      flatten(result, flat, 0);
      return flat;
    };
  }

  /**
   * Does work of several calls, alone. Throws `gpu.lost`, `gpu.memory` (a buffer could not be made), `gpu.failed` or `gpu.closed`.
   */
  work<T>(job: () => Promise<T>): Promise<T> {
    const done = this.#queue.then(() => this.#watched(job));
    this.#queue = done.catch(() => {});
    return done;
  }

  /** Whether the same work may succeed on a fresh device. */
  passes(error: unknown): boolean {
    const code = typeof error === "object" && error !== null ? this.#faults.get(error) : undefined;
    return code !== undefined && passing.includes(code);
  }

  /** An error of this device. */
  error(code: string, sentence: string, fields: Readonly<Record<string, unknown>> = {}): Error {
    const made = this.#fault(code, sentence, { ...fields, mode: this.mode });
    this.#faults.set(made, code);
    return made;
  }

  /** Starts again, with a context of its own; of WebGPU's one device a new one is made where it was lost. */
  renew(): Promise<void> {
    const done = this.#queue.then(async () => {
      await this.#stop();
      await this.#start();
    });
    this.#queue = done.catch(() => {});
    return done;
  }

  /** Frees what the kernels hold. */
  close(): Promise<void> {
    const done = this.#queue.then(() => this.#stop());
    this.#queue = done.catch(() => {});
    return done;
  }

  async #start(): Promise<void> {
    this.#generation++;
    const reason = await this.#tried().catch(async (error: unknown) => {
      await this.#stop();
      if (this.#known(error)) throw error;
      return messageOf(error);
    });
    if (reason === null) return;
    await this.#stop();
    const text = `There is no ${this.mode} here (${reason}): open another mode, or compile without a GPU.`;
    throw this.error("gpu.unavailable", text, { reason });
  }

  /** Makes the first kernel; what is wrong with its answer, or null. */
  async #tried(): Promise<string | null> {
    const made = { precision: "single", tactic: "precision", constants: {}, pipeline: false } as const;
    const gpu = new this.#library.GPU({ mode: this.mode });
    this.#gpu = gpu;
    const probe = gpu.createKernel("function (v) { return v[this.thread.x]; }", { ...made, output: [2] });
    const answer = new Float32Array(2);
    flatten(await probe(this.#library.input(Float32Array.of(3, 0.25), [2])), answer, 0);
    this.#assertMode(probe);
    this.#probe = probe;
    this.#facts = { adapter: adapterOf(probe), software: inSoftware(probe), buffer: largestOf(probe) };
    return answer[0] === 3 && answer[1] === 0.25 ? null : "it gives back other numbers than it was given";
  }

  async #stop(): Promise<void> {
    const gpu = this.#gpu;
    this.#gpu = null;
    this.#probe = null;
    // What was lost with its context may not be freed any more.
    await gpu?.destroy().catch(() => {});
  }

  #live(): LibraryGpu {
    if (this.#gpu) return this.#gpu;
    throw this.error(
      "gpu.closed",
      "The GPU is closed, or did not start again after a failure: open it again.",
    );
  }

  async #watched<T>(job: () => Promise<T>): Promise<T> {
    this.#live();
    const device = this.#probe ? scopesOf(this.#probe) : null;
    device?.pushErrorScope("out-of-memory");
    device?.pushErrorScope("validation");
    const outcome = await job().then(
      (value) => ({ value }),
      (error: unknown) => ({ error }),
    );
    // The scopes of a device that is gone are gone, too.
    const pop = () => device?.popErrorScope().catch(() => null) ?? null;
    const refused = [await pop(), await pop()].find((e) => e !== null);
    if (this.lost) {
      const text =
        "The GPU was lost while it computed, with all that was on it: nothing of this call was used.";
      throw this.error("gpu.lost", text);
    }
    if (refused) {
      const text = `The GPU refuses a buffer or its use (${refused.message}): nothing of this call was used.`;
      throw this.error("gpu.memory", text, { reason: refused.message });
    }
    if ("value" in outcome) return outcome.value;
    const { error } = outcome;
    if (this.#known(error)) throw error;
    const text = `The GPU fails (${messageOf(error)}): nothing of this call was used.`;
    throw this.error("gpu.failed", text, { reason: messageOf(error) });
  }

  #known(error: unknown): error is Error {
    return error instanceof Error && this.#faults.has(error);
  }

  #assertMode(made: LibraryKernel): void {
    const { mode: got, reason } = ranBy(made);
    if (got === this.mode && reason === null) return;
    const why = reason === null ? "" : ` (${reason})`;
    const text = `gpu.js computes by ${got} what was asked of ${this.mode}${why}: compile without a GPU.`;
    throw this.error("gpu.fallback", text, { got, reason });
  }
}

/** Copies nested arrays of floats behind one another; returns where they end. */
function flatten(part: unknown, into: Float32Array, at: number): number {
  if (part instanceof Float32Array) {
    into.set(part, at);
    return at + part.length;
  }
  let end = at;
  if (Array.isArray(part)) for (const inner of part) end = flatten(inner, into, end);
  return end;
}
