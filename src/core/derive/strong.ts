import { currentGraph } from "../graph/graph.js";
import type { Tensor } from "../graph/tensor.js";
import { dependents, reachable } from "../graph/walk.js";

/**
 * `outputs`, linear in `cotangent`, with strong zeros in every product of something made of it: for rules that are written
 * as people write formulas. `instead` takes the place of `cotangent`.
 */
export function strengthen(
  outputs: readonly (Tensor | null)[],
  cotangent: Tensor,
  instead: Tensor,
): (Tensor | null)[] {
  const order = reachable(outputs.filter((t) => t !== null));
  const linear = dependents(order, [cotangent]);
  const done = new Map<Tensor, Tensor>([[cotangent, instead]]);
  for (const node of order) {
    if (done.has(node) || !linear.has(node)) continue;
    const args = node.args.map((a) => done.get(a) ?? a);
    const which = node.args.map((a) => linear.has(a));
    const strong = node.op.strong?.(args, node.attrs, which);
    done.set(node, strong ?? currentGraph().emit(node.op, args, node.attrs));
  }
  return outputs.map((t) => t && (done.get(t) ?? t));
}
