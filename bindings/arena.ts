import type { Numbers, Plan } from "../src/core/plan/layout.js";
import type { Kernels } from "./load.js";

const PAGE = 65536;

export type { Numbers };

/** Bytes that 32-bit addresses reach, less a margin: where a loop ends just behind its operand nothing may wrap. */
const ADDRESSABLE = 2 ** 32 - 2 ** 20;

/** NaN as f32 and as f64: what stands in guards, and in memory that nothing was written to. */
const UNWRITTEN = 0x7ffdc0de;
const GUARD_WORDS = 16;

/** There is less memory than a computation needs; both in bytes. */
export class OutOfMemory extends RangeError {
  override readonly name = "OutOfMemory";
  readonly needed: number;
  readonly available: number;

  constructor(needed: number, available: number, sentence: string) {
    super(sentence);
    this.needed = needed;
    this.available = available;
  }
}

function tooLarge(needed: number, available: number, why: string): OutOfMemory {
  const [need, have] = [Math.ceil(needed / 2 ** 20), Math.floor(available / 2 ** 20)];
  const sentence = `the kernels need ${need} MiB of memory for the values of this function, but have ${have} MiB and ${why}; sum over events of a table instead of elements of a vector, or call it for fewer at once`;
  return new OutOfMemory(needed, available, sentence);
}

/** The memory of one kernel instance: which plan lies in it, and views that survive growth. */
export class Arena {
  readonly kernels: Kernels;
  #loaded: Plan | null = null;
  #buffer: ArrayBufferLike | null = null;
  f32 = new Float32Array(0);
  f64 = new Float64Array(0);
  i32 = new Int32Array(0);

  constructor(kernels: Kernels) {
    this.kernels = kernels;
  }

  /** Makes `bytes` addressable. */
  ensure(bytes: number): void {
    const { memory } = this.kernels;
    const missing = bytes - memory.buffer.byteLength;
    if (missing > 0) {
      const have = memory.buffer.byteLength;
      if (bytes > ADDRESSABLE) throw tooLarge(bytes, ADDRESSABLE, "32-bit addresses reach no more");
      try {
        memory.grow(Math.ceil(missing / PAGE));
      } catch {
        throw tooLarge(bytes, have, "this runtime gives no more");
      }
    }
    if (memory.buffer !== this.#buffer) {
      this.#buffer = memory.buffer;
      this.f32 = new Float32Array(memory.buffer);
      this.f64 = new Float64Array(memory.buffer);
      this.i32 = new Int32Array(memory.buffer);
    }
  }

  /** Writes a plan's tape, tables and constants and computes what depends on them alone, unless it lies there already. */
  load(plan: Plan): void {
    this.ensure(plan.bytes);
    if (this.#loaded === plan) return;
    // A trap on the way leaves neither the old plan nor the new one.
    this.#loaded = null;
    if (plan.guards.length > 0) this.i32.fill(UNWRITTEN, plan.base >>> 2, plan.bytes >>> 2);
    this.i32.set(plan.code, plan.codeBase >>> 2);
    for (const { address, values } of plan.tables) {
      if (values instanceof Int32Array) this.i32.set(values, address >>> 2);
      else this.f64.set(values, address >>> 3);
    }
    for (const { address, value } of plan.constants) this.f64[address >>> 3] = value;
    this.kernels.run(plan.setup.start, plan.setup.end);
    this.#loaded = plan;
    this.check(plan);
  }

  /** Forgets what lies in the memory: after a trap nobody knows. */
  forget(): void {
    this.#loaded = null;
  }

  /** Throws where a kernel wrote behind a buffer that a guard follows. */
  check({ guards }: Plan): void {
    for (const guard of guards) {
      const start = guard >>> 2;
      for (let i = start; i < start + GUARD_WORDS; i++) {
        if (this.i32[i] === UNWRITTEN) continue;
        this.forget();
        throw new Error(`a kernel wrote behind the end of the buffer before address ${guard}`);
      }
    }
  }

  view(dtype: "f32" | "f64" | "i32"): Float32Array | Float64Array | Int32Array {
    return this[dtype];
  }
}
