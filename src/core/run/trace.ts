import { giveMethods } from "../elementary/givemethods.js";
import { InputError, ShapeError, TraceError } from "../errors.js";
import type { Numbers } from "../events.js";
import { type Columns, type Events, type Marked, requireColumn, tableInfo } from "../events.js";
import { requireConditions } from "../graph/conditions.js";
import { input } from "../graph/op.js";
import { type Axis, describe, Graph, type Scalar, Tensor, type Type, withGraph } from "../graph/tensor.js";
import { reachable } from "../graph/walk.js";
import { arrayName, kindLetter, type NumberKind, numberKind } from "../numberkind.js";
import {
  describe as describeValue,
  flatten,
  isNumbers,
  isPromise,
  joinPath,
  leavesLike,
  type Structure,
  unflatten,
} from "../tree.js";

/** Concrete leaf of an argument: a number, or numbers (a vector, or a column of a table). */
export type Data = number | readonly number[] | Numbers;
/** Data that are real numbers by their type. */
export type Real = number | readonly number[] | Float64Array | Float32Array;
/** Concrete leaf of a result: a number for a scalar, else its elements in row-major order. */
export type Leaf = number | Float64Array | Float32Array | Int32Array;

/** Arguments of a compiled function: Tensors become data. */
export type In<T> = T extends Tensor
  ? Data
  : T extends (...args: never[]) => unknown
    ? T
    : T extends object
      ? { [K in keyof T]: In<T[K]> } | AnyEvents<T>
      : T;
/** Events whose columns no type knows, where none is asked for by its name. */
type AnyEvents<T> = string extends keyof T ? (T[keyof T] extends Tensor ? Events : never) : never;
/** Arguments that are differentiated: the same without integers, which have no derivative. */
export type RealIn<T> = T extends Tensor
  ? Real
  : T extends (...args: never[]) => unknown
    ? T
    : T extends object
      ? { [K in keyof T]: RealIn<T[K]> }
      : T;
/** Data as a traced function sees them: numbers, vectors and columns become Tensors, trees stay trees. */
export type Traced<T> = T extends Tensor
  ? T
  : T extends Data
    ? Tensor
    : T extends Marked
      ? { readonly [K in Exclude<keyof T, keyof Marked>]: Tensor }
      : T extends object
        ? { [K in keyof T]: Traced<T[K]> }
        : T;
/** Results of a compiled function: scalars become numbers, other Tensors typed arrays. */
export type Out<T> = T extends Scalar
  ? number
  : T extends Tensor
    ? Leaf
    : T extends object
      ? { [K in keyof T]: Out<T[K]> }
      : T;

const isTensor = (x: unknown): x is Tensor => x instanceof Tensor;
/** Whether a value is a leaf of arguments; tables are, too. */
export const isData = (x: unknown): x is Data =>
  typeof x === "number" ||
  (ArrayBuffer.isView(x) && !(x instanceof DataView)) ||
  isNumbers(x) ||
  tableInfo(x) !== null;

/** How a leaf looks to a trace: part of the cache key. */
function leafKey(leaf: unknown): string {
  if (tableInfo(leaf)) return eventsKey(leaf as Events);
  if (typeof leaf === "number") return "n";
  return `${letter(leaf as Numbers)}${(leaf as { length: number }).length}`;
}

/** Keys of tables, which are frozen and may have a thousand columns. */
const keysOfEvents = new WeakMap<Events, string>();

function eventsKey(events: Events): string {
  let key = keysOfEvents.get(events);
  if (key === undefined) {
    const { dtype, widths } = tableInfo(events)!;
    const columns = Object.entries(widths).map((column) => [...column, letter(events[column[0]] as Numbers)]);
    key = dtype + JSON.stringify(columns);
    keysOfEvents.set(events, key);
  }
  return key;
}

const letter = (c: Numbers | readonly number[]): string => kindLetter(requireKind(c));

/** Throws an InputError for arrays that no small input takes. */
function requireKind(values: Numbers | readonly number[]): NumberKind {
  const kind = numberKind(values);
  if (kind) return kind;
  if (!ArrayBuffer.isView(values)) {
    throw new InputError(
      "input.array",
      `${describeValue(values)} is no array of numbers; give numbers in an array, as [1, 2] or a Float64Array`,
      { got: typeof values },
    );
  }
  throw new InputError(
    "input.bigint",
    `a ${arrayName(values) || typeof values} cannot be computed with; 64-bit integers up to 2^53 are exact in a Float64Array.from(values, Number)`,
    { kind: arrayName(values) },
  );
}

/** What one run of a function on symbols left behind. */
export interface Trace {
  readonly graph: Graph;
  readonly outputs: readonly Tensor[];
  readonly structure: Structure;
  /** Where small inputs and columns are found among the flattened arguments. */
  readonly smalls: readonly { leaf: number }[];
  readonly columns: readonly { leaf: number; name: string }[];
  readonly tables: readonly { leaf: number; axis: Axis }[];
  readonly captured: readonly (Float64Array | Int32Array)[];
}

