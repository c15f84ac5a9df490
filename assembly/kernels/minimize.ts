import { run } from "../generated/tape";
import { boxStep, decrement, equal, layout, Model } from "./box";

/** What `any_minimize` answers. */
const converged = 0;
const maxSteps = 1;
const notFinite = 2;
const noDescent = 3;

/** The expected decrease, relative to 1 + |f|, at which the objective no longer tells points apart. */
const tolerance = 1e-12;

/** Damping that only repairs a Hessian which is singular to rounding. */
const slight = 1e-6;

const polishSteps = 10;

/**
 * Minimum of an objective in a box by damped Newton steps with the exact Hessian.
 *
 * Operands n, out, x0, free, lower, upper, hole, fgStart, fgEnd, hStart, hEnd, f, g, h, maxSteps, scratch: from the
 * hole, [fgStart, fgEnd) computes f and g[n], and then [hStart, hEnd) h[n][n]. out[n + 4] = x, f, status, steps
 * (evaluations of f), edm (the decrease of f that the last model still expects). Scratch: 8 (3 n n + 16 n) + 256 bytes.
 *
 * Status: 0 a minimum of the box (every free coordinate stationary, or at a bound that its gradient points out of);
 * 1 more than maxSteps evaluations; 2 f, g or h is not finite at the start; 3 no step decreases f, or the Hessian has a
 * negative eigenvalue where the gradient vanishes. x0 is clipped to the bounds. Coordinates with free = 0 keep x0, and
 * their derivatives are not looked at.
 *
 * Each step minimises the quadratic model in the box (`boxStep`), damped by lambda D (Levenberg, Marquardt) where the
 * Hessian is not positive definite or the last steps did not decrease f. Near the end the differences of f drown in
 * rounding: there a step counts if it halves the gradient in the metric of the Hessian. Last come plain Newton steps
 * for as long as they shrink the gradient. On return the hole holds x, and f, g, h are those of x.
 */
export function any_minimize(pc: usize): void {
  const m = changetype<Model>(<usize>load<u32>(pc, 68));
  begin(pc, m);
  let f = evaluate(pc, m, m.x);
  if (!isFinite(f) || !gradient(pc, m, m.g) || !hessian(pc, m, m.h)) return finish(pc, m, f, notFinite, 1, NaN);
  scales(m);
  const most = load<u32>(pc, 64);
  let steps: u32 = 1;
  let status = converged;
  let lambda = 0.0;
  let growth = 4.0;
  let shrink = 0.3;
  let expected = 0.0;
  // Whether this point has seen the model without damping, and whether that model was convex.
  let undamped = false;
  for (;;) {
    if (lambda == 0.0) undamped = true;
    expected = boxStep(m, lambda);
    if (expected < 0.0) {
      lambda = lambda == 0.0 ? 1e-8 : lambda * 10.0;
      if (lambda < 1e30) continue;
      status = noDescent;
      break;
    }
    if (expected <= tolerance * (1.0 + abs<f64>(f))) {
      if (undamped) break;
      lambda = 0.0;
      continue;
    }
    if (!advance(m)) break;
    if (steps >= most) {
      status = maxSteps;
      break;
    }
    steps++;
    const next = evaluate(pc, m, m.nextX);
    const gain = f - next;
    if (!isFinite(next) || !gradient(pc, m, m.nextG) || !descends(m, f, gain, expected) || !hessian(pc, m, m.nextH)) {
      // From nothing to a damping that halves the step.
      lambda = lambda == 0.0 ? max(stiffness(m), 1e-8) : lambda * growth;
      growth *= 2.0;
      shrink = 0.3;
      continue;
    }
    const stiff = stiffness(m);
    f = next;
    exchange(m);
    scales(m);
    growth = 4.0;
    undamped = false;
    if (gain < 0.25 * expected) lambda *= 2.0;
    else if (gain > 0.75 * expected) {
      lambda *= shrink;
      shrink *= shrink;
    }
    if (lambda < 0.02 * stiff) lambda = 0.0;
  }
  if (status == maxSteps) return finish(pc, m, f, status, steps, expected);
  polish(pc, m, f, steps);
}

/** Newton steps while they shrink the gradient; then the answer. */
function polish(pc: usize, m: Model, value: f64, count: u32): void {
  let f = value;
  let steps = count;
  let edm = newton(m);
  if (edm < 0.0) return finish(pc, m, f, noDescent, steps, NaN);
  for (let i = 0; i < polishSteps && advance(m); i++) {
    steps++;
    const next = evaluate(pc, m, m.nextX);
    if (!isFinite(next) || !gradient(pc, m, m.nextG) || !hessian(pc, m, m.nextH)) break;
    exchange(m);
    scales(m);
    const rest = newton(m);
    if (rest < 0.0 || rest >= edm) {
      exchange(m);
      break;
    }
    f = next;
    const slow = rest > 0.25 * edm;
    edm = rest;
    if (slow) break;
  }
  finish(pc, m, f, edm <= tolerance * (1.0 + abs<f64>(f)) ? converged : noDescent, steps, edm);
}

/** The Newton step, with as much damping as a singular Hessian needs; -1 if the model is not convex. */
function newton(m: Model): f64 {
  let edm = boxStep(m, 0.0);
  for (let lambda = 1e-8; edm < 0.0 && lambda <= slight; lambda *= 10.0) edm = boxStep(m, lambda);
  return edm;
}

