import { inside } from "../check";
import { eachWords, fitAnswer, fitEnds, laneBytes } from "../generated/agreed";
import { run } from "../generated/tape";
import { boxStep, decrement } from "./box";
import { adapt, ease, hinder, relax, stiffen } from "./damping";
import { newton, polishSteps, quadratic } from "./fitend";
import { element, layout, Model } from "./fitmodel";
import { judge, levelled, look, probes, rounding, sloping, undecided } from "./settle";
import { advance, descends, enough, exchange, scales, tolerance } from "./trial";

/** What a fit waits for: its start, a trial of the descent, one of the last Newton steps, a look beyond the end. */
const enum at { start, trial, polish, beyond, end }

/** The fit of one lane between evaluations; behind it lies its model. */
// @ts-ignore: decorator
@unmanaged
class Fit {
  phase: i32;
  /** Newton steps of the end, then looks beyond it. */
  count: i32;
  /** Whether this point has seen the model without damping, and whether that model was convex. */
  undamped: bool;
  /** Whether the next Newton step ends at rounding. */
  last: bool;
  /** Where the lane lies in the tile, in bytes, and bytes from one number of it to the next. */
  lane: usize;
  pitch: usize;
  /** The point to be evaluated, of the model. */
  asked: usize;
  expected: f64;
  edm: f64;
  promised: f64;
  reach: f64;
}

/**
 * Minima of an objective in boxes, one for each lane of a tile: the solver of `any_minimize` from one start, without kinks.
 * The lanes are evaluated together and otherwise know nothing of each other; one that has ended moves no more.
 *
 * Operands as `eachWords` has them: from hole[n][lanes], [start, end) computes f[lanes], g[n][lanes] and h[n][n][lanes].
 * out[n + 4][lanes] = x, f, status, steps, edm; NaN for all but status and steps where a fit has not converged. What is
 * flat in all derivatives at its end counts as converged. Scratch: `laneBytes` for each lane.
 */
export function any_minimizeEach(pc: usize): void {
  const n = <usize>load<u32>(pc, eachWords.n);
  const pitch = <usize>load<u32>(pc, eachWords.lanes) << 3;
  const hole = <usize>load<u32>(pc, eachWords.hole);
  if (!ASC_NO_ASSERT) inside(<usize>load<u32>(pc, eachWords.scratch), (pitch >> 3) * laneBytes(n));
  for (let i: usize = 0; i < pitch; i += 8) begin(pc, fitAt(pc, n, i), n, i, pitch);
  for (let going = true; going; ) {
    for (let i: usize = 0; i < pitch; i += 8) {
      const from = fitAt(pc, n, i).asked;
      for (let j: usize = 0; j < n; j++) store<f64>(hole + j * pitch + i, load<f64>(from + j * 8));
    }
    run(<usize>load<u32>(pc, eachWords.start), <usize>load<u32>(pc, eachWords.end));
    going = false;
    for (let i: usize = 0; i < pitch; i += 8) {
      const fit = fitAt(pc, n, i);
      if (fit.phase == at.end) continue;
      proceed(pc, fit, modelOf(fit));
      going = going || fit.phase != at.end;
    }
  }
  for (let i: usize = 0; i < pitch; i += 8) answer(pc, fitAt(pc, n, i));
}

// @ts-ignore: decorator
@inline function fitAt(pc: usize, n: usize, i: usize): Fit {
  return changetype<Fit>(<usize>load<u32>(pc, eachWords.scratch) + (i >> 3) * laneBytes(n));
}

// @ts-ignore: decorator
@inline function modelOf(fit: Fit): Model {
  return changetype<Model>(changetype<usize>(fit) + 64);
}

