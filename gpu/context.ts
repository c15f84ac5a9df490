/** What a kernel that has run tells about the GPU under it. */

import type { LibraryKernel, WebGpuContext, WebGpuDevice } from "./library.js";

const isWebGpu = (context: unknown): context is WebGpuContext =>
  typeof context === "object" && context !== null && "device" in context && "isLost" in context;

const isWebGl2 = (context: unknown): context is WebGL2RenderingContext =>
  typeof WebGL2RenderingContext !== "undefined" && context instanceof WebGL2RenderingContext;

/** By what it ran, and why by that where gpu.js changed its mind. */
export function ranBy({ kernel }: LibraryKernel): { readonly mode: string; readonly reason: string | null } {
  // Names of classes do not survive minifiers; this does.
  const made = kernel.constructor;
  const named = typeof made === "function" && "mode" in made ? String(made.mode) : "unknown";
  const mode = named === "gpu" ? (isWebGl2(kernel.context) ? "webgl2" : "webgl") : named;
  return { mode, reason: kernel.fallbackReason ?? null };
}

/** The driver's words for the GPU; without one, what it ran by. */
export function adapterOf(made: LibraryKernel): string {
  const { context } = made.kernel;
  if (isWebGpu(context)) {
    const { vendor, architecture, device, description } = context.adapter.info ?? {};
    return [vendor, architecture, device, description].filter((word) => word).join(" ") || "unnamed";
  }
  if (!isWebGl2(context)) return ranBy(made).mode;
  const named = context.getExtension("WEBGL_debug_renderer_info");
  return String(context.getParameter(named ? named.UNMASKED_RENDERER_WEBGL : context.RENDERER));
}

/** Whether the CPU does it. */
export function inSoftware(made: LibraryKernel): boolean {
  const { context } = made.kernel;
  if (!isWebGpu(context) && !isWebGl2(context)) return true;
  if (isWebGpu(context) && context.adapter.info?.isFallbackAdapter) return true;
  return /swiftshader|llvmpipe|softpipe|software|basic render/i.test(adapterOf(made));
}

/** Bytes of the largest buffer. */
export function largestOf({ kernel: { context } }: LibraryKernel): number {
  if (isWebGpu(context)) {
    const { maxBufferSize, maxStorageBufferBindingSize } = context.device.limits;
    return Math.min(maxBufferSize, maxStorageBufferBindingSize);
  }
  // One float in a texel of a texture that is nearly a square.
  if (isWebGl2(context)) return 4 * context.getParameter(context.MAX_TEXTURE_SIZE) ** 2;
  return 2 ** 30;
}

/** Whether the GPU is gone. */
export const isLost = ({ kernel: { context } }: LibraryKernel): boolean =>
  isWebGpu(context) ? context.isLost : isWebGl2(context) && context.isContextLost();

/** What tells errors of buffers, where they are told. */
export const scopesOf = ({ kernel: { context } }: LibraryKernel): WebGpuDevice | null =>
  isWebGpu(context) ? context.device : null;
