import { fitWords } from "../generated/agreed";
import { Model } from "./fitmodel";
import { breaks, evaluate, gradient, hessian } from "./objective";
import { scales, tolerance } from "./trial";

/** Coordinates in which an objective is not smooth: each is kept between the kinks around it, and may change sides. */

/** Bounds a coordinate by the kinks around it; on one, by those above it or by those below. */
export function keep(pc: usize, m: Model, i: usize, above: bool): void {
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
export function turn(pc: usize, m: Model, value: f64): bool {
  let turned = false;
  m.value = value;
  for (let i: usize = 0; i < m.n; i++) {
    if (!kinked(pc, m, i)) continue;
    const above = load<f64>(m.lower + i * 8) != load<f64>(m.x + i * 8);
    keep(pc, m, i, above);
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
    } else keep(pc, m, i, !above);
    turned = turned || go;
  }
  if (!turned) return false;
  evaluate(pc, m, m.x);
  gradient(pc, m, m.g);
  hessian(pc, m, m.h);
  scales(m);
  return true;
}
