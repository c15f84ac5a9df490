import type { Tensor } from "./tensor.js";

/** Every node that `outputs` are made from, themselves included, arguments before results. */
export function reachable(outputs: readonly Tensor[]): Tensor[] {
  const seen = new Set<Tensor>(outputs);
  // A Set visits what is added during the walk, so this is the whole search, without recursion.
  for (const node of seen) for (const arg of node.args) seen.add(arg);
  return [...seen].sort((a, b) => a.id - b.id);
}

/** Of `nodes` (arguments first), those that depend on one of `sources`, the sources included. */
export function dependents(nodes: readonly Tensor[], sources: Iterable<Tensor>): Set<Tensor> {
  const found = new Set<Tensor>(sources);
  for (const node of nodes) if (node.args.some((a) => found.has(a))) found.add(node);
  return found;
}
