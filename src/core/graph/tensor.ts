import { display, type MimeBundle } from "../../text/display.js";
import type { merges } from "../agreed.js";
import { TraceError } from "../errors.js";
import type { Problem, Starts } from "../oracle/newton.js";
import type { HostWork } from "./hostwork.js";
import type { Methods } from "./methods.js";
import type { Rank } from "./rank.js";

/** Element type of a tensor. Small tensors are f64 (or i32, for indices); event tensors f32, f64 or i32. */
export type Dtype = "f32" | "f64" | "i32";

/**
 * The leading axis of event tensors: the rows of one table. Its length is never known to a graph. One with a parent is that
 * of a child table: each of its rows belongs to a row of the parent, as a jet to an event, and they lie one parent's after
 * the other's.
 */
export interface Axis {
  /** Unique in a trace, as `events` or `events.jets`. */
  readonly table: string;
  /** Float type of the table's tiles. */
  readonly dtype: "f32" | "f64";
  readonly parent: Axis | null;
  readonly rows: AxisRows;
}

/** What the rows of an axis are: those of columns, or combinations of rows of other axes that belong together. */
export type AxisRows =
  | "columns"
  | { readonly comb: 2 | 3; readonly of: Axis }
  | { readonly cross: readonly [Axis, Axis] };

export const isAxis = (axis: unknown): axis is Axis =>
  typeof axis === "object" && axis !== null && "table" in axis;

/** The axis and those above it, up to that of a table of its own. */
export function lineage(axis: Axis): readonly Axis[] {
  const line = [axis];
  for (let a = axis.parent; a; a = a.parent) line.push(a);
  return line;
}

/** The axes that the rows of an axis are made of. */
export const madeOf = ({ rows }: Axis): readonly Axis[] =>
  rows === "columns" ? [] : "comb" in rows ? [rows.of] : rows.cross;

/** The axis of the table of its own that an axis belongs to. */
export const rootOf = (axis: Axis): Axis => lineage(axis).at(-1)!;

/** Where the rows of an axis lie that is worked on: addresses of their number, and of i32[parents + 1] of where children begin. */
export interface GrainPlace {
  readonly count: number;
  readonly first: number;
}

/** What is known of a tensor without data: inner shape, element type, and the event axis if it has one. */
export interface Type {
  readonly shape: readonly number[];
  readonly dtype: Dtype;
  readonly axis: Axis | null;
}

/** A closed graph inside an op (the objective of a fit): inputs in, outputs out, no captures. Its values are small, or of the op's axis. */
export interface Body {
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  readonly key: string;
}

/** What no text can say, as a rule of the user's: equal to itself alone, known by a number. */
export interface Opaque {
  readonly opaque: number;
}

export type Attr = number | string | boolean | readonly number[] | readonly boolean[] | Body | Axis | Opaque;
/** Static parts of a node; an op has a type for its own. */
export type Attrs = Readonly<Record<string, Attr | undefined>>;

/** A node of an op with such attributes. */
export interface NodeOf<A extends Attrs> extends Tensor {
  readonly attrs: A;
}

/** Where the lowering of a node finds its operands: byte addresses, and helpers for static data and bodies. */
export interface Places {
  readonly out: number;
  readonly args: readonly number[];
  readonly scratch: number;
  /** Lanes per inner element: the tile size for event values, 1 for small ones. */
  readonly lanes: number;
  /** Address of the i32 that holds the first row of the current block. */
  readonly rowBase: number;
  /** Staging address of an input or output column. */
  readonly staging: number;
  /** Rows of an axis, for what runs once for whole buffers. */
  grain(axis: Axis): GrainPlace;
  ints(values: Int32Array): number;
  reserve(bytes: number): number;
  /** Encodes a body; `at[i]` aliases input i to an address, undefined gives it a slot of its own. */
  body(body: Body, at: readonly (number | undefined)[]): EncodedBody;
}

export interface EncodedBody {
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly start: number;
  readonly end: number;
}

/** One tape instruction before its opcode is looked up: kernel name and operand words. */
export type Instruction = readonly [kernel: string, ...words: number[]];

/** Values the interpreter works on: `lanes` numbers (rows, or 1) per inner element, feature-major. */
export interface Value {
  readonly data: Float64Array;
  readonly lanes: number;
}

/** How blocks of a fold are merged by the host. */
export interface Fold {
  readonly merge: keyof typeof merges;
  /** Turns the merged state into the node's value, where they differ. */
  finish?(state: number, out: number, node: Tensor): Instruction;
}

/** One argument of a test sample: a shape with a range of values, event or small. */
export interface SampleArg {
  readonly shape: readonly number[];
  readonly event?: boolean;
  /** Rows of a child of the events. */
  readonly child?: boolean;
  readonly range?: readonly [number, number];
  readonly values?: readonly number[];
  /** Integer argument drawn from 0..integer-1. */
  readonly integer?: number;
}