/** The leaves of a call's arguments, and a key that is equal where one trace serves both. */
export function argumentLeaves(args: readonly unknown[]) {
  const flat = flatten<Data>(asTree(args), isData, "arguments", "numbers, typed arrays and tables");
  const keys = flat.leaves.map(leafKey);
  return { ...flat, keys, key: `${flat.structure.key}|${keys.join(" ")}` };
}

/** The leaves of arguments that look like earlier ones, or null: most calls repeat the last one with other numbers. */
export function sameLeaves(
  like: { structure: Structure; keys: readonly string[] },
  args: readonly unknown[],
): Data[] | null {
  return leavesLike(like.structure, asTree(args), (leaf, i): leaf is Data => {
    const key = like.keys[i] as string;
    if (typeof leaf === "number") return key === "n";
    return key !== "n" && isData(leaf) && leafKey(leaf) === key;
  });
}

/** Runs `f` once on symbolic values that look like `args`. */
export function trace(f: (...args: never[]) => unknown, args: readonly unknown[]): Trace {
  giveMethods();
  const flat = argumentLeaves(args);
  const graph = new Graph();
  const smalls: { leaf: number }[] = [];
  const columns: { leaf: number; name: string }[] = [];
  const tables: { leaf: number; axis: Axis }[] = [];
  const captured: (Float64Array | Int32Array)[] = [];
  const paths = uniquePaths(flat.paths);
  return withGraph(graph, () => {
    const symbolic = flat.leaves.map((leaf, i): unknown => {
      const path = paths[i] as string;
      const info = tableInfo(leaf);
      if (info) {
        const axis: Axis = { table: path, dtype: info.dtype };
        tables.push({ leaf: i, axis });
        const events = leaf as unknown as Columns;
        const tensors = Object.entries(info.widths).map(([name, width]): [string, Tensor] => {
          const { dtype, bits } = requireKind(events[name] as Numbers);
          const type: Type = {
            shape: width === 1 ? [] : [width],
            dtype: dtype === "float" ? info.dtype : dtype,
            axis,
          };
          columns.push({ leaf: i, name });
          const known = { ...(bits ? { bits } : {}), ...(dtype === "f64" ? { whole: true } : {}) };
          return [name, input(type, joinPath(path, name), columns.length - 1, known)];
        });
        return withRefusals(Object.fromEntries(tensors), events);
      }
      smalls.push({ leaf: i });
      const shape = typeof leaf === "number" ? [] : [(leaf as readonly number[]).length];
      const kind = typeof leaf === "number" ? null : requireKind(leaf as Numbers);
      const dtype = kind?.dtype === "i32" ? "i32" : "f64";
      const known = kind?.dtype === "f64" ? { whole: true } : {};
      return input({ shape, dtype, axis: null }, path, smalls.length - 1, known);
    });
    capturing.push({ captured, offset: smalls.length, known: new Map() });
    let result: unknown;
    try {
      result = (f as (...args: unknown[]) => unknown)(...asArguments(unflatten(flat.structure, symbolic)));
    } catch (cause) {
      const undefinedRead =
        cause instanceof TypeError || (cause instanceof ShapeError && cause.fields.got === "undefined");
      throw undefinedRead ? unknownKey(cause, paths, flat.leaves) : cause;
    } finally {
      capturing.pop();
    }
    if (isPromise(result)) {
      throw new TraceError(
        "trace.async",
        "the function returned a promise: it is traced once, on symbols, and cannot wait; await what it needs before and pass that in",
      );
    }
    const out = flatten(result, isTensor, "result", "Tensors");
    for (const t of out.leaves) {
      if (t.graph !== graph) {
        throw new TraceError(
          "trace.escaped",
          "the function returned a Tensor of another trace; return what it computed in this call",
        );
      }
    }
    requireConditions(graph, out.leaves);
    requireOutside(out.leaves);
    return { graph, outputs: out.leaves, structure: out.structure, smalls, columns, tables, captured };
  });
}

/** Columns that nothing computes with say so where they are asked for, and not before: files hold many. */
function withRefusals(tensors: Record<string, Tensor>, events: Columns): Record<string, Tensor> {
  for (const name of Object.keys(events)) {
    if (Object.hasOwn(tensors, name)) continue;
    const refuse = () => requireColumn(name, events[name]);
    Object.defineProperty(tensors, name, { get: refuse });
  }
  return tensors;
}

/** Throws a TraceError where something is made of a value that stood inside a derivative or a search alone. */
function requireOutside(results: readonly Tensor[]): void {
  const inner = reachable(results).find((t) => t.op.source === "hole");
  if (!inner) return;
  throw new TraceError(
    "trace.escaped",
    `the function returned something made of ${describe(inner)}, which stands for a value inside grad(), vjp(), vmap(), minimize() or root() alone; make it again outside, of the arguments`,
    { path: inner.attrs.path },
  );
}

