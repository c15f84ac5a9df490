import { didYouMean } from "../../text/nearest.js";
import {
  type ArithmeticNode,
  type ArithmeticOperator,
  type CompareNode,
  type ComparisonOperator,
  type Condition,
  type Expr,
  type FunctionName,
  functions,
  isCondition,
  maxChain,
  maxHeight,
  type NumberNode,
  type Span,
  type Value,
} from "./ast.js";
import { Cursor } from "./cursor.js";
import { readHole } from "./hole.js";
import { nameText } from "./lex.js";
import { type Operand, Thresholds } from "./naming.js";

const comparisons: ReadonlySet<string> = new Set(["<", "<=", ">", ">=", "==", "!="]);

/** What a threshold is named after: a name that needs no quotes anywhere. `Jet.PT` makes `Jet_PTMin`. */
const plainName = (column: string) => column.replace(/[^A-Za-z0-9_]+/g, "_").replace(/^(?=\d)/, "_");

/** Recursive descent; the cursor bounds its stack, `maxHeight` that of later walks over the tree. */
export class Parser {
  readonly #at: Cursor;
  readonly #thresholds: Thresholds;
  /** Height of the node parsed last. */
  #height = 0;
  /** First column in the operand being parsed. */
  #column: string | undefined;
  /** How often `{}` was met. */
  #braces = 0;

  constructor(text: string, train: boolean) {
    this.#at = new Cursor(text);
    this.#thresholds = new Thresholds(train, (...parts) => this.#at.fail(...parts));
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
    this.#thresholds.finish();
  }

  expression(): Expr {
    return this.#junction("||", "or", () => this.#junction("&&", "and", () => this.#comparison()));
  }

  /** A flag column alone means that it is not 0, as in C. */
  condition(node: Expr): Condition {
    if (isCondition(node)) return node;
    if (node.kind === "column" || node.kind === "element") {
      const zero: NumberNode = { kind: "number", value: 0, span: node.span };
      return { kind: "compare", op: "!=", left: node, right: zero, span: node.span };
    }
    const remedy = "Compare it with something, as in: pt1 + pt2 > 60.";
    return this.#at.fail("expr.type", node.span, "A number stands where a condition is needed.", remedy);
  }

  #value(node: Expr): Value {
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
    let height = this.#height;
    let end = first.span.end;
    while (this.#at.token.kind === symbol) {
      this.#at.advance();
      const term = parseTerm();
      append(term);
      height = Math.max(height, this.#height);
      end = term.span.end;
    }
    const span = { start: first.span.start, end };
    this.#grow(height, span);
    return { kind, terms, span };
  }

