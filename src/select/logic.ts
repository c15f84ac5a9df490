/** What hard and soft cuts make of rows in their own ways. */

import type { Axis } from "../core/graph/axis.js";
import type { Tensor } from "../core/graph/tensor.js";
import type { Condition, Expr, Value } from "./grammar/ast.js";
import type { CutErrorCode } from "./grammar/cuterror.js";
import type { Both, Got, Num, Objects } from "./objects.js";
import type { ConditionRecord, Found, NumberRecord, Up, Weight } from "./reducers.js";

/** A condition of events or rows; `among` says which rows masks in it leave, null for all. */
export interface Held {
  readonly weight: Weight;
  readonly among: Weight | null;
}

/** Chooses one row of each parent. */
export interface Picker {
  readonly there: Weight | null;
  of(x: Tensor): Tensor;
}

/** Puts rows of each parent in another order. */
export type Sorter = (x: Tensor) => Tensor;

export interface Logic {
  readonly both: Both;
  condition(node: Condition, scope: Objects | null): Held;
  /** Whether a flag is not 0. */
  flag(x: Num): Weight;
  number(record: NumberRecord, x: Tensor, among: Weight | null, up: Up): Found;
  holds(record: ConditionRecord, held: Held, up: Up): Weight;
  /** The row at a place from 0, or from -1 at the end, of those that a mask leaves. */
  at(axis: Axis, among: Weight | null, place: number): Picker;
  /** The row with the largest key, the first where several have it. */
  best(axis: Axis, among: Weight | null, key: Tensor): Picker;
  /** The first `count` of the rows that a mask leaves. */
  firstOf(axis: Axis, among: Weight | null, count: number): Weight;
}

/** Finds the numbers and rows that parts of an expression are; `scope` are the combinations in whose brackets these stand. */
export interface Finder {
  readonly logic: Logic;
  number(node: Value, scope: Objects | null): Num;
  got(node: Value, scope: Objects | null): Got;
  /** The column or table of a name. */
  named(node: Expr, name: string): Got;
  both(a: Weight | null, b: Weight | null): Weight | null;
  /** The deepest axis of some numbers; a CutError where two of them are of rows of different tables. */
  meet(node: Expr, all: readonly Num[]): Axis | null;
  fail(code: CutErrorCode, node: Expr, sentence: string, remedy: string): never;
}

/** A table as the text names it. */
export const nameOf = ({ table }: Axis): string => table.slice(table.indexOf(".") + 1);
