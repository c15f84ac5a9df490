import { checkOptions } from "../core/options.js";
import { take } from "../ops/gather.js";
import { type Initializer, type InitializerName, initializer, truncatedNormalInit } from "./initializers.js";
import type { Layer } from "./layer.js";

/** Params of an embedding. */
export interface EmbeddingParams {
  /** [categories, size] in row-major order. */
  table: Float64Array;
}

/**
 * A trained vector [size] for each of `categories` values of an integer column (0, 1, …): charge, number of jets, year.
 * A value outside gives NaN. Numbers at the start as in Haiku's Embed, truncated normal ones of width 1.
 */
export function embedding(
  categories: number,
  size: number,
  options: { readonly weights?: Initializer | InitializerName } = {},
): Layer<EmbeddingParams> {
  checkOptions("nn.embedding", options, { weights: true });
  const weights = initializer(options.weights ?? truncatedNormalInit(1));
  return {
    init: (key) => ({ table: weights(key, [categories, size]) }),
    apply: ({ table }, index) => take(table.reshape([categories, size]), index),
  };
}
