import { conform } from "../elementary/align.js";
import { DerivativeError, ShapeError } from "../errors.js";
import type { Opaque } from "../graph/attrs.js";
import { requireConditions } from "../graph/conditions.js";
import { emit, hole, lift } from "../graph/op.js";
import type { Oracle } from "../graph/oracle.js";
import type { Rank } from "../graph/rank.js";
import type { NodeOf, Op } from "../graph/record.js";
import { describe, Tensor, typeText } from "../graph/tensor.js";
import { describe as describeValue } from "../tree.js";
import { strengthen } from "./strong.js";
import { vmap } from "./vmap.js";

/** The reverse rule of a user: cotangents of the inputs from that of the output; null for none. */
export type CustomRule = (g: Tensor, inputs: readonly Tensor[], out: Tensor) => readonly (Tensor | null)[];

interface Rule extends Opaque {
  readonly apply: CustomRule;
}

let made = 0;
const ruleOf = (apply: CustomRule): Rule => ({ opaque: made++, apply });

/** What the rule of a node answers, checked: one cotangent like each input, or null. */
function cotangents(
  g: Tensor,
  inputs: readonly Tensor[],
  out: NodeOf<{ rule: Rule }>,
): readonly (Tensor | null)[] {
  const first = out.graph.nodes.length;
  const grads = out.attrs.rule.apply(g, inputs, out);
  if (!Array.isArray(grads) || grads.length !== inputs.length) {
    const got = Array.isArray(grads) ? `${grads.length} cotangents` : describeValue(grads);
    throw new DerivativeError(
      "derivative.custom",
      `the reverse rule of ${describe(out)} returned ${got} for ${inputs.length} inputs; return an array of one each, null where there is none`,
      { got: Array.isArray(grads) ? grads.length : null, expected: inputs.length },
    );
  }
  const given: Tensor[] = [];
  grads.forEach((d: unknown, i) => {
    const x = inputs[i] as Tensor;
    if (d === null) return;
    if (!(d instanceof Tensor)) {
      throw new DerivativeError(
        "derivative.custom",
        `cotangent ${i} of the reverse rule of ${describe(out)} is ${describeValue(d)}; it must be a Tensor like ${describe(x)}, or null where there is none`,
        { input: i },
      );
    }
    given.push(d);
    const fits = d.shape.length === x.shape.length && d.shape.every((n, k) => n === x.shape[k]);
    if (fits && d.axis === x.axis) return;
    const remedy =
      d.axis && !x.axis
        ? 'sum it over the events, as g.sum("events") or .sum()'
        : "sum it over what the input was broadcast over, or broadcast it to the input";
    throw new ShapeError(
      "shape.cotangent",
      `cotangent ${i} of the reverse rule of ${describe(out)} is ${typeText(d)}, but its input is ${describe(x)}: they must have one shape; ${remedy}`,
      { input: i, got: d.shape, expected: x.shape },
    );
  });
  requireConditions(out.graph, given, first);
  return grads;
}

/** The value of argument 0 with a reverse rule of its own for the arguments behind it. */
const customOp: Op<{ rule: Rule }> = {
  name: "custom",
  alias: true,
  valueOnly: true,
  infer: ([y]) => ({ shape: y!.shape, dtype: y!.dtype, axis: y!.axis }),
  vjp: (g, [, ...inputs], out) => {
    // A user writes g.mul(slope): its zeros are made strong as those of all rules.
    const whole = conform(g, out);
    const own = hole(whole, "g");
    return [null, ...strengthen(cotangents(own, inputs, out), own, whole)];
  },
  batch: (node, args, batched, size) => {
    // The rule is widened the same way as the function was.
    const { apply: user } = node.attrs.rule;
    const wide: CustomRule = (g, inputs, out) => {
      let grads: ReturnType<CustomRule> = [];
      const rule = (g: Tensor, inputs: readonly Tensor[], out: Tensor) => {
        grads = user(g, inputs, out);
        return Array.isArray(grads) ? grads.filter((d) => d instanceof Tensor) : [];
      };
      const axes = batched.slice(1).map((wide) => (wide ? 0 : null));
      const all = vmap(rule, [0, axes, 0])(g, inputs, out);
      // What is no cotangent is told of by the check of what this rule answers.
      if (!Array.isArray(grads)) return grads;
      let next = 0;
      return grads.map((d, i) => {
        if (!(d instanceof Tensor)) return d;
        const one = all[next++]!;
        return batched[i + 1] ? one : one.sum([-one.shape.length]);
      });
    };
    const [y, ...inputs] = args as [Tensor, ...Tensor[]];
    // A result that does not differ within the batch has a rule that does, for its inputs: then it is one for each.
    const own = batched[0] ? y : y.broadcast([size, ...y.shape]);
    return emit(customOp, [own, ...inputs], { rule: ruleOf(wide) });
  },
};

export const customOracle = (): Oracle<{ rule: Rule }> => ({
  op: customOp,
  reference: (_, [y]) => y!.data,
  test: [],
  untested: "needs a rule: see test/core/core.test.ts",
});

/**
 * A function of tensors with a reverse rule of your own: a straight-through estimate, a smoother slope, a closed form.
 * `rule` gets the cotangent of the result, the inputs and the result, and is written with ops, so higher orders follow
 * from it. `inputs` are all that the rule may differentiate; what `f` captures besides gets no cotangent.
 */
export function customVjp<R extends Rank>(
  f: (...inputs: Tensor[]) => Tensor<R>,
  rule: CustomRule,
): (...inputs: Tensor[]) => Tensor<R> {
  for (const [what, given] of [
    ["function", f],
    ["reverse rule", rule],
  ] as const) {
    if (typeof given === "function") continue;
    throw new DerivativeError(
      "derivative.custom",
      `customVjp() needs a function and its reverse rule, but the ${what} is ${describeValue(given)}`,
      {},
    );
  }
  const own = ruleOf(rule);
  return (...given) => {
    const inputs = given.map(lift);
    const out: unknown = f(...inputs);
    if (!(out instanceof Tensor)) {
      throw new DerivativeError(
        "derivative.custom",
        `a function of customVjp() returns one Tensor, but this one returned ${describeValue(out)}`,
        {},
      );
    }
    return emit(customOp, [out, ...inputs], { rule: own });
  };
}
