import { fullLike } from "../elementary/align.js";
import { singleAbove } from "../elementary/arith.js";
import { spreadFrom, spreadSmall } from "../elementary/reshape.js";
import { type Graph, withGraph } from "../graph/graph.js";
import { constantValue, input, isInput } from "../graph/op.js";
import type { Tensor } from "../graph/tensor.js";
import { reachable } from "../graph/walk.js";

/**
 * `outputs` with the same numbers, where columns of f32 that are computed with in f64 stay f32 up to what sums them in f64: as
 * far as they are only compared, chosen and masked, f32 holds all that comes of them. A threshold beside them is the f32 that
 * decides as the f64 would.
 */
export function inSingles(outputs: readonly Tensor[], graph: Graph): readonly Tensor[] {
  const order = reachable(outputs);
  if (!order.some((node) => node.op.wide)) return outputs;
  const done = new Map<Tensor, Tensor>();
  return withGraph(graph, () => {
    const singles = new Singles(graph);
    for (const node of order) {
      const args = node.args.map((a) => done.get(a)!);
      const same = args.every((a, i) => a === node.args[i]);
      const single = node.op.wide ? singles.of(node.args[0]!) : null;
      if (single) done.set(node, graph.emit(node.op.wide!, [single], {}));
      else done.set(node, same ? node : graph.emit(node.op, args, node.attrs));
    }
    return outputs.map((out) => done.get(out)!);
  });
}

/** What f64 of events are in f32, where that has the same numbers. */
class Singles {
  readonly #graph: Graph;
  readonly #known = new Map<Tensor, Tensor | null>();

  constructor(graph: Graph) {
    this.#graph = graph;
  }

  /** The same in f32, or null. */
  of(t: Tensor): Tensor | null {
    let known = this.#known.get(t);
    if (known === undefined) {
      known = t.dtype === "f64" && t.axis ? this.#made(t) : null;
      this.#known.set(t, known);
    }
    return known;
  }

  #made(t: Tensor): Tensor | null {
    const { op, shape, axis } = t;
    if (isInput(t)) {
      const { path, slot, single } = t.attrs;
      return single ? input({ shape, dtype: "f32", axis }, path, slot) : null;
    }
    const value = constantValue(t);
    if (value !== null)
      return Object.is(Math.fround(value), value) ? fullLike({ shape, dtype: "f32", axis }, value) : null;
    if (!op.alias && !op.uniform && !op.moves?.(t.args.map(isTruth))) return null;
    const own = t.args.map((a) => this.of(a));
    // One number is rounded: of two, each would have to know the other.
    if (own.filter((a) => a === null).length > 1) return null;
    const args = own.map((a, i) => a ?? rounded(t.args[i]!, op.rounds?.[i]));
    if (!args.every((a) => a !== null)) return null;
    const made = this.#graph.emit(op, args, t.attrs);
    return made.dtype === "f32" ? made : null;
  }
}

/** A small number for all rows, as the next f32 in a direction; null for all else. */
function rounded(t: Tensor, way: "up" | "down" | undefined): Tensor | null {
  const small = spreadFrom(t);
  if (!way || small?.dtype !== "f64") return null;
  const single = way === "up" ? singleAbove(small) : singleAbove(small.neg()).neg();
  return spreadSmall(single, t.axis!, "f32");
}

/** Whether all elements are 1 or 0, as far as it shows. */
function isTruth(t: Tensor): boolean {
  const { op, args } = t;
  if (op.condition) return true;
  if (op.alias || op.uniform) return args[0] !== undefined && isTruth(args[0]);
  if (!op.moves || !op.range || !args.every(isTruth)) return false;
  const [least, most] = op.range(args.map(() => [0, 1]));
  return op.moves(args.map(() => true)) && least >= 0 && most <= 1;
}
