// Shapes of soft steps, long tails, bounds of thresholds and annealed widths.

import { beforeAll, describe, expect, it } from "vitest";
import { annealedWidths, diagnose, scanThresholds } from "../../src/entry/select.js";
import {
  adam,
  asimovLoss,
  type Cut,
  compile,
  cut,
  cutYields,
  GradcutError,
  init,
  lbfgs,
  logYield,
  type Soft,
  squaredLoss,
  type Tensor,
  table,
  train,
  valueAndGrad,
} from "../../src/index.js";
import { random } from "../kit/random.js";
import { thrown } from "../kit/thrown.js";

beforeAll(() => init());

type Trees = Record<string, Tensor>;

function normal(mean: number, sigma: number, n: number, seed: number): Float64Array {
  const draw = random(seed);
  return Float64Array.from({ length: n }, () => {
    const r = Math.sqrt(-2 * Math.log(1 - draw()));
    return mean + sigma * r * Math.cos(2 * Math.PI * draw());
  });
}

const errorOf = (run: () => unknown) => thrown(GradcutError, run);

describe("shapes of the step", () => {
  const x = Float64Array.from({ length: 801 }, (_, i) => (i - 400) / 40);
  const of = (soft: Soft, text = "x > {a = 0}") => {
    const c: Cut = cut(text, { soft });
    const f = compile((p: Trees, e: Trees) => c.soft(p, e));
    return { c, at: (p: Record<string, number>) => f(p, table({ x }, { dtype: "f64" })) as Float64Array };
  };
  const sigmoid = (z: number) => 1 / (1 + Math.exp(-z));

  it("steep is at 1 % and 99 % one width away", () => {
    const w = of("steep").at({ a: 0 });
    expect(w[400 - 40]!).toBeCloseTo(0.01, 14);
    expect(w[400]!).toBe(0.5);
    expect(w[400 + 40]!).toBeCloseTo(0.99, 14);
    w.forEach((v, i) => {
      expect(v).toBeCloseTo(sigmoid(Math.log(99) * x[i]!), 13);
    });
  });

  it("balanced is 2σ - 1, of a whole cut 2w - 1, and has no logarithm", () => {
    const one = of("balanced").at({ a: 0.5 });
    one.forEach((v, i) => {
      expect(v).toBeCloseTo(2 * sigmoid(x[i]! - 0.5) - 1, 13);
    });
    const { c, at } = of("balanced", "x > {a = -1} && x < {b = 1}");
    at({ a: -1, b: 1 }).forEach((v, i) => {
      expect(v).toBeCloseTo(2 * sigmoid(x[i]! + 1) * sigmoid(1 - x[i]!) - 1, 13);
    });
    // The selection and its yields are those of the sigmoid.
    const plain: Cut = cut(c.text);
    const p = { a: -1, b: 1 };
    expect(c.hard(p, { x })).toEqual(plain.hard(p, { x }));
    expect(c.print(p)).toBe(plain.print(p));
    expect(cutYields(c, p, { x }).soft.sum).toBeCloseTo(cutYields(plain, p, { x }).soft.sum, 9);
    const log = compile((q: Trees, e: Trees) => c.logSoft(q, e).sum());
    expect(errorOf(() => log(p, table({ x }))).message).toContain("no logarithm");
  });

  it("balanced scores train to the targets 1 and -1", async () => {
    const c = cut("x > {a = 2}", { soft: "balanced" });
    const data = {
      signal: table({ x: normal(2, 1, 4000, 1) }),
      background: table({ x: normal(-2, 1, 4000, 2) }),
    };
    const { params } = await train(
      (p, e) => {
        const score = (t: { x: Tensor }) => c.soft(p, t).add(1).mul(0.5);
        return squaredLoss(score(e.signal), score(e.background));
      },
      { params: c.init(), data, optimizer: lbfgs(), steps: 50 },
    );
    expect(Math.abs(params.a)).toBeLessThan(0.1);
  });
});

