import { fitAnswer, fitEnds, fitWords } from "../generated/agreed";
import { boxStep, decrement } from "./box";
import { equal, Model } from "./fitmodel";
import { follow } from "./follow";
import { beside, evaluate, gradient, hessian } from "./objective";
import { levels, rounding, settles } from "./settle";
import { advance, enough, exchange, scales, tolerance } from "./trial";

/** How a search ends: plain Newton steps to the last bit, and the answer of `any_minimize`. */

export const polishSteps = 10;

/** Damping that only repairs a Hessian which is singular to rounding. */
const slight = 1e-6;

/** By how much one Newton step must shrink the expected decrease for the next one to lead to the last bit. */
export const quadratic = 1e-8;

/** Newton steps while they shrink the gradient; then the answer. */
export function polish(pc: usize, m: Model, value: f64, count: u32): bool {
  let f = value;
  let steps = count;
  let edm = newton(m);
  if (edm < 0.0) return finish(pc, m, f, fitEnds.noDescent, steps, NaN);
  let last = false;
  memory.copy(m.first, m.p, m.n * 8);
  const promised = edm;
  for (let i = 0; i < polishSteps && advance(m); i++) {
    steps++;
    const next = evaluate(pc, m, m.nextX);
    if (!isFinite(next) || !gradient(pc, m, m.nextG)) break;
    // Convergence is quadratic: this step ends at rounding, and another Hessian would tell nothing.
    if (last) {
      const rest = decrement(m, m.nextG);
      if (rest < edm) {
        exchange(m);
        f = next;
        edm = rest;
      }
      break;
    }
    if (!hessian(pc, m, m.nextH)) break;
    exchange(m);
    scales(m);
    const rest = newton(m);
    if (rest < 0.0 || rest >= edm) {
      exchange(m);
      break;
    }
    f = next;
    const slow = rest > 0.25 * edm;
    last = rest < quadratic * edm;
    edm = rest;
    if (slow) break;
  }
  if (edm > tolerance * (1.0 + abs<f64>(f)) + enough(m, f)) return finish(pc, m, f, fitEnds.noDescent, steps, edm);
  const real = promised > rounding * (abs<f64>(f) + abs<f64>(m.begun - f));
  const rests = last || (settles(pc, m, real) && !levels(pc, m));
  return finish(pc, m, f, rests ? fitEnds.converged : fitEnds.noDescent, steps, edm);
}

/** The Newton step, with as much damping as a singular Hessian needs; -1 if the model is not convex. */
export function newton(m: Model): f64 {
  let edm = boxStep(m, 0.0);
  for (let lambda = 1e-8; edm < 0.0 && lambda <= slight; lambda *= 10.0) edm = boxStep(m, lambda);
  return edm;
}

function answer(end: usize, value: f64, status: i32, steps: u32, edm: f64): void {
  store<f64>(end, value, fitAnswer.value << 3);
  store<f64>(end, <f64>status, fitAnswer.end << 3);
  store<f64>(end, <f64>steps, fitAnswer.steps << 3);
  store<f64>(end, edm, fitAnswer.edm << 3);
}

/** Ends a search at the minimum of its last model, with how that moves. */
export function pass(pc: usize, m: Model, value: f64, steps: u32, edm: f64): bool {
  const out = <usize>load<u32>(pc, fitWords.out);
  const end = out + m.n * 8;
  advance(m);
  memory.copy(out, m.nextX, m.n * 8);
  answer(end, value, fitEnds.converged, steps, edm);
  m.status = fitEnds.converged;
  m.steps = steps;
  follow(pc, m, <usize>load<u32>(pc, fitWords.along) - 1, end + (fitAnswer.slope << 3));
  return true;
}

/** Writes the end of a search to out, unless a better one stands there; true if it did. */
export function finish(pc: usize, m: Model, f: f64, status: i32, steps: u32, edm: f64): bool {
  const hole = <usize>load<u32>(pc, fitWords.hole);
  let value = f;
  // The last evaluation was a trial that failed, or of the other side of a kink.
  if (status == fitEnds.notFinite || !equal(hole, m.x, m.n)) {
    value = evaluate(pc, m, m.x);
    for (let i: usize = 0; i < m.n; i++) {
      const at = load<f64>(hole + i * 8);
      if (abs<f64>(at) > beside) store<f64>(m.x + i * 8, at);
      else store<f64>(hole + i * 8, load<f64>(m.x + i * 8));
    }
  }
  const out = <usize>load<u32>(pc, fitWords.out);
  const end = out + m.n * 8;
  const first = m.status < 0;
  const before = load<f64>(end, fitAnswer.end << 3);
  m.status = status;
  m.steps = steps;
  if (!first) {
    const ended = <f64>(status == fitEnds.converged) - <f64>(before == <f64>fitEnds.converged);
    const lower = value < load<f64>(end) || load<f64>(end) != load<f64>(end);
    if (ended < 0.0 || (ended == 0.0 && !lower)) return false;
  }
  memory.copy(out, m.x, m.n * 8);
  answer(end, value, status, steps, edm);
  return true;
}

export function refuse(pc: usize, end: usize): void {
  for (let at = <usize>load<u32>(pc, fitWords.out); at <= end; at += 8) store<f64>(at, NaN);
  answer(end, NaN, fitEnds.crossed, 0, NaN);
}
