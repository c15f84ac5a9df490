/** The little of gpu.js 2.24 that is used here, and what is said of its failures. */

/** Makes the error of a failure; its class is the caller's, for this room knows no other. */
export type Fault = (code: string, sentence: string, fields: Readonly<Record<string, unknown>>) => Error;

/** A WebGPU device, as far as errors of buffers are asked for. */
export interface WebGpuDevice {
  readonly limits: { readonly maxBufferSize: number; readonly maxStorageBufferBindingSize: number };
  pushErrorScope(filter: "out-of-memory" | "validation"): void;
  popErrorScope(): Promise<{ readonly message: string } | null>;
}

/** What gpu.js keeps of WebGPU, one for all of its objects. */
export interface WebGpuContext {
  readonly device: WebGpuDevice;
  readonly isLost: boolean;
  readonly adapter: {
    readonly info?: {
      readonly vendor?: string;
      readonly architecture?: string;
      readonly device?: string;
      readonly description?: string;
      readonly isFallbackAdapter?: boolean;
    };
  };
}

/** A kernel of gpu.js: called with arrays and handles; `kernel` is what runs it, which gpu.js may exchange. */
export interface LibraryKernel {
  (...args: unknown[]): unknown;
  readonly kernel: {
    /** `constructor.mode` says what runs it. */
    readonly constructor: unknown;
    readonly fallbackReason?: string | null;
    readonly context?: unknown;
  };
}

/** How a kernel is made. */
export interface LibrarySettings {
  readonly output: readonly number[];
  readonly constants: Readonly<Record<string, number>>;
  readonly precision: "single";
  readonly tactic: "precision";
  readonly pipeline: boolean;
}

/** An object of gpu.js that makes kernels of one mode. */
export interface LibraryGpu {
  createKernel(source: string, settings: LibrarySettings): LibraryKernel;
  destroy(): Promise<void>;
}

/** The module gpu.js. */
export interface Library {
  readonly GPU: {
    new (settings: { readonly mode: string }): LibraryGpu;
    readonly isWebGL2Supported: boolean;
    isWebGPUAvailable(): Promise<boolean>;
  };
  input(values: Float32Array, size: readonly number[]): unknown;
}

/** Loads gpu.js, on demand: it is large and optional. */
export async function loadLibrary(): Promise<Library> {
  return (await import("gpu.js")).default;
}
