/**
 * Dense layers of compiled functions on a GPU, through gpu.js.
 *
 * @module gradcut/gpu
 */

import { type GpuOptions, type OpenGpu, openGpu } from "./opengpu.js";

export { GpuError } from "../core/errors.js";
export type { GpuReport } from "../core/run/ongpu.js";
export type { GpuOptions, Mode, OpenGpu } from "./opengpu.js";

/**
 * Opens a GPU: `compile(f, { gpu: await gpu() })`. Where there is none, or no gpu.js, functions compute without and say why;
 * rejects with a GpuError where a mode was asked for and is not here, and with an OptionError for other options.
 */
export const gpu = (options: GpuOptions = {}): Promise<OpenGpu> => openGpu(options);
