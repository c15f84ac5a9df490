import { inSingles } from "../derive/insingles.js";
import { withoutRules } from "../derive/withoutrules.js";
import { TraceError } from "../errors.js";
import type { Instead } from "../graph/graph.js";
import { verify } from "../graph/verify.js";
import type { Plan } from "../plan/layout.js";
import type { Cutter } from "../plan/legs.js";
import { plan } from "../plan/plan.js";
import { sameStructure } from "../sametree.js";
import type { Structure } from "../tree.js";
import type { BoundTables } from "./boundtables.js";
import type { Data } from "./data.js";
import { argumentLeaves, sameLeaves, type Trace, trace } from "./trace.js";

/** Structures of arguments that a compiled function remembers. */
const KEPT = 64;

/** A trace with its plans. */
export interface Compiled {
  readonly traced: Trace;
  /** The plan for these data: one for each class of how many children a chunk of events has. */
  plan(bound: BoundTables): Plan;
  /** The look of its arguments. */
  readonly like: { readonly structure: Structure; readonly keys: readonly string[] };
}

/** Where a trace fails and the arguments have other keys than earlier ones, those are named. */
function attempt(run: () => Trace, now: Structure, before: Compiled | null): Trace {
  try {
    return run();
  } catch (error) {
    const then = before?.like.structure;
    if (then && error instanceof TraceError && error.code === "trace.failed") {
      // Each argument under the name that it has in other messages.
      const parts = ({ root }: Structure) => (root.kind === "leaf" ? [] : root.children);
      parts(now).forEach((root, i) => {
        const [got, want] = [root, parts(then)[i] ?? root].map((root) => ({ root, key: "", size: 0 }));
        const name = i === 0 ? "params" : i === 1 ? "events" : `argument${i}`;
        sameStructure({ ...got!, key: "now" }, want!, { got: name, expected: `${name} of an earlier call` });
      });
    }
    throw error;
  }
}

/** How a host takes part: nodes that it computes, and where it does. */
export interface Hosts {
  readonly instead: Instead;
  readonly cut: Cutter;
}

/** What plans are made for: where memory begins, and the numbers of kernels. */
export interface Machine {
  readonly base: number;
  readonly opcodes: Readonly<Record<string, number>>;
}

/** The traces of a function, one for each structure of its arguments. */
export class Traces {
  readonly #f: (...args: never[]) => unknown;
  readonly #machine: () => Machine;
  readonly #known = new Map<string, Compiled>();
  #last: Compiled | null = null;
  /** How often the function was traced. */
  count = 0;
  /** The leaves of the arguments that `find` last looked at. */
  leaves: readonly Data[] = [];

  constructor(f: (...args: never[]) => unknown, machine: () => Machine) {
    this.#f = f;
    this.#machine = machine;
  }

  /** The trace for arguments like these; most calls are like the one before. */
  find(args: readonly unknown[]): Compiled {
    const same = this.#last && sameLeaves(this.#last.like, args);
    if (this.#last && same) {
      this.leaves = same;
      return this.#last;
    }
    const { key, keys, structure, leaves } = argumentLeaves(args);
    let compiled = this.#known.get(key);
    if (!compiled) {
      compiled = this.make(args, { structure, keys });
      // A function called with ever new structures must not fill the memory; the oldest goes.
      const [oldest] = this.#known.keys();
      if (oldest !== undefined && this.#known.size >= KEPT) this.#known.delete(oldest);
      this.#known.set(key, compiled);
      this.count++;
    }
    this.#last = compiled;
    this.leaves = leaves;
    return compiled;
  }

  /** The trace for arguments of such a look, with nodes that a host computes where one takes part. */
  make(args: readonly unknown[], { structure, keys }: Compiled["like"], hosts?: Hosts): Compiled {
    const { base, opcodes } = this.#machine();
    const traced = attempt(() => trace(this.#f, args, hosts?.instead), structure, this.#last);
    const values = inSingles(withoutRules(traced.outputs, traced.graph), traced.graph);
    verify(values);
    const captured = { first: traced.smalls.length, values: traced.captured };
    const plans = new Map<string, Plan>();
    const planFor = ({ children, sizes }: BoundTables): Plan => {
      const known = plans.get(sizes);
      if (known) return known;
      const made = plan(values, base, opcodes, captured, children, hosts?.cut);
      plans.set(sizes, made);
      return made;
    };
    return { traced, plan: planFor, like: { structure, keys } };
  }
}
