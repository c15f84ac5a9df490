import { backward, cholesky, forward, place, plus } from "./envelope";
import { element, equal, Model } from "./fitmodel";
import { dot } from "./linalg";

/**
 * Puts the minimiser of the model into p, and returns by how much the model without damping decreases (>= 0); -1 if
 * the model is not convex on a free set or overflows.
 *
 * Projected Newton (Bertsekas 1982): hold the coordinates that are at a bound with the gradient pointing out, take the
 * Newton step of the others, cut it at the bounds, and repeat until nothing is cut or released. A coordinate at a bound
 * with a zero multiplier is free. Cut steps are halved; where that does not help, the step ends at the first bound.
 */
export function boxStep(m: Model, lambda: f64): f64 {
  start(m);
  let value = 0.0;
  let whole = false;
  for (let round: usize = 0; round < 4 * m.n + 20; round++) {
    const changed = hold(m);
    if (m.free == 0 || (round && !changed && whole)) break;
    if ((changed || !round) && !factor(m, lambda)) return -1.0;
    solve(m);
    whole = !move(m, 1.0);
    let next = slope(m, lambda);
    if (!whole) {
      let scale = 1.0;
      while (scale > 0.05 && !(next <= value + 1e-4 * gain(m))) {
        scale *= 0.5;
        move(m, scale);
        next = slope(m, lambda);
      }
      if (scale <= 0.05) {
        while (pin(m)) {
          if (!factor(m, lambda)) return -1.0;
          solve(m);
        }
        whole = reach(m);
        next = slope(m, lambda);
      }
    }
    value = next;
    const same = !whole && equal(m.p, m.nextP, m.n);
    accept(m);
    if (same) break;
  }
  return decrease(m, lambda);
}

function start(m: Model): void {
  memory.fill(m.p, 0, m.n * 8);
  memory.copy(m.r, m.g, m.n * 8);
  for (let i: usize = 0; i < m.n; i++) {
    const x = load<f64>(m.x + i * 8);
    const side = x <= load<f64>(m.lower + i * 8) ? -1 : x >= load<f64>(m.upper + i * 8) ? 1 : 0;
    store<i32>(m.side + i * 4, side);
  }
}

/** Chooses the free set; true if it changed. */
function hold(m: Model): bool {
  let changed = false;
  let free: usize = 0;
  for (let i: usize = 0; i < m.n; i++) {
    const side = <f64>load<i32>(m.side + i * 4);
    const held = load<i32>(m.fixed + i * 4) | <i32>(side * load<f64>(m.r + i * 8) < 0.0);
    if (held != load<i32>(m.held + i * 4)) changed = true;
    store<i32>(m.held + i * 4, held);
    if (!held) store<u32>(m.index + 4 * free++, <u32>i);
  }
  if (m.free != free) changed = true;
  m.free = free;
  return changed;
}

function factor(m: Model, lambda: f64): bool {
  const free = m.free;
  // Of each coordinate, how many free ones come before it.
  let before: usize = 0;
  for (let k: usize = 0; k < free; k++) {
    const i = <usize>load<u32>(m.index + k * 4);
    const first = load<u32>(m.first0 + i * 4);
    // First columns of later rows may come earlier again.
    if (before > 0 && load<u32>(m.index + (before - 1) * 4) >= first) before = 0;
    while (load<u32>(m.index + before * 4) < first) before++;
    store<u32>(m.free0 + k * 4, <u32>before);
  }
  place(m.free0, m.freeAt, free);
  for (let k: usize = 0; k < free; k++) {
    const i = <usize>load<u32>(m.index + k * 4);
    const from = element(m, m.h, i, 0);
    const to = m.l + 8 * <usize>load<u32>(m.freeAt + k * 4);
    for (let j = <usize>load<u32>(m.free0 + k * 4); j <= k; j++)
      store<f64>(to + j * 8, load<f64>(from + 8 * <usize>load<u32>(m.index + j * 4)));
    if (lambda > 0.0) store<f64>(to + k * 8, load<f64>(to + k * 8) + lambda * load<f64>(m.d + i * 8));
  }
  return cholesky(m.l, m.free0, m.freeAt, free);
}

/** b = the Newton step on the free set. */
export function solve(m: Model): void {
  pack(m, m.r);
  forward(m.l, m.free0, m.freeAt, m.b, m.free);
  backward(m.l, m.free0, m.freeAt, m.b, m.free);
}

/** b = -a on the free set. */
function pack(m: Model, a: usize): void {
  for (let i: usize = 0; i < m.free; i++)
    store<f64>(m.b + i * 8, -load<f64>(a + 8 * <usize>load<u32>(m.index + i * 4)));
}

