// The optimizers of the command line, with their default rates and settings.

import {
  adagrad,
  adam,
  adamw,
  lbfgs,
  lion,
  nadam,
  type Optimizer,
  radam,
  rmsprop,
  type Schedule,
  sgd,
} from "../index.js";
import { defaultDecays, type OptimizerName, takesDecay } from "./optimizernames.js";

/** What can be said about an optimizer beside its name and its rate. */
export type OptimizerSettings = {
  optimizer: OptimizerName;
  /** null: the default rate. */
  lr: number | null;
  steps: number;
  momentum?: number | null;
  nesterov?: boolean;
  /** null: the default of the optimizer. */
  weightDecay?: number | null;
  /** Whether thresholds may start far outside the data. */
  outside?: boolean;
};

/** lbfgs has none: it searches along each step. Lion's steps all have the length of the rate; those of adagrad shrink. */
const defaultRates: Record<Exclude<OptimizerName, "lbfgs">, number> = {
  ...{ adam: 0.01, adamw: 0.01, nadam: 0.01, radam: 0.01, rmsprop: 0.01, sgd: 0.01 },
  ...{ adagrad: 0.1, lion: 0.001 },
};

/** Slopes from far outside the data are smaller than what Adam's relatives take for 0 (1e-8). */
const farEps = 1e-20;

/** Weights of the network decay; its biases and thresholds do not, whose 0 is nothing special. */
const isWeight = (path: string): boolean => /^net\b.*\.w$/.test(path);

export function optimizerOf(settings: OptimizerSettings): Optimizer {
  const { optimizer, lr, steps, momentum, nesterov = false, weightDecay, outside = false } = settings;
  if (optimizer === "lbfgs") return lbfgs({ maxSteps: steps + 1 });
  const rate: number | Schedule = lr ?? defaultRates[optimizer];
  const moving = momentum === undefined || momentum === null ? {} : { momentum, nesterov };
  const eps = outside ? { eps: farEps } : {};
  const decay = (name: keyof typeof defaultDecays) => ({
    weightDecay: weightDecay ?? defaultDecays[name],
    mask: isWeight,
  });
  switch (optimizer) {
    case "adam":
      return adam(rate, eps);
    case "adamw":
      return adamw(rate, { ...eps, ...decay("adamw") });
    case "nadam":
      return nadam(rate, eps);
    case "radam":
      return radam(rate, eps);
    case "rmsprop":
      return rmsprop(rate, { ...moving, ...(outside ? { eps: farEps ** 2 } : {}) });
    case "adagrad":
      return adagrad(rate);
    case "lion":
      return lion(rate, decay("lion"));
    case "sgd":
      return sgd(rate, moving);
    default:
      return optimizer satisfies never;
  }
}

/** The optimizer in words: "sgd, rate 0.01, momentum 0.9". */
export function optimizerWords(settings: OptimizerSettings): string {
  const { optimizer, lr, momentum, nesterov, weightDecay } = settings;
  if (optimizer === "lbfgs") return optimizer;
  return [
    optimizer,
    `rate ${lr ?? defaultRates[optimizer]}`,
    ...(momentum ? [`${nesterov ? "Nesterov " : ""}momentum ${momentum}`] : []),
    ...(takesDecay(optimizer) ? [`weight decay ${weightDecay ?? defaultDecays[optimizer]}`] : []),
  ].join(", ");
}
