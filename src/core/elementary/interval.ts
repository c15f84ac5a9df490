import * as ref from "../oracle/reference.js";
import { safeMul } from "./arith.js";
import { binary } from "./elementwise.js";
import { elementwiseOracle } from "./elementwiseoracle.js";
import { normPdf } from "./special.js";

const inf = Number.POSITIVE_INFINITY;

/** Φ(b) - Φ(a): the share of a unit Gaussian between two bounds, to 8 ulp in both tails and however near they are. */
export const normInterval = /*#__PURE__*/ binary("normInterval", {
  vjp: (g, a, b) => [safeMul(g, normPdf(a)).neg(), safeMul(g, normPdf(b))],
});

export const normIntervalOracle = () =>
  elementwiseOracle(normInterval, {
    scalar: (a, b) => {
      if (Number.isNaN(a) || Number.isNaN(b)) return Number.NaN;
      if (Math.abs(b - a) <= 1 && Math.abs((b - a) * (a + b)) <= 6) return between(a, b);
      // On the right of 0 both are near 1; 1 - Φ(-z) would cancel, so the difference is taken mirrored.
      return a > 0 && b > 0
        ? ref.normCdf(-a) - ref.normCdf(-b)
        : a > 0
          ? -normIntervalOf(b, a)
          : normIntervalOf(a, b);
    },
    domain: [
      [
        [-3, 0],
        [-1, 3],
      ],
      [
        [2, 4],
        [5, 9],
      ],
      [
        [-9, -5],
        [-4, -2],
      ],
    ],
    special: [
      [-inf, inf],
      [-inf, 0],
      [0, inf],
      [inf, inf],
      [-inf, -inf],
      [0, 0],
      [1, -1],
      [Number.NaN, 0],
      [0, Number.NaN],
      [1, 1.001],
      [-0.25, 0.25],
      [1.75, 1.5],
      [5, 5.001],
      [-30, -29.999],
    ],
    ulp: { f32: 8, f64: 16 },
  });

/** Taylor's series about the middle: a difference of Φ at both ends would lose digits. */
function between(a: number, b: number): number {
  const [m, d] = [(a + b) / 2, (b - a) / 2];
  const low = (a - m + (b - m)) / 2;
  let [before, now, sum, factorial] = [1, m * d, 1, 1];
  for (let k = 1; k < 30; k++) {
    [before, now] = [now, m * d * now - k * d * d * before];
    factorial *= k + 1;
    if (k % 2) sum += now / (factorial * (k + 2));
  }
  return 2 * d * ref.normPdf(m) * (1 - m * low) * sum;
}

const normIntervalOf = (a: number, b: number): number =>
  b > 0 ? 1 - ref.normCdf(-b) - ref.normCdf(a) : ref.normCdf(b) - ref.normCdf(a);