/** Stands in samples for the axis of the table that a test makes. */
export const sampleAxis: Axis = { table: "events", dtype: "f64", parent: null, rows: "columns" };
/** The same for that of its child. */
export const sampleChild: Axis = { table: "events.child", dtype: "f64", parent: sampleAxis, rows: "columns" };
/** That of a second one. */
export const sampleOther: Axis = { ...sampleChild, table: "events.other" };

/** A call of an op that the registry tests make: arguments, attributes, and what accuracy is promised. */
export interface Sample<A extends Attrs = Attrs> {
  readonly args: readonly SampleArg[];
  readonly attrs?: A;
  /** Largest error of a kernel against the reference, in ULP of the result (values) or of its largest entry. */
  readonly ulp: { readonly f32: number; readonly f64: number };
  /** Order of derivatives that are checked against differences (default 2). */
  readonly order?: 0 | 1 | 2;
}

/**
 * Values that are given: a constant of the graph; a small input, or a column by tiles; what stands for a value while a
 * function is traced, and is replaced before anything is planned; the number of a row, by tiles.
 */
export type Source = "constant" | "input" | "hole" | "row";

/** How an op runs: the kernels of a node, and what they need. */
export interface Lowering<A extends Attrs = Attrs> {
  lower(node: NodeOf<A>, at: Places): readonly Instruction[];
  /** Bytes that the kernel works in. */
  scratch?(node: NodeOf<A>, lanes: number): number;
  /** The kernel may write its result over an argument of the same size. */
  readonly inPlace?: boolean;
  /** The kernel takes so long that its result is rather kept than made again. */
  readonly long?: boolean;
  /** For a small result of events. */
  readonly fold?: Fold;
  /**
   * The kernel goes from rows of one axis to those of another, or looks at several: it runs once for all rows that are
   * worked on, on operands and results that lie row by row.
   */
  readonly whole?: boolean;
  /** A host computes it between sweeps; of small results of events, a sum. There are no kernels. */
  readonly host?: HostWork<A>;
  /** The kernel may set lanes of its operands to 0 that lie behind the last row. */
  readonly clears?: boolean;
}

/** Everything the library knows of an op: what it means, and how it runs. Shared code asks the record, never the name. */
export interface Op<A extends Attrs = Attrs> {
  readonly name: string;
  /** Result type; throws a ShapeError or AxisError that says what to do. */
  infer(args: readonly Tensor[], attrs: A): Type;
  /** Cotangents of the arguments from the cotangent `g` of `out`; null where there is none. */
  vjp(g: Tensor, args: readonly Tensor[], out: NodeOf<A>): readonly (Tensor | null)[];
  /** The op with a leading inner axis of length `size` on the arguments that `batched` marks. */
  batch(node: NodeOf<A>, args: readonly Tensor[], batched: readonly boolean[], size: number): Tensor;
  /**
   * For a product: the same with strong zeros of the arguments that are `cotangents`, which it is linear in; null where
   * it is not. An op without it is a sum or a choice of elements, or not linear.
   */
  strong?(args: readonly Tensor[], attrs: A, cotangents: readonly boolean[]): Tensor | null;
  /** A cheaper equal node, or null. */
  simplify?(args: readonly Tensor[], attrs: A): Tensor | null;
  /** The result is argument 0 under another type: the same numbers in the same order. It is not lowered. */
  readonly alias?: boolean;
  /** The value is that of argument 0; the others are there for the reverse rule, and no plan needs them. */
  readonly valueOnly?: boolean;
  /** Every element of the result is an element of argument 0, so a constant stays that constant. */
  readonly uniform?: boolean;
  /** A truth value, 1 or 0. */
  readonly condition?: boolean;
  /**
   * Whether each element of the result is one of an argument, perhaps with another sign, or 0 or 1: then it is as exact in f32
   * where the arguments are. `truths` says which of these are 1 or 0.
   */
  moves?(truths: readonly boolean[]): boolean;
  /** By argument, which way a number that f32 does not hold goes to f32 without changing the result beside numbers of f32. */
  readonly rounds?: readonly ("up" | "down")[];
  /** The same op with f64 results of f32 arguments, that rounds as it does in f64. */
  readonly wide?: Op;
  /** Where a value comes from that is not computed; see {@link Source}. */
  readonly source?: Source;
  /** Bounds of the result from bounds of the arguments, where that helps. */
  range?(args: readonly (readonly [number, number])[]): readonly [number, number];
  /** None where there is nothing to do: aliases, constants, and what is replaced before it is planned. */
  readonly lowering?: Lowering<A>;
}

/**
 * What an op is tested against: the plainest code for its values, and calls with the accuracy that is promised. It stands
 * beside the record, as a function that only tests call, so that no bundle has it.
 */
