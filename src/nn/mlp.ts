import { InputError } from "../core/errors.js";
import { checkArguments, numbers } from "../core/graph/arguments.js";
import { ranked } from "../core/graph/op.js";
import type { EventTensor, Tensor } from "../core/graph/tensor.js";
import { checkOptions } from "../core/options.js";
import { type Key, split } from "../random/keys.js";
import { type ActivationName, denseWith, requireActivation } from "./activations.js";
import { type Initializer, type InitializerName, initializer, truncatedNormalInit } from "./initializers.js";

/** Weights [in, out] in row-major order and biases [out] of one layer. */
export interface LayerParams {
  w: Float64Array;
  b: Float64Array;
}

/** Activation and initialisers of the layers. */
export interface MlpOptions {
  /** After every layer but the last (default relu). */
  readonly activation?: ActivationName;
  /** After the last layer (default none). */
  readonly output?: ActivationName;
  /** Weights at the start (default that of Haiku's Linear: truncated normal numbers of width 1/√in). Biases start at 0. */
  readonly weights?: Initializer | InitializerName;
}

/** A network of dense layers. It holds no numbers: they are params, made by `init` and given to `apply`. */
export interface Mlp {
  /** Inputs, hidden layers, outputs. */
  readonly sizes: readonly number[];
  init(key: Key): LayerParams[];
  /** x [inputs] per event to [outputs] per event. */
  apply(params: readonly { readonly w: Tensor; readonly b: Tensor }[], x: Tensor): EventTensor;
}

/** A multilayer perceptron: `mlp([2, 15, 30, 1])` has two inputs, two hidden layers and one output. */
export function mlp(sizes: readonly number[], options: MlpOptions = {}): Mlp {
  checkArguments("mlp", { sizes: [sizes, numbers] });
  checkOptions("mlp", options, { activation: true, output: true, weights: true });
  if (sizes.length < 2 || !sizes.every((n) => Number.isInteger(n) && n > 0)) {
    throw new InputError(
      "mlp.sizes",
      `The sizes of a network are [${sizes.join(", ")}]: give whole numbers above 0, inputs first and outputs last, as in mlp([2, 16, 1]).`,
      { sizes },
    );
  }
  const weights = initializer(options.weights ?? truncatedNormalInit());
  const activation = requireActivation(options.activation ?? "relu");
  const output = requireActivation(options.output ?? "none");
  const layers = sizes.slice(1).map((outputs, i) => [sizes[i]!, outputs] as const);
  return {
    sizes,
    init: (key) =>
      split(key, layers.length).map((own, i) => ({
        w: weights(own, layers[i]!),
        b: new Float64Array(layers[i]![1]),
      })),
    apply: (params, x) => {
      if (params.length !== layers.length) {
        throw new InputError(
          "mlp.layers",
          `A network of ${layers.length} layers got params of ${params.length}: pass what init returned.`,
          { layers: layers.length, params: params.length },
        );
      }
      const result = layers.reduce((y, shape, i) => {
        const { w, b } = params[i]!;
        return denseWith(y, w.reshape(shape), b, i === layers.length - 1 ? output : activation);
      }, x);
      return ranked(result);
    },
  };
}
