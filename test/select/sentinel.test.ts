import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { autoWidth, diagnose } from "../../src/entry/select.js";
import { cut, init } from "../../src/index.js";
import { sentinels, withoutSentinels } from "../../src/select/sentinels.js";
import { generator } from "../kit/data-help.js";
import { runs } from "../kit/runs.js";

const draw = (n: number, of: (random: () => number) => number, seed = 1) => {
  const random = generator(seed);
  return Float64Array.from({ length: n }, () => of(random));
};
const eta = draw(1000, (random) => 5 * random() - 2.5);
const mixed = (values: Float64Array, mark: number, every: number) =>
  values.map((x, i) => (i % every === 0 ? mark : x));

describe("marks for missing numbers", () => {
  test.each([
    [-999, -2.5, 2.5, -100],
    [-99, -2.5, 2.5, -10],
    [9999, -2.5, 2.5, 1000],
    [-999.25, -2.5, 2.5, -100],
  ])("%d is found", (mark, low, high, between) => {
    const [found, ...more] = sentinels(mixed(eta, mark, 20));
    expect(more).toEqual([]);
    expect(found).toMatchObject({ value: mark, count: 50, total: 1000, between });
    expect(found!.low).toBeGreaterThanOrEqual(low);
    expect(found!.high).toBeLessThanOrEqual(high);
    const ascending = mixed(eta, mark, 20).sort();
    expect(withoutSentinels(ascending)).toEqual(
      mixed(eta, mark, 20)
        .filter((x) => x !== mark)
        .sort(),
    );
  });

  test.each<[string, Float64Array]>([
    ["a smooth column", eta],
    ["a long tail", draw(5000, (random) => -50 * Math.log(random()))],
    ["a falling power", draw(5000, (random) => 30 * random() ** -0.8)],
    ["counts", draw(1000, (random) => Math.floor(6 * random() ** 2))],
    ["flags", draw(1000, (random) => Number(random() < 0.01))],
    ["a charge", draw(1000, (random) => (random() < 0.5 ? -1 : 1))],
    ["zeros beside a peak", draw(1000, (random) => (random() < 0.5 ? 0 : 91 + random()))],
    ["one number", new Float64Array(100).fill(-999)],
    ["one outlier", mixed(eta, -999, 1000)],
    ["nothing", new Float64Array(0)],
    ["NaN", new Float64Array(10).fill(Number.NaN)],
  ])("%s has none", (_, values) => {
    expect(sentinels(values)).toEqual([]);
  });

  test("any bulk with a mark far below or above it", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1e6 }),
        fc.constantFrom(0.01, 1, 30),
        fc.constantFrom(-999, -9999, 9999, 99999, -123456),
        fc.integer({ min: 3, max: 40 }),
        (seed, scale, mark, every) => {
          const bulk = draw(400, (random) => scale * (random() + random() + random() - 1.5), seed);
          expect(sentinels(bulk)).toEqual([]);
          const [found] = sentinels(mixed(bulk, mark, every));
          expect(found?.value).toBe(mark);
          expect(found!.between).toBeGreaterThan(Math.min(mark, found!.high));
          expect(found!.between).toBeLessThan(Math.max(mark, found!.low));
        },
      ),
      { numRuns: runs(100) },
    );
  });

  test("widths do not follow them, and a threshold between is told so", async () => {
    await init();
    const selection = cut("eta > -500");
    const clean = { eta };
    const marked = { eta: mixed(eta, -999, 3) };
    expect(autoWidth(selection, [marked]).etaMin).toBeLessThan(1.2 * autoWidth(selection, [clean]).etaMin!);
    const at = { etaMin: -500 };
    const [stuck] = diagnose(selection, [marked, marked], { start: at, end: at, grads: { etaMin: 0 } });
    expect(stuck).toMatchObject({ name: "etaMin", kind: "flat" });
    expect(stuck!.message).toContain(
      "eta is -999 in 668 of 2000 events, far below all others (-2.49 to 2.5)",
    );
    expect(stuck!.message).toContain("eta > fixed(-100)");
    expect(stuck!.message).not.toContain("larger width");
  });
});
