import { Arena, execute, type TableData } from "../../bindings/executable.js";
import { opcodes } from "../../bindings/generated/opcodes.js";
import { decodeBase64, load, type Source } from "../../bindings/load.js";
import { InputError, RuntimeUnavailableError, TraceError } from "./errors.js";
import { input } from "./op.js";
import { type Plan, plan } from "./plan.js";
import { printNodes } from "./print.js";
import { type Column, tableInfo } from "./table.js";
import { type Axis, Graph, type Scalar, Tensor, withGraph } from "./tensor.js";
import { flatten, joinPath, type Structure, unflatten } from "./tree.js";
import { verify } from "./verify.js";

/** Concrete leaf of an argument: a number, or numbers (a vector, or a column of a table). */
export type Data = number | readonly number[] | Column;
/** Concrete leaf of a result: a number for a scalar, else its elements in row-major order. */
export type Leaf = number | Float64Array | Float32Array | Int32Array;

/** Arguments of a compiled function: Tensors become data. */
export type In<T> = T extends Tensor
  ? Data
  : T extends (...args: never[]) => unknown
    ? T
    : T extends object
      ? { [K in keyof T]: In<T[K]> }
      : T;
/** Results of a compiled function: scalars become numbers, other Tensors typed arrays. */
export type Out<T> = T extends Scalar
  ? number
  : T extends Tensor
    ? Leaf
    : T extends object
      ? { [K in keyof T]: Out<T[K]> }
      : T;

let arena: Arena | null = null;
let builtin: (() => Source) | null = null;
let loading: Promise<void> | null = null;

/** Tells `init` where this build keeps its kernels. Entries call it; users do not. */
export function useKernels(source: () => Source): void {
  builtin = source;
}

export const base64Source = (text: string) => (): Source => ({ bytes: decodeBase64(text) });

/**
 * Loads the kernels, once; everything after is synchronous. `module` or `bytes` replace the built-in ones where a
 * runtime compiles no bytes. Throws a RuntimeUnavailableError where WebAssembly SIMD is missing.
 */
export async function init(source?: Source): Promise<void> {
  if (arena) return;
  loading ??= start(source).finally(() => {
    loading = null;
  });
  await loading;
}

async function start(source: Source | undefined): Promise<void> {
  const from = source ?? builtin?.();
  if (!from) {
    throw new RuntimeUnavailableError(
      "runtime.source",
      "this entry carries no kernels; call init({ module }) with the imported kernels.wasm",
    );
  }
  try {
    arena = new Arena(await load(from));
  } catch (cause) {
    throw new RuntimeUnavailableError(
      "runtime.wasm",
      `the kernels do not start here (${cause instanceof Error ? cause.message : String(cause)}); they need WebAssembly with SIMD, and runtimes that compile no bytes need init({ module })`,
      { cause },
    );
  }
}

function requireArena(): Arena {
  if (!arena) {
    throw new RuntimeUnavailableError("runtime.init", "the kernels are not loaded; write `await init()` once before");
  }
  return arena;
}

const isTensor = (x: unknown): x is Tensor => x instanceof Tensor;
const isLeaf = (x: unknown): x is Data =>
  typeof x === "number" ||
  (ArrayBuffer.isView(x) && !(x instanceof DataView)) ||
  (Array.isArray(x) && x.length > 0 && x.every((v) => typeof v === "number")) ||
  tableInfo(x) !== null;

/** How a leaf looks to a trace: part of the cache key. */
function leafKey(leaf: unknown): string {
  const info = tableInfo(leaf);
  if (info) {
    const columns = Object.entries(leaf as Record<string, Column>);
    return `t${info.dtype}{${columns.map(([k, c]) => `${JSON.stringify(k)}${kindOf(c)}${info.widths[k]}`).join(",")}}`;
  }
  if (typeof leaf === "number") return "n";
  return `${kindOf(leaf as Column)}${(leaf as { length: number }).length}`;
}

const kindOf = (c: Column | readonly number[]): "f" | "i" =>
  c instanceof Float64Array || c instanceof Float32Array || Array.isArray(c) ? "f" : "i";

