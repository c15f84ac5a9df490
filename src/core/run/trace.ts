import { GradcutError } from "../../text/gradcuterror.js";
import { giveMethods } from "../elementary/givemethods.js";
import { InputError, ShapeError, TraceError } from "../errors.js";
import { childrenOf, type Events, type Numbers, tableInfo } from "../events.js";
import { type Axis, lineage, madeOf } from "../graph/axis.js";
import { requireConditions } from "../graph/conditions.js";
import { Graph, type Instead, withGraph } from "../graph/graph.js";
import { input } from "../graph/op.js";
import type { RankOf } from "../graph/rank.js";
import { describe, Tensor } from "../graph/tensor.js";
import { reachable } from "../graph/walk.js";
import { kindLetter, requireKind } from "../numberkind.js";
import { flatten, isNumbers, isPromise, leavesLike, type Structure, unflatten } from "../tree.js";
import type { Data } from "./data.js";
import { type ArrayData, isNested, NdArray, type Nested, nested, type Row, type ShapeOf } from "./ndarray.js";
import { ArgumentSymbols, type ChildOf, type ColumnOf, columnPaths, isSingle } from "./symbols.js";

const isTensor = (x: unknown): x is Tensor => x instanceof Tensor;
/** Whether a value is a leaf of arguments; tables are, too. */
export const isData = (x: unknown): x is Data =>
  typeof x === "number" ||
  (ArrayBuffer.isView(x) && !(x instanceof DataView)) ||
  isNumbers(x) ||
  x instanceof NdArray ||
  tableInfo(x) !== null;

/** How a leaf looks to a trace: part of the cache key. */
function leafKey(leaf: unknown): string {
  if (tableInfo(leaf)) return eventsKey(leaf as Events);
  if (typeof leaf === "number") return "n";
  if (leaf instanceof NdArray) return `${letter(leaf.data)}${leaf.shape.join("x")}`;
  return `${letter(leaf as Numbers)}${(leaf as { length: number }).length}`;
}

/** Keys of tables, which are frozen and may have a thousand columns. */
const keysOfEvents = new WeakMap<Events, string>();

function eventsKey(events: Events): string {
  let key = keysOfEvents.get(events);
  if (key === undefined) {
    const { dtype, widths } = tableInfo(events)!;
    const columns = Object.entries(widths).map(([name, width]) => {
      const values = events[name] as Numbers;
      return [name, width, isSingle(values, dtype) ? "s" : letter(values)];
    });
    const children = childrenOf(events).map(([name, child]) => [name, eventsKey(child)]);
    key = dtype + JSON.stringify([columns, children]);
    keysOfEvents.set(events, key);
  }
  return key;
}

const letter = (c: Numbers | readonly number[]): string => kindLetter(requireKind(c));