/** Sets up a lane at its start, moved into its box. */
function begin(pc: usize, fit: Fit, n: usize, lane: usize, pitch: usize): void {
  const m = modelOf(fit);
  layout(m, changetype<usize>(m), n, 0);
  fit.lane = lane;
  fit.pitch = pitch;
  fit.asked = m.x;
  fit.phase = at.start;
  m.steps = 0;
  for (let i: usize = 0; i < n; i++) {
    const from = i * pitch + lane;
    const lower = load<f64>(<usize>load<u32>(pc, eachWords.lower) + from);
    const upper = load<f64>(<usize>load<u32>(pc, eachWords.upper) + from);
    const moves = load<f64>(<usize>load<u32>(pc, eachWords.free) + from) != 0.0;
    const x0 = load<f64>(<usize>load<u32>(pc, eachWords.x0) + from);
    const x = !moves ? x0 : x0 > upper ? upper : x0 < lower ? lower : x0;
    store<f64>(m.x + i * 8, x);
    store<f64>(m.start + i * 8, x);
    store<f64>(m.lower + i * 8, lower);
    store<f64>(m.upper + i * 8, upper);
    store<i32>(m.fixed + i * 4, <i32>(!moves || lower >= upper));
    store<i32>(m.held + i * 4, 1);
    if (moves && !(lower <= upper)) finish(fit, m, fitEnds.crossed);
  }
}

function ask(fit: Fit, m: Model, phase: i32): void {
  fit.asked = m.nextX;
  fit.phase = phase;
  if (phase != at.beyond) m.steps++;
}

function finish(fit: Fit, m: Model, status: i32): void {
  m.status = status;
  fit.asked = m.x;
  fit.phase = at.end;
}

/** Takes f, its gradient and its Hessian at the point that was asked for; then asks for another, or ends. */
function proceed(pc: usize, fit: Fit, m: Model): void {
  const f = load<f64>(<usize>load<u32>(pc, eachWords.f) + fit.lane);
  if (fit.phase == at.start) {
    m.steps = 1;
    if (!isFinite(f) || !gradient(pc, fit, m, m.g) || !hessian(pc, fit, m, m.h)) return finish(fit, m, fitEnds.notFinite);
    scales(m);
    relax(m);
    m.begun = f;
    m.value = f;
    fit.undamped = false;
    return descend(pc, fit, m);
  }
  const finite = isFinite(f) && gradient(pc, fit, m, m.nextG);
  if (fit.phase == at.trial) {
    const gain = m.value - f;
    if (!finite || !descends(m, m.value, gain, fit.expected) || !hessian(pc, fit, m, m.nextH)) hinder(m);
    else {
      m.value = f;
      exchange(m);
      scales(m);
      fit.undamped = false;
      adapt(m, gain, fit.expected);
    }
    return descend(pc, fit, m);
  }
  if (fit.phase == at.polish) return polish(pc, fit, m, f, finite);
  const rest = judge(m, f, finite);
  if (rest == undecided && ++fit.count < probes) return beyond(fit, m);
  finish(fit, m, rest == undecided || rest == levelled ? fitEnds.noDescent : fitEnds.converged);
}

/** Whether the model leads to another trial, which is then in nextX. */
function leads(fit: Fit, m: Model): bool {
  for (let again = true; again; ) {
    if (m.lambda == 0.0) fit.undamped = true;
    fit.expected = boxStep(m, m.lambda);
    if (fit.expected < 0.0) again = stiffen(m);
    else if (!ease(m)) {
      if (fit.expected > enough(m, m.value)) return advance(m);
      again = !fit.undamped;
      m.lambda = 0.0;
    }
  }
  return false;
}

/** Asks for the next trial, or goes on to the end. */
function descend(pc: usize, fit: Fit, m: Model): void {
  if (leads(fit, m)) {
    if (m.steps >= load<u32>(pc, eachWords.maxSteps)) finish(fit, m, fitEnds.maxSteps);
    else ask(fit, m, at.trial);
    return;
  }
  fit.edm = newton(m);
  if (fit.edm < 0.0) return finish(fit, m, fitEnds.noDescent);
  fit.promised = fit.edm;
  fit.last = false;
  fit.count = 0;
  memory.copy(m.first, m.p, m.n * 8);
  sharpen(fit, m);
}