interface Traced {
  readonly graph: Graph;
  readonly outputs: readonly Tensor[];
  readonly structure: Structure;
  /** Where small inputs and columns are found among the flattened arguments. */
  readonly smalls: readonly { leaf: number }[];
  readonly columns: readonly { leaf: number; name: string }[];
  readonly tables: readonly { leaf: number; axis: Axis }[];
  readonly captured: readonly Float64Array[];
}

/** Runs `f` once on symbolic values that look like `args`. */
function trace(f: (...args: never[]) => unknown, args: readonly unknown[]): Traced {
  const flat = flatten<Data>(asTree(args), isLeaf, "arguments", "numbers, typed arrays and tables");
  const graph = new Graph();
  const smalls: { leaf: number }[] = [];
  const columns: { leaf: number; name: string }[] = [];
  const tables: { leaf: number; axis: Axis }[] = [];
  const captured: Float64Array[] = [];
  return withGraph(graph, () => {
    const symbolic = flat.leaves.map((leaf, i): unknown => {
      const path = readable(flat.paths[i] as string);
      const info = tableInfo(leaf);
      if (info) {
        const axis: Axis = { table: path, dtype: info.dtype };
        tables.push({ leaf: i, axis });
        return Object.fromEntries(
          Object.entries(leaf as unknown as Record<string, Column>).map(([name, column]) => {
            const width = info.widths[name] as number;
            const type = {
              shape: width === 1 ? [] : [width],
              dtype: kindOf(column) === "i" ? ("i32" as const) : info.dtype,
              axis,
            };
            columns.push({ leaf: i, name });
            return [name, input(type, joinPath(path, name), columns.length - 1)];
          }),
        );
      }
      smalls.push({ leaf: i });
      const shape = typeof leaf === "number" ? [] : [(leaf as readonly number[]).length];
      const dtype = typeof leaf !== "number" && kindOf(leaf as Column) === "i" ? "i32" : "f64";
      return input({ shape, dtype, axis: null }, path, smalls.length - 1);
    });
    capturing.push({ captured, offset: smalls.length, known: new Map() });
    let result: unknown;
    try {
      result = (f as (...args: unknown[]) => unknown)(...asArguments(unflatten(flat.structure, symbolic)));
    } finally {
      capturing.pop();
    }
    const out = flatten(result, isTensor, "result", "Tensors");
    for (const t of out.leaves) {
      if (t.graph !== graph) {
        throw new TraceError("trace.escaped", "the function returned a Tensor of another trace; return what it computed in this call");
      }
    }
    return { graph, outputs: out.leaves, structure: out.structure, smalls, columns, tables, captured };
  });
}

/** Arguments as one tree. Keys instead of an array: two numbers must not look like a vector. */
const asTree = (args: readonly unknown[]) => Object.fromEntries(args.map((a, i) => [`${i}`, a]));
const asArguments = (tree: Record<string, unknown>) => Object.keys(tree).map((_, i) => tree[`${i}`]);

/** Paths as the user knows them: the first argument is called params, tables by their own names. */
function readable(path: string): string {
  const [, index, rest] = /^arguments\["(\d+)"\](.*)$/.exec(path) as unknown as [string, string, string];
  if (index === "0") return `params${rest}`;
  return rest.replace(/^\./, "") || (index === "1" ? "events" : `argument${index}`);
}

interface Capturing {
  captured: Float64Array[];
  offset: number;
  known: Map<unknown, Tensor>;
}
const capturing: Capturing[] = [];

/** Data as a small tensor: an array that is part of the function, not of its arguments (edges, a fixed matrix). */
export function constantArray(values: readonly number[] | Float64Array, shape?: readonly number[]): Tensor {
  const scope = capturing[capturing.length - 1];
  if (!scope) throw new TraceError("trace.none", "constantArray() was called outside a traced function");
  let t = scope.known.get(values);
  if (!t) {
    scope.captured.push(Float64Array.from(values));
    t = input({ shape: [values.length], dtype: "f64", axis: null }, "constant", scope.offset + scope.captured.length - 1);
    scope.known.set(values, t);
  }
  return shape ? t.reshape(shape) : t;
}

interface Compiled {
  readonly traced: Traced;
  readonly plan: Plan;
}

