import { fullLike } from "../core/elementary/align.js";
import { safeMul } from "../core/elementary/arith.js";
import { binary, ternary } from "../core/elementary/elementwise.js";
import { elementwiseOracle } from "../core/elementary/elementwiseoracle.js";

const rates = [
  [0, 0],
  [0, 2],
  [3, 0],
  [0, Number.NaN],
  [2, -1],
] as const;

/** n / rate - 1: the derivative of poissonKernel in the rate. 0 / 0 counts as 0. */
const poissonScore = /*#__PURE__*/ binary("poissonScore", {
  vjp: (g, n, rate) => {
    const inverse = fullLike(rate, 1).div(rate);
    // Not n times the square of 1/rate, which overflows where n/rate does not.
    return [safeMul(g, inverse), safeMul(g, safeMul(safeMul(n, inverse), inverse)).neg()];
  },
});

export const poissonScoreOracle = () =>
  elementwiseOracle(poissonScore, {
    scalar: (n, rate) => (n === 0 ? 0 : n / rate) - 1,
    domain: [
      [
        [1, 20],
        [0.5, 30],
      ],
    ],
    special: rates,
    // A difference.
    ulp: { f32: 64, f64: 64 },
  });

/**
 * n log(rate) - rate: the logarithm of a Poisson probability without -log n!, which depends on the data alone. n may
 * be any number >= 0; with n = 0 and rate = 0 it is 0.
 */
export const poissonKernel = /*#__PURE__*/ binary("poissonKernel", {
  vjp: (g, n, rate) => [safeMul(g, rate.log()), safeMul(g, poissonScore(n, rate))],
});

export const poissonKernelOracle = () =>
  elementwiseOracle(poissonKernel, {
    scalar: (n, rate) => (n === 0 ? 0 : n * Math.log(rate)) - rate,
    domain: [
      [
        [1, 20],
        [0.5, 30],
      ],
    ],
    special: rates,
    ulp: { f32: 64, f64: 64 },
  });

/** -((x - mean) w)² / 2: the logarithm of a normal density of width 1 / w without its norm. */
export const normalKernel = /*#__PURE__*/ ternary("normalKernel", {
  vjp: (g, [x, mean, w]) => {
    const d = x!.sub(mean!);
    const slope = safeMul(g, d.mul(w!.mul(w!)));
    return [slope.neg(), slope, safeMul(g, d.mul(d).mul(w!)).neg()];
  },
});

export const normalKernelOracle = () =>
  elementwiseOracle(normalKernel, {
    scalar: (x, mean, w) => -0.5 * ((x - mean) * w) ** 2,
    domain: [
      [
        [-3, 3],
        [-3, 3],
        [0.2, 2],
      ],
    ],
    ulp: { f32: 8, f64: 8 },
  });
