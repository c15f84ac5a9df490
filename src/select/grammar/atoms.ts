import { didYouMean } from "../../text/nearest.js";
import {
  type Condition,
  type Expr,
  type FunctionName,
  functions,
  isCondition,
  type Span,
  type Value,
} from "./ast.js";
import type { Cursor } from "./cursor.js";
import { readHole } from "./hole.js";
import { nameText } from "./lex.js";
import type { Reading } from "./reading.js";
import { isCombination, isOwnName, mayHaveRows } from "./rownodes.js";
import {
  conditionReducers,
  isConditionReducer,
  isNumberReducer,
  isRowFunction,
  numberReducers,
  type ReducerName,
  rowSyntax,
} from "./rowsyntax.js";

/** What a name needs no quotes for: a threshold is named after it anywhere. `Jet.PT` makes `Jet_PTMin`. */
const plainName = (column: string) => column.replace(/[^A-Za-z0-9_]+/g, "_").replace(/^(?=\d)/, "_");

/** What stands inside what it reads is read by whoever reads whole expressions. */
export interface Inner {
  expression(): Expr;
  condition(node: Expr): Condition;
  value(node: Expr): Value;
}

/** Reads what binds tightest: numbers, names, calls, thresholds, and brackets and members behind them. */
export class Atoms {
  readonly #state: Reading;
  readonly #at: Cursor;
  readonly #inner: Inner;

  constructor(state: Reading, inner: Inner) {
    this.#state = state;
    this.#at = state.at;
    this.#inner = inner;
  }

  /** One of them. */
  read(): Expr {
    let node = this.#primary();
    if (node.kind === "number" || node.kind === "threshold") return node;
    for (;;) {
      const { kind } = this.#at.token;
      if (kind === "[") node = this.#bracket(this.#inner.value(node));
      else if (kind === "." && node.kind !== "column" && node.kind !== "own")
        node = this.#member(this.#inner.value(node));
      else return node;
    }
  }

