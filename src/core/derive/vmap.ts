import { InternalError } from "../../text/gradcuterror.js";
import { DerivativeError } from "../errors.js";
import { currentGraph, requireTracing, returned } from "../graph/graph.js";
import { hole } from "../graph/op.js";
import type { More, Rank } from "../graph/rank.js";
import { describe, Tensor } from "../graph/tensor.js";
import { dependents, reachable } from "../graph/walk.js";
import { checkOptions, type Known } from "../options.js";
import { flatten, joinPath, map as mapTree, unflatten } from "../tree.js";

/**
 * `outputs` with the nodes of `batched` replaced by values that have a leading inner axis of length `size`.
 * Outputs that do not depend on them are broadcast. Each op's batch rule widens it; the graph is walked once.
 */
export function batchNodes(
  outputs: readonly Tensor[],
  batched: ReadonlyMap<Tensor, Tensor>,
  size: number,
): Tensor[] {
  const graph = currentGraph();
  const order = reachable(outputs);
  const wide = dependents(order, batched.keys());
  const first = graph.nodes.length;
  const done = new Map<Tensor, Tensor>(batched);
  for (const node of order) {
    if (!wide.has(node) || done.has(node)) continue;
    const flags = node.args.map((a) => wide.has(a));
    const args = node.args.map((a) => done.get(a) ?? a);
    done.set(node, node.op.batch(node, args, flags, size));
  }
  graph.derived.push([first, graph.nodes.length]);
  if (graph !== outputs[0]?.graph && outputs.length)
    throw new InternalError("internal.graph", "vmap across graphs");
  return outputs.map((out) => done.get(out) ?? out.broadcast([size, ...out.shape]));
}

/** Which inner axis is mapped: one for a whole tree (negative from the end), null for none, or a tree of these. */
export type Axes = number | null | readonly Axes[] | { readonly [key: string]: Axes };

export interface VmapOptions {
  /** One value for all arguments, or an array of one entry for each: a value or a tree like the argument (default 0). */
  readonly inAxes?: number | null | readonly Axes[];
  /** Where the mapped axis stands in the results: one value or a tree like them (default 0); null where it is not. */
  readonly outAxes?: Axes;
}

/** Arguments for all elements, by the axes that are mapped: any Tensor where a function of one element takes any. */
type Batched<T, A> = A extends null
  ? T
  : A extends number
    ? BatchedLeaves<T>
    : { [K in keyof T]: Batched<T[K], At<A, K>> };
type BatchedLeaves<T> =
  T extends Tensor<infer R>
    ? Tensor<[Rank] extends [R] ? R : More<R>>
    : T extends object
      ? { [K in keyof T]: BatchedLeaves<T[K]> }
      : T;
/** Results for all elements, by the axes into which they go. */
type Collected<T, A> = A extends null
  ? T
  : A extends number
    ? CollectedLeaves<T>
    : { [K in keyof T]: Collected<T[K], At<A, K>> };
type CollectedLeaves<T> =
  T extends Tensor<infer R>
    ? Tensor<More<R>>
    : T extends object
      ? { [K in keyof T]: CollectedLeaves<T[K]> }
      : T;
/** The axes at a key; those of all elements of a list. */
type At<A, K> = K extends keyof A ? A[K] : A extends readonly (infer E)[] ? E : 0;

/**
 * f over an inner axis of its arguments, as one graph for all elements: parameters in batches, many starts of a fit.
 * As in JAX all arguments are mapped over their leading inner axis unless `inAxes` says otherwise; they may be given
 * bare, `vmap(f, [0, null])`, or by name. Throws a DerivativeError where lengths differ or nothing is mapped.
 */
export function vmap<
  Args extends unknown[],
  R,
  const In extends VmapOptions["inAxes"] = 0,
  const Out extends Axes = 0,
>(
  f: (...args: Args) => R,
  options: { readonly inAxes?: In; readonly outAxes?: Out },
): (...args: Extract<Batched<Args, In>, unknown[]>) => Collected<R, Out>;
export function vmap<
  Args extends unknown[],
  R,
  const In extends VmapOptions["inAxes"] = 0,
  const Out extends Axes = 0,
>(
  f: (...args: Args) => R,
  inAxes?: In,
  outAxes?: Out,
): (...args: Extract<Batched<Args, In>, unknown[]>) => Collected<R, Out>;
export function vmap(
  f: (...args: unknown[]) => unknown,
  inAxes: VmapOptions["inAxes"] | VmapOptions = 0,
  outAxes: Axes = 0,
): (...args: unknown[]) => unknown {
  const named = typeof inAxes === "object" && inAxes !== null && !Array.isArray(inAxes);
  if (named) checkOptions("vmap", inAxes as VmapOptions, known);
  const { inAxes: ins = 0, outAxes: out = outAxes } = named ? (inAxes as VmapOptions) : { inAxes };
  return (...args) => {
    requireTracing("vmap", "compile(vmap(f))(xs)");
    const batch = new Batch();
    const own = batch.take(args, ins as Axes, "arguments") as unknown[];
    if (batch.size < 0) {
      throw new DerivativeError(
        "vmap.none",
        "'vmap' maps no argument: inAxes is null for every Tensor among them; give at least one an axis, as vmap(f, [0, null])",
        {},
      );
    }
    return batch.give(f(...own), out, "f(x)");
  };
}

