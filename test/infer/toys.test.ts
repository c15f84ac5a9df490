import { beforeAll, describe, expect, it } from "vitest";
import { empirical, type ToyTest } from "../../src/entry/stats.js";
import {
  compile,
  histfactory,
  hypotest,
  InferenceError,
  init,
  key,
  type Tensor,
  uncorrelatedBackground,
} from "../../src/index.js";
import { percentile } from "../../src/infer/stats/empirical.js";
import { poisson, sampleData } from "../../src/infer/stats/toydata.js";
import { exampleData } from "../kit/infermodel.js";

beforeAll(() => init());

const toys = (test: unknown) => test as ToyTest;

describe("data of toys", () => {
  it.each([0.02, 0.8, 7.3, 350, 4e4, 3e6])(
    "Poisson numbers of mean %s: mean, variance and quantiles",
    (mean) => {
      const n = 4000;
      const data = sampleData({ mean: Float64Array.of(mean), sigma: Float64Array.of(0) }, key(1), n);
      const average = data.reduce((a, b) => a + b, 0) / n;
      const variance = data.reduce((a, b) => a + (b - average) ** 2, 0) / (n - 1);
      expect(data.every((v) => Number.isInteger(v) && v >= 0)).toBe(true);
      expect(Math.abs(average - mean)).toBeLessThan(4 * Math.sqrt(mean / n));
      expect(Math.abs(variance / mean - 1)).toBeLessThan(4 * Math.sqrt((2 + 1 / mean) / n));
    },
  );

  it("Poisson numbers are exact quantiles", () => {
    const draw = poisson(2);
    let sum = 0;
    for (let k = 0, p = Math.exp(-2); k < 12; p *= 2 / ++k) {
      expect(draw(sum + 1e-9)).toBe(k);
      sum += p;
      expect(draw(sum - 1e-9)).toBe(k);
    }
    expect(poisson(0)(0.999)).toBe(0);
    expect(() => poisson(-1, 3)).toThrow(InferenceError);
    expect(() => poisson(-1, 3)).toThrow(/datum 3 expects -1/);
  });

  it("normal numbers have their width, and each datum its own stream", () => {
    const n = 4000;
    const noise = { mean: Float64Array.of(1, 1, 5), sigma: Float64Array.of(0.1, 0.1, 0) };
    const data = sampleData(noise, key(7), n);
    const column = (j: number) => Array.from({ length: n }, (_, i) => data[3 * i + j]!);
    const [a, b] = [column(0), column(1)];
    const average = a.reduce((s, x) => s + x, 0) / n;
    const deviation = Math.sqrt(a.reduce((s, x) => s + (x - average) ** 2, 0) / n);
    expect(Math.abs(average - 1)).toBeLessThan(0.1 * (4 / Math.sqrt(n)));
    expect(Math.abs(deviation / 0.1 - 1)).toBeLessThan(4 / Math.sqrt(2 * n));
    const covariance = a.reduce((s, x, i) => s + (x - 1) * (b[i]! - 1), 0) / n / 0.01;
    expect(Math.abs(covariance)).toBeLessThan(4 / Math.sqrt(n));
    expect(sampleData(noise, key(7), n)).toEqual(data);
    expect(sampleData(noise, key(8), n)).not.toEqual(data);
  });
});

describe("empirical distributions", () => {
  it("p-values and quantiles as NumPy's", () => {
    const d = empirical([3, 1, 2, 2, 10]);
    expect([d.pvalue(0), d.pvalue(2), d.pvalue(2.1), d.pvalue(11)]).toEqual([1, 0.8, 0.4, 0]);
    expect(d.expectedValue(0)).toBe(2);
    expect(percentile(Float64Array.of(1, 2, 4, 8), 50)).toBe(3);
    expect(percentile(Float64Array.of(1, 2, 4, 8), 100)).toBe(8);
  });
});

describe("hypothesis tests with toys", () => {
  const model = uncorrelatedBackground([12, 11], [50, 52], [3, 7]);

  it("agree with asymptotic formulae within their statistical error", () => {
    const asymptotic = hypotest(1, exampleData, model);
    const test = hypotest(1, exampleData, model, { calctype: "toybased", ntoys: 2000, seed: 3 });
    expect(test.converged).toBe(true);
    expect(toys(test).toys.failed).toBe(0);
    expect(Math.abs(test.tail[0]! - asymptotic.tail[0]!)).toBeLessThan(0.015);
    expect(Math.abs(test.tail[1]! - asymptotic.tail[1]!)).toBeLessThan(0.05);
    expect(Math.abs(test.expected - asymptotic.expected)).toBeLessThan(0.02);
    expect(test.cls).toBe(test.tail[0]! / test.tail[1]!);
    expect([...test.expectedSet].sort((a, b) => a - b)).toEqual(test.expectedSet);
    const again = hypotest(1, exampleData, model, { calctype: "toybased", ntoys: 2000, seed: 3 });
    expect(again).toEqual(test);
  });

  it("with the same toys however they are batched; progress is told", () => {
    const told: number[] = [];
    const test = hypotest(1, exampleData, model, {
      calctype: "toybased",
      ntoys: 600,
      onToys: (done, total) => told.push(done, total),
    });
    expect(told).toEqual([500, 1200, 600, 1200, 1100, 1200, 1200, 1200]);
    expect(toys(test).toys.signal).toHaveLength(600);
  });

  it("of a discovery, with normal constraints", () => {
    const normal = histfactory({
      channels: [
        {
          name: "c",
          samples: [
            { name: "s", data: [9], modifiers: [{ name: "mu", type: "normfactor", data: null }] },
            {
              name: "b",
              data: [40],
              modifiers: [
                { name: "k", type: "normsys", data: { hi: 1.1, lo: 0.9 } },
                { name: "mc", type: "staterror", data: [2] },
              ],
            },
          ],
        },
      ],
    });
    const data = [52, ...normal.suggestedAuxdata()];
    const options = { testStat: "q0", calctype: "toybased", ntoys: 3000 } as const;
    const test = hypotest(0, data, normal, options);
    const asymptotic = hypotest(0, data, normal, { testStat: "q0" });
    expect(Math.abs(test.cls - asymptotic.cls)).toBeLessThan(0.02);
    expect(toys(test).toys.failed).toBe(0);
  });

  it("are refused inside a traced function", () => {
    const f = compile((d: Tensor) => hypotest(1, d, model, { calctype: "toybased" }).cls);
    expect(() => f(exampleData)).toThrow(/toy experiments have no derivative/);
  });
});
