import { constantValue } from "../graph/op.js";
import * as ref from "../oracle/reference.js";
import { fullLike } from "./align.js";
import { gate, safeMul } from "./arith.js";
import { binary, unary } from "./elementwise.js";
import { elementwiseOracle } from "./elementwiseoracle.js";

const ends = [[0], [-0], [Number.POSITIVE_INFINITY], [Number.NEGATIVE_INFINITY], [Number.NaN]] as const;
const central = [[[-8, 8]]] as const;

/** eˣ. */
export const exp = /*#__PURE__*/ unary("exp", {
  vjp: (g, _, y) => safeMul(g, y),
});

export const expOracle = () =>
  elementwiseOracle(exp, {
    scalar: Math.exp,
    domain: [[[-8, 8]], [[-80, 80]]],
    special: [...ends, [710], [-800]],
    ulp: { f32: 2.5, f64: 2 },
  });

/** exp(x) - 1, exact near 0. */
export const expm1 = /*#__PURE__*/ unary("expm1", {
  vjp: (g, x) => safeMul(g, x.exp()),
});

export const expm1Oracle = () =>
  elementwiseOracle(expm1, {
    scalar: Math.expm1,
    domain: [[[-8, 8]], [[-1e-3, 1e-3]]],
    special: ends,
    ulp: { f32: 4, f64: 4 },
  });

/** Natural logarithm; NaN below 0, -∞ at 0. */
export const log = /*#__PURE__*/ unary("log", {
  vjp: (g, x) => safeMul(g, fullLike(x, 1).div(x)),
});

export const logOracle = () =>
  elementwiseOracle(log, {
    scalar: Math.log,
    domain: [[[0.1, 10]], [[1e-30, 1e-20]], [[0.9, 1.1]]],
    special: [...ends, [1], [-1]],
    ulp: { f32: 2.5, f64: 2 },
  });

/** log(1 + x), exact near 0. */
export const log1p = /*#__PURE__*/ unary("log1p", {
  vjp: (g, x) => safeMul(g, fullLike(x, 1).div(x.add(1))),
});

export const log1pOracle = () =>
  elementwiseOracle(log1p, {
    scalar: Math.log1p,
    domain: [[[-0.9, 10]], [[-1e-3, 1e-3]]],
    special: [[0], [-1], [-2], [Number.POSITIVE_INFINITY], [Number.NaN]],
    ulp: { f32: 4, f64: 4 },
  });

/** x to the power y. Where x is 0, the derivative with respect to y is 0, and those in x are 0 beyond a whole y. */
export const pow = /*#__PURE__*/ binary("pow", {
  vjp: (g, x, y, out) => [
    safeMul(g, safeMul(y, pow(x, y.sub(1)))),
    safeMul(g, safeMul(out, x.add(x.eq(0)).log())),
  ],
  simplify: ([x, y]) => {
    const n = constantValue(y!);
    if (n === 1) return x!;
    if (n === 2) return x!.mul(x!);
    if (n === 0.5) return x!.sqrt();
    if (n === -1) return fullLike(x!, 1).div(x!);
    return n === 0 ? fullLike(x!, 1) : null;
  },
});

export const powOracle = () =>
  elementwiseOracle(pow, {
    scalar: (x, y) => x ** y,
    domain: [
      [
        [0.1, 5],
        [-3, 3],
      ],
    ],
    special: [
      [0, 2],
      [2, 0],
      [-2, 3],
      [-2, 0.5],
      [0, -1],
      [Number.POSITIVE_INFINITY, 2],
    ],
    ulp: { f32: 4, f64: 4 },
  });

/** 1 / (1 + exp(-x)). The derivative is σ(x)·σ(-x), accurate in both tails. */
export const sigmoid = /*#__PURE__*/ unary("sigmoid", {
  vjp: (g, x, y) => safeMul(g, y.mul(x.neg().sigmoid())),
  range: () => [0, 1],
});

export const sigmoidOracle = () =>
  elementwiseOracle(sigmoid, {
    scalar: ref.sigmoid,
    domain: [...central, [[-80, -8]], [[8, 30]]],
    special: ends,
    ulp: { f32: 2.5, f64: 2 },
  });

/** log σ(x) = -log(1 + exp(-x)), finite and with a slope however far x is on the left. */
export const logSigmoid = /*#__PURE__*/ unary("logSigmoid", {
  vjp: (g, x) => safeMul(g, x.neg().sigmoid()),
});

export const logSigmoidOracle = () =>
  elementwiseOracle(logSigmoid, {
    scalar: ref.logSigmoid,
    domain: [...central, [[-500, -50]]],
    special: ends,
    ulp: { f32: 4, f64: 4 },
  });

/** log(1 + exp(x)). */
export const softplus = /*#__PURE__*/ unary("softplus", {
  vjp: (g, x) => safeMul(g, x.sigmoid()),
});

export const softplusOracle = () =>
  elementwiseOracle(softplus, {
    scalar: (x) => -ref.logSigmoid(-x),
    domain: [...central, [[50, 500]]],
    special: ends,
    ulp: { f32: 4, f64: 4 },
  });

/** max(x, 0); the derivative at 0 is 0. */
export const relu = /*#__PURE__*/ unary("relu", {
  exact: (x) => (x > 0 ? x : Number.isNaN(x) ? x : 0),
  vjp: (g, x) => gate(g, x),
});

export const reluOracle = () =>
  elementwiseOracle(relu, {
    domain: [[[0.1, 5]], [[-5, -0.1]]],
    special: ends,
  });

/** The hyperbolic tangent. */
export const tanh = /*#__PURE__*/ unary("tanh", {
  vjp: (g, _, y) => safeMul(g, fullLike(y, 1).sub(y.mul(y))),
  range: () => [-1, 1],
});

export const tanhOracle = () =>
  elementwiseOracle(tanh, {
    scalar: Math.tanh,
    domain: [[[-3, 3]], [[-1e-3, 1e-3]]],
    special: ends,
    ulp: { f32: 8, f64: 4 },
  });
