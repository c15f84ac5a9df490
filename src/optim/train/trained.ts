import type { GpuReport } from "../../core/run/ongpu.js";
import { shownAs } from "../../text/display.js";
import type { Looks } from "./looks.js";
import type { Session } from "./session.js";
import type { Vectors } from "./trainable.js";
import type { TrainRun } from "./trainrun.js";
import { isWorse, sentence, type TrainStatus, type Worse, worseSentence } from "./trainstep.js";
import type { Best, Evaluated } from "./validation.js";

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
  /** Where the dense layers of the last step were computed, and why; null without `gpu`. */
  readonly gpu: GpuReport | null;
}

/** What of the options of a training says what is told of it. */
interface Asked<P> {
  readonly steps: number;
  readonly patience?: number | undefined;
  readonly batch?: number | undefined;
  readonly keep?: "last" | "best" | undefined;
  readonly floor?: boolean | undefined;
  readonly project?: ((params: Vectors<P>) => Vectors<P>) | undefined;
}

/** A training at its end, and what it worked with. */
export interface Finished<P, D, E> {
  readonly run: TrainRun<Vectors<P>, D, E>;
  readonly looks: Looks<Vectors<P>, D, E>;
  readonly work: Session<Vectors<P>, D>;
  readonly given: Vectors<P>;
}

/** What a training found. */
export async function ending<P, D, E>(
  options: Asked<P>,
  { run, looks, work, given }: Finished<P, D, E>,
  status: TrainStatus,
  trouble: string,
): Promise<Trained<Vectors<P>, E>> {
  const { steps, patience, batch, project } = options;
  const { made, good, history } = run;
  const { training, validation } = work.parts;
  const keep = options.keep ?? (patience === undefined ? "last" : "best");
  const best = keep === "best" ? looks.best : null;
  const last = good ?? { step: run.step, params: run.params, ...run.here };
  const { step, params, loss, grads } = best ?? { ...last, loss: last.value };
  const floor =
    (options.floor ?? validation !== null) && status !== "aborted" && good
      ? {
          training: await work.floor(params, training, step),
          validation: validation === null ? null : await work.floor(params, validation, step),
        }
      : null;
  /** Compared as the loss is at the end, on all events: an annealed loss was another one at the start. */
  const worsened = async (): Promise<Worse | null> => {
    if (step === 0 || status === "aborted" || !good) return null;
    const noise = floor?.training ?? 0;
    const before = work.changes ? await work.ofAll(project?.(given) ?? given, step) : history[0]!;
    const after = work.changes && batch !== undefined ? await work.ofAll(params, step) : loss;
    return isWorse(before, after, noise) ? { start: before, end: after } : null;
  };
  const worse = await worsened();
  return shownAs("train", {
    ...{ params, loss, grads, history, steps: made, step, status },
    message: sentence({ status, made, steps, trouble, patience, step }),
    ...{ evaluations: looks.evaluations, best: looks.best, floor, worse },
    gpu: work.gpu,
    warnings: [...run.warnings(), ...(worse ? [worseSentence(worse)] : [])],
  });
}
