import type { Problem, Starts } from "../oracle/newton.js";
import type { Attrs, Body } from "./attrs.js";
import type { Axis } from "./axis.js";
import type { NodeOf, Op } from "./record.js";

/** Values the interpreter works on: `lanes` numbers (rows, or 1) per inner element, feature-major. */
export interface Value {
  readonly data: Float64Array;
  readonly lanes: number;
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
