import { currentGraph, type Graph } from "../graph/graph.js";
import { constant } from "../graph/op.js";
import { Tensor } from "../graph/tensor.js";
import { reachable } from "../graph/walk.js";
import { flatten } from "../tree.js";
import { compile } from "./compile.js";
import type { In } from "./data.js";

/** What a part of a traced function can say of its numbers, if somebody asks where a result went wrong. */
interface Note {
  readonly about: () => unknown;
  readonly sentence: (numbers: never) => string | null;
}

const notes = new WeakMap<Graph, Note[]>();

/**
 * Leaves a note in the function that is being traced: `about` makes a tree of Tensors, only when it is asked for, and
 * `sentence` says from their numbers what is wrong, or null. A note costs a call nothing.
 */
export function note<N>(about: () => unknown, sentence: (numbers: N) => string | null): void {
  const graph = currentGraph();
  const left = notes.get(graph) ?? [];
  left.push({ about, sentence: sentence as Note["sentence"] });
  notes.set(graph, left);
}

const isTensor = (x: unknown): x is Tensor => x instanceof Tensor;

/** Whether all Tensors of a tree stand outside of the functions that are derived, mapped and searched. */
const outside = (tree: unknown): boolean =>
  reachable(flatten(tree, isTensor, "note", "Tensors").leaves).every(({ op }) => op.source !== "hole");

/** The first sentence that the notes of a function have to say of a call, in the order of its work; null if none. */
export function explainedBy<A extends unknown[]>(
  f: (...args: A) => unknown,
): (...args: { [K in keyof A]: In<A[K]> }) => string | null {
  return (...args) => {
    let asked: Note[] = [];
    const told = compile((...a: A) => {
      f(...a);
      const trees = (notes.get(currentGraph()) ?? []).map((left) => [left, left.about()] as const);
      const known = trees.filter(([, tree]) => outside(tree));
      asked = known.map(([left]) => left);
      return { none: constant(0), about: known.map(([, tree]) => tree) };
    })(...(args as never)) as unknown as { about: never[] };
    for (const [i, { sentence }] of asked.entries()) {
      const text = sentence(told.about[i]!);
      if (text !== null) return text;
    }
    return null;
  };
}
