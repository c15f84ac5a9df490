import { checkArguments, tensor } from "../core/graph/arguments.js";
import { ranked } from "../core/graph/op.js";
import type { Joined, Rank } from "../core/graph/rank.js";
import type { Tensor } from "../core/graph/tensor.js";
import { significance } from "../physics/significance.js";
import type { Objective } from "./objective.js";

/**
 * -log(S/√B) from log S and log B: least where S/√B is largest. The logarithm makes its slope that of logarithms,
 * which is of order one however far outside the data a cut starts; S/√B itself is `Math.exp(-loss)`.
 */
export function sOverSqrtBLoss<A extends Rank, B extends Rank>(
  logS: Tensor<A>,
  logB: Tensor<B>,
): Tensor<Joined<A, B>> {
  checkArguments("sOverSqrtBLoss", { logS: [logS, tensor], logB: [logB, tensor] });
  return ranked(logB.mul(0.5).sub(logS));
}

export const sOverSqrtBObjective = {
  words: "S/√B",
  better: "higher",
  scale: "log",
  yields: {
    loss: sOverSqrtBLoss,
    number: (signal, background) => significance(signal, background).sOverSqrtB,
  },
} satisfies Objective;
