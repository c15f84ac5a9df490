/** Whose bare names are: those of combinations in whose brackets a comparison stands, or of their members. */

import type { CompareNode, Condition, Expr, Value } from "./ast.js";
import { children } from "./names.js";
import { printExpr } from "./printexpr.js";
import { isCombination, memberNames } from "./rownodes.js";
import { rowSyntax } from "./rowsyntax.js";

/** Combinations in whose brackets something stands, or what goes over each of their members there, as `max(btag)`. */
export type Bracket =
  | { readonly kind: "combinations"; readonly of: Value }
  | { readonly kind: "members"; readonly of: Expr };

/** The outermost first. */
export type Brackets = readonly Bracket[];

/** The brackets around each comparison of a cut that is in some. */
export function bracketsOf(cut: Condition): ReadonlyMap<CompareNode, Brackets> {
  const found = new Map<CompareNode, Brackets>();
  const open: { readonly node: Expr; readonly around: Brackets }[] = [{ node: cut, around: [] }];
  for (let next = open.pop(); next; next = open.pop()) {
    const { node, around } = next;
    if (node.kind === "compare" && around.length > 0) found.set(node, around);
    for (const inner of children(node)) open.push({ node: inner, around: aroundPart(node, inner, around) });
  }
  return found;
}

function aroundPart(node: Expr, inner: Expr, around: Brackets): Brackets {
  const behind = (of: Value): Brackets => {
    if (inner === of || !isCombination(of)) return around;
    // What is made of tables alone needs nothing from where it stands.
    return [...(namesOwn(of) ? around : []), { kind: "combinations", of }];
  };
  switch (node.kind) {
    case "mask":
    case "pick":
      return behind(node.of);
    case "rows": {
      const { members, gives } = rowSyntax[node.name];
      return members.length > 0 || gives === "combinations" ? around : behind(node.args[0]!);
    }
    case "reduce":
    case "quantify":
      return around.length > 0 && namesMembers(node.of)
        ? [...around, { kind: "members", of: node.of }]
        : around;
    default:
      return around;
  }
}

function someOwn(of: Expr, is: (name: string) => boolean): boolean {
  const open: Expr[] = [of];
  for (let node = open.pop(); node; node = open.pop()) {
    if (node.kind === "own" && is(node.name)) return true;
    open.push(...children(node));
  }
  return false;
}

/** Whether an expression has names of the combinations in whose brackets it stands. */
export const namesOwn = (of: Expr): boolean => someOwn(of, () => true);

/** Whether it has names that are those of each member of them: `btag`, not `a.btag`. */
export const namesMembers = (of: Expr): boolean =>
  someOwn(of, (name) => !memberNames.some((member) => name === member || name.startsWith(`${member}.`)));

/** Text of numbers for those who do not see where they stand: `mass of pairs(jets)`, `btag of each of pairs(jets)`. */
export function printWithin(expression: Value, brackets: Brackets): string {
  const whose = brackets.reduce(
    (outer, { kind, of }) =>
      kind === "members" ? ` of each${outer}` : ` of ${printExpr(of)}${namesOwn(of) ? outer : ""}`,
    "",
  );
  return `${printExpr(expression)}${whose}`;
}
