import { run } from "../generated/tape";
import { boxStep, decrement, equal, layout, Model } from "./box";

/** What `any_minimize` answers. */
const converged = 0;
const maxSteps = 1;
const notFinite = 2;
const noDescent = 3;
const crossed = 4;

/** The expected decrease, relative to 1 + |f|, at which the objective no longer tells points apart. */
const tolerance = 1e-12;

/** The part of all that was gained that is as little. */
const little = 1e-24;

/** Damping that only repairs a Hessian which is singular to rounding. */
const slight = 1e-6;

const polishSteps = 10;

/** How often all neighbours of a minimum between kinks are visited. */
const passes = 4;

/** By how much one Newton step must shrink the expected decrease for the next one to lead to the last bit. */
const quadratic = 1e-8;

/**
 * Minimum of an objective in a box by damped Newton steps with the exact Hessian.
 *
 * Operands n, out, x0, free, lower, upper, hole, fgStart, fgEnd, hStart, hEnd, f, g, h, maxSteps, scratch, starts, always,
 * mirror, kinks: from the hole, [fgStart, fgEnd) computes f and g[n], and then [hStart, hEnd) h[n][n]. out[n + 4] = x, f, status, steps
 * (evaluations of f), edm (the decrease of f that the last model still expects). Scratch: 8 (3 n n + 17 n) + 256 bytes.
 *
 * x0[starts][n]: the first `always` starts are tried, then others until one has ended with status 0; with `mirror` also
 * the image of the best end about the first start, because bistable objectives often have a second minimum there. A
 * search that heads for a minimum already found is not finished. The answer is the lowest minimum with status 0, or what
 * came closest; steps counts all evaluations.
 *
 * kinks f64[n] says where the objective is not smooth in a coordinate: 1 at 0, 2 at -1 and 1, 3 at all three; 0 nowhere.
 * Its derivative may jump there, at -1 and 1 itself too. A coordinate is kept between such places, and where a search
 * ends on one and the other side leads down, it goes on there. So a minimum may lie on a kink; beside a jump it is the
 * next number.
 *
 * Status: 0 a minimum of the box (every free coordinate stationary, or at a bound that its gradient points out of);
 * 1 more than maxSteps evaluations; 2 f, g or h is not finite at the start; 3 no step decreases f, or the Hessian has a
 * negative eigenvalue where the gradient vanishes, or f only levels off (`settles`); 4 a lower bound is not below its upper
 * one: then x, f and edm are NaN. x0 is clipped to the bounds. Coordinates with free = 0 keep x0, and their derivatives
 * and bounds are not looked at.
 *
 * Each step minimises the quadratic model in the box (`boxStep`), damped by lambda D (Levenberg, Marquardt) where the
 * Hessian is not positive definite or the last steps did not decrease f. Near the end the differences of f drown in
 * rounding: there a step counts if it halves the gradient in the metric of the Hessian. Last come plain Newton steps
 * for as long as they shrink the gradient. On return the hole holds x, and f and g are those of x.
 */
