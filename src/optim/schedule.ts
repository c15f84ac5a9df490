import {
  array,
  atLeast,
  checkArguments,
  checkLegal,
  finite,
  flag,
  type Legal,
  notNegative,
  object,
  positive,
} from "../core/graph/arguments.js";
import { aSchedule } from "./settings.js";
/**
 * Learning rates (or widths, or anything else) that change with the step, under optax's names.
 *
 * Arithmetic and square roots only: `Math.cos` and `Math.pow` may differ in the last bit between
 * engines, and a training must not.
 */

/** A number for each step; the first step is 0. */
export type Schedule = (step: number) => number;

/** `value` at every step. */
export function constantSchedule(value: number): Schedule {
  checkArguments("constantSchedule", { value: [value, finite] });
  return () => value;
}

/** From `start` to `end` in `steps` steps after `begin`, then `end`. */
export function linearSchedule(start: number, end: number, steps: number, begin = 0): Schedule {
  return between("linearSchedule", start, end, 1, steps, begin);
}

/** From `start` to `end` as (1 - t)^`exponent`, in `steps` steps after `begin`, then `end`. */
export function polynomialSchedule(
  start: number,
  end: number,
  exponent: number,
  steps: number,
  begin = 0,
): Schedule {
  return between("polynomialSchedule", start, end, exponent, steps, begin);
}

function between(
  caller: string,
  start: number,
  end: number,
  exponent: number,
  steps: number,
  begin: number,
): Schedule {
  checkArguments(caller, {
    ...{ start: [start, finite], end: [end, finite], exponent: [exponent, notNegative] },
    ...{ steps: [steps, notNegative], begin: [begin, finite] },
  });
  // No step at all, as of a warmup that there is not: the start stays.
  if (steps === 0) return constantSchedule(start);
  return (step) => {
    const t = Math.min(Math.max(step - begin, 0), steps);
    return (start - end) * power(1 - t / steps, exponent) + end;
  };
}

/** From `start` to `alpha·start` along half a cosine of `steps` steps to the power `exponent`, then constant. */
export function cosineDecaySchedule(start: number, steps: number, alpha = 0, exponent = 1): Schedule {
  checkArguments("cosineDecaySchedule", {
    ...{ start: [start, finite], steps: [steps, positive] },
    ...{ alpha: [alpha, finite], exponent: [exponent, notNegative] },
  });
  return (step) => {
    const cosine = 0.5 * (1 + cosPi(Math.min(step / steps, 1)));
    return start * ((1 - alpha) * power(cosine, exponent) + alpha);
  };
}

/** From `start` up to `peak` in a line of `warmup` steps, then along half a cosine to `end` at step `steps`. */
export function warmupCosineDecaySchedule(
  start: number,
  peak: number,
  warmup: number,
  steps: number,
  end = 0,
  exponent = 1,
): Schedule {
  const after: Legal = {
    words: `a finite number > the ${warmup} of 'warmup'`,
    accepts: (x) => typeof x === "number" && x > warmup && x < Number.POSITIVE_INFINITY,
  };
  checkArguments("warmupCosineDecaySchedule", {
    ...{ start: [start, finite], peak: [peak, finite], warmup: [warmup, notNegative], steps: [steps, after] },
    ...{ end: [end, finite], exponent: [exponent, notNegative] },
  });
  const decay = cosineDecaySchedule(peak, steps - warmup, peak === 0 ? 0 : end / peak, exponent);
  return joinSchedules([linearSchedule(start, peak, warmup), decay], [warmup]);
}

/** `start` times the product of the factors of all steps that have come: `{ 100: 0.1, 200: 0.5 }`. */
export function piecewiseConstantSchedule(
  start: number,
  factors: Readonly<Record<number, number>> = {},
): Schedule {
  checkArguments("piecewiseConstantSchedule", { start: [start, finite], factors: [factors, object] });
  for (const [at, factor] of Object.entries(factors))
    checkArguments("piecewiseConstantSchedule", {
      [`step ${at} in factors`]: [Number(at), notNegative],
      [`factors[${at}]`]: [factor, notNegative],
    });
  const jumps = Object.entries(factors).map(([at, factor]) => [Number(at), factor] as const);
  return (step) => jumps.reduce((value, [at, factor]) => (step < at ? value : value * factor), start);
}

