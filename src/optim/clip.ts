import { checkArgument, limit } from "../core/graph/arguments.js";
import { flatten, unflatten } from "../core/tree.js";
import {
  asArray,
  type EmptyState,
  elementwise,
  type GradientTransformation,
  isNumeric,
  numericWords,
  ravel,
} from "./transformation.js";

/** Holds every component in [-most, most]. */
export function clip(most: number): GradientTransformation<EmptyState> {
  checkArgument("clipGradients", "most", most, limit);
  return {
    init: () => ({}),
    update: (grads, state) => ({
      updates: elementwise((g) => Math.min(Math.max(g, -most), most), { name: "grads", tree: grads }),
      state,
    }),
  };
}

/** The root of the sum of all squares in a tree. */
export function globalNorm(tree: unknown): number {
  return Math.sqrt(ravel(tree, "tree").vector.reduce((sum, x) => sum + x * x, 0));
}

/** Shortens the gradient as a whole to the norm `most` where it is longer (Pascanu et al., arXiv:1211.5063). */
export function clipByGlobalNorm(most: number): GradientTransformation<EmptyState> {
  checkArgument("clipByGlobalNorm", "most", most, limit);
  return {
    init: () => ({}),
    update: (grads, state) => {
      const norm = globalNorm(grads);
      // Nothing has no direction to be shortened along.
      if (norm < most || norm === 0) return { updates: grads, state };
      return { updates: elementwise((g) => (g / norm) * most, { name: "grads", tree: grads }), state };
    },
  };
}

export interface ZeroNansState {
  /** True at each leaf that held a NaN in the latest gradients. */
  readonly foundNan: unknown;
}

/**
 * Puts 0 in place of NaN, and notes where; a training with it in front of its rule goes on after such gradients. Behind
 * a rule with moments it comes too late for these.
 */
export function zeroNans(): GradientTransformation<ZeroNansState> {
  const found = (tree: unknown): unknown => {
    const { structure, leaves } = flatten(tree, isNumeric, "grads", numericWords);
    const isBad = leaves.map((g) => asArray(g).some(Number.isNaN));
    return unflatten(structure, isBad);
  };
  return {
    takesNotFinite: true,
    init: (params) => ({ foundNan: found(elementwise(() => 0, { name: "params", tree: params })) }),
    update: (grads) => ({
      updates: elementwise((g) => (Number.isNaN(g) ? 0 : g), { name: "grads", tree: grads }),
      state: { foundNan: found(grads) },
    }),
  };
}
