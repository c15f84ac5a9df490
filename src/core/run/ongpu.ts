import type { Instead } from "../graph/tensor.js";
import type { Host, Numbers, Plan, TableData } from "../plan/layout.js";
import type { Trace } from "./trace.js";
import { type Compiled, orRefusal, type Traces } from "./traces.js";

/** What a plan gave, output by output. */
export type Results = (number | Numbers)[];

/** A call that can be computed by the kernels alone, or with a host. */
export interface Job {
  /** Equal for calls of one structure. */
  readonly of: object;
  /** Rows of the largest table that a host would work on. */
  readonly rows: number;
  readonly plain: () => Promise<Results>;
  /** By a host, or why not. */
  readonly hosted: ((host: Host) => Promise<Results>) | string;
}

/** How the latest call was computed. */
export interface GpuReport {
  /** Where its dense layers were computed. */
  readonly by: "gpu" | "wasm";
  /** Why there, as a sentence. */
  readonly reason: string;
  /** What runs the kernels of the GPU, null where there is none. */
  readonly mode: string | null;
  /** The driver's words for the GPU. */
  readonly adapter: string;
  /** Groups of blocks that went to the GPU, arrays that were brought there (parameters are one), and results read back. */
  readonly groups: number;
  readonly uploads: number;
  readonly reads: number;
  /** Milliseconds that the call took. */
  readonly ms: number;
}

/** Chooses for the calls of one compiled function. */
export interface Chooser {
  readonly latest: GpuReport | null;
  run(job: Job): Promise<Results>;
  /** Where such a call would be computed and why, as a line of print(). */
  line(job: Pick<Job, "of" | "rows"> & { readonly refused: string | null }): string;
}

/** A device for dense layers of compiled functions: what `gpu()` of gradcut/gpu gives. */
export interface Gpu {
  /** What is taken in place of a node where the device computes. */
  instead: Instead;
  /** For one compiled function. */
  chooser(): Chooser;
}

/** A plan with the data of a call. */
export interface Bound {
  readonly traced: Trace;
  readonly plan: Plan;
  readonly inputs: readonly (number | Numbers)[];
  readonly tables: ReadonlyMap<string, TableData>;
}

/** Calls of a compiled function that a device may take part in. */
export function deviceRun(
  traces: Traces,
  gpu: Gpu,
  bind: (compiled: Compiled) => Bound,
  run: (bound: Bound, host?: Host) => Promise<Results>,
) {
  const chooser = gpu.chooser();
  /** The plan with a host for these arguments, or why there is none. */
  const hostedFor = (args: readonly unknown[]) => {
    const of = traces.find(args);
    const made = traces.hosted(of, args, gpu.instead);
    const bound = typeof made === "string" ? made : orRefusal(() => bind(made));
    const rows = typeof bound === "string" ? 0 : rowsOf(bound);
    return { of, bound, rows };
  };
  return {
    latest: () => chooser.latest,
    run: (args: readonly unknown[], plain: Bound): Promise<Results> => {
      const { of, bound, rows } = hostedFor(args);
      const hosted =
        typeof bound === "string" ? bound : (host: Host) => run({ ...bound, inputs: plain.inputs }, host);
      return chooser.run({ of, rows, plain: () => run(plain), hosted });
    },
    line: (args: readonly unknown[]): string => {
      const { of, bound, rows } = hostedFor(args);
      return chooser.line({ of, rows, refused: typeof bound === "string" ? bound : null });
    },
  };
}

/** Rows of the largest table that a host works on. */
const rowsOf = ({ plan, tables }: Bound): number =>
  Math.max(0, ...plan.stages.flatMap((s) => s.hosted.map(({ table }) => tables.get(table)!.rows)));
