import { binary, unary } from "../core/graph/elementwise.js";
import { constantValue, fullLike, methods, type Operand } from "../core/graph/op.js";
import * as ref from "../core/oracle/reference.js";

declare module "../core/graph/tensor.js" {
  interface Tensor {
    exp(): Tensor;
    expm1(): Tensor;
    log(): Tensor;
    log1p(): Tensor;
    pow(y: Operand): Tensor;
    sigmoid(): Tensor;
    logSigmoid(): Tensor;
    softplus(): Tensor;
    relu(): Tensor;
    tanh(): Tensor;
  }
}

const ends = [[0], [-0], [Number.POSITIVE_INFINITY], [Number.NEGATIVE_INFINITY], [Number.NaN]] as const;
const central = [[[-8, 8]]] as const;

/** eˣ. */
export const exp = unary("exp", {
  scalar: Math.exp,
  vjp: (g, _, y) => g.safeMul(y),
  domain: [[[-8, 8]], [[-80, 80]]],
  special: [...ends, [710], [-800]],
  ulp: { f32: 2.5, f64: 2 },
});

/** exp(x) - 1, exact near 0. */
export const expm1 = unary("expm1", {
  scalar: Math.expm1,
  vjp: (g, x) => g.safeMul(x.exp()),
  domain: [[[-8, 8]], [[-1e-3, 1e-3]]],
  special: ends,
  ulp: { f32: 4, f64: 4 },
});

/** Natural logarithm; NaN below 0, -∞ at 0. */
export const log = unary("log", {
  scalar: Math.log,
  vjp: (g, x) => g.safeMul(fullLike(x, 1).div(x)),
  domain: [[[0.1, 10]], [[1e-30, 1e-20]], [[0.9, 1.1]]],
  special: [...ends, [1], [-1]],
  ulp: { f32: 2.5, f64: 2 },
});

/** log(1 + x), exact near 0. */
export const log1p = unary("log1p", {
  scalar: Math.log1p,
  vjp: (g, x) => g.safeMul(fullLike(x, 1).div(x.add(1))),
  domain: [[[-0.9, 10]], [[-1e-3, 1e-3]]],
  special: [[0], [-1], [-2], [Number.POSITIVE_INFINITY], [Number.NaN]],
  ulp: { f32: 4, f64: 4 },
});

/** x to the power y. Where x is 0, the derivative with respect to y is 0, and those in x are 0 beyond a whole y. */
export const pow = binary("pow", {
  scalar: (x, y) => x ** y,
  vjp: (g, x, y, out) => [
    g.safeMul(y.safeMul(pow(x, y.sub(1)))),
    g.safeMul(out.safeMul(x.add(x.eq(0)).log())),
  ],
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
  simplify: ([x, y]) => {
    const n = constantValue(y!);
    if (n === 1) return x!;
    if (n === 2) return x!.mul(x!);
    if (n === 0.5) return x!.sqrt();
    if (n === -1) return fullLike(x!, 1).div(x!);
    return n === 0 ? fullLike(x!, 1) : null;
  },
});

/** 1 / (1 + exp(-x)). The derivative is σ(x)·σ(-x), accurate in both tails. */
export const sigmoid = unary("sigmoid", {
  scalar: ref.sigmoid,
  vjp: (g, x, y) => g.safeMul(y.mul(x.neg().sigmoid())),
  domain: [...central, [[-80, -8]], [[8, 30]]],
  special: ends,
  ulp: { f32: 2.5, f64: 2 },
  range: () => [0, 1],
});

/** log σ(x) = -log(1 + exp(-x)), finite and with a slope however far x is on the left. */
export const logSigmoid = unary("logSigmoid", {
  scalar: ref.logSigmoid,
  vjp: (g, x) => g.safeMul(x.neg().sigmoid()),
  domain: [...central, [[-500, -50]]],
  special: ends,
  ulp: { f32: 4, f64: 4 },
});

/** log(1 + exp(x)). */
export const softplus = unary("softplus", {
  scalar: (x) => -ref.logSigmoid(-x),
  vjp: (g, x) => g.safeMul(x.sigmoid()),
  domain: [...central, [[50, 500]]],
  special: ends,
  ulp: { f32: 4, f64: 4 },
});

/** max(x, 0); the derivative at 0 is 0. */
export const relu = unary("relu", {
  scalar: (x) => (x > 0 ? x : Number.isNaN(x) ? x : 0),
  vjp: (g, x) => g.gate(x),
  domain: [[[0.1, 5]], [[-5, -0.1]]],
  special: ends,
  ulp: { f32: 0, f64: 0 },
});

/** The hyperbolic tangent. */
export const tanh = unary("tanh", {
  scalar: Math.tanh,
  vjp: (g, _, y) => g.safeMul(fullLike(y, 1).sub(y.mul(y))),
  domain: [[[-3, 3]], [[-1e-3, 1e-3]]],
  special: ends,
  ulp: { f32: 8, f64: 4 },
  range: () => [-1, 1],
});

methods({ exp, expm1, log, log1p, pow, sigmoid, logSigmoid, softplus, relu, tanh });
