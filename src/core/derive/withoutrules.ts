import { type Graph, withGraph } from "../graph/graph.js";
import type { Tensor } from "../graph/tensor.js";
import { reachable } from "../graph/walk.js";

/**
 * `outputs` without what only derivatives need, once all derivatives are taken: nodes whose value is that of their first
 * argument give way to it. So a plan computes nothing for a rule that nobody asked.
 */
export function withoutRules(outputs: readonly Tensor[], graph: Graph): readonly Tensor[] {
  const order = reachable(outputs);
  if (!order.some((node) => node.op.valueOnly)) return outputs;
  const done = new Map<Tensor, Tensor>();
  return withGraph(graph, () => {
    for (const node of order) {
      const args = node.args.map((a) => done.get(a)!);
      const same = args.every((a, i) => a === node.args[i]);
      done.set(node, node.op.valueOnly ? args[0]! : same ? node : graph.emit(node.op, args, node.attrs));
    }
    return outputs.map((out) => done.get(out)!);
  });
}
