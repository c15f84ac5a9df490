/**
 * One interface for what trains: rules that take one gradient per step and solvers that try several points.
 *
 * A step is a generator that yields points and is sent the loss and gradient there, so that the same
 * solver serves a loss that answers at once and one that answers later.
 */

import type { Status } from "../core/status.js";
import { applyUpdates, type GradientTransformation, ravel } from "./transformation.js";

export interface Evaluation<P> {
  readonly value: number;
  readonly grads: P;
}

export type Evaluate<P> = (params: P) => Evaluation<P>;

/** How a minimiser ends. `notFinite`: the loss or a gradient at the given parameters is none; nothing was changed. */
export type MinimizerStatus = Extract<Status, "converged" | "stalled" | "maxSteps" | "notFinite">;

/** How a step ended: the status of a minimiser that is done, or `running`, which asks for another one. */
export type StepStatus = "running" | MinimizerStatus;

export interface Step<P, S> {
  readonly params: P;
  readonly state: S;
  /** The loss at the parameters that came in. */
  readonly value: number;
  readonly status: StepStatus;
  readonly evaluations: number;
}

/** A minimiser; its state is plain data, as that of a {@link GradientTransformation}. */
export interface Minimizer<S = unknown> {
  init(params: unknown): S;
  step<P>(params: P, state: S): Generator<P, Step<P, S>, Evaluation<P>>;
  /** The state to go on with after the loss itself has changed (another width, another batch). */
  refresh(state: S): S;
}

/** What trains: a rule for updates as optax's, or a solver that tries several points per step. */
export type Optimizer = GradientTransformation | Minimizer;

/** An update rule as a minimiser of one evaluation per step; a minimiser as it is. */
export function asMinimizer(optimizer: Optimizer): Minimizer {
  if ("step" in optimizer) return optimizer;
  return {
    init: (params) => optimizer.init(params),
    *step(params, state) {
      const { value, grads } = yield params;
      const known = optimizer.takesNotFinite || ravel(params).like(grads, "grads").every(Number.isFinite);
      if (!Number.isFinite(value) || !known) {
        return { params, state, value, status: "notFinite", evaluations: 1 };
      }
      const next = optimizer.update(grads, state, params);
      return {
        params: applyUpdates(params, next.updates),
        state: next.state,
        value,
        status: "running",
        evaluations: 1,
      };
    },
    refresh: (state) => state,
  };
}

/** One step with a loss that answers at once. */
export function runStep<P, S>(
  minimizer: Minimizer<S>,
  evaluate: Evaluate<P>,
  params: P,
  state: S,
): Step<P, S> {
  const steps = minimizer.step(params, state);
  let turn = steps.next();
  while (!turn.done) turn = steps.next(evaluate(turn.value));
  return turn.value;
}

/** One step with a loss that answers later. */
export async function runStepAsync<P, S>(
  minimizer: Minimizer<S>,
  evaluate: (params: P) => Promise<Evaluation<P>>,
  params: P,
  state: S,
): Promise<Step<P, S>> {
  const steps = minimizer.step(params, state);
  let turn = steps.next();
  while (!turn.done) turn = steps.next(await evaluate(turn.value));
  return turn.value;
}

/** Steps until the minimiser says that it is done, at most `maxSteps`. */
export function solve<P>(
  optimizer: Optimizer,
  evaluate: Evaluate<P>,
  params: P,
  { maxSteps = 1000 } = {},
): { params: P; status: MinimizerStatus; steps: number; evaluations: number } {
  const minimizer = asMinimizer(optimizer);
  let state = minimizer.init(params);
  let evaluations = 0;
  for (let steps = 1; steps <= maxSteps; steps++) {
    const step = runStep(minimizer, evaluate, params, state);
    evaluations += step.evaluations;
    ({ params, state } = step);
    if (step.status !== "running") return { params, status: step.status, steps, evaluations };
  }
  return { params, status: "maxSteps", steps: maxSteps, evaluations };
}

/** Whether a loss and every component of its gradient are finite. */
export function isFiniteAt(value: number, gradient: Float64Array): boolean {
  return Number.isFinite(value) && gradient.every(Number.isFinite);
}
