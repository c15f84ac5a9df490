/** From samples and options to what is trained, before any step. */

import { objectives } from "../../objectives/index.js";
import { rules } from "../../optim/rules.js";
import type { Cut } from "../../select/cut.js";
import type { NetSpec } from "../groups/trainingvalues.js";
import type { Sample } from "../tables/samples.js";
import { type Analysis, network } from "./analysis.js";
import type { Binned } from "./binned.js";
import { aboutCheckpoint } from "./checkpointfile.js";
import { Coordinates } from "./coordinates.js";
import { scannedStart } from "./scannedstart.js";
import { type Pair, partOf, type SplitRows, splitRows, withWeights } from "./splitsamples.js";
import type { TrainArgs } from "./trainargs.js";
import { thresholdUnits, type WidthSchedule, widthSchedule } from "./widthschedule.js";
import { weightsFor } from "./yieldsignificance.js";

export type FitOptions = Pick<
  TrainArgs,
  "objective" | "width" | "anneal" | "scan" | "optimizer" | "lr" | "steps" | "seed" | "dtype" | "threads"
> &
  Partial<
    Pick<
      TrainArgs,
      | "batch"
      | "validation"
      | "patience"
      | "checkpoint"
      | "checkpointEvery"
      | "resume"
      | "backgroundError"
      | "negativeWeights"
      | "momentum"
      | "nesterov"
      | "weightDecay"
      | "outside"
    >
  > & {
    /** The histogram that is trained for, and the tables of its shape uncertainties. */
    binned?: Binned | null;
    variations?: readonly Sample[];
    cut: Cut | null;
    net: NetSpec | null;
    /** Whether the inputs of the network are scaled to mean 0 and deviation 1. */
    standardise: boolean;
  };

export interface Prepared {
  readonly analysis: Analysis;
  /** All tables, those of shape uncertainties last; weighted where parts of them must stand for all. */
  readonly samples: readonly Sample[];
  /** Whether they have a column of weights because of that. */
  readonly weighted: boolean;
  /** The weights with which each of them trains, and what is said of them. */
  readonly weighing: readonly ReturnType<typeof weightsFor>[];
  /** Which of the events train, where some are held out. */
  readonly rows: SplitRows | null;
  readonly training: readonly Sample[];
  readonly heldOut: readonly Sample[] | null;
  readonly widths: WidthSchedule;
  /** Starts of the thresholds as the cut has them. */
  readonly written: Record<string, number>;
}

export const pairOf = ([signal, background]: readonly Sample[]): Pair => [signal!, background!];

/** Splits, weighs, scales and starts. Throws DataError, CutError and UsageError. */
export async function prepare(all: Pair, options: FitOptions): Promise<Prepared> {
  const { cut, objective, steps, seed, batch = null, validation = null, backgroundError = null } = options;
  // Parts of the events are weighted to stand for all.
  const asked: readonly Sample[] = [...all, ...(options.variations ?? [])];
  const samples = batch !== null || validation !== null ? withWeights(asked) : asked;
  const rows =
    validation === null
      ? null
      : await aboutCheckpoint(null, async () => splitRows(samples, validation, seed));
  const divided = rows
    ? { training: partOf(samples, rows.training), heldOut: partOf(samples, rows.validation) }
    : { training: asked, heldOut: null };
  // What is held out says nothing about widths, scales and starts.
  const seen = pairOf(divided.training);
  const widths = cut ? widthSchedule(cut, options, seen) : { changes: false, at: () => ({}) };
  const written = cut ? cut.init() : {};
  const start =
    cut && options.scan ? scannedStart(cut, { objective, backgroundError }, widths.at(steps), seen) : written;
  // A rate that was given is in the units of the columns; otherwise one rate must do for columns of any scale.
  const own = cut && (options.lr === null || rules[options.optimizer].rate === null);
  return {
    ...{ samples, weighted: samples !== asked, widths, written, rows, ...divided },
    weighing: samples.map((sample) => weightsFor(objective, options.negativeWeights ?? "clip", sample)),
    analysis: {
      ...{ cut, objective, backgroundError },
      net: options.net ? network(options.net, seen, options.standardise) : null,
      coordinates: new Coordinates(start, own ? thresholdUnits(cut, seen) : {}),
      binned: options.binned ?? null,
      signed: samples.some(({ weight }) => weight?.some((w) => w < 0)),
    },
  };
}

/** How the objective is called beside its value. */
export const valueName = ({ objective }: Analysis): string =>
  objectives[objective].events ? "loss" : objective;
