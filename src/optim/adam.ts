import {
  atLeast,
  belowOne,
  checkArgument,
  checkLegal,
  flag,
  type LegalOptions,
  notNegative,
} from "../core/graph/arguments.js";
import { addDecayedWeights } from "./decay.js";
import type { Mask } from "./labels.js";
import { biasOf, lookAhead, updateMean, updateSquares } from "./moments.js";
import { type Rule, type RuleSettings, TINY_EPS } from "./rule.js";
import { type Schedule, wholePower } from "./schedule.js";
import { aLabelTree, decay, rate } from "./settings.js";
import {
  arraywise,
  arraywiseAll,
  chain,
  elementwise,
  type GradientTransformation,
  type Loop,
  type Loops,
  type NumericTree,
  scaleByLearningRate,
  zerosLike,
} from "./transformation.js";

/** Decay rates and offsets of Adam, with optax's defaults. */
export interface AdamOptions {
  /** Decay of the mean of the gradients. */
  readonly b1?: number;
  /** Decay of the mean of their squares. */
  readonly b2?: number;
  /** Added to the root. */
  readonly eps?: number;
  /** Added under the root. */
  readonly epsRoot?: number;
  /** Looks one step ahead, as NAdam does. */
  readonly nesterov?: boolean;
}

const adamOptions: LegalOptions<AdamOptions> = {
  ...{ b1: belowOne, b2: belowOne },
  ...{ eps: notNegative, epsRoot: notNegative, nesterov: flag },
};

export interface AdamState {
  readonly count: number;
  readonly mu: NumericTree;
  readonly nu: NumericTree;
}

const begin = (params: unknown): AdamState => ({ count: 0, mu: zerosLike(params), nu: zerosLike(params) });

/** The moments after one more gradient, and what a step is made of: `mean / bias`. */
function advance<P>(grads: P, was: AdamState, b1: number, b2: number, nesterov: boolean) {
  const count = was.count + 1;
  const mu = updateMean(grads, was.mu, b1);
  const nu = updateSquares(grads, was.nu, b2);
  const [mean, bias] = nesterov ? [lookAhead(grads, mu, b1, count), 1] : [mu, biasOf(b1, count)];
  return { mean: mean as P, bias, state: { count, mu, nu } };
}

/** Adam's rescaling, m̂ / (√(v̂ + epsRoot) + eps) with bias-corrected means (Kingma and Ba, arXiv:1412.6980). */
export function scaleByAdam(options: AdamOptions = {}): GradientTransformation<AdamState> {
  checkLegal("scaleByAdam", options, adamOptions);
  const { b1 = 0.9, b2 = 0.999, eps = 1e-8, epsRoot = 0, nesterov = false } = options;
  return {
    init: begin,
    update: (grads, was) => {
      if (!nesterov) return plainAdam(grads, was, { b1, b2, eps, epsRoot });
      const { mean, bias: size, state } = advance(grads, was, b1, b2, nesterov);
      const bias = biasOf(b2, state.count);
      const divide: Loop = (out, m, v) => {
        for (let i = 0; i < out.length; i++)
          out[i] = m[i]! / size / (Math.sqrt(v[i]! / bias + epsRoot) + eps);
      };
      const updates = arraywise(divide, { name: "grads", tree: mean }, { name: "state", tree: state.nu });
      return { updates, state };
    },
  };
}

type Numbers = Record<"b1" | "b2" | "eps" | "epsRoot", number>;

/** The same without looking ahead, in one pass: with small batches its time counts. */
function plainAdam<P>(
  grads: P,
  was: AdamState,
  numbers: Numbers,
  factor = 1,
): { updates: P; state: AdamState } {
  const count = was.count + 1;
  const { b1, b2, eps, epsRoot } = numbers;
  const [size, bias] = [biasOf(b1, count), biasOf(b2, count)];
  const loop: Loops = ([m, v, updates], [g, oldM, oldV]) =>
    adamLoop(m!, v!, updates!, g!, oldM!, oldV!, b1, b2, eps, epsRoot, size, bias, factor);
  const state = (tree: NumericTree) => ({ name: "state", tree });
  const operands = [{ name: "grads", tree: grads as unknown }, state(was.mu), state(was.nu)] as const;
  const [mu, nu, updates] = arraywiseAll(3, loop, ...operands) as [NumericTree, NumericTree, P];
  return { updates, state: { count, mu, nu } };
}

/** A function of its own with plain arguments runs in two thirds of the time of a closure. */
function adamLoop(
  m: Float64Array,
  v: Float64Array,
  updates: Float64Array,
  g: Float64Array,
  oldM: Float64Array,
  oldV: Float64Array,
  b1: number,
  b2: number,
  eps: number,
  epsRoot: number,
  size: number,
  bias: number,
  factor: number,
): void {
  const [rest1, rest2] = [1 - b1, 1 - b2];
  for (let i = 0; i < m.length; i++) {
    const slope = g[i]!;
    const mean = rest1 * slope + b1 * oldM[i]!;
    const square = rest2 * (slope * slope) + b2 * oldV[i]!;
    m[i] = mean;
    v[i] = square;
    updates[i] = factor * (mean / size / (Math.sqrt(square / bias + epsRoot) + eps));
  }
}

