/** One step of a training, and how its end is told. */

import { InputError } from "../../core/errors.js";
import { type Status, statuses } from "../../core/status.js";
import type { Evaluation, MinimizerStatus, Optimizer, Step } from "../minimizer.js";
import { applyUpdates, asArray, numbersOf, ravel } from "../transformation.js";
import type { Evaluated } from "./validation.js";

/** How a training ended. */
export type TrainStatus = MinimizerStatus | Extract<Status, "aborted" | "stopped" | "earlyStop">;

/** The next params by a rule of one gradient, or by a minimiser that tries several points. */
export function stepper<P>(optimizer: Optimizer): Stepper<P> {
  if ("step" in optimizer) {
    return (params, state, here, evaluate) => advance(optimizer.step(params, state), params, here, evaluate);
  }
  return (params, state, { value, grads }) => {
    const { updates, state: next } = optimizer.update(grads, state, params);
    const moved = applyUpdates(params, updates);
    return { params: moved, state: next, value, status: "running", evaluations: 1, evaluation: undefined };
  };
}

type Later<T> = T | Promise<T>;
type Stepped<P> = Step<P, unknown> & { readonly evaluation: Evaluation<P> | undefined };
type Stepper<P> = (
  params: P,
  state: unknown,
  here: Evaluation<P>,
  evaluate: (at: P) => Later<Evaluation<P>>,
) => Later<Stepped<P>>;

/** Whether a gradient is finite. */
export function isFiniteGradient<P>({ grads }: Evaluation<P>): boolean {
  for (const leaf of numbersOf({ name: "grads", tree: grads }).leaves) {
    if (typeof leaf === "number") {
      if (!Number.isFinite(leaf)) return false;
      continue;
    }
    const numbers = asArray(leaf);
    for (let i = 0; i < numbers.length; i++) if (!Number.isFinite(numbers[i]!)) return false;
  }
  return true;
}

/** Runs one step; a point is evaluated once, and what is known of the new params comes with them. */
async function advance<P>(
  step: Generator<P, Step<P, unknown>, Evaluation<P>>,
  params: P,
  here: Evaluation<P>,
  evaluate: (at: P) => Later<Evaluation<P>>,
): Promise<Stepped<P>> {
  const { vector, like } = ravel(params);
  const known = [{ vector, evaluation: here }];
  const find = (at: P): Evaluation<P> | undefined => {
    const x = like(at, "params");
    return known.find((k) => k.vector.every((v, i) => v === x[i]))?.evaluation;
  };
  let turn = step.next();
  while (!turn.done) {
    const at = turn.value;
    const evaluation = find(at) ?? (await evaluate(at));
    known.push({ vector: like(at, "params"), evaluation });
    turn = step.next(evaluation);
  }
  return { ...turn.value, evaluation: find(turn.value.params) };
}

/** What is watched where nothing else is said. */
export const lossOf = ({ validation, training }: Evaluated<unknown>): number => validation ?? training;

export interface Ending {
  readonly status: TrainStatus;
  /** Updates made, and asked for. */
  readonly made: number;
  readonly steps: number;
  /** Where the first NaN comes from. */
  readonly trouble: string;
  readonly patience: number | undefined;
  /** The step whose params are returned. */
  readonly step: number;
}

const capitalized = (sentence: string): string => `${sentence[0]!.toUpperCase()}${sentence.slice(1)}.`;

/** What each end means in a training, with its numbers. */
const reasons: Readonly<Record<TrainStatus, (ending: Ending) => string>> = {
  maxSteps: ({ steps }) => `All ${steps} steps were made.`,
  converged: () => "Every component of the gradient is within the tolerance.",
  stalled: () => capitalized(statuses.stalled.sentence),
  aborted: ({ made, steps }) => `Stopped after ${made} of ${steps} steps.`,
  stopped: ({ made, steps }) => `Stopped by onStep after ${made} of ${steps} steps.`,
  earlyStop: ({ made, steps, patience }) =>
    `Stopped after ${made} of ${steps} steps: ${patience} evaluations in a row brought no improvement.`,
  notFinite,
};

export function sentence(ending: Ending): string {
  const { status, made, step } = ending;
  const kept =
    step === made || status === "notFinite"
      ? ""
      : ` The params of step ${step} are returned, the best of what was monitored.`;
  return `${reasons[status](ending)}${kept}`;
}

function notFinite({ made, trouble, step }: Ending): string {
  const remedy =
    "Look for NaN in the columns and for samples of which nothing passes; lower the learning rate, or start elsewhere.";
  const origin = trouble ? ` (${trouble})` : "";
  if (made === 0) return `The loss or its gradient is NaN or infinite at the start${origin}. ${remedy}`;
  const which = step === made ? "whose params are returned" : `and the params of step ${step} are returned`;
  return `The loss or its gradient became NaN or infinite after step ${made}, ${which}${origin}. ${remedy}`;
}

/** A training that did harm: the loss at its start and at its end. */
export interface Worse {
  readonly start: number;
  readonly end: number;
}

/** Relative rounding of a loss that is summed in f32. */
const ROUNDING = 1e-6;

/** Whether a loss at the end is above that at the start, by more than rounding and what the finite sample makes of it. */
export const isWorse = (start: number, end: number, noise: number): boolean =>
  end - start > Math.max(ROUNDING * Math.abs(start), Number.isFinite(noise) ? noise : 0);

export const worseSentence = ({ start, end }: Worse): string =>
  `The training made the loss worse: ${start} at the start, ${end} at the end. Take a lower learning rate, or start elsewhere.`;

/** Gradients that were not finite and that the optimiser dealt with. */
export interface Skips {
  count: number;
  /** The step of the first, and where it came from. */
  first: string;
}

export function skipWarnings({ count, first }: Skips): string[] {
  if (count === 0) return [];
  const what = count === 1 ? "One gradient was" : `${count} gradients were`;
  return [`${what} NaN or infinite and left to the optimizer, the first ${first}.`];
}

/** Throws an InputError for what a training calls, where it is no function. */
export function requireFunctions(functions: Readonly<Record<string, unknown>>): void {
  for (const [name, f] of Object.entries(functions)) {
    if (f === undefined || typeof f === "function") continue;
    const got = f === null ? "null" : Array.isArray(f) ? "an array" : `a ${typeof f}`;
    const sentence = `The option ${name} of train() is ${got}, but it is called: give a function.`;
    throw new InputError("train.function", sentence, { option: name });
  }
}

/** Throws an InputError for a count of a training that is none: without an end it would run for ever. */
export function requireCounts(counts: Readonly<Record<string, number | undefined>>): void {
  for (const [name, n] of Object.entries(counts)) {
    const least = name === "evaluateEvery" ? 1 : 0;
    if (n === undefined && name !== "steps") continue;
    if (typeof n === "number" && n >= least && (Number.isInteger(n) || n === Number.POSITIVE_INFINITY))
      continue;
    const got = n === undefined ? "not given" : typeof n === "number" ? n : `a ${typeof n}`;
    const sentence = `The option ${name} of train() is ${got}: use a whole number from ${least}, or Infinity.`;
    throw new InputError("train.count", sentence, { option: name, got: n });
  }
}
