/** Significances as losses beyond those of objectives.ts: -log of each from log S and log B, least where it is largest. */

import { InputError } from "../core/errors.js";
import { constant } from "../core/op.js";
import type { Tensor } from "../core/tensor.js";
import { add, where } from "../ops/arith.js";
import { log, logSigmoid, softplus } from "../ops/exp.js";
import { asimov } from "./objectives.js";

/** -log(S/√(S+B)), with slopes of order one however far outside the data a cut starts. */
export function sOverSqrtSB(logS: Tensor, logB: Tensor): Tensor {
  return logB
    .add(softplus(logS.sub(logB)))
    .mul(0.5)
    .sub(logS);
}

/** The uncertainty σ of the background: σ² = (relative·B)² + absolute². Numbers, or tensors above 0. */
export interface BackgroundUncertainty {
  readonly relative?: number | Tensor;
  /** In events, as the statistical one of a simulated background, √Σw². */
  readonly absolute?: number | Tensor;
}

/** Below this log x the series of K is used: the closed form cancels there. */
const SMALL = -4;

/**
 * -log Z for a background known to σ: with c = σ²/(B + σ²) and g(r) = (1 + r) log(1 + r) - r,
 *
 *     Z² = 2B (g(S/B) - g(c S/B)/c)
 *
 * which is the formula of Cowan, Cranmer, Gross and Vitells (Cowan, "Discovery sensitivity for a counting experiment
 * with background uncertainty", 2012) in a form that does not cancel for small S/B or small σ. Far from the data it
 * has slopes of order one; without uncertainty it is `asimov`.
 */
export function asimovUncertain(logS: Tensor, logB: Tensor, uncertainty: BackgroundUncertainty): Tensor {
  const { relative = 0, absolute = 0 } = uncertainty;
  for (const [name, value] of Object.entries({ relative, absolute })) {
    if (typeof value !== "number" || (value >= 0 && value < Number.POSITIVE_INFINITY)) continue;
    const sentence = `The ${name} uncertainty of the background is ${value}: give a finite number from 0 up.`;
    throw new InputError("significance.uncertainty", sentence, { [name]: value });
  }
  const parts: Tensor[] = [];
  if (relative !== 0) parts.push(logOf(relative).mul(2).add(logB));
  if (absolute !== 0) parts.push(logOf(absolute).mul(2).sub(logB));
  const [a, b] = parts;
  if (!a) return asimov(logS, logB);
  // log σ²/B, and from it log c.
  const logC = logSigmoid(b ? a.add(softplus(b.sub(a))) : a);

  const t = logS.sub(logB);
  const isSmall = t.lt(SMALL);
  // Each branch sees only arguments that it is good for, so that none puts a NaN into the slope of the other.
  const small = where(isSmall, t, SMALL);
  const large = where(isSmall, SMALL, t);
  const [r, c] = [small.exp(), logC.exp()];
  const logSmall = small.mul(2).add(log(series(r).sub(c.mul(series(c.mul(r))))));
  const logLarge = large.add(log(perSignal(large).sub(perSignal(large.add(logC)))));
  return add(where(isSmall, logSmall, logLarge), logB)
    .add(Math.LN2)
    .mul(-0.5);
}

const logOf = (x: number | Tensor): Tensor => log(typeof x === "number" ? constant(x) : x);

/** g(x)/x² = Σ (-x)ʲ/((j+1)(j+2)) for small x. */
function series(x: Tensor): Tensor {
  let sum: Tensor = x.mul(0);
  for (let j = 9; j >= 0; j--) sum = sum.mul(x.neg()).add(1 / ((j + 1) * (j + 2)));
  return sum;
}

/** g(x)/x at x = exp(t). */
function perSignal(t: Tensor): Tensor {
  const isSmall = t.lt(SMALL);
  const x = where(isSmall, t, SMALL).exp();
  const large = where(isSmall, SMALL, t);
  return where(isSmall, x.mul(series(x)), large.neg().exp().add(1).mul(softplus(large)).sub(1));
}

/**
 * The median discovery significance of Asimov data as a number, for reports: `uncertainty` is σ of the background in
 * events (default 0). 0 without signal, infinite without background.
 */
export function asimovZ(signal: number, background: number, uncertainty = 0): number {
  if (!(signal > 0)) return 0;
  const variance = uncertainty ** 2;
  if (!(background > 0)) return Number.POSITIVE_INFINITY;
  const c = variance / (background + variance);
  const r = signal / background;
  return r * Math.sqrt(2 * background * (shape(r) - c * shape(c * r)));
}

/** g(x)/x², in either form. */
function shape(x: number): number {
  if (x > 0.02) return ((1 + x) * Math.log1p(x) - x) / x ** 2;
  let sum = 0;
  for (let j = 9; j >= 0; j--) sum = 1 / ((j + 1) * (j + 2)) - x * sum;
  return sum;
}
