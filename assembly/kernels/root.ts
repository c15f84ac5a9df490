import { inside } from "../check";
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

/** What a search waits for: f at the ends, at a point between them, at the last one, the slopes at two neighbours. */
const enum at { below, above, between, last, slopeBelow, slopeAbove, end }

/** The search of one lane, between evaluations. The lanes of a tile are evaluated together and otherwise know nothing of each other. */
// @ts-ignore: decorator
@unmanaged
class Search {
  /** The ends; from the first change of sign on f(below) < 0 < f(above), in whatever order they lie. */
  below: f64;
  fBelow: f64;
  above: f64;
  fAbove: f64;
  /** The last point, where f and its slope are wanted or known, and the one before. */
  x: f64;
  f: f64;
  oldX: f64;
  oldF: f64;
  /** The lengths of the last two steps. */
  step: f64;
  before: f64;
  /** |f| at the nearer of the first ends, and the way from one to the other. */
  size: f64;
  width: f64;
  phase: i32;
  steps: i32;
  status: i32;
  /** Brackets that may be tried yet. */
  left: i32;
}

/**
 * Roots of a scalar function in brackets, one for each of T lanes: Newton steps where they stay inside and shrink fast, else
 * halving.
 *
 * Operands out, lo, hi, hole, start, end, f, df, grow, T, scratch: f64 at lo[T] and hi[T] bound the roots; [start, end)
 * computes f[T] and its derivative df[T] from hole[T]. Without change of sign a search goes on beyond hi, in up to `grow`
 * brackets that double.
 * out[3][T] = x, status of `rootEnds`, steps: `jump` also after too many steps, at `sameSign` x is the end with the smaller
 * |f|, `noValue` where f is NaN. The derivative may be anything. Scratch: `rootBytes`.
 * The hole and f, df are left at x. A lane that has ended moves no more while others go on.
 */
export function any_root(pc: usize): void {
  const out = <usize>load<u32>(pc, 8);
  const hole = <usize>load<u32>(pc, 20);
  const start = <usize>load<u32>(pc, 24);
  const end = <usize>load<u32>(pc, 28);
  const f = <usize>load<u32>(pc, 32);
  const slope = <usize>load<u32>(pc, 36);
  const pitch = <usize>load<u32>(pc, 44) << 3;
  const scratch = <usize>load<u32>(pc, 48);
  if (!ASC_NO_ASSERT) inside(scratch, (pitch >> 3) * offsetof<Search>());
  for (let i: usize = 0; i < pitch; i += 8) {
    const s = searchAt(scratch, i);
    s.below = load<f64>(<usize>load<u32>(pc, 12) + i);
    s.above = load<f64>(<usize>load<u32>(pc, 16) + i);
    s.left = load<i32>(pc, 40);
    s.steps = 0;
    ask(s, s.below, at.below);
  }
  for (let going = true; going; ) {
    for (let i: usize = 0; i < pitch; i += 8) store<f64>(hole + i, searchAt(scratch, i).x);
    run(start, end);
    going = false;
    for (let i: usize = 0; i < pitch; i += 8) {
      const s = searchAt(scratch, i);
      if (s.phase == at.end) continue;
      proceed(s, load<f64>(f + i), load<f64>(slope + i));
      going = going || s.phase != at.end;
    }
  }
  let moved = false;
  for (let i: usize = 0; i < pitch; i += 8) {
    const s = searchAt(scratch, i);
    if (load<f64>(hole + i) != s.x) moved = true;
    store<f64>(hole + i, s.x);
    store<f64>(out + i, s.x);
    store<f64>(out + pitch + i, <f64>s.status);
    store<f64>(out + 2 * pitch + i, <f64>s.steps);
  }
  if (moved) run(start, end);
}

// @ts-ignore: decorator
@inline function searchAt(scratch: usize, i: usize): Search {
  return changetype<Search>(scratch + (i >> 3) * offsetof<Search>());
}

function ask(s: Search, x: f64, phase: i32): void {
  s.x = x;
  s.phase = phase;
}

function finish(s: Search, x: f64, status: i32): void {
  s.x = x;
  s.status = status;
  s.phase = at.end;
}

