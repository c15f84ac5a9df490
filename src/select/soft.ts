import { add, div, safeMul, sub, where } from "../core/elementary/arith.js";
import { log } from "../core/elementary/exp.js";
import { stack } from "../core/elementary/join.js";
import { constant, floats } from "../core/graph/op.js";
import type { Tensor } from "../core/graph/tensor.js";
import { tuple } from "../core/graph/tuple.js";
import type { CompareNode, Condition, ThresholdNode, Value } from "./grammar/ast.js";
import { visit } from "./grammar/names.js";
import { logSteps, type Soft } from "./steps.js";
import { type ExprColumns, traceExpr } from "./traceexpr.js";

/** How a condition is softened. */
export interface Softening {
  readonly env: ExprColumns;
  readonly step: Soft;
  /** Whether steps have a long tail: see `logSteps`. */
  readonly outside: boolean;
  /** Softness of a threshold, in the unit of what it is compared with. */
  width(threshold: string): number | Tensor;
}

/** The threshold whose width softens a comparison: one that stands alone before one inside arithmetic. */
export function softThreshold({ op, left, right }: CompareNode): ThresholdNode | undefined {
  if (op === "==" || op === "!=") return undefined;
  const found: ThresholdNode[] = [];
  for (const side of [left, right]) {
    if (side.kind === "threshold") return side;
    visit(side, (node) => {
      if (node.kind === "threshold") found.push(node);
    });
  }
  return found[0];
}

/**
 * Distances of events from thresholds in units of the widths, [k] for k comparisons, positive where they pass.
 * An event for which one is NaN fails it by an infinite distance, as it fails the hard cut.
 */
export function distances(nodes: readonly CompareNode[], how: Softening): Tensor {
  const sides = nodes.map((node) => compared(node, how.env));
  const scales = nodes.map((node, i) => {
    const width = how.width(softThreshold(node)!.name);
    const sign = (node.op[0] === ">") === sides[i]!.onLeft ? 1 : -1;
    return typeof width === "number" ? sign / width : div(sign, width);
  });
  const [scale] = scales;
  const same = typeof scale === "number" && scales.every((s) => s === scale);
  const difference = sub(stack(sides.map((s) => s.value)), stack(sides.map((s) => s.bound)));
  // Strong zeros: an event that is NaN must not reach the slope of a width either.
  const z = same ? difference.mul(scale) : safeMul(stack(scales.map(asTensor)), difference);
  const known = sides.every((s) => s.known === s.value) ? z : stack(sides.map((s) => s.known));
  return where(known.eq(known), z, Number.NEGATIVE_INFINITY);
}

/** What a comparison compares per event, and with what; `known` is NaN for the events that have no such value. */
interface Compared {
  readonly value: Tensor;
  readonly bound: Tensor;
  readonly onLeft: boolean;
  readonly known: Tensor;
}

function compared({ left, right }: CompareNode, env: ExprColumns): Compared {
  const sides = (at: ExprColumns) =>
    tuple(
      [left, right].map((side) => floats(traceExpr(side, at))),
      2,
    );
  let [l, r] = sides(env);
  let known: Tensor | undefined;
  if (holdsThreshold(left) || holdsThreshold(right)) {
    // A NaN would spread into the slopes of thresholds inside arithmetic (0 · NaN), so it is taken out of the columns.
    known = sub(l, r);
    const isKnown = known.eq(known);
    [l, r] = sides({ ...env, column: (name) => where(isKnown, env.column(name), 1) });
  }
  if (isWide(l) || isWide(r)) {
    const value = sub(l, r).cast("f32");
    return { value, bound: constant(0), onLeft: true, known: known?.cast("f32") ?? value };
  }
  // What has no column stays small, so that one subtraction serves all comparisons.
  if (!r.axis) return { value: l, bound: r, onLeft: true, known: known ?? l };
  if (!l.axis) return { value: r, bound: l, onLeft: false, known: known ?? r };
  const value = sub(l, r);
  return { value, bound: constant(0), onLeft: true, known: known ?? value };
}

/** Whether a threshold stands inside the arithmetic of a side. */
function holdsThreshold(side: Value): boolean {
  let found = false;
  visit(side, (node) => {
    found ||= node.kind === "threshold" && node !== side;
  });
  return found;
}

const asTensor = (x: number | Tensor): Tensor => (typeof x === "number" ? constant(x) : x);

/** What is computed in f64 in an f32 table, as integers are: only differences are small enough for f32. */
const isWide = (x: Tensor): boolean => x.dtype === "f64" && x.axis?.dtype === "f32";

/**
 * log of the soft weight of a condition: steps multiply under &&, 1 - (1 - a)(1 - b) is ||, 1 - a is !. What no
 * threshold is in is a hard factor. Everything is in logarithms, so nothing underflows however far events are from
 * the thresholds, and slopes survive.
 */
export function logWeight(cut: Condition, how: Softening): Tensor {
  return new LogWeights(how).of(cut, true);
}

/** log of the weights with which conditions pass and fail, each worked out once. */
class LogWeights {
  readonly #how: Softening;
  readonly #known = new Map<Condition, { passes?: Tensor; fails?: Tensor }>();

  constructor(how: Softening) {
    this.#how = how;
  }

  /** log of the weight with which `node` passes, or fails. */
  of(node: Condition, passes: boolean): Tensor {
    const known = this.#known.get(node) ?? {};
    this.#known.set(node, known);
    const key = passes ? "passes" : "fails";
    const weight = known[key] ?? this.#work(node, passes);
    known[key] = weight;
    return weight;
  }

  #work(node: Condition, passes: boolean): Tensor {
    switch (node.kind) {
      case "compare":
        return this.#all([node], passes);
      case "not":
        return this.of(node.of, !passes);
      case "and":
        return passes ? this.#all(node.terms, passes) : this.#any(node.terms, passes);
      case "or":
        return passes ? this.#any(node.terms, passes) : this.#all(node.terms, passes);
      default:
        return node satisfies never;
    }
  }

  /** Every term passes (fails): a product, one kernel for all its soft steps. */
  #all(terms: readonly Condition[], passes: boolean): Tensor {
    const steps: CompareNode[] = [];
    const parts: Tensor[] = [];
    for (const term of terms) {
      if (term.kind !== "compare") parts.push(this.of(term, passes));
      else if (softThreshold(term)) steps.push(term);
      else parts.push(this.#hardFactor(term, passes));
    }
    if (steps.length > 0) parts.unshift(this.#product(steps, passes));
    return parts.reduce(add);
  }

  /** Some term passes (fails): Σ of the first that does, P₁ + Q₁P₂ + Q₁Q₂P₃ + …, which no rounding empties. */
  #any(terms: readonly Condition[], passes: boolean): Tensor {
    let before: Tensor | undefined;
    const ways = terms.map((term) => {
      const [here, not] = [this.of(term, passes), this.of(term, !passes)];
      const way = before ? add(before, here) : here;
      before = before ? add(before, not) : not;
      return way;
    });
    return stack(ways).logsumexp(-1);
  }

  #hardFactor(node: CompareNode, passes: boolean): Tensor {
    const mask = traceExpr(node, this.#how.env);
    return log(passes ? mask : sub(1, mask));
  }

  /** log Π S(z), S(-z) being 1 - S(z). */
  #product(steps: readonly CompareNode[], passes: boolean): Tensor {
    const distance = distances(steps, this.#how);
    return logSteps(passes ? distance : distance.neg(), this.#how.step, this.#how.outside);
  }
}
