import { OptionError } from "../../text/gradcuterror.js";
import { emit, type Operand } from "../graph/op.js";
import type { Oracle } from "../graph/oracle.js";
import type { Rank } from "../graph/rank.js";
import type { Op } from "../graph/record.js";
import type { Tensor } from "../graph/tensor.js";
import * as ref from "../oracle/reference.js";
import { align } from "./align.js";
import { safeMul } from "./arith.js";
import { type Unary, unary } from "./elementwise.js";
import { elementwiseOracle } from "./elementwiseoracle.js";

const twoOverSqrtPi = 1.1283791670955126;
// Against tables of high precision the kernels stay below 4 (test/ops/math.test.ts); the f64 references add their own.
const ulp = { f32: 4, f64: 10 };
const ends = [[0], [-0], [Number.POSITIVE_INFINITY], [Number.NEGATIVE_INFINITY], [Number.NaN]] as const;

const gauss = (x: Tensor) => x.mul(x).neg().exp().mul(twoOverSqrtPi);

/** The error function, 2/√π ∫₀ˣ exp(-t²) dt. */
export const erf = /*#__PURE__*/ unary("erf", {
  vjp: (g, x) => safeMul(g, gauss(x)),
  range: () => [-1, 1],
});

export const erfOracle = () =>
  elementwiseOracle(erf, {
    scalar: ref.erf,
    domain: [[[-3, 3]], [[-1e-3, 1e-3]]],
    special: ends,
    ulp: { f32: 8, f64: 10 },
  });

/** 1 - erf(x), with relative accuracy in the right tail. */
export const erfc = /*#__PURE__*/ unary("erfc", {
  vjp: (g, x) => safeMul(g, gauss(x)).neg(),
  range: () => [0, 2],
});

export const erfcOracle = () =>
  elementwiseOracle(erfc, {
    scalar: ref.erfc,
    domain: [[[-3, 3]], [[3, 9]]],
    special: ends,
    ulp,
  });

/** Φ(x), the standard normal distribution function, with relative accuracy in the left tail. */
export const normCdf = /*#__PURE__*/ unary("normCdf", {
  vjp: (g, x) => safeMul(g, normPdf(x)),
  range: () => [0, 1],
});

export const normCdfOracle = () =>
  elementwiseOracle(normCdf, {
    scalar: ref.normCdf,
    domain: [[[-4, 4]], [[-12, -4]]],
    special: ends,
    ulp,
  });

/** log Φ(x), finite as far left as doubles reach. Its derivative is normHazard. */
export const normLogCdf = /*#__PURE__*/ unary("normLogCdf", {
  vjp: (g, x) => safeMul(g, normHazard(x)),
});

export const normLogCdfOracle = () =>
  elementwiseOracle(normLogCdf, {
    scalar: ref.normLogCdf,
    domain: [[[-4, 4]], [[-12, -4]]],
    special: [...ends, [-1e6]],
    ulp,
  });

/** φ(x) / Φ(x), the slope of log Φ: about -x far left, where neither φ nor Φ is above 0 any more. */
export const normHazard = /*#__PURE__*/ unary("normHazard", {
  vjp: (g, x, y) => safeMul(g, y.mul(x.add(y))).neg(),
});

export const normHazardOracle = () =>
  elementwiseOracle(normHazard, {
    scalar: ref.normHazard,
    domain: [[[-4, 4]], [[-12, -4]], [[4, 12]]],
    special: [...ends, [-1e3], [-1e6], [-1e12], [40]],
    ulp: { f32: 8, f64: 8 },
  });

/** φ(x), the standard normal density. */
export const normPdf = /*#__PURE__*/ unary("normPdf", {
  vjp: (g, x, y) => safeMul(g, safeMul(y, x)).neg(),
  range: () => [0, 0.4],
});

export const normPdfOracle = () =>
  elementwiseOracle(normPdf, {
    scalar: ref.normPdf,
    domain: [[[-4, 4]], [[4, 12]]],
    special: ends,
    ulp,
  });

/** log |Γ(x)|. */
export const lgamma = /*#__PURE__*/ unary("lgamma", {
  vjp: (g, x) => safeMul(g, polygamma(0, x)),
});

export const lgammaOracle = () =>
  elementwiseOracle(lgamma, {
    scalar: ref.lgamma,
    domain: [[[0.1, 10]], [[10, 1000]]],
    special: [[1], [2], [0], [Number.POSITIVE_INFINITY], [Number.NaN]],
    ulp: { f32: 8, f64: 1e4 },
  });

/** ψ⁽ᵏ⁾(x), the k-th derivative of digamma (k = 0). */
const polygammaOp: Op<{ order: number }> = {
  name: "polygamma",
  infer: ([x]) => ({ shape: x!.shape, dtype: x!.dtype, axis: x!.axis }),
  vjp: (g, [x], out) => [safeMul(g, polygamma(out.attrs.order + 1, x!))],
  batch: (node, args) => emit(polygammaOp, args, node.attrs),
  lowering: {
    lower: (node, at) => [
      [`${node.dtype}_polygamma`, node.size * at.lanes, at.out, at.args[0]!, node.attrs.order],
    ],
  },
};

export const polygammaOracle = (): Oracle<{ order: number }> => ({
  op: polygammaOp,
  reference: (node, [x]) => x!.data.map((v) => ref.polygamma(node.attrs.order, v)),
  test: [0, 1, 2, 3].flatMap((order) =>
    [false, true].map((event) => ({
      args: [{ shape: [3], event, range: [2, 30] as const }],
      attrs: { order },
      ulp: { f32: 8, f64: 24 },
    })),
  ),
});

/** The polygamma function of a whole order k ≥ 0; k = 0 is digamma. Throws an OptionError for other orders. */
export function polygamma<R extends Rank = "scalar">(order: number, x: Operand<R>): Tensor<R> {
  if (!Number.isInteger(order) || order < 0) {
    throw new OptionError(
      "option.order",
      `'polygamma' has the orders 0 (digamma), 1, 2, …, but got ${order}; round it, or write what is meant with lgamma() and its derivatives`,
      { option: "order", value: order },
    );
  }
  return emit(polygammaOp, align("polygamma", [x]), { order });
}

/** Digamma ψ(x), the derivative of lgamma. */
export const digamma: Unary = (x) => polygamma(0, x);
