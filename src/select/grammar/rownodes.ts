import type { Expr } from "./ast.js";
import { visit } from "./names.js";
import { rowSyntax } from "./rowsyntax.js";

/** Rows of pairs, triples and crosses, which have no name: in their brackets bare names are those of their members. */
export function isCombination(node: Expr): boolean {
  for (let rows: Expr | undefined = node; rows; ) {
    if (rows.kind === "mask") rows = rows.of;
    else if (rows.kind !== "rows") return false;
    else if (rowSyntax[rows.name].gives === "combinations") return true;
    else if (rowSyntax[rows.name].gives === "rows") rows = rows.args[0];
    else return false;
  }
  return false;
}

/** The objects of a combination by their order. */
export const memberNames = ["a", "b", "c"] as const;

/** Whether a name in the brackets of combinations is one of theirs: `mass`, `a.pt`, but not `jets.pt`. */
export function isOwnName(name: string): boolean {
  const [first, ...more] = name.split(".");
  return more.length === 0 || memberNames.some((member) => member === first);
}

/** Whether an expression may be one of rows of a table, as far as its text says. */
export function mayHaveRows(expr: Expr): boolean {
  let found = false;
  visit(expr, ({ kind, ...node }) => {
    found ||= kind === "own" || kind === "rows" || kind === "mask" || kind === "member";
    found ||= kind === "column" && "name" in node && node.name.includes(".");
  });
  return found;
}