describe("from outside the data", () => {
  const shapes = ["sigmoid", "erf", "steep"] as const;

  it.each(shapes)("%s: a tail of 1/distance, smooth where it begins, unseen inside", (soft) => {
    const at = Float64Array.of(
      -1e6,
      -1000,
      -10.001,
      -9.999,
      -3.001,
      -2.999,
      -1,
      0,
      1,
      2.999,
      3.001,
      9.999,
      1000,
    );
    const value = (outside: boolean) => {
      const c: Cut = cut("x > {a = 0}", { soft, outside });
      const f = compile((p: Trees, e: Trees) => c.logSoft(p, e));
      return f({ a: 0 }, table({ x: at }, { dtype: "f64" })) as Float64Array;
    };
    const [plain, tailed] = [value(false), value(true)];
    const reach = { sigmoid: 10, erf: 3, steep: 10 / Math.log(99) }[soft];
    at.forEach((z, i) => {
      if (Math.abs(z) <= reach) expect(tailed[i]).toBe(plain[i]);
      else expect(Math.exp(tailed[i]!)).toBeCloseTo(Math.exp(plain[i]!), 3);
    });
    const slope = { sigmoid: 1, erf: 6, steep: Math.log(99) }[soft];
    const far = Math.exp(tailed[0]!) * 1e6 * slope;
    // Mills' ratio of the normal tail changes slowly with the distance.
    if (soft !== "erf") expect(far).toBeCloseTo(Math.exp(-10), 8);
    else expect(far / (Math.exp(-9) / (2 * Math.sqrt(Math.PI) * 5))).toBeCloseTo(1, 0);
  });

  it.each(shapes)("%s: slopes are differences, and not 0 in f32 on either side", (soft) => {
    const x = normal(0, 1, 2000, 3);
    const c: Cut = cut("x > {a = 0} || !(x < {b = 0})", { soft, outside: true });
    const f = compile(valueAndGrad((p: Trees, e: Trees) => c.soft(p, e).sum()));
    const wide = table({ x }, { dtype: "f64" });
    for (const a of [0.3, 11, -14, 300]) {
      const { grads } = f({ a, b: 40 }, wide) as { grads: Record<string, number> };
      const at = (d: number) => f({ a: a + d, b: 40 }, wide).value as number;
      const difference = (8 * (at(1e-3) - at(-1e-3)) - (at(2e-3) - at(-2e-3))) / 12e-3;
      expect(Math.abs(grads.a! - difference)).toBeLessThan(1e-7 * (1 + Math.abs(difference)) * 30);
    }
    const single: Cut = cut("x > {a = 0}", { soft, outside: true });
    const g = compile(valueAndGrad((p: Trees, e: Trees) => single.soft(p, e).sum()));
    for (const a of [-1e6, -1e3, -60, 60, 1e3, 1e6]) {
      const { grads } = g({ a }, table({ x })) as unknown as { grads: { a: number } };
      expect(grads.a).toBeLessThan(0);
      expect(Number.isFinite(grads.a)).toBe(true);
    }
  });

  it("events without a value keep failing, without NaN in slopes", () => {
    const c: Cut = cut("x * {k = 1} > {a = 100}", { outside: true });
    const f = compile(valueAndGrad((p: Trees, e: Trees) => c.soft(p, e).sum()));
    const { value, grads } = f(
      { k: 1, a: 100 },
      table({ x: Float64Array.of(Number.NaN, 2, Number.NaN) }),
    ) as {
      value: number;
      grads: Record<string, number>;
    };
    expect(value).toBeGreaterThan(0);
    expect(value).toBeLessThan(1e-5);
    for (const slope of Object.values(grads)) expect(Number.isFinite(slope)).toBe(true);
  });

  it("a threshold that every event passes, or none, finds back", async () => {
    const data = {
      signal: table({ x: normal(2, 0.7, 4000, 4) }),
      background: table({ x: normal(0, 3, 4000, 5) }),
    };
    const from = async (start: number, outside: boolean) => {
      const c = cut("x > {a = 0}", { outside });
      const { params } = await train((p, e) => squaredLoss(c.soft(p, e.signal), c.soft(p, e.background)), {
        params: { a: start },
        data,
        optimizer: adam(0.5, { eps: 1e-15 }),
        steps: 500,
      });
      return params.a;
    };
    const inside = await from(1, false);
    expect(inside).toBeGreaterThan(0);
    expect(inside).toBeLessThan(2);
    expect(await from(150, false)).toBe(150);
    for (const start of [150, -150]) expect(await from(start, true)).toBeCloseTo(inside, 1);
  });
});

