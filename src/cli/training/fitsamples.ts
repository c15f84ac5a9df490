/** The training of one analysis, with a progress line and an ear for interrupts. */

import { DataError } from "../../events/dataerror.js";
import { type Cut, init, key, type Trained, train } from "../../index.js";
import { objectives, objectiveValue } from "../../objectives/index.js";
import { type RuleName, rules } from "../../optim/rules.js";
import { worseSentence } from "../../optim/train/trainstep.js";
import type { History } from "../../plot/rundata.js";
import { significant } from "../../text/numbertext.js";
import type { NetSpec } from "../groups/trainingvalues.js";
import { clockOf, type Io } from "../io.js";
import type { Sample } from "../tables/samples.js";
import {
  type Analysis,
  analysisLoss,
  type Params,
  projection,
  trainingTable,
  weightColumn,
} from "./analysis.js";
import type { Binned } from "./binned.js";
import { aboutCheckpoint, checkpointTo, loadCheckpoint } from "./checkpointfile.js";
import { optimizerOf } from "./optimizers.js";
import { type Prepared, pairOf, prepare, valueName } from "./prepare.js";
import { progress } from "./progress.js";
import { Recorder } from "./recorder.js";
import type { Pair } from "./splitsamples.js";
import { ownMemory, sharedMemory, startThreads } from "./team.js";
import type { TrainArgs } from "./trainargs.js";
import type { WidthSchedule } from "./widthschedule.js";

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

export interface Fitted {
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
}

type Table = ReturnType<typeof trainingTable>;
type Tables = { signal: Table; background: Table } & Record<string, Table>;

/**
 * Trains an analysis of signal and background. An interrupt ends it with the best so far: the params of the lowest
 * loss, or the latest where losses cannot be compared, since the width anneals or each is of another batch.
 */
export async function fitSamples(all: Pair, options: FitOptions, io: Io): Promise<Fitted> {
  await init();
  const { objective, steps, seed, batch = null, validation = null, patience = null } = options;
  const { checkpoint = null, checkpointEvery = 10, resume = false } = options;
  const prepared = await prepare(all, options);
  const { analysis, samples, widths, training } = prepared;
  const begun = resume && checkpoint !== null ? await loadCheckpoint(checkpoint) : null;
  if (begun) io.err.write(`goes on after step ${begun.step} of ${checkpoint}\n`);
  else if (resume) io.err.write(`there is no ${checkpoint}, so this begins anew\n`);
  const threads = await startThreads(samples, options.threads, batch);
  const data = tablesOf(prepared, options.dtype, threads ? sharedMemory : ownMemory);
  const start: Params = {
    cuts: analysis.coordinates.zeros(),
    net: analysis.net ? analysis.net.layers.init(key(seed)) : [],
  };
  const events = batch ?? training.reduce((n, sample) => n + sample.rows, 0);
  const from = begun?.step ?? 0;
  const bar = progress({ steps, events, from, name: valueName(analysis), stream: io.err, now: clockOf(io) });
  const recorder = new Recorder(analysis, steps, start, begun?.kept ?? null);
  const traced = analysisLoss(analysis);
  const still = widths.at(0);
  const stop = new AbortController();
  const release = io.onInterrupt?.(() => stop.abort());
  const comparable = !widths.changes && batch === null;
  const project = projection(analysis);
  const trained = await aboutCheckpoint(checkpoint, () =>
    train<Params, typeof data, Record<string, number>>(
      (params, events, now) => traced(params, events, widths.changes ? now : still),
      {
        ...{
          params: start,
          data,
          optimizer: optimizerOf(options),
          steps,
          seed,
          signal: stop.signal,
          threads,
        },
        label: labelOf(options),
        ...(widths.changes ? { extras: widths.at } : {}),
        ...(project ? { project } : {}),
        // Losses of all events beside those of the batches.
        ...(batch === null ? {} : { batch, evaluate: () => null }),
        ...(validation === null ? {} : { validation }),
        ...(prepared.weighted ? { weights: weightColumn } : {}),
        ...(patience === null ? {} : { patience }),
        ...(checkpoint === null
          ? {}
          : { checkpoint: checkpointTo(checkpoint, checkpointEvery, () => recorder.kept()) }),
        ...(begun ? { resume: begun.bytes } : {}),
        floor: validation !== null || events <= mostForFloor,
        onStep: (at) => {
          recorder.see(at, comparable);
          bar.update(at.step, objectiveValue(objective, at.loss));
        },
      },
    ),
  ).finally(() => {
    bar.end();
    release?.();
    threads?.close();
  });
  if (trained.history.length === 0) throw new DataError("data.notNumber", trained.message);
  recorder.end(trained.step, trained);
  if (trained.status === "earlyStop") io.err.write(`${trained.message}\n`);
  return {
    ...reached(trained, recorder, options, comparable),
    ...{ analysis, widths, written: prepared.written, start, events },
    samples: pairOf(training),
    heldOut: prepared.heldOut && pairOf(prepared.heldOut),
    counted: prepared.heldOut ?? training,
    warnings: warningsOf(trained, prepared, options, comparable),
    ...recorder.timing(trained.steps - from),
  };
}

/** The tables that training reads, by name of the sample. */
function tablesOf(
  { analysis, samples, weighing }: Prepared,
  dtype: FitOptions["dtype"],
  memory: typeof ownMemory | typeof sharedMemory,
): Tables {
  const tables = samples.map((sample, i) => [
    sample.name,
    trainingTable(analysis, { ...sample, weight: weighing[i]!.weight }, dtype, memory),
  ]);
  return Object.fromEntries(tables);
}

/** Where a training ended: its last or best params, and the losses there and at the start. */
function reached(
  trained: Trained<Params>,
  recorder: Recorder,
  { objective, batch = null, patience = null }: FitOptions,
  comparable: boolean,
): Pick<Fitted, "params" | "grads" | "loss" | "history" | "steps" | "interrupted"> {
  const interrupted = trained.status === "aborted";
  const best = interrupted && comparable && patience === null;
  const { params, grads, loss: end } = best ? recorder.best : trained;
  // Of a batch only the evaluations say what all events lose.
  const at = (step: number) => trained.evaluations.find((e) => e.step === step)?.training;
  const loss = {
    start: at(0) ?? trained.history[0]!,
    end: batch === null ? end : (at(trained.step) ?? end),
  };
  const history = { ...recorder.history, ...evaluated(trained, objective, loss.end) };
  return { params, grads, loss, history, steps: trained.steps, interrupted };
}

/** How the training ended, where a person must know. */
function warningsOf(
  { status, steps: made, message, warnings, worse }: Trained<Params>,
  { weighing }: Prepared,
  { objective, steps, lr, optimizer }: FitOptions,
  comparable: boolean,
): string[] {
  const what = comparable ? "the best so far" : "the latest";
  return [
    ...(status === "aborted" ? [`Interrupted after ${made} of ${steps} steps: ${what} is reported.`] : []),
    ...(status === "notFinite" || status === "stalled" ? [message] : []),
    ...weighing.flatMap((weights) => weights.warnings),
    ...warnings.filter((warning) => !worse || warning !== worseSentence(worse)),
    ...(worse ? [worseObjective(objective, worse)] : []),
    ...(lr !== null && rules[optimizer].rate === null ? [rateUnused(optimizer)] : []),
  ];
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
