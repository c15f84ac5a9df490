/** Comparisons of soft cuts: what is compared with what, in units of a width. */

import { div, safeMul, sub, where } from "../core/elementary/arith.js";
import { stack } from "../core/elementary/join.js";
import { constant, floats } from "../core/graph/op.js";
import { Tensor } from "../core/graph/tensor.js";
import { type ExprColumns, Values } from "./exprvalues.js";
import type { CompareNode, ThresholdNode, Value } from "./grammar/ast.js";
import { visitSide } from "./grammar/names.js";
import type { Logic } from "./logic.js";
import { deeper, type Named, type Objects } from "./objects.js";
import type { Weight } from "./reducers.js";
import type { Soft } from "./steps.js";

/** How a condition is softened. */
export interface Softening {
  readonly env: ExprColumns;
  readonly step: Soft;
  /** Whether steps have a long tail: see `logSteps`. */
  readonly outside: boolean;
  /** Softness of a threshold, in the unit of what it is compared with. */
  width(threshold: string): number | Tensor;
}

/** The threshold whose width softens a comparison: one that stands alone before one inside arithmetic. */
export function softThreshold({ op, left, right }: CompareNode): ThresholdNode | undefined {
  if (op === "==" || op === "!=") return undefined;
  const found: ThresholdNode[] = [];
  for (const side of [left, right]) {
    if (side.kind === "threshold") return side;
    visitSide(side, (node) => {
      if (node.kind === "threshold") found.push(node);
    });
  }
  return found[0];
}

/**
 * Distances of events from thresholds in units of the widths, [k] for k comparisons, positive where they pass.
 * An event for which one is NaN fails it by an infinite distance, as it fails the hard cut.
 */
export function distances(nodes: readonly CompareNode[], sides: readonly Compared[], how: Softening): Tensor {
  const scales = nodes.map((node, i) => {
    const width = how.width(softThreshold(node)!.name);
    const sign = (node.op[0] === ">") === sides[i]!.onLeft ? 1 : -1;
    return typeof width === "number" ? sign / width : div(sign, width);
  });
  const [scale] = scales;
  const same = typeof scale === "number" && scales.every((s) => s === scale);
  const difference = sub(stack(sides.map((s) => s.value)), stack(sides.map((s) => s.bound)));
  // Strong zeros: an event that is NaN must not reach the slope of a width either.
  const z = same ? difference.mul(scale) : safeMul(stack(scales.map(asTensor)), difference);
  const known = sides.every((s) => s.known === s.value) ? z : stack(sides.map((s) => s.known));
  return where(known.eq(known), z, Number.NEGATIVE_INFINITY);
}

/** What a comparison compares per event, and with what; `known` is NaN for the events that have no such value. */
export interface Compared {
  readonly value: Tensor;
  readonly bound: Tensor;
  readonly onLeft: boolean;
  readonly known: Tensor;
  readonly among: Weight | null;
  readonly there: Weight | null;
}

/** Whether a threshold stands inside the arithmetic of a side. */
function holdsThreshold(side: Value): boolean {
  let found = false;
  visitSide(side, (node) => {
    found ||= node.kind === "threshold" && node !== side;
  });
  return found;
}

const asTensor = (x: number | Tensor): Tensor => (typeof x === "number" ? constant(x) : x);

/** What is computed in f64 in an f32 table, as integers are: only differences are small enough for f32. */
const isWide = (x: Tensor): boolean => x.dtype === "f64" && x.axis?.dtype === "f32";

/** What a comparison compares, with the conditions in it as `logic` has them. */
export function comparedSides(
  node: CompareNode,
  scope: Objects | null,
  env: ExprColumns,
  logic: Logic,
): Compared {
  const { left, right } = node;
  const sides = (values: Values) => [values.number(left, scope), values.number(right, scope)] as const;
  const own = new Values(env, logic);
  const [one, other] = sides(own);
  own.meet(node, [one, other]);
  const among = own.both(one.among, other.among);
  const there = own.both(one.there, other.there);
  let [l, r] = [floats(one.value), floats(other.value)];
  let known: Tensor | undefined;
  if (holdsThreshold(left) || holdsThreshold(right)) {
    // A NaN would spread into the slopes of thresholds inside arithmetic (0 · NaN), so it is taken out of the columns.
    known = sub(l, r);
    const isKnown = known.eq(known);
    const column = (name: string) => onlyKnown(isKnown, env.column(name));
    const [a, b] = sides(new Values({ ...env, column }, logic));
    [l, r] = [floats(a.value), floats(b.value)];
  }
  const rest = { among, there };
  if (isWide(l) || isWide(r)) {
    const value = sub(l, r).cast("f32");
    return { value, bound: constant(0), onLeft: true, known: known?.cast("f32") ?? value, ...rest };
  }
  // What has no column stays small, so that one subtraction serves all comparisons.
  if (!r.axis) return { value: l, bound: r, onLeft: true, known: known ?? l, ...rest };
  if (!l.axis) return { value: r, bound: l, onLeft: false, known: known ?? r, ...rest };
  const value = sub(l, r);
  return { value, bound: constant(0), onLeft: true, known: known ?? value, ...rest };
}

/** A column with 1 where a comparison is not known. */
function onlyKnown(isKnown: Tensor, column: Named | undefined): Named | undefined {
  if (!(column instanceof Tensor) || deeper(isKnown.axis, column.axis) === undefined) return column;
  return where(isKnown, column, 1);
}