describe("functions without a slope", () => {
  it.each(["floor", "sign"])("a threshold inside %s cannot train", (name) => {
    const error = errorOf(() => cut(`x > 1 && ${name}(x - {k = 2}) > 3` as string));
    expect(error.message).toMatch(
      new RegExp(
        `^The threshold k stands inside ${name}, which has no slope.*\\n.*\\n {${16 + name.length}}\\^{7}\\n`,
      ),
    );
    expect(cut(`${name}(x) > 3` as string).thresholds[0]).toMatchObject({ name: "xMin", start: 3 });
  });
});

describe("bounds", () => {
  it("in the text or by name", () => {
    const c = cut(
      "pt > {ptMin = 30 in [20, 50]} && abs(eta) < {etaMax = 2 in [, 2.5]} && m > 3 && pt > {ptMin}",
      {
        bounds: { mMin: [0, Number.POSITIVE_INFINITY] },
      },
    );
    const infinite = Number.POSITIVE_INFINITY;
    expect(c.thresholds.map(({ name, bounds }) => [name, bounds])).toEqual([
      ["ptMin", [20, 50]],
      ["etaMax", [-infinite, 2.5]],
      ["mMin", [0, infinite]],
    ]);
    expect(c.clamp({ ptMin: 60, etaMax: -9, mMin: -1e-300 })).toEqual({ ptMin: 50, etaMax: -9, mMin: 0 });
    expect(c.clamp({ ptMin: 20, etaMax: 3, mMin: 7 })).toEqual({ ptMin: 20, etaMax: 2.5, mMin: 7 });
    // The printed selection is of numbers alone.
    expect(c.print(c.init())).toBe("pt > 30 && abs(eta) < 2 && m > 3 && pt > 30");
    expect(cut("x > {a=-1 in[-2,-.5]}").thresholds[0]).toMatchObject({ start: -1, bounds: [-2, -0.5] });
    expect(Object.keys(cut("x > {a = 1 in [0, 9]}").init())).toEqual(["a"]);
    expect(cut("x > {a}  && x < {a = 1 in [0, 2]} + y").thresholds[0]!.bounds).toEqual([0, 2]);
  });

  it.each<[string, RegExp]>([
    ["x > {a = 3 in [1, 2]}", /The start 3 is outside the bounds \[1, 2\].*\n.*\n {13}\^{9}/],
    ["x > {a = 3 in [4, 2]}", /The bounds \[4, 2\] leave no room/],
    ["x > {a = 3 in 1..2}", /Expected \[, as in \{ptMin = 30 in \[20, 50\]\}/],
    ["x > {a = 3 in [1 2]}", /Expected a comma/],
    ["x > {a = 3 in [1, 2}", /Expected \], as in/],
    ["x > {a = 3 within [1, 2]}", /Expected \} or in/],
    ["x > {a in [1, 2]}", /Expected \}/],
    ["x > {a = 3 in [1, 4]} && y > {a = 3 in [1, 5]}", /bounds \[1, 4\] before and \[1, 5\] here/],
  ])("%s", (text, words) => {
    const error = errorOf(() => cut(text as string));
    expect(error.name).toBe("CutError");
    expect(error.message).toMatch(words);
  });

  it.each<[string, Record<string, [number, number]>, RegExp]>([
    ["x > {a = 3}", { b: [0, 1] }, /given for b, which is no threshold/],
    ["x > {a = 3}", { a: [0, 1] }, /bounds of a are \[0, 1\], and it starts at 3/],
    ["x > {a = 3}", { a: [Number.NaN, 5] }, /between them/],
    ["x > {a = 3 in [0, 5]}", { a: [0, 5] }, /has bounds for a already/],
    ["x > fixed(3) && y > 1", { xMin: [0, 5] }, /xMin is fixed/],
  ])("%s with %j", (text, bounds, words) => {
    expect(errorOf(() => cut(text as string, { bounds })).message).toMatch(words);
  });

  const columns = {
    signal: { x: normal(3, 1, 3000, 6), w: new Float64Array(3000).fill(0.05) },
    background: { x: normal(0, 2, 3000, 7), w: new Float64Array(3000).fill(1) },
  };
  const data = { signal: table(columns.signal), background: table(columns.background) };
  const c = cut("x > {a = 0 in [-1, 1]}");
  const loss = (p: { a: Tensor }, e: { signal: Trees; background: Trees }) =>
    asimovLoss(
      logYield(c.logSoft(p, e.signal, 0.3), e.signal.w),
      logYield(c.logSoft(p, e.background, 0.3), e.background.w),
    );

  it("are kept by the training, to the bit; the diagnosis says so", async () => {
    const free = await train(loss, { params: { a: 0 }, data, optimizer: adam(0.1), steps: 100 });
    expect(free.params.a).toBeGreaterThan(1.5);
    const kept = await train(loss, {
      ...{ params: { a: 0 }, data, optimizer: adam(0.1), steps: 100 },
      project: c.clamp,
    });
    expect(kept.params.a).toBe(1);
    expect(Math.max(...kept.history)).toBe(kept.history[0]);
    const found = diagnose(c, [columns.signal, columns.background], {
      ...{ start: { a: 0 }, end: kept.params, grads: kept.grads, width: 0.3 },
    });
    expect(found).toMatchObject([{ name: "a", kind: "bound" }]);
    // A start outside is moved first; a threshold that comes back from its bound may.
    const back = await train((p: { a: Tensor }) => p.a.sub(0.25).square(), {
      ...{ params: { a: 40 }, data: {}, optimizer: adam(0.1), steps: 300 },
      project: c.clamp,
    });
    expect(back.history[0]).toBe(0.75 ** 2);
    expect(back.params.a).toBeCloseTo(0.25, 3);
    await expect(
      train(loss, { params: { a: 0 }, data, optimizer: lbfgs(), steps: 3, project: c.clamp }),
    ).rejects.toThrow("searches along lines");
  });

  it("are kept by a scan", () => {
    const sample = (t: typeof columns.signal) => ({ columns: t, weights: t.w });
    const samples = { signal: sample(columns.signal), background: sample(columns.background) };
    expect(scanThresholds(c, samples).params.a).toBe(1);
    expect(scanThresholds(cut("x > {a = 0}"), samples).params.a).toBeGreaterThan(1.5);
  });
});

