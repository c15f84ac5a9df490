import { ShapeError } from "../core/errors.js";
import type { Operand } from "../core/graph/op.js";
import { describe, type Tensor, type Vector } from "../core/graph/tensor.js";
import { checkOptions, type Known, ownOptions } from "../core/options.js";
import { regular, variable } from "./binaxis.js";
import type { Bandwidth } from "./bounds.js";
import {
  fillOptions,
  Histogram,
  type HistogramOptions,
  histogramOptions,
  requireBandwidth,
} from "./histogram.js";

/** Bins and softness of a histogram. */
export interface HistOptions extends HistogramOptions {
  /** Number of equal bins over `range`, or the edges themselves: numbers, or a Tensor [bins + 1] that may train. */
  readonly bins: number | ArrayLike<number> | Tensor;
  readonly range?: readonly [number, number];
  /**
   * Width of the Gaussian each event is spread with, in the unit of x: for all, per event, per bin or per edge.
   * 0 is the hard histogram, whose derivative exists for the weights only.
   */
  readonly bandwidth: Bandwidth;
  readonly weights?: Operand;
  /** Divide by the widths of the bins and by the sum of all that is kept. */
  readonly density?: boolean;
}

const histOptions: Known<HistOptions> = { ...histogramOptions, ...fillOptions, bins: true, range: true };

/**
 * Differentiable histogram of an event tensor: in each bin the sum of weights times the share of the event's Gaussian
 * that lies in it. Result [bins], small ([bins + 2] with flow "keep"). After relaxed (gradhep), with weights.
 * `histogram` has more: several axes, categories, squared weights, and the hard histogram from the same object.
 */
export function hist(x: Tensor, options: HistOptions): Vector {
  checkOptions("hist", options, histOptions);
  requireBandwidth(options);
  const { bins, range, bandwidth, weights = 1, density = false } = options;
  if (typeof bins === "number" && !range) {
    throw new ShapeError(
      "hist.bins",
      `a histogram of ${describe(x)} with bins: ${bins} needs range: [low, high]; or give the edges as bins: [...]`,
      { bins, range: null },
    );
  }
  const axis = typeof bins === "number" ? regular(bins, range![0], range![1]) : variable(bins);
  return new Histogram<"vector">([axis], ownOptions<HistogramOptions>(options, histogramOptions)).fill(x, {
    bandwidth,
    weights,
    density,
  }).values;
}
