/** A `WebAssembly.Module`. Types of a runtime would be missing where a program is checked without them. */
export type Module = object;

/** What the host calls of the kernel module. Addresses are bytes in its memory. */
export interface Kernels {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  heapBase(): number;
  run(pc: number, end: number): void;
  /** All tiles of a block, or those of [from, to). */
  sweep(
    pc: number,
    end: number,
    tiles: number,
    lastRows: number,
    lanes: number,
    from?: number,
    to?: number,
  ): void;
  /** Merges the state of a fold of n numbers into another. */
  merge(kind: number, n: number, dst: number, src: number): void;
  /** Writes the state of a fold of nothing. */
  empty(kind: number, n: number, dst: number): void;
}

/** Where the kernels come from: a module the runtime compiled, or the bytes of one. */
export interface Source {
  readonly module?: Module;
  readonly bytes?: ArrayBuffer | ArrayBufferView<ArrayBuffer>;
}

/** Text in the memory of the kernels: UTF-16, its number of bytes before it. */
function text(memory: Kernels["memory"], at: number): string {
  const start = at >>> 0;
  if (start < 4) return "";
  const length = new DataView(memory.buffer).getUint32(start - 4, true) >>> 1;
  return String.fromCharCode(...new Uint16Array(memory.buffer, start, Math.min(length, 200)));
}

/** An instance of the kernels, and the module to make others from. */
export interface Loaded {
  readonly kernels: Kernels;
  readonly module: Module;
}

/** Instantiates the kernel module from a compiled module or from bytes. */
export async function load(source: Source): Promise<Loaded> {
  const module = (source.module ??
    (await WebAssembly.compile(source.bytes as ArrayBuffer))) as WebAssembly.Module;
  // Only checked builds call it, where an assertion fails.
  const abort = (message: number, file: number, line: number): never => {
    const { memory } = kernels;
    throw new Error(`${text(memory, message)} (${text(memory, file)}:${line})`);
  };
  const instance = await WebAssembly.instantiate(module, { env: { abort } });
  const kernels = instance.exports as unknown as Kernels;
  return { kernels, module };
}

/** Bytes of text in hexadecimal digits, lower case. */
export function decodeHex(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i++) {
    bytes[i] = 16 * digit(text.charCodeAt(2 * i)) + digit(text.charCodeAt(2 * i + 1));
  }
  return bytes;
}

const digit = (code: number) => (code < 58 ? code - 48 : code - 87);
