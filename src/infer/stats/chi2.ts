import { where } from "../../core/elementary/arith.js";
import { erfc, lgamma } from "../../core/elementary/special.js";
import { constant } from "../../core/graph/op.js";
import type { Tensor } from "../../core/graph/tensor.js";
import { constantArray } from "../../core/run/trace.js";
import { normalQuantile } from "../../random/gauss.js";
import { InferenceError } from "../inferenceerror.js";

/**
 * The probability that χ² with `ndof` degrees of freedom exceeds x: a finite sum (Abramowitz and Stegun 26.4.4 and
 * 26.4.5), for whole ndof up to `most`; NaN where ndof is not positive. Both may be Tensors.
 */
export function chi2Survival(x: Tensor, ndof: Tensor, most: number): Tensor {
  const h = x.maximum(0).div(2);
  const positive = h.gt(0);
  const safe = where(positive, h, 1);
  const log = safe.log();
  const half = ndof.div(2);
  const even = half.floor().eq(half);
  // Terms h^a exp(-h) / Γ(a + 1) for a = 0, 1, ... or 1/2, 3/2, ... below ndof / 2.
  const terms = (first: number) => {
    const a = constantArray(Array.from({ length: Math.ceil(most / 2) + 1 }, (_, i) => i + first));
    const term = a
      .mul(log)
      .sub(safe)
      .sub(lgamma(a.add(1)))
      .exp();
    return where(a.lt(half.sub(0.25)), term, 0).sum();
  };
  const odd = erfc(safe.sqrt()).add(terms(0.5));
  const p = where(positive, where(even, terms(0), odd), 1);
  return where(ndof.gt(0), p, constant(Number.NaN));
}

/** The value that χ² with 1 or 2 degrees of freedom stays below with probability p. */
export function chi2Quantile(p: number, ndof: 1 | 2): number {
  if (!(typeof p === "number" && p > 0 && p < 1)) {
    throw new InferenceError(
      "infer.level",
      `'level' is ${String(p)}, but a confidence level is a number above 0 and below 1, like 0.95`,
      {
        level: p,
      },
    );
  }
  if (ndof === 1) return normalQuantile((1 - p) / 2) ** 2;
  return -2 * Math.log1p(-p);
}
