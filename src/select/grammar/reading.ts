import { type Expr, maxHeight, type NumberNode, type Span } from "./ast.js";
import { Cursor } from "./cursor.js";
import { Thresholds } from "./naming.js";

/** What is known of a text while it is read: the place, its thresholds, and what the nodes read last have in them. */
export class Reading {
  readonly at: Cursor;
  readonly thresholds: Thresholds;
  /** Height of the node parsed last. */
  height = 0;
  /** First column in the operand being parsed. */
  column: string | undefined;
  /** How often `{}` was met. */
  braces = 0;
  /** Whether bare names are those of the combinations in whose brackets they stand. */
  own = false;

  constructor(text: string, train: boolean) {
    this.at = new Cursor(text);
    this.thresholds = new Thresholds(train, (...parts) => this.at.fail(...parts));
  }

  /** A number; one made `from` a fixed one is fixed too. */
  number(value: number, span: Span, from?: NumberNode): NumberNode {
    const node: NumberNode = { kind: "number", value, span };
    if (from !== undefined) this.thresholds.fixLike(node, from);
    return node;
  }

  /** The same node with a span that includes its parentheses or sign. */
  widen<Node extends Expr>(node: Node, span: Span): Expr {
    if (node.kind === "number") return this.number(node.value, span, node);
    // Thresholds are filled in at the end of the text, so there must be no copy of one.
    return node.kind === "threshold" ? node : { ...node, span };
  }

  /** The node parsed last stands on nodes of this height. */
  grow(height: number, span: Span): void {
    this.height = height + 1;
    if (this.height > maxHeight) this.tooDeep(maxHeight, span);
  }

  tooDeep(most: number, span: Span): never {
    const remedy = "Put parentheses around parts of a long sum, or name parts with definitions.";
    const sentence = `More than ${most} operations, one on the result of another.`;
    return this.at.fail("expr.tooDeep", span, sentence, remedy);
  }
}
