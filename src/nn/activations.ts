import { where } from "../core/elementary/arith.js";
import { normCdf } from "../core/elementary/special.js";
import { InputError } from "../core/errors.js";
import type { Tensor } from "../core/graph/tensor.js";
import { type Activation, affine } from "../ops/affine.js";
import { type Layer, type NoParams, stateless } from "./layer.js";

/** max(x, 0) + alpha·(exp(min(x, 0)) - 1); min keeps exp from overflow where it is not used. */
const elu = (x: Tensor, alpha = 1): Tensor => where(x.gt(0), x, x.minimum(0).expm1().mul(alpha));

/** Activations by the names of `jax.nn`; gelu is the exact one, x·Φ(x). */
export const activations = {
  none: (x: Tensor) => x,
  relu: (x: Tensor) => x.relu(),
  tanh: (x: Tensor) => x.tanh(),
  sigmoid: (x: Tensor) => x.sigmoid(),
  softplus: (x: Tensor) => x.softplus(),
  logSigmoid: (x: Tensor) => x.logSigmoid(),
  silu: (x: Tensor) => x.mul(x.sigmoid()),
  gelu: (x: Tensor) => x.mul(normCdf(x)),
  elu: (x: Tensor) => elu(x),
  // The two constants make mean 0 and variance 1 a fixed point (Klambauer et al., arXiv:1706.02515).
  selu: (x: Tensor) => elu(x, 1.6732632423543772).mul(1.0507009873554805),
  leakyRelu: (x: Tensor) => where(x.ge(0), x, x.mul(0.01)),
  softSign: (x: Tensor) => x.div(x.abs().add(1)),
  mish: (x: Tensor) => x.mul(x.softplus().tanh()),
} as const;

/** Names of the activations that layers know. */
export type ActivationName = keyof typeof activations;

/** Those that the dense kernel applies while its output is in cache. */
const fused: readonly string[] = ["none", "relu", "tanh", "sigmoid"] satisfies Activation[];

/** Throws an InputError with the known names for any other. */
export function requireActivation(name: ActivationName): ActivationName {
  if (Object.hasOwn(activations, name)) return name;
  const known = Object.keys(activations);
  throw new InputError(
    "activation.name",
    `There is no activation '${String(name)}': choose one of ${known.join(", ")}.`,
    { name, known },
  );
}

/** activation(Wᵀx + b), in one kernel where that has the activation. */
export function denseWith(x: Tensor, w: Tensor, b: Tensor | null, name: ActivationName): Tensor {
  if (fused.includes(name)) return affine(x, w, b, name as Activation);
  return activations[name](affine(x, w, b));
}

/** An activation as a part of a network. */
export function activation(name: ActivationName): Layer<NoParams> {
  return stateless(activations[requireActivation(name)]);
}
