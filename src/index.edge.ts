/** The spelling that edge bundlers know for a compiled module. */

import module from "../kernels.wasm?module";
import { useKernels } from "./core/run/compile.js";

useKernels(() => ({ module }));

export * from "./entry/api.js";
