import { ShapeError } from "../core/errors.js";
import { lift, type Operand } from "../core/op.js";
import { describe, Tensor } from "../core/tensor.js";
import { constantArray } from "../core/trace.js";
import { kde } from "../ops/kde.js";

/** Bins and softness of a histogram. */
export interface HistOptions {
  /** Number of equal bins over `range`, or the edges themselves: numbers, or a Tensor [bins + 1] that may train. */
  readonly bins: number | readonly number[] | Tensor;
  readonly range?: readonly [number, number];
  /** Width of the Gaussian each event is spread with, in the unit of x. 0 is the hard histogram, without gradient. */
  readonly bandwidth: Operand;
  readonly weights?: Operand;
}

/**
 * Differentiable histogram of an event tensor: in each bin the sum of weights times the share of the event's Gaussian
 * that lies in it. Result [bins], small. What is spread beyond the first and last edge is in no bin.
 */
export function hist(x: Tensor, options: HistOptions): Tensor {
  return kde(x, options.weights ?? 1, edgesOf(x, options), lift(options.bandwidth));
}

function edgesOf(x: Tensor, { bins, range }: HistOptions): Tensor {
  if (bins instanceof Tensor) return bins;
  if (typeof bins !== "number") {
    const bad = bins.findIndex((e, i) => i > 0 && !(e > (bins[i - 1] as number)));
    if (bins.length < 2 || bad >= 0) {
      const why =
        bins.length < 2 ? `has ${bins.length} entries` : `does not ascend at ${bins[bad - 1]}, ${bins[bad]}`;
      throw new ShapeError(
        "hist.edges",
        `the edges of the histogram of ${describe(x)} must ascend, but the list ${why}`,
        {
          edges: bins,
        },
      );
    }
    return constantArray(bins);
  }
  if (!range || !(Number.isInteger(bins) && bins > 0) || !(range[0] < range[1])) {
    throw new ShapeError(
      "hist.bins",
      `a histogram of ${describe(x)} with bins: ${bins} needs a whole number of bins and range: [low, high]; or give the edges as bins: [...]`,
      { bins, range: range ?? null },
    );
  }
  const [low, high] = range;
  return constantArray(Array.from({ length: bins + 1 }, (_, i) => low + ((high - low) * i) / bins));
}
