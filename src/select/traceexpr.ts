import {
  abs,
  add,
  div,
  eq,
  floor,
  le,
  lt,
  maximum,
  minimum,
  mul,
  neg,
  sign,
  sqrt,
  sub,
} from "../core/elementary/arith.js";
import { exp, expm1, log, log1p, pow, sigmoid, tanh } from "../core/elementary/exp.js";
import { erf } from "../core/elementary/special.js";
import { atan2, cos, cosh, hypot, sin, sinh } from "../core/elementary/trig.js";
import { constant } from "../core/graph/op.js";
import type { Tensor } from "../core/graph/tensor.js";
import {
  type ArithmeticOperator,
  type CallNode,
  type ComparisonOperator,
  type ElementNode,
  type Expr,
  type FunctionName,
  leftSides,
} from "./grammar/ast.js";
import { checkExpr } from "./grammar/checktext.js";

/** Where the names of an expression get their tensors. An element has the name `elementName` gives it. */
export interface ExprColumns {
  column(name: string): Tensor;
  threshold(name: string): Tensor;
}

/** The name of a column that holds one element of a jagged one: `Muon_pt[0]`, as it stands in the text. */
export const elementName = ({ name, index }: Pick<ElementNode, "name" | "index">): string =>
  `${name}[${index}]`;

const arithmetic: Record<ArithmeticOperator, (a: Tensor, b: Tensor) => Tensor> = {
  "+": add,
  "-": sub,
  "*": mul,
  "/": div,
  "**": pow,
};

const compare: Record<ComparisonOperator, (a: Tensor, b: Tensor) => Tensor> = {
  "<": lt,
  "<=": le,
  ">": (a, b) => lt(b, a),
  ">=": (a, b) => le(b, a),
  "==": eq,
  "!=": (a, b) => not(eq(a, b)),
};

const calls: Record<FunctionName, (...args: Tensor[]) => Tensor> = {
  abs,
  sqrt,
  exp,
  expm1,
  log,
  log1p,
  sin,
  cos,
  tan: (x) => div(sin(x!), cos(x!)),
  sinh,
  cosh,
  tanh,
  atan2,
  hypot,
  sigmoid,
  erf,
  floor,
  sign,
  min: (...args) => args.reduce(minimum),
  max: (...args) => args.reduce(maximum),
};

const not = (x: Tensor): Tensor => sub(1, x);

/**
 * The tensor of an expression, as it stands: arithmetic in the float type of the columns, conditions as 0 or 1.
 * What no column is in stays a small tensor. Thresholds that are fixed are constants, the others come from `env`.
 */
export function traceExpr(expr: Expr, env: ExprColumns): Tensor {
  checkExpr("traceExpr", expr);
  switch (expr.kind) {
    case "number":
      return constant(expr.value);
    case "column":
      return env.column(expr.name);
    case "element":
      return env.column(elementName(expr));
    case "threshold":
      return expr.fixed ? constant(expr.start) : env.threshold(expr.name);
    case "negate":
      return neg(traceExpr(expr.of, env));
    case "arithmetic": {
      const { chain, first } = leftSides(expr);
      return chain.reduceRight(
        (left, { op, right }) => arithmetic[op](left, traceExpr(right, env)),
        traceExpr(first, env),
      );
    }
    case "call":
      return call(expr, env);
    case "compare":
      return compare[expr.op](traceExpr(expr.left, env), traceExpr(expr.right, env));
    case "and":
      return expr.terms.map((term) => traceExpr(term, env)).reduce(mul);
    case "or":
      return expr.terms.map((term) => traceExpr(term, env)).reduce(maximum);
    case "not":
      return not(traceExpr(expr.of, env));
    default:
      return expr satisfies never;
  }
}

const call = ({ name, args }: CallNode, env: ExprColumns): Tensor =>
  calls[name](...args.map((arg) => traceExpr(arg, env)));
