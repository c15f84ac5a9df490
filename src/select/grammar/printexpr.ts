import { listed } from "../../text/nearest.js";
import { type ArithmeticOperator, type Expr, leftSides, type NumberNode, type ThresholdNode } from "./ast.js";
import { checkExpr } from "./checktext.js";
import { CutError } from "./cuterror.js";
import { nameText } from "./lex.js";

/** How tightly the parts of an expression bind. */
const level = { or: 1, and: 2, compare: 3, bits: 4, sum: 5, product: 6, sign: 7, power: 8, atom: 9 } as const;

const arithmeticLevel: Record<ArithmeticOperator, number> = {
  "+": level.sum,
  "-": level.sum,
  "*": level.product,
  "/": level.product,
  "**": level.power,
};

/**
 * The text of an expression with its thresholds replaced by `values`, or by their starts where `values` is
 * left out; fixed ones are at their starts always.
 *
 * Numbers are the shortest that read back to the same bits, parentheses are those needed, and chains are
 * written out with `&&`; so the text selects the same events, and parsing and printing it again gives
 * the same text.
 *
 * @throws CutError when a value is missing, NaN or infinite
 */
export function printExpr(expr: Expr, values?: Readonly<Record<string, number>>): string {
  checkExpr("printExpr", expr);
  return write(expr, values).text;
}

type Values = Readonly<Record<string, number>> | undefined;

interface Written {
  text: string;
  level: number;
}

function write(node: Expr, values: Values): Written {
  const inner = (child: Expr, least: number): string => {
    const written = write(child, values);
    return written.level < least ? `(${written.text})` : written.text;
  };
  switch (node.kind) {
    case "number":
    case "threshold":
      return writeNumber(constantOf(node, values));
    case "own":
    case "column":
      return { text: nameText(node.name), level: level.atom };
    case "element":
      return { text: `${nameText(node.name)}[${node.index}]`, level: level.atom };
    case "negate": {
      // -{t} with t = -3 reads back as one number, so it is written as that number.
      const constant = constantOf(node, values);
      if (constant !== undefined) return writeNumber(constant);
      return { text: `-${inner(node.of, level.sign)}`, level: level.sign };
    }
    case "arithmetic": {
      const { chain, first } = leftSides(node);
      return chain.reduceRight(
        (left, { op, right }): Written => {
          const own = arithmeticLevel[op];
          const written = left.level < (op === "**" ? level.atom : own) ? `(${left.text})` : left.text;
          return { text: `${written} ${op} ${inner(right, op === "**" ? level.sign : own + 1)}`, level: own };
        },
        write(first, values),
      );
    }
    case "mask":
      return { text: `${inner(node.of, level.atom)}[${inner(node.where, 0)}]`, level: level.atom };
    case "pick": {
      const place = typeof node.place === "number" ? node.place : inner(node.place, 0);
      return { text: `${inner(node.of, level.atom)}[${place}]`, level: level.atom };
    }
    case "member":
      return { text: `${inner(node.of, level.atom)}.${node.name}`, level: level.atom };
    case "bits":
      return { text: `${inner(node.of, level.sum)} & ${node.mask}`, level: level.bits };
    case "reduce":
    case "quantify": {
      const over = node.over === null ? "" : `, ${nameText(node.over)}`;
      return { text: `${node.name}(${inner(node.of, 0)}${over})`, level: level.atom };
    }
    case "rows":
    case "call":
      return { text: `${node.name}(${node.args.map((arg) => inner(arg, 0)).join(", ")})`, level: level.atom };
    case "compare": {
      const left = inner(node.left, level.bits);
      return { text: `${left} ${node.op} ${inner(node.right, level.bits)}`, level: level.compare };
    }
    case "and":
      return { text: node.terms.map((term) => inner(term, level.and)).join(" && "), level: level.and };
    case "or":
      return { text: node.terms.map((term) => inner(term, level.or)).join(" || "), level: level.or };
    case "not":
      return { text: `!${inner(node.of, level.sign)}`, level: level.sign };
    default:
      return node satisfies never;
  }
}

/** The value of a number or a threshold, with signs or without; undefined for anything else. */
function constantOf(node: NumberNode | ThresholdNode, values: Values): number;
function constantOf(node: Expr, values: Values): number | undefined;
function constantOf(node: Expr, values: Values): number | undefined {
  if (node.kind === "number") return finite(node.value, "a constant");
  if (node.kind === "threshold") return finite(chosen(node, values), `the threshold ${node.name}`);
  if (node.kind !== "negate") return undefined;
  const of = constantOf(node.of, values);
  return of === undefined ? undefined : -of;
}

function writeNumber(value: number): Written {
  const text = Object.is(value, -0) ? "-0" : String(value);
  return { text, level: text.startsWith("-") ? level.sign : level.atom };
}

function chosen({ name, start, fixed }: ThresholdNode, values: Values): number {
  if (fixed || values === undefined) return start;
  const value = Object.hasOwn(values, name) ? values[name] : undefined;
  if (value !== undefined) return value;
  throw new CutError({
    code: "expr.value",
    sentence: `The threshold ${name} has no value.`,
    remedy: `Give one for each threshold of the cut; there are ${listed(Object.keys(values))}.`,
  });
}

function finite(value: number, what: string): number {
  if (Number.isFinite(value)) return value;
  throw new CutError({
    code: "expr.value",
    sentence: `A cut cannot be written with ${value} for ${what}.`,
    remedy: "Values must be finite.",
  });
}
