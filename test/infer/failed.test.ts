// Fits that have no answer: no number outside traces and inside, derivatives that are NaN, and a sentence with the bin.

import fc from "fast-check";
import { beforeAll, describe, expect, it, test } from "vitest";
import { stack } from "../../src/core/elementary/join.js";
import {
  fittedYields,
  fixedPoiFit,
  goodnessOfFit,
  limitScan,
  minos,
  profileScan,
  pulls,
  qmuTilde,
  ranking,
} from "../../src/entry/stats.js";
import {
  adam,
  fit as bestFit,
  compile,
  discovery,
  expectedCls,
  expectedHypotest,
  expectedSignificance,
  hist,
  histfactory,
  histosys,
  hypotest,
  init,
  normfactor,
  normsys,
  type Tensor,
  table,
  train,
  uncertainties,
  upperLimit,
  valueAndGrad,
} from "../../src/index.js";
import { runs } from "../kit/runs.js";
import { one, workspaceOf } from "../kit/statcases.js";

beforeAll(() => init());

/** s in the first bin times `part`, b nowhere in it. */
const traced = (part: Tensor) =>
  histfactory({
    channels: [
      {
        name: "c",
        samples: [
          { name: "s", data: stack([part.mul(5), part.mul(0).add(5)]), modifiers: [normfactor("mu")] },
          {
            name: "b",
            data: stack([part.mul(0), part.mul(50)]),
            modifiers: [histosys("a", [0, 55], [0, 45])],
          },
        ],
      },
    ],
  });

/** What is asked of this model and of what it expects. */
function asked<R>(part: Tensor, ask: (data: Tensor, model: ReturnType<typeof traced>) => R): R {
  const model = traced(part);
  return ask(model.expectedData(model.init()), model);
}

describe("a fit without an answer inside a traced function", () => {
  const cases: [string, (part: Tensor) => Tensor][] = [
    ["expectedSignificance", (p) => expectedSignificance(traced(p))],
    ["expectedCls", (p) => expectedCls(traced(p), { testStat: "q0" })],
    ["discovery", (p) => asked(p, discovery).z],
    ["p0", (p) => asked(p, discovery).p],
    ["CLs", (p) => asked(p, (d, m) => hypotest(1, d, m)).cls],
    ["expected CLs", (p) => asked(p, (d, m) => hypotest(1, d, m)).expected],
    ["limit", (p) => asked(p, upperLimit).observed],
    ["background-only fit", (p) => asked(p, (d, m) => fixedPoiFit(0, d, m)).value],
    ["q", (p) => asked(p, (d, m) => qmuTilde(0, d, m)).value],
    ["chi2", (p) => asked(p, (d, m) => goodnessOfFit(d, m, { hold: { mu: 0 } })).chi2],
    ["standard deviation", (p) => asked(p, (d, m) => uncertainties(d, m, { hold: { mu: 0 } })).stdev.sum()],
  ];
  test.each(cases)("%s is NaN, and so is its gradient", (_, f) => {
    const { value, grads } = compile(valueAndGrad(f))(1);
    expect([value, grads]).toEqual([Number.NaN, Number.NaN]);
  });

  test("has its status in the result", () => {
    const ask = compile((p: Tensor) => expectedHypotest(traced(p), { testStat: "q0" }));
    expect(ask(1)).toMatchObject({ status: 2, sqrtqA: Number.NaN, cls: Number.NaN });
    const sound = compile((p: Tensor) => {
      const model = histfactory({
        channels: [
          {
            name: "c",
            samples: [
              { name: "s", data: p.reshape([1]).mul(5), modifiers: [normfactor("mu")] },
              { name: "b", data: [50], modifiers: [normsys("n", 1.1, 0.9)] },
            ],
          },
        ],
      });
      const { status, sqrtqA, cls } = expectedHypotest(model, { testStat: "q0" });
      return {
        status,
        sqrtqA,
        cls,
        z: expectedSignificance(model),
        p: expectedCls(model, { testStat: "q0" }),
      };
    })(1);
    expect(sound.status).toBe(0);
    expect(sound.sqrtqA).toBe(sound.z);
    expect(sound.cls).toBe(sound.p);
  });

  test("ends a training, which names channel, bin and sample", async () => {
    const spread = (from: number, to: number) =>
      table(
        { x: Float64Array.from({ length: 500 }, (_, i) => from + ((to - from) * (i + 0.5)) / 500) },
        { dtype: "f64" },
      );
    const data = { s: spread(0.2, 1), b: spread(0, 0.3) };
    const loss = (p: { shift: Tensor }, e: { s: { x: Tensor }; b: { x: Tensor } }) => {
      const bins = (x: Tensor, n: number) =>
        hist(x, { bins: 4, range: [0, 1], bandwidth: 0.01 }).mul(n / 500);
      const [s, b] = [bins(e.s.x.add(p.shift), 20), bins(e.b.x, 100)];
      const model = histfactory({
        channels: [
          {
            name: "score",
            samples: [
              { name: "signal", data: s, modifiers: [normfactor("mu")] },
              { name: "fakes", data: b, modifiers: [histosys("a", b.mul(1.1), b.mul(0.9))] },
            ],
          },
        ],
      });
      return expectedSignificance(model).neg();
    };
    const result = await train(loss, { params: { shift: 0 }, data, optimizer: adam(0.01), steps: 5 });
    expect(result).toMatchObject({ status: "notFinite", steps: 0 });
    expect(result.message).toMatch(
      /bin [123] of channel "score" holds .*, but .* expected there \(sample "fakes"\)/,
    );
  });
});

