import { type CompileOptions, compile } from "../core/compile.js";
import type { Tensor } from "../core/tensor.js";
import type { Traced } from "../core/trace.js";
import { valueAndGrad } from "../core/transform.js";
import { adam } from "./adam.js";
import { ravel } from "./base.js";
import {
  asMinimizer,
  type Evaluation,
  isFiniteAt,
  type Optimizer,
  type Step,
  statusText,
} from "./minimizer.js";

/** How a training ended. */
export type TrainStatus = "maxSteps" | "converged" | "stalled" | "notFinite" | "aborted";

/** What a callback sees after each evaluation: loss and gradient at the params that `step` updates have made. */
export interface TrainStep<P> {
  /** Number of updates so far, from 0 to `steps`. */
  readonly step: number;
  readonly steps: number;
  readonly loss: number;
  readonly params: P;
  readonly grads: P;
}

export interface TrainOptions<P, D, X> {
  /** Where to start: a tree of numbers and Float64Arrays. */
  readonly params: P;
  /** Tables of events, as the loss takes them. */
  readonly data: D;
  /** An update rule or a minimiser (default adam(1e-3)). */
  readonly optimizer?: Optimizer;
  /** Most updates to make. */
  readonly steps: number;
  /** Third argument of the loss at a step: annealed widths and the like. New numbers compile nothing anew. */
  readonly extras?: (step: number) => X;
  readonly onStep?: (info: TrainStep<P>) => void;
  /** Stops the training after the current step; what was reached is returned. */
  readonly signal?: AbortSignal;
  /** Threads that share the work; the numbers stay the same to the last bit. */
  readonly threads?: CompileOptions["threads"];
}

export interface Trained<P> {
  readonly params: P;
  /** The loss at `params`. */
  readonly loss: number;
  /** The gradient there. */
  readonly grads: P;
  /** history[k] is the loss after k updates; [0] is that of the start. */
  readonly history: Float64Array;
  /** Updates made. */
  readonly steps: number;
  readonly status: TrainStatus;
  /** The status as a sentence, with what to do about it. */
  readonly message: string;
}

/** Milliseconds of work between two turns of the event loop. */
const TURN = 50;

/**
 * Trains params: minimises `loss(params, data, extras)` by its exact gradient over all events, one update a step.
 *
 * The loss is traced once. Gives the event loop a turn every 50 ms. Numerical trouble is a status, not an exception:
 * where loss or gradient turn NaN or infinite, the params of the last good step are returned.
 */
export async function train<P, D, X = undefined>(
  loss: (params: Traced<P>, events: Traced<D>, extras: Traced<X>) => Tensor,
  options: TrainOptions<P, D, X>,
): Promise<Trained<P>> {
  const { data, steps, extras, onStep, signal, threads } = options;
  const compiled = compile(valueAndGrad(loss), { threads }) as unknown as (
    ...args: unknown[]
  ) => Evaluation<P>;
  const evaluate = (at: P, step: number): Evaluation<P> =>
    extras ? compiled(at, data, extras(step)) : compiled(at, data);
  const minimizer = asMinimizer(options.optimizer ?? adam(1e-3));

  let { params } = options;
  let state = minimizer.init(params);
  let here: Evaluation<P> | undefined;
  let good: (Evaluation<P> & { readonly params: P }) | undefined;
  let ended: TrainStatus | undefined;
  const history: number[] = [];
  const end = (status: TrainStatus): Trained<P> => {
    const { value, ...reached } = good ?? { params, ...here! };
    const made = Math.max(0, history.length - 1);
    return {
      ...reached,
      loss: value,
      history: Float64Array.from(history),
      steps: made,
      status,
      message: sentence(status, made, steps),
    };
  };

  let turn = performance.now();
  for (let step = 0; ; step++) {
    here ??= evaluate(params, step);
    if (!isFiniteAt(here.value, ravel(here.grads, "grads").vector)) return end("notFinite");
    good = { params, ...here };
    history.push(here.value);
    onStep?.({ step, steps, params, loss: here.value, grads: here.grads });
    ended ??= step >= steps ? "maxSteps" : signal?.aborted ? "aborted" : undefined;
    if (ended) return end(ended);

    const next = advance(minimizer.step(params, state), params, here, (at) => evaluate(at, step));
    // Under a loss that still changes, the minimum of this moment is no end.
    const final = !(extras && step + 1 < steps && (next.status === "converged" || next.status === "stalled"));
    if (next.status !== "running" && final) {
      if (next.evaluation === here) return end(next.status);
      ended = next.status;
    }
    ({ params } = next);
    state = extras ? minimizer.refresh(next.state) : next.state;
    here = extras ? undefined : next.evaluation;

    if (performance.now() - turn > TURN) {
      await new Promise((resolve) => setTimeout(resolve, 0));
      turn = performance.now();
    }
  }
}

/** Runs one step; a point is evaluated once, and what is known of the new params comes with them. */
function advance<P>(
  step: Generator<P, Step<P, unknown>, Evaluation<P>>,
  params: P,
  here: Evaluation<P>,
  evaluate: (at: P) => Evaluation<P>,
): Step<P, unknown> & { readonly evaluation: Evaluation<P> | undefined } {
  const { vector, like } = ravel(params);
  const known = [{ vector, evaluation: here }];
  const find = (at: P): Evaluation<P> | undefined => {
    const x = like(at, "params");
    return known.find((k) => k.vector.every((v, i) => v === x[i]))?.evaluation;
  };
  let turn = step.next();
  while (!turn.done) {
    const at = turn.value;
    const evaluation = find(at) ?? evaluate(at);
    known.push({ vector: like(at, "params"), evaluation });
    turn = step.next(evaluation);
  }
  return { ...turn.value, evaluation: find(turn.value.params) };
}

function sentence(status: TrainStatus, made: number, steps: number): string {
  if (status === "maxSteps") return `All ${steps} steps were made.`;
  if (status === "aborted") return `Stopped after ${made} of ${steps} steps.`;
  if (status !== "notFinite") return statusText[status];
  const remedy =
    "Look for NaN in the columns and for samples of which nothing passes; lower the learning rate, or start elsewhere.";
  if (made === 0) return `The loss or its gradient is NaN or infinite at the start. ${remedy}`;
  return `The loss or its gradient became NaN or infinite after step ${made}, whose params are returned. ${remedy}`;
}
