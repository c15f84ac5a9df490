import {
  belowOne,
  checkArgument,
  checkLegal,
  flag,
  type LegalOptions,
  notNegative,
  upToOne,
} from "../core/graph/arguments.js";
import { biasOf, updateMean, updateSquares } from "./moments.js";
import { type Rule, TINY_EPS } from "./rule.js";
import type { Schedule } from "./schedule.js";
import { rate } from "./settings.js";
import { traceMomentum } from "./sgd.js";
import {
  chain,
  elementwise,
  type GradientTransformation,
  type NumericTree,
  scaleByLearningRate,
} from "./transformation.js";

const full = (params: unknown, value: number): NumericTree =>
  elementwise(() => value, { name: "params", tree: params }) as NumericTree;

/** Decay, offset and centring of the mean square. */
export interface RmsScaleOptions {
  /** Decay of the mean of the squares. */
  readonly decay?: number;
  readonly eps?: number;
  /** The squares before the first step. */
  readonly initialScale?: number;
  /** eps under the root (default) or added to it. */
  readonly epsInSqrt?: boolean;
  /** Divides means by what they have of their full size so far. */
  readonly biasCorrection?: boolean;
}

const scaleOptions: LegalOptions<RmsScaleOptions> = {
  ...{ decay: belowOne, eps: notNegative, initialScale: notNegative },
  ...{ epsInSqrt: flag, biasCorrection: flag },
};

export interface RmsState {
  readonly count: number;
  readonly nu: NumericTree;
}

const scaleOf = (square: number, eps: number, inside: boolean): number =>
  inside ? 1 / Math.sqrt(square + eps) : 1 / (Math.sqrt(square) + eps);

/** Divides by the root of the running mean of the squares (Hinton's lecture 6e). */
export function scaleByRms(options: RmsScaleOptions = {}): GradientTransformation<RmsState> {
  checkLegal("scaleByRms", options, scaleOptions);
  const { decay = 0.9, eps = 1e-8, initialScale = 0, epsInSqrt = true, biasCorrection = false } = options;
  return {
    init: (params) => ({ count: 0, nu: full(params, initialScale) }),
    update: (grads, state) => {
      const count = state.count + 1;
      const nu = updateSquares(grads, state.nu, decay);
      const bias = biasCorrection ? biasOf(decay, count) : 1;
      const updates = elementwise(
        (g, v) => scaleOf(v / bias, eps, epsInSqrt) * g,
        { name: "grads", tree: grads },
        { name: "state", tree: nu },
      );
      return { updates, state: { count, nu } };
    },
  };
}

export interface StddevState extends RmsState {
  readonly mu: NumericTree;
}

/** Divides by the running standard deviation (Graves, arXiv:1308.0850). */
export function scaleByStddev(options: RmsScaleOptions = {}): GradientTransformation<StddevState> {
  checkLegal("scaleByStddev", options, scaleOptions);
  const { decay = 0.9, eps = 1e-8, initialScale = 0, epsInSqrt = true, biasCorrection = false } = options;
  return {
    init: (params) => ({ count: 0, mu: full(params, 0), nu: full(params, initialScale) }),
    update: (grads, state) => {
      const count = state.count + 1;
      const mu = updateMean(grads, state.mu, decay);
      const nu = updateSquares(grads, state.nu, decay);
      const bias = biasCorrection ? biasOf(decay, count) : 1;
      const updates = elementwise(
        (g, m, v) => {
          const mean = m / bias;
          return scaleOf(v / bias - mean * mean, eps, epsInSqrt) * g;
        },
        { name: "grads", tree: grads },
        { name: "state", tree: mu },
        { name: "state", tree: nu },
      );
      return { updates, state: { count, mu, nu } };
    },
  };
}

/** Those of the scaling, and a momentum. */
export interface RmspropOptions extends RmsScaleOptions {
  /** Divides by the standard deviation instead of the root of the mean square. */
  readonly centered?: boolean;
  /** Decay of the momentum, which is applied after the learning rate; none when absent. */
  readonly momentum?: number;
  readonly nesterov?: boolean;
}

const rmspropOptions: LegalOptions<RmspropOptions> = {
  ...scaleOptions,
  ...{ centered: flag, momentum: upToOne, nesterov: flag },
};

/** RMSProp with optax's defaults. */
export function rmsprop(
  learningRate: number | Schedule,
  options: RmspropOptions = {},
): GradientTransformation {
  checkArgument("rmsprop", "learningRate", learningRate, rate);
  checkLegal("rmsprop", options, rmspropOptions);
  const { centered = false, momentum, nesterov = false, ...rest } = options;
  const rescale: GradientTransformation = centered ? scaleByStddev(rest) : scaleByRms(rest);
  const rules = [rescale, scaleByLearningRate(learningRate)];
  return momentum === undefined ? chain(...rules) : chain(...rules, traceMomentum(momentum, { nesterov }));
}

/** Start and offset of the sum of squares. */
export interface AdagradOptions {
  /** The sum of squares before the first step. */
  readonly initialAccumulatorValue?: number;
  readonly eps?: number;
}

const adagradOptions: LegalOptions<AdagradOptions> = {
  initialAccumulatorValue: notNegative,
  eps: notNegative,
};

export interface RssState {
  readonly sumOfSquares: NumericTree;
}

/** Divides by the root of the sum of all squares so far; 0 where that is 0. */
export function scaleByRss(options: AdagradOptions = {}): GradientTransformation<RssState> {
  checkLegal("scaleByRss", options, adagradOptions);
  const { initialAccumulatorValue = 0.1, eps = 1e-7 } = options;
  return {
    init: (params) => ({ sumOfSquares: full(params, initialAccumulatorValue) }),
    update: (grads, state) => {
      const g = { name: "grads", tree: grads };
      const sums = elementwise((x, s) => x * x + s, g, { name: "state", tree: state.sumOfSquares });
      const updates = elementwise((x, s) => (s > 0 ? 1 / Math.sqrt(s + eps) : 0) * x, g, {
        name: "state",
        tree: sums,
      });
      return { updates, state: { sumOfSquares: sums as NumericTree } };
    },
  };
}

/** Adagrad with optax's defaults (Duchi, Hazan and Singer, JMLR 12, 2121, 2011). */
export function adagrad(
  learningRate: number | Schedule,
  options: AdagradOptions = {},
): GradientTransformation {
  checkArgument("adagrad", "learningRate", learningRate, rate);
  checkLegal("adagrad", options, adagradOptions);
  return chain(scaleByRss(options), scaleByLearningRate(learningRate));
}

export const rmspropRule: Rule = {
  words: "the gradient by the root of its mean square",
  rate: 0.01,
  momentum: true,
  make: ({ rate, momentum, nesterov, tiny }) =>
    rmsprop(rate, {
      ...(momentum === undefined ? {} : { momentum, nesterov }),
      // It stands under the root.
      ...(tiny ? { eps: TINY_EPS ** 2 } : {}),
    }),
};

export const adagradRule: Rule = {
  words: "the gradient by the root of the sum of its squares",
  // Its steps shrink.
  rate: 0.1,
  make: ({ rate }) => adagrad(rate),
};
