import { InputError } from "../core/errors.js";
import { checkArguments, optional, tensor } from "../core/legal.js";
import { checkOptions } from "../core/options.js";
import type { Tensor } from "../core/tensor.js";
import { add, maximum, mul, where } from "../ops/arith.js";
import { log1p, softplus } from "../ops/exp.js";
import { count } from "../ops/fold.js";

/** Event weights of the two samples, where they have any. */
export interface SampleWeights {
  readonly signal?: Tensor | undefined;
  readonly background?: Tensor | undefined;
}

/**
 * The reference notebooks' loss: -Σ over signal events of log softmax(u), u = sigmoid(score), the softmax going over
 * all events of both samples. Written as what it is: sums of exp(u) over both tables, then a map and a sum.
 *
 * Scores are the outputs of the model per event, without axes; the outer sigmoid is part of the loss. A weight w
 * counts an event w times.
 */
export function softmaxLoss(signal: Tensor, background: Tensor, weights: SampleWeights = {}): Tensor {
  checkArguments("softmaxLoss", { signal: [signal, tensor], background: [background, tensor] });
  checkOptions("softmaxLoss", weights, { signal: true, background: true });
  const [u, v] = [
    scalarScore("softmaxLoss", signal).sigmoid(),
    scalarScore("softmaxLoss", background).sigmoid(),
  ];
  const total = weighted(u.exp(), weights.signal).sum().add(weighted(v.exp(), weights.background).sum());
  const events = weights.signal ? weights.signal.sum() : count(u);
  return events.mul(total.log()).sub(weighted(u, weights.signal).sum());
}

export interface BceOptions extends SampleWeights {
  /** What the scores are: logits (default), or probabilities in [0, 1]. */
  readonly from?: "logits" | "probabilities";
}

/** log p is held above this for probabilities, as PyTorch's BCELoss does it, so that 0 and 1 cost a finite amount. */
const LEAST_LOG = -100;

/** Binary cross-entropy, the mean over all events: signal is 1, background 0. Scores per event, without axes. */
export function bce(signal: Tensor, background: Tensor, options: BceOptions = {}): Tensor {
  checkArguments("bce", { signal: [signal, tensor], background: [background, tensor] });
  checkOptions("bce", options, { from: true, signal: true, background: true });
  const [s, b] = [scalarScore("bce", signal), scalarScore("bce", background)];
  const held = (x: Tensor) => maximum(x, LEAST_LOG).neg();
  const [costS, costB] =
    options.from === "probabilities"
      ? [held(s.log()), held(log1p(b.neg()))]
      : [softplus(s.neg()), softplus(b)];
  const events = (x: Tensor, w: Tensor | undefined) => (w ? w.sum() : count(x));
  const cost = weighted(costS, options.signal).sum().add(weighted(costB, options.background).sum());
  return cost.div(events(s, options.signal).add(events(b, options.background)));
}

/**
 * log Σ w·exp(x) over events: the logarithm of a yield from that of soft weights, as `cut.logSoft` gives them. It
 * has a slope where the yield itself underflows. Weights may be negative, their sum here may not.
 */
export function logYield(logWeight: Tensor, weight?: Tensor): Tensor {
  checkArguments("logYield", { logWeight: [logWeight, tensor], weight: [weight, optional(tensor)] });
  const x = scalarScore("logYield", logWeight);
  if (!weight) return x.logsumexp("events");
  // The largest x cancels in value and slope; it only keeps exp in range.
  const largest = x.max("events").stopGradient();
  return x.sub(largest).exp().mul(weight).sum().log().add(largest);
}

/**
 * -log(S/√B) from log S and log B: least where S/√B is largest. The logarithm makes its slope that of logarithms,
 * which is of order one however far outside the data a cut starts; S/√B itself is `Math.exp(-loss)`.
 */
export function sOverSqrtB(logS: Tensor, logB: Tensor): Tensor {
  checkArguments("sOverSqrtB", { logS: [logS, tensor], logB: [logB, tensor] });
  return logB.mul(0.5).sub(logS);
}

/** Below this log(S/B) the series is used: the closed form cancels there. */
const SMALL = -4;

/**
 * -log Z from log S and log B, Z = √(2((S + B) log(1 + S/B) - S)) the median discovery significance of Asimov data
 * (Cowan, Cranmer, Gross, Vitells, arXiv:1007.1727, eq. 97). Z itself is `Math.exp(-loss)`.
 */
export function asimov(logS: Tensor, logB: Tensor): Tensor {
  checkArguments("asimov", { logS: [logS, tensor], logB: [logB, tensor] });
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
  return add(where(isSmall, logSmall, logLarge), logB)
    .add(Math.LN2)
    .mul(-0.5);
}

const weighted = (x: Tensor, weight: Tensor | undefined): Tensor => (weight ? x.mul(weight) : x);

/** A score without inner axes; [1], as networks give it, is taken too. */
function scalarScore(what: string, x: Tensor): Tensor {
  if (x.shape.length === 0) return x;
  if (x.size === 1) return x.reshape([]);
  throw new InputError(
    "objective.score",
    `'${what}' takes one score per event, but got [${x.shape.join(", ")}]; take one with .at(i), or sum over the axis`,
    { shape: x.shape },
  );
}
