import { didYouMean } from "../../text/nearest.js";
import {
  type Bounds,
  type CompareNode,
  type ComparisonOperator,
  type Condition,
  type Expr,
  isCondition,
  type Span,
  type ThresholdNode,
  type Value,
} from "./ast.js";
import { CutError } from "./cuterror.js";

/** A threshold of a cut and what it cuts on. */
export interface Threshold {
  readonly name: string;
  /** Its value before training. */
  readonly start: number;
  /** Whether it stays there. */
  readonly fixed: boolean;
  /** Where training keeps it. */
  readonly bounds?: Bounds;
  /** Events pass above a lower bound, below an upper one; "inner" when it is part of an expression. */
  readonly side: "lower" | "upper" | "inner";
  /** The other side of the first comparison that uses it. */
  readonly expression: Value;
  /** The operator as it stands with the threshold on the right: `80 < mass` has `>`. */
  readonly operator: ComparisonOperator;
  /** That comparison. */
  readonly comparison: CompareNode;
  readonly span: Span;
}

const flipped = { "<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!=" } as const;

/** The thresholds of a cut in the order of first use, each name once. */
export function thresholds(cut: Condition): Threshold[] {
  const found = new Map<string, Threshold>();
  const add = (
    { name, start, fixed, bounds, span }: ThresholdNode,
    rest: Pick<Threshold, "side" | "expression" | "operator" | "comparison">,
  ) => {
    if (!found.has(name)) found.set(name, { name, start, fixed, span, ...(bounds && { bounds }), ...rest });
  };
  visit(cut, (node) => {
    if (node.kind !== "compare") return;
    const { left, right, op } = node;
    for (const [side, other, operator] of [
      [left, right, flipped[op]],
      [right, left, op],
    ] as const) {
      if (side.kind === "threshold") {
        add(side, {
          side: operator[0] === ">" ? "lower" : "upper",
          expression: other,
          operator,
          comparison: node,
        });
      } else {
        visitSide(side, (inner) => {
          if (inner.kind === "threshold")
            add(inner, { side: "inner", expression: other, operator, comparison: node });
        });
      }
    }
  });
  return [...found.values()];
}

/** The start of every threshold that trains: the params of a cut before training. */
export function starts(cut: Condition): Record<string, number> {
  return Object.fromEntries(thresholds(cut).flatMap((t) => (t.fixed ? [] : [[t.name, t.start]])));
}

/** The columns used, jagged ones included, in the order of first use. */
export function columns(expr: Expr): string[] {
  const names = new Set<string>();
  visit(expr, (node) => {
    if (node.kind === "column" || node.kind === "element") names.add(node.name);
  });
  return [...names];
}

/** The elements of jagged columns used, such as `Muon_pt[0]`, in the order of first use. */
export function elements(expr: Expr): { name: string; index: number }[] {
  const found = new Map<string, { name: string; index: number }>();
  visit(expr, (node) => {
    if (node.kind === "element")
      found.set(`${node.name}[${node.index}]`, { name: node.name, index: node.index });
  });
  return [...found.values()];
}

/**
 * Checks that every column used is known; `text` is what `expr` was parsed from.
 *
 * @throws CutError with a caret under the first unknown column and the nearest known name
 */
export function requireColumns(expr: Expr, known: Iterable<string>, text: string): void {
  const names = new Set(known);
  visit(expr, (node) => {
    if ((node.kind !== "column" && node.kind !== "element") || names.has(node.name)) return;
    throw new CutError({
      code: "expr.unknownColumn",
      sentence: `There is no column ${node.name}.`,
      remedy: didYouMean(node.name, [...names], "columns"),
      text,
      start: node.span.start,
      end: node.kind === "column" ? node.span.end : text.lastIndexOf("[", node.span.end),
    });
  });
}

/** The comparisons of a cut, in order. */
export function comparisons(cut: Condition): CompareNode[] {
  const found: CompareNode[] = [];
  visit(cut, (node) => {
    if (node.kind === "compare") found.push(node);
  });
  return found;
}

/** Those that are about events, not about rows inside them. */
export function eventComparisons(cut: Condition): CompareNode[] {
  const found: CompareNode[] = [];
  const open: Condition[] = [cut];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (node.kind === "compare") found.push(node);
    else if (node.kind === "not") open.push(node.of);
    else if (node.kind !== "quantify") for (const term of node.terms.toReversed()) open.push(term);
  }
  return found;
}

/** The comparisons and quantifiers of a cut that say something of events. */
export function eventConditions(cut: Condition): ReadonlySet<Condition> {
  const found = new Set<Condition>();
  const open: Condition[] = [cut];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (node.kind === "compare" || node.kind === "quantify") found.add(node);
    else if (node.kind === "not") open.push(node.of);
    else for (const term of node.terms) open.push(term);
  }
  return found;
}

/** Calls `see` on every node, parents before children, left to right. Without recursion: sums may be long. */
export function visit(node: Expr, see: (node: Expr) => void): void {
  const open: Expr[] = [node];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    see(next);
    const inner = children(next);
    for (let i = inner.length - 1; i >= 0; i--) open.push(inner[i]!);
  }
}

/** The same for one side of a comparison, without the conditions inside, which are other comparisons. */
export function visitSide(side: Value, see: (node: Expr) => void): void {
  const open: Expr[] = [side];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (isCondition(next)) continue;
    see(next);
    const inner = children(next);
    for (let i = inner.length - 1; i >= 0; i--) open.push(inner[i]!);
  }
}

const none: readonly Expr[] = [];

/** What a node is made of, left to right. */
export function children(node: Expr): readonly Expr[] {
  switch (node.kind) {
    case "and":
    case "or":
      return node.terms;
    case "call":
    case "rows":
      return node.args;
    case "mask":
      return [node.of, node.where];
    case "pick":
      return typeof node.place === "number" ? [node.of] : [node.of, node.place];
    case "member":
    case "bits":
    case "reduce":
    case "quantify":
      return [node.of];
    case "compare":
    case "arithmetic":
      return [node.left, node.right];
    case "not":
    case "negate":
      return [node.of];
    case "number":
    case "column":
    case "element":
    case "threshold":
    case "own":
      return none;
    default:
      return node satisfies never;
  }
}
