import { binary, unary } from "../core/graph/elementwise.js";
import { methods, type Operand } from "../core/graph/op.js";

declare module "../core/graph/tensor.js" {
  interface Tensor {
    sin(): Tensor;
    cos(): Tensor;
    sinh(): Tensor;
    cosh(): Tensor;
    atan2(x: Operand): Tensor;
    hypot(y: Operand): Tensor;
  }
}

const ulp = { f32: 4, f64: 4 };
const ends = [[0], [-0], [Number.POSITIVE_INFINITY], [Number.NaN]] as const;

/** The sine of an angle in radians. */
export const sin = unary("sin", {
  scalar: Math.sin,
  vjp: (g, x) => g.safeMul(x.cos()),
  domain: [[[-3, 3]]],
  special: [...ends, [1000], [-777.7], [1e6], [-1e9]],
  ulp,
  range: () => [-1, 1],
});

/** The cosine of an angle in radians. */
export const cos = unary("cos", {
  scalar: Math.cos,
  vjp: (g, x) => g.safeMul(x.sin()).neg(),
  domain: [[[-3, 3]]],
  special: [...ends, [1000], [-777.7], [1e6], [-1e9]],
  ulp,
  range: () => [-1, 1],
});

/** The hyperbolic sine. */
export const sinh = unary("sinh", {
  scalar: Math.sinh,
  vjp: (g, x) => g.safeMul(x.cosh()),
  domain: [[[-5, 5]], [[-1e-3, 1e-3]]],
  special: ends,
  ulp,
});

/** The hyperbolic cosine. */
export const cosh = unary("cosh", {
  scalar: Math.cosh,
  vjp: (g, x) => g.safeMul(x.sinh()),
  domain: [[[-5, 5]]],
  special: ends,
  ulp,
});

/** Angle of the point (x, y) in (-π, π], as `atan2(y, x)`. The derivative at the origin is infinite. */
export const atan2 = binary("atan2", {
  scalar: Math.atan2,
  vjp: (g, y, x) => {
    const r2 = x.mul(x).add(y.mul(y));
    return [g.safeMul(x.div(r2)), g.safeMul(y.div(r2)).neg()];
  },
  domain: [
    [
      [0.5, 3],
      [-3, 3],
    ],
    [
      [-3, -0.5],
      [-3, 3],
    ],
  ],
  special: [
    [0, 1],
    [0, -1],
    [1, 0],
    [-1, 0],
    [0, 0],
    [Number.NaN, 1],
  ],
  ulp,
});

/** √(x² + y²) without overflow. */
export const hypot = binary("hypot", {
  scalar: Math.hypot,
  vjp: (g, x, y, r) => [g.safeMul(x.div(r)), g.safeMul(y.div(r))],
  domain: [
    [
      [0.5, 3],
      [-3, 3],
    ],
  ],
  special: [
    [0, 0],
    [3, 4],
    [1e200, 1e200],
    [Number.POSITIVE_INFINITY, 1],
  ],
  ulp,
});

methods({ sin, cos, sinh, cosh, atan2, hypot });
