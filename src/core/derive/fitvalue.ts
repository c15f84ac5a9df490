import { fullLike } from "../elementary/align.js";
import { safeMul } from "../elementary/arith.js";
import { unroll } from "../elementary/join.js";
import type { Body } from "../graph/attrs.js";
import type { Oracle } from "../graph/oracle.js";
import type { Op } from "../graph/record.js";
import type { Tensor } from "../graph/tensor.js";
import { tuple } from "../graph/tuple.js";
import { through } from "./fitbody.js";
import { mapBatch } from "./mapop.js";

/**
 * The value of a fit as a node of its own, so that its rule needs no curvature: by the envelope theorem the derivative
 * of the minimum is that of the objective at the minimum.
 */
export const minimumOp: Op<{ body: Body }> = {
  name: "fitValue",
  infer: ([fit]) => ({ shape: [], dtype: "f64", axis: fit!.axis }),
  vjp: (g, args, out) => {
    const [fit, x0, free, lower, upper, , ...captures] = tuple(args, 6);
    const n = free.size;
    const x = fit.slice(0, n);
    const [slope, ...found] = through(out.attrs.body, 0, fullLike(out, 1), [x, ...captures]);
    const push = slope ?? fullLike(x, 0);
    const shift = safeMul(g, push);
    const place = x.stopGradient();
    const held = (at: Tensor, inwards: Tensor) => shift.mul(free.mul(at).mul(inwards).stopGradient());
    return [
      null,
      shift.mul(fullLike(free, 1).sub(free)).pad(0, x0.size - n),
      null,
      held(place.le(lower), push.stopGradient().gt(0)),
      held(place.ge(upper), push.stopGradient().lt(0)),
      null,
      ...found.map((d) => d && safeMul(g, d)),
    ];
  },
  batch: (node, args, batched, size) => (node.axis ? unroll : mapBatch)(node, args, batched, size),
  lowering: {
    lower: (node, at) => {
      const { lanes, out } = at;
      return [["f64_place", 1, lanes, out, at.args[0]! + 8 * lanes * node.args[2]!.size, 0]];
    },
  },
};

export const minimumOracle = (): Oracle<{ body: Body }> => ({
  op: minimumOp,
  reference: (node, [fit]) => {
    const from = node.args[2]!.size * fit!.lanes;
    return fit!.data.slice(from, from + fit!.lanes);
  },
  test: [],
  untested: "needs a body: see test/ops/minimize.test.ts",
});
