import { where } from "../../src/core/elementary/arith.js";
import { type Axis, axesNamed, isAxis, lineage, madeOf } from "../../src/core/graph/axis.js";
import { currentGraph } from "../../src/core/graph/graph.js";
import { emit } from "../../src/core/graph/op.js";
import type { Sample, SampleArg } from "../../src/core/graph/oracle.js";
import { sampleOther } from "../../src/core/graph/oracle.js";
import type { Op } from "../../src/core/graph/record.js";
import type { Tensor } from "../../src/core/graph/tensor.js";
import { sizeOf } from "../../src/core/graph/tensor.js";
import { nested, table } from "../../src/core/run/table.js";
import { constantArray } from "../../src/core/run/trace.js";
import { random, seedOf } from "./random.js";
import { oracles } from "./registry.js";

/** Children of some events: none, one, several. */
const childrenOf = (event: number) => ((event * 7) % 11) % 6;

/** Where the children of each of so many events begin. */
export function offsetsFor(rows: number, children = childrenOf): Int32Array {
  const offsets = new Int32Array(rows + 1);
  for (let i = 0; i < rows; i++) offsets[i + 1] = offsets[i]! + children(i);
  return offsets;
}

/** The same for an axis of samples, of so many events: children, others, and combinations of them. */
export function offsetsOfAxis(axis: Axis, rows: number): Int32Array {
  if (axis.rows === "columns")
    return offsetsFor(rows, axis.table === sampleOther.table ? (i) => (i * 5) % 4 : childrenOf);
  if ("comb" in axis.rows) {
    const { comb, of } = axis.rows;
    const first = offsetsOfAxis(of, rows);
    const numbers = (n: number) => (comb === 2 ? (n * (n - 1)) / 2 : (n * (n - 1) * (n - 2)) / 6);
    return offsetsFor(rows, (i) => numbers(first[i + 1]! - first[i]!));
  }
  const [a, b] = axis.rows.cross.map((of) => offsetsOfAxis(of, rows)) as [Int32Array, Int32Array];
  const event = (row: number) => a.findIndex((begin) => begin > row) - 1;
  return offsetsFor(a.at(-1)!, (row) => b[event(row) + 1]! - b[event(row)]!);
}

/** What an interpreter has to know of the axes of a graph. */
export function tablesOf(nodes: readonly Tensor[], rows: number) {
  const axes = new Set(nodes.flatMap(axesNamed).flatMap(lineage));
  for (const axis of axes) for (const of of madeOf(axis)) axes.add(of);
  const children = [...axes].filter((axis) => axis.parent);
  return {
    rows: new Map([...axes].map((axis) => [axis.table, rowsOfAxis(axis, rows)])),
    offsets: new Map(children.map((axis) => [axis.table, offsetsOfAxis(axis, rows)])),
  };
}

/** Rows of an argument: small ones have one. */
export const rowsOf = (arg: Pick<SampleArg, "event" | "child">, rows: number): number =>
  arg.child ? offsetsFor(rows)[rows]! : arg.event ? rows : 1;

/** Rows of an axis where the events have so many. */
export const rowsOfAxis = (axis: Axis | null, rows: number): number =>
  !axis ? 1 : axis.parent ? offsetsOfAxis(axis, rows).at(-1)! : rows;

/** Whether an argument has events, or children of them. */
export const hasRows = (arg: SampleArg): boolean => Boolean(arg.event || arg.child);

/** One sample of one op as arguments for a compiled function. */
export interface Case {
  readonly op: Op;
  readonly sample: Sample;
  readonly label: string;
  readonly rows: number;
  /** Flat numbers of every argument, event ones row by row. */
  readonly values: readonly Float64Array[];
}

/** Some ops have the number of an inner axis there. */
const axisName = (_: string, value: unknown) => (isAxis(value) ? value.table : value);

export function* cases(): Generator<Case> {
  for (const { op, test } of oracles.values()) {
    for (const [i, sample] of test.entries()) {
      const draw = random(seedOf(`${op.name} ${i}`));
      const rows = 300;
      const values = sample.args.map((arg) => numbers(arg, rows, draw));
      const label = `${op.name} ${JSON.stringify(sample.attrs ?? {}, axisName)} ${sample.args.map((a) => `${a.event ? "events " : a.child ? "children " : ""}[${a.shape}]${a.range ? ` in ${a.range}` : ""}`).join(", ")}`;
      yield { op, sample, label, rows, values };
    }
  }
}

function numbers(arg: SampleArg, rows: number, draw: () => number): Float64Array {
  const n = sizeOf(arg.shape) * rowsOf(arg, rows);
  return Float64Array.from({ length: n }, (_, i) => {
    const u = draw();
    if (arg.values) return arg.values[i % arg.values.length]!;
    if (arg.integer) return Math.floor(u * arg.integer);
    const [a, b] = arg.range!;
    return a + (b - a) * u;
  });
}

