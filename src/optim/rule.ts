import type { Mask } from "./labels.js";
import type { Minimizer } from "./minimizer.js";
import type { GradientTransformation } from "./transformation.js";

/** What a training of a cut and a network says of its optimiser, beside name and rate. */
export interface RuleSettings {
  /** The learning rate; 0 for rules that search along each step. */
  readonly rate: number;
  /** Steps of the whole training. */
  readonly steps: number;
  readonly momentum?: number | undefined;
  readonly nesterov: boolean;
  /** Decay of the parameters that `weights` names. */
  readonly weightDecay: number;
  readonly weights: Mask;
  /** Whether gradients may be far below what a rule takes for 0: thresholds that start far outside the data. */
  readonly tiny: boolean;
}

/** An optimiser that is chosen by its name: what it takes, and how it is made. */
export interface Rule {
  /** One line of help. */
  readonly words: string;
  /** The default rate, for thresholds and weights of order one; null where it searches along each step. */
  readonly rate: number | null;
  /** Whether it takes a momentum. */
  readonly momentum?: boolean;
  /** The default weight decay, where it has one. */
  readonly weightDecay?: number;
  make(settings: RuleSettings): GradientTransformation | Minimizer;
}

/** For gradients far below 1e-8, which Adam's relatives take for 0. */
export const TINY_EPS = 1e-20;
