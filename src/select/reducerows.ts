/** What is made of all rows of an event: numbers, and whether conditions hold. */

import { stack } from "../core/elementary/join.js";
import { type Axis, lineage } from "../core/graph/axis.js";
import type { Tensor } from "../core/graph/tensor.js";
import { type Expr, isCondition, type QuantifyNode, type ReduceNode } from "./grammar/ast.js";
import { namesMembers } from "./grammar/brackets.js";
import { numberReducers } from "./grammar/rowsyntax.js";
import { beside, type Levels, levels } from "./levels.js";
import type { Finder, Held } from "./logic.js";
import { deeper, type Num, num, type Objects, ones } from "./objects.js";
import { conditionRules, numberRules, type Up, type Weight } from "./reducers.js";

/** `sum(jets.pt)`. */
export function reduced(node: ReduceNode, scope: Objects | null, finder: Finder): Num {
  const rule = numberRules[node.name];
  const { logic } = finder;
  const members = membersOf(node.of, scope);
  const counts = numberReducers[node.name].takes === "condition";
  if (members) {
    const all = members.map((part) =>
      counts ? oneOf(node.of, part, finder) : numberOf(node.of, part, finder).value,
    );
    const { value, there } = logic.number(rule, stack(all), null, beside);
    return num(value, null, there);
  }
  if (counts) {
    const { weight, axis, up } = counted(node, scope, finder);
    return num(logic.number(rule, ones(axis), weight, up).value);
  }
  const x = numberOf(node.of, scope, finder);
  const { value, there } = logic.number(rule, x.value, x.among, upFrom(node, finder.meet(node, [x]), finder));
  return num(value, null, there);
}

/** The rows that a count counts, and how it goes to where they are counted. */
export interface Counted {
  /** null for all rows. */
  readonly weight: Weight | null;
  readonly axis: Axis;
  readonly up: Levels;
}

export function counted(node: ReduceNode, scope: Objects | null, finder: Finder): Counted {
  const { weight, among, axis } = flagged(node.of, scope, finder);
  const up = upFrom(node, axis, finder);
  return { weight: finder.both(weight, among), axis: axis!, up };
}

/** Whether a count is one of the members of a combination, each of which adds its own. */
export const countsMembers = ({ of }: ReduceNode, scope: Objects | null): boolean =>
  membersOf(of, scope) !== null;

/** `any(jets.btag > 0.8)`. */
export function quantified(node: QuantifyNode, scope: Objects | null, finder: Finder): Held {
  const rule = conditionRules[node.name];
  const members = membersOf(node.of, scope);
  const holds = (weight: Weight, among: Weight | null, up: Up): Held => ({
    weight: finder.logic.holds(rule, { weight, among }, up),
    among: null,
  });
  if (members) {
    const all = members.map((part) => flagged(node.of, part, finder).weight ?? noCondition(node, finder));
    return holds({ pass: stack(all.map((w) => w.pass)), fail: stack(all.map((w) => w.fail)) }, null, beside);
  }
  const { weight, among, axis } = flagged(node.of, scope, finder);
  return holds(weight ?? noCondition(node, finder), among, upFrom(node, axis, finder));
}

function noCondition(node: QuantifyNode, finder: Finder): never {
  const remedy = `Write a condition, as in ${node.name}(jets.pt > 30).`;
  return finder.fail("expr.type", node, `${node.name} needs a condition.`, remedy);
}

function numberOf(of: Expr, scope: Objects | null, finder: Finder): Num {
  if (!isCondition(of)) return finder.number(of, scope);
  const remedy = "Write count(…) of a condition.";
  return finder.fail("expr.type", of, "A condition stands where a number is needed.", remedy);
}

/** What a member of a combination adds to a count: 1 or 0, or how likely it does. */
function oneOf(of: Expr, part: Objects, finder: Finder): Tensor {
  const { weight } = flagged(of, part, finder);
  return weight
    ? finder.logic.number(numberRules.count, ones(part.axis), weight, alone).value
    : ones(part.axis);
}

/** Goes nowhere: of one row. */
const alone: Up = { sum: (x) => x, most: (x) => x, one: (x) => x.mul(0).add(1) };

interface Flagged {
  /** null for a table: all of its rows. */
  readonly weight: Weight | null;
  readonly among: Weight | null;
  readonly axis: Axis | null;
}

/** Rows for which something holds, flags that are not 0, or all rows of a table. */
function flagged(of: Expr, scope: Objects | null, finder: Finder): Flagged {
  if (isCondition(of)) {
    const { weight, among } = finder.logic.condition(of, scope);
    return { weight, among, axis: deeper(weight.pass.axis, among ? among.pass.axis : null) ?? null };
  }
  const got = finder.got(of, scope);
  if (got.kind === "objects") return { weight: null, among: got.among, axis: got.axis };
  return { weight: finder.logic.flag(got), among: got.among, axis: finder.meet(of, [got]) };
}

/** The members of combinations, where bare names are those of each. */
export const membersOf = (of: Expr, scope: Objects | null): readonly Objects[] | null =>
  scope?.parts && namesMembers(of) ? scope.parts : null;

/** From rows to events, or over those of one table. */
function upFrom(node: ReduceNode | QuantifyNode, from: Axis | null, finder: Finder): Levels {
  if (!from?.parent) {
    const remedy = `Write ${node.name}(…) of a column of a table, as of jets.pt.`;
    return finder.fail(
      "expr.level",
      node,
      `${node.name} goes over rows of a table, and this is one per event.`,
      remedy,
    );
  }
  if (node.over === null) return levels(from, lineage(from).at(-1)!);
  const over = finder.named(node, node.over);
  const { rows } = from;
  const crossed = typeof rows === "object" && "cross" in rows ? rows.cross[1] : from;
  if (over.kind === "objects" && over.axis === crossed) return levels(from, from.parent);
  const remedy =
    "The table behind the comma is the second of two, as in any(deltaR(jets, muons) < 0.4, muons).";
  return finder.fail("expr.level", node, `These are no rows of ${node.over}.`, remedy);
}
