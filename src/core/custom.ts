import { hole, substitute } from "./body.js";
import { DerivativeError } from "./errors.js";
import { defineOp, emit } from "./op.js";
import { strengthen } from "./strong.js";
import { describe, type Op, type Tensor } from "./tensor.js";
import { batchNodes } from "./vmap.js";

/** The reverse rule of a user: cotangents of the inputs from that of the output; null for none. */
export type CustomRule = (g: Tensor, inputs: readonly Tensor[], out: Tensor) => readonly (Tensor | null)[];

const rules: CustomRule[] = [];

/** The value of argument 0 with a reverse rule of its own for the arguments behind it. */
const customOp: Op = defineOp({
  name: "custom",
  alias: true,
  infer: ([y]) => ({ shape: y!.shape, dtype: y!.dtype, axis: y!.axis }),
  vjp: (g, [, ...inputs], out) => {
    // A user writes g.mul(slope): its zeros are made strong as those of all rules.
    const own = hole(g, "g");
    const grads = strengthen(rules[out.attrs.rule as number]!(own, inputs, out), own, g);
    if (grads.length !== inputs.length) {
      throw new DerivativeError(
        "derivative.custom",
        `the reverse rule of ${describe(out)} returned ${grads.length} cotangents for ${inputs.length} inputs; return one each, null where there is none`,
        { got: grads.length, expected: inputs.length },
      );
    }
    return [null, ...grads];
  },
  batch: (node, args, batched, size) => {
    // The rule is widened the same way as the function was: on fresh values, then over the batch.
    const user = rules[node.attrs.rule as number]!;
    const wide: CustomRule = (g, inputs, out) => {
      const flags = [true, ...batched.slice(1), true];
      const outer = [g, ...inputs, out];
      const inner = outer.map((t, i) =>
        hole({ ...t, shape: flags[i] ? t.shape.slice(1) : t.shape, dtype: t.dtype, axis: t.axis }, "c"),
      );
      const grads = user(inner[0]!, inner.slice(1, -1), inner.at(-1)!);
      const map = new Map(inner.flatMap((h, i) => (flags[i] ? [[h, outer[i]!] as const] : [])));
      const fixed = new Map(inner.flatMap((h, i) => (flags[i] ? [] : [[h, outer[i]!] as const])));
      return grads.map((d, i) => {
        if (!d) return null;
        const all = substitute(batchNodes([d], map, size), fixed)[0]!;
        return batched[i + 1] ? all : all.sumInner([-all.shape.length]);
      });
    };
    rules.push(wide);
    const [y, ...inputs] = args as [Tensor, ...Tensor[]];
    return emit(customOp, [y, ...inputs], { rule: rules.length - 1 });
  },
  lower: () => [],
  reference: (_, [y]) => y!.data,
  // A rule of the user's has no samples here; test/core.test.ts checks the mechanism.
  test: [],
});

/**
 * A function of tensors with a reverse rule of your own: a straight-through estimate, a smoother slope, a closed form.
 * `rule` gets the cotangent of the result, the inputs and the result, and is written with ops, so higher orders follow
 * from it. `inputs` are all that the rule may differentiate; what `f` captures besides gets no cotangent.
 */
export function customVjp(
  f: (...inputs: Tensor[]) => Tensor,
  rule: CustomRule,
): (...inputs: Tensor[]) => Tensor {
  rules.push(rule);
  const id = rules.length - 1;
  return (...inputs) => emit(customOp, [f(...inputs), ...inputs], { rule: id });
}
