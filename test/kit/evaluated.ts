import type { Expr } from "../../src/select/grammar/ast.js";

type Numbers = Readonly<Record<string, number>>;

/** What an expression is for one event, by the engine's own arithmetic; conditions are 1 and 0. */
export function evaluated(node: Expr, event: (name: string) => number, values: Numbers = {}): number {
  const at = (child: Expr) => evaluated(child, event, values);
  switch (node.kind) {
    case "number":
      return node.value;
    case "threshold":
      return node.fixed ? node.start : (values[node.name] ?? node.start);
    case "column":
      return event(node.name);
    case "element":
      return event(`${node.name}[${node.index}]`);
    case "negate":
      return -at(node.of);
    case "arithmetic": {
      const [a, b] = [at(node.left), at(node.right)];
      return { "+": a + b, "-": a - b, "*": a * b, "/": a / b, "**": a ** b }[node.op];
    }
    case "call": {
      if (node.name === "erf" || node.name === "sigmoid") throw new Error(`the engine has no ${node.name}`);
      const f: (...args: number[]) => number = Math[node.name];
      return f(...node.args.map(at));
    }
    case "compare": {
      const [a, b] = [at(node.left), at(node.right)];
      return +{ "<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b, "==": a === b, "!=": a !== b }[node.op];
    }
    case "and":
      return +node.terms.every((term) => at(term) === 1);
    case "or":
      return +node.terms.some((term) => at(term) === 1);
    case "not":
      return 1 - at(node.of);
    default:
      throw new Error(`${node.kind} is about rows`);
  }
}
