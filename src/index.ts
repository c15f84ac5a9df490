/**
 * Cuts, networks, histograms, likelihoods and fits in one differentiable function.
 *
 * @module gradcut
 */

import { wasmHex } from "../bindings/generated/wasm.js";
import { hexSource, useKernels } from "./core/compile.js";

useKernels(hexSource(wasmHex));

export * from "./api.js";
