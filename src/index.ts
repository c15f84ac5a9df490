/**
 * Cuts, networks, histograms, likelihoods and fits in one differentiable function.
 *
 * @module gradcut
 */

import { wasmHex } from "../bindings/generated/wasm.js";
import { hexSource, useKernels } from "./core/run/compile.js";

useKernels(hexSource(wasmHex));

export * from "./entry/api.js";
