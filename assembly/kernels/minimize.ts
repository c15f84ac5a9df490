import { fitEnds, fitWords, kinkBits } from "../generated/agreed";
import { run } from "../generated/tape";
import { boxStep, decrement, element, equal, layout, Model } from "./box";
import { follow, passing } from "./follow";
import { beside, breaks, evaluate, gradient, hessian } from "./objective";
import { levels, rounding, settles } from "./settle";

/** What `any_minimize` answers. */
const converged = fitEnds.converged;
const maxSteps = fitEnds.maxSteps;
const notFinite = fitEnds.notFinite;
const noDescent = fitEnds.noDescent;
const crossed = fitEnds.crossed;

/** The expected decrease, relative to 1 + |f|, at which the objective no longer tells points apart. */
const tolerance = 1e-12;

/** The part of all that was gained that is as little. */
const little = 1e-24;

/** Damping that only repairs a Hessian which is singular to rounding. */
const slight = 1e-6;

/** By how much the damping may exceed one with which the model is not convex. */
const close = 2.0;

const polishSteps = 10;

/** How often all neighbours of a minimum between kinks are visited. */
const passes = 4;

/** By how much one Newton step must shrink the expected decrease for the next one to lead to the last bit. */
const quadratic = 1e-8;

/**
 * Minimum of an objective in a box by damped Newton steps with the exact Hessian.
 *
 * Operands as `fitWords` has them: from the hole, [fgStart, fgEnd) computes f and g[n], and then [hStart, hEnd) h[n][n]; with
 * first i32[n] only its lower triangle in that envelope (see `envelope.ts`). out[n + 4] = x, f, status, steps (evaluations
 * of f), edm (the decrease of f that the last model still expects). Scratch: `fitBytes`.
 *
 * x0[starts][n]: the first `always` starts are tried, then others until one has ended with status 0; with `mirror` also
 * the image of the best end about the first start, because bistable objectives often have a second minimum there. A
 * search that heads for a minimum already found is not finished. The answer is the lowest minimum with status 0, or what
 * came closest; steps counts all evaluations.
 *
 * kinks f64[n] says where the objective is not smooth in a coordinate (`kinkBits`); 0 nowhere.
 * Its derivative may jump there, at -1 and 1 itself too. A coordinate is kept between such places, and where a search
 * ends on one and the other side leads down, it goes on there. So a minimum may lie on a kink; beside a jump it is the
 * next number.
 *
 * along: 0, or 1 + a coordinate that is held. Then out [2 n + 6] goes on with how the minimum moves with it (`follow`), and
 * a search ends as soon as the model expects a decrease of `passing` at most; x and f are those of the model's minimum.
 * There is one start. What comes after n + 4 is NaN where the search had to go to its end.
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
  const m = changetype<Model>(<usize>load<u32>(pc, fitWords.scratch));
  const n = <usize>load<u32>(pc, fitWords.n);
  const end = <usize>load<u32>(pc, fitWords.out) + n * 8;
  const starts = load<u32>(pc, fitWords.starts);
  const always = load<u32>(pc, fitWords.always);
  const searches = starts + load<u32>(pc, fitWords.mirror);
  if (load<u32>(pc, fitWords.along)) for (let i: usize = 0; i < n + 2; i++) store<f64>(end + 32 + i * 8, NaN);
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
  const neighbours = load<u32>(pc, fitWords.mirror) && load<f64>(end, 8) == <f64>converged ? passes : 0;
  for (let pass = 0; pass < neighbours; pass++) {
    let lower = false;
    for (let j: u32 = 0; j < 4 * <u32>n; j++) {
      const i = j % <u32>n;
      const kind = load<i32>(m.kinks + i * 4);
      if (kind < (j < <u32>n ? kinkBits.zero : kinkBits.one) || load<f64>(end - n * 8 + i * 8) == neighbour(pc, m, j)) continue;
      kept = attempt(pc, m, starts + 1 + j, true);
      total += <f64>m.steps;
      lower = lower || kept;
    }
    if (!lower) break;
  }
  store<f64>(end, total, 16);
  if (!kept) {
    const hole = <usize>load<u32>(pc, fitWords.hole);
    memory.copy(hole, end - n * 8, n * 8);
    run(load<u32>(pc, fitWords.fgStart), load<u32>(pc, fitWords.fgEnd));
  }
}

/** Whether the bounds of a free coordinate leave no room. */
function cross(pc: usize, n: usize): bool {
  for (let i: usize = 0; i < n * 8; i += 8) {
    const room = load<f64>(<usize>load<u32>(pc, fitWords.lower) + i) <= load<f64>(<usize>load<u32>(pc, fitWords.upper) + i);
    if (load<f64>(<usize>load<u32>(pc, fitWords.free) + i) != 0.0 && !room) return true;
  }
  return false;
}

