import type { Attrs } from "./attrs.js";
import type { NodeOf } from "./record.js";
import type { Tensor } from "./tensor.js";

/** A layer of what a host computes: activation(Wᵀx + b), W [inputs, outputs]. */
export interface HostLayer {
  readonly inputs: number;
  readonly outputs: number;
  readonly activation: "none" | "relu" | "tanh" | "sigmoid";
  readonly bias: boolean;
}

/**
 * How a node is computed by a host, outside of the tape, for many rows at once. Its arguments with rows are what the host is
 * given; small ones are the parameters of the layers, W and b of each.
 */
export interface HostWork<A extends Attrs = Attrs> {
  /** Forward has one argument with rows, reverse two: the inputs, and cotangents of what came out. */
  readonly kind: "forward" | "reverse";
  layers(node: NodeOf<A>): readonly HostLayer[];
}

/** Whether a host computes a node. */
export const isHosted = (t: Tensor): boolean => t.op.lowering?.host !== undefined;
