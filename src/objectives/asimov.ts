import { add, mul, where } from "../core/elementary/arith.js";
import { log, log1p, logSigmoid, softplus } from "../core/elementary/exp.js";
import { InputError } from "../core/errors.js";
import { checkArguments, object, tensor } from "../core/graph/arguments.js";
import { constant, ranked } from "../core/graph/op.js";
import type { Joined, Rank } from "../core/graph/rank.js";
import type { Tensor } from "../core/graph/tensor.js";
import { checkOptions } from "../core/options.js";
import { CLOSE, nodes, significance, single, square } from "../physics/significance.js";
import type { BackgroundUncertainty, Objective } from "./objective.js";

/** Below this log(S/B) the series is used: the closed form cancels there. */
const SMALL = -4;

/**
 * -log Z from log S and log B, Z = √(2((S + B) log(1 + S/B) - S)) the median discovery significance of Asimov data
 * (Cowan, Cranmer, Gross, Vitells, arXiv:1007.1727, eq. 97). Z itself is `Math.exp(-loss)`.
 */
export function asimovLoss<A extends Rank, B extends Rank>(
  logS: Tensor<A>,
  logB: Tensor<B>,
): Tensor<Joined<A, B>> {
  checkArguments("asimovLoss", { logS: [logS, tensor], logB: [logB, tensor] });
  const t = logS.sub(logB);
  const isSmall = t.lt(SMALL);
  // Each branch sees only arguments that it is good for, so that none puts a NaN into the slope of the other.
  const small = where(isSmall, t, SMALL);
  const large = where(isSmall, SMALL, t);
  // Z² = 2B h(r), r = S/B: h = r²/2 · Σ 2(-r)ʲ/((j+1)(j+2)), or r·((1 + 1/r) log(1 + r) - 1).
  const r = small.exp();
  let series: Tensor = mul(r, 0);
  for (let j = 9; j >= 1; j--) series = series.add(2 / ((j + 1) * (j + 2))).mul(r.neg());
  const logSmall = small.mul(2).sub(Math.LN2).add(log1p(series));
  const logLarge = large.add(large.neg().exp().add(1).mul(softplus(large)).sub(1).log());
  const logZ2 = add(where(isSmall, logSmall, logLarge), logB).add(Math.LN2);
  return ranked(logZ2.mul(-0.5));
}

/**
 * -log Z for a background known to σ: with c = σ²/(B + σ²) and g(r) = (1 + r) log(1 + r) - r,
 *
 *     Z² = 2B (g(S/B) - g(c S/B)/c)
 *
 * which is the formula of Cowan, Cranmer, Gross and Vitells (Cowan, "Discovery sensitivity for a counting experiment
 * with background uncertainty", 2012) in a form that does not cancel for small S/B or small σ. Far from the data it
 * has slopes of order one; without uncertainty it is `asimov`.
 */
export function asimovUncertainLoss(logS: Tensor, logB: Tensor, uncertainty: BackgroundUncertainty): Tensor {
  checkArguments("asimovUncertainLoss", {
    logS: [logS, tensor],
    logB: [logB, tensor],
    uncertainty: [uncertainty, object],
  });
  checkOptions("asimovUncertainLoss", uncertainty, { relative: true, absolute: true });
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
  if (!a) return asimovLoss(logS, logB);
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

export const asimovObjective = {
  words: "the median discovery significance of Asimov data",
  better: "higher",
  scale: "log",
  yields: {
    uncertain: true,
    loss: asimovUncertainLoss,
    number: (signal, background, sigma) => significance(signal, background, sigma).asimov,
  },
  bins: {
    noun: "Asimov significance",
    words: "in quadrature, each uncertainty one of each bin by itself",
    loss({ signal, background, variance }) {
      const sigma = variance()?.sqrt();
      const each = asimovUncertainLoss(signal.log(), background.log(), sigma ? { absolute: sigma } : {});
      return each.mul(-2).logsumexp(0).mul(-0.5);
    },
    number({ signal, background, variance }) {
      const sigma = variance()?.map(Math.sqrt);
      const each = Array.from(signal, (s, i) => significance(s, background[i]!, sigma?.[i]).asimov);
      return { value: Math.hypot(...each), warnings: [] };
    },
  },
} satisfies Objective;
