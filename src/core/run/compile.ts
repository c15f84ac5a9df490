import { Arena, OutOfMemory } from "../../../bindings/arena.js";
import { execute, executeAsync, type Hosting } from "../../../bindings/executable.js";
import { opcodes } from "../../../bindings/generated/opcodes.js";
import { load, type Module, type Source } from "../../../bindings/load.js";
import type { Port } from "../../../bindings/orders.js";
import { Threads } from "../../../bindings/team.js";
import { GradcutError, InternalError, OptionError } from "../../text/gradcuterror.js";
import type { Derivative } from "../derive/transform.js";
import { InputError, MemoryError, RuntimeUnavailableError, ThreadsError } from "../errors.js";
import { isInput } from "../graph/op.js";
import { printGraph } from "../graph/printgraph.js";
import type { Tensor } from "../graph/tensor.js";
import { checkOptions } from "../options.js";
import type { Numbers, Plan } from "../plan/layout.js";
import { describe, isPromise, unflatten } from "../tree.js";
import { boundTables } from "./boundtables.js";
import type { In, Out, RealIn } from "./data.js";
import { NdArray } from "./ndarray.js";
import type { Bound, Gpu, GpuReport } from "./ongpu.js";
import { type Trace, vector } from "./trace.js";
import { type Compiled, Traces } from "./traces.js";

let arena: Arena | null = null;
let kernelModule: Module | null = null;
let loading: Promise<void> | null = null;

/**
 * Loads kernels that the program brings, once: the `module` that a bundler made of `gradcut/kernels.wasm`, or its `bytes`. A
 * bundle that calls this in place of `init` has no copy of them inside its JavaScript. Throws as `init`, and a
 * RuntimeUnavailableError where it is given nothing.
 */
export async function initFrom(source: Source): Promise<void> {
  checkOptions("initFrom", source, { module: true, bytes: true });
  await initOnce(() => source);
}

/** The `init` of an entry, which knows where its kernels are. */
export const initWith = (builtin: () => Source) => (): Promise<void> => initOnce(builtin);

async function initOnce(source: () => Source): Promise<void> {
  if (arena) return;
  loading ??= start(source()).finally(() => {
    loading = null;
  });
  await loading;
}

async function start(from: Source): Promise<void> {
  if (!from?.module && !from?.bytes) {
    throw new RuntimeUnavailableError(
      "runtime.source",
      "initFrom() got no kernels; give what gradcut/kernels.wasm holds as { module } or { bytes }",
    );
  }
  try {
    const { kernels, module } = await load(from);
    arena = new Arena(kernels);
    kernelModule = module;
  } catch (cause) {
    if (isMemory(cause)) {
      throw new MemoryError(
        "runtime.memory",
        `this runtime gives no memory to the kernels (${(cause as Error).message}); WebAssembly reserves several GiB of addresses, though it uses few: raise the limit of virtual memory (ulimit -v) or of the container`,
        { cause },
      );
    }
    if (isPolicy(cause)) {
      throw new RuntimeUnavailableError(
        "runtime.policy",
        "the Content-Security-Policy forbids WebAssembly here; add 'wasm-unsafe-eval' to its script-src, or compute in a worker that is served with it",
        { cause },
      );
    }
    throw new RuntimeUnavailableError(
      "runtime.wasm",
      `the kernels do not start here (${cause instanceof Error ? cause.message : String(cause)}); they need WebAssembly with SIMD, and runtimes that compile no bytes need initFrom({ module })`,
      { cause },
    );
  }
}

/** Whether WebAssembly started and found no memory, whatever the engine calls that. */
const isMemory = (cause: unknown): boolean =>
  !(cause instanceof WebAssembly.CompileError) &&
  (cause instanceof RangeError || (cause instanceof Error && /out of memory|allocate/i.test(cause.message)));

/** Whether the policy of a page forbids to compile, as Chromium, Firefox and WebKit say it. */
const isPolicy = (cause: unknown): boolean =>
  cause instanceof WebAssembly.CompileError && /Content Security Policy|\bCSP\b/i.test(cause.message);

/**
 * A run that did not end: what lies in memory is not used again. What the kernels lack, and that they stopped, are errors
 * of the library; their binding knows no others.
 */
function stopped(error: unknown): GradcutError {
  arena?.forget();
  if (error instanceof GradcutError) return error;
  if (error instanceof OutOfMemory) {
    const { needed, available } = error;
    return new MemoryError("runtime.memory", error.message, { needed, available });
  }
  const why = error instanceof Error ? error.message : String(error);
  return new InternalError("internal.kernels", `the kernels stopped: ${why}`, {}, { cause: error });
}

function requireArena(): Arena {
  if (!arena) {
    throw new RuntimeUnavailableError(
      "runtime.init",
      "the kernels are not loaded; write `await init()` once before",
    );
  }
  return arena;
}

/** Starts threads behind ports that an entry opens for its runtime. Entries call it; users call `threads`. */
export async function startThreads(count: number, open: () => Port): Promise<Threads> {
  requireArena();
  const fault = (code: string, message: string, fields?: Readonly<Record<string, unknown>>) =>
    new ThreadsError(code, message, fields);
  return Threads.start({ module: kernelModule as Module, count, open, fault });
}

/** Throws an OptionError where an option is not what its opener resolves to: nobody awaited a promise, perhaps. */
function requireOpened(option: "threads" | "gpu", given: unknown, part: string): void {
  if (given === undefined || (typeof given === "object" && given !== null && part in given)) return;
  const [what, remedy] = isPromise(given)
    ? ["a promise", `await ${option}(…) before`]
    : [describe(given), `pass what ${option}(…) resolves to`];
  throw new OptionError("option.value", `${option} of compile() is ${what}; ${remedy}`, { option });
}

