import { belowOne, checkArgument, checkLegal, type LegalOptions } from "../core/graph/arguments.js";
import type { DecayOptions } from "./adam.js";
import { decayOptions } from "./adam.js";
import { addDecayedWeights } from "./decay.js";
import { updateMean } from "./moments.js";
import type { Rule } from "./rule.js";
import type { Schedule } from "./schedule.js";
import { rate } from "./settings.js";
import {
  chain,
  type EmptyState,
  elementwise,
  type GradientTransformation,
  type NumericTree,
  scaleByLearningRate,
  zerosLike,
} from "./transformation.js";

/** Only the sign of each component. */
export function scaleBySign(): GradientTransformation<EmptyState> {
  return {
    init: () => ({}),
    update: (grads, state) => ({ updates: elementwise(Math.sign, { name: "grads", tree: grads }), state }),
  };
}

/** Decay rates of Lion, with optax's defaults. */
export interface LionOptions {
  /** Weight of the mean in the direction of a step. */
  readonly b1?: number;
  /** Decay of the mean. */
  readonly b2?: number;
}

const lionOptions: LegalOptions<LionOptions> = { b1: belowOne, b2: belowOne };

export interface LionState {
  readonly count: number;
  readonly mu: NumericTree;
}

/** The sign of a mix of gradient and mean (Chen et al., arXiv:2302.06675). */
export function scaleByLion(options: LionOptions = {}): GradientTransformation<LionState> {
  checkLegal("scaleByLion", options, lionOptions);
  const { b1 = 0.9, b2 = 0.99 } = options;
  return {
    init: (params) => ({ count: 0, mu: zerosLike(params) }),
    update: (grads, state) => {
      const updates = elementwise(
        (g, m) => Math.sign((1 - b1) * g + b1 * m),
        { name: "grads", tree: grads },
        { name: "state", tree: state.mu },
      );
      return { updates, state: { count: state.count + 1, mu: updateMean(grads, state.mu, b2) } };
    },
  };
}

/** Lion with optax's defaults, weight decay 1e-3 included. All steps have the size of the rate: take a tenth of Adam's. */
export function lion(
  learningRate: number | Schedule,
  options: LionOptions & DecayOptions = {},
): GradientTransformation {
  checkArgument("lion", "learningRate", learningRate, rate);
  checkLegal("lion", options, { ...lionOptions, ...decayOptions });
  const { weightDecay = 1e-3, mask, ...rest } = options;
  return chain(scaleByLion(rest), addDecayedWeights(weightDecay, mask), scaleByLearningRate(learningRate));
}

export const lionRule: Rule = {
  words: "the sign of a mean of gradients, with weight decay",
  // All steps have the length of the rate.
  rate: 0.001,
  weightDecay: 1e-3,
  make: ({ rate, weightDecay, weights: mask }) => lion(rate, { weightDecay, mask }),
};
