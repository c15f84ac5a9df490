/** The module: every kernel under its own name, and the entry points of the host. */

export * from "./generated/tape";
export { peakF32 } from "./kernels/peak";
export { empty, merge, sweep } from "./sweep";

/** First address that the module does not use itself; the host's arena begins here. */
export function heapBase(): usize {
  return __heap_base;
}
