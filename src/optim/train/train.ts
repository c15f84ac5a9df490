import { InputError } from "../../core/errors.js";
import { callable, checkArguments, object } from "../../core/graph/arguments.js";
import type { Tensor } from "../../core/graph/tensor.js";
import { checkOptions, type Known } from "../../core/options.js";
import type { CompileOptions } from "../../core/run/compile.js";
import type { Traced } from "../../core/run/data.js";
import { adam } from "../adam.js";
import { asMinimizer, type Minimizer, type Optimizer } from "../minimizer.js";
import type { Split } from "./batches.js";
import {
  type CheckpointOptions,
  checkpointOptions,
  type Fingerprint,
  fingerprintOf,
  type Position,
  restore,
} from "./checkpoint.js";
import { type LookOptions, Looks } from "./looks.js";
import { Saver } from "./saver.js";
import { type Parts, type Session, session } from "./session.js";
import { startOf, type Trainable, type Vectors } from "./trainable.js";
import { ending, type Trained } from "./trained.js";
import { TrainRun } from "./trainrun.js";
import { lossOf, requireCounts, requireFunctions, type TrainStatus } from "./trainstep.js";
import type { Evaluated } from "./validation.js";

export type { TrainStatus };

/** What a callback sees after each evaluation: loss and gradient at the params that `step` updates have made. */
export interface TrainStep<P, E = unknown> {
  /** Number of updates so far, from 0 to `steps`. */
  readonly step: number;
  readonly steps: number;
  /** The loss of all events, or of this step's batch. */
  readonly loss: number;
  readonly params: P;
  readonly grads: P;
  /** Losses of both parts and your numbers, at the steps where they are computed; else null. */
  readonly evaluated: Evaluated<E> | null;
}

/** Events that are held out of a training. */
export interface HeldOut<D> {
  readonly data: D;
  readonly rows?: Split<D>["rows"];
}

const heldOut: Known<HeldOut<unknown>> = { data: true, rows: true };

/** Start, data, optimiser and length of a training, and what is done beside its steps. */
export interface TrainOptions<P, D, X, E = unknown> {
  /** Where to start: a tree of numbers and vectors, as compiled functions take them; vectors become Float64Arrays. */
  readonly params: P;
  /** Tables of events, as the loss takes them. */
  readonly data: D;
  /** An update rule or a minimiser (default adam(1e-3)). */
  readonly optimizer?: Optimizer;
  /**
   * Params as near as they may be to those that an update made, as thresholds on their bounds (`clamp` of a cut). Only for
   * update rules: a minimiser searches along lines, which would no longer be straight.
   */
  readonly project?: (params: Vectors<P>) => Vectors<P>;
  /** Most updates to make. */
  readonly steps: number;
  /** Third argument of the loss at a step: annealed widths and the like. New numbers compile nothing anew. */
  readonly extras?: (step: number) => X;
  /** Called after each evaluation; a training ends where it answers "stop". A promise is awaited. */
  readonly onStep?: (info: TrainStep<Vectors<P>, E>) => unknown;
  /** Stops the training after the current step; what was reached is returned. */
  readonly signal?: { readonly aborted: boolean };
  /**
   * Threads that share the work; the numbers stay the same to the last bit. Columns are copied into shared memory once,
   * unless they are there.
   */
  readonly threads?: CompileOptions["threads"];
  /** A GPU for dense layers (see `gradcut/gpu`); the numbers agree to f32, not to the last bit. */
  readonly gpu?: CompileOptions["gpu"];
  /** Events per step, of all tables together in proportion to their sizes, shuffled for each epoch (default: all). */
  readonly batch?: number;
  /** Of the order of batches and of the events held out (default 0). */
  readonly seed?: number;
  /**
   * Fraction of the events of each table that is held out, or other tables like `data`. Where both are parts of some tables
   * (see `splitTables`), `rows` are those of the parts, for messages.
   */
  readonly validation?: number | HeldOut<D>;
  /**
   * Column of event weights. In a batch or a part it is multiplied by (all events) / (events there), so that yields of
   * a part estimate those of all. Losses that are means over events do not need it.
   */
  readonly weights?: string;
  /** Numbers of your own on both parts, as hard yields: a plain tree. A promise is awaited. */
  readonly evaluate?: (params: Vectors<P>, parts: Parts<D>, step: number) => E | Promise<E>;
  /** Steps between two evaluations of both parts (default: an epoch of batches, or 10). The first and last step always are. */
  readonly evaluateEvery?: number;
  /** Ends the training after so many evaluations in a row without improvement. */
  readonly patience?: number;
  /** An improvement is larger than this (default 0). */
  readonly minDelta?: number;
  /** What is watched, the lower the better (default: the validation loss, or without one the training loss). */
  readonly monitor?: (evaluated: Evaluated<E>) => number;
  /** The params that are returned: of the last step, or of the best evaluation (default with `patience`). */
  readonly keep?: "last" | "best";
  /** Whether the standard errors of the losses are computed at the end (default: where events are held out). */
  readonly floor?: boolean;
  readonly checkpoint?: CheckpointOptions;
  /** The bytes of a checkpoint of the same training, to go on from with the same bits. More `steps` are allowed. */
  readonly resume?: Uint8Array;
  /** Text that must be the same on resuming, as a command line. */
  readonly label?: string;
}

