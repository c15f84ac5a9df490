import {
  abs,
  add,
  div,
  floor,
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
import { type Axis, lineage } from "../core/graph/axis.js";
import { constant } from "../core/graph/op.js";
import { Tensor } from "../core/graph/tensor.js";
import { at, best, firstOf, masked, picked, sorted } from "./chooserows.js";
import {
  type ArithmeticNode,
  type ArithmeticOperator,
  type BitsNode,
  type CompareNode,
  type Condition,
  type ElementNode,
  type Expr,
  type FunctionName,
  leftSides,
  type QuantifyNode,
  type Value,
} from "./grammar/ast.js";
import { CutError, type CutErrorCode } from "./grammar/cuterror.js";
import { printExpr } from "./grammar/printexpr.js";
import { memberNames } from "./grammar/rownodes.js";
import { type Finder, type Logic, nameOf } from "./logic.js";
import {
  bothOf,
  deeper,
  type Got,
  type Named,
  type Num,
  num,
  type Objects,
  objectsOf,
  together,
} from "./objects.js";
import { reduced } from "./reducerows.js";
import type { Weight } from "./reducers.js";
import { type RowTools, rowRules } from "./rowfunctions.js";

/** Where the names of an expression get their tensors. An element has the name `elementName` gives it. */
export interface ExprColumns {
  /** A column of events, or a table with its columns; undefined where there is none. */
  column(name: string): Named | undefined;
  threshold(name: string): Tensor;
  /** What the expression was parsed from, where errors are to point into it. */
  readonly text?: string;
  /** Conditions that must be of events, not of rows of a table that belong to them; null where there are no such tables. */
  readonly ofEvents?: OfEvents | null;
}

/** Conditions of events, and the axis of these. */
export interface OfEvents {
  readonly conditions: ReadonlySet<Condition>;
  readonly axis: Axis;
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

/** The numbers and rows that expressions are, whatever conditions mean. */
export class Values implements Finder {
  readonly #env: ExprColumns;
  readonly logic: Logic;

  constructor(env: ExprColumns, logic: Logic) {
    this.#env = env;
    this.logic = logic;
  }

  /** A number; `scope` are the combinations in whose brackets it stands. */
  number(node: Value, scope: Objects | null): Num {
    const got = this.got(node, scope);
    if (got.kind === "number") return got;
    const remedy = got.parts
      ? `Take how many there are: count(${printExpr(node)}).`
      : `Take a column of them, as ${got.name}.pt, or how many there are: count(${got.name}).`;
    return this.fail("expr.type", node, `These are ${got.name}, where a number is needed.`, remedy);
  }

  got(node: Value, scope: Objects | null): Got {
    switch (node.kind) {
      case "number":
        return num(constant(node.value));
      case "column":
        return this.named(node, node.name);
      case "element": {
        const own = this.#env.column(elementName(node));
        return own instanceof Tensor ? num(own) : at(node, this.named(node, node.name), node.index, this);
      }
      case "threshold":
        return num(node.fixed ? constant(node.start) : this.#env.threshold(node.name));
      case "negate": {
        const of = this.number(node.of, scope);
        return { ...of, value: neg(of.value) };
      }
      case "arithmetic":
        return this.#arithmetic(node, scope);
      case "call": {
        const args = node.args.map((arg) => this.number(arg, scope));
        return this.#join(node, args, (...x) => calls[node.name](...x));
      }
      case "mask":
        return masked(node, scope, this);
      case "pick":
        return picked(node, scope, this);
      case "member":
        return this.#member(this.#objects(node.of, scope), node.name, node);
      case "own":
        return scope ? this.#member(scope, node.name, node) : this.named(node, node.name);
      case "bits":
        return this.#bits(node, scope);
      case "reduce":
        return reduced(node, scope, this);
      case "rows":
        return rowRules[node.name].apply(node.args, this.#tools(node, scope));
      default:
        return node satisfies never;
    }
  }

  fail(code: CutErrorCode, { span }: Expr, sentence: string, remedy: string): never {
    const { text } = this.#env;
    throw new CutError({ code, sentence, remedy, ...(text === undefined ? {} : { text, ...span }) });
  }

  /** Throws a CutError for a condition of rows where one of events is needed. */
  requireEvents(node: CompareNode | QuantifyNode, axis: Axis | null): void {
    const { ofEvents } = this.#env;
    if (!ofEvents?.conditions.has(node) || !axis || axis === ofEvents.axis) return;
    if (!lineage(axis).includes(ofEvents.axis)) return;
    const text = printExpr(node);
    const remedy = `Write for how many it must hold: any(${text}), all(${text}) or count(${text}) >= 2.`;
    this.fail(
      "expr.level",
      node,
      `This is a condition of each row of ${nameOf(axis)}, not of events.`,
      remedy,
    );
  }

  both(a: Weight | null, b: Weight | null): Weight | null {
    return bothOf(a, b, this.logic.both);
  }

  /** `f` of numbers of one axis, or of an axis and those above it. */
  #join(node: Expr, all: readonly Num[], f: (...x: Tensor[]) => Tensor): Num {
    this.meet(node, all);
    return {
      kind: "number",
      value: f(...all.map(({ value }) => value)),
      among: all.map(({ among }) => among).reduce((a, b) => this.both(a, b)),
      there: all.map(({ there }) => there).reduce((a, b) => this.both(a, b)),
    };
  }

  /** The deepest axis of some numbers; a CutError where two of them are of rows of different tables. */
  meet(node: Expr, all: readonly Num[]): Axis | null {
    let axis: Axis | null = null;
    for (const { value, among } of all) {
      for (const own of [value.axis, among ? among.pass.axis : null]) {
        const both = deeper(axis, own);
        if (both === undefined) {
          const sentence = `Rows of ${nameOf(axis!)} stand beside rows of ${nameOf(own!)}, and no row of one belongs to a row of the other.`;
          const remedy =
            "Make a number per event of one of them, as sum(…) or max(…), or combine each with each: cross(…), deltaR(…).";
          return this.fail("expr.level", node, sentence, remedy);
        }
        axis = both;
      }
    }
    return axis;
  }

  named(node: Expr, name: string): Got {
    const found = this.#env.column(name);
    if (found instanceof Tensor) return num(found);
    const rows = found && objectsOf(name, found);
    if (rows) return rows;
    return this.fail(
      "expr.unknownColumn",
      node,
      `The events have no column ${name}.`,
      "Write one of those that they have.",
    );
  }

  #objects(node: Value, scope: Objects | null): Objects {
    const got = this.got(node, scope);
    if (got.kind === "objects") return got;
    const remedy = "Write a table, as jets, one of its rows, as jets[0], or a sum of such.";
    return this.fail("expr.type", node, "A number stands where objects are needed.", remedy);
  }

  #member(of: Objects, name: string, node: Value): Got {
    const found = of.member(name) ?? this.#lacks(of, name, node);
    const [among, there] = [this.both(found.among, of.among), this.both(found.there, of.there)];
    return { ...found, among, there };
  }

  #lacks(of: Objects, name: string, node: Value): never {
    const remedy = of.parts
      ? `They have pt, eta, phi, mass, energy and charge, and their objects ${memberNames.slice(0, of.parts.length).join(", ")}; in max(…), min(…) and sum(…) names are those of each.`
      : "Write one of its columns.";
    return this.fail("expr.unknownColumn", node, `There is no ${name} of ${of.name}.`, remedy);
  }

  #arithmetic(node: ArithmeticNode, scope: Objects | null): Got {
    const { chain, first } = leftSides(node);
    return chain.reduceRight<Got>(
      (left, step) => {
        const right = this.got(step.right, scope);
        if (left.kind === "number" && right.kind === "number")
          return this.#join(step, [left, right], arithmetic[step.op]);
        if (left.kind === "number" || right.kind === "number" || step.op !== "+") {
          const remedy = "Objects are added to each other, as in mass(jets[0] + jets[1]), and nothing else.";
          return this.fail("expr.type", step, `Objects cannot stand beside ${step.op} here.`, remedy);
        }
        return this.#total(step, [left, right]);
      },
      this.got(first, scope),
    );
  }

  #total(node: Value, both: readonly [Objects, Objects]): Objects {
    const [a, b] = both;
    const axis = deeper(a.axis, b.axis);
    if (!axis) {
      const remedy =
        "Add single objects, as jets[0] + muons[0], or combine each with each: cross(jets, muons).";
      return this.fail("expr.level", node, `Rows of ${a.name} cannot be added to rows of ${b.name}.`, remedy);
    }
    const parts = both
      .flatMap((each) => each.parts ?? [each])
      .map((part) => ({ ...part, among: null, there: null }));
    return together(
      `${a.name} + ${b.name}`,
      parts,
      axis,
      this.both(a.among, b.among),
      this.both(a.there, b.there),
      (name, of) => this.#lacks(of, name, node),
    );
  }

  #bits(node: BitsNode, scope: Objects | null): Num {
    const { value, ...rest } = this.number(node.of, scope);
    if (value.dtype === "i32") return { ...rest, value: bitsOf(value.cast("f64"), node.mask) };
    const remedy = "Bits are those of integer columns; compare numbers.";
    return this.fail("expr.type", node, "There are no bits of numbers that are no integers.", remedy);
  }

  #tools(node: Value, scope: Objects | null): RowTools {
    const within = (own: Objects | undefined) => own ?? scope;
    return {
      objects: (node) => this.#objects(node, scope),
      number: (node, own) => this.number(node, within(own)),
      got: (node, own) => this.got(node, within(own)),
      literal: (node) => {
        if (node.kind === "number" && Number.isSafeInteger(node.value) && node.value > 0) return node.value;
        return this.fail(
          "expr.type",
          node,
          "A whole number from 1 on is needed here.",
          "Write how many, as in topK(jets.pt, 2).",
        );
      },
      member: (of, name, at) => {
        const found = this.#member(of, name, at);
        return found.kind === "number" ? found : this.#lacks(of, name, at);
      },
      lacks: (of, name, at) => this.#lacks(of, name, at),
      best: (of, key) => best(node, of, key, this),
      sorted: (of, by, descending) => sorted(node, of, by, descending, this),
      firstOf: (of, count) => firstOf(node, of, count, this),
      both: (a, b) => this.both(a, b),
    };
  }
}

/** The bits of whole numbers that a mask has: bit k of x is floor(x / 2^k) - 2 floor(x / 2^(k+1)), of negative ones too. */
function bitsOf(x: Tensor, mask: number): Tensor {
  const parts: Tensor[] = [];
  for (let bit = 1; bit <= mask; bit *= 2) {
    const above = floor(x.div(2 * bit)).mul(2);
    if (Math.floor(mask / bit) % 2 === 1) parts.push(floor(x.div(bit)).sub(above).mul(bit));
  }
  return parts.reduce(add);
}
