/** The training of one analysis, with a progress line and an ear for interrupts. */

import { DataError } from "../../events/dataerror.js";
import { init, key, type Trained, train } from "../../index.js";
import { objectives, objectiveValue } from "../../objectives/index.js";
import { type RuleName, rules } from "../../optim/rules.js";
import { worseSentence } from "../../optim/train/trainstep.js";
import type { History } from "../../plot/rundata.js";
import { significant } from "../../text/numbertext.js";
import { clockOf, type Io } from "../io.js";
import { analysisLoss, type Params, projection, thresholdsOf } from "./analysis.js";
import { aboutCheckpoint, checkpointTo, loadCheckpoint } from "./checkpointfile.js";
import { nothingPasses } from "./nothingpasses.js";
import { optimizerOf } from "./optimizers.js";
import { type FitOptions, type Prepared, pairOf, prepare, valueName } from "./prepareanalysis.js";
import { progress } from "./progress.js";
import { Recorder } from "./recorder.js";
import type { Pair, SplitRows } from "./splitsamples.js";
import type { Study } from "./study.js";
import { type TableMemory, trainingTable, weightColumn } from "./trainingtable.js";
import { startThreads } from "./trainthreads.js";

type Table = ReturnType<typeof trainingTable>;
type Tables = { signal: Table; background: Table } & Record<string, Table>;

/**
 * Trains an analysis of signal and background. An interrupt ends it with the best so far: the params of the lowest
 * loss, or the latest where losses cannot be compared, since the width anneals or each is of another batch.
 */
export async function fitSamples(all: Pair, options: FitOptions, io: Io): Promise<Study> {
  await init();
  const { objective, steps, seed, batch = null, patience = null } = options;
  const { checkpoint = null, checkpointEvery = 10, resume = false } = options;
  const prepared = await prepare(all, options);
  const { analysis, samples, widths, training } = prepared;
  const begun = resume && checkpoint !== null ? await loadCheckpoint(checkpoint) : null;
  if (begun) io.err.write(`goes on after step ${begun.step} of ${checkpoint}\n`);
  else if (resume) io.err.write(`there is no ${checkpoint}, so this begins anew\n`);
  const threads = await startThreads(samples, options.threads, batch);
  const memory = { dtype: options.dtype, shared: threads !== undefined };
  const data = tablesOf(prepared, memory, "training");
  const validation = prepared.rows && {
    data: tablesOf(prepared, memory, "validation"),
    rows: prepared.rows,
  };
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
  if (trained.history.length === 0) {
    const { cut, coordinates } = analysis;
    const why = cut && nothingPasses(cut, { ...coordinates.start }, widths.at(from), pairOf(training));
    throw why ?? new DataError("data.notNumber", trained.message);
  }
  recorder.end(trained.step, trained);
  if (trained.status === "earlyStop") io.err.write(`${trained.message}\n`);
  const reading = { options, prepared, recorder, start, comparable, events, from };
  return studyOf(trained, reading);
}

/** What a study is told from, besides the training itself. */
interface Reading {
  readonly options: FitOptions;
  readonly prepared: Prepared;
  readonly recorder: Recorder;
  readonly start: Params;
  /** Whether losses of different steps can be compared. */
  readonly comparable: boolean;
  /** Events that a step reads. */
  readonly events: number;
  /** The step that this training went on from. */
  readonly from: number;
}

function studyOf(trained: Trained<Params>, reading: Reading): Study {
  const { options, prepared, recorder, start, comparable, events, from } = reading;
  const { analysis, widths, training } = prepared;
  const { objective } = options;
  const { params, grads, loss } = reached(trained, recorder, options, comparable);
  const spent = recorder.timing(trained.steps - from);
  return {
    ...{ analysis, written: prepared.written, status: trained.status },
    events: {
      trained: pairOf(training),
      heldOut: prepared.heldOut && pairOf(prepared.heldOut),
      counted: prepared.heldOut ?? training,
    },
    before: { thresholds: { ...analysis.coordinates.start }, widths: widths.at(0), layers: start.net },
    after: {
      thresholds: thresholdsOf(analysis, params.cuts),
      widths: widths.at(trained.steps),
      layers: params.net,
    },
    slopes: analysis.coordinates.slopes(grads.cuts),
    objective: { start: objectiveValue(objective, loss.start), end: objectiveValue(objective, loss.end) },
    history: { ...recorder.history, ...evaluated(trained, objective, loss.end) },
    timing: { ...spent, eventsPerSecond: (events * trained.steps) / spent.train },
    warnings: warningsOf(trained, prepared, options, comparable),
  };
}

/** The tables that training reads, by name of the sample: of all events, or of a part where some are held out. */
function tablesOf(
  { analysis, samples, weighing, rows, training, heldOut }: Prepared,
  memory: TableMemory,
  which: keyof SplitRows,
): Tables {
  const tables = samples.map((sample, i) => {
    const { values } = (which === "training" ? training : (heldOut ?? training))[i]!;
    const part = rows ? { rows: rows[which][sample.name]!, values } : undefined;
    const { weight } = weighing[i]!;
    return [sample.name, trainingTable(analysis, { ...sample, weight }, { ...memory, part })];
  });
  return Object.fromEntries(tables);
}

/** Where a training ended: its last or best params, their gradient, and the losses there and at the start. */
function reached(
  trained: Trained<Params>,
  recorder: Recorder,
  { batch = null, patience = null }: FitOptions,
  comparable: boolean,
): { params: Params; grads: Params; loss: { start: number; end: number } } {
  const best = trained.status === "aborted" && comparable && patience === null;
  const { params, grads, loss: end } = best ? recorder.best : trained;
  // Of a batch only the evaluations say what all events lose.
  const at = (step: number) => trained.evaluations.find((e) => e.step === step)?.training;
  const loss = {
    start: at(0) ?? trained.history[0]!,
    end: batch === null ? end : (at(trained.step) ?? end),
  };
  return { params, grads, loss };
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
