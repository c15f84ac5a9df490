import { checkLegal, limit, notNegative, times, whole } from "../core/graph/arguments.js";
import { lineSearch, type Trial } from "./linesearch.js";
import { type Evaluation, isFiniteAt, type Minimizer, type Step, type StepStatus } from "./minimizer.js";
import type { Rule } from "./rule.js";
import { ravel } from "./transformation.js";

/** Memory, tolerances and limits of L-BFGS. */
export interface LbfgsOptions {
  /** Pairs of steps and gradient differences that are kept. */
  readonly memory?: number;
  /** Converged when no component of the gradient is larger. */
  readonly tolerance?: number;
  readonly maxSteps?: number;
  /** Relative rounding of the loss: smaller differences are ignored and slopes decide. */
  readonly resolution?: number;
}

export interface LbfgsState {
  readonly count: number;
  /** Loss and gradient at the current parameters; the gradient is empty where they are not known. */
  readonly value: number;
  readonly gradient: Float64Array;
  /** The least loss and the least largest component of a gradient so far; evaluations since either fell. */
  readonly lowest: { readonly value: number; readonly gradient: number; readonly idle: number };
  /** The latest steps, oldest first. */
  readonly steps: readonly Float64Array[];
  /** The differences of the gradients over those steps. */
  readonly differences: readonly Float64Array[];
}

type Point = Trial & { readonly x: Float64Array; readonly gradient: Float64Array };

const unknown: Float64Array = new Float64Array(0);

/**
 * More evaluations than this without a lower loss or gradient are rounding at work. Evaluations, not
 * steps: a slow descent takes one for each step, a search among rounding several.
 */
const patience = 100;

/**
 * Limited-memory BFGS (Nocedal and Wright, Numerical Optimization, algorithm 7.4).
 *
 * Steps end by `lineSearch`, which near the minimum looks at gradients, so that the parameters
 * reach the accuracy of the gradient and not the square root of that of the loss. A loss or gradient
 * that is not finite is never stepped to.
 */
export function lbfgs(options: LbfgsOptions = {}): Minimizer<LbfgsState> {
  checkLegal("lbfgs", options, {
    ...{ memory: whole(1), tolerance: limit },
    ...{ maxSteps: times(0), resolution: notNegative },
  });
  const { memory = 10, tolerance = 1e-8, maxSteps = 1000, resolution = 1e-8 } = options;

  function* step<P>(params: P, given: LbfgsState): Generator<P, Step<P, LbfgsState>, Evaluation<P>> {
    const { vector: x, unravel, like } = ravel(params);
    let evaluations = 0;
    let state = given;
    if (state.gradient.length !== x.length || x.length === 0) {
      const here = yield params;
      evaluations++;
      const gradient = like(here.grads, "grads");
      const lowest = { value: here.value, gradient: largest(gradient), idle: 0 };
      state = { ...state, value: here.value, gradient, lowest };
    }
    const { value, gradient } = state;
    const stay = (status: StepStatus): Step<P, LbfgsState> => ({ params, state, value, status, evaluations });
    if (!isFiniteAt(value, gradient)) {
      state = { ...state, gradient: unknown };
      return stay("notFinite");
    }
    if (largest(gradient) <= tolerance) return stay("converged");
    if (state.count >= maxSteps) return stay("maxSteps");

    let accepted: Point | undefined;
    while (accepted === undefined) {
      const fresh = state.steps.length === 0;
      const direction = descend(gradient, state);
      const slope = dot(gradient, direction);
      if (slope < 0 && Number.isFinite(slope)) {
        // The first direction has the gradient's units, so it is scaled to unit length where that is shorter.
        const firstStep = fresh ? Math.min(1, 1 / Math.sqrt(-slope)) : 1;
        const noise = resolution * Math.abs(value);
        const search = lineSearch<Point>({ f: value, slope }, firstStep, { noise });
        let turn = search.next();
        while (!turn.done) {
          const a = turn.value;
          const next = x.map((xi, i) => xi + a * direction[i]!);
          const answer = yield unravel(next);
          evaluations++;
          const g = like(answer.grads, "grads");
          const finite = isFiniteAt(answer.value, g);
          turn = search.next({ a, f: answer.value, slope: dot(g, direction), finite, x: next, gradient: g });
        }
        accepted = turn.value;
      }
      if (accepted === undefined && fresh) return stay("stalled");
      if (accepted === undefined) state = { ...state, steps: [], differences: [] };
    }

    const moved = difference(accepted.x, x);
    const turned = difference(accepted.gradient, gradient);
    const lowest = lower(state.lowest, accepted.f, largest(accepted.gradient), evaluations);
    const { steps, differences } = remember(state, moved, turned, memory);
    const count = state.count + 1;
    state = { count, value: accepted.f, gradient: accepted.gradient, lowest, steps, differences };
    let status: StepStatus = "running";
    if (largest(accepted.gradient) <= tolerance) status = "converged";
    else if (largest(moved) === 0 || lowest.idle > patience) status = "stalled";
    else if (state.count >= maxSteps) status = "maxSteps";
    return { params: unravel(accepted.x), state, value, status, evaluations };
  }

  return {
    init: () => ({
      count: 0,
      value: 0,
      gradient: unknown,
      lowest: { value: 0, gradient: 0, idle: 0 },
      steps: [],
      differences: [],
    }),
    step,
    refresh: (state) => ({ ...state, gradient: unknown }),
  };
}

