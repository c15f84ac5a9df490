/**
 * Optimisers as optax has them: two pure functions, `init` and `update`, over trees of plain numbers.
 *
 * Everything here is allocated anew and nothing is changed in place, so a state can be kept, compared
 * and written to a file at any step.
 */

import { flatten, type IsLeaf, sameStructure, TreeError, unflatten } from "../core/tree.js";
import type { Schedule } from "./schedule.js";

/** What parameters, gradients and moments are made of. */
export type NumericLeaf = number | Float64Array;

/** A tree of numbers as it stands in a state. */
export type NumericTree = NumericLeaf | readonly NumericTree[] | { readonly [key: string]: NumericTree };

/**
 * An update rule. `S` is a plain tree of numbers and arrays, the same in every run of the same numbers.
 *
 * `update` turns gradients into what {@link applyUpdates} adds to the parameters; signs included.
 * Trees that do not match throw a `TreeError` that names the path.
 */
export interface GradientTransformation<S = unknown> {
  init(params: unknown): S;
  update<P>(grads: P, state: S, params: P): { updates: P; state: S };
}

/** The state of a rule that remembers nothing. */
export type EmptyState = Readonly<Record<string, never>>;

export const isNumeric: IsLeaf<NumericLeaf> = (value): value is NumericLeaf =>
  typeof value === "number" || value instanceof Float64Array;

export const numericWords = "numbers or Float64Arrays";

type Operand = { readonly name: string; readonly tree: unknown };

/**
 * `fn` of the numbers that stand at the same place in up to three trees, as a tree like the first.
 *
 * The names are those of the trees in messages. Arrays of one leaf must have one length.
 */
export function elementwise<T>(
  fn: (a: number, b: number, c: number) => number,
  first: { readonly name: string; readonly tree: T },
  second: Operand = first,
  third: Operand = first,
): T {
  const a = flatten(first.tree, isNumeric, first.name, numericWords);
  const b = second === first ? a : flattenLike(second, first.name, a);
  const c = third === first ? a : flattenLike(third, first.name, a);
  const leaves = a.leaves.map((x, leaf): NumericLeaf => {
    const y = b.leaves[leaf]!;
    const z = c.leaves[leaf]!;
    if (typeof x === "number") return fn(x, y as number, z as number);
    const out = new Float64Array(x.length);
    const ys = y as Float64Array;
    const zs = z as Float64Array;
    for (let i = 0; i < out.length; i++) out[i] = fn(x[i]!, ys[i]!, zs[i]!);
    return out;
  });
  return unflatten<T>(a.structure, leaves);
}

type FlatNumbers = ReturnType<typeof flatten<NumericLeaf>>;

function flattenLike(operand: Operand, wantName: string, want: FlatNumbers): FlatNumbers {
  const got = flatten(operand.tree, isNumeric, operand.name, numericWords);
  sameStructure(got.structure, want.structure, { got: operand.name, expected: wantName });
  got.leaves.forEach((leaf, i) => {
    const [is, should] = [sizeWords(leaf), sizeWords(want.leaves[i]!)];
    if (is === should) return;
    const path = got.paths[i]!;
    const sentence = `${path} is ${is} where ${want.paths[i]} is ${should}: make them the same.`;
    throw new TreeError("length", path, should, is, sentence);
  });
  return got;
}

const sizeWords = (leaf: NumericLeaf): string =>
  typeof leaf === "number" ? "a number" : `a Float64Array of length ${leaf.length}`;

/** A tree of zeros like `params`. */
export function zerosLike(params: unknown): NumericTree {
  return elementwise(() => 0, { name: "params", tree: params }) as NumericTree;
}

/** `params + updates`, leaf by leaf. */
export function applyUpdates<P>(params: P, updates: P): P {
  return elementwise((p, u) => p + u, { name: "params", tree: params }, { name: "updates", tree: updates });
}

/** A tree as one vector, in the order of its leaves. */
export interface Raveled<P> {
  readonly vector: Float64Array;
  /** The tree of the same structure with these numbers. */
  unravel(vector: Float64Array): P;
  /** The vector of another tree, which must have the same structure and lengths. */
  like(tree: P, name: string): Float64Array;
}

export function ravel<P>(tree: P, name = "params"): Raveled<P> {
  const flat = flatten(tree, isNumeric, name, numericWords);
  const sizes = flat.leaves.map((leaf) => (typeof leaf === "number" ? 1 : leaf.length));
  const size = sizes.reduce((sum, n) => sum + n, 0);
  return {
    vector: concatenate(flat.leaves, size),
    unravel(from) {
      let start = 0;
      const parts = flat.leaves.map((leaf, i): NumericLeaf => {
        const end = start + sizes[i]!;
        const part = typeof leaf === "number" ? from[start]! : from.slice(start, end);
        start = end;
        return part;
      });
      return unflatten<P>(flat.structure, parts);
    },
    like: (other, otherName) =>
      concatenate(flattenLike({ name: otherName, tree: other }, name, flat).leaves, size),
  };
}

function concatenate(leaves: readonly NumericLeaf[], size: number): Float64Array {
  const vector = new Float64Array(size);
  let offset = 0;
  for (const leaf of leaves) {
    if (typeof leaf === "number") vector[offset++] = leaf;
    else {
      vector.set(leaf, offset);
      offset += leaf.length;
    }
  }
  return vector;
}

/** Applies rules one after the other: the updates of each are the gradients of the next. */
export function chain(
  ...rules: readonly GradientTransformation[]
): GradientTransformation<readonly unknown[]> {
  return {
    init: (params) => rules.map((rule) => rule.init(params)),
    update: (grads, state, params) => {
      let updates = grads;
      const states = rules.map((rule, i) => {
        const result = rule.update(updates, state[i], params);
        updates = result.updates;
        return result.state;
      });
      return { updates, state: states };
    },
  };
}

/** Multiplies the updates by a constant. */
export function scale(factor: number): GradientTransformation<EmptyState> {
  return {
    init: () => ({}),
    update: (grads, state) => ({
      updates: elementwise((g) => factor * g, { name: "grads", tree: grads }),
      state,
    }),
  };
}

export interface ScheduleState {
  readonly count: number;
}

/** Multiplies the updates by `schedule(step)`; the first step is 0. */
export function scaleBySchedule(schedule: Schedule): GradientTransformation<ScheduleState> {
  return {
    init: () => ({ count: 0 }),
    update: (grads, { count }) => {
      const factor = schedule(count);
      const updates = elementwise((g) => factor * g, { name: "grads", tree: grads });
      return { updates, state: { count: count + 1 } };
    },
  };
}

/** Multiplies the updates by minus the learning rate: with it a chain descends. */
export function scaleByLearningRate(
  learningRate: number | Schedule,
): GradientTransformation<EmptyState | ScheduleState> {
  if (typeof learningRate === "number") return scale(-learningRate);
  return scaleBySchedule((step) => -learningRate(step)) as GradientTransformation<EmptyState | ScheduleState>;
}