/** One schedule after the other, each counting from its own begin: `boundaries` are the steps where the next begins. */
export function joinSchedules(schedules: readonly Schedule[], boundaries: readonly number[]): Schedule {
  checkArguments("joinSchedules", { schedules: [schedules, array], boundaries: [boundaries, array] });
  for (const [i, schedule] of schedules.entries())
    checkArguments("joinSchedules", { [`schedules[${i}]`]: [schedule, aSchedule] });
  for (const [i, boundary] of boundaries.entries())
    checkArguments("joinSchedules", { [`boundaries[${i}]`]: [boundary, atLeast(boundaries[i - 1] ?? 0)] });
  const between: Legal = {
    words: `one schedule more than the ${boundaries.length} boundaries`,
    accepts: (n) => n === boundaries.length + 1,
  };
  checkArguments("joinSchedules", { "schedules.length": [schedules.length, between] });
  return (step) => {
    const i = boundaries.filter((boundary) => step >= boundary).length;
    const last = Math.min(i, schedules.length - 1);
    return schedules[last]!(last === 0 ? step : step - boundaries[last - 1]!);
  };
}

export interface ExponentialDecayOptions {
  /** Steps before the decay begins. */
  readonly begin?: number;
  /** Decay in jumps, one per `steps`. */
  readonly staircase?: boolean;
  /** Where the decay stops. */
  readonly end?: number;
}

/** `start · rate^(step / steps)`; without steps or rate it stays at `start`, as in optax. */
export function exponentialDecay(
  start: number,
  steps: number,
  rate: number,
  options: ExponentialDecayOptions = {},
): Schedule {
  checkArguments("exponentialDecay", {
    ...{ start: [start, finite], steps: [steps, notNegative], rate: [rate, notNegative] },
  });
  checkLegal("exponentialDecay", options, { begin: finite, staircase: flag, end: finite });
  const { begin = 0, staircase = false, end } = options;
  if (steps === 0 || rate === 0) return constantSchedule(start);
  return (step) => {
    const t = Math.max(step - begin, 0) / steps;
    const value = start * power(rate, staircase ? Math.floor(t) : t);
    if (end === undefined) return value;
    return rate < 1 ? Math.max(value, end) : Math.min(value, end);
  };
}

export function asSchedule(value: number | Schedule): Schedule {
  return typeof value === "number" ? constantSchedule(value) : value;
}

/** `base` to a whole power n ≥ 0 by products alone, so the same on every engine, unlike `**`. */
export function wholePower(base: number, n: number): number {
  let result = 1;
  let square = base;
  for (let rest = n; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result *= square;
    square *= square;
  }
  return result;
}

/** base^x for base ≥ 0, x ≥ 0: whole part by products, binary digits of the rest by square roots. */
function power(base: number, x: number): number {
  const whole = Math.floor(x);
  let result = wholePower(base, whole);
  let rest = x - whole;
  let root = base;
  while (rest > 0) {
    root = Math.sqrt(root);
    if (root === 1) break;
    rest *= 2;
    if (rest >= 1) {
      result *= root;
      rest -= 1;
    }
  }
  return result;
}

/** cos πt for t in [0, 1]: Taylor's series on the first quarter, where its 12th term is below 1e-18. */
function cosPi(t: number): number {
  if (t > 0.5) return -cosPi(1 - t);
  if (t === 0.5) return 0;
  const square = Math.PI * t * (Math.PI * t);
  let sum = 1;
  for (let k = 24; k > 0; k -= 2) sum = 1 - (sum * square) / (k * (k - 1));
  return sum;
}
