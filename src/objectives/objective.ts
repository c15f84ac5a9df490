import type { Tensor } from "../core/graph/tensor.js";
import type { Model } from "../histfactory/model/model.js";
import type { SampleWeights } from "./scores.js";

/** The uncertainty σ of the background: σ² = (relative·B)² + absolute². Numbers, or tensors above 0. */
export interface BackgroundUncertainty {
  readonly relative?: number | Tensor;
  /** In events, as the statistical one of a simulated background, √Σw². */
  readonly absolute?: number | Tensor;
}

/** A loss of the scores of single events. */
export interface OfEvents {
  /** What an event's score is: log(p / (1 - p)), p itself, or p of a cut and the plain output of a network alone. */
  readonly score: "logit" | "probability" | "output";
  loss(signal: Tensor, background: Tensor, weights: SampleWeights): Tensor;
}

/** A number of two yields. */
export interface OfYields {
  /** From the logarithms of the yields. */
  loss(logS: Tensor, logB: Tensor, uncertainty: BackgroundUncertainty): Tensor;
  /** From the yields; `sigma` is that of the background, in events. */
  number(signal: number, background: number, sigma: number): number;
  /** Whether an uncertainty of the background changes it. */
  readonly uncertain?: boolean;
}

/** Soft histograms while they train: bins held above 0, and the HistFactory model of them. */
export interface SoftBins {
  readonly signal: Tensor;
  readonly background: Tensor;
  /** Of the background in each bin, of all of its uncertainties; null without any. */
  variance(): Tensor | null;
  model(): Model;
}

/** Hard histograms, and the model of their workspace. */
export interface HardBins {
  readonly signal: Float64Array;
  readonly background: Float64Array;
  variance(): Float64Array | null;
  readonly model: Model;
  /** What is expected without signal, and with a signal at 1; auxiliary data last. */
  readonly data: Float64Array;
  readonly signalData: Float64Array;
}

/** A number of histograms, expected before data are seen. */
export interface OfBins {
  /** As in "The hard histogram has no CLs". */
  readonly noun: string;
  /** Where it is more than the words of the objective say. */
  readonly words?: string;
  loss(bins: SoftBins): Tensor;
  /** Throws an InferenceError where the model has no answer. */
  number(bins: HardBins): { readonly value: number; readonly warnings: readonly string[] };
}

/** What a training makes better, of events, of yields, or of a histogram. Losses are the smaller the better. */
export interface Objective {
  /** One line of help. */
  readonly words: string;
  readonly better: "higher" | "lower";
  /** What the loss is: the number, or its logarithm, of which minus where higher is better. */
  readonly scale: "linear" | "log";
  readonly events?: OfEvents;
  readonly yields?: OfYields;
  readonly bins?: OfBins;
}
