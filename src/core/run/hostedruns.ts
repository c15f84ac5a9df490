import { DerivativeError } from "../errors.js";
import type { Instead } from "../graph/graph.js";
import { isHosted } from "../graph/hostwork.js";
import { reachable } from "../graph/walk.js";
import { legsOf } from "../plan/legs.js";
import type { Bind, Bound, Chooser, DeviceRuns, Results } from "./ongpu.js";
import type { Compiled, Traces } from "./traces.js";

/** A device, how it takes part, and who chooses. */
export interface DeviceParts<H> {
  readonly instead: Instead;
  /** None where there is no device: then the chooser never takes it. */
  readonly hosting: H | undefined;
  readonly chooser: Chooser;
}

/** Calls of a compiled function that a device may take part in: plans with hosts beside those without. */
export class HostedRuns<H> implements DeviceRuns {
  readonly #parts: DeviceParts<H>;
  readonly #traces: Traces;
  readonly #bind: Bind;
  readonly #run: (bound: Bound, hosting?: H) => Promise<Results>;
  readonly #known = new WeakMap<Compiled, Compiled | string>();

  constructor(
    parts: DeviceParts<H>,
    traces: Traces,
    bind: Bind,
    run: (bound: Bound, hosting?: H) => Promise<Results>,
  ) {
    this.#parts = parts;
    this.#traces = traces;
    this.#bind = bind;
    this.#run = run;
  }

  get latest() {
    return this.#parts.chooser.latest;
  }

  run(args: readonly unknown[], plain: Bound): Promise<Results> {
    const { hosting, chooser } = this.#parts;
    const { of, bound, rows } = this.#look(args);
    const hosted =
      typeof bound === "string" ? bound : () => this.#run({ ...bound, inputs: plain.inputs }, hosting);
    return chooser.run({ of, rows, plain: () => this.#run(plain), hosted });
  }

  line(args: readonly unknown[]): string {
    const { of, bound, rows } = this.#look(args);
    return this.#parts.chooser.line({ of, rows, refused: typeof bound === "string" ? bound : null });
  }

  /** The plan with a host for some arguments, or why there is none. */
  #look(args: readonly unknown[]) {
    const of = this.#traces.find(args);
    const made = this.#trace(of, args);
    const bound = typeof made === "string" ? made : orRefusal(() => this.#bind(made));
    return { of, bound, rows: typeof bound === "string" ? 0 : rowsOf(bound) };
  }

  #trace(of: Compiled, args: readonly unknown[]): Compiled | string {
    const known = this.#known.get(of);
    if (known !== undefined) return known;
    const made = orRefusal(() => {
      const found = this.#traces.make(args, of.like, { instead: this.#parts.instead, cut: legsOf });
      const any = reachable(found.traced.outputs).some(isHosted);
      return any ? found : "it has no dense layers, one after another, of f32 events of a table";
    });
    this.#known.set(of, made);
    return made;
  }
}

/** Rows of the largest table that a host works on. */
const rowsOf = ({ plan, tables }: Bound): number =>
  Math.max(0, ...plan.stages.flatMap((s) => s.hosted.map(({ table }) => tables.get(table)!.rows)));

/** What is made, or why a host cannot take part. */
function orRefusal<T>(make: () => T): T | string {
  try {
    return make();
  } catch (error) {
    if (error instanceof DerivativeError && error.code === "gpu.order") return error.message;
    throw error;
  }
}
