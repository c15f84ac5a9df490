// Parameters at and near their bounds: uncertainties, intervals, impacts and regions of what is free.

import fc from "fast-check";
import { beforeAll, describe, expect, it, test } from "vitest";
import {
  contour,
  fittedYields,
  goodnessOfFit,
  minos,
  profileScan,
  pulls,
  ranking,
} from "../../src/entry/stats.js";
import {
  fit as bestFit,
  hypotest,
  init,
  normsys,
  shapesys,
  uncertainties,
  upperLimit,
  type Workspace,
} from "../../src/index.js";
import { runs } from "../kit/runs.js";
import { one, workspaceOf } from "../kit/statcases.js";

beforeAll(() => init());

const near = (got: number, want: number, relative = 1e-6) =>
  expect(Math.abs(got - want), `${got} against ${want}`).toBeLessThanOrEqual(
    relative * Math.abs(want) + 1e-12,
  );
const asked = (w: Workspace) => {
  const model = w.model();
  return { model, data: w.data(model) };
};

describe("a minimum on a bound", () => {
  /** Two counts of nothing: mu rests on 0 with a slope. */
  const empty = asked(
    workspaceOf([one("SR", [2], [0.5], [normsys("n", 1.3, 0.7)], [normsys("acc", 1.2, 0.8)])], [[0]]),
  );

  test("leaves the others their standard deviations, and has an interval to one side", () => {
    const { model, data } = empty;
    const found = uncertainties(data, model);
    expect(found.names).toEqual(["mu", "n", "acc"]);
    expect(Array.from(found.held)).toEqual([1, 0, 0]);
    expect(found.stdev[0]).toBeNaN();
    const without = uncertainties(data, model, { hold: { mu: 0 } });
    near(found.stdev[1]!, without.stdev[1]!, 1e-12);
    near(found.stdev[2]!, 1, 1e-9);
    const [mu] = minos(data, model).intervals;
    expect([mu!.down, mu!.atBound]).toEqual([0, [true, false]]);
    near(bestFit(data, model, { hold: { mu: mu!.up } }).value - found.value, 1, 1e-8);
    expect(pulls(data, model).pulls.map(({ name }) => name)).toEqual(["n", "acc"]);
    expect(fittedYields(data, model).postfit.binStdev[0]!).toBeCloseTo(0.16, 2);
    expect(Math.max(...profileScan("mu", data, model).axes[0]!)).toBeCloseTo(2 * mu!.up, 9);
    expect(ranking(data, model)).toMatchObject({ status: "converged", poiStdev: Number.NaN });
    expect(goodnessOfFit(data, model)).toMatchObject({ status: "converged" });
  });

  test("where almost nothing is seen", () => {
    const w = workspaceOf([one("SR", [0.3535], [0.46], [normsys("u", 1.21, 0.79)])], [[9.99999993922529e-9]]);
    const { model, data } = asked(w);
    const [mu] = minos(data, model).intervals;
    expect(mu!.stdev).toBeNaN();
    near(mu!.up, 1.414427, 1e-6);
  });

  it("is one-sided for any counts of nothing: the interval ends where the likelihood has risen by 1", () => {
    const yields = fc.array(
      fc.tuple(fc.double({ min: 0.05, max: 5, noNaN: true }), fc.double({ min: 0.01, max: 3, noNaN: true })),
      {
        minLength: 2,
        maxLength: 2,
      },
    );
    fc.assert(
      fc.property(yields, fc.double({ min: 0.05, max: 0.9, noNaN: true }), (bins, size) => {
        const [s, b] = [bins.map(([x]) => x), bins.map(([, x]) => x)];
        const widths = b.map((x) => x * size);
        const { model, data } = asked(workspaceOf([one("SR", s, b, [shapesys("u", widths)])], [[0, 0]]));
        const found = uncertainties(data, model);
        const still = uncertainties(data, model, { hold: { mu: 0 } });
        expect(Array.from(found.held)).toEqual([1, 0, 0]);
        for (const i of [1, 2]) near(found.stdev[i]!, still.stdev[i]!, 1e-9);
        const [mu] = minos(data, model).intervals;
        near(
          bestFit(data, model, { hold: { mu: mu!.up }, upper: [1e9, 10, 10] }).value - found.value,
          1,
          1e-7,
        );
      }),
      { numRuns: runs(25), seed: 15 },
    );
  });
});

