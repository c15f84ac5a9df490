/** Counts beside numbers that do not train: how likely so many rows pass. */

import { type CompareNode, isCount, type Value } from "./grammar/ast.js";
import type { Finder } from "./logic.js";
import { type Objects, ones } from "./objects.js";
import { addedPassing, mostStates, nearlyPassing, type Passing, passing } from "./passing.js";
import { counted, countsMembers } from "./reducerows.js";
import { swapped, type Weight } from "./reducers.js";
import { onAxis, sure } from "./softrows.js";

/** How likely a comparison of a count holds; null for one of anything else. */
export function countWeight(node: CompareNode, scope: Objects | null, finder: Finder): Weight | null {
  const compared = comparedCount(node);
  if (!compared) return null;
  const { op, of, n } = compared;
  const rows = passingOf(of, Math.max(1, mostOf(op, n)), scope, finder);
  return rows && weights[op](rows, n);
}

const weights: Readonly<Record<CompareNode["op"], (rows: Passing, n: number) => Weight>> = {
  ">=": (rows, n) => rows.atLeast(Math.ceil(n)),
  ">": (rows, n) => rows.atLeast(Math.floor(n) + 1),
  "<": (rows, n) => swapped(rows.atLeast(Math.ceil(n))),
  "<=": (rows, n) => swapped(rows.atLeast(Math.floor(n) + 1)),
  "==": (rows, n) => rows.exactly(n),
  "!=": (rows, n) => swapped(rows.exactly(n)),
};

/** Up to how many rows a comparison tells numbers of rows apart. */
const mostOf = (op: CompareNode["op"], n: number): number =>
  op === ">=" || op === "<" ? Math.ceil(n) : Math.floor(n) + 1;

function passingOf(of: Value, most: number, scope: Objects | null, finder: Finder): Passing | null {
  if (of.kind === "arithmetic") {
    const [a, b] = [passingOf(of.left, most, scope, finder), passingOf(of.right, most, scope, finder)];
    return a && b && addedPassing(a, b);
  }
  if (of.kind !== "reduce" || countsMembers(of, scope)) return null;
  const { weight, axis, up } = counted(of, scope, finder);
  const w = onAxis(axis, weight ?? sure(ones(axis)));
  return up.between.length > 1 || most > mostStates ? nearlyPassing(w, up) : passing(w, most);
}

/** Counts and the number that they are compared with. */
function comparedCount({ op, left, right }: CompareNode) {
  const mirrored = { "<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!=" } as const;
  if (right.kind === "number" && isCount(left)) return whole(op, left, right.value);
  return left.kind === "number" && isCount(right) ? whole(mirrored[op], right, left.value) : null;
}

/** A count is never equal to what is no whole number from 0 on; that stays a hard factor. */
const whole = (op: CompareNode["op"], of: Value, n: number) =>
  (op === "==" || op === "!=") && !(Number.isSafeInteger(n) && n >= 0) ? null : { op, of, n };
