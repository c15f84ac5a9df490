import { OptionError } from "../core/errors.js";
import { unary } from "../core/graph/elementwise.js";
import { align, defineOp, emit, methods, type Operand } from "../core/graph/op.js";
import type { Op, Tensor } from "../core/graph/tensor.js";
import * as ref from "../core/oracle/reference.js";

declare module "../core/graph/tensor.js" {
  interface Tensor {
    erf(): Tensor;
    erfc(): Tensor;
    normCdf(): Tensor;
    normLogCdf(): Tensor;
    normHazard(): Tensor;
    normPdf(): Tensor;
    lgamma(): Tensor;
    polygamma(order: number): Tensor;
  }
}

const twoOverSqrtPi = 1.1283791670955126;
// Against tables of high precision the kernels stay below 4 (test/ops/math.test.ts); the f64 references add their own.
const ulp = { f32: 4, f64: 10 };
const ends = [[0], [-0], [Number.POSITIVE_INFINITY], [Number.NEGATIVE_INFINITY], [Number.NaN]] as const;

const gauss = (x: Tensor) => x.mul(x).neg().exp().mul(twoOverSqrtPi);

/** The error function, 2/√π ∫₀ˣ exp(-t²) dt. */
export const erf = unary("erf", {
  scalar: ref.erf,
  vjp: (g, x) => g.safeMul(gauss(x)),
  domain: [[[-3, 3]], [[-1e-3, 1e-3]]],
  special: ends,
  ulp: { f32: 8, f64: 10 },
  range: () => [-1, 1],
});

/** 1 - erf(x), with relative accuracy in the right tail. */
export const erfc = unary("erfc", {
  scalar: ref.erfc,
  vjp: (g, x) => g.safeMul(gauss(x)).neg(),
  domain: [[[-3, 3]], [[3, 9]]],
  special: ends,
  ulp,
  range: () => [0, 2],
});

/** Φ(x), the standard normal distribution function, with relative accuracy in the left tail. */
export const normCdf = unary("normCdf", {
  scalar: ref.normCdf,
  vjp: (g, x) => g.safeMul(x.normPdf()),
  domain: [[[-4, 4]], [[-12, -4]]],
  special: ends,
  ulp,
  range: () => [0, 1],
});

/** log Φ(x), finite as far left as doubles reach. Its derivative is normHazard. */
export const normLogCdf = unary("normLogCdf", {
  scalar: ref.normLogCdf,
  vjp: (g, x) => g.safeMul(x.normHazard()),
  domain: [[[-4, 4]], [[-12, -4]]],
  special: [...ends, [-1e6]],
  ulp,
});

/** φ(x) / Φ(x), the slope of log Φ: about -x far left, where neither φ nor Φ is above 0 any more. */
export const normHazard = unary("normHazard", {
  scalar: ref.normHazard,
  vjp: (g, x, y) => g.safeMul(y.mul(x.add(y))).neg(),
  domain: [[[-4, 4]], [[-12, -4]], [[4, 12]]],
  special: [...ends, [-1e3], [-1e6], [-1e12], [40]],
  ulp: { f32: 8, f64: 8 },
});

/** φ(x), the standard normal density. */
export const normPdf = unary("normPdf", {
  scalar: ref.normPdf,
  vjp: (g, x, y) => g.safeMul(y.safeMul(x)).neg(),
  domain: [[[-4, 4]], [[4, 12]]],
  special: ends,
  ulp,
  range: () => [0, 0.4],
});

/** log |Γ(x)|. */
export const lgamma = unary("lgamma", {
  scalar: ref.lgamma,
  vjp: (g, x) => g.safeMul(x.polygamma(0)),
  domain: [[[0.1, 10]], [[10, 1000]]],
  special: [[1], [2], [0], [Number.POSITIVE_INFINITY], [Number.NaN]],
  ulp: { f32: 8, f64: 1e4 },
});

/** ψ⁽ᵏ⁾(x), the k-th derivative of digamma (k = 0). */
const polygammaOp: Op<{ order: number }> = defineOp({
  name: "polygamma",
  infer: ([x]) => ({ shape: x!.shape, dtype: x!.dtype, axis: x!.axis }),
  vjp: (g, [x], out) => [g.safeMul(x!.polygamma(out.attrs.order + 1))],
  batch: (node, args) => emit(polygammaOp, args, node.attrs),
  lowering: {
    lower: (node, at) => [
      [`${node.dtype}_polygamma`, node.size * at.lanes, at.out, at.args[0]!, node.attrs.order],
    ],
  },
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
export function polygamma(order: number, x: Operand): Tensor {
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
export const digamma = (x: Operand) => polygamma(0, x);

methods({
  erf,
  erfc,
  normCdf,
  normLogCdf,
  normHazard,
  normPdf,
  lgamma,
  polygamma: (x: Tensor, order: number) => polygamma(order, x),
});
