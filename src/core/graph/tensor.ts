import { display, type MimeBundle } from "../../text/display.js";
import { TraceError } from "../errors.js";
import type { Attrs } from "./attrs.js";
import type { Axis } from "./axis.js";
import type { Graph } from "./graph.js";
import type { Methods } from "./methods.js";
import type { Rank } from "./rank.js";
import type { Op } from "./record.js";

/** Element type of a tensor. Small tensors are f64 (or i32, for indices); event tensors f32, f64 or i32. */
export type Dtype = "f32" | "f64" | "i32";

/** What is known of a tensor without data: inner shape, element type, and the event axis if it has one. */
export interface Type {
  readonly shape: readonly number[];
  readonly dtype: Dtype;
  readonly axis: Axis | null;
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

/** Whether a node is small and made of events. */
export const isFold = (node: Tensor): boolean => !node.axis && node.args.some((a) => a.axis);

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