const known: Known<TrainOptions<unknown, unknown, unknown>> = {
  ...{ params: true, data: true, optimizer: true, project: true, steps: true, extras: true },
  ...{ onStep: true, signal: true, threads: true, gpu: true, batch: true, seed: true, validation: true },
  ...{ weights: true, evaluate: true, evaluateEvery: true, patience: true, minDelta: true, monitor: true },
  ...{ keep: true, floor: true, checkpoint: true, resume: true, label: true },
};

/** Milliseconds of work between two turns of the event loop. */
const TURN = 50;

/** Node's timers wait for a millisecond at least. */
const later =
  (globalThis as { setImmediate?: (f: (value: unknown) => void) => void }).setImmediate ?? setTimeout;

/**
 * Trains params: minimises `loss(params, data, extras)` by its exact gradient over all events or over batches, one update
 * a step.
 *
 * The loss is traced once. Gives the event loop a turn every 50 ms. Numerical trouble is a status, not an exception:
 * where loss or gradient turn NaN or infinite, the params of the last good step are returned, and the message names the
 * op and the row. Rules that take such gradients (`zeroNans`, `applyIfFinite`) go on as long as the loss is finite. The numbers depend on the options alone: neither threads nor an interruption change a bit.
 */
export async function train<P, D, X = undefined, E = unknown>(
  loss: (params: Traced<NoInfer<P>>, events: Traced<NoInfer<D>>, extras: Traced<X>) => Tensor,
  options: TrainOptions<P, D, X, E> & { readonly params: Trainable<P> },
): Promise<Trained<Vectors<P>, E>> {
  checkArguments("train", { loss: [loss, callable], options: [options, object] });
  type V = Vectors<P>;
  checkOptions("train", options, known);
  if (options.checkpoint !== undefined) checkOptions("checkpoint", options.checkpoint, checkpointOptions);
  const { validation } = options;
  if (validation !== undefined && typeof validation !== "number") {
    checkOptions("validation", validation, heldOut);
    requireData("validation", validation.data);
  }
  const { data, steps, extras, onStep, signal, patience, checkpoint, project } = options;
  requireCounts({ steps, patience, evaluateEvery: options.evaluateEvery });
  requireFunctions({ extras, onStep, evaluate: options.evaluate, project, monitor: options.monitor });
  requireData("train()", data);
  const given = startOf<P>(options.params);
  const optimizer = options.optimizer ?? adam(1e-3);
  if (project && "step" in optimizer) {
    const sentence =
      "project keeps params after an update, but this optimizer searches along lines: use adam or another rule";
    throw new InputError("train.project", sentence, {});
  }
  const minimizer = asMinimizer(optimizer);
  const work = workOf<P, D, X, E>(loss, options);
  const fingerprint =
    checkpoint || options.resume ? identityOf<P, D, X, E>(options, { given, minimizer, work }) : null;
  const begun: Position<V, E> | null = options.resume ? restore<V, E>(options.resume, fingerprint!) : null;
  const looks = new Looks<V, D, E>(work, lookOptions<P, D, X, E>(options, work), begun);
  const saver = new Saver<V, E>(checkpoint, fingerprint, begun?.step ?? -1);
  const run = new TrainRun<V, D, E>(
    { work, looks, saver, optimizer, minimizer, steps, project },
    given,
    begun,
  );
  const reason = (answer: unknown): TrainStatus | null => {
    if (answer === "stop") return "stopped";
    if (looks.outOfPatience) return "earlyStop";
    if (run.step >= steps) return "maxSteps";
    return signal?.aborted ? "aborted" : null;
  };
  const end = (status: TrainStatus, trouble = "") =>
    ending<P, D, E>(options, { run, looks, work, given }, status, trouble);

  let turn = performance.now();
  for (let resumed = begun !== null; ; resumed = false) {
    let ended: TrainStatus | null;
    if (resumed) {
      ended = run.ended ?? reason(undefined);
      if (ended) await looks.atEnd(run.step, run.params, run.here);
    } else {
      const trouble = await run.evaluate();
      if (trouble !== null) return end("notFinite", trouble);
      const { step, params, here } = run;
      const evaluated = await looks.inTurn(step, params, here);
      const answer = await onStep?.({ step, steps, params, loss: here.value, grads: here.grads, evaluated });
      ended = run.ended ?? reason(answer);
      if (ended) await looks.atEnd(step, params, here);
      if (ended || saver.due(step)) await run.save();
    }
    if (ended) return end(ended);
    const found = await run.advance();
    if (found) {
      await looks.atEnd(run.step, run.params, run.here);
      await run.save();
      return end(found);
    }
    if (performance.now() - turn > TURN) {
      await new Promise((resolve) => later(resolve));
      turn = performance.now();
    }
  }
}

