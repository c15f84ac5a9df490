import { eq, le, lt, maximum, mul, where } from "../core/elementary/arith.js";
import { nth } from "../core/elementary/nth.js";
import { takeAlong } from "../core/elementary/takealong.js";
import type { Axis } from "../core/graph/axis.js";
import type { Tensor } from "../core/graph/tensor.js";
import { argmax } from "../ops/argmax.js";
import { countedBefore } from "../ops/recurrence.js";
import { type ExprColumns, Values } from "./exprvalues.js";
import type { ComparisonOperator, Condition, Expr, Value } from "./grammar/ast.js";
import { isCondition } from "./grammar/ast.js";
import type { Bracket, Brackets } from "./grammar/brackets.js";
import { checkExpr } from "./grammar/checktext.js";
import type { Held, Logic, Picker } from "./logic.js";
import { type Num, num, type Objects, ones, onlyWhere } from "./objects.js";
import { membersOf, quantified } from "./reducerows.js";
import { type ConditionRecord, type NumberRecord, not, type Up, type Weight } from "./reducers.js";

export const compare: Record<ComparisonOperator, (a: Tensor, b: Tensor) => Tensor> = {
  "<": lt,
  "<=": le,
  ">": (a, b) => lt(b, a),
  ">=": (a, b) => le(b, a),
  "==": eq,
  "!=": (a, b) => not(eq(a, b)),
};

/**
 * The tensor of an expression, as it stands: arithmetic in the float type of the columns, conditions as 0 or 1.
 * What no column is in stays a small tensor. Thresholds that are fixed are constants, the others come from `env`.
 */
export function traceExpr(expr: Expr, env: ExprColumns): Tensor {
  checkExpr("traceExpr", expr);
  const hard = new Hard(env);
  if (isCondition(expr)) return hard.condition(expr, null).weight.pass;
  return hard.values.number(expr, null).value;
}

/** The tensors of a number in the brackets of combinations: one, or one for each of their members. */
export function traceWithin(number: Value, brackets: Brackets, env: ExprColumns): Tensor[] {
  const { values } = new Hard(env);
  const within = (scope: Objects | null, { kind, of }: Bracket): readonly (Objects | null)[] => {
    if (kind === "members") return membersOf(of, scope) ?? [scope];
    const got = values.got(of, scope);
    return got.kind === "objects" ? [got] : [scope];
  };
  const scopes = brackets.reduce<readonly (Objects | null)[]>(
    (outer, bracket) => outer.flatMap((scope) => within(scope, bracket)),
    [null],
  );
  return scopes.map((scope) => values.number(number, scope).value);
}

/** 1 or 0 for each event or row. */
const sure = (pass: Tensor): Weight => ({
  pass,
  get fail() {
    return not(pass);
  },
});

/** Rows are there or not, and conditions hold or not. */
class Hard implements Logic {
  readonly values: Values;

  constructor(env: ExprColumns) {
    this.values = new Values(env, this);
  }

  both(a: Weight, b: Weight): Weight {
    return sure(mul(a.pass, b.pass));
  }

  condition(node: Condition, scope: Objects | null): Held {
    switch (node.kind) {
      case "compare": {
        const [left, right] = [this.values.number(node.left, scope), this.values.number(node.right, scope)];
        this.values.requireEvents(node, this.values.meet(node, [left, right]));
        const among = this.values.both(left.among, right.among);
        return { weight: sure(compare[node.op](left.value, right.value)), among };
      }
      case "quantify": {
        const held = quantified(node, scope, this.values);
        this.values.requireEvents(node, held.weight.pass.axis);
        return held;
      }
      case "and":
      case "or": {
        const all = node.terms.map((term) => this.condition(term, scope));
        this.values.meet(
          node,
          all.map(({ weight }) => num(weight.pass)),
        );
        const among = all.map((held) => held.among).reduce((a, b) => this.values.both(a, b));
        const pass = all.map(({ weight }) => weight.pass).reduce(node.kind === "and" ? mul : maximum);
        return { weight: sure(pass), among };
      }
      case "not": {
        const { weight, among } = this.condition(node.of, scope);
        return { weight: sure(not(weight.pass)), among };
      }
      default:
        return node satisfies never;
    }
  }

  flag(x: Num): Weight {
    return sure(not(eq(x.value, 0)));
  }

  number(record: NumberRecord, x: Tensor, among: Weight | null, up: Up) {
    return { value: record.hard(x, among?.pass ?? null, up), there: null };
  }

  holds(record: ConditionRecord, { weight, among }: Held, up: Up): Weight {
    const held = among && (record.outside ? maximum(weight.pass, among.fail) : mul(weight.pass, among.pass));
    return sure(record.hard(held ?? weight.pass, up));
  }

  at(axis: Axis, among: Weight | null, place: number): Picker {
    if (!among) return { there: null, of: (x) => nth(x, place) };
    const mask = mul(among.pass, ones(axis));
    const before = countedBefore(mask, place < 0);
    return only(mul(mask, eq(before, place < 0 ? -1 - place : place)));
  }

  best(axis: Axis, among: Weight | null, key: Tensor): Picker {
    const keys = mul(key, ones(axis));
    if (!among) {
      const places = argmax(keys, "parent");
      return { there: null, of: (x) => takeAlong(x, places, "parent") };
    }
    const mask = mul(among.pass, ones(axis));
    const places = argmax(where(mask, keys, Number.NEGATIVE_INFINITY), "parent");
    const some = mask.sum("parent");
    return { there: null, of: (x) => onlyWhere(some, takeAlong(x, places, "parent")) };
  }

  firstOf(axis: Axis, among: Weight | null, count: number): Weight {
    const mask = mul(among ? among.pass : ones(axis), ones(axis));
    return sure(mul(mask, lt(countedBefore(mask, false), count)));
  }
}

/** The one row of each parent where a mask is 1, if there is one. */
function only(mask: Tensor): Picker {
  const some = mask.sum("parent");
  return { there: null, of: (x) => onlyWhere(some, where(mask, x, 0).sum("parent")) };
}
