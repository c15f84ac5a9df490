/**
 * Optimisers as optax has them: two pure functions, `init` and `update`, over trees of plain numbers.
 *
 * Everything here is allocated anew and nothing is changed in place, so a state can be kept, compared
 * and written to a file at any step.
 */

import { checkArgument, finite } from "../core/graph/arguments.js";
import { NdArray } from "../core/run/ndarray.js";
import { sameStructure } from "../core/sametree.js";
import { flatten, type IsLeaf, leavesLike, type Structure, TreeError, unflatten } from "../core/tree.js";
import type { Schedule } from "./schedule.js";
import { aSchedule, rate, updateRule } from "./settings.js";

/** What parameters, gradients and moments are made of. */
export type NumericLeaf = number | Float64Array | NdArray;

/** A tree of numbers as it stands in a state. */
export type NumericTree = NumericLeaf | readonly NumericTree[] | { readonly [key: string]: NumericTree };

/**
 * An update rule. `S` is a plain tree of numbers and arrays, the same in every run of the same numbers.
 *
 * `update` turns gradients into what {@link applyUpdates} adds to the parameters; signs included.
 * Trees that do not match throw a `TreeError` that names the path.
 */
export interface GradientTransformation<S = unknown> {
  /**
   * Whether `update` knows what to do with NaN and infinities in gradients. Without it a training ends at the first; with
   * it, it goes on as long as the loss is finite.
   */
  readonly takesNotFinite?: boolean;
  init(params: unknown): S;
  update<P>(grads: P, state: S, params: P): { updates: P; state: S };
}

/** The state of a rule that remembers nothing. */
export type EmptyState = Readonly<Record<string, never>>;

export const isNumeric: IsLeaf<NumericLeaf> = (value): value is NumericLeaf =>
  typeof value === "number" ||
  value instanceof Float64Array ||
  (value instanceof NdArray && value.data instanceof Float64Array);

export const numericWords = "numbers, Float64Arrays or NdArrays";

interface Operand {
  readonly name: string;
  readonly tree: unknown;
}

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
  const a = numbersOf(first);
  const b = second === first ? a.leaves : leavesOf(second, first, a);
  const c = third === first ? a.leaves : leavesOf(third, first, a);
  const leaves = newLeaves(a.leaves, (out, x, leaf) => {
    const ys = asArray(b[leaf]!);
    const zs = asArray(c[leaf]!);
    for (let i = 0; i < out.length; i++) out[i] = fn(x[i]!, ys[i]!, zs[i]!);
  });
  return unflatten<T>(a.structure, leaves);
}

/** What a rule does to arrays of one length; for the rules that run at every step. */
export type Loop = (out: Float64Array, a: Float64Array, b: Float64Array) => void;

/** As {@link elementwise}, ten times as fast: a function called for each number would box its result. */
export function arraywise<T>(loop: Loop, first: Operand & { readonly tree: T }, second: Operand = first): T {
  const a = numbersOf(first);
  const b = second === first ? a.leaves : leavesOf(second, first, a);
  const leaves = newLeaves(a.leaves, (out, x, leaf) => loop(out, x, asArray(b[leaf]!)));
  return unflatten<T>(a.structure, leaves);
}

/** What a rule does to arrays of one length, of which it fills several. */
export type Loops = (outs: readonly Float64Array[], ins: readonly Float64Array[]) => void;

/** As {@link arraywise}, `count` trees at once, for the rules that every step of most trainings runs. */
export function arraywiseAll(count: number, loop: Loops, first: Operand, ...more: Operand[]): unknown[] {
  const a = numbersOf(first);
  const ins = [a.leaves, ...more.map((operand) => leavesOf(operand, first, a))];
  let size = 0;
  for (const leaf of a.leaves) size += lengthOf(leaf);
  const memory = Array.from({ length: count }, () => new Float64Array(size));
  const trees: NumericLeaf[][] = memory.map(() => []);
  let at = 0;
  for (const [i, leaf] of a.leaves.entries()) {
    const length = lengthOf(leaf);
    const outs = memory.map(({ buffer }) => new Float64Array(buffer, 8 * at, length));
    at += length;
    loop(
      outs,
      ins.map((leaves) => asArray(leaves[i]!)),
    );
    for (const [k, out] of outs.entries()) trees[k]!.push(leafLike(leaf, out));
  }
  return trees.map((leaves) => unflatten(a.structure, leaves));
}

