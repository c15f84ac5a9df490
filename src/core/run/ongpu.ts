import type { Numbers, Plan, TableData } from "../plan/layout.js";
import type { Trace } from "./trace.js";
import type { Compiled, Traces } from "./traces.js";

/** What a plan gave, output by output. */
export type Results = (number | Numbers)[];

/** A call that can be computed by the kernels alone, or with a host. */
export interface Job {
  /** Equal for calls of one structure. */
  readonly of: object;
  /** Rows of the largest table that a host would work on. */
  readonly rows: number;
  readonly plain: () => Promise<Results>;
  /** With the device, or why not. */
  readonly hosted: (() => Promise<Results>) | string;
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

/** A device for dense layers of compiled functions: what `gpu()` of gradcut/gpu gives. `H` is what plans with hosts run with. */
export interface Gpu<H> {
  /** For one compiled function, which knows how to run a plan. */
  runs(traces: Traces, bind: Bind, run: (bound: Bound, hosting?: H) => Promise<Results>): DeviceRuns;
}

/** Calls of a compiled function that a device may take part in. */
export interface DeviceRuns {
  readonly latest: GpuReport | null;
  run(args: readonly unknown[], plain: Bound): Promise<Results>;
  /** Where a call would be computed, and why. */
  line(args: readonly unknown[]): string;
}

/** Data for a plan: of the arguments that were last looked at. */
export type Bind = (compiled: Compiled) => Bound;

/** A plan with the data of a call. */
export interface Bound {
  readonly traced: Trace;
  readonly plan: Plan;
  readonly inputs: readonly (number | Numbers)[];
  readonly tables: ReadonlyMap<string, TableData>;
}
