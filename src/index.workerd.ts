/** Runtimes that compile no bytes import the module; the build puts it beside this entry's folder. */

import module from "../kernels.wasm";
import { useKernels } from "./core/run/compile.js";

useKernels(() => ({ module }));

export * from "./entry/api.js";
