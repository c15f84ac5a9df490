/** The optimizers of the command line, with their settings. */

import type { Optimizer } from "../../index.js";
import { type RuleName, ruleNames, rules } from "../../optim/rules.js";
import { alternatives } from "../../text/alternatives.js";
import type { Given } from "../line/parseline.js";
import type { TrainOptions } from "./trainoptions.js";

/** What can be said about an optimizer beside its name and its rate. */
export interface OptimizerSettings {
  optimizer: RuleName;
  /** null: the default rate. */
  lr: number | null;
  steps: number;
  momentum?: number | null;
  nesterov?: boolean;
  /** null: the default of the optimizer. */
  weightDecay?: number | null;
  /** Whether thresholds may start far outside the data. */
  outside?: boolean;
}

const namesOf = (key: "momentum" | "weightDecay") =>
  alternatives(
    ruleNames.filter((name) => rules[name][key] !== undefined),
    "and",
  );

/** Throws UsageError for settings that the chosen optimizer does not have. */
export function refuseSettings(given: Given<TrainOptions>, optimizer: RuleName): void {
  const refuse = (option: keyof TrainOptions, sentence: string) => {
    throw given.conflict(option, sentence);
  };
  const { momentum, weightDecay } = rules[optimizer];
  if (given.has("momentum") && !momentum)
    refuse("momentum", `--momentum is of --optimizer ${namesOf("momentum")}, not ${optimizer}`);
  if (given.has("nesterov") && !given.has("momentum"))
    refuse("nesterov", "--nesterov looks ahead along the momentum: give --momentum, as 0.9");
  if (given.has("weight-decay") && weightDecay === undefined)
    refuse("weight-decay", `--weight-decay is of --optimizer ${namesOf("weightDecay")}, not ${optimizer}`);
  if (given.has("weight-decay") && !given.has("net"))
    refuse("weight-decay", "--weight-decay shrinks the weights of a network: give --net");
}

/** Weights of the network decay; its biases and thresholds do not, whose 0 is nothing special. */
const isWeight = (path: string): boolean => /^net\b.*\.w$/.test(path);

export function optimizerOf(settings: OptimizerSettings): Optimizer {
  const { optimizer, lr, steps, momentum, nesterov = false, weightDecay, outside = false } = settings;
  const rule = rules[optimizer];
  return rule.make({
    rate: lr ?? rule.rate ?? 0,
    steps,
    momentum: momentum ?? undefined,
    nesterov,
    weightDecay: weightDecay ?? rule.weightDecay ?? 0,
    weights: isWeight,
    tiny: outside,
  });
}

/** The optimizer in words: "sgd, rate 0.01, momentum 0.9". */
export function optimizerWords(settings: OptimizerSettings): string {
  const { optimizer, lr, momentum, nesterov, weightDecay } = settings;
  const rule = rules[optimizer];
  if (rule.rate === null) return optimizer;
  return [
    optimizer,
    `rate ${lr ?? rule.rate}`,
    ...(momentum ? [`${nesterov ? "Nesterov " : ""}momentum ${momentum}`] : []),
    ...(rule.weightDecay === undefined ? [] : [`weight decay ${weightDecay ?? rule.weightDecay}`]),
  ].join(", ");
}
