/** The spelling that edge bundlers know for a compiled module. */

import module from "../kernels.wasm?module";
import { initWith } from "./core/run/compile.js";

export * from "./entry/gradcut.js";

/**
 * Loads the kernels, once; everything after is synchronous. Throws a RuntimeUnavailableError where WebAssembly SIMD is
 * missing, and a MemoryError where there is no memory for the kernels.
 */
export const init = /*#__PURE__*/ initWith(() => ({ module }));
