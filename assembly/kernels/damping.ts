import { Model } from "./fitmodel";
import { stiffness } from "./trial";

/**
 * How much the model of a search is damped: lambda D (Levenberg, Marquardt). Of a point it remembers the greatest damping
 * with which its model was not convex (`bad`), and the least with which it was (`good`).
 */

/** By how much the damping may exceed one with which the model is not convex. */
const close = 2.0;

/** None, as a search begins. */
export function relax(m: Model): void {
  m.lambda = 0.0;
  m.growth = 4.0;
  m.shrink = 0.3;
  m.bad = -1.0;
  m.good = Infinity;
}

/** More, where the model is not convex; false where that is too much. */
export function stiffen(m: Model): bool {
  const least = max<f64>(m.lambda, 1e-9);
  m.bad = m.lambda;
  // The free set depends on the damping: more of it may be less convex.
  if (m.bad >= m.good) m.good = Infinity;
  if (m.good < Infinity) m.lambda = m.good > close * least ? sqrt<f64>(least * m.good) : m.good;
  else m.lambda = m.lambda == 0.0 ? 1e-8 : m.lambda * 10.0;
  return m.lambda < 1e30;
}

/**
 * Less, where it is much more than the model needs; true if so. With it, steps would hardly grow along a negative
 * curvature.
 */
export function ease(m: Model): bool {
  if (!(m.bad >= 0.0 && m.lambda > close * m.bad && m.lambda > 1e-8 && m.lambda < m.good)) return false;
  m.good = m.lambda;
  m.lambda = sqrt<f64>(max<f64>(m.bad, 1e-9) * m.good);
  return true;
}

/** More, after a step that is not good enough: from nothing to a damping that halves it. */
export function hinder(m: Model): void {
  m.lambda = m.lambda == 0.0 ? max(stiffness(m), 1e-8) : m.lambda * m.growth;
  m.growth *= 2.0;
  m.shrink = 0.3;
  m.bad = -1.0;
}

/** What a new point begins with, by how well the model foretold the gain of the step there. */
export function adapt(m: Model, gain: f64, expected: f64): void {
  m.growth = 4.0;
  m.bad = -1.0;
  m.good = Infinity;
  if (gain < 0.25 * expected) m.lambda *= 2.0;
  else if (gain > 0.75 * expected) {
    m.lambda *= m.shrink;
    m.shrink *= m.shrink;
  }
  if (m.lambda < 0.02 * stiffness(m)) m.lambda = 0.0;
}
