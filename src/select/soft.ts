import { add, sub } from "../core/elementary/arith.js";
import { log } from "../core/elementary/exp.js";
import { stack } from "../core/elementary/join.js";
import type { Axis } from "../core/graph/axis.js";
import type { Tensor } from "../core/graph/tensor.js";
import { type Compared, comparedSides, distances, type Softening, softThreshold } from "./compared.js";
import { countWeight } from "./countsteps.js";
import { Values } from "./exprvalues.js";
import type { CompareNode, Condition } from "./grammar/ast.js";
import type { Held, Logic } from "./logic.js";
import { num, type Objects } from "./objects.js";
import { quantified } from "./reducerows.js";
import { swapped, type Weight } from "./reducers.js";
import { SoftRows } from "./softrows.js";
import { logSteps } from "./steps.js";
import { compare } from "./traceexpr.js";

/**
 * log of the soft weight of a condition: steps multiply under &&, 1 - (1 - a)(1 - b) is ||, 1 - a is !. What no
 * threshold is in is a hard factor. Everything is in logarithms, so nothing underflows however far events are from
 * the thresholds, and slopes survive.
 */
export function logWeight(cut: Condition, how: Softening): Tensor {
  return new LogWeights(how).of(cut, true, null);
}

/** The distances of the comparisons of a cut that have a threshold, [k]; see {@link distances}. */
export function cutDistances(nodes: readonly CompareNode[], how: Softening): Tensor {
  const logic = new LogWeights(how);
  return distances(
    nodes,
    nodes.map((node) => logic.compared(node, null)),
    how,
  );
}

interface Ways {
  passes?: Tensor;
  fails?: Tensor;
}

/** What is known of conditions in the brackets of some combinations, or in none. */
class Known {
  readonly weights = new Map<Condition, Ways>();
  readonly compared = new Map<CompareNode, Compared>();
  readonly counts = new Map<CompareNode, Weight | null>();
  readonly quantified = new Map<Condition, Weight>();
}

/** What a map has of a key, made where there is nothing. */
function once<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}

/** log of the weights with which conditions pass and fail, each worked out once. */
class LogWeights extends SoftRows implements Logic {
  readonly #how: Softening;
  readonly #values: Values;
  readonly #scopes = new Map<Objects | null, Known>();

  constructor(how: Softening) {
    super();
    this.#how = how;
    this.#values = new Values(how.env, this);
  }

