import { where } from "../core/elementary/arith.js";
import { ranked } from "../core/graph/op.js";
import type { Rank } from "../core/graph/rank.js";
import type { Scalar, Tensor } from "../core/graph/tensor.js";
import { InferenceError } from "./inferenceerror.js";

const isScalar = (t: Tensor): t is Scalar => t.axis === null && t.shape.length === 0;

/** A Tensor that is one number; an InferenceError where it is more. */
export function scalar(t: Tensor): Scalar {
  if (isScalar(t)) return t;
  throw new InferenceError(
    "infer.scalar",
    `an answer has the shape [${t.shape}] where it should be one number`,
    {
      shape: t.shape,
    },
  );
}

/**
 * The answer of fits that ended with `status`: itself where all converged. Else it is NaN, and so are its derivatives:
 * what a fit did not find must not be trained on. An answer that is clipped may have lost its way back to what it was made
 * of; `value` of the fits has it still.
 */
export function answered<R extends Rank>(answer: Tensor<R>, status: Tensor, value?: Tensor): Tensor<R> {
  const found = status.eq(0);
  const known = answer.mul(where(found, 1, Number.NaN));
  return ranked(value ? known.add(where(found, 0, value.mul(Number.NaN))) : known);
}

/** The same for each member of a tree of tensors. */
export function allAnswered<K extends string, R extends Rank>(
  tree: Record<K, Tensor<R>>,
  status: Tensor,
): Record<K, Tensor<R>> {
  const all = { ...tree };
  for (const key in all) all[key] = answered(all[key], status);
  return all;
}

/** The worst of several statuses. */
export const worst = (first: Tensor, ...others: readonly Tensor[]): Tensor =>
  others.reduce((a, b) => a.maximum(b), first);
