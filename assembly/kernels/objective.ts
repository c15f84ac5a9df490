import { fitWords, kinkBits } from "../generated/agreed";
import { run } from "../generated/tape";
import { element, Model } from "./fitmodel";

/** Whether there is a kink inside the bounds of a coordinate at -1, 0 or 1. */
export function breaks(pc: usize, m: Model, i: usize, at: f64): bool {
  const bit = at == 0.0 ? kinkBits.zero : kinkBits.one;
  return (
    (load<i32>(m.kinks + i * 4) & bit) != 0 &&
    at > load<f64>(<usize>load<u32>(pc, fitWords.lower) + i * 8) &&
    at < load<f64>(<usize>load<u32>(pc, fitWords.upper) + i * 8)
  );
}

/** Smaller than any coordinate: a point on a kink is looked at from its side. */
export const beside = 1e-300;

/** A coordinate as the objective sees it: on a kink, the next number on the side that it is kept to. */
export function seen(pc: usize, m: Model, i: usize, x: f64): f64 {
  if (!load<i32>(m.kinks + i * 4) || !((x == 0.0 || x == 1.0 || x == -1.0) && breaks(pc, m, i, x))) return x;
  const side = load<f64>(m.lower + i * 8) == x ? 1.0 : -1.0;
  return x == 0.0 ? side * beside : x + side * f64.EPSILON;
}

export function evaluate(pc: usize, m: Model, x: usize): f64 {
  const hole = <usize>load<u32>(pc, fitWords.hole);
  for (let i: usize = 0; i < m.n; i++) store<f64>(hole + i * 8, seen(pc, m, i, load<f64>(x + i * 8)));
  run(load<u32>(pc, fitWords.fgStart), load<u32>(pc, fitWords.fgEnd));
  return load<f64>(<usize>load<u32>(pc, fitWords.f));
}

/** Reads the gradient, 0 for fixed coordinates; false if it is not finite. */
export function gradient(pc: usize, m: Model, to: usize): bool {
  const g = <usize>load<u32>(pc, fitWords.g);
  for (let i: usize = 0; i < m.n; i++) {
    const value = load<i32>(m.fixed + i * 4) ? 0.0 : load<f64>(g + i * 8);
    if (!isFinite(value)) return false;
    store<f64>(to + i * 8, value);
  }
  return true;
}

/**
 * Computes the Hessian at the last evaluation; symmetric, 0 for fixed coordinates; false if it is not finite. The tape
 * gives its lower triangle in the envelope, or all of it where there is none.
 */
export function hessian(pc: usize, m: Model, to: usize): bool {
  run(load<u32>(pc, fitWords.hStart), load<u32>(pc, fitWords.hEnd));
  const n = m.n;
  const h = <usize>load<u32>(pc, fitWords.h);
  const whole = load<u32>(pc, fitWords.first) == 0;
  for (let i: usize = 0; i < n; i++)
    for (let j = <usize>load<u32>(m.first0 + i * 4); j <= i; j++) {
      const fixed = load<i32>(m.fixed + i * 4) | load<i32>(m.fixed + j * 4);
      let value = 0.0;
      if (!fixed && whole) value = 0.5 * load<f64>(h + (i * n + j) * 8) + 0.5 * load<f64>(h + (j * n + i) * 8);
      else if (!fixed) value = load<f64>(element(m, h, i, j));
      if (!isFinite(value)) return false;
      store<f64>(element(m, to, i, j), value);
    }
  return true;
}
