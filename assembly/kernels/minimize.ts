import { fitAnswer, fitEnds, fitWords, kinkBits } from "../generated/agreed";
import { run } from "../generated/tape";
import { boxStep } from "./box";
import { adapt, ease, hinder, relax, stiffen } from "./damping";
import { finish, pass, polish, refuse } from "./fitend";
import { layout, Model } from "./fitmodel";
import { passing } from "./follow";
import { keep, turn } from "./kinks";
import { evaluate, gradient, hessian } from "./objective";
import { advance, descends, enough, exchange, scales, tolerance } from "./trial";

/** How often all neighbours of a minimum between kinks are visited. */
const passes = 4;

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
  if (load<u32>(pc, fitWords.along)) for (let i: usize = fitAnswer.slope; i < n + fitAnswer.tangent; i++) store<f64>(end + i * 8, NaN);
  if (cross(pc, n)) return refuse(pc, end);
  let total = 0.0;
  let kept = true;
  m.status = -1;
  for (let start: u32 = 0; start < searches; start++) {
    const found = m.status >= 0 && load<f64>(end, fitAnswer.end << 3) == <f64>fitEnds.converged;
    // Without an end there is nothing to mirror; with one, further starts are not needed.
    if (start >= always && found != (start == starts)) continue;
    kept = attempt(pc, m, start, found);
    total += <f64>m.steps;
  }
  // A minimum between kinks has neighbours: one coordinate between others at a time, while that leads lower.
  const neighbours = load<u32>(pc, fitWords.mirror) && load<f64>(end, fitAnswer.end << 3) == <f64>fitEnds.converged ? passes : 0;
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
  store<f64>(end, total, fitAnswer.steps << 3);
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

/** Where neighbour j of the minimum in out has coordinate j % n: at the image about 0, or at -2, 0 or 2. */
function neighbour(pc: usize, m: Model, j: u32): f64 {
  const n = <u32>m.n;
  return j < n ? -load<f64>(<usize>load<u32>(pc, fitWords.out) + j * 8) : 2.0 * (<f64>(j / n) - 2.0);
}

/** The search from one start; true if its end is the best so far. `found` is whether a minimum is known. */
function attempt(pc: usize, m: Model, start: u32, found: bool): bool {
  begin(pc, m, start);
  let f = evaluate(pc, m, m.x);
  if (!isFinite(f) || !gradient(pc, m, m.g) || !hessian(pc, m, m.h))
    return finish(pc, m, f, fitEnds.notFinite, 1, NaN);
  scales(m);
  m.begun = f;
  if (turn(pc, m, f)) f = m.value;
  if (found) m.far = separation(pc, m, false);
  const most = load<u32>(pc, fitWords.maxSteps);
  const along = <usize>load<u32>(pc, fitWords.along);
  let steps: u32 = 1;
  let status = fitEnds.converged;
  let expected = 0.0;
  // Whether this point has seen the model without damping, and whether that model was convex.
  let undamped = false;
  let turns: usize = 4 * m.n + 20;
  m.value = f;
  relax(m);
  do {
    f = m.value;
    for (;;) {
      if (m.lambda == 0.0) undamped = true;
      expected = boxStep(m, m.lambda);
      if (expected < 0.0) {
        if (stiffen(m)) continue;
        status = fitEnds.noDescent;
        break;
      }
      if (ease(m)) continue;
      if (found && leads(pc, m, f)) {
        m.status = fitEnds.converged;
        m.steps = steps;
        return false;
      }
      const reached = along > 0 && expected <= passing;
      if (reached && m.lambda == 0.0) break;
      if ((reached && !undamped) || expected <= enough(m, f)) {
        if (undamped) break;
        m.lambda = 0.0;
        continue;
      }
      if (!advance(m)) break;
      if (steps >= most) {
        status = fitEnds.maxSteps;
        break;
      }
      steps++;
      const next = evaluate(pc, m, m.nextX);
      const gain = f - next;
      if (!isFinite(next) || !gradient(pc, m, m.nextG) || !descends(m, f, gain, expected) || !hessian(pc, m, m.nextH)) {
        hinder(m);
        continue;
      }
      f = next;
      exchange(m);
      scales(m);
      undamped = false;
      adapt(m, gain, expected);
    }
  } while (status == fitEnds.converged && turns-- > 0 && turn(pc, m, f));
  if (status == fitEnds.maxSteps) return finish(pc, m, f, status, steps, expected);
  if (along && status == fitEnds.converged && m.lambda == 0.0) return pass(pc, m, f - expected, steps, expected);
  return polish(pc, m, f, steps);
}

/** Whether a search with value f heads for the minimum in out: its next point lies much nearer there than its start. */
function leads(pc: usize, m: Model, f: f64): bool {
  const best = load<f64>(<usize>load<u32>(pc, fitWords.out) + m.n * 8, fitAnswer.value << 3);
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
    keep(pc, m, i, false);
    store<i32>(m.fixed + i * 4, <i32>(!moves || lower >= upper));
    store<i32>(m.held + i * 4, 1);
  }
}

