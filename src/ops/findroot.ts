import { rootEnds } from "../core/agreed.js";
import { gradients, pullbackAt } from "../core/derive/apart.js";
import { close, extend, inline, perBody } from "../core/derive/body.js";
import { mapBatch } from "../core/derive/mapop.js";
import { requireScalar } from "../core/derive/pullback.js";
import { conform } from "../core/elementary/align.js";
import { safeMul } from "../core/elementary/arith.js";
import { emit, hole, lift, type Operand, requireSmall } from "../core/graph/op.js";
import { requireWhole } from "../core/graph/shape.js";
import type { Body, Op, Oracle, Scalar, Tensor } from "../core/graph/tensor.js";
import { tuple } from "../core/graph/tuple.js";
import { checkOptions, type Known } from "../core/options.js";

/** The root of a scalar function, differentiable in what the function captures. */
export interface Root {
  x: Scalar;
  /** How it ended: 0 where it was found; `statusName` and `statusMessage` tell what another number means. */
  status: Scalar;
  steps: Scalar;
  /** What `also` answers at x, as a vector without derivative; only where it was asked. */
  also?: Tensor;
}

export interface RootOptions {
  /** Most brackets above the first in which the search goes on (default 0). */
  readonly grow?: number;
  /** Numbers that the search tells besides, without derivative. */
  readonly also?: (x: Scalar) => Tensor;
}

const known: Known<RootOptions> = { grow: true, also: true };

/** [f, f'] as a body over the inputs of f, and what is to be known besides. */
const withSlope = /*#__PURE__*/ perBody((body) =>
  extend(body, [], ([f, ...also], [x]) => [f!, ...gradients(f!, [x!]), ...also]),
);

type RootAttrs = { readonly body: Body; readonly grow: number };

const rootOp: Op<RootAttrs> = {
  name: "root",
  infer: (_, attrs) => ({ shape: [3 + alsoSize(attrs.body)], dtype: "f64", axis: null }),
  vjp: (g, [, , ...captures], out) => {
    const body = out.attrs.body;
    const x = out.at(0);
    const [, slope] = tuple(inline(withSlope(body), [x, ...captures]), 2);
    // What is no root has no derivative: 0 / 0.
    const found = out.at(1).eq(rootEnds.converged);
    const u = safeMul(g.at(0), found.div(found).div(slope)).neg();
    const value = (own: Tensor[]) => inline(body, [x, ...own]).slice(0, 1);
    return [null, null, ...pullbackAt(value, captures, [u])];
  },
  batch: mapBatch,
  lowering: {
    lower: (node, at) => {
      const [lo, hi, ...captures] = tuple(at.args, 2);
      const x = at.reserve(8);
      const body = node.attrs.body;
      const code = at.body(withSlope(body), [x, ...captures]);
      // The search leaves its function evaluated at x.
      const also = alsoSize(body);
      return [
        [
          "any_root",
          at.out,
          lo,
          hi,
          x,
          code.start,
          code.end,
          code.outputs[0]!,
          code.outputs[1]!,
          node.attrs.grow,
        ],
        ...(also > 0 ? [["f64_place", also, 1, at.out, code.outputs[2]!, 3] as [string, ...number[]]] : []),
      ];
    },
  },
};

export const rootOracle = (): Oracle<RootAttrs> => ({
  op: rootOp,
  reference: (node, [lo, hi, ...captures], interpreter) => {
    const body = node.attrs.body;
    const f = (x: number) =>
      interpreter.body(body, [Float64Array.of(x), ...captures.map((c) => c.data)])[0]![0]!;
    let [a, b] = [lo!.data[0]!, hi!.data[0]!];
    for (let left = node.attrs.grow; left > 0 && f(a) > 0 === f(b) > 0; left--) [a, b] = [b, b + 2 * (b - a)];
    const found = interpreter.bisect(f, a, b);
    if (body.outputs.length === 1) return found;
    const at = Float64Array.of(found[0]!);
    return Float64Array.of(...found, ...interpreter.body(body, [at, ...captures.map((c) => c.data)])[1]!);
  },
  test: [],
  untested: "needs a body: see test/ops/root.test.ts",
});

/** How many numbers a body tells besides its value. */
const alsoSize = (body: Body): number => body.outputs[1]?.size ?? 0;

/**
 * The x between `lower` and `upper` where a scalar function changes its sign, as an op. It differentiates by the
 * implicit function theorem through what the function captures, to any order; the bracket has no derivative. Where the
 * sign does not change, the search goes on above the bracket, in up to `grow` brackets that double. `also` is asked for
 * at the end of the search, where it costs nothing that f has computed already. What the status tells is no root (a
 * pole, a step, no change of sign) has the derivative NaN; so has a root where the slope is zero.
 */
export function root(
  f: (x: Scalar) => Tensor,
  lower: Operand,
  upper: Operand,
  options: RootOptions = {},
): Root {
  checkOptions("root", options, known);
  const end = (t: Operand) => conform(requireSmall("root", lift(t)), { shape: [], axis: null, dtype: "f64" });
  const x = hole({ shape: [], dtype: "f64", axis: null }, "x") as Scalar;
  const told = options.also ? [options.also(x)] : [];
  const besides = told.map((t) => requireSmall("root", t).stopGradient().reshape([t.size]));
  const { body, captures } = close("root", [x], [requireScalar("root", f(x)), ...besides]);
  const out = emit(rootOp, [end(lower), end(upper), ...captures], {
    body,
    grow: requireWhole("root", "grow", options.grow ?? 0),
  });
  const found = { x: out.at(0) as Scalar, status: out.at(1) as Scalar, steps: out.at(2) as Scalar };
  // A key without a Tensor could not be returned from a compiled function.
  return out.size > 3 ? { ...found, also: out.slice(3, out.size).stopGradient() } : found;
}