/** What one run of a function on symbols left behind. */
export interface Trace {
  readonly graph: Graph;
  readonly outputs: readonly Tensor[];
  readonly structure: Structure;
  /** Where small inputs and columns are found among the flattened arguments. */
  readonly smalls: readonly { leaf: number }[];
  readonly columns: readonly ColumnOf[];
  readonly tables: readonly { readonly leaf: number; readonly axis: Axis }[];
  /** Child tables of the arguments, and axes that the function made of them; parents first. */
  readonly children: readonly ChildOf[];
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
export function trace(f: (...args: never[]) => unknown, args: readonly unknown[], instead?: Instead): Trace {
  giveMethods();
  const flat = argumentLeaves(args);
  const graph = new Graph(instead);
  const symbols = new ArgumentSymbols();
  const captured: (Float64Array | Int32Array)[] = [];
  const paths = uniquePaths(flat.paths);
  return withGraph(graph, () => {
    const symbolic = flat.leaves.map((leaf, i) => symbols.of(leaf, i, paths[i]!));
    capturing.push({ captured, offset: symbols.smalls.length, known: new Map() });
    let result: unknown;
    try {
      result = (f as (...args: unknown[]) => unknown)(...asArguments(unflatten(flat.structure, symbolic)));
    } catch (cause) {
      const undefinedRead =
        cause instanceof TypeError || (cause instanceof ShapeError && cause.fields.got === "undefined");
      const meant = meantAsMatrices(paths, flat.leaves);
      const isTree =
        cause instanceof GradcutError &&
        (typeof cause.fields.got === "object" || cause.fields.got === "object");
      throw undefinedRead || (isTree && meant)
        ? unknownKey(cause as Error, paths, flat.leaves, meant)
        : cause;
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
    const used = axesOf(out.leaves);
    symbols.made([...graph.axes.values()].filter((axis) => used.has(axis)));
    const { smalls, columns, tables, children } = symbols;
    const about = { smalls, columns, tables, children, captured };
    return { graph, outputs: out.leaves, structure: out.structure, ...about };
  });
}

/** The axes of what results are made of, with all that these axes are made of. */
function axesOf(results: readonly Tensor[]): ReadonlySet<Axis> {
  const axes = new Set(reachable(results).flatMap((t) => (t.axis ? [t.axis] : [])));
  for (const axis of axes) for (const a of [...lineage(axis), ...madeOf(axis)]) axes.add(a);
  return axes;
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

/** Arguments that may have been meant as matrices, in words: lists of rows, and data with a shape. */
function meantAsMatrices(paths: readonly string[], leaves: readonly unknown[]): string {
  return paths
    .map((path, i) => {
      const tree = path.replace(/(\[0\]|\.shape)$/, "");
      if (tree === path || typeof leaves[i] === "number" || tableInfo(leaves[i])) return "";
      if (!path.endsWith("[0]") && !paths.includes(`${tree}.data`)) return "";
      const what = path.endsWith("[0]") ? "a list of vectors" : "an object of two vectors";
      return `; ${tree} is ${what}: as a matrix it is array(${tree})`;
    })
    .join("");
}

/** Mostly a key that the arguments do not have: what they have is named. */
function unknownKey(
  cause: Error,
  paths: readonly string[],
  leaves: readonly unknown[],
  meant: string,
): TraceError {
  const given = paths.flatMap((path, i) => {
    const leaf = leaves[i];
    return tableInfo(leaf) ? columnPaths(path, leaf as Events) : [path];
  });
  const shown = `${given.slice(0, 20).join(", ")}${given.length > 20 ? `, … (${given.length} in all)` : ""}`;
  const error = new TraceError(
    "trace.failed",
    `the function failed while it was traced (${cause.message}); ${question(cause)} ${shown || "nothing"}${meant}`,
    { given },
  );
  return Object.assign(error, { cause });
}

/** A method that is missing is one of Tensors, asked of numbers that the function found outside of its arguments. */
const question = ({ message }: Error): string =>
  / is not a function$/.test(message)
    ? "does it compute with numbers or arrays from outside? Pass them as an argument, or as constantArray([...]). Its arguments have"
    : "does it read something that its arguments do not have? They have";

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
export function constantArray<const S extends readonly number[] = readonly [number]>(
  values: Row,
  shape?: S,
): Tensor<RankOf<S>>;
export function constantArray<const V extends Nested | NdArray<readonly number[], ArrayData>>(
  values: V,
): Tensor<RankOf<ShapeOf<V>>>;
export function constantArray(
  given: Row | Nested | NdArray<readonly number[], ArrayData>,
  shape?: readonly number[],
): Tensor {
  if (given instanceof NdArray) return constantArray(given.data, given.shape);
  if (isNested(given)) {
    const made: Tensor = constantArray(nested(given));
    return shape ? made.reshape(shape) : made;
  }
  const values = given;
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
  if (leaf instanceof NdArray) return leaf.data;
  return requireKind(leaf).dtype === "i32" ? Int32Array.from(leaf) : Float64Array.from(leaf);
}