/** Options of a call, for tests of what must not matter. */
export interface CompileOptions {
  /** Order in which the blocks of a table are worked on. */
  blockOrder?: (blocks: number) => Iterable<number>;
}

/** A compiled function: called with data, it answers with data. */
export interface CompiledFunction<A extends unknown[], R> {
  (...args: { [K in keyof A]: In<A[K]> }): Out<R>;
  /** The graph as text, for arguments like these. */
  print(...args: { [K in keyof A]: In<A[K]> }): string;
  /** The plan, for arguments like these. */
  plan(...args: { [K in keyof A]: In<A[K]> }): Plan;
  /** How often the function was traced: once per structure of its arguments. */
  readonly traces: number;
}

/**
 * A function of trees of Tensors as a function of data. It is traced at the first call and again only when the
 * structure of the arguments changes (keys, lengths of vectors, types of columns), never for other data or another
 * number of events. Arguments: numbers, vectors, trees of them, and tables of events made by `table`.
 */
export function compile<A extends unknown[], R>(
  f: (...args: A) => R,
  options: CompileOptions = {},
): CompiledFunction<A, R> {
  const cache = new Map<string, Compiled>();
  let traces = 0;
  const find = (args: readonly unknown[]) => {
    const flat = flatten<Data>(asTree(args), isLeaf, "arguments", "numbers, typed arrays and tables");
    const key = `${flat.structure.key}|${flat.leaves.map(leafKey).join(" ")}`;
    let compiled = cache.get(key);
    if (!compiled) {
      const kernels = requireArena().kernels;
      const traced = trace(f as (...args: never[]) => unknown, args);
      verify(traced.outputs);
      compiled = { traced, plan: plan(traced.outputs, kernels.heapBase(), opcodes) };
      cache.set(key, compiled);
      traces++;
    }
    return { ...compiled, leaves: flat.leaves, paths: flat.paths };
  };
  const call = (...args: unknown[]) => {
    const { traced, plan, leaves } = find(args);
    const inputs = [
      ...traced.smalls.map(({ leaf }) => vector(leaves[leaf] as Data)),
      ...traced.captured,
    ];
    const tables = new Map<string, TableData>();
    for (const { leaf, axis } of traced.tables) {
      const data = leaves[leaf] as unknown as Record<string, Column>;
      const columns = new Map<number, Column>();
      traced.columns.forEach((c, slot) => {
        if (c.leaf === leaf) columns.set(slot, data[c.name] as Column);
      });
      tables.set(axis.table, { rows: tableInfo(data)!.rows, columns });
    }
    const results = execute(requireArena(), plan, inputs, tables, options.blockOrder);
    const values = results.map((r, i) => {
      const out = traced.outputs[i] as Tensor;
      return out.axis || out.shape.length ? r : (r[0] as number);
    });
    return unflatten(traced.structure, values);
  };
  return Object.defineProperties(call, {
    print: {
      value: (...args: unknown[]) => {
        const { traced } = find(args);
        const inputs = traced.graph.nodes.filter((n) => n.op.perTile && (n.attrs.slot as number) >= 0);
        return printNodes(inputs, traced.outputs);
      },
    },
    plan: { value: (...args: unknown[]) => find(args).plan },
    traces: { get: () => traces },
  }) as unknown as CompiledFunction<A, R>;
}

function vector(leaf: Data): Float64Array | Int32Array {
  if (typeof leaf === "number") return Float64Array.of(leaf);
  if (leaf instanceof Float64Array || leaf instanceof Int32Array) return leaf;
  if (Array.isArray(leaf) || leaf instanceof Float32Array) return Float64Array.from(leaf as readonly number[]);
  if (typeof (leaf as { [i: number]: unknown })[0] === "bigint") {
    throw new InputError("input.bigint", "a 64-bit integer array cannot be computed with; convert it to Float64Array", {});
  }
  return Int32Array.from(leaf as Column);
}

/** Traces without compiling: the graph that the interpreter, the printer and the tests read. */
export function traceGraph(f: (...args: never[]) => unknown, ...args: unknown[]): Traced {
  return trace(f, args);
}
