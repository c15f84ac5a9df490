import { beforeAll, describe, expect, it } from "vitest";
import { heldLogYield, trainingWeights, weightSummary } from "../../src/entry/optim.js";
import { scanThresholds } from "../../src/entry/select.js";
import {
  asimovLoss,
  asimovUncertainLoss,
  compile,
  cut,
  init,
  logYield,
  significance,
  sOverSqrtBLoss,
  sOverSqrtSBLoss,
  squaredLoss,
  type Tensor,
  table,
  valueAndGrad,
} from "../../src/index.js";

beforeAll(() => init());

type Two = { s: Tensor; b: Tensor };
type Slopes = { value: number; grads: { s: number; b: number } };

/** S, B, σ, Z: the formula of Cowan's note with 80 digits (Python's decimal). */
const figures = [
  [10, 100, 0, 0.9839916447569406],
  [10, 100, 10, 0.6901960632965302],
  [50, 10, 3, 6.50309134522415],
  [1e-3, 1000, 50, 1.6903080265119892e-5],
  [5, 0.1, 0.05, 5.0590503109971],
  [1000, 10, 1e-4, 85.57186070209849],
  [1e-8, 1e-3, 1e-5, 3.162272231613438e-7],
  [100, 1e6, 1e5, 0.0009999166756933303],
  [3, 1e-6, 1e-6, 8.854062188989314],
  [0.2, 10.9, 1, 0.05778634604471845],
  [30, 5, 1e3, 0.014237410217184422],
  [1e-3, 1e8, 3e7, 3.3333331481370526e-11],
  [1e4, 1, 1e6, 0.00014135621358559393],
] as const;

