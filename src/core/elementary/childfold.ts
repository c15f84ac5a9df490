import { emit } from "../graph/op.js";
import type { Op } from "../graph/record.js";
import type { Tensor } from "../graph/tensor.js";
import { fullLike } from "./align.js";
import { safeMul } from "./arith.js";
import { referenceUpward, sumChildren, toChild, upward } from "./crossing.js";

const maxOp: Op = /*#__PURE__*/ upward("maxChildren", (g, x, out) => {
  // Ties share the cotangent, as JAX does it.
  const first = x.eq(toChild(out, x.axis!));
  return safeMul(toChild(safeMul(g, fullLike(out, 1).div(sumChildren(first))), x.axis!), first);
});

export const maxChildrenOracle = () =>
  referenceUpward(maxOp, 1, Number.NEGATIVE_INFINITY, (a, b) =>
    Number.isNaN(a) || Number.isNaN(b) ? Number.NaN : Math.max(a, b),
  );

/** The largest over the children of each parent; -∞ where there is none. */
export const maxChildren = (x: Tensor): Tensor => emit(maxOp, [x]);

/** log Σ exp over the children of each parent; -∞ where there is none. */
export function logsumexpChildren(x: Tensor): Tensor {
  // Held finite in the tile's own type, so that children of -∞ give -∞ and not -∞ + ∞.
  const most = x.dtype === "f32" ? 3e38 : 1.7e308;
  const shift = maxChildren(x).stopGradient().clip(-most, most);
  return sumChildren(x.sub(shift).exp()).log().add(shift);
}
