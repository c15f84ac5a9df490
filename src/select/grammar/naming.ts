import {
  type Bounds,
  type CompareNode,
  type ComparisonOperator,
  type Expr,
  isCount,
  type NumberNode,
  type Span,
  type ThresholdNode,
  type Value,
} from "./ast.js";
import type { CutErrorCode } from "./cuterror.js";
import type { Hole } from "./hole.js";

/** A threshold whose name and start may become known only at the end of the text. */
type Draft = { -readonly [K in keyof ThresholdNode]: ThresholdNode[K] };

/** Reports an error at a place of the text. */
export type Fail = (code: CutErrorCode, span: Span, sentence: string, remedy?: string) => never;

/** An operand of a comparison, with what decides about thresholds in it. */
export interface Operand<Node extends Expr> {
  node: Node;
  /** What an automatic threshold on the other side is named after: the first column in here. */
  column: string | undefined;
  hasThreshold: boolean;
}

/** The thresholds of one text while it is parsed; without `train` there may be none. */
export class Thresholds {
  readonly #train: boolean;
  readonly #fail: Fail;
  /** Numbers written as `fixed(4)`. */
  readonly #fixed = new WeakSet<NumberNode>();
  readonly #explicit = new Map<
    string,
    { uses: Draft[]; start: number | undefined; bounds: Bounds | undefined }
  >();
  readonly #automatic: { draft: Draft; base: string }[] = [];

  constructor(train: boolean, fail: Fail) {
    this.#train = train;
    this.#fail = fail;
  }

  /** The number was written as `fixed(4)`. */
  fix(number: NumberNode): void {
    this.#fixed.add(number);
  }

  /** A number made from a fixed one, by a sign or parentheses, is fixed too. */
  fixLike(number: NumberNode, from: NumberNode): void {
    if (this.#fixed.has(from)) this.#fixed.add(number);
  }

  /** `{name = start}`, or `{name}` with `start` undefined. */
  use({ name, start, bounds, span }: Hole): ThresholdNode {
    if (!this.#train) {
      const remedy = "Write the number without { }.";
      this.#fail("expr.threshold", span, "Only a cut has thresholds that train.", remedy);
    }
    // Params are plain objects, where this key would not be a field.
    if (name === "__proto__") this.#fail("expr.name", span, "A threshold cannot be named __proto__.");
    const draft: Draft = { kind: "threshold", name, start: Number.NaN, fixed: false, span };
    const known = this.#explicit.get(name);
    if (known === undefined) {
      this.#explicit.set(name, { uses: [draft], start, bounds });
      return draft;
    }
    if (start !== undefined && known.start !== undefined && start !== known.start) {
      const sentence = `The threshold ${name} starts at ${known.start} before and at ${start} here.`;
      this.#fail(
        "expr.twoStarts",
        span,
        sentence,
        `Write {${name}} to use it again, or choose another name.`,
      );
    }
    if (bounds && known.bounds && bounds.some((b, i) => b !== known.bounds![i])) {
      const sentence = `The threshold ${name} has the bounds [${known.bounds.join(", ")}] before and [${bounds.join(", ")}] here.`;
      this.#fail("expr.bounds", span, sentence, `Write {${name}} to use it again, or choose another name.`);
    }
    known.start ??= start;
    known.bounds ??= bounds;
    known.uses.push(draft);
    return draft;
  }

  /** A comparison. A bare number in it becomes a threshold, in the operand too, for the rest of a chain. */
  compare(op: ComparisonOperator, left: Operand<Value>, right: Operand<Value>): CompareNode {
    const span = { start: left.node.span.start, end: right.node.span.end };
    const column = left.column ?? right.column;
    if (column === undefined) {
      const sentence = "This comparison has no column, so it is the same for every event.";
      this.#fail("expr.noColumn", span, sentence, "Put a column on one side of it.");
    }
    const hasThreshold = left.hasThreshold || right.hasThreshold;
    if (op === "==" || op === "!=") {
      const remedy = "Use <, <=, > or >=, or a number without { }.";
      if (hasThreshold) this.#fail("expr.threshold", span, `A threshold in ${op} cannot train.`, remedy);
    } else if (this.#train && !hasThreshold) {
      const below = op === "<" || op === "<=";
      for (const side of [left, right]) {
        // How many there are is no matter of widths: a number beside a count stays.
        if (side.node.kind !== "number" || isCount((side === left ? right : left).node)) continue;
        const base = column + (below === (side === right) ? "Max" : "Min");
        const { value, span: at } = side.node;
        const fixed = this.#fixed.has(side.node);
        const draft: Draft = { kind: "threshold", name: base, start: value, fixed, span: at };
        this.#automatic.push({ draft, base });
        side.node = draft;
        side.hasThreshold = true;
      }
    }
    return { kind: "compare", op, left: left.node, right: right.node, span };
  }

  /** The text has ended. Names `base`, `base2`, `base3`, … are given in its order. */
  finish(): void {
    for (const [name, { uses, start, bounds }] of this.#explicit) {
      if (start === undefined) {
        const remedy = `Give it one where it is used first, as in {${name} = 30}.`;
        this.#fail("expr.noStart", uses[0]!.span, `The threshold ${name} has no start.`, remedy);
      }
      for (const use of uses) Object.assign(use, { start, ...(bounds ? { bounds } : {}) });
    }
    const counts = new Map<string, number>();
    for (const { draft, base } of this.#automatic) {
      let count = counts.get(base) ?? 0;
      do {
        count++;
        draft.name = count === 1 ? base : `${base}${count}`;
      } while (this.#explicit.has(draft.name));
      counts.set(base, count);
    }
  }
}