/** Asks for the next of the last Newton steps, if there may be one. */
function sharpen(fit: Fit, m: Model): void {
  if (fit.count++ < polishSteps && advance(m)) ask(fit, m, at.polish);
  else settle(fit, m);
}

/** Takes a Newton step that shrinks the gradient; see `fitend.ts`. */
function polish(pc: usize, fit: Fit, m: Model, f: f64, finite: bool): void {
  if (!finite) return settle(fit, m);
  if (fit.last) {
    const rest = decrement(m, m.nextG);
    if (rest < fit.edm) {
      exchange(m);
      m.value = f;
      fit.edm = rest;
    }
    return settle(fit, m);
  }
  if (!hessian(pc, fit, m, m.nextH)) return settle(fit, m);
  exchange(m);
  scales(m);
  const rest = newton(m);
  if (rest < 0.0 || rest >= fit.edm) {
    exchange(m);
    return settle(fit, m);
  }
  m.value = f;
  const slow = rest > 0.25 * fit.edm;
  fit.last = rest < quadratic * fit.edm;
  fit.edm = rest;
  if (slow) settle(fit, m);
  else sharpen(fit, m);
}

/** Ends, or looks whether the objective rises beyond the end. */
function settle(fit: Fit, m: Model): void {
  const f = abs<f64>(m.value);
  if (fit.edm > tolerance * (1.0 + f) + enough(m, m.value)) return finish(fit, m, fitEnds.noDescent);
  const real = fit.promised > rounding * (f + abs<f64>(m.begun - m.value));
  if (fit.last || !sloping(m, real)) return finish(fit, m, fitEnds.converged);
  fit.count = 0;
  fit.reach = 1.0;
  beyond(fit, m);
}

function beyond(fit: Fit, m: Model): void {
  fit.reach *= 4.0;
  look(m, fit.reach);
  ask(fit, m, at.beyond);
}

/** Reads the gradient, 0 for fixed coordinates; false if it is not finite. */
function gradient(pc: usize, fit: Fit, m: Model, to: usize): bool {
  const from = <usize>load<u32>(pc, eachWords.g) + fit.lane;
  for (let i: usize = 0; i < m.n; i++) {
    const value = load<i32>(m.fixed + i * 4) ? 0.0 : load<f64>(from + i * fit.pitch);
    if (!isFinite(value)) return false;
    store<f64>(to + i * 8, value);
  }
  return true;
}

/** Reads the Hessian, made symmetric, 0 for fixed coordinates; false if it is not finite. */
function hessian(pc: usize, fit: Fit, m: Model, to: usize): bool {
  const from = <usize>load<u32>(pc, eachWords.h) + fit.lane;
  const n = m.n;
  for (let i: usize = 0; i < n; i++)
    for (let j: usize = 0; j <= i; j++) {
      const fixed = load<i32>(m.fixed + i * 4) | load<i32>(m.fixed + j * 4);
      const value = fixed ? 0.0 : 0.5 * load<f64>(from + (i * n + j) * fit.pitch) + 0.5 * load<f64>(from + (j * n + i) * fit.pitch);
      if (!isFinite(value)) return false;
      store<f64>(element(m, to, i, j), value);
    }
  return true;
}

/** Writes the end of a lane. */
function answer(pc: usize, fit: Fit): void {
  const m = modelOf(fit);
  const out = <usize>load<u32>(pc, eachWords.out) + fit.lane;
  const end = out + m.n * fit.pitch;
  const found = m.status == fitEnds.converged;
  for (let i: usize = 0; i < m.n; i++) store<f64>(out + i * fit.pitch, found ? load<f64>(m.x + i * 8) : NaN);
  store<f64>(end + <usize>fitAnswer.value * fit.pitch, found ? m.value : NaN);
  store<f64>(end + <usize>fitAnswer.end * fit.pitch, <f64>m.status);
  store<f64>(end + <usize>fitAnswer.steps * fit.pitch, <f64>m.steps);
  store<f64>(end + <usize>fitAnswer.edm * fit.pitch, found ? fit.edm : NaN);
}
