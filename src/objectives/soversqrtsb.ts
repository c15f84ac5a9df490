import { softplus } from "../core/elementary/exp.js";
import { checkArguments, tensor } from "../core/graph/arguments.js";
import { ranked } from "../core/graph/op.js";
import type { Joined, Rank } from "../core/graph/rank.js";
import type { Tensor } from "../core/graph/tensor.js";
import { significance } from "../physics/significance.js";
import type { Objective } from "./objective.js";

/** -log(S/√(S+B)), with slopes of order one however far outside the data a cut starts. */
export function sOverSqrtSBLoss<A extends Rank, B extends Rank>(
  logS: Tensor<A>,
  logB: Tensor<B>,
): Tensor<Joined<A, B>> {
  checkArguments("sOverSqrtSBLoss", { logS: [logS, tensor], logB: [logB, tensor] });
  const sum = logB.add(softplus(logS.sub(logB)));
  return ranked(sum.mul(0.5).sub(logS));
}

export const sOverSqrtSBObjective = {
  words: "S/√(S+B)",
  better: "higher",
  scale: "log",
  yields: {
    loss: sOverSqrtSBLoss,
    number: (signal, background) => significance(signal, background).sOverSqrtSB,
  },
} satisfies Objective;