const known: Known<VmapOptions> = { inAxes: true, outAxes: true };
const isTensor = (x: unknown): x is Tensor => x instanceof Tensor;

/** What is mapped over while the function runs once: values for one element, and those for all that they stand for. */
class Batch {
  readonly #holes = new Map<Tensor, Tensor>();
  #first: Tensor | null = null;
  size = -1;

  /** Arguments as the function sees them. */
  take(value: unknown, axes: Axes, path: string): unknown {
    if (axes === null) return value;
    if (typeof axes !== "number") {
      return children(value, axes, path, "inAxes", (v, a, p) => this.take(v, a, p));
    }
    return mapTree(value, isTensor, (t: Tensor) => this.#element(t, axes));
  }

  #element(t: Tensor, axis: number): Tensor {
    const k = axis < 0 ? t.shape.length + axis : axis;
    const n = t.shape[k];
    if (n === undefined || !Number.isInteger(axis)) {
      throw new DerivativeError(
        "vmap.axis",
        `'vmap' maps inner axis ${axis}, but ${describe(t)} has none; give what all elements share the axis null, as vmap(f, [0, null])`,
        { axis, shape: t.shape },
      );
    }
    if (this.size >= 0 && n !== this.size) {
      throw new DerivativeError(
        "vmap.axis",
        `'vmap' maps axes of one length, but ${describe(this.#first as Tensor)} has ${this.size} elements there and ${describe(t)} has ${n}; give what all elements share the axis null`,
        { lengths: [this.size, n], shapes: [(this.#first as Tensor).shape, t.shape] },
      );
    }
    this.size = n;
    this.#first ??= t;
    const moved = moveAxis(t, k, 0);
    const h = hole({ shape: moved.shape.slice(1), dtype: t.dtype, axis: t.axis }, "batched");
    this.#holes.set(h, moved);
    return h;
  }

  /** Results for all elements. */
  give(value: unknown, axes: Axes, path: string): unknown {
    if (typeof axes === "object" && axes !== null) {
      return children(value, axes, path, "outAxes", (v, a, p) => this.give(v, a, p));
    }
    const { leaves, structure } = flatten(value, isTensor, path, "Tensors");
    returned(leaves);
    if (axes !== null) {
      const all = batchNodes(leaves, this.#holes, this.size);
      return unflatten(
        structure,
        all.map((t) => moveAxis(t, 0, resultAxis(t, axes))),
      );
    }
    const wide = dependents(reachable(leaves), this.#holes.keys());
    const mapped = leaves.find((t) => wide.has(t));
    if (!mapped) return value;
    throw new DerivativeError(
      "vmap.out",
      `outAxes is null for ${describe(mapped)}, but it differs from element to element; give it an axis, or reduce what it is made of before 'vmap'`,
      { shape: mapped.shape },
    );
  }
}

function resultAxis(t: Tensor, axis: number): number {
  const k = axis < 0 ? t.shape.length + axis : axis;
  if (Number.isInteger(k) && k >= 0 && k < t.shape.length) return k;
  throw new DerivativeError(
    "vmap.axis",
    `outAxes ${axis} is no axis of the results of 'vmap', which have ${t.shape.length} inner axes with the mapped one`,
    { axis, shape: t.shape },
  );
}

/** `t` with inner axis `from` at place `to`. */
function moveAxis(t: Tensor, from: number, to: number): Tensor {
  if (from === to) return t;
  const order = t.shape.map((_, i) => i).filter((i) => i !== from);
  order.splice(to, 0, from);
  return t.transpose(order);
}

/** A tree of axes goes down with the tree that it is for; it may end above the leaves, never beside them. */
function children(
  value: unknown,
  axes: Exclude<Axes, number | null>,
  path: string,
  what: string,
  f: (value: unknown, axes: Axes, path: string) => unknown,
): unknown {
  const wrong = (got: string, expected: string): never => {
    throw new DerivativeError(
      "vmap.axes",
      `${what} has ${got} for ${path}, which ${expected}; give one axis for all of it, null to share it, or a tree with the same keys`,
      { path },
    );
  };
  if (Array.isArray(axes)) {
    if (!Array.isArray(value)) return wrong("an array", "is none");
    if (value.length !== axes.length) return wrong(`${axes.length} entries`, `has ${value.length}`);
    return value.map((v, i) => f(v, axes[i] as Axes, `${path}[${i}]`));
  }
  if (typeof axes !== "object" || axes === null) return wrong(`a ${typeof axes}`, "it cannot map");
  if (typeof value !== "object" || value === null || Array.isArray(value) || isTensor(value)) {
    return wrong("an object", "is none");
  }
  const tree = axes as Readonly<Record<string, Axes>>;
  const keys = Object.keys(value);
  const odd = [...keys.filter((k) => !(k in tree)), ...Object.keys(tree).filter((k) => !(k in value))];
  if (odd.length > 0) return wrong(`the keys ${Object.keys(tree)}`, `has the keys ${keys}`);
  return Object.fromEntries(
    Object.entries(value).map(([k, v]) => [k, f(v, tree[k] as Axes, joinPath(path, k))]),
  );
}
