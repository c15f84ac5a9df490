import { checkArgument } from "../core/graph/arguments.js";
import type { Mask } from "./labels.js";
import { masked } from "./partition.js";
import type { Schedule } from "./schedule.js";
import { aLabelTree, decay } from "./settings.js";
import {
  type EmptyState,
  elementwise,
  type GradientTransformation,
  type ScheduleState,
} from "./transformation.js";

/** Adds `weightDecay` times the parameter to its gradient (optax's `add_decayed_weights`). */
export function addDecayedWeights(weightDecay: number | Schedule = 0, mask?: Mask): GradientTransformation {
  checkArgument("addDecayedWeights", "weightDecay", weightDecay, decay);
  if (mask !== undefined) checkArgument("addDecayedWeights", "mask", mask, aLabelTree);
  const rule: GradientTransformation<ScheduleState | EmptyState> = {
    init: () => (typeof weightDecay === "function" ? { count: 0 } : {}),
    update: (grads, state, params) => {
      const count = "count" in state ? (state.count as number) : 0;
      const factor = typeof weightDecay === "function" ? weightDecay(count) : weightDecay;
      const updates = elementwise(
        (g, p) => g + factor * p,
        { name: "grads", tree: grads },
        { name: "params", tree: params },
      );
      return { updates, state: "count" in state ? { count: count + 1 } : state };
    },
  };
  return mask === undefined ? (rule as GradientTransformation) : masked(rule as GradientTransformation, mask);
}