  #primary(): Expr {
    const { kind, text, quoted, start, end } = this.#at.token;
    this.#state.height = 1;
    if (kind === "number") return this.#state.number(this.#at.literal(), { start, end });
    if (kind === "{") return this.#threshold();
    if (kind === "(") {
      this.#at.enter();
      this.#at.advance();
      const inner = this.#inner.expression();
      this.#at.leave();
      return this.#state.widen(inner, { start, end: this.#at.expect(")").end });
    }
    this.#at.expect("name", "a column, a number or (");
    if (this.#at.token.kind === "(" && !quoted) return this.#call(text, { start, end });
    if (!quoted && (text === "and" || text === "or" || text === "not")) {
      const remedy = "Write && for and, || for or, ! for not.";
      this.#at.fail("expr.syntax", { start, end }, `The word ${text} is not an operator here.`, remedy);
    }
    const own = this.#state.own && !quoted && isOwnName(text);
    // In `jets.pt[0]` the place is part of the name.
    if (this.#at.token.kind !== "[") this.#state.column ??= plainName(text);
    return { kind: own ? "own" : "column", name: text, span: { start, end } };
  }

  /** What stands in brackets: a place, a condition, or a key. */
  #bracket(of: Value): Value {
    this.#at.enter();
    this.#at.advance();
    const outer = { column: this.#state.column, own: this.#state.own };
    const first = this.#state.height;
    this.#state.own ||= isCombination(of);
    const { text, ...at } = this.#at.token;
    const place = this.#place();
    const chosen = place ?? this.#inner.expression();
    this.#at.leave();
    this.#state.own = outer.own;
    this.#state.column = outer.column;
    const span = { start: of.span.start, end: this.#at.expect("]").end };
    this.#state.grow(Math.max(first, place === null ? this.#state.height : 0), span);
    if (of.kind === "column")
      this.#state.column ??= plainName(place === null ? of.name : `${of.name}${place}`);
    if (typeof chosen === "number")
      return of.kind === "column" && !isCombination(of)
        ? { kind: "element", name: of.name, index: chosen, span }
        : { kind: "pick", of, place: chosen, span };
    if (chosen.kind === "rows" && rowSyntax[chosen.name].gives === "place")
      return { kind: "pick", of, place: chosen, span };
    if (isCondition(chosen) || chosen.kind === "bits")
      return { kind: "mask", of, where: this.#inner.condition(chosen), span };
    const remedy = `Write ${of.kind === "column" ? nameText(of.name) : "…"}[0] for the first one; a flag that chooses is compared, as in [x != 0].`;
    return this.#at.fail("expr.syntax", at, "An element is chosen by a whole number or a condition.", remedy);
  }

  /** A whole number with a sign or without, where nothing else stands in the brackets; null for what is none. */
  #place(): number | null {
    const sign = this.#at.token.kind === "-" ? -1 : 1;
    const found = this.#at.ahead(sign < 0 ? /^-\s*(\d{1,9})\s*\]/ : /^(\d{1,9})\s*\]/);
    if (found === null) return null;
    if (sign < 0) this.#at.advance();
    this.#at.advance();
    return sign * Number(found);
  }

  #member(of: Value): Value {
    this.#at.advance();
    const { text, end } = this.#at.expect("name", "a name, as in pairs(jets).mass");
    const span = { start: of.span.start, end };
    if (of.kind === "element") {
      this.#state.column ??= plainName(`${of.name}.${text}${of.index}`);
      return { kind: "element", name: `${of.name}.${text}`, index: of.index, span };
    }
    this.#state.grow(this.#state.height, span);
    return { kind: "member", of, name: text, span };
  }

  #call(name: string, at: Span): Expr {
    const isFunction = name === "pow" || Object.hasOwn(functions, name);
    if (
      name !== "fixed" &&
      !isFunction &&
      !isNumberReducer(name) &&
      !isConditionReducer(name) &&
      !isRowFunction(name)
    ) {
      const known = [functions, numberReducers, conditionReducers, rowSyntax, { pow: 0, fixed: 0 }]
        .flatMap(Object.keys)
        .sort();
      const remedy = didYouMean(name, known, "functions");
      this.#at.fail("expr.unknownFunction", at, `There is no function ${name}.`, remedy);
    }
    this.#at.enter();
    this.#at.advance();
    if (name === "fixed") {
      const value = this.#at.signedLiteral("a number, as in fixed(4)");
      this.#at.leave();
      const node = this.#state.number(value, { start: at.start, end: this.#at.expect(")").end });
      this.#state.thresholds.fix(node);
      return node;
    }
    const reduces = isNumberReducer(name) || isConditionReducer(name);
    const outer = { column: this.#state.column, own: this.#state.own };
    const args: Expr[] = [];
    let height = 0;
    while (this.#at.token.kind !== ")") {
      if (args.length > 0) this.#at.expect(",", "a comma or )");
      const arg = this.#inner.expression();
      args.push(reduces ? arg : this.#inner.value(arg));
      if (isRowFunction(name)) this.#state.own ||= isCombination(arg);
      height = Math.max(height, this.#state.height);
    }
    this.#state.own = outer.own;
    this.#at.leave();
    const span = { start: at.start, end: this.#at.expect(")").end };
    this.#state.grow(height, span);
    if (reduces && (!isFunction || (args.length === 1 && mayHaveRows(args[0]!))))
      return this.#reduction(name, args, span);
    const values = args.map((arg) => this.#inner.value(arg));
    if (isRowFunction(name)) {
      // A mass is named mass, whatever it is made of.
      if (rowSyntax[name].gives === "number") this.#state.column = outer.column ?? name;
      return this.#counted(
        name,
        { kind: "rows", name, args: values, span },
        rowSyntax[name].takes,
        args.length,
      );
    }
    if (name === "pow") {
      const [left, right] = values;
      return this.#counted(
        name,
        { kind: "arithmetic", op: "**", left: left!, right: right!, span },
        [2, 2],
        args.length,
      );
    }
    const known = name as FunctionName;
    return this.#counted(
      name,
      { kind: "call", name: known, args: values, span },
      functions[known],
      args.length,
    );
  }

  /** `count(jets.pt > 30)`, or with the table that is gone over: `any(deltaR(jets, muons) < 0.4, muons)`. */
  #reduction(name: ReducerName, args: readonly Expr[], span: Span): Expr {
    const [of, table] = args;
    const numbers = isNumberReducer(name) && numberReducers[name].takes === "number";
    if (!of || args.length > 2 || !(mayHaveRows(of) || (of.kind === "column" && !numbers))) {
      const remedy = `Write ${name}(jets.pt${numbers ? "" : " > 30"}), of columns of a table.`;
      this.#at.fail("expr.arguments", span, `${name} takes one argument, of the rows of a table.`, remedy);
    }
    if (table && table.kind !== "column")
      this.#at.fail("expr.arguments", table.span, `${name} takes the name of a table behind the comma.`);
    const over = table ? table.name : null;
    if (isConditionReducer(name)) return { kind: "quantify", name, of, over, span };
    return { kind: "reduce", name, of: numbers ? this.#inner.value(of) : of, over, span };
  }

  #counted<Node extends Value>(
    name: string,
    node: Node,
    [least, most]: readonly [least: number, most: number],
    given: number,
  ): Node {
    if (given >= least && given <= most) return node;
    const ofRows = isNumberReducer(name) ? `Of the rows of a table write ${name}(jets.pt).` : undefined;
    const wanted = `${least === most ? "" : "at least "}${least} argument${least === 1 ? "" : "s"}`;
    return this.#at.fail("expr.arguments", node.span, `${name} takes ${wanted}, not ${given}.`, ofRows);
  }

  #threshold(): Value {
    this.#state.braces++;
    return this.#state.thresholds.use(readHole(this.#at));
  }
}