/** The numbers of a leaf. */
export const asArray = (leaf: NumericLeaf): Float64Array =>
  typeof leaf === "number" ? Float64Array.of(leaf) : leaf instanceof NdArray ? leaf.data : leaf;

/** A leaf of the same kind with these numbers. */
export const leafLike = (leaf: NumericLeaf, numbers: Float64Array): NumericLeaf =>
  typeof leaf === "number"
    ? numbers[0]!
    : leaf instanceof NdArray
      ? new NdArray(numbers, leaf.shape)
      : numbers;

/** Leaves of the same sizes, in one piece of memory: one for each array costs more than the arithmetic. */
function newLeaves(
  like: readonly NumericLeaf[],
  fill: (out: Float64Array, x: Float64Array, leaf: number) => void,
): NumericLeaf[] {
  let size = 0;
  for (const leaf of like) size += lengthOf(leaf);
  const memory = new Float64Array(size);
  let at = 0;
  return like.map((x, leaf) => {
    // A third of the time of subarray.
    const out = new Float64Array(memory.buffer, 8 * at, lengthOf(x));
    at += out.length;
    fill(out, asArray(x), leaf);
    return leafLike(x, out);
  });
}

const lengthOf = (leaf: NumericLeaf): number =>
  typeof leaf === "number" ? 1 : leaf instanceof NdArray ? leaf.data.length : leaf.length;

interface Numbers {
  readonly leaves: readonly NumericLeaf[];
  readonly structure: Structure;
}

/**
 * The latest structure: rules meet one structure over and over, and to check for it is ten times as fast. One for all
 * rules, as a rule that is a plain pair of functions has no place of its own; it holds keys alone, and is only believed
 * where a tree has them.
 */
let latest: Structure | null = null;

/** The numbers of a tree with its structure. Throws a `TreeError` at what is neither number nor Float64Array. */
export function numbersOf({ name, tree }: Operand): Numbers {
  const again = latest && leavesLike(latest, tree, isNumeric);
  if (latest && again) return { leaves: again, structure: latest };
  const { leaves, structure } = flatten(tree, isNumeric, name, numericWords);
  latest = structure;
  return { leaves, structure };
}

/** The leaves of a tree like another. */
function leavesOf(operand: Operand, like: Operand, want: Numbers): readonly NumericLeaf[] {
  const leaves = leavesLike(want.structure, operand.tree, isNumeric);
  if (leaves?.every((leaf, i) => alike(leaf, want.leaves[i]!))) return leaves;
  const got = flatten(operand.tree, isNumeric, operand.name, numericWords);
  sameStructure(got.structure, want.structure, { got: operand.name, expected: like.name });
  const { paths } = flatten(like.tree, isNumeric, like.name, numericWords);
  got.leaves.forEach((leaf, i) => {
    const [is, should] = [sizeWords(leaf), sizeWords(want.leaves[i]!)];
    if (is === should) return;
    const path = got.paths[i]!;
    const sentence = `${path} is ${is} where ${paths[i]} is ${should}: make them the same.`;
    throw new TreeError("length", path, should, is, sentence);
  });
  return got.leaves;
}

/** Whether two leaves have one shape: a number is not an array of one. */
const alike = (a: NumericLeaf, b: NumericLeaf): boolean => {
  if (typeof a === "number" || typeof b === "number") return typeof a === typeof b;
  if (a instanceof NdArray && b instanceof NdArray) return `${a.shape}` === `${b.shape}`;
  return a instanceof Float64Array && b instanceof Float64Array && a.length === b.length;
};