  /** One comparison or a chain of them; `a < b < c` is `a < b && b < c`. */
  #comparison(): Expr {
    const first = this.#operand();
    if (!comparisons.has(this.#at.token.kind)) return first.node;
    const terms: CompareNode[] = [];
    let left = { ...first, node: this.#value(first.node) };
    let height = this.#height;
    while (comparisons.has(this.#at.token.kind)) {
      const op = this.#at.advance().kind as ComparisonOperator;
      const operand = this.#operand();
      const right = { ...operand, node: this.#value(operand.node) };
      height = Math.max(height, this.#height);
      terms.push(this.#thresholds.compare(op, left, right));
      left = right;
    }
    const span = { start: first.node.span.start, end: left.node.span.end };
    this.#grow(height, span);
    if (terms.length === 1) return terms[0]!;
    this.#grow(this.#height, span);
    return { kind: "and", terms, span };
  }

  #operand(): Operand<Expr> {
    const outer = this.#column;
    const braces = this.#braces;
    this.#column = undefined;
    const node = this.#sum();
    const column = this.#column;
    this.#column = outer ?? column;
    return { node, column, hasThreshold: this.#braces > braces };
  }

  #sum(): Expr {
    return this.#leftToRight(["+", "-"], () => this.#leftToRight(["*", "/"], () => this.#unary()));
  }

  #leftToRight(operators: readonly ArithmeticOperator[], parseOperand: () => Expr): Expr {
    let left = parseOperand();
    for (let chain = 1; ; chain++) {
      const op = operators.find((symbol) => symbol === this.#at.token.kind);
      if (op === undefined) return left;
      const height = this.#height;
      const { start } = left.span;
      this.#at.advance();
      left = this.#arithmetic(op, left, parseOperand(), height);
      if (chain > maxChain) this.#tooDeep(maxChain, { start, end: left.span.end });
    }
  }

  #arithmetic(op: ArithmeticOperator, left: Expr, right: Expr, leftHeight: number): ArithmeticNode {
    const span = { start: left.span.start, end: right.span.end };
    // Walks go along left sides in a loop, so these add nothing to the stack.
    this.#grow(Math.max(left.kind === "arithmetic" ? leftHeight - 1 : leftHeight, this.#height), span);
    return { kind: "arithmetic", op, left: this.#value(left), right: this.#value(right), span };
  }

  #unary(): Expr {
    const { kind, start } = this.#at.token;
    if (kind !== "-" && kind !== "+" && kind !== "!") return this.#power();
    this.#at.enter();
    this.#at.advance();
    const of = this.#unary();
    this.#at.leave();
    const span = { start, end: of.span.end };
    this.#grow(this.#height, span);
    if (kind === "!") return { kind: "not", of: this.condition(of), span };
    const value = this.#value(of);
    if (kind === "+") return this.#widen(value, span);
    return value.kind === "number"
      ? this.#number(-value.value, span, value)
      : { kind: "negate", of: value, span };
  }

  /** `**` binds tighter than a sign on its left, looser than one on its right, and to the right. */
  #power(): Expr {
    const left = this.#atom();
    if (this.#at.token.kind !== "**") return left;
    const height = this.#height;
    this.#at.enter();
    this.#at.advance();
    const right = this.#unary();
    this.#at.leave();
    return this.#arithmetic("**", left, right, height);
  }

  #atom(): Expr {
    const { kind, text, quoted, start, end } = this.#at.token;
    this.#height = 1;
    if (kind === "number") return this.#number(this.#at.literal(), { start, end });
    if (kind === "{") return this.#threshold();
    if (kind === "(") {
      this.#at.enter();
      this.#at.advance();
      const inner = this.expression();
      this.#at.leave();
      return this.#widen(inner, { start, end: this.#at.expect(")").end });
    }
    this.#at.expect("name", "a column, a number or (");
    if (this.#at.token.kind === "(" && !quoted) return this.#call(text, { start, end });
    if (!quoted && (text === "and" || text === "or" || text === "not")) {
      const remedy = "Write && for and, || for or, ! for not.";
      this.#at.fail("expr.syntax", { start, end }, `The word ${text} is not an operator here.`, remedy);
    }
    if (this.#at.token.kind === "[") return this.#element(text, start);
    this.#column ??= plainName(text);
    return { kind: "column", name: text, span: { start, end } };
  }

  #element(name: string, start: number): Value {
    this.#at.advance();
    const { text, ...at } = this.#at.token;
    if (!/^\d{1,9}$/.test(text)) {
      const remedy = `Write ${nameText(name)}[0] for the first one.`;
      this.#at.fail("expr.syntax", at, "An element is chosen by a whole number.", remedy);
    }
    this.#at.advance();
    const span = { start, end: this.#at.expect("]").end };
    const index = Number(text);
    this.#column ??= plainName(`${name}${index}`);
    return { kind: "element", name, index, span };
  }

  #call(name: string, at: Span): Value {
    if (name !== "pow" && name !== "fixed" && !Object.hasOwn(functions, name)) {
      const known = [...Object.keys(functions), "pow", "fixed"].sort();
      const remedy = didYouMean(name, known, "functions");
      this.#at.fail("expr.unknownFunction", at, `There is no function ${name}.`, remedy);
    }
    this.#at.enter();
    this.#at.advance();
    if (name === "fixed") {
      const value = this.#at.signedLiteral("a number, as in fixed(4)");
      this.#at.leave();
      const node = this.#number(value, { start: at.start, end: this.#at.expect(")").end });
      this.#thresholds.fix(node);
      return node;
    }
    const args: Value[] = [];
    let height = 0;
    while (this.#at.token.kind !== ")") {
      if (args.length > 0) this.#at.expect(",");
      args.push(this.#value(this.expression()));
      height = Math.max(height, this.#height);
    }
    this.#at.leave();
    const span = { start: at.start, end: this.#at.expect(")").end };
    const [least, most] = name === "pow" ? [2, 2] : functions[name as FunctionName];
    if (args.length < least || args.length > most) {
      const wanted = `${least === most ? "" : "at least "}${least} argument${least === 1 ? "" : "s"}`;
      this.#at.fail("expr.arguments", span, `${name} takes ${wanted}, not ${args.length}.`);
    }
    this.#grow(height, span);
    if (name === "pow") return { kind: "arithmetic", op: "**", left: args[0]!, right: args[1]!, span };
    return { kind: "call", name: name as FunctionName, args, span };
  }

  #threshold(): Value {
    this.#braces++;
    return this.#thresholds.use(readHole(this.#at));
  }

  /** A number; one made `from` a fixed one is fixed too. */
  #number(value: number, span: Span, from?: NumberNode): NumberNode {
    const node: NumberNode = { kind: "number", value, span };
    if (from !== undefined) this.#thresholds.fixLike(node, from);
    return node;
  }

  /** The same node with a span that includes its parentheses or sign. */
  #widen<Node extends Expr>(node: Node, span: Span): Expr {
    if (node.kind === "number") return this.#number(node.value, span, node);
    // Thresholds are filled in at the end of the text, so there must be no copy of one.
    return node.kind === "threshold" ? node : { ...node, span };
  }

  /** The node parsed last stands on nodes of this height. */
  #grow(height: number, span: Span): void {
    this.#height = height + 1;
    if (this.#height > maxHeight) this.#tooDeep(maxHeight, span);
  }

  #tooDeep(most: number, span: Span): never {
    const remedy = "Put parentheses around parts of a long sum, or name parts with definitions.";
    const sentence = `More than ${most} operations, one on the result of another.`;
    return this.#at.fail("expr.tooDeep", span, sentence, remedy);
  }
}
