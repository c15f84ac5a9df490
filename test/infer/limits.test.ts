// Upper limits beyond bounds, and limits that do not exist: a number only where there is one.

import fc from "fast-check";
import { beforeAll, describe, expect, it, test } from "vitest";
import { concat } from "../../src/core/elementary/join.js";
import { limitScan } from "../../src/entry/stats.js";
import {
  compile,
  grad,
  histfactory,
  hypotest,
  init,
  type Model,
  normfactor,
  normsys,
  shapesys,
  type Tensor,
  upperLimit,
} from "../../src/index.js";
import { runs } from "../kit/runs.js";
import { one, workspaceOf } from "../kit/statcases.js";

beforeAll(() => init());

const near = (got: number, want: number, relative: number) =>
  expect(Math.abs(got / want - 1), `${got} against ${want}`).toBeLessThan(relative);
/** The same model with another upper bound of mu. */
const bounded = (upper: number | undefined, { signal, background, width, seen }: Counting) => {
  const parameters =
    upper === undefined ? [] : [{ name: "mu", bounds: [[0, upper]], inits: [Math.min(1, upper)] }];
  const w = workspaceOf([one("SR", signal, background, [shapesys("u", width)])], [seen], parameters);
  const model = w.model();
  return { model, data: w.data(model) };
};
interface Counting {
  signal: number[];
  background: number[];
  width: number[];
  seen: number[];
}
const limitOf = ({ model, data }: { model: Model; data: Float64Array }) => upperLimit(data, model);

describe("a limit beyond the bound of the parameter of interest", () => {
  const excess = { signal: [1], background: [5], width: [1], seen: [60] };

  test("is that of the same model with a wide bound", () => {
    const limit = limitOf(bounded(undefined, excess));
    near(limit.observed, 68.74862, 1e-6);
    expect(limit).toMatchObject({ status: "converged", converged: true });
    expect(limit.warnings.join()).toMatch(/beyond 10/);
    for (const upper of [2, 20, 50, 54, 55, 56, 70, 1000]) {
      near(limitOf(bounded(upper, excess)).observed, limit.observed, 1e-9);
    }
    const wide = bounded(1000, excess);
    near(hypotest(limit.observed, wide.data, wide.model).cls, 0.05, 1e-9);
    // The scan of the picture is the same curve.
    const narrow = bounded(undefined, excess);
    const [at] = limitScan([limit.observed], narrow.data, narrow.model).cls;
    near(at!, 0.05, 1e-9);
  });

  test("differentiates as with a wide bound", () => {
    const slope = (upper: number) => {
      const { data } = bounded(upper, excess);
      const f = compile(
        grad((s: Tensor) => {
          const model = histfactory({
            channels: [
              {
                name: "SR",
                samples: [
                  { name: "s", data: s.reshape([1]), modifiers: [normfactor("mu")] },
                  { name: "b", data: [5], modifiers: [shapesys("u", [1])] },
                ],
              },
            ],
            parameters: [{ name: "mu", bounds: [[0, upper]], inits: [1] }],
          });
          return upperLimit(
            concat([model.auxdata()!.mul(0).reshape([1]).add(data[0]!), model.auxdata()!]),
            model,
          ).observed;
        }),
      );
      return f(1) as unknown as number;
    };
    // The limit scales as one over the signal.
    near(slope(10), -68.74862, 1e-6);
    near(slope(1000), -68.74862, 1e-6);
  });

  it("does not depend on the bound, whatever the counts", () => {
    const counts = fc.record({
      signal: fc.double({ min: 0.05, max: 20, noNaN: true }),
      background: fc.double({ min: 1, max: 80, noNaN: true }),
      part: fc.double({ min: 0.02, max: 0.4, noNaN: true }),
      excess: fc.double({ min: -1, max: 40, noNaN: true }),
      upper: fc.double({ min: 0.1, max: 60, noNaN: true }),
    });
    fc.assert(
      fc.property(counts, ({ signal, background, part, excess: more, upper }) => {
        const seen = Math.max(0, Math.round(background + more * Math.sqrt(background)));
        const c = { signal: [signal], background: [background], width: [part * background], seen: [seen] };
        const [narrow, wide] = [limitOf(bounded(upper, c)), limitOf(bounded(1e6, c))];
        expect(narrow.status).toBe(wide.status);
        near(narrow.observed, wide.observed, 1e-7);
        for (const [i, x] of narrow.expected.entries()) near(x, wide.expected[i]!, 1e-7);
      }),
      { numRuns: runs(25), seed: 9 },
    );
  });
});