const sizeWords = (leaf: NumericLeaf): string =>
  typeof leaf === "number"
    ? "a number"
    : leaf instanceof NdArray
      ? `an array of the shape [${leaf.shape}]`
      : `a Float64Array of length ${leaf.length}`;

/** A tree of zeros like `params`. */
export function zerosLike(params: unknown): NumericTree {
  return elementwise(() => 0, { name: "params", tree: params }) as NumericTree;
}

/** `params + updates`, leaf by leaf. */
export function applyUpdates<P>(params: P, updates: P): P {
  const add: Loop = (out, p, u) => {
    for (let i = 0; i < out.length; i++) out[i] = p[i]! + u[i]!;
  };
  return arraywise(add, { name: "params", tree: params }, { name: "updates", tree: updates });
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
  const flat = numbersOf({ name, tree });
  const size = flat.leaves.reduce((sum: number, leaf) => sum + lengthOf(leaf), 0);
  return {
    vector: concatenate(flat.leaves, size),
    unravel(from) {
      let start = 0;
      const parts = flat.leaves.map((leaf): NumericLeaf => {
        const end = start + lengthOf(leaf);
        const part = leafLike(leaf, from.slice(start, end));
        start = end;
        return part;
      });
      return unflatten<P>(flat.structure, parts);
    },
    like: (other, otherName) =>
      concatenate(leavesOf({ name: otherName, tree: other }, { name, tree }, flat), size),
  };
}

function concatenate(leaves: readonly NumericLeaf[], size: number): Float64Array {
  const vector = new Float64Array(size);
  let offset = 0;
  for (const leaf of leaves) {
    if (typeof leaf === "number") vector[offset] = leaf;
    else vector.set(asArray(leaf), offset);
    offset += lengthOf(leaf);
  }
  return vector;
}

/** What a rule made of others declares about NaN and infinities: what any of them does. */
export const taking = (
  ...rules: readonly GradientTransformation[]
): Pick<GradientTransformation, "takesNotFinite"> =>
  rules.some((rule) => rule.takesNotFinite) ? { takesNotFinite: true } : {};

/** Applies rules one after the other: the updates of each are the gradients of the next. */
export function chain(
  ...rules: readonly GradientTransformation[]
): GradientTransformation<readonly unknown[]> {
  for (const [i, rule] of rules.entries()) checkArgument("chain", `rule ${i + 1}`, rule, updateRule);
  return {
    ...taking(...rules),
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

function scaled<P>(grads: P, factor: number): P {
  const times: Loop = (out, g) => {
    for (let i = 0; i < out.length; i++) out[i] = factor * g[i]!;
  };
  return arraywise(times, { name: "grads", tree: grads });
}

/** Multiplies the updates by a constant. */
export function scale(factor: number): GradientTransformation<EmptyState> {
  checkArgument("scale", "factor", factor, finite);
  return {
    init: () => ({}),
    update: (grads, state) => ({
      updates: scaled(grads, factor),
      state,
    }),
  };
}

export interface ScheduleState {
  readonly count: number;
}

/** Multiplies the updates by `schedule(step)`; the first step is 0. */
export function scaleBySchedule(schedule: Schedule): GradientTransformation<ScheduleState> {
  checkArgument("scaleBySchedule", "schedule", schedule, aSchedule);
  return {
    init: () => ({ count: 0 }),
    update: (grads, { count }) => {
      const factor = schedule(count);
      return { updates: scaled(grads, factor), state: { count: count + 1 } };
    },
  };
}

/** Multiplies the updates by minus the learning rate: with it a chain descends. */
export function scaleByLearningRate(
  learningRate: number | Schedule,
): GradientTransformation<EmptyState | ScheduleState> {
  checkArgument("scaleByLearningRate", "learningRate", learningRate, rate);
  if (typeof learningRate === "number") return scale(-learningRate);
  return scaleBySchedule((step) => -learningRate(step)) as GradientTransformation<EmptyState | ScheduleState>;
}
