import type { ConditionReducer, NumberReducer, RowFunctionName } from "./rowsyntax.js";

/** A half-open range of offsets into the source text. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

interface Node {
  readonly span: Span;
}

/** A constant. */
export interface NumberNode extends Node {
  readonly kind: "number";
  readonly value: number;
}

/** A column, or rows of a table where those are asked for: `met`, `jets.pt`, `jets`. */
export interface ColumnNode extends Node {
  readonly kind: "column";
  readonly name: string;
}

/**
 * Element `index` (from 0, or from -1 at the end) of a jagged column or of the rows of a table: `Muon_pt[0]`, `jets.pt[-1]`,
 * `jets[0]`; NaN for events that have no such element.
 */
export interface ElementNode extends Node {
  readonly kind: "element";
  readonly name: string;
  readonly index: number;
}

/**
 * A number that training may move. A `fixed` one stays at `start`, so it lowers to a constant;
 * it is a node of its own so that reports know it as a threshold.
 */
export interface ThresholdNode extends Node {
  readonly kind: "threshold";
  readonly name: string;
  readonly start: number;
  readonly fixed: boolean;
  /** Where training keeps it; absent where it is free. */
  readonly bounds?: Bounds;
}

/** Lowest and highest value of a threshold, both allowed; one of them may be infinite. */
export type Bounds = readonly [low: number, high: number];

/** `-of`. A negated literal is a NumberNode instead. */
export interface NegateNode extends Node {
  readonly kind: "negate";
  readonly of: Value;
}

export type ArithmeticOperator = "+" | "-" | "*" | "/" | "**";

/** Two operands; `pow(a, b)` is `**` too. */
export interface ArithmeticNode extends Node {
  readonly kind: "arithmetic";
  readonly op: ArithmeticOperator;
  readonly left: Value;
  readonly right: Value;
}

/** A function of {@link functions}; `min` and `max` have two or more arguments. */
export interface CallNode extends Node {
  readonly kind: "call";
  readonly name: FunctionName;
  readonly args: readonly Value[];
}

/** The rows of a table that fulfil a condition: `jets.pt[jets.pt > 30]`. */
export interface MaskNode extends Node {
  readonly kind: "mask";
  readonly of: Value;
  readonly where: Condition;
}

/** One row of each event, by its place from 0 or from -1 at the end, or by a key: `jets.pt[argmax(jets.btag)]`. */
export interface PickNode extends Node {
  readonly kind: "pick";
  readonly of: Value;
  readonly place: number | Value;
}

/** A column of rows, or one of the objects that make them: `leading(jets, jets.btag).pt`, `pairs(jets).mass`. */
export interface MemberNode extends Node {
  readonly kind: "member";
  readonly of: Value;
  readonly name: string;
}

/** A member of the combinations in whose brackets it stands: `mass`, `a.pt`. */
export interface OwnNode extends Node {
  readonly kind: "own";
  readonly name: string;
}

/** The bits of an integer that `mask` has: `jets.jetId & 4`. */
export interface BitsNode extends Node {
  readonly kind: "bits";
  readonly of: Value;
  readonly mask: number;
}

/** A number of all rows of each event, or of those of the table `over`: `sum(jets.pt)`. */
export interface ReduceNode extends Node {
  readonly kind: "reduce";
  readonly name: NumberReducer;
  readonly of: Expr;
  readonly over: string | null;
}

/** A function of rows or of one object: `deltaR(jets, muons)`, `pairs(jets)`, `leading(jets, jets.btag)`. */
export interface RowsNode extends Node {
  readonly kind: "rows";
  readonly name: RowFunctionName;
  readonly args: readonly Value[];
}

export type ComparisonOperator = "<" | "<=" | ">" | ">=" | "==" | "!=";

/** A comparison; NaN on either side is false but for `!=`. A flag column used alone is `flag != 0`. */
export interface CompareNode extends Node {
  readonly kind: "compare";
  readonly op: ComparisonOperator;
  readonly left: Value;
  readonly right: Value;
}