export interface Oracle<A extends Attrs = Attrs> {
  readonly op: Op<A>;
  reference(node: NodeOf<A>, args: readonly Value[], interpreter: Interpreter): Float64Array;
  readonly test: readonly Sample<A>[];
  /** Why there are no samples, and what tests it instead. */
  readonly untested?: string;
}

/** The axes that a node is about: that of its rows, and those among its attributes. */
export const axesNamed = (t: Tensor): readonly Axis[] => [t.axis, ...Object.values(t.attrs)].filter(isAxis);

/** Whether a node is one of an op. */
export const madeBy = <A extends Attrs>(op: Op<A>, t: Tensor): t is NodeOf<A> => t.op === op;

/** Whether a node is small and made of events. */
export const isFold = (node: Tensor): boolean => !node.axis && node.args.some((a) => a.axis);

/** What a reference may ask of the interpreter: the length of a table, the value of a body, a root, a minimum. */
export interface Interpreter {
  rows(axis: Axis): number;
  /** Where the children of each row of the parent begin: parents + 1 numbers. */
  offsets(axis: Axis): ArrayLike<number>;
  /** The body on values of its inputs; of one with events, of so many rows. */
  body(body: Body, inputs: readonly Float64Array[], rows?: number): Float64Array[];
  /** A root: x, status, steps. */
  bisect(f: (x: number) => number, lo: number, hi: number): Float64Array;
  /** The lowest minimum from some starts: x, value, status, steps, edm. */
  lowest(problem: Omit<Problem, "x0">, starts: Starts): Float64Array;
}

/** What is taken in place of a node, or null. */
export type Instead = (node: Tensor) => Tensor | null;

/** A set of nodes in which equal nodes are one; lives as long as a trace. */
export class Graph {
  readonly nodes: Tensor[] = [];
  /** Axes that are made of others, by their tables. */
  readonly axes = new Map<string, Axis>();
  /** Ranges of nodes that the library made on its own account, as derivatives: not all of them are used. */
  readonly derived: (readonly [from: number, to: number])[] = [];
  /** Truth values that something was made of, or that a function returned: another one may stand in an `if`. */
  readonly used = new Set<Tensor>();
  readonly #known = new Map<string, Tensor>();
  readonly #instead: Instead | undefined;

  /** Some nodes may be taken in place of others, from the beginning: derivatives are those of what was taken. */
  constructor(instead?: Instead) {
    this.#instead = instead;
  }

  emit(op: Op, args: readonly Tensor[], attrs: Attrs): Tensor {
    for (const arg of args) {
      if (arg.graph !== this) {
        throw new TraceError(
          "trace.escaped",
          `'${op.name}' got a Tensor of another trace; a Tensor lives only inside the function it was handed to: return it and pass the number in as an argument`,
          { op: op.name },
        );
      }
      if (arg.op.condition) this.used.add(arg);
    }
    const simpler = op.simplify?.(args, attrs);
    if (simpler) return simpler;
    const key = `${op.name}(${args.map((a) => a.id).join(",")})${attrsKey(attrs)}`;
    const known = this.#known.get(key);
    if (known) return known;
    const node = new Tensor(this, this.nodes.length, op, args, attrs, op.infer(args, attrs));
    this.nodes.push(node);
    const taken = this.#instead?.(node) ?? node;
    this.#known.set(key, taken);
    return taken;
  }
}

/** Results of a function of the user's: whoever asked for them may leave some out. */
export function returned<T extends readonly Tensor[]>(results: T): T {
  for (const t of results) if (t.op.condition) t.graph.used.add(t);
  return results;
}

declare const rank: unique symbol;

export interface Tensor<R extends Rank> extends Methods<R> {}

