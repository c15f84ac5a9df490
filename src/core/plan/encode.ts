import { InternalError } from "../../text/gradcuterror.js";
import { MemoryError } from "../errors.js";
import type { Body } from "../graph/attrs.js";
import { constantValue } from "../graph/op.js";
import type { EncodedBody, Instruction, Places } from "../graph/record.js";
import type { Tensor } from "../graph/tensor.js";
import { reachable } from "../graph/walk.js";
import type { Phase, Range, Stage, Sweep } from "./layout.js";
import { Lifetimes, Pool } from "./tilebuffers.js";

/** Code addresses are not known before all is encoded: until then they are offsets beyond every i32. */
const LABEL = 2 ** 40;

/** Bytes of a guard, the bits of which are NaN in every float type. */
const GUARD = 64;

let guarding = false;

/** From now on plans have a guard behind every buffer, and memory that is NaN until it is written: for checked runs. */
export function guardBuffers(on = true): void {
  guarding = on;
}

const noGrain = (): never => {
  throw new InternalError("internal.plan", "rows of an axis were asked for outside a pass over its table");
};

const align = (n: number, to: number) => Math.ceil(n / to) * to;

const movePhase = (phase: Phase, move: (r: Range) => Range): Phase =>
  phase.kind === "whole"
    ? { ...phase, code: move(phase.code) }
    : { ...phase, prologue: move(phase.prologue), code: move(phase.code) };

/** Hands out memory and turns nodes into instruction words. */
export class Encoder {
  readonly #opcodes: Readonly<Record<string, number>>;
  readonly #addresses = new Map<Tensor, number>();
  readonly #constants: { address: number; value: number }[] = [];
  readonly #tables: { address: number; values: Int32Array | Float64Array }[] = [];
  readonly #words: number[] = [];
  /** Code of bodies: it stands behind the rest, and is entered only by the op that owns it. */
  readonly #bodies: number[] = [];
  #target: number[] = this.#words;
  readonly #guards: number[] = [];
  #top: number;

  constructor(base: number, opcodes: Readonly<Record<string, number>>) {
    this.#opcodes = opcodes;
    this.#top = align(base, 64);
  }

