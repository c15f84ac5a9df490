import { emit } from "../../src/core/graph/op.js";
import type { Op, Sample, SampleArg, Tensor } from "../../src/core/graph/tensor.js";
import { currentGraph, sampleAxis, sizeOf } from "../../src/core/graph/tensor.js";
import { table } from "../../src/core/run/table.js";
import { constantArray } from "../../src/core/run/trace.js";
import { random, seedOf } from "./random.js";
import { oracles } from "./registry.js";

/** One sample of one op as arguments for a compiled function. */
export interface Case {
  readonly op: Op;
  readonly sample: Sample;
  readonly label: string;
  readonly rows: number;
  /** Flat numbers of every argument, event ones row by row. */
  readonly values: readonly Float64Array[];
}

export function* cases(): Generator<Case> {
  for (const { op, test } of oracles.values()) {
    for (const [i, sample] of test.entries()) {
      const draw = random(seedOf(`${op.name} ${i}`));
      const rows = 300;
      const values = sample.args.map((arg) => numbers(arg, rows, draw));
      const label = `${op.name} ${JSON.stringify(sample.attrs ?? {})} ${sample.args.map((a) => `${a.event ? "events " : ""}[${a.shape}]${a.range ? ` in ${a.range}` : ""}`).join(", ")}`;
      yield { op, sample, label, rows, values };
    }
  }
}

function numbers(arg: SampleArg, rows: number, draw: () => number): Float64Array {
  const n = sizeOf(arg.shape) * (arg.event ? rows : 1);
  return Float64Array.from({ length: n }, (_, i) => {
    const u = draw();
    if (arg.values) return arg.values[i % arg.values.length]!;
    if (arg.integer) return Math.floor(u * arg.integer);
    const [a, b] = arg.range!;
    return a + (b - a) * u;
  });
}

export const isEvent = (c: Case) => c.sample.args.some((a) => a.event) || c.sample.attrs?.axis === sampleAxis;
export const isFloat = (a: SampleArg) => a.integer === undefined;

/** The arguments of a case as data: small ones in `params`, event ones as columns of one table. */
export function data(c: Case, dtype: "f32" | "f64", values: readonly Float64Array[] = c.values) {
  const params: Record<string, Float64Array | Int32Array> = {};
  const columns: Record<string, Float64Array | Float32Array | Int32Array> = {};
  c.sample.args.forEach((arg, i) => {
    const v = values[i]!;
    if (!arg.event) params[`a${i}`] = isFloat(arg) ? v : Int32Array.from(v);
    else columns[`a${i}`] = !isFloat(arg) ? Int32Array.from(v) : dtype === "f32" ? Float32Array.from(v) : v;
  });
  // The axis of ops that have no argument with events.
  if (c.sample.attrs?.axis === sampleAxis) columns.any = new Int32Array(c.rows);
  return { params, events: isEvent(c) ? table(columns, { rows: c.rows, dtype }) : {} };
}

type Tree = Record<string, Tensor>;

/** The symbolic arguments of a case, in the order and shape the op wants them. */
export function args(c: Case, params: Tree, events: Tree): Tensor[] {
  return c.sample.args.map((arg, i) => (arg.event ? events : params)[`a${i}`]!.reshape(arg.shape));
}

export function call(c: Case, dtype: "f32" | "f64", tensors: readonly Tensor[]): Tensor {
  const attrs = { ...c.sample.attrs };
  // Ops that name a float type get that of the run.
  if (attrs.dtype === "f32" || attrs.dtype === "f64")
    attrs.dtype = c.op.name === "cast" ? attrs.dtype : dtype;
  if (attrs.axis === sampleAxis) attrs.axis = currentGraph().nodes.find((t) => t.axis)!.axis!;
  return emit(c.op, tensors, attrs);
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
  const float = y.dtype === "i32" ? y.cast(y.axis?.dtype ?? "f64") : y;
  // The square makes the result depend on every event in its own way.
  return float.mul(float.mul(0.25).add(weightsOf(y))).sum();
}