/** Arguments as one tree. Keys instead of an array: two numbers must not look like a vector. */
function asTree(args: readonly unknown[]): Record<string, unknown> {
  const tree: Record<string, unknown> = {};
  for (let i = 0; i < args.length; i++) tree[i] = args[i];
  return tree;
}
const asArguments = (tree: Record<string, unknown>) => Object.keys(tree).map((_, i) => tree[`${i}`]);

/**
 * Paths as the user knows them: the first argument is called params, tables by their own names. A table is told from
 * another by its path, so a path that two arguments share says for the later one which argument it is in.
 */
function uniquePaths(paths: readonly string[]): string[] {
  const taken = new Set<string>();
  return paths.map((path) => {
    const [, index, rest] = /^arguments\["(\d+)"\](.*)$/s.exec(path) as unknown as [string, string, string];
    const short = rest.replace(/^\./, "") || (index === "1" ? "events" : `argument${index}`);
    let name = index === "0" ? `params${rest}` : short;
    if (taken.has(name)) name = `argument${index}${rest}`;
    const plain = name;
    for (let n = 2; taken.has(name); n++) name = `${plain}#${n}`;
    taken.add(name);
    return name;
  });
}

/** Mostly a key that the arguments do not have: what they have is named. */
function unknownKey(cause: Error, paths: readonly string[], leaves: readonly unknown[]): TraceError {
  const given = paths.flatMap((path, i) => {
    const leaf = leaves[i];
    const widths = tableInfo(leaf)?.widths;
    return widths ? Object.keys(widths).map((name) => joinPath(path, name)) : [path];
  });
  const shown = `${given.slice(0, 20).join(", ")}${given.length > 20 ? `, … (${given.length} in all)` : ""}`;
  const error = new TraceError(
    "trace.failed",
    `the function failed while it was traced (${cause.message}); does it read something that its arguments do not have? They have ${shown || "nothing"}`,
    { given },
  );
  return Object.assign(error, { cause });
}

interface Capturing {
  captured: (Float64Array | Int32Array)[];
  offset: number;
  known: Map<unknown, readonly { readonly copy: Float64Array | Int32Array; readonly tensor: Tensor }[]>;
}
const capturing: Capturing[] = [];

/**
 * Data as a small tensor: an array that is part of the function, not of its arguments (edges, a fixed matrix). An
 * Int32Array gives integers, for indices.
 */
export function constantArray(
  values: readonly number[] | Float64Array | Int32Array,
  shape?: readonly number[],
): Tensor {
  const scope = capturing[capturing.length - 1];
  if (!scope) throw new TraceError("trace.none", "constantArray() was called outside a traced function");
  const { dtype } = requireKind(values);
  if (Array.isArray(values)) requireNumbers(values);
  // The same array may hold other numbers now: one that is filled anew in a loop.
  let t = scope.known
    .get(values)
    ?.find(
      ({ copy }) => copy.length === values.length && copy.every((v, i) => Object.is(v, values[i])),
    )?.tensor;
  if (!t) {
    const copy = dtype === "i32" ? Int32Array.from(values) : Float64Array.from(values);
    scope.captured.push(copy);
    t = input(
      { shape: [values.length], dtype: dtype === "i32" ? "i32" : "f64", axis: null },
      "constant",
      scope.offset + scope.captured.length - 1,
    );
    scope.known.set(values, [...(scope.known.get(values) ?? []), { copy, tensor: t }]);
  }
  return shape ? t.reshape(shape) : t;
}

/** Throws an InputError for an array that does not hold numbers alone, as a nested one. */
function requireNumbers(values: readonly unknown[]): void {
  const at = values.findIndex((v) => typeof v !== "number");
  if (at < 0) return;
  const odd = values[at];
  const [what, remedy] =
    Array.isArray(odd) || ArrayBuffer.isView(odd)
      ? ["an array", "give the rows one after the other and the shape, as constantArray(rows.flat(), [2, 3])"]
      : odd instanceof Tensor
        ? ["a Tensor", "join Tensors with stack() or concat()"]
        : [String(odd), "leave it out, or write what it stands for"];
  throw new InputError(
    "input.number",
    `constantArray() takes numbers, but element ${at} is ${what}; ${remedy}`,
    { at },
  );
}

/** A small argument as the numbers its input slot takes. */
export function vector(leaf: Data): number | Float64Array | Int32Array {
  if (typeof leaf === "number") return leaf;
  if (leaf instanceof Float64Array || leaf instanceof Int32Array) return leaf;
  return requireKind(leaf).dtype === "i32" ? Int32Array.from(leaf) : Float64Array.from(leaf);
}
