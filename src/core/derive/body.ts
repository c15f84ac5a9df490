import { AxisError } from "../errors.js";
import type { Attrs, Body } from "../graph/attrs.js";
import type { Axis } from "../graph/axis.js";
import { currentGraph, Graph, withGraph } from "../graph/graph.js";
import { input } from "../graph/op.js";
import { printNodes } from "../graph/printgraph.js";
import { describe, type Tensor, type Type } from "../graph/tensor.js";
import { dependents, reachable } from "../graph/walk.js";

/** Re-emits `outputs` in the current graph with some nodes replaced. */
export function substitute(outputs: readonly Tensor[], replaced: ReadonlyMap<Tensor, Tensor>): Tensor[] {
  const graph = currentGraph();
  const done = new Map<Tensor, Tensor>(replaced);
  const first = graph.nodes.length;
  // Only what depends on a replaced node changes; inside one graph the rest is shared.
  for (const node of reachable(outputs)) {
    if (done.has(node)) continue;
    const args = node.args.map((a) => done.get(a)!);
    const same = node.graph === graph && args.every((a, i) => a === node.args[i]);
    done.set(node, same ? node : graph.emit(node.op, args, node.attrs));
  }
  if (graph.nodes.length > first) graph.derived.push([first, graph.nodes.length]);
  return outputs.map((out) => done.get(out)!);
}

/** A function of tensors cut out of the graph around it: a closed body and what it had captured. */
export interface Closed {
  readonly body: Body;
  readonly captures: readonly Tensor[];
}

/**
 * Cuts `outputs` out of the current graph as a function of `holes`, small ones or those of the events of one axis. What they
 * use besides becomes captures: the largest subexpressions that do not depend on a hole. Equal functions give equal bodies.
 */
export function close(what: string, holes: readonly Tensor[], outputs: readonly Tensor[]): Closed {
  const order = reachable([...holes, ...outputs]);
  const inside = dependents(order, holes);
  const axis = holes[0]?.axis ?? null;
  const captures: Tensor[] = [];
  const graph = new Graph();
  const map = new Map<Tensor, Tensor>();
  const capture = (t: Tensor): Tensor => {
    const known = map.get(t);
    if (known) return known;
    if (t.op.source === "constant") return remember(t, graph.emit(t.op, [], t.attrs));
    captures.push(t);
    return remember(t, input(t, `capture${captures.length}`, holes.length + captures.length - 1));
  };
  const remember = (from: Tensor, to: Tensor): Tensor => {
    map.set(from, to);
    return to;
  };
  return withGraph(graph, () => {
    const inputs = holes.map((h, i) => remember(h, input(h, `x${i}`, i)));
    for (const node of order) {
      if (!inside.has(node) || map.has(node)) continue;
      if (node.axis !== axis || node.op.lowering?.whole) refuse(what, node, axis);
      remember(node, graph.emit(node.op, node.args.map(capture), node.attrs));
    }
    const closedOutputs = outputs.map(capture);
    const all = [...inputs, ...captures.map((c) => map.get(c)!)];
    return { body: seal(all, closedOutputs), captures };
  });
}

/** Throws the AxisError for a node that would need other rows than those that a search is for. */
function refuse(what: string, node: Tensor, axis: Axis | null): never {
  const table = node.axis?.table ?? axis?.table;
  const sentence = axis
    ? `the function inside '${what}' is solved for each row of '${axis.table}' alone, but ${describe(node)} brings rows together or goes to those of another table, and depends on its argument; sum or spread what does not depend on it before, and write one function of one row`
    : `the function inside '${what}' works on events (${describe(node)}), which depend on its argument there: the search knows small tensors only. Fold the events before (.sum(), hist()) and pass what is folded; ${remedies[what] ?? "fold them before"}`;
  throw new AxisError("axis.body", sentence, { op: what, table });
}

const remedies: Readonly<Record<string, string>> = {
  minimize:
    "an objective that meets every event again at each step is minimized by train(), as with lbfgs(), and one of each event sums over inner axes alone, as .sum([-1])",
  root: "a cut on events is found on a grid of values, folded at once (hist() of the variable, summed from one end)",
};

/** A body from nodes of a graph of its own. */
export function seal(inputs: readonly Tensor[], outputs: readonly Tensor[]): Body {
  return { inputs, outputs, key: printNodes(inputs, outputs) };
}

/** The body as ordinary nodes of the current graph. */
export function inline(body: Body, args: readonly Tensor[]): Tensor[] {
  return substitute(body.outputs, new Map(body.inputs.map((t, i) => [t, args[i]!])));
}

/** A new body over the same inputs plus `extra`, made by `f` from the inlined outputs. */
export function extend(
  body: Body,
  extra: readonly Type[],
  f: (outputs: Tensor[], inputs: Tensor[], extras: Tensor[]) => readonly Tensor[],
): Body {
  return withGraph(new Graph(), () => {
    const inputs = body.inputs.map((t, i) => input(t, `x${i}`, i));
    const extras = extra.map((t, i) => input(t, `x${inputs.length + i}`, inputs.length + i));
    return seal([...inputs, ...extras], f(inline(body, inputs), inputs, extras));
  });
}

/** One op as a body of its own: inputs like the given types. */
export function bodyOf(node: Tensor, types: readonly Type[]): Body {
  return withGraph(new Graph(), () => {
    const inputs = types.map((t, i) => input(t, `x${i}`, i));
    return seal(inputs, [currentGraph().emit(node.op, inputs, node.attrs as Attrs)]);
  });
}

/** What is made of a body: once, however often it is asked for. */
export function perBody<T>(make: (body: Body) => T): (body: Body) => T {
  const made = new WeakMap<Body, T>();
  return (body) => {
    const known = made.get(body);
    if (known !== undefined) return known;
    const fresh = make(body);
    made.set(body, fresh);
    return fresh;
  };
}