/** Adam with optax's defaults. */
export function adam(learningRate: number | Schedule, options: AdamOptions = {}): GradientTransformation {
  checkArgument("adam", "learningRate", learningRate, rate);
  checkLegal("adam", options, adamOptions);
  const rule = chain(scaleByAdam(options), scaleByLearningRate(learningRate));
  if (typeof learningRate !== "number" || options.nesterov) return rule;
  const { b1 = 0.9, b2 = 0.999, eps = 1e-8, epsRoot = 0 } = options;
  const fused: GradientTransformation<readonly unknown[]> = {
    ...rule,
    // The same bits in one pass.
    update: (grads, [was, rest]) => {
      const numbers = { b1, b2, eps, epsRoot };
      const { updates, state } = plainAdam(grads, was as AdamState, numbers, -learningRate);
      return { updates, state: [state, rest] };
    },
  };
  return fused;
}

/** Adam with Nesterov's momentum (Dozat 2016). */
export function nadam(learningRate: number | Schedule, options: AdamOptions = {}): GradientTransformation {
  checkArgument("nadam", "learningRate", learningRate, rate);
  checkLegal("nadam", options, adamOptions);
  return adam(learningRate, { ...options, nesterov: true });
}

/** How much decays, and which parameters. */
export interface DecayOptions {
  /** How much of each parameter is added to its gradient; multiplied by the learning rate, as in PyTorch. */
  readonly weightDecay?: number | Schedule;
  /** The parameters that decay (default all): often the weights, and neither biases nor thresholds of cuts. */
  readonly mask?: Mask;
}

export const decayOptions: LegalOptions<DecayOptions> = { weightDecay: decay, mask: aLabelTree };

/** Adam with decoupled weight decay (Loshchilov and Hutter, arXiv:1711.05101). */
export function adamw(
  learningRate: number | Schedule,
  options: AdamOptions & DecayOptions = {},
): GradientTransformation {
  checkArgument("adamw", "learningRate", learningRate, rate);
  checkLegal("adamw", options, { ...adamOptions, ...decayOptions });
  const { weightDecay = 1e-4, mask, ...rest } = options;
  return chain(scaleByAdam(rest), addDecayedWeights(weightDecay, mask), scaleByLearningRate(learningRate));
}

/** {@link adamw} with Nesterov's momentum. */
export function nadamw(
  learningRate: number | Schedule,
  options: AdamOptions & DecayOptions = {},
): GradientTransformation {
  checkArgument("nadamw", "learningRate", learningRate, rate);
  checkLegal("nadamw", options, { ...adamOptions, ...decayOptions });
  return adamw(learningRate, { ...options, nesterov: true });
}

/** Those of Adam, and when its squares are trusted. */
export interface RadamOptions extends AdamOptions {
  /** Below this many effective squares the step is the mean alone. */
  readonly threshold?: number;
}

// Below 4 squares their variance has no number.
const radamOptions: LegalOptions<RadamOptions> = { ...adamOptions, threshold: atLeast(4) };

/** Adam that scales by the squares only once their variance is known (Liu et al., arXiv:1908.03265). */
export function scaleByRadam(options: RadamOptions = {}): GradientTransformation<AdamState> {
  checkLegal("scaleByRadam", options, radamOptions);
  const { b1 = 0.9, b2 = 0.999, eps = 1e-8, epsRoot = 0, threshold = 5, nesterov = false } = options;
  const most = 2 / (1 - b2) - 1;
  return {
    init: begin,
    update: (grads, was) => {
      const { mean: sum, bias: size, state } = advance(grads, was, b1, b2, nesterov);
      const mean = elementwise((m) => m / size, { name: "grads", tree: sum });
      const power = wholePower(b2, state.count);
      const length = most - (2 * state.count * power) / (1 - power);
      if (!(length >= threshold)) return { updates: mean, state };
      const bias = 1 - power;
      const r = Math.sqrt(((length - 4) * (length - 2) * most) / ((most - 4) * (most - 2) * length));
      const updates = elementwise(
        (m, v) => (r * m) / (Math.sqrt(v / bias + epsRoot) + eps),
        { name: "grads", tree: mean },
        { name: "state", tree: state.nu },
      );
      return { updates, state };
    },
  };
}

/** Rectified Adam with optax's defaults. */
export function radam(learningRate: number | Schedule, options: RadamOptions = {}): GradientTransformation {
  checkArgument("radam", "learningRate", learningRate, rate);
  checkLegal("radam", options, radamOptions);
  return chain(scaleByRadam(options), scaleByLearningRate(learningRate));
}

const epsOf = ({ tiny }: RuleSettings): AdamOptions => (tiny ? { eps: TINY_EPS } : {});

export const adamRule: Rule = {
  words: "Adam",
  rate: 0.01,
  make: (settings) => adam(settings.rate, epsOf(settings)),
};

export const adamwRule: Rule = {
  words: "Adam with weight decay",
  rate: 0.01,
  weightDecay: 1e-4,
  make: (settings) => {
    const { rate, weightDecay, weights: mask } = settings;
    return adamw(rate, { ...epsOf(settings), weightDecay, mask });
  },
};

export const nadamRule: Rule = {
  words: "Adam with Nesterov's momentum",
  rate: 0.01,
  make: (settings) => nadam(settings.rate, epsOf(settings)),
};

export const radamRule: Rule = {
  words: "Adam, rectified while its variance is not known",
  rate: 0.01,
  make: (settings) => radam(settings.rate, epsOf(settings)),
};