/** Small results as they are given out: a number, a vector, or an array with its shape. */
function given(result: number | Numbers, { axis, shape }: Tensor): number | Numbers | NdArray {
  if (axis || typeof result === "number") return result;
  const data = result instanceof Float64Array ? result : Float64Array.from(result);
  return shape.length === 0 ? data[0]! : shape.length === 1 ? data : new NdArray(data, shape);
}

/** The results as the tree that the function returned. */
const answer = ({ structure, outputs }: Trace, results: readonly (number | Numbers)[]) =>
  unflatten(
    structure,
    results.map((result, i) => given(result, outputs[i]!)),
  );

/** How a compiled function runs; none of it but `gpu` changes a bit of the result. */
export interface CompileOptions {
  /** Threads that share the work (see `gradcut/threads`). */
  readonly threads?: Threads | undefined;
  /** A device for dense layers (see `gradcut/gpu`): then `async` alone computes, in f32 that agree, not in the same bits. */
  readonly gpu?: Gpu<Hosting> | undefined;
  /** Order in which the blocks of a table are worked on, for tests. */
  readonly blockOrder?: (blocks: number) => Iterable<number>;
}

type Args<A extends unknown[]> = { [K in keyof A]: In<A[K]> };

/** A compiled function: called with data, it answers with data. */
export interface CompiledFunction<A extends unknown[], R, D extends unknown[] = Args<A>> {
  (...args: D): Out<R>;
  /**
   * The same for threads that may not block: with `threads`, the main thread of a page must call this. Numbers and
   * vectors are taken as they are at the call; columns of tables are read until it resolves.
   */
  async(...args: D): Promise<Out<R>>;
  /** The graph as text, for arguments like these. */
  print(...args: D): string;
  /** The plan, for arguments like these. */
  plan(...args: D): Plan;
  /** How often the function was traced: once per structure of its arguments. */
  readonly traces: number;
  /** With `gpu`, where the latest call of `async` was computed, and why; null before, and without. */
  readonly gpu: GpuReport | null;
}

/**
 * A function of trees of Tensors as a function of data. It is traced at the first call and again only when the
 * structure of the arguments changes (keys, lengths of vectors, types of columns), never for other data or another
 * number of events. Arguments: numbers, vectors, trees of them, and tables of events made by `table`.
 */
export function compile<P, Rest extends unknown[], R>(
  f: Derivative<P, Rest, R>,
  options?: CompileOptions,
): CompiledFunction<[P, ...Rest], R, [RealIn<P>, ...Args<Rest>]>;
export function compile<A extends unknown[], R>(
  f: (...args: A) => R,
  options?: CompileOptions,
): CompiledFunction<A, R>;
export function compile<A extends unknown[], R>(
  f: (...args: A) => R,
  options: CompileOptions = {},
): CompiledFunction<A, R> {
  if (typeof f !== "function") {
    throw new InputError("compile.function", `compile() takes a function of Tensors, not ${describe(f)}`, {});
  }
  checkOptions("compile", options, { threads: true, blockOrder: true, gpu: true });
  requireOpened("threads", options.threads, "count");
  requireOpened("gpu", options.gpu, "runs");
  const run = {
    ...(options.blockOrder ? { order: options.blockOrder } : {}),
    team: options.threads,
  };
  const traces = new Traces(f, () => ({ base: requireArena().kernels.heapBase(), opcodes }));
  const bind = ({ traced, plan }: Compiled): Bound => {
    const { leaves } = traces;
    const inputs = traced.smalls.map(({ leaf }) => vector(leaves[leaf]!));
    const bound = boundTables(traced, leaves);
    return { traced, plan: plan(bound), inputs, tables: bound.tables };
  };
  const later = async ({ plan, inputs, tables }: Bound, hosting?: Hosting) => {
    try {
      const how = hosting ? { ...run, hosting } : run;
      return await executeAsync(requireArena(), plan, inputs, tables, how);
    } catch (error) {
      throw stopped(error);
    }
  };
  const device = options.gpu?.runs(traces, bind, later);
  const call = (...args: unknown[]) => {
    if (device) throw asynchronous();
    const { traced, plan, inputs, tables } = bind(traces.find(args));
    try {
      return answer(traced, execute(requireArena(), plan, inputs, tables, run));
    } catch (error) {
      throw stopped(error);
    }
  };
  return Object.defineProperties(call, {
    async: {
      value: async (...args: unknown[]) => {
        const bound = owned(bind(traces.find(args)));
        return answer(bound.traced, await (device ? device.run(args, bound) : later(bound)));
      },
    },
    print: {
      value: (...args: unknown[]) => {
        const { traced } = traces.find(args);
        const text = printGraph(traced.graph.nodes.filter(isInput), traced.outputs);
        return device ? `${text}\n${device.line(args)}` : text;
      },
    },
    plan: { value: (...args: unknown[]) => bind(traces.find(args)).plan },
    traces: { get: () => traces.count },
    gpu: { get: () => device?.latest ?? null },
  }) as unknown as CompiledFunction<A, R>;
}

/** It may begin when others are done; what the caller does meanwhile to these arrays is not for this call. */
const owned = (bound: Bound): Bound => ({
  ...bound,
  inputs: bound.inputs.map((x) => (typeof x === "number" ? x : x.slice())),
});

const asynchronous = () =>
  new InputError("gpu.async", "a function compiled with { gpu } waits for the device: await f.async(…)", {});
