import { maximum } from "../core/elementary/arith.js";
import { log1p, softplus } from "../core/elementary/exp.js";
import { count } from "../core/elementary/fold.js";
import { checkArguments, tensor } from "../core/graph/arguments.js";
import type { Scalar, Tensor } from "../core/graph/tensor.js";
import { checkOptions } from "../core/options.js";
import type { Objective } from "./objective.js";
import { type SampleWeights, scalarScore, weighted } from "./scores.js";

/** What the scores are, and the weights of the events. */
export interface BceOptions extends SampleWeights {
  /** What the scores are: logits (default), or probabilities in [0, 1]. */
  readonly from?: "logits" | "probabilities";
}

/** log p is held above this for probabilities, as PyTorch's BCELoss does it, so that 0 and 1 cost a finite amount. */
const LEAST_LOG = -100;

/** Binary cross-entropy, the mean over all events: signal is 1, background 0. Scores per event, without axes. */
export function bceLoss(signal: Tensor, background: Tensor, options: BceOptions = {}): Scalar {
  checkArguments("bceLoss", { signal: [signal, tensor], background: [background, tensor] });
  checkOptions("bceLoss", options, { from: true, signal: true, background: true });
  const [s, b] = [scalarScore("bceLoss", signal), scalarScore("bceLoss", background)];
  const held = (x: Tensor) => maximum(x, LEAST_LOG).neg();
  const [costS, costB] =
    options.from === "probabilities"
      ? [held(s.log()), held(log1p(b.neg()))]
      : [softplus(s.neg()), softplus(b)];
  const events = (x: Tensor, w: Tensor | undefined) => (w ? w.sum() : count(x));
  const cost = weighted(costS, options.signal).sum().add(weighted(costB, options.background).sum());
  return cost.div(events(s, options.signal).add(events(b, options.background)));
}

export const bceObjective = {
  words: "the cross-entropy of events, their mean",
  better: "lower",
  scale: "linear",
  events: { score: "logit", loss: bceLoss },
} satisfies Objective;
