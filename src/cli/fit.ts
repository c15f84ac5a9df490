// The training of one analysis, with a progress line and an ear for interrupts.

import { DataError } from "../data/errors.js";
import { type Cut, init, key, type Trained, train } from "../index.js";
import { objectives, objectiveValue } from "../objectives/index.js";
import { type RuleName, rules } from "../optim/rules.js";
import { worseSentence } from "../optim/trainstep.js";
import type { History } from "../plot/data.js";
import { significant } from "../plot/format.js";
import {
  type Analysis,
  analysisLoss,
  network,
  type Params,
  projection,
  thresholdsOf,
  trainingTable,
  weightColumn,
} from "./analysis.js";
import type { Binned } from "./binned.js";
import { aboutCheckpoint, checkpointTo, loadCheckpoint } from "./checkpoint.js";
import type { NetSpec } from "./groups/training.js";
import { clockOf, type Io } from "./io.js";
import { weightsFor } from "./objectives.js";
import { optimizerOf } from "./optimizers.js";
import { progress } from "./progress.js";
import type { Sample } from "./samples.js";
import { scannedStart } from "./scan.js";
import { type Pair, splitSamples, withWeights } from "./split.js";
import { ownMemory, sharedMemory, startThreads } from "./team.js";
import type { TrainArgs } from "./trainargs.js";
import { thresholdUnits, type WidthSchedule, widthSchedule } from "./widths.js";

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

export type Fitted = {
  analysis: Analysis;
  /** The events that trained; with held-out ones, weighted to stand for all. */
  samples: Pair;
  heldOut: Pair | null;
  /** What the hard histogram counts: all tables, or what is held out of them. */
  counted: readonly Sample[];
  /** Starts of the thresholds as the cut has them; a scan may have chosen others. */
  written: Record<string, number>;
  start: Params;
  params: Params;
  /** The gradient of the loss there. */
  grads: Params;
  /** The loss at the start and at `params`. */
  loss: { start: number; end: number };
  widths: WidthSchedule;
  history: History;
  /** Updates made. */
  steps: number;
  /** Events that a step reads. */
  events: number;
  /** How the training ended, where a person must know. */
  warnings: string[];
  interrupted: boolean;
  /** Seconds until the first step, and of all steps. */
  compile: number;
  train: number;
};

type Table = ReturnType<typeof trainingTable>;
type Tables = { signal: Table; background: Table } & Record<string, Table>;

export const seconds = (): number => performance.now() / 1000;

/**
 * Trains an analysis of signal and background. An interrupt ends it with the best so far: the params of the lowest
 * loss, or the latest where losses cannot be compared, since the width anneals or each is of another batch.
 */
