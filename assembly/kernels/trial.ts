import { decrement } from "./box";
import { element, equal, Model } from "./fitmodel";

/** Steps of a search: from the point x to the trial nextX, which takes its place where it is good enough. */

/** The expected decrease, relative to 1 + |f|, at which the objective no longer tells points apart. */
export const tolerance = 1e-12;

/** The part of all that was gained that is as little. */
const little = 1e-24;

/**
 * The scale of each coordinate for the damping: its curvature; a part of its greatest mixed derivative and the
 * curvature at which a Newton step has the size of x are floors for saddles and plains. A coordinate with no
 * derivatives gets 1.
 */
export function scales(m: Model): void {
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
export function advance(m: Model): bool {
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
export function stiffness(m: Model): f64 {
  return m.size > 0.0 ? m.bend / m.size : 0.0;
}

/** Whether a step is good enough; see `any_minimize`. */
export function descends(m: Model, f: f64, gain: f64, expected: f64): bool {
  if (gain >= 1e-4 * expected) return true;
  return abs<f64>(gain) <= 1e-9 * (1.0 + abs<f64>(f)) && decrement(m, m.nextG) <= 0.25 * decrement(m, m.g);
}

/** Swaps the point and the trial. */
export function exchange(m: Model): void {
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

/**
 * The expected decrease that is none: rounding of f, or next to nothing of what was gained. Objectives near zero may be
 * tiny all over, so what is absolute here is bounded by the gain.
 */
export function enough(m: Model, f: f64): f64 {
  const gained = abs<f64>(m.begun - f);
  return tolerance * (abs<f64>(f) + min<f64>(1.0, gained)) + little * gained;
}