/** Throws an InputError where tables are not given: that would be a training of none. */
function requireData(owner: string, data: unknown): void {
  if (data !== undefined) return;
  const sentence = `The option data of ${owner} is not given: use data: {} for none.`;
  throw new InputError("train.data", sentence, { option: "data" });
}

/** What a training works with. */
function workOf<P, D, X, E>(
  loss: (params: Traced<NoInfer<P>>, events: Traced<NoInfer<D>>, extras: Traced<X>) => Tensor,
  { data, threads, gpu, batch, seed = 0, validation, weights, extras }: TrainOptions<P, D, X, E>,
): Session<Vectors<P>, D> {
  return session<Vectors<P>, D>(loss, { data, threads, gpu, batch, seed, validation, weights, extras });
}

function lookOptions<P, D, X, E>(
  options: TrainOptions<P, D, X, E>,
  work: Session<Vectors<P>, D>,
): LookOptions<Vectors<P>, E> {
  const { batch, evaluate, evaluateEvery, patience, minDelta = 0, monitor = lossOf } = options;
  return {
    ...{ batch, patience, minDelta, monitor },
    every: evaluateEvery ?? (batch === undefined ? 10 : work.perEpoch),
    numbers: evaluate && ((params, step) => evaluate(params, work.parts, step)),
  };
}

/** What must be the same when the training goes on, at a step. */
function identityOf<P, D, X, E>(
  { data, batch, seed = 0, validation, label = "", extras }: TrainOptions<P, D, X, E>,
  {
    given,
    minimizer,
    work,
  }: {
    readonly given: Vectors<P>;
    readonly minimizer: Minimizer;
    readonly work: Session<Vectors<P>, D>;
  },
): (step: number) => Fingerprint {
  const held = typeof validation === "object" ? "given" : (validation ?? "none");
  return fingerprintOf({
    ...{ params: given, data, minimizer, graph: work.graph(given), label, extras },
    batches: `batch ${batch ?? "all"}, seed ${seed}, held out ${held}`,
  });
}
