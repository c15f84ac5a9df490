/** The built kernels, and an assembler for small tapes in their memory. */

import { expect } from "vitest";
import { opcodes } from "../../bindings/generated/opcodes.js";
import { wasmHex } from "../../bindings/generated/wasm.js";

export type Kernel = keyof typeof opcodes;
export type Dtype = "f32" | "f64" | "i32";

interface Exports {
  memory: WebAssembly.Memory;
  heapBase(): number;
  run(pc: number, end: number): void;
  sweep(pc: number, end: number, tiles: number, lastRows: number, T: number): void;
  merge(kind: number, n: number, dst: number, src: number): void;
  empty(kind: number, n: number, dst: number): void;
}

/** A range of the tape. */
export interface Code {
  start: number;
  end: number;
}

const imports = {
  env: {
    abort() {
      throw new Error("abort");
    },
  },
};
const module = new WebAssembly.Module(Buffer.from(wasmHex, "hex"));

/** The module's exports. */
export const wasm = new WebAssembly.Instance(module, imports).exports as unknown as Exports;
wasm.memory.grow(200);

const base = (wasm.heapBase() + 63) & ~63;
let top = base;

/** Forgets everything allocated. */
export function reset(): void {
  top = base;
}

/** 16-byte aligned memory filled with NaN (as f32 and f64) or -1 (as i32), like scratch that was used before. */
export function alloc(bytes: number): number {
  const address = top;
  top += (bytes + 31) & ~15;
  new Uint8Array(wasm.memory.buffer, address, top - address).fill(0xff);
  return address;
}

/** The numbers at an address. */
export function view(dtype: Dtype, address: number, n: number): Float32Array | Float64Array | Int32Array {
  const type = { f32: Float32Array, f64: Float64Array, i32: Int32Array }[dtype];
  return new type(wasm.memory.buffer, address, n);
}

/** Allocates and fills. */
export function put(dtype: Dtype, values: ArrayLike<number>): number {
  const address = alloc(values.length * (dtype === "f64" ? 8 : 4));
  view(dtype, address, values.length).set(values);
  return address;
}

/** Copies f64 numbers out. */
export const get = (address: number, n: number, dtype: Dtype = "f64"): number[] => [
  ...view(dtype, address, n),
];

/** Writes instructions, each a kernel and its operands. */
export function assemble(...instructions: [Kernel, ...number[]][]): Code {
  const words = instructions.flatMap(([kernel, ...operands]) => [
    opcodes[kernel],
    operands.length + 2,
    ...operands,
  ]);
  const start = put("i32", words);
  return { start, end: start + words.length * 4 };
}

/** Runs instructions once. */
export function run(...instructions: [Kernel, ...number[]][]): void {
  const { start, end } = assemble(...instructions);
  wasm.run(start, end);
}

/** Runs instructions over the tiles of a block of `rows` rows. */
export function sweep(rows: number, T: number, ...instructions: [Kernel, ...number[]][]): void {
  const { start, end } = assemble(...instructions);
  const tiles = Math.max(1, Math.ceil(rows / T));
  wasm.sweep(start, end, tiles, rows - (tiles - 1) * T, T);
}

/** A generator of uniform numbers in (-1, 1), exact in f32. */
export function uniform(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state >> 8) / 2 ** 23;
  };
}

export const range = (n: number) => Array.from({ length: n }, (_, i) => i);

/** Compares to a tolerance relative to 1 + |b|. */
export function expectClose(a: number[], b: number[], tolerance: number): void {
  expect(a.length).toBe(b.length);
  a.forEach((x, i) => {
    const y = b[i]!;
    if (!Object.is(x, y) && !(Math.abs(x - y) <= tolerance * (1 + Math.abs(y))))
      expect.fail(`element ${i}: ${x} instead of ${y}`);
  });
}