/** −H·g by the two loops over the remembered pairs. */
function descend(gradient: Float64Array, { steps, differences }: LbfgsState): Float64Array {
  const q = gradient.map((g) => -g);
  const last = steps.length - 1;
  const weights = new Float64Array(steps.length);
  for (let i = last; i >= 0; i--) {
    weights[i] = dot(steps[i]!, q) / dot(steps[i]!, differences[i]!);
    addScaled(q, -weights[i]!, differences[i]!);
  }
  if (last >= 0) {
    const y = differences[last]!;
    const gamma = dot(steps[last]!, y) / dot(y, y);
    for (let i = 0; i < q.length; i++) q[i]! *= gamma;
  }
  for (let i = 0; i <= last; i++) {
    const beta = dot(differences[i]!, q) / dot(steps[i]!, differences[i]!);
    addScaled(q, weights[i]! - beta, steps[i]!);
  }
  return q;
}

function lower(
  was: LbfgsState["lowest"],
  value: number,
  gradient: number,
  evaluations: number,
): LbfgsState["lowest"] {
  const idle = value < was.value || gradient < was.gradient ? 0 : was.idle + evaluations;
  return { value: Math.min(was.value, value), gradient: Math.min(was.gradient, gradient), idle };
}

/** The pair is kept only if the loss curved upwards along it by more than rounding. */
function remember(
  { steps, differences }: LbfgsState,
  s: Float64Array,
  y: Float64Array,
  memory: number,
): Pick<LbfgsState, "steps" | "differences"> {
  const sy = dot(s, y);
  if (!(sy > 1e-10 * Math.sqrt(dot(s, s) * dot(y, y)))) return { steps, differences };
  return { steps: [...steps, s].slice(-memory), differences: [...differences, y].slice(-memory) };
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

function addScaled(target: Float64Array, factor: number, vector: Float64Array): void {
  for (let i = 0; i < target.length; i++) target[i]! += factor * vector[i]!;
}

const difference = (a: Float64Array, b: Float64Array): Float64Array => a.map((x, i) => x - b[i]!);
const largest = (a: Float64Array): number => a.reduce((max, x) => Math.max(max, Math.abs(x)), 0);

export const lbfgsRule: Rule = {
  words: "searches along each step; all events per step",
  rate: null,
  make: ({ steps }) => lbfgs({ maxSteps: steps + 1 }),
};
