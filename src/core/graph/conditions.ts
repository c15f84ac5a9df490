import { TraceError } from "../errors.js";
import { type Graph, returned } from "./graph.js";
import { constantValue } from "./op.js";
import { describe, type Tensor } from "./tensor.js";

/**
 * Every object is true in JavaScript, so `if (x.gt(0))` always takes the first branch, and leaves a comparison that
 * nothing is made of and no function returned: that of single numbers is refused, among the nodes from `first` on that the
 * user's code made. A mask of events or of a vector that is not used is more likely a remnant.
 */
export function requireConditions(graph: Graph, results: readonly Tensor[], first = 0): void {
  returned(results);
  const left = graph.nodes.find(
    (t, i) =>
      i >= first &&
      t.op.condition &&
      !t.axis &&
      t.shape.length === 0 &&
      !graph.used.has(t) &&
      !derived(graph, i, first),
  );
  if (!left) return;
  const numbers = left.args.map(constantValue);
  const sides = left.args.map((t, i) => (numbers[i] === null ? describe(t) : `${numbers[i]}`));
  throw new TraceError(
    "trace.condition",
    `a comparison of ${(numbers[0] === null ? sides : sides.reverse()).join(" with ")} is not used. If it stands in if, ?:, && or !: there every Tensor is true, whatever its value; write where(condition, a, b). Else leave it out or return it`,
    { op: left.op.name },
  );
}

/** Whether the library made a node on its own account. */
const derived = (graph: Graph, id: number, first: number): boolean =>
  graph.derived.some(([from, to]) => from >= first && id >= from && id < to);
