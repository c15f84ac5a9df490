/** The hard mask of a cut whose thresholds move one at a time: only what a move changes is worked out. */

import { aboutEvents, type Columns } from "../core/events.js";
import { constant } from "../core/graph/op.js";
import { compile } from "../core/run/compile.js";
import { valueFunction } from "./comparedvalues.js";
import { type Cut, columnNames } from "./cut.js";
import type { CompareNode, ComparisonOperator, Condition, Expr, QuantifyNode, Value } from "./grammar/ast.js";
import { eventComparisons, visit } from "./grammar/names.js";
import { printExpr } from "./grammar/printexpr.js";
import { lookUp, type Table } from "./objects.js";
import { traceExpr } from "./traceexpr.js";
import { usedColumns } from "./usedcolumns.js";

export interface MovingMask {
  /** 1 for the events that pass; the same array after every move. */
  readonly mask: Uint8Array;
  /** Puts a threshold somewhere else. */
  move(name: string, value: number): void;
}

/** `and`, `or` or `not` with the number of its terms that are true, per event. */
interface Gate {
  readonly parent: Gate | null;
  readonly kind: "and" | "or" | "not";
  readonly size: number;
  readonly yes: Int32Array;
}

/** A comparison of numbers per event with one threshold. */
interface Leaf {
  readonly parent: Gate | null;
  readonly values: Float64Array;
  readonly passes: (x: number, threshold: number) => boolean;
}

const passing: Partial<Record<ComparisonOperator, Leaf["passes"]>> = {
  "<": (x, t) => x < t,
  "<=": (x, t) => x <= t,
  ">": (x, t) => x > t,
  ">=": (x, t) => x >= t,
};
const mirrored = { "<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!=" } as const;

/** The threshold of `moving` on one side of a comparison, and how an event is compared with it; null where there is none. */
function standing({ left, right, op }: CompareNode, moving: ReadonlySet<string>) {
  for (const [side, other, operator] of [
    [right, left, op],
    [left, right, mirrored[op]],
  ] as const) {
    const passes = passing[operator];
    if (side.kind === "threshold" && moving.has(side.name) && passes)
      return { name: side.name, other, passes };
  }
  return null;
}

/** Whether each of these thresholds stands alone beside numbers of the events, and so can move in a {@link movingMask}. */
export function canMove(cut: Cut, names: readonly string[]): boolean {
  const moving = new Set(names);
  const movingIn = (node: Expr): number => {
    let inside = 0;
    visit(node, (inner) => {
      if (inner.kind === "threshold" && moving.has(inner.name)) inside++;
    });
    return inside;
  };
  const own = eventComparisons(cut.ast);
  // Those in conditions of rows are in no comparison of events, or in the numbers of one.
  const all = own.reduce((sum, node) => sum + movingIn(node), 0);
  if (movingIn(cut.ast) !== all) return false;
  return own.every((node) => {
    const inside = movingIn(node);
    const alone = standing(node, moving);
    return inside === 0 || (inside === 1 && alone !== null && columnNames(alone.other).length > 0);
  });
}

/** How many comparisons that stay are worked out together: each has a number per event. */
const together = 64;

/** The mask at `params`, in which `names` can move, see {@link canMove}. Its bits are those of the hard cut. */
export function movingMask(
  cut: Cut,
  names: readonly string[],
  columns: Columns,
  params: Readonly<Record<string, number>>,
): MovingMask {
  const moving = new Set(names);
  const { rows } = aboutEvents(usedColumns(columns, cut.columns, {}));
  const mask = new Uint8Array(rows);
  const known = new Map<string, Float64Array>();
  const valuesOf = (other: Value): Float64Array => {
    const text = printExpr(other);
    const values = known.get(text) ?? valueFunction(cut, other, params)(columns);
    known.set(text, values);
    return values;
  };
  const leaves = new Map<string, Leaf[]>(names.map((name) => [name, []]));
  const still: { node: CompareNode | QuantifyNode; parent: Gate | null }[] = [];
  const build = (node: Condition, parent: Gate | null): void => {
    if (node.kind === "compare" || node.kind === "quantify") {
      const alone = node.kind === "compare" ? standing(node, moving) : null;
      if (alone) leaves.get(alone.name)!.push({ ...alone, parent, values: valuesOf(alone.other) });
      else still.push({ node, parent });
      return;
    }
    const terms = node.kind === "not" ? [node.of] : node.terms;
    const gate = { parent, kind: node.kind, size: terms.length, yes: new Int32Array(rows) };
    // With nothing true below it, a `not` is true.
    if (node.kind === "not") for (let row = 0; row < rows; row++) flip(mask, parent, row, true);
    for (const term of terms) build(term, gate);
  };
  build(cut.ast, null);

  const at = new Map<string, number>();
  const move = (name: string, to: number): void => {
    const from = at.get(name)!;
    at.set(name, to);
    for (const { parent, values, passes } of leaves.get(name)!)
      for (let row = 0; row < rows; row++) {
        const now = passes(values[row]!, to);
        if (now !== passes(values[row]!, from)) flip(mask, parent, row, now);
      }
  };
  for (let first = 0; first < still.length; first += together) {
    const some = still.slice(first, first + together);
    for (const [i, pass] of evaluated(cut, some, columns, params).entries())
      for (let row = 0; row < rows; row++)
        if ((typeof pass === "number" ? pass : pass[row]) !== 0) flip(mask, some[i]!.parent, row, true);
  }
  for (const name of names) {
    // Nothing passes a comparison with what is no number, so all that do now are flipped.
    at.set(name, Number.NaN);
    move(name, params[name]!);
  }
  return { mask, move };
}

/** One term of `gate` has become true or false for an event: so has whatever follows from that. */
function flip(mask: Uint8Array, gate: Gate | null, row: number, now: boolean): void {
  let value = now;
  for (let here = gate; here; here = here.parent) {
    const before = isTrue(here, row);
    here.yes[row]! += value ? 1 : -1;
    value = isTrue(here, row);
    if (value === before) return;
  }
  mask[row] = value ? 1 : 0;
}

function isTrue({ kind, yes, size }: Gate, row: number): boolean {
  if (kind === "and") return yes[row] === size;
  return kind === "or" ? yes[row] !== 0 : yes[row] === 0;
}

/** Comparisons whose thresholds stay. */
function evaluated(
  cut: Cut,
  some: readonly { readonly node: CompareNode | QuantifyNode }[],
  columns: Columns,
  params: Readonly<Record<string, number>>,
) {
  const starts = new Map(cut.thresholds.map((t) => [t.name, t.start]));
  const names = [...new Set(some.flatMap(({ node }) => columnNames(node)))];
  const compiled = compile((events: Table) => {
    const threshold = (name: string) => constant(params[name] ?? starts.get(name)!);
    return some.map(({ node }) => traceExpr(node, { column: (name) => lookUp(events, name), threshold }));
  });
  return compiled(usedColumns(columns, names, { dtype: "f64" })) as (Float64Array | number)[];
}
