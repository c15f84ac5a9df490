/** Runtimes that compile no bytes import the module; the build puts it beside this entry's folder. */

import module from "../kernels.wasm";
import { initWith } from "./core/run/compile.js";

export * from "./entry/gradcut.js";

/**
 * Loads the kernels, once; everything after is synchronous. Throws a RuntimeUnavailableError where WebAssembly SIMD is
 * missing, and a MemoryError where there is no memory for the kernels.
 */
export const init = /*#__PURE__*/ initWith(() => ({ module }));
