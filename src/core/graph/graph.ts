import { TraceError } from "../errors.js";
import { type Attrs, attrsKey } from "./attrs.js";
import type { Axis } from "./axis.js";
import type { Op } from "./record.js";
import { Tensor } from "./tensor.js";

/** What is taken in place of a node, or null. */
export type Instead = (node: Tensor) => Tensor | null;

/** A set of nodes in which equal nodes are one; lives as long as a trace. */
export class Graph {
  readonly nodes: Tensor[] = [];
  /** Axes that are made of others, by their tables. */
  readonly axes = new Map<string, Axis>();
  /** Ranges of nodes that the library made on its own account, as derivatives: not all of them are used. */
  readonly derived: (readonly [from: number, to: number])[] = [];
  /** Truth values that something was made of, or that a function returned: another one may stand in an `if`. */
  readonly used = new Set<Tensor>();
  readonly #known = new Map<string, Tensor>();
  readonly #instead: Instead | undefined;

  /** Some nodes may be taken in place of others, from the beginning: derivatives are those of what was taken. */
  constructor(instead?: Instead) {
    this.#instead = instead;
  }

  emit(op: Op, args: readonly Tensor[], attrs: Attrs): Tensor {
    for (const arg of args) {
      if (arg.graph !== this) {
        throw new TraceError(
          "trace.escaped",
          `'${op.name}' got a Tensor of another trace; a Tensor lives only inside the function it was handed to: return it and pass the number in as an argument`,
          { op: op.name },
        );
      }
      if (arg.op.condition) this.used.add(arg);
    }
    const simpler = op.simplify?.(args, attrs);
    if (simpler) return simpler;
    const key = `${op.name}(${args.map((a) => a.id).join(",")})${attrsKey(attrs)}`;
    const known = this.#known.get(key);
    if (known) return known;
    const node = new Tensor(this, this.nodes.length, op, args, attrs, op.infer(args, attrs));
    this.nodes.push(node);
    const taken = this.#instead?.(node) ?? node;
    this.#known.set(key, taken);
    return taken;
  }
}

/** Results of a function of the user's: whoever asked for them may leave some out. */
export function returned<T extends readonly Tensor[]>(results: T): T {
  for (const t of results) if (t.op.condition) t.graph.used.add(t);
  return results;
}

const active: Graph[] = [];

/** Runs `f` with `graph` as the one that ops add to. */
export function withGraph<R>(graph: Graph, f: () => R): R {
  active.push(graph);
  try {
    return f();
  } finally {
    active.pop();
  }
}

/** Throws a TraceError unless a function is traced: `called` is how a transformation of functions is compiled. */
export function requireTracing(what: string, called: string): void {
  if (active.length > 0) return;
  throw new TraceError(
    "trace.none",
    `'${what}' makes functions of Tensors, and was given numbers outside a traced function; compile it, as ${called}`,
    { name: what },
  );
}

/** The graph being traced. */
export function currentGraph(): Graph {
  const graph = active[active.length - 1];
  if (!graph) {
    throw new TraceError(
      "trace.none",
      "an op was called outside a traced function; write f = (params, events) => ... and call compile(f)(params, events)",
    );
  }
  return graph;
}