/** Half the square of a gradient in the metric of the last factorisation: what the model expects to gain from it. */
export function decrement(m: Model, g: usize): f64 {
  pack(m, g);
  forward(m.l, m.free0, m.freeAt, m.b, m.free);
  return 0.5 * dot(m.b, m.b, m.free);
}

/** nextP = p + scale b, cut at the bounds; true if something was cut. */
function move(m: Model, scale: f64): bool {
  memory.copy(m.nextP, m.p, m.n * 8);
  memory.copy(m.nextSide, m.side, m.n * 4);
  let cut = false;
  for (let k: usize = 0; k < m.free; k++) {
    const i = <usize>load<u32>(m.index + k * 4);
    const x = load<f64>(m.x + i * 8);
    const low = load<f64>(m.lower + i * 8) - x;
    const high = load<f64>(m.upper + i * 8) - x;
    let p = load<f64>(m.p + i * 8) + scale * load<f64>(m.b + k * 8);
    let side = 0;
    if (p <= low) {
      cut = cut || p < low;
      p = low;
      side = -1;
    } else if (p >= high) {
      cut = cut || p > high;
      p = high;
      side = 1;
    }
    store<f64>(m.nextP + i * 8, p);
    store<i32>(m.nextSide + i * 4, side);
  }
  return cut;
}

/** Holds the coordinates at a bound whose step points out; true if there were any. */
function pin(m: Model): bool {
  let free: usize = 0;
  for (let k: usize = 0; k < m.free; k++) {
    const i = load<u32>(m.index + k * 4);
    const held = <f64>load<i32>(m.side + <usize>i * 4) * load<f64>(m.b + k * 8) > 0.0;
    store<i32>(m.held + <usize>i * 4, <i32>held);
    if (!held) store<u32>(m.index + 4 * free++, i);
  }
  const any = free < m.free;
  m.free = free;
  return any;
}

/** nextP = p + b as far as the first bound, which is then met exactly; true if nothing is in the way. */
function reach(m: Model): bool {
  let scale = 1.0;
  let first = m.n;
  let bound = 0.0;
  for (let k: usize = 0; k < m.free; k++) {
    const i = <usize>load<u32>(m.index + k * 4);
    const b = load<f64>(m.b + k * 8);
    const edge = load<f64>((b < 0.0 ? m.lower : m.upper) + i * 8) - load<f64>(m.x + i * 8);
    const room = (edge - load<f64>(m.p + i * 8)) / b;
    if (room < scale) {
      scale = room;
      first = i;
      bound = edge;
    }
  }
  move(m, scale);
  if (first == m.n) return true;
  store<f64>(m.nextP + first * 8, bound);
  store<i32>(m.nextSide + first * 4, bound == load<f64>(m.lower + first * 8) - load<f64>(m.x + first * 8) ? -1 : 1);
  return false;
}

/** nextR = g + (H + lambda D) nextP; returns the value of the model. */
function slope(m: Model, lambda: f64): f64 {
  const n = m.n;
  for (let i: usize = 0; i < n; i++) {
    const damping = lambda > 0.0 ? lambda * load<f64>(m.d + i * 8) * load<f64>(m.nextP + i * 8) : 0.0;
    store<f64>(m.nextR + i * 8, load<f64>(m.g + i * 8) + damping);
  }
  plus(m.nextR, m.h, m.first0, m.at, m.nextP, n);
  return 0.5 * (dot(m.g, m.nextP, n) + dot(m.nextR, m.nextP, n));
}

/** r.(nextP - p), negative for a descent. */
function gain(m: Model): f64 {
  return dot(m.r, m.nextP, m.n) - dot(m.r, m.p, m.n);
}

function accept(m: Model): void {
  const p = m.p;
  const r = m.r;
  const side = m.side;
  m.p = m.nextP;
  m.r = m.nextR;
  m.side = m.nextSide;
  m.nextP = p;
  m.nextR = r;
  m.nextSide = side;
}

/** The decrease of the model without damping; -1 if it is not finite. Also sets size and bend. */
function decrease(m: Model, lambda: f64): f64 {
  let size = 0.0;
  for (let i: usize = 0; i < m.n * 8; i += 8) {
    const p = load<f64>(m.p + i);
    size += load<f64>(m.d + i) * p * p;
  }
  const gp = dot(m.g, m.p, m.n);
  m.size = size;
  // A size that overflows says nothing where there is no damping.
  m.bend = dot(m.r, m.p, m.n) - gp - (lambda > 0.0 ? lambda * size : 0.0);
  const value = -gp - 0.5 * m.bend;
  return isFinite(value) ? max<f64>(value, 0.0) : -1.0;
}
