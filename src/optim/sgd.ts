import { checkArgument, checkLegal, flag, type LegalOptions, upToOne } from "../core/graph/arguments.js";
import type { Rule } from "./rule.js";
import type { Schedule } from "./schedule.js";
import { rate } from "./settings.js";
import {
  chain,
  elementwise,
  type GradientTransformation,
  type NumericTree,
  scaleByLearningRate,
  zerosLike,
} from "./transformation.js";

export interface MomentumState {
  readonly trace: NumericTree;
}

/** Momentum: t ← g + decay·t; the update is t, or with `nesterov` g + decay·t (optax's `trace`). */
export function traceMomentum(
  decay: number,
  options: { readonly nesterov?: boolean } = {},
): GradientTransformation<MomentumState> {
  checkArgument("traceMomentum", "decay", decay, upToOne);
  checkLegal("traceMomentum", options, { nesterov: flag });
  const { nesterov = false } = options;
  return {
    init: (params) => ({ trace: zerosLike(params) }),
    update: (grads, state) => {
      const g = { name: "grads", tree: grads };
      const add = (x: number, t: number) => x + decay * t;
      const moved = elementwise(add, g, { name: "state", tree: state.trace });
      const updates = nesterov ? elementwise(add, g, { name: "state", tree: moved }) : moved;
      return { updates, state: { trace: moved as NumericTree } };
    },
  };
}

/** Momentum of gradient descent. */
export interface SgdOptions {
  /** Decay of the momentum; none when absent. */
  readonly momentum?: number;
  readonly nesterov?: boolean;
}

const sgdOptions: LegalOptions<SgdOptions> = { momentum: upToOne, nesterov: flag };

/** Gradient descent with optax's momentum. */
export function sgd(learningRate: number | Schedule, options: SgdOptions = {}): GradientTransformation {
  checkArgument("sgd", "learningRate", learningRate, rate);
  checkLegal("sgd", options, sgdOptions);
  const step = scaleByLearningRate(learningRate);
  if (options.momentum === undefined) return chain(step);
  return chain(traceMomentum(options.momentum, { nesterov: options.nesterov ?? false }), step);
}

export const sgdRule: Rule = {
  words: "gradient descent",
  rate: 0.01,
  momentum: true,
  make: ({ rate, momentum, nesterov }) => sgd(rate, momentum === undefined ? {} : { momentum, nesterov }),
};