function refuse(pc: usize, end: usize): void {
  for (let at = <usize>load<u32>(pc, fitWords.out); at <= end; at += 8) store<f64>(at, NaN);
  store<f64>(end, <f64>crossed, 8);
  store<f64>(end, 0.0, 16);
  store<f64>(end, NaN, 24);
}

/** Where neighbour j of the minimum in out has coordinate j % n: at the image about 0, or at -2, 0 or 2. */
function neighbour(pc: usize, m: Model, j: u32): f64 {
  const n = <u32>m.n;
  return j < n ? -load<f64>(<usize>load<u32>(pc, fitWords.out) + j * 8) : 2.0 * (<f64>(j / n) - 2.0);
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
  const most = load<u32>(pc, fitWords.maxSteps);
  const along = <usize>load<u32>(pc, fitWords.along);
  let steps: u32 = 1;
  let status = converged;
  let lambda = 0.0;
  let growth = 4.0;
  let shrink = 0.3;
  let expected = 0.0;
  // The greatest damping with which this point's model was not convex, and the least with which it was.
  let bad = -1.0;
  let good = Infinity;
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
        bad = lambda;
        // The free set depends on the damping: more of it may be less convex.
        if (bad >= good) good = Infinity;
        if (good < Infinity) lambda = good > close * max<f64>(bad, 1e-9) ? sqrt<f64>(max<f64>(bad, 1e-9) * good) : good;
        else lambda = lambda == 0.0 ? 1e-8 : lambda * 10.0;
        if (lambda < 1e30) continue;
        status = noDescent;
        break;
      }
      // Little more damping than the model needs: with much more, steps would hardly grow along a negative curvature.
      if (bad >= 0.0 && lambda > close * bad && lambda > 1e-8 && lambda < good) {
        good = lambda;
        lambda = sqrt<f64>(max<f64>(bad, 1e-9) * good);
        continue;
      }
      if (found && leads(pc, m, f)) {
        m.status = converged;
        m.steps = steps;
        return false;
      }
      const reached = along > 0 && expected <= passing;
      if (reached && lambda == 0.0) break;
      if ((reached && !undamped) || expected <= enough(m, f)) {
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
        bad = -1.0;
        continue;
      }
      const stiff = stiffness(m);
      f = next;
      exchange(m);
      scales(m);
      growth = 4.0;
      undamped = false;
      bad = -1.0;
      good = Infinity;
      if (gain < 0.25 * expected) lambda *= 2.0;
      else if (gain > 0.75 * expected) {
        lambda *= shrink;
        shrink *= shrink;
      }
      if (lambda < 0.02 * stiff) lambda = 0.0;
    }
  } while (status == converged && turns-- > 0 && turn(pc, m, f));
  if (status == maxSteps) return finish(pc, m, f, status, steps, expected);
  if (along && status == converged && lambda == 0.0) return pass(pc, m, f - expected, steps, expected);
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
  const best = load<f64>(<usize>load<u32>(pc, fitWords.out) + m.n * 8);
  const next = separation(pc, m, true);
  return best <= f && (next <= 0.1 * m.far || next <= tolerance * (1.0 + abs<f64>(best)));
}

/** Squared distance of the point, or of the end of its step, from the one in out, by the curvature of coordinates. */
function separation(pc: usize, m: Model, step: bool): f64 {
  const out = <usize>load<u32>(pc, fitWords.out);
  let sum = 0.0;
  for (let i: usize = 0; i < m.n * 8; i += 8) {
    const miss = load<f64>(m.x + i) + (step ? load<f64>(m.p + i) : 0.0) - load<f64>(out + i);
    sum += load<f64>(m.d + i) * miss * miss;
  }
  return sum;
}

