/** Initial weights by the names and rules of Haiku and JAX; small f64 arrays from a key and a shape. */

import { InputError } from "../core/errors.js";
import { checkOptions } from "../core/options.js";
import { type Key, normal, truncatedNormal as truncatedDraws, uniform } from "../random/keys.js";

/** Row-major values for a shape; the last two axes are [in, out]. */
export type Initializer = (key: Key, shape: readonly number[]) => Float64Array;

/** Every element the same number. */
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
export const truncatedNormalInit =
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
  checkOptions("varianceScaling", options, { scale: true, mode: true, distribution: true });
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
    return truncatedNormalInit(stddev / truncatedStddev)(key, shape);
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

/** Normal numbers (Haiku's `RandomNormal`). */
export const randomNormal =
  (stddev = 1, mean = 0): Initializer =>
  (key, shape) =>
    normal(key, size(shape)).map((x) => mean + stddev * x);

/** Uniform numbers from `lower` to `upper` (Haiku's `RandomUniform`). */
export const randomUniform =
  (lower = 0, upper = 1): Initializer =>
  (key, shape) =>
    uniform(key, size(shape)).map((u) => lower + (upper - lower) * u);

/** Orthonormal columns, or rows where those are fewer, times `scale` (`jax.nn.initializers.orthogonal`). */
export const orthogonal =
  (scale = 1): Initializer =>
  (key, shape) => {
    const columns = shape.at(-1) ?? 1;
    const rows = size(shape) / columns;
    const [long, short] = [Math.max(rows, columns), Math.min(rows, columns)];
    const q = normal(key, long * short);
    // Gram-Schmidt, twice for every column: the Q of a QR decomposition with a positive diagonal.
    for (let j = 0; j < short; j++) {
      for (let i = 0; i < 2 * j; i++) addColumn(q, short, j, i % j, -dot(q, short, j, i % j));
      const norm = Math.sqrt(dot(q, short, j, j));
      addColumn(q, short, j, j, 1 / norm - 1);
    }
    return Float64Array.from(q, (_, k) => {
      const [i, j] = [Math.floor(k / columns), k % columns];
      return scale * q[rows < columns ? j * short + i : k]!;
    });
  };

/** Scalar product of columns i and j of q [n, width]. */
function dot(q: Float64Array, width: number, i: number, j: number): number {
  let sum = 0;
  for (let row = 0; row < q.length; row += width) sum += q[row + i]! * q[row + j]!;
  return sum;
}

function addColumn(q: Float64Array, width: number, to: number, from: number, factor: number): void {
  for (let row = 0; row < q.length; row += width) q[row + to]! += factor * q[row + from]!;
}

/** The initialisers that need no argument, by name. */
export const initializers = {
  truncatedNormal: truncatedNormalInit(),
  lecunNormal,
  lecunUniform,
  glorotNormal,
  glorotUniform,
  heNormal,
  heUniform,
  randomNormal: randomNormal(),
  randomUniform: randomUniform(),
  orthogonal: orthogonal(),
  zeros,
  ones,
} as const satisfies Record<string, Initializer>;

/** Names of the initialisers. */
export type InitializerName = keyof typeof initializers;

/** An initialiser by its name, or as it is. Throws an InputError for an unknown name. */
export function initializer(given: Initializer | InitializerName): Initializer {
  if (typeof given === "function") return given;
  if (Object.hasOwn(initializers, given)) return initializers[given];
  const known = Object.keys(initializers);
  throw new InputError(
    "initializer.name",
    `There is no initialiser '${String(given)}': choose one of ${known.join(", ")}.`,
    { name: given, known },
  );
}

const size = (shape: readonly number[]): number => shape.reduce((n, length) => n * length, 1);

/** Inputs and outputs of a weight of this shape; axes before the last two count as receptive field. */
function fans(shape: readonly number[]): { fanIn: number; fanOut: number } {
  if (shape.length < 2) return { fanIn: shape[0] ?? 1, fanOut: shape[0] ?? 1 };
  const field = size(shape.slice(0, -2));
  return { fanIn: shape.at(-2)! * field, fanOut: shape.at(-1)! * field };
}
