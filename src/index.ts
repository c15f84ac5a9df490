/**
 * Cuts, networks, histograms, likelihoods and fits in one differentiable function.
 *
 * @module gradcut
 */

import { wasmHex } from "../bindings/generated/wasm.js";
import { decodeHex } from "../bindings/load.js";
import { initWith } from "./core/run/compile.js";

export * from "./entry/gradcut.js";

/**
 * Loads the kernels, once; everything after is synchronous. Throws a RuntimeUnavailableError where WebAssembly SIMD is
 * missing, and a MemoryError where there is no memory for the kernels.
 */
export const init = /*#__PURE__*/ initWith(() => ({ bytes: decodeHex(wasmHex) }));
