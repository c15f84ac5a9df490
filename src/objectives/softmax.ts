import { count } from "../core/elementary/fold.js";
import { checkArguments, tensor } from "../core/graph/arguments.js";
import type { Scalar, Tensor } from "../core/graph/tensor.js";
import { checkOptions } from "../core/options.js";
import type { Objective } from "./objective.js";
import { type SampleWeights, scalarScore, weighted } from "./scores.js";

/**
 * The reference notebooks' loss: -Σ over signal events of log softmax(u), u = sigmoid(score), the softmax going over
 * all events of both samples. Written as what it is: sums of exp(u) over both tables, then a map and a sum.
 *
 * Scores are the outputs of the model per event, without axes; the outer sigmoid is part of the loss. A weight w
 * counts an event w times.
 */
export function softmaxLoss(signal: Tensor, background: Tensor, weights: SampleWeights = {}): Scalar {
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

export const softmaxObjective = {
  words: "the softmax over all events of the reference notebooks",
  better: "lower",
  scale: "linear",
  events: { score: "output", loss: softmaxLoss },
} satisfies Objective;