describe("annealed widths", () => {
  const c = cut("pt > {ptMin = 30} && eta < {etaMax = 2} && pt < fixed(90)", { width: { etaMax: 0.1 } });

  it("go from wide to narrow by factors, differences or a cosine, each threshold its own way", () => {
    const at = annealedWidths(c, { from: { ptMin: 16 }, to: { ptMin: 1 }, steps: 4 });
    expect([0, 1, 2, 3, 4, 9].map((step) => at(step).ptMin)).toEqual([16, 8, 4, 2, 1, 1]);
    expect(at(2)).toEqual({ ptMin: 4, etaMax: 0.1, ptMax: 1 });
    const linear = annealedWidths(c, { from: 5, to: 1, steps: 4, course: "linear" });
    expect([0, 1, 4].map((step) => linear(step).etaMax)).toEqual([5, 4, 1]);
    const cosine = annealedWidths(c, { from: 3, to: 1, steps: 4, course: "cosine", hold: 0.5 });
    expect([0, 1, 2, 3].map((step) => cosine(step).ptMin)).toEqual([3, 2, 1, 1]);
    // Without `to` they end at the widths of the cut.
    expect(annealedWidths(c, { from: 8, steps: 3 })(3)).toEqual({ ptMin: 1, etaMax: 0.1, ptMax: 1 });
  });

  it("refuse what is no width and no threshold", () => {
    expect(errorOf(() => annealedWidths(c, { from: 0, steps: 3 })).message).toContain("is 0");
    const message = errorOf(() => annealedWidths(c, { from: { ptMn: 1 }, steps: 3 })).message;
    expect(message).toContain("Did you mean ptMin?");
    expect(errorOf(() => annealedWidths(c, { from: 1, steps: 3, hold: 1 })).message).toContain("below 1");
  });
});