describe("a bin that expects next to nothing", () => {
  it("changes no answer", () => {
    const tiny = fc.integer({ min: -323, max: -140 }).map((e) => Number(`1e${e}`));
    const without = asked(workspaceOf([one("SR", [2], [4], [normsys("n", 1.1, 0.9)])], [[5]]));
    const [want, limit] = [hypotest(1, without.data, without.model), upperLimit(without.data, without.model)];
    fc.assert(
      fc.property(tiny, tiny, (s, b) => {
        const { model, data } = asked(
          workspaceOf([one("SR", [s, 2], [b, 4], [normsys("n", 1.1, 0.9)])], [[0, 5]]),
        );
        const found = hypotest(1, data, model);
        [found.cls, ...found.expectedSet].forEach((x, i) => {
          near(x, [want.cls, ...want.expectedSet][i]!, 1e-9);
        });
        near(upperLimit(data, model).observed, limit.observed, 1e-7);
      }),
      { numRuns: runs(15), seed: 30 },
    );
  });
});

describe("impacts of parameters whose standard deviation leaves their bounds", () => {
  const wide = asked(
    workspaceOf(
      [
        {
          name: "SR",
          samples: [
            ...one("", [10, 5], [20, 8], [shapesys("u", [1, 2])]).samples,
            { name: "b2", data: [1, 1], modifiers: [shapesys("v", [2, 1.5])] },
          ],
        },
      ],
      [[33, 14]],
    ),
  );

  test("are those of the bound, and marked", () => {
    const { impacts, status } = ranking(wide.data, wide.model);
    expect(status).toBe("converged");
    expect(impacts.map(({ name }) => name)).toEqual(["v[0]", "u[1]", "v[1]", "u[0]"]);
    const [v] = impacts;
    near(v!.postfitDown, 0.0771529, 1e-4);
    expect(v!.atBound).toEqual({ prefitUp: false, prefitDown: true, postfitUp: false, postfitDown: true });
    expect(impacts[1]!.atBound.postfitDown).toBe(false);
  });

  it("are what a fit with the parameter held there gives, whatever the widths", () => {
    const width = fc.double({ min: 0.2, max: 3, noNaN: true });
    fc.assert(
      fc.property(fc.tuple(width, width), fc.tuple(fc.nat(30), fc.nat(30)), ([a, b], seen) => {
        const { model, data } = asked(
          workspaceOf([one("SR", [4, 6], [5, 2], [shapesys("u", [5 * a, 2 * b])])], [seen]),
        );
        const found = ranking(data, model);
        const mu = found.x[0]!;
        for (const impact of found.impacts) {
          const ends = minos(data, model, { parameters: [impact.name] }).intervals[0]!;
          const held = Number.isNaN(impact.stdev);
          for (const [move, step] of [
            ["postfitUp", held ? ends.up : impact.stdev],
            ["postfitDown", held ? ends.down : -impact.stdev],
          ] as const) {
            const to = Math.min(10, Math.max(1e-10, impact.best + step));
            expect(impact.atBound[move]).toBe(
              impact.best + step < 1e-10 || impact.best + step > 10 || (held && step === 0),
            );
            const there = bestFit(data, model, { hold: { [impact.name]: to } });
            expect(Math.abs(impact[move] - (there.x[0]! - mu))).toBeLessThan(1e-6);
          }
        }
      }),
      { numRuns: runs(12), seed: 12 },
    );
  });
});

describe("a region that bounds cut", () => {
  it("follows them: each point has the rise, or lies on a bound below it", () => {
    const count = fc.nat(14);
    fc.assert(
      fc.property(fc.tuple(count, count), fc.double({ min: 0.1, max: 1.2, noNaN: true }), (seen, size) => {
        const { model, data } = asked(
          workspaceOf([one("SR", [3, 1], [4, 6], [normsys("n", 1 + size, 1 / (1 + size))])], [seen]),
        );
        const found = contour(["mu", "n"], data, model, { level: 0.68, points: 12 });
        const target = 2 * -Math.log(1 - 0.68);
        found.x.forEach((mu, i) => {
          const n = found.y[i]!;
          expect(Number.isFinite(mu + n)).toBe(true);
          const rise = bestFit(data, model, { hold: { mu, n } }).value - found.best.value;
          const onBound = mu === 0 || mu === 10 || Math.abs(n) === 5;
          if (onBound) expect(rise).toBeLessThan(target + 1e-8);
          else near(rise, target, 1e-8);
        });
        // The curve goes around the best fit.
        expect(Math.max(...found.x)).toBeGreaterThan(found.best.x[found.best.names.indexOf("mu")]!);
      }),
      { numRuns: runs(12), seed: 22 },
    );
  });
});
