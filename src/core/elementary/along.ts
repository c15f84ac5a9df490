import { AxisError, ShapeError } from "../errors.js";
import { type Axis, lineage } from "../graph/axis.js";
import { commonAxis } from "../graph/op.js";
import type { Interpreter, Value } from "../graph/oracle.js";
import type { Places } from "../graph/record.js";
import { axisFromEnd } from "../graph/shape.js";
import { describe, sizeOf, type Tensor, type Type } from "../graph/tensor.js";
import { conform } from "./align.js";
import { requireParent } from "./crossing.js";

/** Along what an op goes: the children of each parent, or an inner axis. */
export type AlongOver = "parent" | number;

/** The inner axis that an op goes along, from the end; none for the children of each parent. */
export type AlongAttrs = { readonly along?: number | undefined };

/** What an op goes along, for its attributes. Throws an AxisError or a ShapeError where x has no such thing. */
export function along(op: string, x: Tensor, over: AlongOver): AlongAttrs {
  if (over === "parent") {
    requireParent(op, x);
    return {};
  }
  if (typeof over === "number") return { along: axisFromEnd(op, x, over) };
  throw new ShapeError(
    "shape.along",
    `'${op}' got the axis ${JSON.stringify(over)}; it goes along the children of each "parent", or along one inner axis by number as -1`,
    { op, axis: over, shape: x.shape },
  );
}

/** x with the elements along the inner axis replaced by so many, none without a number; of children the parents. */
export function reduced(
  op: string,
  x: Tensor,
  { along: k }: AlongAttrs,
  length?: number,
): Omit<Type, "dtype"> {
  const own = length === undefined ? [] : [length];
  if (k === undefined) return { shape: [...own, ...x.shape], axis: requireParent(op, x) };
  const i = x.shape.length + k;
  return { shape: [...x.shape.slice(0, i), ...own, ...x.shape.slice(i + 1)], axis: x.axis };
}

/** The axes before and behind the one that an op goes along, and its length. */
function around(shape: readonly number[], k: number) {
  const i = shape.length + k;
  return { outer: sizeOf(shape.slice(0, i)), n: shape[i]!, inner: sizeOf(shape.slice(i + 1)) };
}

const multiples = (n: number, count: number) => Int32Array.from({ length: count + 1 }, (_, i) => i * n);

/** Numbers per row, and the addresses of where runs begin and of their number; see assembly/kernels/along.ts. */
export function runs(x: Pick<Tensor, "shape" | "size" | "axis">, { along: k }: AlongAttrs, at: Places) {
  if (k === undefined) {
    const { first } = at.grain(x.axis!);
    return { k: x.size, first, count: at.grain(x.axis!.parent!).count };
  }
  const { outer, n, inner } = around(x.shape, k);
  const lanes = x.axis ? at.lanes : 1;
  return {
    k: inner * lanes,
    first: at.ints(multiples(n, outer)),
    count: at.ints(Int32Array.of(outer)),
  };
}

/** Elements along runs as references see them: their places in the data of a value, and that of a value per run. */
export interface Run {
  readonly at: readonly number[];
  readonly to: number;
}

/** The runs of a value of type x. */
export function* runsOf(
  x: Tensor,
  { along: k }: AlongAttrs,
  lanes: number,
  { offsets, rows }: Interpreter,
): Generator<Run> {
  const range = (n: number, f: (i: number) => number) => Array.from({ length: n }, (_, i) => f(i));
  if (k === undefined) {
    const first = offsets(x.axis!);
    const parents = rows(x.axis!.parent!);
    for (let j = 0; j < x.size; j++)
      for (let p = 0; p < parents; p++)
        yield {
          at: range(first[p + 1]! - first[p]!, (i) => j * lanes + first[p]! + i),
          to: j * parents + p,
        };
    return;
  }
  const { outer, n, inner } = around(x.shape, k);
  const width = inner * lanes;
  for (let o = 0; o < outer; o++)
    for (let e = 0; e < width; e++) yield { at: range(n, (i) => (o * n + i) * width + e), to: o * width + e };
}

/** The elements of a run. */
export const valuesAt = (x: Value, at: readonly number[]): number[] => at.map((i) => x.data[i]!);

/**
 * x with something for each of its elements along a run, or for each run: brought to one shape but for the length of the
 * inner axis, and to one axis but for "parent", where what is not on the children goes to their parents, and may have several
 * for each of them in leading axes.
 */
