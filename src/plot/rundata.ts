/** What a figure or a report is drawn from: plain numbers, strings and typed arrays. */

/** A sum of weights. `error` is the root of the sum of squared weights, `entries` the number of events. */
export interface Yield {
  sum: number;
  error: number;
  entries: number;
}

/** Yields of one sample: all events; soft and hard cut at the start thresholds; soft and hard at the end. */
export interface SampleYields {
  all: Yield;
  softBefore: Yield;
  /** Hard cut, start thresholds. */
  before: Yield;
  /** Soft cut, trained thresholds. */
  soft: Yield;
  /** Hard cut, trained thresholds. */
  hard: Yield;
}

/** Every objective of yields: S/√B, the Asimov significance, √(2((S+B) ln(1+S/B) - S)) without background uncertainty, … */
export type Significance = { sOverSqrtB: number; asimov: number } & Record<string, number>;

/** One threshold. `column` and `keeps` are present where the cut is a column compared with it. */
export interface CutChange {
  start: number;
  end: number;
  /** The start that the cut was written with, where a scan chose another. */
  written?: number;
  /** The text of what is compared, e.g. `pt` or `abs(eta)`. */
  column?: string;
  /** The side of the threshold that the cut keeps. */
  keeps?: "above" | "below";
  /** Where training kept it; null (in a file) or infinite where there is no bound on a side. */
  bounds?: readonly [number | null, number | null];
  /** Width of the soft step, in the unit of the column, at the first and the last step. */
  width?: { start: number; end: number };
}

/** `loss` (the objective's value) and thresholds at the recorded steps; all arrays have the length of `steps`. */
export interface History {
  steps: number[];
  loss: number[];
  cuts: Record<string, number[]>;
  /** The objective on events that were held out, at some of the steps. */
  validation?: { steps: number[]; loss: number[] };
  /**
   * One standard deviation of the objective from the finite number of events (of the held-out ones, where there are
   * some): smaller differences of the loss mean nothing.
   */
  floor?: number;
}

/** What is left after a cut, by sample. The first step of a cutflow is all events, each other one adds its cut. */
export interface CutflowStep {
  label: string;
  perSample: Record<string, Yield>;
}

/** Yields of the trained cut with the step of one threshold soft and everything else hard, beside those of the hard cut. */
export interface SoftAgainstHard {
  /** Name of the threshold. */
  threshold: string;
  perSample: Record<string, { soft: Yield; hard: Yield }>;
}

/** Seconds spent; `eventsPerSecond` counts events × steps over `train`. */
export interface Timing {
  read: number;
  compile: number;
  train: number;
  total: number;
  eventsPerSecond: number;
}

/**
 * Events that pass the trained hard cut and for which the output of the network, before its sigmoid, is above `bound`,
 * which was chosen on these events for the largest Asimov significance.
 */
export interface WorkingPoint {
  bound: number;
  yields: Record<string, Yield>;
  significance: Significance;
}

/** Bins of one sample: sums of weights, their statistical errors, and numbers of events. */
export interface BinCounts {
  sum: number[];
  error: number[];
  entries: number[];
}

/** What the model of a histogram expects before data are seen, of a signal whose strength 1 is that of the tables. */
export interface Expected {
  /** CLs of strength 1 for data of background alone. */
  cls: number;
  /** Median upper limit on the strength, at 95 % confidence, for data of background alone. */
  limit: number;
  /** Discovery significance of strength 1. */
  significance: number;
  /** Standard deviation of the strength at 1. */
  uncertainty: number;
  /** Asimov significances of the bins in quadrature. */
  asimov: number;
}

/** The hard histogram that was trained for, and what it says: `before` of the start, everything else of the end. */
export interface HistogramResult extends Expected {
  before: Expected;
  /** What is histogrammed. */
  name: string;
  edges: number[];
  /** The objective of the soft histograms, and of the hard ones. */
  objective: { name: string; soft: number; hard: number };
  signal: BinCounts;
  background: BinCounts;
}

