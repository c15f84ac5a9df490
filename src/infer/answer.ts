import type { Tensor } from "../core/tensor.js";
import { where } from "../ops/arith.js";

/**
 * The answer of fits that ended with `status`: itself where all converged. Else it is NaN, and so are its derivatives:
 * what a fit did not find must not be trained on. An answer that is clipped may have lost its way back to what it was made
 * of; `value` of the fits has it still.
 */
export function answered<T extends Tensor>(answer: T, status: Tensor, value?: Tensor): T {
  const found = status.eq(0);
  const known: Tensor = answer.mul(where(found, 1, Number.NaN));
  return (value ? known.add(where(found, 0, value.mul(Number.NaN))) : known) as T;
}

/** The same for each member of a tree of tensors. */
export function allAnswered<T extends object>(tree: T, status: Tensor): T {
  const members = Object.entries(tree).map(([key, t]) => [key, answered(t as Tensor, status)]);
  return Object.fromEntries(members) as T;
}

/** The worst of several statuses. */
export const worst = (first: Tensor, ...others: readonly Tensor[]): Tensor =>
  others.reduce((a, b) => a.maximum(b), first);
