import { maximum } from "../core/elementary/arith.js";
import { checkArguments, optional, tensor } from "../core/graph/arguments.js";
import type { Tensor } from "../core/graph/tensor.js";
import { scalarScore } from "./scores.js";

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
 * `logYield` for weights of both signs: log Σ w·exp(x), but no less than the log of `least` times Σ |w|·exp(x). Where
 * a soft cut keeps mostly negative weights, the yield is held there and its slope is that of all events.
 */
export function heldLogYield(logWeight: Tensor, weight: Tensor, least = 1e-3): Tensor {
  checkArguments("heldLogYield", { logWeight: [logWeight, tensor], weight: [weight, tensor] });
  const x = scalarScore("heldLogYield", logWeight);
  // The largest x cancels in value and slope; it only keeps exp in range.
  const largest = x.max("events").stopGradient();
  const soft = x.sub(largest).exp();
  const sum = soft.mul(weight).sum();
  const absolute = soft.mul(weight.abs()).sum();
  return maximum(sum, absolute.mul(least)).log().add(largest);
}