/** What one training found. Samples are keyed by name, signal first. */
export interface Run {
  objective: { name: string; start: number; end: number };
  cuts: Record<string, CutChange>;
  /** The trained hard cut as text that parses back to the same selection; "" without cuts. */
  expression: string;
  yields: Record<string, SampleYields>;
  /**
   * `before` and `after` of all that was trained and is hard: of the yields of the cut, or with a histogram of its bins in
   * quadrature, and then `discovery` of its model too. The soft ones are of the soft yields of the cut.
   */
  significance: {
    softBefore: Significance;
    before: Significance;
    softAfter: Significance;
    after: Significance;
  };
  /** Where a network was trained and enough events pass. */
  network?: WorkingPoint;
  /** Where a histogram was trained for. */
  histogram?: HistogramResult;
  /** Yields and significances of events that were held out of the training. */
  validation?: Pick<Run, "yields" | "significance" | "network">;
  /** The hard cut, one comparison after the other. */
  cutflow?: CutflowStep[];
  /** Name of the shape of the soft steps. */
  soft?: string;
  /** How much each threshold's softness changes the yields. */
  softAgainstHard?: SoftAgainstHard[];
  history: History;
  timing: Timing;
  seed: number;
  /** Things a person must know about this run, one sentence each. */
  warnings: string[];
}

/** Numbers of events in any kind of array, as their file has them; they are only looked at. */
export type Numbers =
  | Float64Array
  | Float32Array
  | Int32Array
  | Int16Array
  | Int8Array
  | Uint32Array
  | Uint16Array
  | Uint8Array
  | Uint8ClampedArray;

/** Events to draw: equally long columns, named like the `column` of the cuts, and some of rows that belong to events. */
export interface Sample {
  name: string;
  columns: Readonly<Record<string, Numbers>>;
  /** Of columns of rows by name: the number of the event that each row belongs to. */
  rows?: Readonly<Record<string, Numbers>>;
  weights?: Numbers;
  /** Soft weight of each event in the trained cut, in [0, 1], without `weights`. */
  soft?: Numbers;
  /** 1 for the events that the trained hard cut keeps, else 0. */
  hard?: Uint8Array | Numbers;
  /** Output of the network for each event, on the scale of `WorkingPoint.bound`. */
  score?: Numbers;
}

/** Weights of one soft step at equal distances over a range, in widths; beyond it the step is as at its ends. */
export interface StepCurve {
  distance: [number, number];
  weight: number[];
}

/**
 * Network scores over a plane: `values[j * x.length + i]` is the score at (x[i], y[j]).
 * `x` and `y` ascend in equal steps; draw from `gridOver(planeFrame(...))` so that it fills the frame.
 */
export interface ScoreGrid {
  x: Float64Array;
  y: Float64Array;
  values: Numbers;
  /** Scores to draw; by default those that keep 90, 50 and 10 % of the signal in the frame. */
  levels?: number[];
  /** How the inputs outside the plane were chosen, e.g. "mass at its median". */
  note?: string;
}

/** Everything in a report. */
export interface ReportData {
  title: string;
  run: Run;
  /** Signal first, then background; columns may be missing where there is nothing to draw. */
  samples: Sample[];
  /** The two columns of the plane; by default the first two that are cut on. */
  plane?: { x: string; y: string };
  score?: ScoreGrid;
  /** What one soft step weighs, for the curves of soft weight. */
  softStep?: StepCurve;
  /** Axis title of the events' scores; "network output" where left out. */
  scoreTitle?: string;
  /** More lines for the table of run facts, e.g. ["optimizer", "adam, rate 0.002"]. */
  facts?: [name: string, value: string][];
  /** Version of the program. */
  program: string;
  /** "auto" follows the reader's system. */
  theme?: "auto" | "light" | "dark";
}
