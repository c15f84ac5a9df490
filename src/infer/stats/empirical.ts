import { checkArguments, numbers } from "../../core/graph/arguments.js";
import { quantile } from "../../core/quantile.js";
import { normalProbability } from "../../random/gauss.js";

/** The distribution of a sample, as pyhf's `EmpiricalDistribution`. */
export interface Empirical {
  /** In ascending order. */
  readonly samples: Float64Array;
  /** The part of the sample that is at least `value`. */
  pvalue(value: number): number;
  /** The quantile at Φ(nsigma), between neighbours on a straight line. */
  expectedValue(nsigma: number): number;
}

/** The distribution of values as it was drawn: p-values and quantiles by counting. */
export function empirical(values: ArrayLike<number>): Empirical {
  checkArguments("empirical", { values: [values, numbers] });
  const samples = Float64Array.from(values).sort();
  return {
    samples,
    pvalue: (value) => {
      let [low, high] = [0, samples.length];
      while (low < high) {
        const middle = (low + high) >> 1;
        if (samples[middle]! >= value) high = middle;
        else low = middle + 1;
      }
      return (samples.length - low) / samples.length;
    },
    expectedValue: (nsigma) => percentile(samples, 100 * normalProbability(nsigma)),
  };
}

/** NumPy's percentile (linear) of numbers in ascending order. */
export const percentile = (sorted: Float64Array, p: number): number => quantile(sorted, p / 100);
