/** What a training found: one value, from which the table, the files and the report are made. */

import type { TrainStatus } from "../../optim/train/trainstep.js";
import type { History, Timing } from "../../plot/rundata.js";
import type { Sample } from "../tables/samples.js";
import type { Analysis, Params, Widths } from "./analysis.js";
import type { Pair } from "./splitsamples.js";

/** An analysis at one point of its training. */
export interface State {
  /** In the units of their columns, within their bounds. */
  readonly thresholds: Record<string, number>;
  readonly widths: Widths;
  readonly layers: Params["net"];
}

export interface Study {
  readonly analysis: Analysis;
  readonly events: {
    /** Those that trained; where some are held out, weighted to stand for all. */
    readonly trained: Pair;
    readonly heldOut: Pair | null;
    /** What the hard histogram counts: all tables, or what is held out of them. */
    readonly counted: readonly Sample[];
  };
  readonly before: State;
  readonly after: State;
  /** Starts of the thresholds as the cut has them; a scan may have chosen others. */
  readonly written: Record<string, number>;
  /** Derivatives of the loss by the thresholds where they ended. */
  readonly slopes: Record<string, number>;
  /** The objective of the soft analysis. */
  readonly objective: { readonly start: number; readonly end: number };
  readonly history: History;
  readonly timing: Pick<Timing, "compile" | "train" | "eventsPerSecond">;
  /** How the training ended, where a person must know. */
  readonly warnings: readonly string[];
  readonly status: TrainStatus;
}
