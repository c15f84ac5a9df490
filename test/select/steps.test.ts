// Walks the records of step shapes: what is written once must appear everywhere, and be right.

import { readFileSync } from "node:fs";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { stepCurve } from "../../src/cli/training/drawnevents.js";
import { softFunctions } from "../../src/cli/training/trainoptions.js";
import { type Cut, compile, cut, init, type Tensor, table, valueAndGrad } from "../../src/index.js";
import { softStep } from "../../src/plot/kit/turnon.js";
import { isWeight, shapes, softNames } from "../../src/select/steps.js";
import { run } from "../kit/clirun.js";
import { runs } from "../kit/runs.js";

beforeAll(() => init());

const trainHelp = (await run(["train", "--help"])).out;
const docs = readFileSync("docs/cuts.md", "utf8");
const both = [false, true];

describe.each([...softNames])("%s", (soft) => {
  const { words, ends } = shapes[soft];
  const of = (outside: boolean, width = 1): Cut => cut("x > {a = 0}", { soft, outside, width });
  /** What `soft` gives of the distances z. */
  const given = (outside: boolean) => {
    const c = of(outside);
    const f = compile((e: Record<string, Tensor>) => c.soft({ a: e.x!.mul(0) }, e));
    return (z: readonly number[]) => [
      ...(f(table({ x: Float64Array.from(z) }, { dtype: "f64" })) as Float64Array),
    ];
  };
  const weights = both.map((outside) => {
    const f = given(outside);
    return (z: readonly number[]) => f(z).map((v) => (v - ends[0]) / (ends[1] - ends[0]));
  });

  it("says what it is in the docs, and in one line of help where yields can be made of it", () => {
    expect(docs).toMatch(new RegExp(`^\\| \`"${soft}"\``, "m"));
    expect(words.length).toBeGreaterThan(9);
    const offered = softFunctions.includes(soft);
    expect(offered).toBe(isWeight(soft));
    expect(new RegExp(`^ {2}${soft} `, "m").test(trainHelp)).toBe(offered);
    expect(trainHelp.replace(/\s+/g, " ").includes(` ${words} `)).toBe(offered);
  });

  it.each(both)("rises from 0 to 1 by way of 1/2, S(z) + S(-z) = 1; outside: %s", (outside) => {
    const of = weights[Number(outside)]!;
    const distances = fc.array(fc.double({ min: -300, max: 300, noNaN: true }), {
      minLength: 1,
      maxLength: 30,
    });
    fc.assert(
      fc.property(distances, (z) => {
        const ascending = [...z].sort((a, b) => a - b);
        const here = of(ascending);
        const mirrored = of(ascending.map((v) => -v));
        for (const [i, w] of here.entries()) {
          expect(w).toBeGreaterThanOrEqual(i === 0 ? 0 : here[i - 1]!);
          expect(w + mirrored[i]!).toBeCloseTo(1, 12);
        }
      }),
      { numRuns: runs(50) },
    );
    expect(of([0])[0]).toBeCloseTo(0.5, 15);
    const [low, high] = of([-1e9, 1e9]);
    expect(low).toBeLessThan(1e-12);
    expect(high).toBeGreaterThan(1 - 1e-12);
    // An event without a value fails.
    expect(of([Number.NEGATIVE_INFINITY, Number.NaN])).toEqual([0, 0]);
    // Inside its reach a tail is not seen.
    const near = Array.from({ length: 41 }, (_, i) => (i - 20) / 10);
    expect(of(near)).toEqual(weights[0]!(near));
  });

  it.each(both)("of a width that vanishes is the hard cut; outside: %s", (outside) => {
    const x = Float64Array.from({ length: 40 }, (_, i) => (i - 20 + 0.5) / 7);
    const c = of(outside, 1e-9);
    const f = compile((e: Record<string, Tensor>) => c.soft({ a: e.x!.mul(0) }, e));
    const soft = f(table({ x }, { dtype: "f64" })) as Float64Array;
    c.hard({ a: 0 }, { x }).forEach((passes, i) => {
      expect(soft[i]).toBeCloseTo(ends[passes]!, 7);
    });
  });

  it.each(both)("has the slope of differences; outside: %s", (outside) => {
    const c = of(outside);
    const f = compile(
      valueAndGrad((p: Record<string, Tensor>, e: Record<string, Tensor>) => c.soft(p, e).sum()),
    );
    const at = (a: number) =>
      f({ a }, table({ x: Float64Array.of(0) }, { dtype: "f64" })) as unknown as {
        value: number;
        grads: { a: number };
      };
    fc.assert(
      fc.property(fc.double({ min: -20, max: 20, noNaN: true }), (a) => {
        const h = 1e-3;
        const [n2, n1, p1, p2] = [-2, -1, 1, 2].map((k) => at(a + k * h).value) as [
          number,
          number,
          number,
          number,
        ];
        const slope = (8 * (p1 - n1) - (p2 - n2)) / (12 * h);
        expect(Math.abs(at(a).grads.a - slope)).toBeLessThan(1e-8);
      }),
      { numRuns: runs(50) },
    );
  });

  it.each(both)("is drawn as it trains; outside: %s", (outside) => {
    const curve = stepCurve(soft, outside);
    const [low, high] = curve.distance;
    const z = curve.weight.map((_, i) => low + ((high - low) * i) / (curve.weight.length - 1));
    weights[Number(outside)]!(z).forEach((w, i) => {
      expect(curve.weight[i]).toBeCloseTo(w, 12);
      expect(softStep(z[i]!, curve)).toBeCloseTo(w, 12);
    });
    // Between and beyond its points, to less than can be seen.
    const others = Array.from({ length: 301 }, (_, i) => (i - 150) / 9.7);
    weights[Number(outside)]!(others).forEach((w, i) => {
      expect(Math.abs(softStep(others[i]!, curve) - w)).toBeLessThan(3e-4);
    });
  });
});