export async function fitSamples(all: Pair, options: FitOptions, io: Io): Promise<Fitted> {
  await init();
  const { cut, objective, steps, seed, batch = null, validation = null, patience = null } = options;
  const { checkpoint = null, checkpointEvery = 10, resume = false, backgroundError = null } = options;
  const searches = rules[options.optimizer].rate === null;
  // Parts of the events are weighted to stand for all.
  const asked: readonly Sample[] = [...all, ...(options.variations ?? [])];
  const samples = batch !== null || validation !== null ? withWeights(asked) : asked;
  const divided =
    validation === null
      ? { training: asked, heldOut: null }
      : await aboutCheckpoint(null, async () => splitSamples(samples, validation, seed));
  const pair = ([signal, background]: readonly Sample[]): Pair => [signal!, background!];
  const parts = { training: pair(divided.training), heldOut: divided.heldOut && pair(divided.heldOut) };
  // What is held out says nothing about widths, scales and starts.
  const seen = parts.training;
  const widths = cut ? widthSchedule(cut, options, seen) : { changes: false, at: () => ({}) };
  const weighing = samples.map((sample) => weightsFor(objective, options.negativeWeights ?? "clip", sample));
  const written = cut ? cut.init() : {};
  const analysis: Analysis = {
    cut,
    net: options.net ? network(options.net, seen, options.standardise) : null,
    objective,
    origin:
      cut && options.scan
        ? scannedStart(cut, { objective, backgroundError }, widths.at(steps), seen)
        : written,
    // A rate that was given is in the units of the columns; otherwise one rate must do for columns of any scale.
    units: cut && (options.lr === null || searches) ? thresholdUnits(cut, seen) : {},
    backgroundError,
    binned: options.binned ?? null,
    signed: samples.some(({ weight }) => weight?.some((w) => w < 0)),
  };
  const begun = resume && checkpoint !== null ? await loadCheckpoint(checkpoint) : null;
  if (begun) io.err.write(`goes on after step ${begun.step} of ${checkpoint}\n`);
  else if (resume) io.err.write(`there is no ${checkpoint}, so this begins anew\n`);
  const threads = await startThreads(samples, options.threads, batch);
  const memory = threads ? sharedMemory : ownMemory;
  const tables = samples.map((s, i) =>
    trainingTable(analysis, { ...s, weight: weighing[i]!.weight }, options.dtype, memory),
  );
  const data = Object.fromEntries(samples.map(({ name }, i) => [name, tables[i]!])) as Tables;
  const project = projection(analysis);
  const start: Params = {
    cuts: Object.fromEntries(Object.keys(analysis.origin).map((name) => [name, 0])),
    net: analysis.net ? analysis.net.layers.init(key(seed)) : [],
  };
  const history: History = begun?.kept?.history ?? {
    steps: [],
    loss: [],
    cuts: Object.fromEntries(Object.keys(analysis.origin).map((name) => [name, []])),
  };
  const record = (step: number, loss: number, params: Params) => {
    history.steps.push(step);
    history.loss.push(objectiveValue(objective, loss));
    for (const [name, value] of Object.entries(thresholdsOf(analysis, params.cuts)))
      history.cuts[name]!.push(value);
  };
  const stride = historyStride(steps);
  const events = batch ?? divided.training.reduce((n, sample) => n + sample.rows, 0);
  const from = begun?.step ?? 0;
  const bar = progress({
    steps,
    events,
    from,
    name: objectives[objective].events ? "loss" : objective,
    stream: io.err,
    now: clockOf(io),
  });

  const traced = analysisLoss(analysis);
  const still = widths.at(0);
  const stop = new AbortController();
  const release = io.onInterrupt?.(() => stop.abort());
  const began = seconds();
  const earlier = begun?.kept?.spent ?? 0;
  let first: number | undefined;
  let best = begun?.kept?.best ?? { loss: Number.POSITIVE_INFINITY, params: start, grads: start };
  const comparable = !widths.changes && batch === null;
  const attach = () => ({ history, best, spent: earlier + seconds() - began });
  const trained = await aboutCheckpoint(checkpoint, () =>
    train<Params, typeof data, Record<string, number>>(
      (params, events, now) => traced(params, events, widths.changes ? now : still),
      {
        params: start,
        data,
        optimizer: optimizerOf(options),
        steps,
        seed,
        signal: stop.signal,
        threads,
        label: labelOf(options),
        ...(widths.changes ? { extras: widths.at } : {}),
        ...(project ? { project } : {}),
        // Losses of all events beside those of the batches.
        ...(batch === null ? {} : { batch, evaluate: () => null }),
        ...(validation === null ? {} : { validation }),
        ...(samples === asked ? {} : { weights: weightColumn }),
        ...(patience === null ? {} : { patience }),
        ...(checkpoint === null ? {} : { checkpoint: checkpointTo(checkpoint, checkpointEvery, attach) }),
        ...(begun ? { resume: begun.bytes } : {}),
        floor: validation !== null || events <= mostForFloor,
        onStep: ({ step, loss, params, grads }) => {
          first ??= seconds();
          if (!comparable || loss < best.loss) best = { loss, params, grads };
          if (step % stride === 0) record(step, loss, params);
          bar.update(step, objectiveValue(objective, loss));
        },
      },
    ),
  ).finally(() => {
    bar.end();
    release?.();
    threads?.close();
  });
  const spent = seconds() - began;
  if (trained.history.length === 0) throw new DataError("data.notNumber", trained.message);
  if (trained.step > (history.steps.at(-1) ?? -1)) record(trained.step, trained.loss, trained.params);
  if (trained.status === "earlyStop") io.err.write(`${trained.message}\n`);

  const interrupted = trained.status === "aborted";
  const { params, grads, loss: end } = interrupted && comparable && patience === null ? best : trained;
  // Of a batch only the evaluations say what all events lose.
  const at = (step: number) => trained.evaluations.find((e) => e.step === step)?.training;
  const loss = {
    start: at(0) ?? trained.history[0]!,
    end: batch === null ? end : (at(trained.step) ?? end),
  };
  const made = trained.steps - from;
  const perStep = (spent - ((first ?? began) - began)) / Math.max(1, made);
  const compile = Math.max(0, (first ?? began) - began - perStep);
  return {
    analysis,
    samples: parts.training,
    heldOut: parts.heldOut,
    counted: divided.heldOut ?? divided.training,
    written,
    start,
    params,
    grads,
    loss,
    widths,
    history: { ...history, ...evaluated(trained, objective, loss.end) },
    steps: trained.steps,
    events,
    warnings: [
      ...(interrupted
        ? [
            `Interrupted after ${trained.steps} of ${steps} steps: ${comparable ? "the best so far" : "the latest"} is reported.`,
          ]
        : []),
      ...(trained.status === "notFinite" || trained.status === "stalled" ? [trained.message] : []),
      ...weighing.flatMap(({ warnings }) => warnings),
      ...trained.warnings.filter((warning) => !trained.worse || warning !== worseSentence(trained.worse)),
      ...(trained.worse ? [worseObjective(objective, trained.worse)] : []),
      ...(options.lr !== null && searches ? [rateUnused(options.optimizer)] : []),
    ],
    interrupted,
    compile,
    train: earlier + spent - compile,
  };
}

