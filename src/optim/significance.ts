/** Significances as losses beyond those of objectives.ts: -log of each from log S and log B, least where it is largest. */

import { InputError } from "../core/errors.js";
import { checkArguments, object, tensor } from "../core/legal.js";
import { constant } from "../core/op.js";
import { checkOptions } from "../core/options.js";
import type { Tensor } from "../core/tensor.js";
import { add, where } from "../ops/arith.js";
import { log, logSigmoid, softplus } from "../ops/exp.js";
import { CLOSE, nodes, single, square } from "../physics/significance.js";
import { asimov } from "./objectives.js";

/** -log(S/√(S+B)), with slopes of order one however far outside the data a cut starts. */
export function sOverSqrtSB(logS: Tensor, logB: Tensor): Tensor {
  checkArguments("sOverSqrtSB", { logS: [logS, tensor], logB: [logB, tensor] });
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
  checkArguments("asimovUncertain", {
    logS: [logS, tensor],
    logB: [logB, tensor],
    uncertainty: [uncertainty, object],
  });
  checkOptions("asimovUncertain", uncertainty, { relative: true, absolute: true });
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
  // log σ²/B, and from it the logarithms of c and 1 - c.
  const ratio = b ? a.add(softplus(b.sub(a))) : a;
  const [logC, logD] = [logSigmoid(ratio), logSigmoid(ratio.neg())];

  // Each branch sees only arguments that it is good for, so that none puts a NaN into the slope of the other.
  const t = logS.sub(logB);
  const isSmall = t.lt(SMALL);
  const [small, large] = [where(isSmall, t, SMALL), where(isSmall, SMALL, t)];
  const isClose = logD.lt(CLOSE);
  const far = distant(small, large, where(isClose, -Math.LN2, logC));
  const close = near(small, large, where(isClose, logD, CLOSE));
  const logH = where(isSmall, where(isClose, close.small, far.small), where(isClose, close.large, far.large));
  return add(logH, logB).add(Math.LN2).mul(-0.5);
}

interface Branches {
  /** For log(S/B) below SMALL, and from there on. */
  readonly small: Tensor;
  readonly large: Tensor;
}

/** log(g(r) - g(cr)/c) as it stands: r²(G(r) - c·G(cr)) with G = g/x², or r(K(r) - K(cr)) with K = g/x. */
function distant(small: Tensor, large: Tensor, logC: Tensor): Branches {
  const [r, c] = [small.exp(), logC.exp()];
  return {
    small: small.mul(2).add(log(series(r, square).sub(c.mul(series(c.mul(r), square))))),
    large: large.add(log(perSignal(large).sub(perSignal(large.add(logC))))),
  };
}

/** The same for c near 1, as (1 - c) r² times the mean of K'(x) = (x - log(1 + x))/x² from cr to r. */
function near(small: Tensor, large: Tensor, logD: Tensor): Branches {
  const d = logD.exp();
  const mean = (f: (share: Tensor) => Tensor) =>
    nodes.map(([s, w]) => f(d.mul(s - 1).add(1)).mul(w)).reduce((x, y) => x.add(y));
  const r = small.exp();
  // x K'(x) at x = exp(u).
  const scaled = (u: Tensor) => softplus(u).mul(u.neg().exp()).neg().add(1);
  return {
    small: small
      .mul(2)
      .add(logD)
      .add(log(mean((share) => series(r.mul(share), single)))),
    large: large.add(logD).add(log(mean((share) => scaled(large.add(log(share))).div(share)))),
  };
}

const logOf = (x: number | Tensor): Tensor => log(typeof x === "number" ? constant(x) : x);

/** Σ coefficient(j)·(-x)ʲ for small x. */
function series(x: Tensor, coefficient: (j: number) => number): Tensor {
  let sum: Tensor = x.mul(0);
  for (let j = 9; j >= 0; j--) sum = sum.mul(x.neg()).add(coefficient(j));
  return sum;
}

/** g(x)/x at x = exp(t). */
function perSignal(t: Tensor): Tensor {
  const isSmall = t.lt(SMALL);
  const x = where(isSmall, t, SMALL).exp();
  const large = where(isSmall, SMALL, t);
  return where(isSmall, x.mul(series(x, square)), large.neg().exp().add(1).mul(softplus(large)).sub(1));
}
