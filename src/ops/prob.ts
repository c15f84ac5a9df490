import { binary, ternary } from "../core/graph/elementwise.js";
import { fullLike } from "../core/graph/op.js";

const rates = [
  [0, 0],
  [0, 2],
  [3, 0],
  [0, Number.NaN],
  [2, -1],
] as const;

/** n / rate - 1: the derivative of poissonKernel in the rate. 0 / 0 counts as 0. */
const poissonScore = binary("poissonScore", {
  scalar: (n, rate) => (n === 0 ? 0 : n / rate) - 1,
  vjp: (g, n, rate) => {
    const inverse = fullLike(rate, 1).div(rate);
    // Not n times the square of 1/rate, which overflows where n/rate does not.
    return [g.safeMul(inverse), g.safeMul(n.safeMul(inverse).safeMul(inverse)).neg()];
  },
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
export const poissonKernel = binary("poissonKernel", {
  scalar: (n, rate) => (n === 0 ? 0 : n * Math.log(rate)) - rate,
  vjp: (g, n, rate) => [g.safeMul(rate.log()), g.safeMul(poissonScore(n, rate))],
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
export const normalKernel = ternary("normalKernel", {
  scalar: (x, mean, w) => -0.5 * ((x - mean) * w) ** 2,
  vjp: (g, [x, mean, w]) => {
    const d = x!.sub(mean!);
    const slope = g.safeMul(d.mul(w!.mul(w!)));
    return [slope.neg(), slope, g.safeMul(d.mul(d).mul(w!)).neg()];
  },
  domain: [
    [
      [-3, 3],
      [-3, 3],
      [0.2, 2],
    ],
  ],
  ulp: { f32: 8, f64: 8 },
});