/** Takes f and its slope at the point that was asked for; then asks for another, or ends. */
function proceed(s: Search, f: f64, slope: f64): void {
  if (s.phase >= at.slopeBelow) return cross(s, slope);
  s.steps++;
  if (f == 0.0) return finish(s, s.x, rootEnds.converged);
  if (s.phase == at.below) {
    s.fBelow = f;
    return ask(s, s.above, at.above);
  }
  if (s.phase == at.above) {
    s.fAbove = f;
    if (s.fBelow != s.fBelow || f != f) return finish(s, s.x, rootEnds.noValue);
    if (s.fBelow > 0.0 == f > 0.0) return widen(s);
    open(s, f);
  } else {
    s.f = f;
    if (f != f) return finish(s, s.x, rootEnds.noValue);
    if (s.phase == at.last) return finish(s, abs<f64>(f) < abs<f64>(s.oldF) ? s.x : s.oldX, rootEnds.converged);
    if (f < 0.0) {
      s.below = s.x;
      s.fBelow = f;
    } else {
      s.above = s.x;
      s.fAbove = f;
    }
  }
  approach(s, slope);
}

/** The next bracket above, if there may be one. */
function widen(s: Search): void {
  if (s.left-- == 0) return finish(s, abs<f64>(s.fBelow) < abs<f64>(s.fAbove) ? s.below : s.above, rootEnds.sameSign);
  const next = s.above + 2.0 * (s.above - s.below);
  s.below = s.above;
  s.fBelow = s.fAbove;
  s.above = next;
  ask(s, next, at.above);
}

/** Begins between ends with a change of sign; x is the upper one. */
function open(s: Search, f: f64): void {
  s.f = f;
  if (s.fBelow > 0.0) {
    const fBelow = s.fBelow;
    s.above = s.below;
    s.fAbove = fBelow;
    s.below = s.x;
    s.fBelow = f;
  }
  s.size = min<f64>(-s.fBelow, s.fAbove);
  s.width = s.above - s.below;
  s.step = Infinity;
  s.before = Infinity;
}

/** Asks for the next point between the ends, from x and f there. */
function approach(s: Search, slope: f64): void {
  const x = s.x;
  const below = s.below;
  const above = s.above;
  if (s.steps >= limit) return finish(s, x, rootEnds.jump);
  let next = x - s.f / slope;
  const rises = s.width * slope > 0.0;
  // x at the limit of its precision. Beside a pole the slope has the other sign.
  if (next == x && rises) return finish(s, x, rootEnds.converged);
  const last = abs<f64>(next - x) <= abs<f64>(x) * f64.EPSILON;
  const inside = next > min<f64>(below, above) && next < max<f64>(below, above);
  const fast = inside && rises && s.steps < patience && abs<f64>(next - x) < 0.5 * s.before;
  if (!fast) {
    next = s.steps < patience ? below + 0.5 * (above - below) : between(below, above);
    if (!(next > min<f64>(below, above) && next < max<f64>(below, above))) next = between(below, above);
    // No number lies between the ends.
    if (next == below || next == above) {
      if (s.fAbove - s.fBelow > level * s.size) return ask(s, below, at.slopeBelow);
      return finish(s, nearer(s), rootEnds.converged);
    }
  }
  s.before = s.step;
  s.step = abs<f64>(next - x);
  s.oldX = x;
  s.oldF = s.f;
  ask(s, next, last && fast ? at.last : at.between);
}

/** Whether the slopes of f at two neighbours account for its rise from one to the other. */
function cross(s: Search, slope: f64): void {
  const reach = max<f64>(place * abs<f64>(s.below), bracket * abs<f64>(s.width));
  const found = slope * (s.width > 0.0 ? reach : -reach) >= s.fAbove - s.fBelow;
  if (!found && s.phase == at.slopeBelow) return ask(s, s.above, at.slopeAbove);
  finish(s, nearer(s), found ? rootEnds.converged : rootEnds.jump);
}

/** The end with the smaller |f|. */
function nearer(s: Search): f64 {
  return -s.fBelow < s.fAbove ? s.below : s.above;
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
