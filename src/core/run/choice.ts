import { GpuError } from "../errors.js";
import type { Numbers } from "../plan/layout.js";
import type { Chooser, GpuReport, Job, Results } from "./ongpu.js";

/** What went to a device in all calls so far. */
export interface Counts {
  readonly groups: number;
  readonly uploads: number;
  readonly reads: number;
}

/** A device to choose for, and how. */
export interface Choosing {
  /** Why there is none, or "". */
  readonly why: string;
  readonly mode: string | null;
  readonly adapter: string;
  /** Whether it computes on the CPU: then it is never chosen by itself. */
  readonly software: boolean;
  /** Whether the mode was asked for: then it always computes, unless `from` says otherwise. */
  readonly asked: boolean;
  /** Rows from which on it computes; undefined where that is measured. */
  readonly from: number | undefined;
  counts(): Counts;
}

interface Verdict {
  readonly by: "gpu" | "wasm" | "measure";
  readonly reason: string;
}

type Where = Pick<Job, "of" | "rows">;

/** Decides call by call between a device and kernels alone; whatever fails on the device is computed without. */
export class DeviceChooser implements Chooser {
  readonly #device: Choosing;
  /** By structure, for powers of two of rows. */
  readonly #measured = new WeakMap<object, Map<number, Verdict>>();
  /** Why the device is not asked any more. */
  #off: string | null = null;
  #latest: GpuReport | null = null;

  constructor(device: Choosing) {
    this.#device = device;
    if (device.why) this.#off = device.why;
  }

  get latest(): GpuReport | null {
    return this.#latest;
  }

  async run(job: Job): Promise<Results> {
    const start = performance.now();
    const before = this.#device.counts();
    const told = ({ by, reason }: Pick<GpuReport, "by" | "reason">): void => {
      const now = this.#device.counts();
      this.#latest = {
        ...{ by, reason, mode: this.#device.mode, adapter: this.#device.adapter },
        groups: now.groups - before.groups,
        uploads: now.uploads - before.uploads,
        reads: now.reads - before.reads,
        ms: performance.now() - start,
      };
    };
    const { hosted } = job;
    const plainly = async (reason: string) => {
      const results = await job.plain();
      told({ by: "wasm", reason });
      return results;
    };
    if (typeof hosted === "string") return plainly(hosted);
    const verdict = this.#verdict(job);
    if (verdict.by === "wasm") return plainly(verdict.reason);
    try {
      if (verdict.by === "gpu") {
        const results = await hosted();
        told({ by: "gpu", reason: verdict.reason });
        return results;
      }
      const { results, reason } = await this.#measure(job, hosted);
      told({ by: "wasm", reason });
      return results;
    } catch (error) {
      if (!(error instanceof GpuError)) throw error;
      // What is not finite may be so in this call alone; all else was tried twice, or cannot pass.
      if (error.code !== "gpu.finite") this.#off = error.message;
      return plainly(error.message);
    }
  }

  line({ of, rows, refused }: Where & { readonly refused: string | null }): string {
    const { mode, adapter } = this.#device;
    const { by, reason } = refused === null ? this.#verdict({ of, rows }) : { by: "wasm", reason: refused };
    if (by === "gpu") return `dense layers by ${mode} (${adapter}): ${reason}`;
    return `dense layers by WebAssembly${by === "measure" ? `, and ${mode} (${adapter})` : ""}: ${reason}`;
  }

  #verdict({ of, rows }: Where): Verdict {
    const { asked, from, software, adapter, mode } = this.#device;
    if (this.#off !== null) return { by: "wasm", reason: this.#off };
    if (rows === 0) return { by: "wasm", reason: "there are no rows" };
    if (from !== undefined)
      return rows >= from
        ? { by: "gpu", reason: `${rows} rows, and from ${from} on they go there` }
        : { by: "wasm", reason: `${rows} rows, and only from ${from} on they go to the GPU` };
    if (asked) return { by: "gpu", reason: `mode '${mode}' was asked for` };
    if (software) return { by: "wasm", reason: `the GPU here is one in software (${adapter})` };
    const known = this.#measured.get(of)?.get(sizeOf(rows));
    return known ?? { by: "measure", reason: "both are measured in the first call of so many rows" };
  }

  /** Both ways, twice, for the first of each makes code; the answer is that of kernels alone. */
  async #measure(job: Job, hosted: () => Promise<Results>) {
    const [plain, gpu] = [await timed(job.plain), await timed(hosted)];
    const times = {
      wasm: Math.min(plain.ms, (await timed(job.plain)).ms),
      gpu: Math.min(gpu.ms, (await timed(hosted)).ms),
    };
    if (!agree(gpu.results, plain.results)) {
      const reason = "its results do not agree with those of WebAssembly: the GPU is not used";
      this.#off = reason;
      return { results: plain.results, reason };
    }
    const by = times.gpu < times.wasm ? "gpu" : "wasm";
    const text = `measured with ${job.rows} rows: WebAssembly ${times.wasm.toFixed(1)} ms, GPU ${times.gpu.toFixed(1)} ms`;
    const known = this.#measured.get(job.of) ?? new Map<number, Verdict>();
    this.#measured.set(job.of, known.set(sizeOf(job.rows), { by, reason: text }));
    return { results: plain.results, reason: text };
  }
}

const sizeOf = (rows: number) => Math.ceil(Math.log2(rows));

async function timed(run: () => Promise<Results>) {
  const start = performance.now();
  const results = await run();
  return { results, ms: performance.now() - start };
}

/** Numbers to 1e-4 of the larger, arrays to 1e-2 of their length: f32 summed in two orders, and kinks of relu. */
const agree = (a: Results, b: Results): boolean =>
  a.every((x, i) => {
    const y = b[i]!;
    if (typeof x === "number" || typeof y === "number")
      return (
        Object.is(x, y) ||
        Math.abs(Number(x) - Number(y)) <= 1e-4 * Math.max(Math.abs(Number(x)), Math.abs(Number(y)))
      );
    return near(x, y);
  });

function near(x: Numbers, y: Numbers): boolean {
  let [apart, length] = [0, 0];
  for (let i = 0; i < x.length; i++) {
    if (Object.is(x[i], y[i])) continue;
    apart += (x[i]! - y[i]!) ** 2;
    length += y[i]! ** 2;
  }
  return apart <= 1e-4 * length;
}
