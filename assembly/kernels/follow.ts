import { fitWords } from "../generated/agreed";
import { solve } from "./box";
import { element, equal, Model } from "./fitmodel";
import { dot } from "./linalg";
import { evaluate, hessian } from "./objective";

/** The decrease still expected at which a minimum that is only passed counts as reached: what the model omits is far less. */
export const passing = 1e-5;

/**
 * How a minimum moves with a coordinate `along` that is held, from the model that the last step p was made with, without
 * damping: the gradient of the minimum by that coordinate, its curvature and -H⁻¹ times the mixed derivatives [n] of the
 * coordinates that move, written to `out`. They are those of x + p.
 */
export function follow(pc: usize, m: Model, along: usize, out: usize): void {
  const n = m.n;
  // The last evaluation may have been a trial that failed.
  if (!equal(<usize>load<u32>(pc, fitWords.hole), m.x, n)) {
    evaluate(pc, m, m.x);
    hessian(pc, m, m.h);
  }
  for (let i: usize = 0; i < n; i++) store<f64>(m.r + i * 8, mixed(pc, m, along, i));
  solve(m);
  let curvature = load<f64>(m.r + along * 8);
  memory.fill(out + 16, 0, n * 8);
  for (let k: usize = 0; k < m.free; k++) {
    const i = <usize>load<u32>(m.index + k * 4);
    const moves = load<f64>(m.b + k * 8);
    curvature += load<f64>(m.r + i * 8) * moves;
    store<f64>(out + 16 + i * 8, moves);
  }
  store<f64>(out + 16 + along * 8, 1.0);
  store<f64>(out, load<f64>(<usize>load<u32>(pc, fitWords.g) + along * 8) + dot(m.r, m.p, n));
  store<f64>(out, curvature, 8);
}

/** An element of the Hessian that was last computed, of any two coordinates. */
function mixed(pc: usize, m: Model, i: usize, j: usize): f64 {
  const h = <usize>load<u32>(pc, fitWords.h);
  if (load<u32>(pc, fitWords.first) == 0) return 0.5 * load<f64>(h + (i * m.n + j) * 8) + 0.5 * load<f64>(h + (j * m.n + i) * 8);
  const row = max<usize>(i, j);
  const column = min<usize>(i, j);
  return column < <usize>load<u32>(m.first0 + row * 4) ? 0.0 : load<f64>(element(m, h, row, column));
}