export function any_minimize(pc: usize): void {
  const m = changetype<Model>(<usize>load<u32>(pc, 68));
  const n = <usize>load<u32>(pc, 8);
  const end = <usize>load<u32>(pc, 12) + n * 8;
  const starts = load<u32>(pc, 72);
  const always = load<u32>(pc, 76);
  const searches = starts + load<u32>(pc, 80);
  if (cross(pc, n)) return refuse(pc, end);
  let total = 0.0;
  let kept = true;
  m.status = -1;
  for (let start: u32 = 0; start < searches; start++) {
    const found = m.status >= 0 && load<f64>(end, 8) == <f64>converged;
    // Without an end there is nothing to mirror; with one, further starts are not needed.
    if (start >= always && found != (start == starts)) continue;
    kept = attempt(pc, m, start, found);
    total += <f64>m.steps;
  }
  // A minimum between kinks has neighbours: one coordinate between others at a time, while that leads lower.
  const neighbours = load<u32>(pc, 80) && load<f64>(end, 8) == <f64>converged ? passes : 0;
  for (let pass = 0; pass < neighbours; pass++) {
    let lower = false;
    for (let j: u32 = 0; j < 4 * <u32>n; j++) {
      const i = j % <u32>n;
      const kind = load<i32>(m.kinks + i * 4);
      if (kind < (j < <u32>n ? 1 : 2) || load<f64>(end - n * 8 + i * 8) == neighbour(pc, m, j)) continue;
      kept = attempt(pc, m, starts + 1 + j, true);
      total += <f64>m.steps;
      lower = lower || kept;
    }
    if (!lower) break;
  }
  store<f64>(end, total, 16);
  if (!kept) {
    const hole = <usize>load<u32>(pc, 32);
    memory.copy(hole, end - n * 8, n * 8);
    run(load<u32>(pc, 36), load<u32>(pc, 40));
  }
}

/** Whether the bounds of a free coordinate leave no room. */
function cross(pc: usize, n: usize): bool {
  for (let i: usize = 0; i < n * 8; i += 8) {
    const room = load<f64>(<usize>load<u32>(pc, 24) + i) <= load<f64>(<usize>load<u32>(pc, 28) + i);
    if (load<f64>(<usize>load<u32>(pc, 20) + i) != 0.0 && !room) return true;
  }
  return false;
}

function refuse(pc: usize, end: usize): void {
  for (let at = <usize>load<u32>(pc, 12); at <= end; at += 8) store<f64>(at, NaN);
  store<f64>(end, <f64>crossed, 8);
  store<f64>(end, 0.0, 16);
  store<f64>(end, NaN, 24);
}

/** Where neighbour j of the minimum in out has coordinate j % n: at the image about 0, or at -2, 0 or 2. */
function neighbour(pc: usize, m: Model, j: u32): f64 {
  const n = <u32>m.n;
  return j < n ? -load<f64>(<usize>load<u32>(pc, 12) + j * 8) : 2.0 * (<f64>(j / n) - 2.0);
}

