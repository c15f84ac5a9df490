// The training of one analysis, with a progress line and an ear for interrupts.

import { availableParallelism } from "node:os";
import { DataError } from "../data/errors.js";
import { adam, type Cut, init, key, lbfgs, type Optimizer, sgd, train } from "../index.js";
import type { History } from "../plot/data.js";
import {
  type Analysis,
  analysisLoss,
  network,
  objectiveValue,
  type Params,
  thresholdsOf,
  trainingTable,
} from "./analysis.js";
import { defaultRates, type NetSpec, type TrainArgs } from "./args.js";
import type { Io } from "./io.js";
import { progress } from "./progress.js";
import type { Sample } from "./samples.js";
import { scannedStart } from "./scan.js";
import { thresholdUnits, type WidthSchedule, widthSchedule } from "./widths.js";

export type FitOptions = Pick<
  TrainArgs,
  | "objective"
  | "width"
  | "anneal"
  | "scan"
  | "optimizer"
  | "lr"
  | "steps"
  | "seed"
  | "dtype"
  | "threads"
  | "json"
> & {
  cut: Cut | null;
  net: NetSpec | null;
  /** Whether the inputs of the network are scaled to mean 0 and deviation 1. */
  standardise: boolean;
};

export type Fitted = {
  analysis: Analysis;
  /** Starts of the thresholds as the cut has them; a scan may have chosen others. */
  written: Record<string, number>;
  params: Params;
  /** The gradient of the loss there. */
  grads: Params;
  /** The loss at the start and at `params`. */
  loss: { start: number; end: number };
  widths: WidthSchedule;
  history: History;
  /** Updates made. */
  steps: number;
  /** How the training ended, where a person must know. */
  warnings: string[];
  interrupted: boolean;
  /** Seconds until the first step, and of all steps. */
  compile: number;
  train: number;
};

export const seconds = (): number => performance.now() / 1000;

/**
 * Trains an analysis of signal and background. An interrupt ends it with the best so far: the params of the lowest
 * loss, or the latest where the width anneals, since losses of different widths cannot be compared.
 */
export async function fitSamples(
  samples: readonly [Sample, Sample],
  options: FitOptions,
  io: Io,
): Promise<Fitted> {
  await init();
  const { cut, objective, steps } = options;
  const widths = cut ? widthSchedule(cut, options, samples) : { changes: false, at: () => ({}) };
  const written = cut ? cut.init() : {};
  const analysis: Analysis = {
    cut,
    net: options.net ? network(options.net, samples, options.standardise) : null,
    objective,
    origin: cut && options.scan ? scannedStart(cut, objective, widths.at(steps), samples) : written,
    // A rate that was given is in the units of the columns; otherwise one rate must do for columns of any scale.
    units: cut && (options.lr === null || options.optimizer === "lbfgs") ? thresholdUnits(cut, samples) : {},
  };
  const threads = await startThreads(
    samples,
    options.threads ?? Math.min(availableParallelism(), mostThreads),
  );
  const memory = threads ? sharedMemory : ownMemory;
  const [signal, background] = samples.map((s) => trainingTable(analysis, s, options.dtype, memory));
  const start: Params = {
    cuts: Object.fromEntries(Object.keys(analysis.origin).map((name) => [name, 0])),
    net: analysis.net ? analysis.net.layers.init(key(options.seed)) : [],
  };
  const history: History = {
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
  const events = samples.reduce((n, sample) => n + sample.rows, 0);
  const bar = progress({
    steps,
    events,
    name: objective === "softmax" || objective === "bce" ? "loss" : objective,
    stream: options.json ? io.err : io.out,
  });

  const traced = analysisLoss(analysis);
  const still = widths.at(0);
  const stop = new AbortController();
  const release = io.onInterrupt?.(() => stop.abort());
  const began = seconds();
  let first = began;
  let best = { loss: Number.POSITIVE_INFINITY, params: start, grads: start };
  const data = { signal: signal!, background: background! };
  const trained = await train<Params, typeof data, Record<string, number>>(
    (params, events, now) => traced(params, events, widths.changes ? now : still),
    {
      params: start,
      data,
      optimizer: optimizerOf(options),
      steps,
      signal: stop.signal,
      threads,
      ...(widths.changes ? { extras: widths.at } : {}),
      onStep: ({ step, loss, params, grads }) => {
        if (step === 0) first = seconds();
        if (widths.changes || loss < best.loss) best = { loss, params, grads };
        if (step % stride === 0) record(step, loss, params);
        bar.update(step, objectiveValue(objective, loss));
      },
    },
  ).finally(() => {
    bar.end();
    release?.();
    threads?.close();
  });
  const spent = seconds() - began;
  if (trained.history.length === 0) throw new DataError("data.notNumber", trained.message);
  if (history.steps.at(-1) !== trained.steps) record(trained.steps, trained.loss, trained.params);

  const interrupted = trained.status === "aborted";
  const { params, grads, loss } = interrupted ? best : trained;
  const which = widths.changes ? "the latest" : "the best so far";
  const perStep = (spent - (first - began)) / Math.max(1, trained.steps);
  const compile = Math.max(0, first - began - perStep);
  return {
    analysis,
    written,
    params,
    grads,
    loss: { start: trained.history[0]!, end: loss },
    widths,
    history,
    steps: trained.steps,
    warnings: [
      ...(interrupted ? [`Interrupted after ${trained.steps} of ${steps} steps: ${which} is reported.`] : []),
      ...(trained.status === "notFinite" || trained.status === "stalled" ? [trained.message] : []),
      ...(options.lr !== null && options.optimizer === "lbfgs" ? [rateUnused] : []),
    ],
    interrupted,
    compile,
    train: spent - compile,
  };
}

const rateUnused = "The optimizer lbfgs searches along each step, so --lr changed nothing.";

/** More threads than this are used only where they are asked for. */
const mostThreads = 8;

/** Threads share tables by blocks of 8192 rows, so small samples have nothing to share. */
async function startThreads(samples: readonly Sample[], count: number) {
  if (count < 2 || samples.every(({ rows }) => rows <= 8192)) return undefined;
  const { threads } = await import("../threads.node.js");
  return threads(count);
}

const ownMemory = (bytes: number): ArrayBuffer => new ArrayBuffer(bytes);
/** Threads read such columns without a copy. */
const sharedMemory = (bytes: number): SharedArrayBuffer => new SharedArrayBuffer(bytes);

/** Recorded is every step of short trainings, and of longer ones every so manieth: up to 2000, a round number apart. */
function historyStride(steps: number): number {
  for (let power = 1; ; power *= 10)
    for (const factor of [1, 2, 5]) if (steps / (factor * power) <= 2000) return factor * power;
}

function optimizerOf({ optimizer, lr, steps }: FitOptions): Optimizer {
  if (optimizer === "lbfgs") return lbfgs({ maxSteps: steps + 1 });
  const rate = lr ?? defaultRates[optimizer];
  return optimizer === "adam" ? adam(rate) : sgd(rate);
}
