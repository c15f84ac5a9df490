import type { CompileOptions } from "../core/compile.js";
import { InputError } from "../core/errors.js";
import { callable, checkArguments, object } from "../core/legal.js";
import { checkOptions, type Known } from "../core/options.js";
import type { Tensor } from "../core/tensor.js";
import type { Traced } from "../core/trace.js";
import { adam } from "./adam.js";
import {
  type CheckpointOptions,
  checkpointOptions,
  fingerprintOf,
  type Position,
  restore,
  writeCheckpoint,
} from "./checkpoint.js";
import { asMinimizer, type Optimizer } from "./minimizer.js";
import { type Parts, session } from "./session.js";
import { startOf, type Trainable, type Vectors } from "./start.js";
import {
  isFiniteGradient,
  isWorse,
  lossOf,
  requireCounts,
  requireFunctions,
  type Saves,
  type Skips,
  saveWarnings,
  sentence,
  skipWarnings,
  stepper,
  type TrainStatus,
  type Worse,
  worseSentence,
} from "./trainstep.js";
import { type Best, type Evaluated, watched } from "./validation.js";

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
  /** Events per step, of all tables together in proportion to their sizes, shuffled for each epoch (default: all). */
  readonly batch?: number;
  /** Of the order of batches and of the events held out (default 0). */
  readonly seed?: number;
  /** Fraction of the events of each table that is held out, or other tables like `data`. */
  readonly validation?: number | { readonly data: D };
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
  ...{ onStep: true, signal: true, threads: true, batch: true, seed: true, validation: true },
  ...{ weights: true, evaluate: true, evaluateEvery: true, patience: true, minDelta: true, monitor: true },
  ...{ keep: true, floor: true, checkpoint: true, resume: true, label: true },
};

