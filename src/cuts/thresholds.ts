import type { Condition, Value } from "../expr/ast.js";
import { type Threshold, thresholds, visit } from "../expr/names.js";
import { print } from "../expr/print.js";

/** A threshold of a cut. */
export interface CutThreshold {
  readonly name: string;
  /** Its value before training. */
  readonly start: number;
  /** Whether it stays there. */
  readonly fixed: boolean;
  /** Text of what it is compared with: `pt`, `abs(eta)`. */
  readonly column: string;
  /** The same as a tree. */
  readonly expression: Value;
  /** Which side of it events pass on; absent where it stands inside arithmetic. */
  readonly keeps?: "above" | "below";
}

/** The thresholds of a cut in the order of first use. */
export function cutThresholds(cut: Condition): CutThreshold[] {
  const flipped = underNot(cut);
  return thresholds(cut).map(({ name, start, fixed, side, expression, span }: Threshold) => {
    const above = (side === "lower") !== flipped.has(span.start);
    return {
      name,
      start,
      fixed,
      column: print(expression),
      expression,
      ...(side === "inner" ? {} : { keeps: above ? ("above" as const) : ("below" as const) }),
    };
  });
}

/** Where the thresholds stand that an odd number of `!` turns around, as offsets into the text. */
function underNot(cut: Condition): Set<number> {
  const found = new Set<number>();
  const walk = (node: Condition, odd: boolean): void => {
    if (node.kind === "not") walk(node.of, !odd);
    else if (node.kind !== "compare") for (const term of node.terms) walk(term, odd);
    else if (odd) {
      visit(node, (inner) => {
        if (inner.kind === "threshold") found.add(inner.span.start);
      });
    }
  };
  walk(cut, false);
  return found;
}
