import { binary } from "../core/elementwise.js";
import * as ref from "../core/reference.js";

const inf = Number.POSITIVE_INFINITY;

/** Φ(b) - Φ(a): the share of a unit Gaussian between two bounds, with relative accuracy in both tails. */
export const normInterval = binary("normInterval", {
  scalar: (a, b) => {
    if (Number.isNaN(a) || Number.isNaN(b)) return Number.NaN;
    // On the right of 0 both are near 1; 1 - Φ(-z) would cancel, so the difference is taken mirrored.
    return a > 0 && b > 0
      ? ref.normCdf(-a) - ref.normCdf(-b)
      : a > 0
        ? -normIntervalOf(b, a)
        : normIntervalOf(a, b);
  },
  vjp: (g, a, b) => [g.safeMul(a.normPdf()).neg(), g.safeMul(b.normPdf())],
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
  ],
  ulp: { f32: 8, f64: 16 },
});

const normIntervalOf = (a: number, b: number): number =>
  b > 0 ? 1 - ref.normCdf(-b) - ref.normCdf(a) : ref.normCdf(b) - ref.normCdf(a);
