import { wasmBase64 } from "../bindings/generated/wasm.js";
import { base64Source, useKernels } from "./core/compile.js";

useKernels(base64Source(wasmBase64));

export * from "./api.js";
