import { InputError } from "../core/errors.js";
import { checkArguments, tensor } from "../core/legal.js";
import { checkOptions } from "../core/options.js";
import type { Tensor } from "../core/tensor.js";
import { count } from "../ops/fold.js";
import type { SampleWeights } from "./objectives.js";

/** The mean of (score - target)² over all events: 1 for signal, 0 for background. Scores per event, without axes. */
export function squaredLoss(signal: Tensor, background: Tensor, weights: SampleWeights = {}): Tensor {
  checkArguments("squaredLoss", { signal: [signal, tensor], background: [background, tensor] });
  checkOptions("squaredLoss", weights, { signal: true, background: true });
  const part = (score: Tensor, target: number, weight: Tensor | undefined) => {
    const cost = perEvent(score).sub(target).square();
    return { cost: (weight ? cost.mul(weight) : cost).sum(), events: weight ? weight.sum() : count(cost) };
  };
  const [s, b] = [part(signal, 1, weights.signal), part(background, 0, weights.background)];
  return s.cost.add(b.cost).div(s.events.add(b.events));
}

/** A score without inner axes; [1], as networks give it, is taken too. */
function perEvent(x: Tensor): Tensor {
  if (x.size === 1) return x.reshape([]);
  throw new InputError(
    "objective.score",
    `'squaredLoss' takes one score per event, but got [${x.shape.join(", ")}]; take one with .at(i), or sum over the axis`,
    { shape: x.shape },
  );
}