/** What a training found, and how it ended. */
export interface Trained<P, E = unknown> {
  readonly params: P;
  /** The loss at `params`. */
  readonly loss: number;
  /** The gradient there. */
  readonly grads: P;
  /** history[k] is the loss after k updates; [0] is that of the start. With batches, of the batch of that step. */
  readonly history: Float64Array;
  /** Updates made. */
  readonly steps: number;
  /** The update after which `params` were. */
  readonly step: number;
  readonly status: TrainStatus;
  /** The status as a sentence, with what to do about it. */
  readonly message: string;
  /** Losses of both parts and your numbers, in the order of steps. */
  readonly evaluations: readonly Evaluated<E>[];
  /** The best evaluation, null where none was made. */
  readonly best: Best<P> | null;
  /** Standard errors of the losses at `params` from the finite samples; differences below them are noise. */
  readonly floor: { readonly training: number; readonly validation: number | null } | null;
  /** The loss at the start and at `params` where the end is the worse one, by more than its noise; else null. */
  readonly worse: Worse | null;
  /** Sentences that a person should read, as checkpoints that could not be saved. */
  readonly warnings: readonly string[];
}

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
  loss: (params: Traced<NoInfer<P>>, events: Traced<D>, extras: Traced<X>) => Tensor,
  options: TrainOptions<P, D, X, E> & { readonly params: Trainable<P> },
): Promise<Trained<Vectors<P>, E>> {
  checkArguments("train", { loss: [loss, callable], options: [options, object] });
  type V = Vectors<P>;
  checkOptions("train", options, known);
  if (options.checkpoint) checkOptions("checkpoint", options.checkpoint, checkpointOptions);
  const { data, steps, extras, onStep, signal, threads, batch, seed = 0, validation, weights } = options;
  const { evaluate, patience, minDelta = 0, monitor = lossOf, checkpoint, label = "", project } = options;
  requireCounts({ steps, patience, evaluateEvery: options.evaluateEvery });
  requireFunctions({ extras, onStep, evaluate, project, monitor: options.monitor });
  if (data === undefined) {
    throw new InputError("train.data", "The option data of train() is not given: use data: {} for none.", {});
  }
  const given = startOf<P>(options.params);
  const optimizer = options.optimizer ?? adam(1e-3);
  if (project && "step" in optimizer) {
    const sentence =
      "project keeps params after an update, but this optimizer searches along lines: use adam or another rule";
    throw new InputError("train.project", sentence, {});
  }
  const takesNotFinite = "step" in optimizer ? false : optimizer.takesNotFinite === true;
  const minimizer = asMinimizer(optimizer);
  const advance = stepper<V>(optimizer);
  const work = session<V, D>(loss, { data, threads, batch, seed, validation, weights, extras });
  const { training, validation: held } = work.parts;
  const watching = held !== null || evaluate !== undefined || patience !== undefined;
  const evaluateEvery = options.evaluateEvery ?? (batch === undefined ? 10 : work.perEpoch);
  const keep = options.keep ?? (patience === undefined ? "last" : "best");
  const identity = () =>
    fingerprintOf({
      ...{ params: given, data, minimizer, graph: work.graph(given), label, extras },
      batches: `batch ${batch ?? "all"}, seed ${seed}, held out ${typeof validation === "object" ? "given" : (validation ?? "none")}`,
    });
  const fingerprint = checkpoint || options.resume ? identity() : null;
  const begun: Position<V, E> | null = options.resume ? restore<V, E>(options.resume, fingerprint!) : null;

  let step = begun?.step ?? 0;
  let params = begun?.params ?? project?.(given) ?? given;
  let state = begun ? begun.state : minimizer.init(params);
  let here = begun?.here;
  let watch = begun?.watch ?? { best: null, reference: null, idle: 0 };
  let good = here && { step, params, ...here };
  let ended: TrainStatus | undefined;
  const history = Array.from(begun?.history ?? []);
  const evaluations = [...(begun?.evaluations ?? [])];
  const skips: Skips = { count: 0, first: "", ...begun?.skips };
  const saved: Saves = { step: begun ? step : -1, at: performance.now(), failures: 0, reason: "" };

  /** What a checkpoint keeps of the looks: those of the steps at which an uninterrupted training looks too. */
  let kept = { evaluations: [...evaluations], watch };
  const look = async (): Promise<Evaluated<E>> => {
    const { value: loss, grads } = here!;
    const evaluated: Evaluated<E> = {
      step,
      training: batch === undefined ? loss : await work.value(params, training, step),
      validation: held === null ? null : await work.value(params, held, step),
      numbers: evaluate ? await evaluate(params, work.parts, step) : null,
    };
    evaluations.push(evaluated);
    watch = watched(watch, monitor(evaluated), { step, params, loss, grads }, minDelta);
    if (step % evaluateEvery === 0) kept = { evaluations: [...evaluations], watch };
    return evaluated;
  };
  const save = async (): Promise<void> => {
    if (!checkpoint || !fingerprint || saved.step === step) return;
    const position = { step, params, state, here: here!, history: Float64Array.from(history) };
    const bytes = writeCheckpoint(
      { ...position, ...kept, skips, ended: ended === "converged" || ended === "stalled" ? ended : null },
      fingerprint(step),
      checkpoint.attach?.() ?? null,
    );
    saved.at = performance.now();
    try {
      await checkpoint.save(bytes, step);
      saved.step = step;
    } catch (cause) {
      saved.failures++;
      saved.reason = `at step ${step}: ${cause instanceof Error ? cause.message : String(cause)}`;
    }
  };
  const due = (): boolean => {
    if (!checkpoint || step === 0) return false;
    const { every, seconds = every === undefined ? 60 : Number.POSITIVE_INFINITY } = checkpoint;
    return (every !== undefined && step % every === 0) || performance.now() - saved.at >= 1e3 * seconds;
  };
  /** Under a loss that still changes, the minimum of a moment was an end only where no step was left. */
  const endedBefore = (): TrainStatus | undefined =>
    (step >= steps || (begun?.ended === "stalled" && !work.changes) ? begun?.ended : null) ?? undefined;
  const reason = (answer: unknown): TrainStatus | undefined => {
    if (answer === "stop") return "stopped";
    if (patience !== undefined && watch.idle >= patience) return "earlyStop";
    if (step >= steps) return "maxSteps";
    return signal?.aborted ? "aborted" : undefined;
  };
  /** Compared as the loss is at the end, on all events: an annealed loss was another one at the start. */
  const worsened = async (loss: number, reached: V, at: number, noise: number): Promise<Worse | null> => {
    if (at === 0) return null;
    const start = project?.(given) ?? given;
    if (!work.changes) return isWorse(history[0]!, loss, noise) ? { start: history[0]!, end: loss } : null;
    const before = await work.ofAll(start, at);
    const after = batch === undefined ? loss : await work.ofAll(reached, at);
    return isWorse(before, after, noise) ? { start: before, end: after } : null;
  };
  const end = async (status: TrainStatus, trouble = ""): Promise<Trained<V, E>> => {
    const made = Math.max(0, history.length - 1);
    const best = keep === "best" ? watch.best : null;
    const last = good ?? { step, params, ...here! };
    const reached = best ?? { step: last.step, params: last.params, loss: last.value, grads: last.grads };
    const { step: at, params: p, loss: value, grads } = reached;
    const wanted = options.floor ?? held !== null;
    const floor =
      wanted && status !== "aborted" && good
        ? {
            training: await work.floor(p, training, at),
            validation: held === null ? null : await work.floor(p, held, at),
          }
        : null;
    const worse = status === "aborted" || !good ? null : await worsened(value, p, at, floor?.training ?? 0);
    const told = [...saveWarnings(saved), ...skipWarnings(skips), ...(worse ? [worseSentence(worse)] : [])];
    return {
      ...{
        params: p,
        loss: value,
        grads,
        history: Float64Array.from(history),
        steps: made,
        step: at,
        status,
      },
      message: sentence({ status, made, steps, trouble, patience, step: at }),
      ...{ evaluations, best: watch.best, floor, worse, warnings: told },
    };
  };

  let turn = performance.now();
  for (let resumed = begun !== null; ; resumed = false) {
    if (resumed) {
      ended = endedBefore() ?? reason(undefined);
      if (ended && watching && evaluations.at(-1)?.step !== step) await look();
    } else {
      here ??= await work.gradient(params, step);
      const finite = isFiniteGradient(here);
      if (!Number.isFinite(here.value) || (!finite && !takesNotFinite)) {
        return end("notFinite", work.explain(params, here, step));
      }
      if (!finite && skips.count++ === 0) {
        const origin = work.explain(params, here, step);
        skips.first = `at step ${step}${origin ? ` (${origin})` : ""}`;
      }
      good = { step, params, ...here };
      history.push(here.value);
      const seen = watching && step % evaluateEvery === 0 ? await look() : null;
      const { value: loss, grads } = here;
      const answer = await onStep?.({ step, steps, params, loss, grads, evaluated: seen });
      ended ??= reason(answer);
      if (ended && watching && !seen) await look();
      if (ended || due()) await save();
    }
    if (ended) return end(ended);

    const at = step;
    const next = await advance(params, state, here!, (p) => work.gradient(p, at));
    // Under a loss that still changes, the minimum of this moment is no end.
    const final = !(
      work.changes &&
      step + 1 < steps &&
      (next.status === "converged" || next.status === "stalled")
    );
    if (next.status !== "running" && final) {
      if (next.evaluation === here) {
        if (watching && evaluations.at(-1)?.step !== step) await look();
        await save();
        return end(next.status);
      }
      ended = next.status;
    }
    params = project ? project(next.params) : next.params;
    state = work.changes ? minimizer.refresh(next.state) : next.state;
    here = work.changes || project ? undefined : next.evaluation;
    step++;

    if (performance.now() - turn > TURN) {
      await new Promise((resolve) => later(resolve));
      turn = performance.now();
    }
  }
}
