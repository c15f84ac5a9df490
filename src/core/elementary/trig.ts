import { safeMul } from "./arith.js";
import { binary, unary } from "./elementwise.js";
import { elementwiseOracle } from "./elementwiseoracle.js";

const ulp = { f32: 4, f64: 4 };
const ends = [[0], [-0], [Number.POSITIVE_INFINITY], [Number.NaN]] as const;

/** The sine of an angle in radians. */
export const sin = /*#__PURE__*/ unary("sin", {
  vjp: (g, x) => safeMul(g, x.cos()),
  range: () => [-1, 1],
});

export const sinOracle = () =>
  elementwiseOracle(sin, {
    scalar: Math.sin,
    domain: [[[-3, 3]]],
    special: [...ends, [1000], [-777.7], [1e6], [-1e9]],
    ulp,
  });

/** The cosine of an angle in radians. */
export const cos = /*#__PURE__*/ unary("cos", {
  vjp: (g, x) => safeMul(g, x.sin()).neg(),
  range: () => [-1, 1],
});

export const cosOracle = () =>
  elementwiseOracle(cos, {
    scalar: Math.cos,
    domain: [[[-3, 3]]],
    special: [...ends, [1000], [-777.7], [1e6], [-1e9]],
    ulp,
  });

/** The hyperbolic sine. */
export const sinh = /*#__PURE__*/ unary("sinh", {
  vjp: (g, x) => safeMul(g, x.cosh()),
});

export const sinhOracle = () =>
  elementwiseOracle(sinh, {
    scalar: Math.sinh,
    domain: [[[-5, 5]], [[-1e-3, 1e-3]]],
    special: ends,
    ulp,
  });

/** The hyperbolic cosine. */
export const cosh = /*#__PURE__*/ unary("cosh", {
  vjp: (g, x) => safeMul(g, x.sinh()),
});

export const coshOracle = () =>
  elementwiseOracle(cosh, {
    scalar: Math.cosh,
    domain: [[[-5, 5]]],
    special: ends,
    ulp,
  });

/** Angle of the point (x, y) in (-π, π], as `atan2(y, x)`. The derivative at the origin is infinite. */
export const atan2 = /*#__PURE__*/ binary("atan2", {
  vjp: (g, y, x) => {
    const r2 = x.mul(x).add(y.mul(y));
    return [safeMul(g, x.div(r2)), safeMul(g, y.div(r2)).neg()];
  },
});

export const atan2Oracle = () =>
  elementwiseOracle(atan2, {
    scalar: Math.atan2,
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
export const hypot = /*#__PURE__*/ binary("hypot", {
  vjp: (g, x, y, r) => [safeMul(g, x.div(r)), safeMul(g, y.div(r))],
});

export const hypotOracle = () =>
  elementwiseOracle(hypot, {
    scalar: Math.hypot,
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
