import { element, Model } from "./fitmodel";
import { evaluate, gradient, hessian } from "./objective";

/** A Newton step longer than this part of x and of the way there is not at rest; where its gain is not rounding, this. */
const restless = 1e-6;
const uneasy = 1e-11;

/** The part of the objective that a gradient of rounding errors promises to gain, and more. */
export const rounding = 1e-27;

/** How far beyond the last Newton step a slope is looked at: 4, 16, ... times. */
export const probes = 8;

/**
 * Whether the objective rises at last beyond a point where its decrease drowned. It does so around minima of any order,
 * where a Newton step (the first of `polish`) leads part of the way; on a slope that levels off for ever (exp(-x), 1 / x) each step leads to
 * another as long. Looks along those coordinates whose Newton step is not small.
 */
export function settles(pc: usize, m: Model, real: bool): bool {
  if (!sloping(m, real)) return true;
  let reach = 1.0;
  for (let probe = 0; probe < probes; probe++) {
    reach *= 4.0;
    look(m, reach);
    const f = evaluate(pc, m, m.nextX);
    const rest = judge(m, f, isFinite(f) && gradient(pc, m, m.nextG));
    if (rest != undecided) return rest == settled;
  }
  return false;
}

/** What a look beyond the end tells: nothing yet, that the objective goes on for ever, that it rises or ends there. */
export const undecided = -1;
export const levelled = 0;
export const settled = 1;

/** Chooses the coordinates to look along; false where there is no slope along them, so that the end is settled. */
export function sloping(m: Model, real: bool): bool {
  m.rest = real ? uneasy : restless;
  for (let i: usize = 0; i < m.n; i++) straighten(m, i);
  return falls(m) < 0.0;
}

/** The slope at the end along the first Newton step, as far as that moves what counts. */
function falls(m: Model): f64 {
  let slope = 0.0;
  for (let i: usize = 0; i < m.n * 8; i += 8) if (moves(m, i)) slope += load<f64>(m.g + i) * load<f64>(m.first + i);
  return slope;
}

/** nextX = the point so many steps beyond the end. */
export function look(m: Model, reach: f64): void {
  for (let i: usize = 0; i < m.n * 8; i += 8) {
    const x = load<f64>(m.x + i) + (moves(m, i) ? reach : 0.0) * load<f64>(m.first + i);
    store<f64>(m.nextX + i, min<f64>(max<f64>(x, load<f64>(m.lower + i)), load<f64>(m.upper + i)));
  }
  fixed(m);
}

/** What f at nextX and its gradient nextG tell; `finite` is whether they are. */
export function judge(m: Model, f: f64, finite: bool): i32 {
  if (f == -Infinity) return levelled;
  if (!finite) return settled;
  let there = 0.0;
  let inside = false;
  for (let i: usize = 0; i < m.n * 8; i += 8) {
    const x = load<f64>(m.nextX + i);
    if (!moves(m, i) || x == load<f64>(m.lower + i) || x == load<f64>(m.upper + i)) continue;
    there += load<f64>(m.nextG + i) * load<f64>(m.first + i);
    inside = true;
  }
  return !inside || there > -0.01 * falls(m) ? settled : undecided;
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
  if (slope == 0.0 || load<f64>(element(m, m.h, i, i)) != 0.0) return;
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
export function levels(pc: usize, m: Model): bool {
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
    const bend = load<f64>(element(m, m.nextH, i, i));
    const way = abs<f64>(load<f64>(m.nextX + i * 8) - load<f64>(m.start + i * 8));
    const faded = slope > 0.0 && slope <= 1e-3 * abs<f64>(load<f64>(m.d + i * 8));
    if (flat(m, i) && faded && bend >= 0.0 && slope > 1e-9 * way * bend) return true;
  }
  return false;
}

/** Whether a free coordinate has neither slope nor curvature at the point, and came there. */
function flat(m: Model, i: usize): bool {
  if (load<i32>(m.fixed + i * 4) || load<f64>(m.x + i * 8) == load<f64>(m.start + i * 8)) return false;
  return load<f64>(m.g + i * 8) == 0.0 && load<f64>(element(m, m.h, i, i)) == 0.0;
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
