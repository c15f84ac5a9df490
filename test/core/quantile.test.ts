import { describe, expect, it } from "vitest";
import { quantile } from "../../src/core/quantile.js";

describe("quantiles", () => {
  const values = [1, 2, 4, 8];

  it("lie between neighbours on a straight line, as NumPy has them", () => {
    // numpy.percentile([1, 2, 4, 8], [0, 10, 50, 90, 100])
    const known = [1, 1.3, 3, 6.8, 8];
    [0, 0.1, 0.5, 0.9, 1].forEach((q, i) => {
      expect(quantile(values, q)).toBeCloseTo(known[i]!, 14);
    });
  });

  it("are the number of one, and NaN of none", () => {
    expect([0, 0.3, 1].map((q) => quantile(Float64Array.of(5), q))).toEqual([5, 5, 5]);
    expect(quantile([], 0.5)).toBeNaN();
    expect(quantile(values, Number.NaN)).toBeNaN();
  });
});