describe("limits of signals and uncertainties of any size", () => {
  it("stand where CLs is 1 - level, the expected ones in their order", () => {
    const size = (from: number, to: number) =>
      fc.double({ min: from, max: to, noNaN: true }).map((power) => 10 ** power);
    const counting = fc.record({
      signal: size(-3, 9),
      background: size(0, 3),
      part: size(-2, 3.3),
      lo: size(-1, 1),
      hi: size(-2, 1),
      pull: fc.double({ min: -2, max: 2, noNaN: true }),
    });
    let found = 0;
    fc.assert(
      fc.property(counting, ({ signal, background, part, lo, hi, pull }) => {
        const uncertain = [shapesys("u", [part * background]), normsys("n", hi, lo)];
        const seen = Math.max(0, Math.round(background + pull * Math.sqrt(background)));
        const parameters = [{ name: "mu", bounds: [[0, 1e9]], inits: [1] }];
        const w = workspaceOf([one("SR", [signal], [background], uncertain)], [[seen]], parameters);
        const model = w.model();
        const data = w.data(model);
        const limit = upperLimit(data, model);
        for (const [i, x] of [limit.observed, ...limit.expected].entries()) {
          if (limit.statuses[i] !== "converged") continue;
          const there = hypotest(x, data, model);
          if (there.status !== "converged") continue;
          const cls = i === 0 ? there.cls : there.expectedSet[i - 1]!;
          expect(Math.abs(cls / 0.05 - 1), `CLs ${cls} at limit ${i}: ${x}`).toBeLessThan(1e-3);
          found++;
        }
        const known = limit.expected.filter((x) => !Number.isNaN(x));
        expect(known).toEqual([...known].sort((a, b) => a - b));
      }),
      { numRuns: runs(20), seed: 23 },
    );
    expect(found).toBeGreaterThan(runs(20) * 3);
  });
});

describe("a limit that does not exist", () => {
  /** A luminosity known to 100 % scales all there is: CLs levels off. */
  const lumi = workspaceOf(
    [
      one(
        "SR",
        [10],
        [50],
        [{ name: "lumi", type: "lumi", data: null }],
        [{ name: "lumi", type: "lumi", data: null }],
      ),
    ],
    [[60]],
    [{ name: "lumi", auxdata: [1], sigmas: [1], inits: [1], bounds: [[0, 10]] }],
  );
  test("is NaN with a sentence, beside those that do", () => {
    const model = lumi.model();
    const limit = upperLimit(lumi.data(model), model);
    expect(limit.observed).toBeNaN();
    expect(limit.converged).toBe(false);
    expect(limit.statuses).toEqual(["sameSign", "converged", ...Array(4).fill("sameSign")]);
    for (const x of limit.expected.slice(1)) expect(x).toBeNaN();
    near(
      hypotest(limit.expected[0]!, lumi.data(model), lumi.model(), { upper: [10, 100] }).expectedSet[0]!,
      0.05,
      1e-8,
    );
    expect(limit.warnings[0]).toMatch(
      /^no observed limit: CLs goes from 1 at 0 to 0\.2748 at .* cross 0\.05$/,
    );
  });
  test("of no signal at all is none", () => {
    const w = workspaceOf([one("SR", [0], [30], [normsys("n", 1.1, 0.9)])], [[30]]);
    const limit = upperLimit(w.data(w.model()), w.model());
    for (const x of [limit.observed, ...limit.expected]) expect(x).toBeNaN();
    expect(limit.status).toBe("sameSign");
  });
  test("of data that are impossible names channel, bin and samples", () => {
    const w = workspaceOf(
      [one("CR", [1], [5]), one("SR", [3, 0], [4, 0], [normsys("n", 1.1, 0.9)])],
      [[5], [5, 2]],
    );
    const limit = upperLimit(w.data(w.model()), w.model());
    for (const x of [limit.observed, ...limit.expected]) expect(x).toBeNaN();
    expect(limit.impossible).toEqual([
      { channel: "SR", bin: 1, observed: 2, expected: 0, samples: ["bkg", "sig"], held: {} },
    ]);
    expect(limit.warnings.join()).toMatch(
      /bin 1 of channel "SR" holds 2, but nothing is expected there.*"bkg", "sig"/,
    );
  });
  test("far away is found", () => {
    const w = workspaceOf([one("SR", [2e-6], [20], [normsys("n", 1.1, 0.9)])], [[21]]);
    const limit = upperLimit(w.data(w.model()), w.model());
    near(limit.observed, 5.79645e6, 1e-4);
  });
});