/** Sets up the record and the start. */
function begin(pc: usize, m: Model): void {
  const n = <usize>load<u32>(pc, 8);
  const x0 = <usize>load<u32>(pc, 16);
  const free = <usize>load<u32>(pc, 20);
  m.lower = load<u32>(pc, 24);
  m.upper = load<u32>(pc, 28);
  layout(m, changetype<usize>(m), n);
  for (let i: usize = 0; i < n; i++) {
    let x = load<f64>(x0 + i * 8);
    const lower = load<f64>(m.lower + i * 8);
    const upper = load<f64>(m.upper + i * 8);
    const moves = load<f64>(free + i * 8) != 0.0;
    if (moves) x = x > upper ? upper : x < lower ? lower : x;
    store<f64>(m.x + i * 8, x);
    store<i32>(m.fixed + i * 4, <i32>(!moves || lower >= upper));
    store<i32>(m.held + i * 4, 1);
  }
}

function evaluate(pc: usize, m: Model, x: usize): f64 {
  memory.copy(load<u32>(pc, 32), x, m.n * 8);
  run(load<u32>(pc, 36), load<u32>(pc, 40));
  return load<f64>(<usize>load<u32>(pc, 52));
}

/** Reads the gradient, 0 for fixed coordinates; false if it is not finite. */
function gradient(pc: usize, m: Model, to: usize): bool {
  const g = <usize>load<u32>(pc, 56);
  for (let i: usize = 0; i < m.n; i++) {
    const value = load<i32>(m.fixed + i * 4) ? 0.0 : load<f64>(g + i * 8);
    if (!isFinite(value)) return false;
    store<f64>(to + i * 8, value);
  }
  return true;
}

/** Computes the Hessian at the last evaluation; symmetric, 0 for fixed coordinates; false if it is not finite. */
function hessian(pc: usize, m: Model, to: usize): bool {
  run(load<u32>(pc, 44), load<u32>(pc, 48));
  const n = m.n;
  const h = <usize>load<u32>(pc, 60);
  for (let i: usize = 0; i < n; i++)
    for (let j: usize = 0; j <= i; j++) {
      const fixed = load<i32>(m.fixed + i * 4) | load<i32>(m.fixed + j * 4);
      const ij = (i * n + j) * 8;
      const ji = (j * n + i) * 8;
      const value = fixed ? 0.0 : 0.5 * load<f64>(h + ij) + 0.5 * load<f64>(h + ji);
      if (!isFinite(value)) return false;
      store<f64>(to + ij, value);
      store<f64>(to + ji, value);
    }
  return true;
}

/**
 * The scale of each coordinate for the damping: its curvature; a part of its greatest mixed derivative and the
 * curvature at which a Newton step has the size of x are floors for saddles and plains. A coordinate with no
 * derivatives gets 1.
 */
function scales(m: Model): void {
  const n = m.n;
  for (let i: usize = 0; i < n; i++) {
    const row = m.h + i * n * 8;
    let mixed = 0.0;
    for (let j: usize = 0; j < n; j++) mixed = max<f64>(mixed, abs<f64>(load<f64>(row + j * 8)));
    const slope = abs<f64>(load<f64>(m.g + i * 8)) / max<f64>(1.0, abs<f64>(load<f64>(m.x + i * 8)));
    const size = max<f64>(max<f64>(abs<f64>(load<f64>(row + i * 8)), 0.01 * mixed), slope);
    store<f64>(m.d + i * 8, size > 0.0 ? size : 1.0);
  }
}

/** nextX = x + p, exactly on the bounds; false if that is x. */
function advance(m: Model): bool {
  for (let i: usize = 0; i < m.n; i++) {
    const side = load<i32>(m.side + i * 4);
    const x = load<f64>(m.x + i * 8) + load<f64>(m.p + i * 8);
    const lower = load<f64>(m.lower + i * 8);
    const upper = load<f64>(m.upper + i * 8);
    const free = !load<i32>(m.fixed + i * 4);
    const cut = side < 0 || x < lower ? lower : side > 0 || x > upper ? upper : x;
    store<f64>(m.nextX + i * 8, free ? cut : load<f64>(m.x + i * 8));
  }
  return !equal(m.x, m.nextX, m.n);
}

/** The curvature along the step in units of D; a damping as large halves it. */
function stiffness(m: Model): f64 {
  return m.size > 0.0 ? m.bend / m.size : 0.0;
}

/** Whether a step is good enough; see `any_minimize`. */
function descends(m: Model, f: f64, gain: f64, expected: f64): bool {
  if (gain >= 1e-4 * expected) return true;
  return abs<f64>(gain) <= 1e-9 * (1.0 + abs<f64>(f)) && decrement(m, m.nextG) <= 0.25 * decrement(m, m.g);
}

/** Swaps the point and the trial. */
function exchange(m: Model): void {
  const x = m.x;
  const g = m.g;
  const h = m.h;
  m.x = m.nextX;
  m.g = m.nextG;
  m.h = m.nextH;
  m.nextX = x;
  m.nextG = g;
  m.nextH = h;
}

function finish(pc: usize, m: Model, f: f64, status: i32, steps: u32, edm: f64): void {
  const hole = <usize>load<u32>(pc, 32);
  let value = f;
  // The last evaluation was a trial that failed, or stopped before the Hessian.
  if (status == notFinite || !equal(hole, m.x, m.n)) {
    value = evaluate(pc, m, m.x);
    run(load<u32>(pc, 44), load<u32>(pc, 48));
  }
  const out = <usize>load<u32>(pc, 12);
  const end = out + m.n * 8;
  memory.copy(out, m.x, m.n * 8);
  store<f64>(end, value);
  store<f64>(end, <f64>status, 8);
  store<f64>(end, <f64>steps, 16);
  store<f64>(end, edm, 24);
}
