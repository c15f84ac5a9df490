import { InternalError } from "../../text/gradcuterror.js";
import { AxisError, ShapeError } from "../errors.js";
import { checkArgument, tensor } from "./arguments.js";
import type { Attrs } from "./attrs.js";
import { type Axis, lineage, rootOf } from "./axis.js";
import { currentGraph } from "./graph.js";
import type { Oracle } from "./oracle.js";
import type { Rank } from "./rank.js";
import type { Instruction, NodeOf, Op } from "./record.js";
import { describe, type Scalar, Tensor, type Type } from "./tensor.js";

/** What ops take: tensors, and plain numbers as scalar constants. */
export type Operand<R extends Rank = Rank> = Tensor<R> | number;

/** An instruction whose operands have names; `words` is their order. */
export const instruction = <W extends string>(
  kernel: string,
  words: readonly W[],
  operands: Readonly<Record<W, number>>,
): Instruction => [kernel, ...words.map((word) => operands[word])];

/** Attributes, which may be left out where none has to be given. */
type Given<A extends Attrs> = Partial<A> extends A ? [attrs?: A] : [attrs: A];

/** A tensor whose rank is known to who calls this, and not to the compiler. */
export const ranked = <R extends Rank>(t: Tensor): Tensor<R> => t as Tensor<R>;

/** The node of an op in the graph of its arguments. Its rank is what the caller's type says, which knows the op. */
export function emit<A extends Attrs, R extends Rank = Rank>(
  op: Op<A>,
  args: readonly Tensor[],
  ...[attrs]: NoInfer<Given<A>>
): Tensor<R> {
  return ranked((args[0]?.graph ?? currentGraph()).emit(op, args, attrs ?? {}));
}

const never = (name: string) => () => {
  throw new InternalError("internal.rule", `'${name}' has no such rule`);
};

/** A scalar constant: the only data a graph holds. */
export const constantOp: Op<ConstantAttrs> = {
  name: "const",
  infer: () => ({ shape: [], dtype: "f64", axis: null }),
  vjp: () => [],
  batch: /*#__PURE__*/ never("const"),
  source: "constant",
};

export const constantOracle = (): Oracle<ConstantAttrs> => ({
  op: constantOp,
  reference: (node) => Float64Array.of(node.attrs.value),
  test: [],
  untested: "is in every sample",
});

/** What is known of an input: its name, its place among the inputs of its kind, and what its numbers are. */
export type InputAttrs = {
  readonly path: string;
  readonly slot: number;
  /** Bits of its integers, where they are few. */
  readonly bits?: number;
  /** Unsigned integers of 32 bits, which are computed with in f64. */
  readonly whole?: boolean;
  /** Its column holds f32, and the table computes in f64. */
  readonly single?: boolean;
};

/** Whether a node is a value that comes from outside. */
export const isInput = (t: Tensor): t is NodeOf<InputAttrs> => t.op.source === "input";

type ConstantAttrs = { readonly value: number };
const isConstant = (t: Tensor): t is NodeOf<ConstantAttrs> => t.op.source === "constant";

/** A value that comes from outside: a parameter, a column, a captured array, or the variable of a body. */
const inputOp: Op<InputAttrs> = {
  name: "input",
  infer: /*#__PURE__*/ never("input"),
  vjp: () => [],
  batch: /*#__PURE__*/ never("input"),
  lowering: {
    lower: (node, at) => (node.axis ? [[`${node.dtype}_load`, node.size, at.lanes, at.out, at.staging]] : []),
  },
  source: "input",
};

export const inputOracle = (): Oracle<InputAttrs> => ({
  op: inputOp,
  reference: /*#__PURE__*/ never("input"),
  test: [],
  untested: "is in every sample",
});

/** Stands for a value while a function is traced. */
const holeOp: Op<{ path: string }> = {
  name: "hole",
  infer: /*#__PURE__*/ never("hole"),
  vjp: () => [],
  batch: /*#__PURE__*/ never("hole"),
  source: "hole",
};

export const holeOracle = (): Oracle<{ path: string }> => ({
  op: holeOp,
  reference: /*#__PURE__*/ never("hole"),
  test: [],
  untested: "is in every derivative",
});

/** Never merged with another: it is what it is for. */
function emitSource<A extends Attrs>(op: Op<A>, type: Type, attrs: A): Tensor {
  const graph = currentGraph();
  const node = new Tensor(graph, graph.nodes.length, op, [], attrs, type);
  graph.nodes.push(node);
  return node;
}

/** A fresh symbolic value in the current graph, to trace a function with. */
export function hole({ shape, dtype, axis }: Type, path: string): Tensor {
  return emitSource(holeOp, { shape, dtype, axis }, { path });
}

/** Makes an input node in `graph`; `path` names it in errors and printed graphs. */
export function input(
  type: Type,
  path: string,
  slot: number,
  known: Omit<InputAttrs, "path" | "slot"> = {},
): Tensor {
  return emitSource(inputOp, type, { path, slot, ...known });
}

/** A scalar constant node. */
export function constant(value: number): Scalar {
  return ranked(currentGraph().emit(constantOp, [], { value }));
}