describe("data that are impossible", () => {
  /** Nothing is expected in one bin of one channel, whatever the parameters are; something was seen there. */
  const place = fc.record({
    channels: fc.integer({ min: 1, max: 3 }),
    bins: fc.integer({ min: 1, max: 4 }),
    at: fc.nat(),
    seen: fc.integer({ min: 1, max: 9 }),
    negative: fc.boolean(),
  });

  it("have no number in any answer, and their channel and bin are named", () => {
    fc.assert(
      fc.property(place, ({ channels, bins, at, seen, negative }) => {
        const cell = at % (channels * bins);
        const [c, b] = [Math.floor(cell / bins), cell % bins];
        const fill = (f: (here: boolean) => number, channel: number) =>
          Array.from({ length: bins }, (_, bin) => f(channel === c && bin === b));
        const specs = Array.from({ length: channels }, (_, i) =>
          one(
            `C${i}`,
            fill((here) => (here ? 0 : 2), i),
            fill((here) => (here ? (negative ? -0.5 : 0) : 10), i),
            [normsys("n", 1.1, 0.9)],
          ),
        );
        const w = workspaceOf(
          specs,
          specs.map((_, i) => fill((here) => (here ? seen : 11), i)),
        );
        const model = w.model();
        const data = w.data(model);
        const named = { channel: `C${c}`, bin: b, observed: seen };
        const best = bestFit(data, model);
        expect(best.impossible[0]).toMatchObject(named);
        expect(best.failure).toMatch(`bin ${b} of channel "C${c}" holds ${seen}, but`);
        const answers: [{ readonly impossible: readonly object[]; readonly converged: boolean }, number[]][] =
          [[best, [...best.x, best.value]]];
        const test = hypotest(1, data, model);
        answers.push([test, [test.cls, ...test.tail, ...test.expectedSet, test.teststat]]);
        const limit = upperLimit(data, model);
        answers.push([limit, [limit.observed, ...limit.expected]]);
        const z = discovery(data, model);
        answers.push([z, [z.p, z.z, z.expected.p, z.expected.z]]);
        const good = goodnessOfFit(data, model);
        answers.push([good, [good.chi2, good.p]]);
        const sigma = uncertainties(data, model);
        answers.push([sigma, [...sigma.stdev, ...sigma.covariance.data]]);
        const q = qmuTilde(1, data, model);
        answers.push([q, [q.value]]);
        const ends = minos(data, model);
        answers.push([ends, [ends.intervals[0]!.up, ends.intervals[0]!.down]]);
        const pulled = pulls(data, model);
        answers.push([pulled, pulled.pulls.map((p) => p.pull)]);
        const y = fittedYields(data, model);
        answers.push([y, [...y.postfit.bins, ...y.postfit.binStdev]]);
        answers.push([ranking(data, model), []]);
        const scan = profileScan("mu", data, model, { values: [0.5, 1] });
        answers.push([scan.best, [...scan.rise]]);
        for (const [found, numbers] of answers) {
          expect(found.converged).toBe(false);
          expect(found.impossible[0]).toMatchObject(named);
          for (const x of numbers) expect(x).toBeNaN();
        }
        expect(Array.from(limitScan([0.5, 1], data, model).cls)).toEqual([Number.NaN, Number.NaN]);
      }),
      { numRuns: runs(4), seed: 14 },
    );
  });

  test("without signal only: the background-only hypothesis is named", () => {
    const w = workspaceOf([one("SR", [3, 2], [10, -0.5], [normsys("n", 1.1, 0.9)])], [[11, 1]]);
    const model = w.model();
    expect(bestFit(w.data(model), model).converged).toBe(true);
    const found = hypotest(1, w.data(model), model);
    expect(found.impossible).toEqual([
      { channel: "SR", bin: 1, observed: 1, expected: -0.5, samples: ["bkg"], held: { mu: 0 } },
    ]);
    expect(found.failure).toMatch(/-0\.5 is expected there where mu is 0 \(sample "bkg"\)/);
  });
});

describe("toys", () => {
  test("of a degenerate model have no CLs above 1", () => {
    const k = normfactor("k");
    const w = workspaceOf([one("SR", [5, 7], [10, 14], [k])], [[16, 22]]);
    const model = w.model();
    for (const seed of [0, 1, 2]) {
      const found = hypotest(1, w.data(model), model, { calctype: "toybased", ntoys: 200, seed });
      for (const x of [found.cls, ...found.expectedSet]) expect(x).toBeLessThanOrEqual(1);
    }
  });
});
