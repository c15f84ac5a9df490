import {
  type ArithmeticNode,
  type ArithmeticOperator,
  type CompareNode,
  type ComparisonOperator,
  type Condition,
  type Expr,
  isCondition,
  maxChain,
  type NumberNode,
  type Value,
} from "./ast.js";
import { Atoms } from "./atoms.js";
import type { Cursor } from "./cursor.js";
import type { Operand } from "./naming.js";
import { Reading } from "./reading.js";

const comparisons: ReadonlySet<string> = new Set(["<", "<=", ">", ">=", "==", "!="]);

/** What may stand alone where a condition is needed: it means that it is not 0. */
const flags: ReadonlySet<string> = new Set<Expr["kind"]>([
  "column",
  "element",
  "bits",
  "member",
  "mask",
  "own",
  "pick",
]);

/** Highest mask of bits that an i32 has. */
const maxMask = 2 ** 31 - 1;

/** Recursive descent; the cursor bounds its stack, `maxHeight` that of later walks over the tree. */
export class Parser {
  readonly #state: Reading;
  readonly #at: Cursor;
  readonly #atoms: Atoms;

  constructor(text: string, train: boolean) {
    this.#state = new Reading(text, train);
    this.#at = this.#state.at;
    this.#atoms = new Atoms(this.#state, this);
  }

  /** `name =` at the start of a definition. */
  definedName(): string {
    const example = "as in: ptSum = pt1 + pt2";
    const { text } = this.#at.expect("name", `a name, ${example}`);
    this.#at.expect("=", `=, ${example}`);
    return text;
  }

