import type { Tensor } from "../core/tensor.js";
import { abs, clip, maximum, mul, sign, sqrt } from "../ops/arith.js";
import { logCutProduct, type Step } from "../ops/cut.js";
import { log1p } from "../ops/exp.js";

/**
 * The shape of a soft step at a distance of z widths.
 *
 * `sigmoid` 1 / (1 + exp(-z)); `erf` (1 + erf(z)) / 2; `steep` the sigmoid of log(99)·z, so that events more than a width
 * away count by less than 1 % or more than 99 %; `balanced` twice the sigmoid minus 1, from -1 to 1.
 */
export type Soft = "sigmoid" | "erf" | "steep" | "balanced";

interface Shape {
  readonly kernel: Step;
  /** What the kernel takes for a distance of one width. */
  readonly scale: number;
  /** Beyond so many units of the kernel's argument a step may have a long tail, and the tail's argument there. */
  readonly reach: number;
  beyond(distance: Tensor): Tensor;
}

/** log S falls by log(1 + d) at a distance d beyond 10, where S is exp(-10) = 5e-5. */
const logistic: Omit<Shape, "scale"> = { kernel: "sigmoid", reach: 10, beyond: log1p };

/** The same for Φ(√2 z), whose logarithm is near -z²: from z = 3 on, where it is 1e-5, z² grows by log(1 + 6d). */
const normal: Shape = {
  kernel: "normal",
  scale: Math.SQRT2,
  reach: 3 * Math.SQRT2,
  beyond: (d) =>
    sqrt(log1p(mul(d, 6 / Math.SQRT2)).add(9))
      .sub(3)
      .mul(Math.SQRT2),
};

const shapes: Record<Soft, Shape> = {
  sigmoid: { ...logistic, scale: 1 },
  balanced: { ...logistic, scale: 1 },
  steep: { ...logistic, scale: Math.log(99) },
  erf: normal,
};

export const softNames = Object.keys(shapes) as Soft[];

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
