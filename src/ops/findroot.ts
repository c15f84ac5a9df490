import { rootBytes, rootEnds } from "../core/agreed.js";
import { cotangents, pullbackAt } from "../core/derive/apart.js";
import { close, extend, inline, perBody } from "../core/derive/body.js";
import { mapBatch } from "../core/derive/mapop.js";
import { requireNumber, traceUnknown } from "../core/derive/perrow.js";
import { conform, fullLike } from "../core/elementary/align.js";
import { safeMul } from "../core/elementary/arith.js";
import { unroll } from "../core/elementary/join.js";
import type { Body } from "../core/graph/attrs.js";
import { emit, floats, lift, type Operand, ranked } from "../core/graph/op.js";
import type { Oracle } from "../core/graph/oracle.js";
import type { Joined, NumberOf, Rank } from "../core/graph/rank.js";
import type { Op } from "../core/graph/record.js";
import { requireWhole } from "../core/graph/shape.js";
import type { Scalar, Tensor } from "../core/graph/tensor.js";
import { tuple } from "../core/graph/tuple.js";
import { checkOptions, type Known } from "../core/options.js";

/** The root of a scalar function, differentiable in what the function captures; or the roots of all events. */
export interface Root<R extends Rank = "scalar"> {
  x: Tensor<R>;
  /** How it ended: 0 where it was found; `statusName` and `statusMessage` tell what another number means. */
  status: Tensor<R>;
  steps: Tensor<R>;
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
  extend(body, [], ([f, ...also], [x]) => [f!, ...cotangents([f!], [fullLike(f!, 1)], [x!]), ...also]),
);

type RootAttrs = { readonly body: Body; readonly grow: number };

const rootOp: Op<RootAttrs> = {
  name: "root",
  infer: (_, { body }) => ({ shape: [3 + alsoSize(body)], dtype: "f64", axis: body.inputs[0]!.axis }),
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
  batch: (node, args, batched, size) => (node.axis ? unroll : mapBatch)(node, args, batched, size),
  lowering: {
    lower: (node, at) => {
      const [lo, hi, ...captures] = tuple(at.args, 2);
      const { lanes } = at;
      const x = at.reserve(8 * lanes);
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
          lanes,
          at.scratch,
        ],
        ...(also > 0
          ? [["f64_place", also, lanes, at.out, code.outputs[2]!, 3] as [string, ...number[]]]
          : []),
      ];
    },
    scratch: (_, lanes) => rootBytes(lanes),
    long: true,
  },
};

export const rootOracle = (): Oracle<RootAttrs> => ({
  op: rootOp,
  reference: (node, args, interpreter) => {
    const { body, grow } = node.attrs;
    const rows = node.axis ? interpreter.rows(node.axis) : 1;
    const out = new Float64Array(node.size * rows);
    for (let row = 0; row < rows; row++) {
      const [lo, hi, ...captures] = tuple(
        args.map(({ data, lanes }, i) =>
          node.args[i]!.axis ? data.filter((_, j) => j % lanes === row) : data,
        ),
        2,
      );
      const at = (x: number) => interpreter.body(body, [Float64Array.of(x), ...captures], 1);
      const f = (x: number) => at(x)[0]![0]!;
      let [a, b] = [lo[0]!, hi[0]!];
      for (let left = grow; left > 0 && f(a) > 0 === f(b) > 0; left--) [a, b] = [b, b + 2 * (b - a)];
      const found = interpreter.bisect(f, a, b);
      const told = body.outputs.length > 1 ? at(found[0]!)[1]! : [];
      [...found, ...told].forEach((v, i) => {
        out[i * rows + row] = v;
      });
    }
    return out;
  },
  test: [],
  untested: "needs a body: see test/ops/root.test.ts and root-events.test.ts",
});

/** How many numbers a body tells besides its value. */
const alsoSize = (body: Body): number => body.outputs[1]?.size ?? 0;

/**
 * The x between `lower` and `upper` where a scalar function changes its sign, as an op. It differentiates by the
 * implicit function theorem through what the function captures, to any order; the bracket has no derivative. Where the
 * sign does not change, the search goes on above the bracket, in up to `grow` brackets that double. `also` is asked for
 * at the end of the search, where it costs nothing that f has computed already. What the status tells is no root (a
 * pole, a step, no change of sign) has the derivative NaN; so has a root where the slope is zero.
 *
 * Where the function meets columns of events, or the bracket does, each event has a root of its own: x, status and steps are
 * event tensors. They are searched for in f64; what is found has the type of the table.
 */
export function root<F extends Rank, L extends Rank = "scalar", U extends Rank = "scalar">(
  f: (x: Scalar) => Tensor<F>,
  lower: Operand<L>,
  upper: Operand<U>,
  options: RootOptions = {},
): Root<NumberOf<Joined<Joined<F, L>, U>>> {
  checkOptions("root", options, known);
  const ends = [floats(lift(lower)), floats(lift(upper))] as const;
  const { x, outputs, found } = traceUnknown("root", [], ends, (x) => {
    const at = x as Scalar;
    const told = options.also ? [floats(options.also(at)).stopGradient()] : [];
    return [requireNumber("root", f(at)), ...told.map((t) => t.reshape([t.size]))];
  });
  const { body, captures } = close("root", [x], outputs);
  const [from, to] = ends.map((end) => conform(end, x));
  const out = emit(rootOp, [from!, to!, ...captures], {
    body,
    grow: requireWhole("root", "grow", options.grow ?? 0),
  });
  const part = (i: number) => ranked<NumberOf<Joined<Joined<F, L>, U>>>(found(out.at(i)));
  const end = { x: part(0), status: part(1), steps: part(2) };
  // A key without a Tensor could not be returned from a compiled function.
  return out.size > 3 ? { ...end, also: found(out.slice(3, out.size)).stopGradient() } : end;
}