  finish(): void {
    if (this.#at.token.kind !== "end") this.#at.unexpected("an operator");
    this.#state.thresholds.finish();
  }

  expression(): Expr {
    return this.#junction("||", "or", () => this.#junction("&&", "and", () => this.#comparison()));
  }

  /** A flag column alone means that it is not 0, as in C. */
  condition(node: Expr): Condition {
    if (isCondition(node)) return node;
    if (flags.has(node.kind)) {
      const zero: NumberNode = { kind: "number", value: 0, span: node.span };
      return { kind: "compare", op: "!=", left: this.value(node), right: zero, span: node.span };
    }
    const remedy = "Compare it with something, as in: pt1 + pt2 > 60.";
    return this.#at.fail("expr.type", node.span, "A number stands where a condition is needed.", remedy);
  }

  /** A node that must be a number or rows. */
  value(node: Expr): Value {
    if (!isCondition(node)) return node;
    const remedy =
      node.kind === "not"
        ? "! takes a whole condition: write !(pt > 30)."
        : "Join conditions with && and ||, and write chains without parentheses: 80 < mass < 100.";
    return this.#at.fail("expr.type", node.span, "A condition stands where a number is needed.", remedy);
  }

  #junction(symbol: "&&" | "||", kind: "and" | "or", parseTerm: () => Expr): Expr {
    const first = parseTerm();
    if (this.#at.token.kind !== symbol) return first;
    const terms: Condition[] = [];
    const append = (node: Expr) => {
      const term = this.condition(node);
      if (term.kind !== kind) terms.push(term);
      else for (const inner of term.terms) terms.push(inner);
    };
    append(first);
    let height = this.#state.height;
    let end = first.span.end;
    while (this.#at.token.kind === symbol) {
      this.#at.advance();
      const term = parseTerm();
      append(term);
      height = Math.max(height, this.#state.height);
      end = term.span.end;
    }
    const span = { start: first.span.start, end };
    this.#state.grow(height, span);
    return { kind, terms, span };
  }

  /** One comparison or a chain of them; `a < b < c` is `a < b && b < c`. */
  #comparison(): Expr {
    const braces = this.#state.braces;
    const first = this.#operand();
    if (!comparisons.has(this.#at.token.kind)) return first.node;
    const terms: CompareNode[] = [];
    let left = { ...first, node: this.value(first.node) };
    let height = this.#state.height;
    while (comparisons.has(this.#at.token.kind)) {
      const op = this.#at.advance().kind as ComparisonOperator;
      const operand = this.#operand();
      const right = { ...operand, node: this.value(operand.node) };
      height = Math.max(height, this.#state.height);
      terms.push(this.#state.thresholds.compare(op, left, right));
      left = right;
    }
    // Where it stands inside another one, its thresholds are not the other's.
    this.#state.braces = braces;
    const span = { start: first.node.span.start, end: left.node.span.end };
    this.#state.grow(height, span);
    if (terms.length === 1) return terms[0]!;
    this.#state.grow(this.#state.height, span);
    return { kind: "and", terms, span };
  }

  #operand(): Operand<Expr> {
    const outer = this.#state.column;
    const braces = this.#state.braces;
    this.#state.column = undefined;
    const node = this.#bits();
    const column = this.#state.column;
    this.#state.column = outer ?? column;
    return { node, column, hasThreshold: this.#state.braces > braces };
  }

  /** `x & 4`, looser than arithmetic and tighter than comparisons. */
  #bits(): Expr {
    const of = this.#sum();
    if (this.#at.token.kind !== "&" || isCondition(of) || of.kind === "number" || of.kind === "threshold")
      return of;
    const { start, end } = this.#at.advance();
    const token = this.#at.token;
    const mask = Number(token.text);
    if (token.kind !== "number" || !/^\d+$/.test(token.text) || mask < 1 || mask > maxMask) {
      const remedy = "Write && for and; bits of integers are tested by a whole number, as in jets.jetId & 4.";
      this.#at.fail(
        "expr.syntax",
        { start, end },
        `Expected a whole number from 1 to ${maxMask} behind &.`,
        remedy,
      );
    }
    this.#at.advance();
    const span = { start: of.span.start, end: token.end };
    this.#state.grow(this.#state.height, span);
    return { kind: "bits", of, mask, span };
  }

  #sum(): Expr {
    return this.#leftToRight(["+", "-"], () => this.#leftToRight(["*", "/"], () => this.#unary()));
  }

  #leftToRight(operators: readonly ArithmeticOperator[], parseOperand: () => Expr): Expr {
    let left = parseOperand();
    for (let chain = 1; ; chain++) {
      const op = operators.find((symbol) => symbol === this.#at.token.kind);
      if (op === undefined) return left;
      const height = this.#state.height;
      const { start } = left.span;
      this.#at.advance();
      left = this.#arithmetic(op, left, parseOperand(), height);
      if (chain > maxChain) this.#state.tooDeep(maxChain, { start, end: left.span.end });
    }
  }

  #arithmetic(op: ArithmeticOperator, left: Expr, right: Expr, leftHeight: number): ArithmeticNode {
    const span = { start: left.span.start, end: right.span.end };
    // Walks go along left sides in a loop, so these add nothing to the stack.
    this.#state.grow(
      Math.max(left.kind === "arithmetic" ? leftHeight - 1 : leftHeight, this.#state.height),
      span,
    );
    return { kind: "arithmetic", op, left: this.value(left), right: this.value(right), span };
  }

  #unary(): Expr {
    const { kind, start } = this.#at.token;
    if (kind !== "-" && kind !== "+" && kind !== "!") return this.#power();
    this.#at.enter();
    this.#at.advance();
    const of = this.#unary();
    this.#at.leave();
    const span = { start, end: of.span.end };
    this.#state.grow(this.#state.height, span);
    if (kind === "!") return { kind: "not", of: this.condition(of), span };
    const value = this.value(of);
    if (kind === "+") return this.#state.widen(value, span);
    return value.kind === "number"
      ? this.#state.number(-value.value, span, value)
      : { kind: "negate", of: value, span };
  }

  /** `**` binds tighter than a sign on its left, looser than one on its right, and to the right. */
  #power(): Expr {
    const left = this.#atoms.read();
    if (this.#at.token.kind !== "**") return left;
    const height = this.#state.height;
    this.#at.enter();
    this.#at.advance();
    const right = this.#unary();
    this.#at.leave();
    return this.#arithmetic("**", left, right, height);
  }
}