/** Ends a search at the minimum of its last model, with how that moves. */
function pass(pc: usize, m: Model, value: f64, steps: u32, edm: f64): bool {
  const out = <usize>load<u32>(pc, fitWords.out);
  const end = out + m.n * 8;
  advance(m);
  memory.copy(out, m.nextX, m.n * 8);
  store<f64>(end, value);
  store<f64>(end, <f64>converged, 8);
  store<f64>(end, <f64>steps, 16);
  store<f64>(end, edm, 24);
  m.status = converged;
  m.steps = steps;
  follow(pc, m, <usize>load<u32>(pc, fitWords.along) - 1, end + 32);
  return true;
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

/** The Newton step, with as much damping as a singular Hessian needs; -1 if the model is not convex. */
function newton(m: Model): f64 {
  let edm = boxStep(m, 0.0);
  for (let lambda = 1e-8; edm < 0.0 && lambda <= slight; lambda *= 10.0) edm = boxStep(m, lambda);
  return edm;
}

/** Sets up the record and a start; coordinates that are not free are those of the first start. */
function begin(pc: usize, m: Model, start: u32): void {
  const n = <usize>load<u32>(pc, fitWords.n);
  const first = <usize>load<u32>(pc, fitWords.x0);
  const starts = load<u32>(pc, fitWords.starts);
  const mirror = start == starts;
  const x0 = start >= starts ? <usize>load<u32>(pc, fitWords.out) : first + n * 8 * <usize>start;
  const free = <usize>load<u32>(pc, fitWords.free);
  layout(m, changetype<usize>(m), n, load<u32>(pc, fitWords.first));
  for (let i: usize = 0; i < n; i++) {
    let x = load<f64>(x0 + i * 8);
    const kept = load<f64>(first + i * 8);
    const lower = load<f64>(<usize>load<u32>(pc, fitWords.lower) + i * 8);
    const upper = load<f64>(<usize>load<u32>(pc, fitWords.upper) + i * 8);
    const moves = load<f64>(free + i * 8) != 0.0;
    if (mirror) x = 2.0 * kept - x;
    else if (start > starts && (start - starts - 1) % <u32>n == <u32>i) x = neighbour(pc, m, start - starts - 1);
    x = !moves ? kept : x > upper ? upper : x < lower ? lower : x;
    store<f64>(m.x + i * 8, x);
    store<f64>(m.start + i * 8, x);
    store<f64>(m.lower + i * 8, lower);
    store<f64>(m.upper + i * 8, upper);
    store<i32>(m.kinks + i * 4, moves ? <i32>load<f64>(<usize>load<u32>(pc, fitWords.kinks) + i * 8) : 0);
    settle(pc, m, i, false);
    store<i32>(m.fixed + i * 4, <i32>(!moves || lower >= upper));
    store<i32>(m.held + i * 4, 1);
  }
}

/** Bounds a coordinate by the kinks around it; on one, by those above it or by those below. */
function settle(pc: usize, m: Model, i: usize, above: bool): void {
  if (!load<i32>(m.kinks + i * 4)) return;
  const x = load<f64>(m.x + i * 8);
  let lower = load<f64>(<usize>load<u32>(pc, fitWords.lower) + i * 8);
  let upper = load<f64>(<usize>load<u32>(pc, fitWords.upper) + i * 8);
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

/**
 * The scale of each coordinate for the damping: its curvature; a part of its greatest mixed derivative and the
 * curvature at which a Newton step has the size of x are floors for saddles and plains. A coordinate with no
 * derivatives gets 1.
 */
function scales(m: Model): void {
  const n = m.n;
  memory.fill(m.d, 0, n * 8);
  for (let i: usize = 0; i < n; i++)
    for (let j = <usize>load<u32>(m.first0 + i * 4); j < i; j++) {
      const mixed = abs<f64>(load<f64>(element(m, m.h, i, j)));
      if (mixed > load<f64>(m.d + i * 8)) store<f64>(m.d + i * 8, mixed);
      if (mixed > load<f64>(m.d + j * 8)) store<f64>(m.d + j * 8, mixed);
    }
  for (let i: usize = 0; i < n; i++) {
    const slope = abs<f64>(load<f64>(m.g + i * 8)) / max<f64>(1.0, abs<f64>(load<f64>(m.x + i * 8)));
    const own = abs<f64>(load<f64>(element(m, m.h, i, i)));
    const size = max<f64>(max<f64>(own, 0.01 * load<f64>(m.d + i * 8)), slope);
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
  const hole = <usize>load<u32>(pc, fitWords.hole);
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
  const out = <usize>load<u32>(pc, fitWords.out);
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
