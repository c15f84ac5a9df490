/** Rules around rules: means of gradients, several gradients to a step, steps left out. */

import {
  belowOne,
  callable,
  checkArgument,
  checkLegal,
  either,
  flag,
  times,
  whole,
} from "../core/graph/arguments.js";
import { unbiased, updateMean } from "./moments.js";
import { updateRule } from "./settings.js";
import {
  elementwise,
  type GradientTransformation,
  type NumericTree,
  ravel,
  taking,
  zerosLike,
} from "./transformation.js";

export interface EmaState {
  readonly count: number;
  readonly ema: NumericTree;
}

/** The exponential moving average, decay·ema + (1 - decay)·g; `debias` divides by its size so far. */
export function ema(
  decay: number,
  options: { readonly debias?: boolean } = {},
): GradientTransformation<EmaState> {
  checkArgument("ema", "decay", decay, belowOne);
  checkLegal("ema", options, { debias: flag });
  const { debias = true } = options;
  return {
    init: (params) => ({ count: 0, ema: zerosLike(params) }),
    update: <P>(grads: P, state: EmaState) => {
      const count = state.count + 1;
      const mean = updateMean(grads, state.ema, decay);
      return { updates: (debias ? unbiased(mean, decay, count) : mean) as P, state: { count, ema: mean } };
    },
  };
}

/** Mean or sum of the gradients that are collected. */
export interface AccumulateOptions {
  /** Hands on the mean of the gradients (default) or their sum. */
  readonly mean?: boolean;
}

export interface AccumulateState {
  /** Gradients collected since the latest step. */
  readonly miniStep: number;
  /** Steps made. */
  readonly gradientStep: number;
  readonly inner: unknown;
  readonly grads: NumericTree;
}

/**
 * One step of a rule for every `every` gradients, from their mean; between, updates are 0 (optax's `MultiSteps`).
 * `every` may depend on the number of steps made.
 */
export function accumulate(
  rule: GradientTransformation,
  every: number | ((gradientStep: number) => number),
  options: AccumulateOptions = {},
): GradientTransformation<AccumulateState> {
  checkArgument("accumulate", "rule", rule, updateRule);
  checkArgument("accumulate", "every", every, either(whole(1), callable));
  checkLegal("accumulate", options, { mean: flag });
  const { mean = true } = options;
  return {
    ...taking(rule),
    init: (params) => ({ miniStep: 0, gradientStep: 0, inner: rule.init(params), grads: zerosLike(params) }),
    update: (grads, { miniStep, gradientStep, inner, grads: collected }, params) => {
      const n = miniStep + 1;
      const all = elementwise(
        mean ? (g, a) => a + (g - a) / n : (g, a) => g + a,
        { name: "grads", tree: grads },
        { name: "state", tree: collected },
      );
      const zero = zerosLike(grads);
      if (n < (typeof every === "number" ? every : every(gradientStep))) {
        const state = { miniStep: n, gradientStep, inner, grads: all as NumericTree };
        return { updates: zero as typeof grads, state };
      }
      const step = rule.update(all, inner, params);
      const state = { miniStep: 0, gradientStep: gradientStep + 1, inner: step.state, grads: zero };
      return { updates: step.updates, state };
    },
  };
}

export interface ApplyIfFiniteState {
  /** Gradients that were not finite, in a row up to the latest. */
  readonly notFiniteCount: number;
  readonly lastFinite: boolean;
  /** All of them. */
  readonly totalNotFinite: number;
  readonly inner: unknown;
}

/**
 * Makes no step from a gradient with NaN or infinity (a training goes on after it), and leaves the rule's state as it was. After
 * `maxConsecutiveErrors` of them in a row the next one is let through.
 */
export function applyIfFinite(
  rule: GradientTransformation,
  maxConsecutiveErrors: number,
): GradientTransformation<ApplyIfFiniteState> {
  checkArgument("applyIfFinite", "rule", rule, updateRule);
  checkArgument("applyIfFinite", "maxConsecutiveErrors", maxConsecutiveErrors, times(0));
  return {
    takesNotFinite: true,
    init: (params) => ({ notFiniteCount: 0, lastFinite: true, totalNotFinite: 0, inner: rule.init(params) }),
    update: (grads, was, params) => {
      const lastFinite = ravel(grads, "grads").vector.every(Number.isFinite);
      const notFiniteCount = lastFinite ? 0 : was.notFiniteCount + 1;
      const totalNotFinite = was.totalNotFinite + (lastFinite ? 0 : 1);
      const counts = { notFiniteCount, lastFinite, totalNotFinite };
      if (!lastFinite && notFiniteCount <= maxConsecutiveErrors) {
        return { updates: zerosLike(grads) as typeof grads, state: { ...counts, inner: was.inner } };
      }
      const step = rule.update(grads, was.inner, params);
      return { updates: step.updates, state: { ...counts, inner: step.state } };
    },
  };
}
