import { ShapeError } from "../core/errors.js";
import { describe, type Tensor } from "../core/graph/tensor.js";
import { checkOptions } from "../core/options.js";
import type { Layer } from "./layer.js";

/** Params of a layer normalisation, each [size]. */
export interface LayerNormParams {
  scale: Float64Array;
  offset: Float64Array;
}

/**
 * Layer normalisation: (x - mean) / √(variance + eps) · scale + offset, over the features [size] of each event, never
 * over events (Ba, Kiros and Hinton, arXiv:1607.06450; eps as in Haiku).
 */
export function layerNorm(size: number, options: { readonly eps?: number } = {}): Layer<LayerNormParams> {
  checkOptions("layerNorm", options, { eps: true });
  const { eps = 1e-5 } = options;
  return {
    init: () => ({ scale: new Float64Array(size).fill(1), offset: new Float64Array(size) }),
    apply: ({ scale, offset }, x) =>
      normalize(requireFeatures("layerNorm", x, size), eps)
        .mul(scale)
        .add(offset),
  };
}

function normalize(x: Tensor, eps: number): Tensor {
  const centered = x.sub(x.mean(-1));
  return centered.div(centered.square().mean(-1).add(eps).sqrt());
}

/** Requires x [size]: broadcasting would else make something of a wrong size. */
export function requireFeatures(what: string, x: Tensor, size: number): Tensor {
  if (x.shape.length === 1 && x.shape[0] === size) return x;
  throw new ShapeError("shape.features", `'${what}' works on [${size}] features, but got ${describe(x)}`, {
    expected: [size],
    got: x.shape,
  });
}
