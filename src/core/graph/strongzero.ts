import { strongZeros } from "../agreed.js";
import { emit } from "./op.js";
import type { Instruction, NodeOf, Op } from "./record.js";
import type { Tensor } from "./tensor.js";

/**
 * Zeros of products that are strong: of the first factor, of the second. Where a mask made a cotangent 0, the other factor
 * may be infinite or NaN, and the product is 0. Every factor that is a cotangent has them, in every rule; so ops whose
 * kernels multiply carry them as an attribute, and elementwise rules use `safeMul` and `zeroMul`.
 */
export const FIRST = strongZeros.first;
export const SECOND = strongZeros.second;

/** Attributes of a product. */
export type Strong = { readonly strong?: number | undefined };

/** The attribute of {@link FIRST} and {@link SECOND}; none for a product of values alone. */
export const strongOf = (node: NodeOf<Strong>): number => node.attrs.strong ?? 0;

/** Attributes with these zeros strong. */
export function withStrong<A extends object>(attrs: A, strong: number): A & Strong {
  return { ...attrs, strong: strong || undefined };
}

/** {@link Op.strong} of a product of arguments 0 and 1 that has the attribute. */
export const strongProduct =
  <A extends Strong>(op: () => Op<A>) =>
  (args: readonly Tensor[], attrs: A, [first, second]: readonly boolean[]): Tensor | null => {
    const strong = (attrs.strong ?? 0) | (first ? FIRST : 0) | (second ? SECOND : 0);
    return first && second ? null : emit(op(), args, withStrong(attrs, strong));
  };

/** A product as references compute it. */
export const product = (a: number, b: number, strong: number): number =>
  (strong & FIRST && a === 0) || (strong & SECOND && b === 0) ? 0 : a * b;

/** The instruction of a node: where zeros are strong that of the masked kernel, whose last word says whose. */
export function productInstruction(
  node: NodeOf<Strong>,
  kernel: string,
  words: readonly number[],
): Instruction {
  const strong = strongOf(node);
  return strong ? [`${kernel}Masked`, ...words, strong] : [kernel, ...words];
}
