import { InputError } from "../core/errors.js";
import { checkOptions } from "../core/options.js";
import { type ActivationName, denseWith, requireActivation } from "./activations.js";
import { type Initializer, type InitializerName, initializer, truncatedNormalInit } from "./initializers.js";
import type { Layer } from "./layer.js";

/** Weights [in, out] in row-major order, and biases [out] where there are any. */
export interface DenseParams {
  w: Float64Array;
  b?: Float64Array;
}

/** How a dense layer is made. */
export interface DenseOptions {
  /** Applied to the result (default none). */
  readonly activation?: ActivationName;
  /** Weights at the start (default that of Haiku's Linear: truncated normal numbers of width 1/√in). */
  readonly weights?: Initializer | InitializerName;
  /** Whether there are biases (default true); they start at 0. */
  readonly bias?: boolean;
}

/** y = activation(Wᵀx + b): x [inputs] per event to [outputs]. */
export function dense(inputs: number, outputs: number, options: DenseOptions = {}): Layer<DenseParams> {
  checkOptions("nn.dense", options, { activation: true, weights: true, bias: true });
  if (![inputs, outputs].every((n) => Number.isInteger(n) && n > 0)) {
    throw new InputError(
      "dense.sizes",
      `A dense layer from ${inputs} to ${outputs} cannot be: give whole numbers above 0, as in dense(2, 16).`,
      { inputs, outputs },
    );
  }
  const weights = initializer(options.weights ?? truncatedNormalInit());
  const activation = requireActivation(options.activation ?? "none");
  const shape = [inputs, outputs] as const;
  return {
    init: (key) => {
      const w = weights(key, shape);
      return options.bias === false ? { w } : { w, b: new Float64Array(outputs) };
    },
    apply: ({ w, b }, x) => denseWith(x, w.reshape(shape), b ?? null, activation),
  };
}
