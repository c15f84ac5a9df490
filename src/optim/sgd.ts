import { checkArgument, checkLegal, flag, type LegalOptions, upToOne } from "../core/legal.js";
import {
  chain,
  elementwise,
  type GradientTransformation,
  type NumericTree,
  scaleByLearningRate,
  zerosLike,
} from "./base.js";
import { rate } from "./legal.js";
import type { Rule } from "./rule.js";
import type { Schedule } from "./schedule.js";

export interface TraceState {
  readonly trace: NumericTree;
}

/** Momentum: t ← g + decay·t; the update is t, or with `nesterov` g + decay·t (optax's `trace`). */
export function trace(
  decay: number,
  options: { readonly nesterov?: boolean } = {},
): GradientTransformation<TraceState> {
  checkArgument("trace", "decay", decay, upToOne);
  checkLegal("trace", options, { nesterov: flag });
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
  return chain(trace(options.momentum, { nesterov: options.nesterov ?? false }), step);
}

export const sgdRule: Rule = {
  words: "gradient descent",
  rate: 0.01,
  momentum: true,
  make: ({ rate, momentum, nesterov }) => sgd(rate, momentum === undefined ? {} : { momentum, nesterov }),
};