describe("significances", () => {
  const absolute = compile((p: Two & { u: Tensor }) => asimovUncertainLoss(p.s, p.b, { absolute: p.u }));
  const relative = compile((p: Two & { u: Tensor }) => asimovUncertainLoss(p.s, p.b, { relative: p.u }));
  it.each(figures)("S %d, B %d, σ %d", (s, b, sigma, z) => {
    expect(Math.abs(significance(s, b, sigma).asimov / z - 1)).toBeLessThan(1e-11);
    if (sigma === 0) return;
    const logs = { s: Math.log(s), b: Math.log(b) };
    const a = absolute({ ...logs, u: sigma }) as number;
    const r = relative({ ...logs, u: sigma / b }) as number;
    expect(Math.abs(Math.exp(-a) / z - 1)).toBeLessThan(1e-11);
    expect(Math.abs(Math.exp(-r) / z - 1)).toBeLessThan(1e-11);
  });

  it("of a background below 0 are none, and no scan ends there", () => {
    expect(significance(5, -1)).toEqual({ sOverSqrtB: Number.NaN, sOverSqrtSB: 2.5, asimov: Number.NaN });
    expect(significance(1, -2).sOverSqrtSB).toBeNaN();
    // The last tenth of the background has negative weights.
    const x = Float64Array.from({ length: 1000 }, (_, i) => i);
    const weights = x.map((v) => (v < 900 ? 2 : -1));
    const signal = { columns: { x }, weights: x.map(() => 1) };
    const { params } = scanThresholds(cut("x > {c = 10}"), {
      signal,
      background: { columns: { x }, weights },
    });
    expect(weights.filter((_, i) => i > params.c).reduce((sum, w) => sum + w, 0)).toBeGreaterThan(0);
  });

  it("both uncertainties together, and none", () => {
    const f = (relative: number, absolute: number) =>
      compile((p: Two) => asimovUncertainLoss(p.s, p.b, { relative, absolute }))({
        s: Math.log(20),
        b: Math.log(100),
      }) as number;
    expect(f(0.03, 4)).toBeCloseTo(-Math.log(significance(20, 100, 5).asimov), 13);
    const none = compile((p: Two) => asimovLoss(p.s, p.b))({ s: Math.log(20), b: Math.log(100) });
    expect(f(0, 0)).toBe(none);
    expect(() => f(-1, 0)).toThrow("The relative uncertainty of the background is -1");
  });

  it("are no numbers of what is none or below 0, as numbers and as losses", () => {
    const traced = compile((p: Two) => [
      asimovLoss(p.s, p.b),
      sOverSqrtBLoss(p.s, p.b),
      sOverSqrtSBLoss(p.s, p.b),
      asimovUncertainLoss(p.s, p.b, { relative: 0.1 }),
      asimovUncertainLoss(p.s, p.b, { absolute: 2 }),
      asimovUncertainLoss(p.s, p.b, { relative: 0.1, absolute: 2 }),
    ]);
    const nothing = { sOverSqrtB: Number.NaN, sOverSqrtSB: Number.NaN, asimov: Number.NaN };
    for (const [s, b] of [
      [5, -1],
      [-5, 1],
      [-5, 10],
      [0, -1],
      [-1, 0],
      [-1, -1],
      [1, -1],
      [1, -2],
      [Number.NaN, 1],
      [1, Number.NaN],
    ] as const) {
      // Of all three S/√(S+B) alone has no use for B.
      const only = s > 0 && s + b > 0 ? { sOverSqrtSB: s / Math.sqrt(s + b) } : {};
      expect(significance(s, b), `${s} over ${b}`).toEqual({ ...nothing, ...only });
      expect(significance(s, b, 1), `${s} over ${b}`).toEqual({ ...nothing, ...only });
      const losses = traced({ s: Math.log(s), b: Math.log(b) }) as unknown as number[];
      // The logarithm of 0 is that of no signal.
      expect(losses.every(Number.isNaN), `${s} over ${b}: ${losses}`).toBe(true);
    }
    expect(significance(5, 1, -1)).toEqual(nothing);
  });

  it("without background are infinite, but of an uncertain one what ever smaller ones have", () => {
    expect(significance(5, 0).asimov).toBe(Number.POSITIVE_INFINITY);
    expect(significance(5, 0, 1).asimov).toBe(0);
    for (const b of [1e-4, 1e-6, 1e-8]) {
      const z = significance(5, b, 1).asimov;
      expect(z).toBeGreaterThan(0);
      expect(z).toBeLessThan(4 * Math.sqrt(b));
    }
  });

  it("S/√(S+B)", () => {
    const value = compile((p: Two) => sOverSqrtSBLoss(p.s, p.b))({
      s: Math.log(30),
      b: Math.log(70),
    }) as number;
    expect(Math.exp(-value)).toBeCloseTo(3, 13);
  });

  const losses: Record<string, (s: Tensor, b: Tensor) => Tensor> = {
    sOverSqrtSBLoss,
    relative: (s, b) => asimovUncertainLoss(s, b, { relative: 0.1 }),
    both: (s, b) => asimovUncertainLoss(s, b, { relative: 0.1, absolute: 2 }),
  };
  it.each(Object.entries(losses))("slopes of %s are those of differences, and alive far outside", (_, f) => {
    const run = compile(valueAndGrad((p: Two) => f(p.s, p.b)));
    const at = (s: number, b: number) => run({ s, b }) as unknown as Slopes;
    for (const [s, b] of [
      [1, 3],
      [5, 1],
      [-3, 2],
      [1, 5.0001],
      [-40, 3],
    ] as const) {
      const h = 1e-3;
      const d = (x: number, y: number) =>
        (8 * (at(s + x, b + y).value - at(s - x, b - y).value) -
          (at(s + 2 * x, b + 2 * y).value - at(s - 2 * x, b - 2 * y).value)) /
        (12 * h);
      const { s: gs, b: gb } = at(s, b).grads;
      expect(Math.abs(gs - d(h, 0))).toBeLessThan(1e-8);
      expect(Math.abs(gb - d(0, h))).toBeLessThan(1e-8);
    }
    // Yields that no f64 holds.
    for (const [s, b] of [
      [-5000, -4000],
      [-5000, 10],
      [-4000, -5000],
      [-800, -800],
    ] as const) {
      const { value, grads } = at(s, b);
      expect(Number.isFinite(value)).toBe(true);
      expect(grads.s).toBeLessThanOrEqual(-0.4);
      expect(grads.s).toBeGreaterThan(-1.1);
    }
  });
});