export function lift(x: Operand): Tensor {
  if (x instanceof Tensor) return x;
  if (typeof x === "number") return constant(x);
  throw new ShapeError(
    "shape.operand",
    `an op got ${x === null ? "null" : Array.isArray(x) ? "an array" : `a ${typeof x}`} where a Tensor or a number belongs; pass data as arguments of the compiled function, or wrap them with constantArray()`,
    { got: typeof x },
  );
}
/** The value of a node that is the same constant everywhere, else null. */
export function constantValue(t: Tensor): number | null {
  let node = t;
  while (node.op.uniform && node.args[0]) node = node.args[0];
  return isConstant(node) ? node.attrs.value : null;
}

/** NumPy's broadcasting of two inner shapes. */
export function broadcastShapes(op: string, tensors: readonly Tensor[]): number[] {
  const rank = Math.max(...tensors.map((t) => t.shape.length));
  const out = new Array<number>(rank).fill(1);
  for (const t of tensors) {
    t.shape.forEach((d, i) => {
      const j = rank - t.shape.length + i;
      if (d === 1) return;
      if (out[j] !== 1 && out[j] !== d) {
        throw new ShapeError(
          "shape.broadcast",
          `'${op}' cannot combine ${tensors.map(describe).join(" with ")}: inner axes ${out[j]} and ${d} differ; reshape or slice one of them`,
          { op, shapes: tensors.map((x) => x.shape) },
        );
      }
      out[j] = d;
    });
  }
  return out;
}

/** The deepest event axis among tensors, or null; an AxisError where one is not an ancestor of the other. */
export function commonAxis(op: string, tensors: readonly Tensor[]): Axis | null {
  let axis: Axis | null = null;
  let first: Tensor | undefined;
  for (const t of tensors) {
    if (!t.axis || t.axis === axis) continue;
    if (axis && lineage(axis).includes(t.axis)) continue;
    if (axis && !lineage(t.axis).includes(axis)) {
      const related = rootOf(axis) === rootOf(t.axis);
      throw new AxisError(
        "axis.mixed",
        `'${op}' would pair ${related ? "rows" : "events"} of table '${axis.table}' with ${related ? "rows" : "events"} of table '${t.axis.table}' (${describe(first as Tensor)}, ${describe(t)}); ${related ? 'sum one of them to their parent first, as .sum("parent"), or combine each with each by cross()' : "reduce one of them first with .sum(), hist() or another fold"}`,
        { op, tables: [axis.table, t.axis.table] },
      );
    }
    axis = t.axis;
    first = t;
  }
  return axis;
}

/** The input whose elements `t` has, whatever their order, or null. */
function inputOf(t: Tensor): NodeOf<InputAttrs> | null {
  let node = t;
  while ((node.op.uniform || node.op.alias) && node.args[0]) node = node.args[0];
  return isInput(node) ? node : null;
}

/** Integers of at most 8 bits: exact in every float type, so are their small products, and sums over a tile. */
const isSmallInteger = (t: Tensor): boolean => t.dtype === "i32" && inputOf(t)?.attrs.bits === 8;

/** The type that events are computed with in: integers are exact in f64, and those of 8 bits in the table's float type. */
export function computedIn(t: Tensor): "f32" | "f64" {
  if (!t.axis) return "f64";
  if (t.dtype !== "i32") return t.dtype;
  return isSmallInteger(t) ? t.axis.dtype : "f64";
}

/** `t` in a float type that holds its numbers. */
export function floats(t: Tensor): Tensor {
  return t.dtype === "i32" ? t.cast(computedIn(t)) : t;
}

/** `t` as indices where it has whole numbers: i32 as it is, unsigned 32 bits with what is beyond i32 at its end. */
export function indices(t: Tensor): Tensor {
  return t.dtype !== "i32" && inputOf(t)?.attrs.whole ? t.cast("i32") : t;
}

/** Float type of an elementwise result: f64 wins over f32, and so do integers that f32 does not hold. */
export function floatType(axis: Axis | null, tensors: readonly Tensor[]): "f32" | "f64" {
  if (!axis) return "f64";
  const events = tensors.filter((t) => t.axis && !isSmallInteger(t));
  if (events.length === 0) return axis.dtype;
  return events.some((t) => computedIn(t) === "f64") ? "f64" : "f32";
}

/** Requires a float small tensor. */
export function requireSmall(op: string, t: Tensor): Tensor {
  checkArgument(op, "operand", t, tensor);
  if (t.axis) {
    throw new AxisError(
      "axis.events",
      `'${op}' works on small tensors, but got ${describe(t)}; it would mix the events of '${t.axis.table}'. Fold them first (.sum(), .max(), .logsumexp("events"), hist) and spread the result back with ordinary arithmetic`,
      { op, table: t.axis.table },
    );
  }
  return t.dtype === "i32" ? t.cast("f64") : t;
}

/** Requires an event tensor. */
export function requireEvents(op: string, t: Tensor): Tensor {
  checkArgument(op, "operand", t, tensor);
  if (!t.axis) {
    throw new AxisError(
      "axis.small",
      `'${op}' folds over events, but got ${describe(t)}, which has none; wrap event columns in table({ ... }) before they are passed in`,
      { op },
    );
  }
  return t;
}
