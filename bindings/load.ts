/** What the host calls of the kernel module. Addresses are bytes in its memory. */
export interface Kernels {
  readonly memory: WebAssembly.Memory;
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
  merge(kind: number, n: number, dst: number, src: number): void;
}

/** Where the kernels come from: a module the runtime compiled, or the bytes of one. */
export interface Source {
  readonly module?: WebAssembly.Module;
  readonly bytes?: BufferSource;
}

const imports = {
  env: {
    abort: (): never => {
      throw new Error("the kernels aborted");
    },
  },
};

/** An instance of the kernels, and the module to make others from. */
export interface Loaded {
  readonly kernels: Kernels;
  readonly module: WebAssembly.Module;
}

/** Instantiates the kernel module from a compiled module or from bytes. */
export async function load(source: Source): Promise<Loaded> {
  const module = source.module ?? (await WebAssembly.compile(source.bytes as BufferSource));
  const instance = await WebAssembly.instantiate(module, imports);
  return { kernels: instance.exports as unknown as Kernels, module };
}

/** Bytes of base64 text, with what every runtime has. */
export function decodeBase64(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}