describe("squared loss", () => {
  it("is the weighted mean of the squares", () => {
    const f = compile((_: object, e: { signal: { x: Tensor; w: Tensor }; background: { x: Tensor } }) => [
      squaredLoss(e.signal.x, e.background.x),
      squaredLoss(e.signal.x.reshape([1]), e.background.x, { signal: e.signal.w }),
    ]);
    const data = {
      signal: table({ x: Float64Array.of(0.5, 1), w: Float64Array.of(2, 1) }, { dtype: "f64" }),
      background: table({ x: Float64Array.of(0.1) }, { dtype: "f64" }),
    };
    const [plain, weighted] = f({}, data) as unknown as number[];
    expect(plain).toBeCloseTo((0.25 + 0.01) / 3, 14);
    expect(weighted).toBeCloseTo((0.5 + 0.01) / 4, 14);
  });
});

describe("event weights", () => {
  const mostly = Float64Array.from({ length: 100 }, (_, i) => (i % 5 === 0 ? -0.5 : 1));

  it("are summed up", () => {
    expect(weightSummary(mostly)).toEqual({
      events: 100,
      sum: 70,
      sumSquares: 85,
      effective: 4900 / 85,
      negative: 20,
      negativeShare: 1 / 9,
    });
    expect(weightSummary([1e16, 1, -1e16]).sum).toBe(1);
    expect(weightSummary([])).toMatchObject({ sum: 0, effective: 0, negativeShare: 0 });
  });

  it("below 0 are clipped to the same total for losses of single events", () => {
    const { weights, warnings, summary } = trainingWeights("background", mostly);
    expect(weights.every((w) => w >= 0)).toBe(true);
    expect(weights.reduce((s, w) => s + w, 0)).toBeCloseTo(70, 12);
    expect(weights[1]).toBe(70 / 80);
    expect(summary.sum).toBe(70);
    expect(warnings).toEqual([
      "20 of the 100 weights of background are negative, 11 % of all weight: for the training they count as 0, and the others are scaled to the same total. Yields keep them.",
    ]);
  });

  it("below 0 are kept or refused on request", () => {
    const kept = trainingWeights("signal", mostly, { negative: "keep" });
    expect(kept.weights).toEqual(mostly);
    expect(kept.warnings[0]).toContain("no lower bound");
    expect(() => trainingWeights("signal", mostly, { negative: "refuse" })).toThrow(
      "20 of the 100 weights of signal are negative: clip or keep them",
    );
    expect(trainingWeights("signal", new Float64Array(20).fill(2)).warnings).toEqual([]);
  });

  it.each([
    [[], "signal has no events"],
    [
      [1, Number.NaN, Number.POSITIVE_INFINITY],
      "2 of the 3 weights of signal are NaN or infinite, the first in row 1",
    ],
    [[1, -1], "The weights of signal sum to 0 (1 of 2 are negative): a sample needs a total above 0."],
    [new Array(20).fill(-1), "The weights of signal sum to -20"],
    [
      [...new Array(50).fill(0.01), 100],
      "The 51 events of signal are worth 1.01 without weights, fewer than 10",
    ],
  ])("that train nothing are refused: case %#", (weights, words) => {
    expect(() => trainingWeights("signal", weights)).toThrow(words);
  });

  it("hold a yield above a thousandth of its events where negative ones win", () => {
    type E = { x: Tensor; w: Tensor };
    const e = table({ x: Float64Array.of(-1, -2, -900), w: Float64Array.of(1, -0.5, 3) }, { dtype: "f64" });
    const f = (weigh: (x: Tensor, w: Tensor) => Tensor) =>
      compile(valueAndGrad((p: { c: Tensor }, t: E) => weigh(t.x.sub(p.c.mul(t.w)), t.w)))(
        { c: 0 },
        e,
      ) as unknown as {
        value: number;
        grads: { c: number };
      };
    const plain = f(logYield);
    const same = f((x, w) => heldLogYield(x, w));
    expect(same.value).toBeCloseTo(plain.value, 14);
    expect(same.grads.c).toBeCloseTo(plain.grads.c, 14);
    expect(plain.value).toBeCloseTo(Math.log(Math.exp(-1) - 0.5 * Math.exp(-2)), 14);
    const held = f((x, w) => heldLogYield(x, w.neg()));
    expect(held.value).toBeCloseTo(Math.log(1e-3 * (Math.exp(-1) + 0.5 * Math.exp(-2))), 13);
    expect(Number.isFinite(held.grads.c)).toBe(true);
    expect(held.grads.c).not.toBe(0);
    const far = f((x, w) => heldLogYield(x.sub(5000), w));
    expect(far.value).toBeCloseTo(plain.value - 5000, 10);
  });
});
