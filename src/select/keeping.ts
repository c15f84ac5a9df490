import type { CompareNode, Condition, Expr, Value } from "./grammar/ast.js";
import { isCondition, leftSides } from "./grammar/ast.js";

/** Whether more events pass where a condition holds for more rows; null where that cannot be said. */
type Towards = boolean | null;

const turned = (towards: Towards): Towards => (towards === null ? null : !towards);

/**
 * By the places of thresholds in the text, whether events pass as the comparison says in which one stands; false where `!` or
 * an upper limit on how many or how much turns that around; null where neither is so.
 */
export function keeping(cut: Condition): ReadonlyMap<number, Towards> {
  const walk = new Walk();
  walk.condition(cut, true);
  return walk.found;
}

class Walk {
  readonly found = new Map<number, Towards>();

  condition(node: Condition, towards: Towards): void {
    switch (node.kind) {
      case "and":
      case "or":
        for (const term of node.terms) this.condition(term, towards);
        return;
      case "not":
        this.condition(node.of, turned(towards));
        return;
      case "quantify":
        this.#inner(node.of, towards);
        return;
      case "compare":
        this.#sides(node, towards);
        return;
      default:
        node satisfies never;
    }
  }

  #sides({ op, left, right }: CompareNode, towards: Towards): void {
    const upper = op[0] === "<" ? true : op[0] === ">" ? false : null;
    for (const [side, isRight] of [
      [left, false],
      [right, true],
    ] as const) {
      if (side.kind === "threshold") this.found.set(side.span.start, towards);
      else this.#value(side, upper === null ? null : upper === isRight ? towards : turned(towards));
    }
  }

  /** A number that grows or falls with what passes. */
  #value(node: Value, towards: Towards): void {
    switch (node.kind) {
      case "reduce":
        this.#inner(node.of, reducing[node.name](towards));
        return;
      case "mask":
        this.condition(node.where, towards);
        this.#value(node.of, towards);
        return;
      case "pick":
        this.#value(node.of, towards);
        if (typeof node.place !== "number") this.#value(node.place, towards);
        return;
      case "arithmetic": {
        const { chain, first } = leftSides(node);
        let side = towards;
        for (const { op, right } of chain) {
          if (op !== "+") side = null;
          this.#value(right, side);
        }
        this.#value(first, side);
        return;
      }
      case "call":
      case "rows":
        for (const arg of node.args) this.#value(arg, node.kind === "rows" ? towards : null);
        return;
      case "member":
        this.#value(node.of, towards);
        return;
      case "negate":
      case "bits":
        this.#value(node.of, null);
        return;
      case "threshold":
        this.found.set(node.span.start, null);
        return;
      case "number":
      case "column":
      case "element":
      case "own":
        return;
      default:
        node satisfies never;
    }
  }

  #inner(node: Expr, towards: Towards): void {
    if (isCondition(node)) this.condition(node, towards);
    else this.#value(node, towards);
  }
}

/** What more rows do to a number of them. */
const reducing = {
  count: (towards: Towards) => towards,
  sum: (towards: Towards) => towards,
  max: (towards: Towards) => towards,
  min: turned,
  mean: (): Towards => null,
} as const;
