import { didYouMean } from "../text/nearest.js";
import type { Bounds, Condition, Value } from "./grammar/ast.js";
import { type Brackets, bracketsOf, namesOwn, printWithin } from "./grammar/brackets.js";
import { CutError } from "./grammar/cuterror.js";
import { type Threshold, thresholds, visit } from "./grammar/names.js";
import { keeping } from "./keeping.js";

/** A threshold of a cut. */
export interface CutThreshold {
  readonly name: string;
  /** Its value before training. */
  readonly start: number;
  /** Whether it stays there. */
  readonly fixed: boolean;
  /** Where training keeps it; absent where it is free. */
  readonly bounds?: Bounds;
  /** Text of what it is compared with: `pt`, `abs(eta)`, `mass of pairs(jets)`. */
  readonly column: string;
  /** The same as a tree. */
  readonly expression: Value;
  /** The brackets of combinations that say whose the bare names in it are; absent where it has none. */
  readonly brackets?: Brackets;
  /** Which side of it events pass on; absent where it stands inside arithmetic. */
  readonly keeps?: "above" | "below";
}

/** The thresholds of a cut with bounds from its text and by name. Throws a CutError for bounds that cannot be. */
export function boundedThresholds(
  cut: Condition,
  bounds: Readonly<Record<string, Bounds>> = {},
  text: string,
): CutThreshold[] {
  requireSlopes(cut, text);
  const found = cutThresholds(cut);
  const refuse = (sentence: string, remedy: string): never => {
    throw new CutError({ code: "expr.bounds", sentence, remedy, text });
  };
  const remedy = "Bounds are [lowest, highest], with the start between them; one may be infinite.";
  for (const [name, pair] of Object.entries(bounds)) {
    if (!Array.isArray(pair)) return refuse(`The bounds of ${name} are no pair of numbers.`, remedy);
    const [low, high] = pair as Bounds;
    const threshold = found.find((t) => t.name === name);
    const names = found.map((t) => t.name);
    if (!threshold) {
      const sentence = `Bounds are given for ${name}, which is no threshold of this cut.`;
      return refuse(sentence, didYouMean(name, names, "thresholds"));
    }
    const { fixed, start, bounds: written } = threshold;
    if (fixed) refuse(`The threshold ${name} is fixed, so it needs no bounds.`, "Leave them out.");
    if (written) refuse(`The text has bounds for ${name} already.`, "Give them in one place.");
    if (!(low < high && low <= start && start <= high))
      refuse(`The bounds of ${name} are [${low}, ${high}], and it starts at ${start}.`, remedy);
  }
  return found.map((t) => (Object.hasOwn(bounds, t.name) ? { ...t, bounds: bounds[t.name]! } : t));
}

/** Throws a CutError for a threshold that can train nowhere: inside a function that is flat between its jumps. */
function requireSlopes(cut: Condition, text: string): void {
  visit(cut, (node) => {
    if (node.kind !== "call" || (node.name !== "floor" && node.name !== "sign")) return;
    visit(node, (inner) => {
      if (inner.kind !== "threshold" || inner.fixed) return;
      const sentence = `The threshold ${inner.name} stands inside ${node.name}, which has no slope, so it cannot train.`;
      const remedy = "Write a number there, or compare with a threshold outside.";
      throw new CutError({ code: "expr.threshold", sentence, remedy, text, ...inner.span });
    });
  });
}

/** Values for thresholds, each moved onto its bounds where it is outside. */
export function clamped(
  thresholds: readonly CutThreshold[],
  params: Readonly<Record<string, number>>,
): Record<string, number> {
  const moved = { ...params };
  for (const { name, bounds } of thresholds)
    if (bounds && Object.hasOwn(moved, name))
      moved[name] = Math.min(Math.max(moved[name]!, bounds[0]), bounds[1]);
  return moved;
}

/** The thresholds of a cut in the order of first use. */
function cutThresholds(cut: Condition): CutThreshold[] {
  const towards = keeping(cut);
  const around = bracketsOf(cut);
  return thresholds(cut).map((found: Threshold) => {
    const { name, start, fixed, bounds, side, expression, comparison, span } = found;
    const brackets = namesOwn(expression) ? (around.get(comparison) ?? []) : [];
    const own = towards.get(span.start) ?? null;
    const above = (side === "lower") === own;
    return {
      name,
      start,
      fixed,
      ...(bounds ? { bounds } : {}),
      column: printWithin(expression, brackets),
      expression,
      ...(brackets.length > 0 ? { brackets } : {}),
      ...(side === "inner" || own === null ? {} : { keeps: above ? ("above" as const) : ("below" as const) }),
    };
  });
}