/** The search from one start; true if its end is the best so far. `found` is whether a minimum is known. */
function attempt(pc: usize, m: Model, start: u32, found: bool): bool {
  begin(pc, m, start);
  let f = evaluate(pc, m, m.x);
  if (!isFinite(f) || !gradient(pc, m, m.g) || !hessian(pc, m, m.h)) return finish(pc, m, f, notFinite, 1, NaN);
  scales(m);
  m.begun = f;
  if (turn(pc, m, f)) f = m.value;
  if (found) m.far = separation(pc, m, false);
  const most = load<u32>(pc, 64);
  let steps: u32 = 1;
  let status = converged;
  let lambda = 0.0;
  let growth = 4.0;
  let shrink = 0.3;
  let expected = 0.0;
  // Whether this point has seen the model without damping, and whether that model was convex.
  let undamped = false;
  let turns: usize = 4 * m.n + 20;
  m.value = f;
  do {
    f = m.value;
    for (;;) {
      if (lambda == 0.0) undamped = true;
      expected = boxStep(m, lambda);
      if (expected < 0.0) {
        lambda = lambda == 0.0 ? 1e-8 : lambda * 10.0;
        if (lambda < 1e30) continue;
        status = noDescent;
        break;
      }
      if (found && leads(pc, m, f)) {
        m.status = converged;
        m.steps = steps;
        return false;
      }
      if (expected <= enough(m, f)) {
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
  } while (status == converged && turns-- > 0 && turn(pc, m, f));
  if (status == maxSteps) return finish(pc, m, f, status, steps, expected);
  return polish(pc, m, f, steps);
}

/**
 * The expected decrease that is none: rounding of f, or next to nothing of what was gained. Objectives near zero may be
 * tiny all over, so what is absolute here is bounded by the gain.
 */
function enough(m: Model, f: f64): f64 {
  const gained = abs<f64>(m.begun - f);
  return tolerance * (abs<f64>(f) + min<f64>(1.0, gained)) + little * gained;
}

/** Whether a search with value f heads for the minimum in out: its next point lies much nearer there than its start. */
function leads(pc: usize, m: Model, f: f64): bool {
  const best = load<f64>(<usize>load<u32>(pc, 12) + m.n * 8);
  const next = separation(pc, m, true);
  return best <= f && (next <= 0.1 * m.far || next <= tolerance * (1.0 + abs<f64>(best)));
}

/** Squared distance of the point, or of the end of its step, from the one in out, by the curvature of coordinates. */
function separation(pc: usize, m: Model, step: bool): f64 {
  const out = <usize>load<u32>(pc, 12);
  let sum = 0.0;
  for (let i: usize = 0; i < m.n * 8; i += 8) {
    const miss = load<f64>(m.x + i) + (step ? load<f64>(m.p + i) : 0.0) - load<f64>(out + i);
    sum += load<f64>(m.d + i) * miss * miss;
  }
  return sum;
}

/** Newton steps while they shrink the gradient; then the answer. */
function polish(pc: usize, m: Model, value: f64, count: u32): bool {
  let f = value;
  let steps = count;
  let edm = newton(m);
  if (edm < 0.0) return finish(pc, m, f, noDescent, steps, NaN);
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
  if (edm > tolerance * (1.0 + abs<f64>(f)) + enough(m, f)) return finish(pc, m, f, noDescent, steps, edm);
  return finish(pc, m, f, last || (settles(pc, m, promised > rounding * (abs<f64>(f) + abs<f64>(m.begun - f))) && !levels(pc, m)) ? converged : noDescent, steps, edm);
}

/** A Newton step longer than this part of x and of the way there is not at rest; where its gain is not rounding, this. */
const restless = 1e-6;
const uneasy = 1e-11;

/** The part of the objective that a gradient of rounding errors promises to gain, and more. */
const rounding = 1e-27;

/** How far beyond the last Newton step a slope is looked at: 4, 16, ... times. */
const probes = 8;

/**
 * Whether the objective rises at last beyond a point where its decrease drowned. It does so around minima of any order,
 * where a Newton step (the first of `polish`) leads part of the way; on a slope that levels off for ever (exp(-x), 1 / x) each step leads to
 * another as long. Looks along those coordinates whose Newton step is not small.
 */
function settles(pc: usize, m: Model, real: bool): bool {
  m.rest = real ? uneasy : restless;
  for (let i: usize = 0; i < m.n; i++) straighten(m, i);
  let slope = 0.0;
  for (let i: usize = 0; i < m.n * 8; i += 8) if (moves(m, i)) slope += load<f64>(m.g + i) * load<f64>(m.first + i);
  if (!(slope < 0.0)) return true;
  let reach = 1.0;
  for (let probe = 0; probe < probes; probe++) {
    reach *= 4.0;
    for (let i: usize = 0; i < m.n * 8; i += 8) {
      const x = load<f64>(m.x + i) + (moves(m, i) ? reach : 0.0) * load<f64>(m.first + i);
      store<f64>(m.nextX + i, min<f64>(max<f64>(x, load<f64>(m.lower + i)), load<f64>(m.upper + i)));
    }
    fixed(m);
    const f = evaluate(pc, m, m.nextX);
    if (f == -Infinity) return false;
    if (!isFinite(f) || !gradient(pc, m, m.nextG)) return true;
    let there = 0.0;
    let inside = false;
    for (let i: usize = 0; i < m.n * 8; i += 8) {
      const x = load<f64>(m.nextX + i);
      if (!moves(m, i) || x == load<f64>(m.lower + i) || x == load<f64>(m.upper + i)) continue;
      there += load<f64>(m.nextG + i) * load<f64>(m.first + i);
      inside = true;
    }
    if (!inside || there > -0.01 * slope) return true;
  }
  return false;
}

/** Whether the Newton step moves a coordinate (given by its byte) by what counts. */
function moves(m: Model, i: usize): bool {
  return abs<f64>(load<f64>(m.first + i)) > m.rest * way(m, i);
}

/** The size of a coordinate, or the way that it came. */
function way(m: Model, i: usize): f64 {
  const x = load<f64>(m.x + i);
  const size = max<f64>(abs<f64>(x), abs<f64>(x - load<f64>(m.start + i)));
  return size > 0.0 ? size : 1.0;
}

/** Where a slope has no curvature, it says nothing of the length of a step. */
function straighten(m: Model, i: usize): void {
  const slope = load<f64>(m.g + i * 8);
  if (slope == 0.0 || load<f64>(m.h + (i * m.n + i) * 8) != 0.0) return;
  store<f64>(m.first + i * 8, slope > 0.0 ? -1e-3 * way(m, i * 8) : 1e-3 * way(m, i * 8));
}

/** Puts coordinates that may not move where they are. */
function fixed(m: Model): void {
  for (let i: usize = 0; i < m.n; i++)
    if (load<i32>(m.fixed + i * 4)) store<f64>(m.nextX + i * 8, load<f64>(m.x + i * 8));
}

/**
 * Whether coordinates without any derivative at the end are where the objective has levelled off below the precision of
 * numbers (tanh(-40)), and not on the floor of a piecewise function. So the way there is searched for the last point with
 * a slope: on the way to a floor the Newton step ends at its rim.
 */
function levels(pc: usize, m: Model): bool {
  let any = false;
  for (let i: usize = 0; i < m.n; i++) any = any || flat(m, i);
  if (!any) return false;
  if (!along(pc, m, 0.0)) return false;
  memory.copy(m.d, m.nextG, m.n * 8);
  let sloped: i64 = 0;
  let level = reinterpret<i64>(<f64>1.0);
  while (level - sloped > 1) {
    const middle = sloped + ((level - sloped) >> 1);
    if (along(pc, m, reinterpret<f64>(middle))) sloped = middle;
    else level = middle;
  }
  along(pc, m, reinterpret<f64>(sloped));
  if (!hessian(pc, m, m.nextH)) return false;
  for (let i: usize = 0; i < m.n; i++) {
    const slope = abs<f64>(load<f64>(m.nextG + i * 8));
    const bend = load<f64>(m.nextH + (i * m.n + i) * 8);
    const way = abs<f64>(load<f64>(m.nextX + i * 8) - load<f64>(m.start + i * 8));
    const faded = slope > 0.0 && slope <= 1e-3 * abs<f64>(load<f64>(m.d + i * 8));
    if (flat(m, i) && faded && bend >= 0.0 && slope > 1e-9 * way * bend) return true;
  }
  return false;
}

/** Whether a free coordinate has neither slope nor curvature at the point, and came there. */
function flat(m: Model, i: usize): bool {
  if (load<i32>(m.fixed + i * 4) || load<f64>(m.x + i * 8) == load<f64>(m.start + i * 8)) return false;
  return load<f64>(m.g + i * 8) == 0.0 && load<f64>(m.h + (i * m.n + i) * 8) == 0.0;
}

/** Looks at a part of the way from the start to the point; whether a coordinate that is flat at its end slopes there. */
function along(pc: usize, m: Model, part: f64): bool {
  for (let i: usize = 0; i < m.n * 8; i += 8) {
    const from = load<f64>(m.start + i);
    store<f64>(m.nextX + i, from + part * (load<f64>(m.x + i) - from));
  }
  fixed(m);
  if (!isFinite(evaluate(pc, m, m.nextX)) || !gradient(pc, m, m.nextG)) return false;
  for (let i: usize = 0; i < m.n; i++) if (flat(m, i) && load<f64>(m.nextG + i * 8) != 0.0) return true;
  return false;
}

/** The Newton step, with as much damping as a singular Hessian needs; -1 if the model is not convex. */
function newton(m: Model): f64 {
  let edm = boxStep(m, 0.0);
  for (let lambda = 1e-8; edm < 0.0 && lambda <= slight; lambda *= 10.0) edm = boxStep(m, lambda);
  return edm;
}

/** Sets up the record and a start; coordinates that are not free are those of the first start. */
function begin(pc: usize, m: Model, start: u32): void {
  const n = <usize>load<u32>(pc, 8);
  const first = <usize>load<u32>(pc, 16);
  const starts = load<u32>(pc, 72);
  const mirror = start == starts;
  const x0 = start >= starts ? <usize>load<u32>(pc, 12) : first + n * 8 * <usize>start;
  const free = <usize>load<u32>(pc, 20);
  layout(m, changetype<usize>(m), n);
  for (let i: usize = 0; i < n; i++) {
    let x = load<f64>(x0 + i * 8);
    const kept = load<f64>(first + i * 8);
    const lower = load<f64>(<usize>load<u32>(pc, 24) + i * 8);
    const upper = load<f64>(<usize>load<u32>(pc, 28) + i * 8);
    const moves = load<f64>(free + i * 8) != 0.0;
    if (mirror) x = 2.0 * kept - x;
    else if (start > starts && (start - starts - 1) % <u32>n == <u32>i) x = neighbour(pc, m, start - starts - 1);
    x = !moves ? kept : x > upper ? upper : x < lower ? lower : x;
    store<f64>(m.x + i * 8, x);
    store<f64>(m.start + i * 8, x);
    store<f64>(m.lower + i * 8, lower);
    store<f64>(m.upper + i * 8, upper);
    store<i32>(m.kinks + i * 4, moves ? <i32>load<f64>(<usize>load<u32>(pc, 84) + i * 8) : 0);
    settle(pc, m, i, false);
    store<i32>(m.fixed + i * 4, <i32>(!moves || lower >= upper));
    store<i32>(m.held + i * 4, 1);
  }
}

/** Whether there is a kink inside the bounds of a coordinate at -1, 0 or 1. */
function breaks(pc: usize, m: Model, i: usize, at: f64): bool {
  const bit = at == 0.0 ? 1 : 2;
  return (
    (load<i32>(m.kinks + i * 4) & bit) != 0 &&
    at > load<f64>(<usize>load<u32>(pc, 24) + i * 8) &&
    at < load<f64>(<usize>load<u32>(pc, 28) + i * 8)
  );
}

/** Bounds a coordinate by the kinks around it; on one, by those above it or by those below. */
function settle(pc: usize, m: Model, i: usize, above: bool): void {
  if (!load<i32>(m.kinks + i * 4)) return;
  const x = load<f64>(m.x + i * 8);
  let lower = load<f64>(<usize>load<u32>(pc, 24) + i * 8);
  let upper = load<f64>(<usize>load<u32>(pc, 28) + i * 8);
  for (let at = -1.0; at <= 1.0; at++) {
    if (!breaks(pc, m, i, at)) continue;
    if (at < x || (at == x && above)) lower = max<f64>(lower, at);
    else upper = min<f64>(upper, at);
  }
  store<f64>(m.lower + i * 8, lower);
  store<f64>(m.upper + i * 8, upper);
}

/** Whether a coordinate lies on a kink. */
function kinked(pc: usize, m: Model, i: usize): bool {
  if (!load<i32>(m.kinks + i * 4)) return false;
  const x = load<f64>(m.x + i * 8);
  return (x == 0.0 || x == 1.0 || x == -1.0) && breaks(pc, m, i, x);
}

/** Moves coordinates on kinks to the other side where that leads down; true if any. Then m has the value and slopes there. */
function turn(pc: usize, m: Model, value: f64): bool {
  let turned = false;
  m.value = value;
  for (let i: usize = 0; i < m.n; i++) {
    if (!kinked(pc, m, i)) continue;
    const above = load<f64>(m.lower + i * 8) != load<f64>(m.x + i * 8);
    settle(pc, m, i, above);
    const next = evaluate(pc, m, m.x);
    const noise = tolerance * (1.0 + abs<f64>(m.value));
    const sign = above ? 1.0 : -1.0;
    const here = load<f64>(m.g + i * 8);
    let go = isFinite(next) && gradient(pc, m, m.nextG) && next <= m.value + noise;
    if (go && next >= m.value - noise) {
      const there = load<f64>(m.nextG + i * 8);
      go = sign * there < 0.0 && there * there > noise * load<f64>(m.d + i * 8);
      if (sign * here > 0.0) go = go && abs<f64>(there) > abs<f64>(here);
    }
    if (go) {
      m.value = next;
      memory.copy(m.g, m.nextG, m.n * 8);
    } else settle(pc, m, i, !above);
    turned = turned || go;
  }
  if (!turned) return false;
  evaluate(pc, m, m.x);
  gradient(pc, m, m.g);
  hessian(pc, m, m.h);
  scales(m);
  return true;
}

/** Smaller than any coordinate: a point on a kink is looked at from its side. */
const beside = 1e-300;

/** A coordinate as the objective sees it: on a kink, the next number on the side that it is kept to. */
function seen(pc: usize, m: Model, i: usize, x: f64): f64 {
  if (!load<i32>(m.kinks + i * 4) || !((x == 0.0 || x == 1.0 || x == -1.0) && breaks(pc, m, i, x))) return x;
  const side = load<f64>(m.lower + i * 8) == x ? 1.0 : -1.0;
  return x == 0.0 ? side * beside : x + side * f64.EPSILON;
}

function evaluate(pc: usize, m: Model, x: usize): f64 {
  const hole = <usize>load<u32>(pc, 32);
  for (let i: usize = 0; i < m.n; i++) store<f64>(hole + i * 8, seen(pc, m, i, load<f64>(x + i * 8)));
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
    const sloped = load<f64>(m.g + i * 8) != 0.0;
    store<f64>(m.d + i * 8, size > 0.0 ? size : sloped ? <f64>f64.MIN_NORMAL_VALUE : 1.0);
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

/** Writes the end of a search to out, unless a better one stands there; true if it did. */
function finish(pc: usize, m: Model, f: f64, status: i32, steps: u32, edm: f64): bool {
  const hole = <usize>load<u32>(pc, 32);
  let value = f;
  // The last evaluation was a trial that failed, or of the other side of a kink.
  if (status == notFinite || !equal(hole, m.x, m.n)) {
    value = evaluate(pc, m, m.x);
    for (let i: usize = 0; i < m.n; i++) {
      const at = load<f64>(hole + i * 8);
      if (abs<f64>(at) > beside) store<f64>(m.x + i * 8, at);
      else store<f64>(hole + i * 8, load<f64>(m.x + i * 8));
    }
  }
  const out = <usize>load<u32>(pc, 12);
  const end = out + m.n * 8;
  const first = m.status < 0;
  const before = load<f64>(end, 8);
  m.status = status;
  m.steps = steps;
  if (!first) {
    const ended = <f64>(status == converged) - <f64>(before == <f64>converged);
    const lower = value < load<f64>(end) || load<f64>(end) != load<f64>(end);
    if (ended < 0.0 || (ended == 0.0 && !lower)) return false;
  }
  memory.copy(out, m.x, m.n * 8);
  store<f64>(end, value);
  store<f64>(end, <f64>status, 8);
  store<f64>(end, <f64>steps, 16);
  store<f64>(end, edm, 24);
  return true;
}
