/** Initial weights by the names and rules of Haiku and JAX; small f64 arrays from a key and a shape. */

import { type Key, normal, truncatedNormal as truncatedDraws, uniform } from "../stochastic/random.js";

/** Row-major values for a shape; the last two axes are [in, out]. */
export type Initializer = (key: Key, shape: readonly number[]) => Float64Array;

export const constant =
  (value: number): Initializer =>
  (_key, shape) =>
    new Float64Array(size(shape)).fill(value);

export const zeros: Initializer = constant(0);
export const ones: Initializer = constant(1);

/**
 * Normal numbers cut at two standard deviations, times `stddev` (Haiku's `TruncatedNormal`).
 *
 * What remains has a standard deviation of 0.88 `stddev`, which is not made up for. Without `stddev`
 * it is 1/√fanIn: the weights of Haiku's `Linear`.
 */
export const truncatedNormal =
  (stddev?: number): Initializer =>
  (key, shape) => {
    const width = stddev ?? 1 / Math.sqrt(fans(shape).fanIn);
    return truncatedDraws(key, size(shape), -2, 2).map((x) => width * x);
  };

export interface VarianceScalingOptions {
  readonly scale?: number;
  readonly mode?: "fanIn" | "fanOut" | "fanAverage";
  readonly distribution?: "truncatedNormal" | "normal" | "uniform";
}

/** Variance `scale` / fan, whatever the distribution (`jax.nn.initializers.variance_scaling`). */
export function varianceScaling(options: VarianceScalingOptions = {}): Initializer {
  const { scale = 1, mode = "fanIn", distribution = "truncatedNormal" } = options;
  return (key, shape) => {
    const { fanIn, fanOut } = fans(shape);
    const fan = { fanIn, fanOut, fanAverage: (fanIn + fanOut) / 2 }[mode];
    const variance = scale / Math.max(1, fan);
    if (distribution === "uniform") {
      const limit = Math.sqrt(3 * variance);
      return uniform(key, size(shape)).map((u) => limit * (2 * u - 1));
    }
    const stddev = Math.sqrt(variance);
    if (distribution === "normal") return normal(key, size(shape)).map((x) => stddev * x);
    return truncatedNormal(stddev / truncatedStddev)(key, shape);
  };
}

/** Standard deviation of a normal variable cut at ±2. */
const truncatedStddev = 0.8796256610342398;

export const lecunNormal: Initializer = varianceScaling();
export const lecunUniform: Initializer = varianceScaling({ distribution: "uniform" });
export const glorotNormal: Initializer = varianceScaling({ mode: "fanAverage" });
export const glorotUniform: Initializer = varianceScaling({ mode: "fanAverage", distribution: "uniform" });
export const heNormal: Initializer = varianceScaling({ scale: 2 });
export const heUniform: Initializer = varianceScaling({ scale: 2, distribution: "uniform" });

/** The initialisers that need no argument, by name. */
export const initializers = {
  truncatedNormal: truncatedNormal(),
  lecunNormal,
  lecunUniform,
  glorotNormal,
  glorotUniform,
  heNormal,
  heUniform,
  zeros,
  ones,
} as const satisfies Record<string, Initializer>;

export type InitializerName = keyof typeof initializers;

const size = (shape: readonly number[]): number => shape.reduce((n, length) => n * length, 1);

/** Inputs and outputs of a weight of this shape; axes before the last two count as receptive field. */
function fans(shape: readonly number[]): { fanIn: number; fanOut: number } {
  if (shape.length < 2) return { fanIn: shape[0] ?? 1, fanOut: shape[0] ?? 1 };
  const field = size(shape.slice(0, -2));
  return { fanIn: shape.at(-2)! * field, fanOut: shape.at(-1)! * field };
}
