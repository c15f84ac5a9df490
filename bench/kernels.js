/** One instance of the kernels for rows that call them without a graph: a tape and its operands, written by hand. */

import { opcodes } from "../dist/bindings/generated/opcodes.js";
import { wasmHex } from "../dist/bindings/generated/wasm.js";

const module = await WebAssembly.compile(Buffer.from(wasmHex, "hex"));
const abort = () => {
  throw new Error("the kernels aborted");
};
export const kernels = (await WebAssembly.instantiate(module, { env: { abort } })).exports;
let top = (kernels.heapBase() + 63) & ~63;

/** Memory on a cache line, holding `values`, or `bytes` zeros. */
export function place(values) {
  const bytes = typeof values === "number" ? values : values.byteLength;
  const address = top;
  top += (bytes + 127) & ~63;
  const missing = top - kernels.memory.buffer.byteLength;
  if (missing > 0) kernels.memory.grow(Math.ceil(missing / 65536));
  if (typeof values !== "number")
    new values.constructor(kernels.memory.buffer, address, values.length).set(values);
  return address;
}

/** One instruction; `sweep` runs it over tiles, `run` once. */
export function instruction(kernel, ...operands) {
  const words = Int32Array.of(opcodes[kernel], operands.length + 2, ...operands);
  const start = place(words);
  const end = start + words.byteLength;
  return {
    run: () => kernels.run(start, end),
    sweep: (tiles, lanes) => kernels.sweep(start, end, tiles, lanes, lanes),
  };
}