  reserve(bytes: number, to = 16): number {
    const address = align(this.#top, to);
    this.#top = address + bytes;
    if (guarding && bytes > 0) {
      const guard = align(this.#top, 16);
      this.#guards.push(guard);
      this.#top = guard + GUARD;
    }
    return address;
  }

  /** Throws a MemoryError where values lie beyond 32-bit addresses. */
  requireRoom(): void {
    if (this.#top <= 2 ** 32) return;
    const needed = Math.ceil(this.#top / 2 ** 20);
    throw new MemoryError(
      "runtime.memory",
      `the values of this function need more than ${needed} MiB of memory, but the kernels address 4096 MiB; sum over events of a table instead of elements of a vector, or call it for fewer at once`,
      { needed: this.#top, available: 2 ** 32 },
    );
  }

  place(node: Tensor, address: number): void {
    this.#addresses.set(node, address);
  }

  /** Event values have addresses per sweep. */
  forget(nodes: readonly Tensor[]): void {
    for (const node of nodes) this.#addresses.delete(node);
  }

  address(node: Tensor): number {
    const address = this.#addresses.get(node);
    if (address === undefined)
      throw new InternalError("internal.plan", `no address for '${node.op.name}' (node ${node.id})`);
    return address;
  }

  /** A slot for a small value, or that of the value it aliases; constants are written when the plan is loaded. */
  small(node: Tensor): void {
    if (node.op.alias) {
      this.place(node, this.address(node.args[0]!));
      return;
    }
    const address = this.reserve(align(Math.max(node.size, 1) * (node.dtype === "i32" ? 4 : 8), 16));
    this.place(node, address);
    const value = constantValue(node);
    if (node.op.source === "constant" && value !== null) this.#constants.push({ address, value });
  }

  lower(node: Tensor, at: Partial<Places> = {}): void {
    const { lowering } = node.op;
    if (!lowering) return;
    // A body has results and room of its own.
    const { out: _, scratch: __, ...around } = at;
    const lanes = node.axis || lowering.fold ? (at.lanes ?? 1) : 1;
    const scratch = at.scratch ?? (lowering.scratch ? this.reserve(lowering.scratch(node, lanes), 64) : 0);
    this.emit(
      lowering.lower(node, {
        out: at.out ?? this.address(node),
        args: node.args.map((a) => this.address(a)),
        scratch,
        lanes,
        rowBase: at.rowBase ?? 0,
        staging: at.staging ?? 0,
        grain: at.grain ?? noGrain,
        ints: (values) => this.#ints(values),
        reserve: (bytes) => this.reserve(bytes),
        body: (body, inputs) => this.#body(body, inputs, around),
      }),
    );
  }

  emit(instructions: readonly Instruction[]): void {
    for (const [kernel, ...words] of instructions) {
      const opcode = this.#opcodes[kernel];
      if (opcode === undefined) throw new InternalError("internal.plan", `there is no kernel '${kernel}'`);
      this.#target.push(opcode, words.length + 2, ...words);
    }
  }

  range(f: () => void): Range {
    const start = this.#words.length * 4;
    f();
    return { start, end: this.#words.length * 4 };
  }

  /** Data that are written when the plan is loaded. */
  table(address: number, values: Int32Array | Float64Array): void {
    this.#tables.push({ address, values });
  }

  #ints(values: Int32Array): number {
    const address = this.reserve(align(values.length * 4, 16));
    this.table(address, values);
    return address;
  }

  /**
   * Small nodes of a body get slots of their own, those of events share buffers for the tile that `around` is about; what it
   * captured is read where it lies.
   */
  #body(body: Body, at: readonly (number | undefined)[], around: Partial<Places>): EncodedBody {
    body.inputs.forEach((t, i) => {
      const address = at[i];
      if (address !== undefined) this.place(t, address);
      else this.small(t);
    });
    const inner: number[] = [];
    const outer = this.#target;
    this.#target = inner;
    const inputs = new Set(body.inputs);
    const order = reachable(body.outputs).filter((node) => !inputs.has(node));
    const lifetimes = new Lifetimes(order, body.outputs);
    const pool = new Pool((bytes) => this.reserve(bytes, 64));
    const bytesOf = (t: Tensor) => t.size * (around.lanes ?? 1) * (t.dtype === "f64" ? 8 : 4);
    order.forEach((node, i) => {
      const release = () => {
        for (const t of lifetimes.endingAt(i)) if (!inputs.has(t)) pool.free(this.address(t), bytesOf(t));
      };
      if (!node.axis || node.op.alias) {
        this.small(node);
        this.lower(node);
        return;
      }
      if (node.op.lowering?.inPlace) release();
      this.place(node, pool.take(bytesOf(node)));
      this.lower(node, around);
      if (!node.op.lowering?.inPlace) release();
    });
    this.#target = outer;
    // Bodies of bodies have been appended by now, so this one is contiguous.
    const start = this.#bodies.length * 4;
    for (const word of inner) this.#bodies.push(word);
    return {
      inputs: body.inputs.map((t) => this.address(t)),
      outputs: body.outputs.map((t) => this.address(t)),
      start: LABEL + start,
      end: LABEL + this.#bodies.length * 4,
    };
  }

  finish(setup: Range, stages: readonly Stage[]) {
    const main = this.#words.length * 4;
    const bytes = main + this.#bodies.length * 4;
    const tables = this.#tables;
    const codeBase = this.reserve(bytes, 64);
    const code = new Int32Array(bytes / 4);
    const resolve = (word: number) => (word >= LABEL ? codeBase + main + (word - LABEL) : word);
    this.#words.forEach((w, i) => {
      code[i] = resolve(w);
    });
    this.#bodies.forEach((w, i) => {
      code[this.#words.length + i] = resolve(w);
    });
    const move = (r: Range): Range => ({ start: r.start + codeBase, end: r.end + codeBase });
    const moved = (sweeps: readonly Sweep[]) =>
      sweeps.map((w) => ({ ...w, phases: w.phases.map((phase) => movePhase(phase, move)) }));
    return {
      bytes: align(this.#top, 64),
      codeBase,
      code,
      tables,
      constants: this.#constants,
      guards: this.#guards,
      setup: move(setup),
      stages: stages.map((s) => ({
        code: move(s.code),
        sweeps: moved(s.sweeps),
        hosted: s.hosted.map((h) => ({ ...h, legs: moved(h.legs) })),
      })),
    };
  }
}