/** The axis that a sample names among its attributes. */
const axisOf = (c: Case): Axis | undefined => {
  const axis = c.sample.attrs?.axis;
  return isAxis(axis) ? axis : undefined;
};
const hasChild = (c: Case) => Boolean(axisOf(c)?.parent) || c.sample.args.some((a) => a.child);
export const isEvent = (c: Case) => c.sample.args.some(hasRows) || axisOf(c) !== undefined;
export const isFloat = (a: SampleArg) => a.integer === undefined;

type Columns = Record<string, Float64Array | Float32Array | Int32Array>;

/** The arguments of a case as data: small ones in `params`, event ones as columns of one table, or of its child. */
export function data(
  c: Case,
  dtype: "f32" | "f64",
  values: readonly Float64Array[] = c.values,
  more: Columns = {},
) {
  const params: Record<string, Float64Array | Int32Array> = {};
  const columns: Columns = { ...more };
  const child: Columns = {};
  c.sample.args.forEach((arg, i) => {
    const v = values[i]!;
    if (!hasRows(arg)) params[`a${i}`] = isFloat(arg) ? v : Int32Array.from(v);
    else {
      const own = !isFloat(arg) ? Int32Array.from(v) : dtype === "f32" ? Float32Array.from(v) : v;
      (arg.child ? child : columns)[`a${i}`] = own;
    }
  });
  const { rows } = c;
  // The axes of ops that have no argument on them.
  columns.any = new Int32Array(rows);
  child.any = new Int32Array(rowsOf({ child: true }, rows));
  const beside = offsetsOfAxis(sampleOther, rows);
  const other = nested(beside, { any: new Int32Array(beside.at(-1)!) });
  const children = hasChild(c) ? { child: nested(offsetsFor(rows), child), other } : {};
  return { params, events: isEvent(c) ? table({ ...columns, ...children }, { rows, dtype }) : {} };
}

/** Named Tensors; those of a child table are below its name. */
export type Tree = Record<string, Tensor>;
const childOf = (events: Tree): Tree => events.child as unknown as Tree;

/** The symbolic arguments of a case, in the order and shape the op wants them. */
export function args(c: Case, params: Tree, events: Tree): Tensor[] {
  return c.sample.args.map((arg, i) => {
    const from = arg.child ? childOf(events) : arg.event ? events : params;
    return from[`a${i}`]!.reshape(arg.shape);
  });
}

/** Such arguments as they were before. */
export function trees(c: Case, tensors: readonly Tensor[]): [params: Tree, events: Tree] {
  const pick = (some: (arg: SampleArg) => boolean): Tree =>
    Object.fromEntries(tensors.flatMap((t, i) => (some(c.sample.args[i]!) ? [[`a${i}`, t]] : [])));
  const flat = Object.entries(pick((arg) => !hasRows(arg))).map(([name, t]) => [name, t.reshape([t.size])]);
  const events = { ...pick((arg) => Boolean(arg.event)), child: pick((arg) => Boolean(arg.child)) };
  return [Object.fromEntries(flat), events as unknown as Tree];
}

export function call(c: Case, dtype: "f32" | "f64", tensors: readonly Tensor[]): Tensor {
  const attrs = { ...c.sample.attrs };
  // Ops that name a float type get that of the run.
  if (attrs.dtype === "f32" || attrs.dtype === "f64")
    attrs.dtype = c.op.name === "cast" ? attrs.dtype : dtype;
  const axis = axisOf(c);
  if (axis) attrs.axis = tracedAxis(axis);
  return emit(c.op, tensors, attrs);
}

/** The axis of a trace that one of samples stands for. */
function tracedAxis(axis: Axis): Axis {
  const { nodes, axes } = currentGraph();
  const { rows } = axis;
  const known = axes.get(axis.table) ?? nodes.find((t) => t.axis?.table === axis.table)?.axis;
  if (known || rows === "columns") return known!;
  const [a, b] = madeOf(axis).map(tracedAxis);
  const own = "comb" in rows ? { comb: rows.comb, of: a! } : ({ cross: [a!, b!] } as const);
  const made: Axis = { table: axis.table, dtype: a!.dtype, parent: tracedAxis(axis.parent!), rows: own };
  axes.set(axis.table, made);
  return made;
}

/** Numbers to weigh the elements of a result by. */
const weightsOf = (y: Tensor): Tensor =>
  constantArray(
    Float64Array.from({ length: y.size }, (_, i) => 0.3 + ((i * 7) % 5) / 4),
    y.shape,
  );

/** A result with its elements weighted by fixed numbers. */
export const weighted = (y: Tensor): Tensor => y.mul(weightsOf(y));

/** A scalar of any result: its elements and events weighted by fixed numbers. */
export function scalarize(y: Tensor): Tensor {
  const all = y.dtype === "i32" ? y.cast(y.axis?.dtype ?? "f64") : y;
  // Of no children there may be no number.
  const float = y.op.lowering?.whole ? where(all.abs().lt(1e30), all, 0) : all;
  // The square makes the result depend on every event in its own way.
  return float.mul(float.mul(0.25).add(weightsOf(y))).sum();
}