/** Losses of held-out events, and the statistical error of the objective, as people read them. */
function evaluated(
  { evaluations, floor }: Pick<Trained<Params>, "evaluations" | "floor">,
  objective: FitOptions["objective"],
  loss: number,
): Pick<History, "validation" | "floor"> {
  const held = evaluations.filter((e) => e.validation !== null);
  const error = floor?.validation ?? floor?.training ?? Number.NaN;
  // An error of a logarithm is a part.
  const size = objectives[objective].scale === "linear" ? 1 : objectiveValue(objective, loss);
  return {
    ...(held.length > 0
      ? {
          validation: {
            steps: held.map(({ step }) => step),
            loss: held.map(({ validation }) => objectiveValue(objective, validation!)),
          },
        }
      : {}),
    ...(Number.isFinite(error) ? { floor: error * size } : {}),
  };
}

/** What a person would name first of a training; the rest is compared without being named. */
function labelOf({ cut, net, objective }: FitOptions): string {
  const parts = [cut?.text, net && `network ${net.inputs.join(",")}:${net.hidden.join(",")}`, objective];
  return parts.filter(Boolean).join(", ");
}

/** The error of the objective costs 20 looks at all events; more than this wait too long for it. */
const mostForFloor = 1_000_000;

/** The same in terms of the objective, of which a significance is better when it is larger. */
function worseObjective(objective: FitOptions["objective"], worse: { start: number; end: number }): string {
  const [start, end] = [worse.start, worse.end].map((loss) =>
    significant(objectiveValue(objective, loss), 5),
  );
  return `The training made ${objective} worse: ${start} at the start, ${end} at the end. Take a lower rate (--lr), or start elsewhere (--scan).`;
}

const rateUnused = (optimizer: RuleName): string =>
  `The optimizer ${optimizer} searches along each step, so --lr changed nothing.`;

/** Recorded is every step of short trainings, and of longer ones every so manieth: up to 2000, a round number apart. */
function historyStride(steps: number): number {
  for (let power = 1; ; power *= 10)
    for (const factor of [1, 2, 5]) if (steps / (factor * power) <= 2000) return factor * power;
}
