import {
  chain,
  elementwise,
  type GradientTransformation,
  type NumericTree,
  scaleByLearningRate,
  zerosLike,
} from "./base.js";
import { type Schedule, wholePower } from "./schedule.js";

export interface AdamOptions {
  /** Decay of the mean of the gradients. */
  readonly b1?: number;
  /** Decay of the mean of their squares. */
  readonly b2?: number;
  /** Added to the root. */
  readonly eps?: number;
  /** Added under the root. */
  readonly epsRoot?: number;
}

export interface AdamState {
  readonly count: number;
  readonly mu: NumericTree;
  readonly nu: NumericTree;
}

/** Adam's rescaling, m̂ / (√(v̂ + epsRoot) + eps) with bias-corrected means (Kingma and Ba, arXiv:1412.6980). */
export function scaleByAdam(options: AdamOptions = {}): GradientTransformation<AdamState> {
  const { b1 = 0.9, b2 = 0.999, eps = 1e-8, epsRoot = 0 } = options;
  return {
    init: (params) => ({ count: 0, mu: zerosLike(params), nu: zerosLike(params) }),
    update: (grads, state) => {
      const g = { name: "grads", tree: grads };
      const mu = elementwise((x, m) => (1 - b1) * x + b1 * m, g, { name: "state", tree: state.mu });
      const nu = elementwise((x, v) => (1 - b2) * (x * x) + b2 * v, g, { name: "state", tree: state.nu });
      const count = state.count + 1;
      const [bias1, bias2] = [1 - wholePower(b1, count), 1 - wholePower(b2, count)];
      const updates = elementwise(
        (m, v) => m / bias1 / (Math.sqrt(v / bias2 + epsRoot) + eps),
        { name: "state", tree: mu },
        { name: "state", tree: nu },
      );
      return { updates, state: { count, mu: mu as NumericTree, nu: nu as NumericTree } };
    },
  };
}

/** Adam with optax's defaults. */
export function adam(learningRate: number | Schedule, options: AdamOptions = {}): GradientTransformation {
  return chain(scaleByAdam(options), scaleByLearningRate(learningRate));
}
