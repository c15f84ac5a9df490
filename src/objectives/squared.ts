import { count } from "../core/elementary/fold.js";
import { checkArguments, tensor } from "../core/graph/arguments.js";
import type { Scalar, Tensor } from "../core/graph/tensor.js";
import { checkOptions } from "../core/options.js";
import type { Objective } from "./objective.js";
import { type SampleWeights, scalarScore } from "./scores.js";

/** The mean of (score - target)² over all events: 1 for signal, 0 for background. Scores per event, without axes. */
export function squaredLoss(signal: Tensor, background: Tensor, weights: SampleWeights = {}): Scalar {
  checkArguments("squaredLoss", { signal: [signal, tensor], background: [background, tensor] });
  checkOptions("squaredLoss", weights, { signal: true, background: true });
  const part = (score: Tensor, target: number, weight: Tensor | undefined) => {
    const cost = scalarScore("squaredLoss", score).sub(target).square();
    return { cost: (weight ? cost.mul(weight) : cost).sum(), events: weight ? weight.sum() : count(cost) };
  };
  const [s, b] = [part(signal, 1, weights.signal), part(background, 0, weights.background)];
  return s.cost.add(b.cost).div(s.events.add(b.events));
}

export const squaredObjective = {
  words: "the square of score - target, its mean; targets are 1 and 0",
  better: "lower",
  scale: "linear",
  events: { score: "probability", loss: squaredLoss },
} satisfies Objective;