/**
 * A symbolic value: a node of a graph. It has a type and no number; `where`, `minimize` and `root` branch on values.
 * `R` is what is known of its axes when a program is written; a bare `Tensor` may have any.
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: whoever makes the first Tensor gives all of them their methods.
export class Tensor<out R extends Rank = Rank> implements Type {
  /** In types only. */
  declare readonly [rank]: R;
  readonly graph: Graph;
  readonly id: number;
  readonly op: Op;
  readonly args: readonly Tensor[];
  readonly attrs: Attrs;
  readonly shape: readonly number[];
  readonly dtype: Dtype;
  readonly axis: Axis | null;

  constructor(graph: Graph, id: number, op: Op, args: readonly Tensor[], attrs: Attrs, type: Type) {
    this.graph = graph;
    this.id = id;
    this.op = op;
    this.args = args;
    this.attrs = attrs;
    this.shape = type.shape;
    this.dtype = type.dtype;
    this.axis = type.axis;
  }

  /** Number of inner elements. */
  get size(): number {
    return sizeOf(this.shape);
  }

  static {
    // x[0] would be undefined in silence. Longer tensors are read from their first element on, too.
    for (let i = -1; i < 16; i++) {
      Object.defineProperty(Tensor.prototype, `${i}`, {
        get(this: Tensor): never {
          throw new TraceError(
            "trace.index",
            `${describe(this)} has no element [${i}] in JavaScript; take it with .at(${i}), several with .slice()`,
            { op: this.op.name, index: i },
          );
        },
      });
    }
    // For people; the second is what console.log of Node, Deno and Bun shows.
    for (const name of ["toString", Symbol.for("nodejs.util.inspect.custom")]) {
      Object.defineProperty(Tensor.prototype, name, {
        value(this: Tensor): string {
          return `Tensor(${describe(this)}; it has no value while the function is traced)`;
        },
      });
    }
  }

  [display](): MimeBundle {
    return { "text/plain": this.toString() };
  }

  toJSON(): never {
    return used(this);
  }

  get length(): never {
    throw new TraceError(
      "trace.length",
      `${describe(this)} has no length in JavaScript; its inner shape is .shape = [${this.shape}], and loops over it are written as .sum(), .slice() or arithmetic on the whole`,
      { op: this.op.name, shape: this.shape },
    );
  }

  [Symbol.toPrimitive](): never {
    return used(this);
  }

  [Symbol.iterator](): never {
    throw new TraceError(
      "trace.iterate",
      `${describe(this)} cannot be iterated while the function is traced; take parts with .slice() or .at()`,
      { op: this.op.name },
    );
  }
}

function used(t: Tensor): never {
  throw new TraceError(
    "trace.value",
    `${describe(t)} was used as a JavaScript value, but it has none while the function is traced; compute with its methods, as x.mul(2).exp(), branch with where(condition, a, b), solve with minimize() or root(), compare with .lt() or .gt(), pick by integers with take() or gather(), and look at it with console.log()`,
    { op: t.op.name },
  );
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((n, d) => n * d, 1);
}

/** A small tensor without axes: compiled functions take and return a number for it. */
export type Scalar = Tensor<"scalar">;
/** A small tensor [n]: an array of numbers outside. */
export type Vector = Tensor<"vector">;
/** A small tensor [n, m]: what `array` makes outside. */
export type Matrix = Tensor<"matrix">;
/** One number or several for each event of a table: a column outside. */
export type EventTensor = Tensor<"events">;

/** `f32[signal; 3]`: the type as people read it. */
export function typeText(t: Type): string {
  const axes = [...(t.axis ? [`${t.axis.table};`] : []), t.shape.join(",")].join(" ").trim();
  return `${t.dtype}[${axes}]`;
}

/** A tensor in words, for errors. */
export function describe(t: Tensor): string {
  const path = t.attrs.path;
  return typeof path === "string"
    ? `input '${path}' ${typeText(t)}`
    : `the result of '${t.op.name}' ${typeText(t)}`;
}

/** How attributes are written that have no text of their own. */
export interface AttrTexts {
  opaque(value: Opaque): string;
  body(value: Body): string;
}

const identity: AttrTexts = { opaque: (value) => `${value.opaque}`, body: (value) => value.key };

function attrText(value: Attr | undefined, texts: AttrTexts): string {
  if (value === undefined) return "";
  if (typeof value === "number") return Object.is(value, -0) ? "-0" : String(value);
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "boolean") return String(value);
  if ("table" in value) return value.table;
  if ("opaque" in value) return texts.opaque(value);
  return "key" in value ? `{${texts.body(value)}}` : `[${value.map((v) => attrText(v, texts)).join(",")}]`;
}

/** Attributes as text: part of a node's identity and of printed graphs. */
export function attrsKey(attrs: Attrs, texts: AttrTexts = identity): string {
  const names = Object.keys(attrs).filter((k) => attrs[k] !== undefined);
  if (names.length === 0) return "";
  return `{${names.map((k) => `${k}=${attrText(attrs[k], texts)}`).join(" ")}}`;
}

const active: Graph[] = [];

/** Runs `f` with `graph` as the one that ops add to. */
export function withGraph<R>(graph: Graph, f: () => R): R {
  active.push(graph);
  try {
    return f();
  } finally {
    active.pop();
  }
}

/** Throws a TraceError unless a function is traced: `called` is how a transformation of functions is compiled. */
export function requireTracing(what: string, called: string): void {
  if (active.length > 0) return;
  throw new TraceError(
    "trace.none",
    `'${what}' makes functions of Tensors, and was given numbers outside a traced function; compile it, as ${called}`,
    { name: what },
  );
}

/** The graph being traced. */
export function currentGraph(): Graph {
  const graph = active[active.length - 1];
  if (!graph) {
    throw new TraceError(
      "trace.none",
      "an op was called outside a traced function; write f = (params, events) => ... and call compile(f)(params, events)",
    );
  }
  return graph;
}