/** Two or more conditions, none of them an `and` itself. */
export interface AndNode extends Node {
  readonly kind: "and";
  readonly terms: readonly Condition[];
}

/** Two or more conditions, none of them an `or` itself. */
export interface OrNode extends Node {
  readonly kind: "or";
  readonly terms: readonly Condition[];
}

export interface NotNode extends Node {
  readonly kind: "not";
  readonly of: Condition;
}

/** Whether a condition holds for some or for all rows of each event, or of those of the table `over`. */
export interface QuantifyNode extends Node {
  readonly kind: "quantify";
  readonly name: ConditionReducer;
  readonly of: Expr;
  readonly over: string | null;
}

/** A number per event or per row of a table, or such rows. */
export type Value =
  | NumberNode
  | ColumnNode
  | ElementNode
  | ThresholdNode
  | NegateNode
  | ArithmeticNode
  | CallNode
  | MaskNode
  | PickNode
  | MemberNode
  | OwnNode
  | BitsNode
  | ReduceNode
  | RowsNode;

/** True or false per event or per row of a table; softens to a number in [0, 1]. */
export type Condition = CompareNode | AndNode | OrNode | NotNode | QuantifyNode;

/**
 * An expression. Its height is at most {@link maxHeight}, so recursion over it is safe that goes along the left sides of
 * arithmetic (`a + b + c` is (a + b) + c) in a loop, see {@link leftSides}; `and` and `or` may have any number of terms. Nodes may be shared: `a < x < b` compares one `x` twice.
 */
export type Expr = Value | Condition;

/** Nodes on the longest path from the root, not counting those that are the left side of arithmetic in arithmetic. */
export const maxHeight = 1000;

/** Operations in one sum or product without parentheses. */
export const maxChain = 20_000;

/** Parentheses, calls, signs and exponents inside one another. */
export const maxNesting = 200;

/** Number of arguments of each function; `Infinity` for as many as wanted. */
export const functions = {
  abs: [1, 1],
  sqrt: [1, 1],
  exp: [1, 1],
  expm1: [1, 1],
  log: [1, 1],
  log1p: [1, 1],
  sin: [1, 1],
  cos: [1, 1],
  tan: [1, 1],
  sinh: [1, 1],
  cosh: [1, 1],
  tanh: [1, 1],
  atan2: [2, 2],
  hypot: [2, 2],
  sigmoid: [1, 1],
  erf: [1, 1],
  floor: [1, 1],
  sign: [1, 1],
  min: [2, Number.POSITIVE_INFINITY],
  max: [2, Number.POSITIVE_INFINITY],
} as const satisfies Record<string, readonly [least: number, most: number]>;

export type FunctionName = keyof typeof functions;

/** Whether an expression is true or false per event, rather than a number. */
export function isCondition(expr: Expr): expr is Condition {
  return conditions.has(expr.kind);
}

const conditions: ReadonlySet<string> = new Set<Condition["kind"]>([
  "compare",
  "and",
  "or",
  "not",
  "quantify",
]);

/** A comparison of counts with a whole number is about how many there are, and has no threshold. */
export function isCount(node: Value): boolean {
  if (node.kind === "arithmetic") {
    const { chain, first } = leftSides(node);
    return isCount(first) && chain.every(({ op, right }) => op === "+" && isCount(right));
  }
  return node.kind === "reduce" && node.name === "count";
}

/** Arithmetic whose left side is arithmetic and so on, from the outermost to the innermost, and what stands left of that. */
export function leftSides(node: ArithmeticNode): { chain: ArithmeticNode[]; first: Value } {
  const chain: ArithmeticNode[] = [];
  let first: Value = node;
  for (; first.kind === "arithmetic"; first = first.left) chain.push(first);
  return { chain, first };
}
