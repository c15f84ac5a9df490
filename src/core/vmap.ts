import { currentGraph, type Tensor } from "./tensor.js";
import { dependents, reachable } from "./walk.js";

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
  const done = new Map<Tensor, Tensor>(batched);
  for (const node of order) {
    if (!wide.has(node) || done.has(node)) continue;
    const flags = node.args.map((a) => wide.has(a));
    const args = node.args.map((a) => done.get(a) ?? a);
    done.set(node, node.op.batch(node, args, flags, size));
  }
  if (graph !== outputs[0]?.graph && outputs.length) throw new Error("vmap across graphs");
  return outputs.map((out) => done.get(out) ?? out.broadcast([size, ...out.shape]));
}
