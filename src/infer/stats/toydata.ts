import { normalQuantile } from "../../random/gauss.js";
import { foldIn, type Key, uniform } from "../../random/keys.js";
import { InferenceError } from "../inferenceerror.js";

/** What toy data are drawn from: Poisson numbers where `sigma` is 0, else normal ones. */
export interface Noise {
  readonly mean: Float64Array;
  readonly sigma: Float64Array;
}

/** Above this mean a Poisson number is drawn by its expansion around a normal one, good to 1e-7 in probability. */
const LARGE = 1e6;

/**
 * k sets of data, one after the other. They are a function of the key: by arithmetic and square roots alone, so that
 * every engine draws the same. Throws an InferenceError where an expectation is negative.
 */
export function sampleData({ mean, sigma }: Noise, key: Key, k: number): Float64Array {
  const n = mean.length;
  const out = new Float64Array(k * n);
  for (let j = 0; j < n; j++) {
    const u = uniform(foldIn(key, j), k);
    const draw = sigma[j]! > 0 ? normal(mean[j]!, sigma[j]!) : poisson(mean[j]!, j);
    for (let i = 0; i < k; i++) out[i * n + j] = draw(u[i]!);
  }
  return out;
}

/** A number in (0, 1) from one in [0, 1) that is a multiple of 2^-53. */
const inside = (u: number) => u + 2 ** -54;

const normal = (mean: number, sigma: number) => (u: number) => mean + sigma * normalQuantile(inside(u));

/** Poisson numbers as quantiles: the distribution is summed outwards from its mode, by ratios of neighbours. */
export function poisson(mean: number, at = 0): (u: number) => number {
  if (!(mean >= 0 && mean < Number.POSITIVE_INFINITY)) {
    throw new InferenceError(
      "infer.rate",
      `toy data need expectations that are finite and not negative, but datum ${at} expects ${mean}`,
      { index: at, mean },
    );
  }
  if (mean === 0) return () => 0;
  if (mean > LARGE) {
    const root = Math.sqrt(mean);
    return (u) => {
      const z = normalQuantile(inside(u));
      return Math.max(0, Math.floor(mean + root * z + (z * z - 1) / 6 + 0.5));
    };
  }
  const mode = Math.floor(mean);
  const below: number[] = [];
  for (let k = mode, p = 1; k > 0; k--) {
    p *= k / mean;
    if (p < 1e-20) break;
    below.push(p);
  }
  const above: number[] = [];
  for (let k = mode + 1, p = 1; ; k++) {
    p *= mean / k;
    if (p < 1e-20) break;
    above.push(p);
  }
  const first = mode - below.length;
  const weights = [...below.reverse(), 1, ...above];
  const cdf = new Float64Array(weights.length);
  let sum = 0;
  weights.forEach((w, i) => {
    sum += w;
    cdf[i] = sum;
  });
  return (u) => {
    const target = u * sum;
    let [low, high] = [0, cdf.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (cdf[middle]! > target) high = middle;
      else low = middle + 1;
    }
    return first + low;
  };
}