  /** log of the weight with which `node` passes, or fails. */
  of(node: Condition, passes: boolean, scope: Objects | null): Tensor {
    const known = once(this.#known(scope).weights, node, (): Ways => ({}));
    const key = passes ? "passes" : "fails";
    const weight = known[key] ?? this.#work(node, passes, scope);
    known[key] = weight;
    return weight;
  }

  #known(scope: Objects | null): Known {
    return once(this.#scopes, scope, () => new Known());
  }

  condition(node: Condition, scope: Objects | null): Held {
    const of = (passes: boolean) => this.of(node, passes, scope);
    const weight: Weight = {
      get pass() {
        return of(true);
      },
      get fail() {
        return of(false);
      },
    };
    return { weight, among: this.#among(node, scope) };
  }

  /** Rows that masks in a condition leave. */
  #among(node: Condition, scope: Objects | null): Weight | null {
    if (node.kind === "quantify") return null;
    if (node.kind === "not") return this.#among(node.of, scope);
    if (node.kind === "compare") return this.#countOf(node, scope) ? null : this.compared(node, scope).among;
    return node.terms.map((term) => this.#among(term, scope)).reduce((a, b) => this.#values.both(a, b));
  }

  #work(node: Condition, passes: boolean, scope: Objects | null): Tensor {
    switch (node.kind) {
      case "compare":
        return this.#all(node, [node], passes, scope);
      case "quantify": {
        const make = () => quantified(node, scope, this.#values).weight;
        const weight = once(this.#known(scope).quantified, node, make);
        this.#values.requireEvents(node, weight.pass.axis);
        return passes ? weight.pass : weight.fail;
      }
      case "not":
        return this.of(node.of, !passes, scope);
      case "and":
        return passes ? this.#all(node, node.terms, passes, scope) : this.#any(node.terms, passes, scope);
      case "or":
        return passes ? this.#any(node.terms, passes, scope) : this.#all(node, node.terms, passes, scope);
      default:
        return node satisfies never;
    }
  }

  /** Every term passes (fails): a product, one kernel for all its soft steps. */
  #all(node: Condition, terms: readonly Condition[], passes: boolean, scope: Objects | null): Tensor {
    const steps = new Map<Axis | null, CompareNode[]>();
    const parts: Tensor[] = [];
    for (const term of terms) {
      const counted = term.kind === "compare" ? this.#countOf(term, scope) : null;
      if (counted && term.kind === "compare") {
        const weight = passes ? counted.pass : counted.fail;
        this.#values.requireEvents(term, weight.axis);
        parts.push(weight);
      } else if (term.kind !== "compare") parts.push(this.of(term, passes, scope));
      else if (this.compared(term, scope).there) parts.push(this.#ifThere(term, passes, scope));
      else if (softThreshold(term)) {
        const { axis } = this.compared(term, scope).value;
        steps.set(axis, [...(steps.get(axis) ?? []), term]);
      } else parts.push(this.#hardFactor(term, passes, scope));
    }
    for (const some of steps.values()) parts.unshift(this.#product(some, passes, scope));
    if (parts.length > 1)
      this.#values.meet(
        node,
        parts.map((part) => num(part)),
      );
    return parts.reduce((a, b) => add(a, b));
  }

  /** Some term passes (fails): Σ of the first that does, P₁ + Q₁P₂ + Q₁Q₂P₃ + …, which no rounding empties. */
  #any(terms: readonly Condition[], passes: boolean, scope: Objects | null): Tensor {
    let before: Tensor | undefined;
    const ways = terms.map((term) => {
      const [here, not] = [this.of(term, passes, scope), this.of(term, !passes, scope)];
      const way = before ? add(before, here) : here;
      before = before ? add(before, not) : not;
      return way;
    });
    return stack(ways).logsumexp(-1);
  }

  /** A comparison with what may not be there, and fails then. */
  #ifThere(node: CompareNode, passes: boolean, scope: Objects | null): Tensor {
    const { there } = this.compared(node, scope);
    const part = (pass: boolean) =>
      softThreshold(node) ? this.#product([node], pass, scope) : this.#hardFactor(node, pass, scope);
    const own: Weight = { pass: part(true), fail: part(false) };
    // Not equal is what is not there, too.
    const weight = node.op === "!=" ? swapped(this.both(swapped(own), there!)) : this.both(own, there!);
    return passes ? weight.pass : weight.fail;
  }

  #hardFactor(node: CompareNode, passes: boolean, scope: Objects | null): Tensor {
    const [left, right] = [this.#values.number(node.left, scope), this.#values.number(node.right, scope)];
    const mask = compare[node.op](left.value, right.value);
    return log(passes ? mask : sub(1, mask));
  }

  /** log Π S(z), S(-z) being 1 - S(z). */
  #product(steps: readonly CompareNode[], passes: boolean, scope: Objects | null): Tensor {
    const sides = steps.map((node) => this.compared(node, scope));
    const distance = distances(steps, sides, this.#how);
    return logSteps(passes ? distance : distance.neg(), this.#how.step, this.#how.outside);
  }

  /** What a comparison compares; each is worked out once. */
  compared(node: CompareNode, scope: Objects | null): Compared {
    return once(this.#known(scope).compared, node, () => {
      const sides = comparedSides(node, scope, this.#how.env, this);
      this.#values.requireEvents(node, sides.value.axis);
      return sides;
    });
  }

  #countOf(node: CompareNode, scope: Objects | null): Weight | null {
    return once(this.#known(scope).counts, node, () => countWeight(node, scope, this.#values));
  }
}
