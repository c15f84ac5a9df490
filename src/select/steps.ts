import { abs, clip, maximum, mul, sign, sqrt } from "../core/elementary/arith.js";
import { log1p } from "../core/elementary/exp.js";
import type { Tensor } from "../core/graph/tensor.js";
import { logCutProduct, type Step } from "../ops/cutproduct.js";
import { recordNames } from "../text/recordnames.js";

/** The shape of a soft step S(z) at a distance of z widths: 1/2 at the threshold, S(z) + S(-z) = 1. */
export interface Shape {
  /** One line of help: what S is. */
  readonly words: string;
  readonly kernel: Step;
  /** What the kernel takes for a distance of one width. */
  readonly scale: number;
  /** What `soft` gives of events that fail and that pass by far; a weight, which has a logarithm, goes from 0 to 1. */
  readonly ends: readonly [fails: number, passes: number];
  /** Beyond so many units of the kernel's argument a step may have a long tail, and the tail's argument there. */
  readonly reach: number;
  beyond(distance: Tensor): Tensor;
}

/** log S falls by log(1 + d) at a distance d beyond 10, where S is exp(-10) = 5e-5. */
const logistic = { kernel: "sigmoid", ends: [0, 1], reach: 10, beyond: log1p } as const;

const sigmoid = { ...logistic, words: "1 / (1 + exp(-z)), z the distance in widths", scale: 1 } as const;

/** Φ(√2 z), whose logarithm is near -z²: from z = 3 on, where it is 1e-5, z² grows by log(1 + 6d). */
const erf = {
  words: "(1 + erf(z)) / 2, a resolution, with shorter tails",
  kernel: "normal",
  scale: Math.SQRT2,
  ends: [0, 1],
  reach: 3 * Math.SQRT2,
  beyond: (d: Tensor) =>
    sqrt(log1p(mul(d, 6 / Math.SQRT2)).add(9))
      .sub(3)
      .mul(Math.SQRT2),
} as const;

/** Events more than a width away count by less than 1 % or more than 99 %. */
const steep = {
  ...logistic,
  words: "a sigmoid that is at 1 % and 99 % one width away",
  scale: Math.log(99),
} as const;

const balanced = {
  ...sigmoid,
  words: "twice the sigmoid minus 1, from -1 to 1, for losses of scores",
  ends: [-1, 1],
} as const;

/** Every shape by its name. */
const records = { sigmoid, erf, steep, balanced } satisfies Record<string, Shape>;

/** Shape of a soft step: `sigmoid`, `erf`, `steep`, or `balanced`, which goes from -1 to 1. */
export type Soft = keyof typeof records;
export const shapes: Readonly<Record<Soft, Shape>> = records;
export const softNames = /*#__PURE__*/ recordNames(records);

/** Whether its steps are weights in [0, 1], of which yields can be made. */
export const isWeight = (soft: Soft): boolean => shapes[soft].ends[0] === 0 && shapes[soft].ends[1] === 1;

/**
 * log Π S(z) of distances z [k] in widths. With `outside` steps fall as 1/distance far from a threshold, so that in any
 * arithmetic events at any distance have a slope.
 */
export function logSteps(z: Tensor, soft: Soft, outside: boolean): Tensor {
  const { kernel, scale, reach, beyond } = shapes[soft];
  const x = scale === 1 ? z : mul(z, scale);
  if (!outside) return logCutProduct(x, kernel);
  const far = maximum(abs(x).sub(reach), 0);
  return logCutProduct(clip(x, -reach, reach).add(sign(x).mul(beyond(far))), kernel);
}

/** What `soft` gives of weights in [0, 1]: themselves, or numbers between the ends of the shape. */
export function fromWeight(weight: Tensor, soft: Soft): Tensor {
  const [fails, passes] = shapes[soft].ends;
  return isWeight(soft) ? weight : weight.mul(passes - fails).add(fails);
}

/** The weights in [0, 1] of what `soft` gives. */
export function toWeight(given: Tensor, soft: Soft): Tensor {
  const [fails, passes] = shapes[soft].ends;
  return isWeight(soft) ? given : given.sub(fails).mul(1 / (passes - fails));
}
