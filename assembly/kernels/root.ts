import { rootEnds } from "../generated/agreed";
import { run } from "../generated/tape";

/** Most evaluations. */
const limit = 130;

/** From here on every step halves the number of representable numbers in the bracket: at most 64 more. */
const patience = 60;

/** A change of sign between neighbours is no jump where f moves by less than this part of its values at the ends, */
const level: f64 = 1e-7;
/** or where its slope there crosses zero within this part of x, or of the bracket. */
const place: f64 = 1e-9;
const bracket: f64 = 1e-14;

/**
 * Root of a scalar function in a bracket: Newton steps where they stay inside and shrink fast, else halving.
 *
 * Operands out, lo, hi, hole, start, end, f, df, grow: f64 at lo and hi bound the root; [start, end) computes f and its
 * derivative df from hole. Without change of sign the search goes on beyond hi, in up to `grow` brackets that double.
 * out[3] = x, status of `rootEnds`, steps: `jump` also after too many steps, at `sameSign` x is the end with the smaller
 * |f|, `noValue` where f is NaN. The derivative may be anything.
 * The hole and f, df are left at x.
 */
export function any_root(pc: usize): void {
  let below = load<f64>(<usize>load<u32>(pc, 12));
  let above = load<f64>(<usize>load<u32>(pc, 16));
  let fBelow = evaluate(pc, below);
  if (fBelow == 0.0) return finish(pc, below, rootEnds.converged, 1);
  let fAbove = evaluate(pc, above);
  if (fAbove == 0.0) return finish(pc, above, rootEnds.converged, 2);
  let steps = 2;
  for (let left = load<u32>(pc, 40); left > 0 && fBelow > 0.0 == fAbove > 0.0; left--) {
    if (fBelow != fBelow || fAbove != fAbove) break;
    const next = above + 2.0 * (above - below);
    below = above;
    fBelow = fAbove;
    above = next;
    fAbove = evaluate(pc, above);
    steps++;
    if (fAbove == 0.0) return finish(pc, above, rootEnds.converged, steps);
  }
  if (fBelow != fBelow || fAbove != fAbove) return finish(pc, above, rootEnds.noValue, steps);
  if (fBelow > 0.0 == fAbove > 0.0) return finish(pc, abs<f64>(fBelow) < abs<f64>(fAbove) ? below : above, rootEnds.sameSign, steps);
  if (fBelow > 0.0) {
    const x = below;
    const f = fBelow;
    below = above;
    fBelow = fAbove;
    above = x;
    fAbove = f;
  }
  // From here on f(below) < 0 < f(above), in whatever order they lie.
  const size = min<f64>(-fBelow, fAbove);
  const width = above - below;
  let x = load<f64>(<usize>load<u32>(pc, 20));
  let f = load<f64>(<usize>load<u32>(pc, 32));
  let step = Infinity;
  let before = Infinity;
  while (steps < limit) {
    let next = x - f / load<f64>(<usize>load<u32>(pc, 36));
    const rises = width * load<f64>(<usize>load<u32>(pc, 36)) > 0.0;
    // x at the limit of its precision. Beside a pole the slope has the other sign.
    if (next == x && rises) return finish(pc, x, rootEnds.converged, steps);
    const last = abs<f64>(next - x) <= abs<f64>(x) * f64.EPSILON;
    const inside = next > min<f64>(below, above) && next < max<f64>(below, above);
    const fast = inside && rises && steps < patience && abs<f64>(next - x) < 0.5 * before;
    if (!fast) {
      next = steps < patience ? below + 0.5 * (above - below) : between(below, above);
      if (!(next > min<f64>(below, above) && next < max<f64>(below, above))) next = between(below, above);
      // No number lies between the ends.
      if (next == below || next == above) {
        const nearer = -fBelow < fAbove ? below : above;
        const found = fAbove - fBelow <= level * size || crosses(pc, below, above, fAbove - fBelow, width);
        return finish(pc, nearer, found ? rootEnds.converged : rootEnds.jump, steps);
      }
    }
    before = step;
    step = abs<f64>(next - x);
    const oldX = x;
    const oldF = f;
    x = next;
    f = evaluate(pc, x);
    steps++;
    if (f != f) return finish(pc, x, rootEnds.noValue, steps);
    if (f == 0.0) return finish(pc, x, rootEnds.converged, steps);
    if (last && fast) return finish(pc, abs<f64>(f) < abs<f64>(oldF) ? x : oldX, rootEnds.converged, steps);
    if (f < 0.0) {
      below = x;
      fBelow = f;
    } else {
      above = x;
      fAbove = f;
    }
  }
  finish(pc, x, rootEnds.jump, limit);
}

/** Whether the slopes of f at two neighbours account for its rise from one to the other. */
function crosses(pc: usize, below: f64, above: f64, rise: f64, width: f64): bool {
  const reach = max<f64>(place * abs<f64>(below), bracket * abs<f64>(width));
  for (let side = 0; side < 2; side++) {
    evaluate(pc, side ? above : below);
    const slope = load<f64>(<usize>load<u32>(pc, 36));
    if (slope * (width > 0.0 ? reach : -reach) >= rise) return true;
  }
  return false;
}

/** Half-way between two numbers in the order of all f64. */
function between(a: f64, b: f64): f64 {
  const i = rank(a);
  const j = rank(b);
  const middle = (i & j) + ((i ^ j) >> 1);
  return reinterpret<f64>(middle < 0 ? i64.MIN_VALUE - middle : middle);
}

/** Integers in the order of the numbers; both zeros are 0. */
function rank(x: f64): i64 {
  const i = reinterpret<i64>(x);
  return i < 0 ? i64.MIN_VALUE - i : i;
}

function evaluate(pc: usize, x: f64): f64 {
  store<f64>(<usize>load<u32>(pc, 20), x);
  run(<usize>load<u32>(pc, 24), <usize>load<u32>(pc, 28));
  return load<f64>(<usize>load<u32>(pc, 32));
}

function finish(pc: usize, x: f64, status: i32, steps: i32): void {
  if (load<f64>(<usize>load<u32>(pc, 20)) != x) evaluate(pc, x);
  const out = <usize>load<u32>(pc, 8);
  store<f64>(out, x);
  store<f64>(out, <f64>status, 8);
  store<f64>(out, <f64>steps, 16);
}
