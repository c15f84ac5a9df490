import { checkArguments, tensor } from "../core/legal.js";
import type { Tensor } from "../core/tensor.js";
import { softplus } from "../ops/exp.js";
import { significance } from "../physics/significance.js";
import type { Objective } from "./objective.js";

/** -log(S/√(S+B)), with slopes of order one however far outside the data a cut starts. */
export function sOverSqrtSB(logS: Tensor, logB: Tensor): Tensor {
  checkArguments("sOverSqrtSB", { logS: [logS, tensor], logB: [logB, tensor] });
  return logB
    .add(softplus(logS.sub(logB)))
    .mul(0.5)
    .sub(logS);
}

export const sOverSqrtSBObjective = {
  words: "S/√(S+B)",
  better: "higher",
  scale: "log",
  yields: {
    loss: sOverSqrtSB,
    number: (signal, background) => significance(signal, background).sOverSqrtSB,
  },
} satisfies Objective;