export function besides(
  op: string,
  x: Tensor,
  other: Tensor,
  over: AlongOver,
): { x: Tensor; other: Tensor; attrs: AlongAttrs } {
  const attrs = along(op, x, over);
  const k = attrs.along;
  if (k === undefined) {
    const { axis } = x;
    if (other.axis && !lineage(axis!).includes(other.axis))
      throw new AxisError(
        "axis.along",
        `'${op}' needs numbers for each parent or for each of its children, but got ${describe(other)} with ${describe(x)}`,
        { op, table: axis!.table },
      );
    const to = (t: Tensor, shape: readonly number[], a: Axis | null) =>
      conform(t, { shape, dtype: typeOn(t, a), axis: a });
    if (other.axis === axis) {
      const shape = broadcastTo(op, [x.shape, other.shape]);
      return { x: to(x, shape, axis), other: to(other, shape, axis), attrs };
    }
    // What axes it has more than x are several for each parent.
    const lead = Math.max(0, other.shape.length - x.shape.length);
    const shape = broadcastTo(op, [x.shape, other.shape.slice(lead)]);
    const several = [...other.shape.slice(0, lead), ...shape];
    return { x: to(x, shape, axis), other: to(other, several, axis!.parent), attrs };
  }
  const axis = commonAxis(op, [x, other]);
  const rank = Math.max(x.shape.length, other.shape.length);
  const lengthen = (t: Tensor) => [...new Array<number>(rank - t.shape.length).fill(1), ...t.shape];
  const [own, others] = [lengthen(x), lengthen(other)];
  const shape = broadcastTo(op, [own.with(k, 1), others.with(k, 1)]);
  const to = (t: Tensor, n: number) => conform(t, { shape: shape.with(k, n), dtype: typeOn(t, axis), axis });
  return { x: to(x, own.at(k)!), other: to(other, others.at(k)!), attrs };
}

/** The type that small numbers have on events. */
const typeOn = (t: Tensor, axis: Axis | null) =>
  t.dtype === "i32" || t.axis || !axis ? t.dtype : axis.dtype;

function broadcastTo(op: string, shapes: readonly (readonly number[])[]): number[] {
  const rank = Math.max(...shapes.map((s) => s.length));
  return Array.from({ length: rank }, (_, i) => {
    const lengths = shapes.map((s) => s[s.length - rank + i] ?? 1).filter((d) => d !== 1);
    if (new Set(lengths).size > 1)
      throw new ShapeError(
        "shape.along",
        `'${op}' cannot combine inner shapes ${shapes.map((s) => `[${s}]`).join(" and ")}: all axes but the one it goes along must be equal, or 1`,
        { op, shapes },
      );
    return lengths[0] ?? 1;
  });
}

/** Operands of a kernel that reads what stands beside the runs of x. */
export function wordsBeside(x: Tensor, other: Tensor, attrs: AlongAttrs, at: Places): readonly number[] {
  const { k, first, count } = runs(x, attrs, at);
  return [k, at.out, at.args[0]!, at.args[1]!, first, count, ...rowsBeside(x, other, attrs, at)];
}

/** Where the rows of what stands beside the runs of x begin, or 0, and how many there are for each parent then. */
function rowsBeside(x: Tensor, other: Tensor, attrs: AlongAttrs, at: Places): [to: number, each: number] {
  return other.axis === x.axis ? [runs(other, attrs, at).first, 1] : [0, other.size / x.size];
}

/** A leading axis behind the first `lead` others, and back. */
export const inward = (t: Tensor, lead: number): Tensor =>
  t.transpose(t.shape.map((_, i) => (i < lead ? i + 1 : i === lead ? 0 : i)));
export const outward = (t: Tensor, lead: number): Tensor =>
  t.transpose(t.shape.map((_, i) => (i === 0 ? lead : i <= lead ? i - 1 : i)));

/** What stands where there is no place. */
export const outside = (t: Tensor, masked: boolean | undefined) =>
  masked ? 0 : t.dtype === "i32" ? -1 : Number.NaN;

/** Arguments of one shape when some of them get a leading axis. */
export const batchedAll = (args: readonly Tensor[], batched: readonly boolean[], size: number): Tensor[] =>
  args.map((x, i) => (batched[i] ? x : x.broadcast([size, ...x.shape])));
