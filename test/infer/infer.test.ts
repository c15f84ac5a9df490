import { beforeAll, describe, expect, it } from "vitest";
import { normCdf } from "../../src/core/elementary/special.js";
import {
  AsymptoticCalculator,
  asymptoticDistribution,
  contour,
  fisherInformation,
  fittedYields,
  fixedPoiFit,
  goodnessOfFit,
  limitScan,
  minos,
  prediction,
  profileGrid,
  profileScan,
  pulls,
  q0,
  qmu,
  qmuTilde,
  ranking,
  ToyCalculator,
  tmu,
  tmuTilde,
} from "../../src/entry/stats.js";
import {
  fit as bestFit,
  compile,
  constantArray,
  discovery,
  expectedCls,
  expectedSignificance,
  histfactory,
  hypotest,
  InferenceError,
  init,
  readWorkspace,
  type Tensor,
  uncertainties,
  uncorrelatedBackground,
  upperLimit,
} from "../../src/index.js";
import { chi2Quantile, chi2Survival } from "../../src/infer/stats/chi2.js";
import { stopwatch } from "../kit/clock.js";
import { example, exampleData, handmade } from "../kit/infermodel.js";

beforeAll(() => init());

const excess = [60, 65, ...exampleData.slice(2)];
const close = (got: number, want: number, relative: number) =>
  expect(Math.abs(got - want), `${got} against ${want}`).toBeLessThanOrEqual(relative * Math.abs(want));
const all = (got: ArrayLike<number>, want: readonly number[], relative: number, absolute = 0) => {
  expect(got.length).toBe(want.length);
  want.forEach((w, i) => {
    expect(Math.abs(got[i]! - w), `[${i}] ${got[i]} against ${w}`).toBeLessThanOrEqual(
      relative * Math.abs(w) + absolute,
    );
  });
};

/** The same model written by hand and as a HistFactory. */
const models = [
  ["by hand", () => example],
  ["HistFactory", () => uncorrelatedBackground([12, 11], [50, 52], [3, 7])],
] as const;

let unasked = 7;

describe.each(models)("pyhf's example, %s", (_, make) => {
  const model = make();

  it("fits", () => {
    const found = bestFit(exampleData, model);
    // Closed form where μ is on its bound: γ = (n + a) / (b + τ).
    const tau = exampleData.slice(2);
    all(found.x, [0, (51 + tau[0]!) / (50 + tau[0]!), (48 + tau[1]!) / (52 + tau[1]!)], 1e-14);
    close(found.value, 24.98393520034068, 1e-13);
    expect(found).toMatchObject({
      status: "converged",
      converged: true,
      message: "converged",
      atBounds: ["mu"],
    });
    expect(found.edm).toBeLessThan(1e-20);
    const fixed = fixedPoiFit(1, exampleData, model);
    all(fixed.x, [1, 0.97224658, 0.87553584], 1e-8);
    close(fixed.value, 28.92218013371644, 1e-13);
    expect(fixed.atBounds).toEqual([]);
  });

  it("test statistics, each with what pyhf warns of", () => {
    const wide = { lower: [-10, 1e-10, 1e-10], upper: [10, 10, 10] };
    close(qmuTilde(1, exampleData, model).value, 3.93824492, 2e-8);
    close(tmuTilde(1, exampleData, model).value, 3.93824492, 2e-8);
    close(tmu(1, exampleData, model, wide).value, 3.9549891, 5e-8);
    close(qmu(1, exampleData, model, wide).value, 3.9549891, 5e-8);
    all(tmu(1, exampleData, model, wide).best, [-0.06679525, 1.00555369, 0.96930896], 0, 2e-4);
    close(q0(excess, model).value, 2.98339447, 2e-7);
    expect(qmuTilde(0.2, excess, model).value).toBe(0);
    expect(tmuTilde(0.2, excess, model).value).toBeGreaterThan(1);
    expect(qmuTilde(1, exampleData, model).warnings).toEqual([]);
    expect(qmu(1, exampleData, model).warnings.join()).toMatch(/bounded below at 0: use qmuTilde/);
    expect(tmuTilde(1, exampleData, model, wide).warnings.join()).toMatch(/bounded below at -10: use tmu$/);
  });

  it("a hypothesis test; pyhf's own fits leave its digits uncertain by 1e-5", () => {
    const test = hypotest(1, exampleData, model);
    all([test.cls, ...test.tail], [0.05251552514611131, 0.02332496269351268, 0.4441536598675688], 1e-11);
    close(test.cls, 0.05251497, 2e-5);
    all(test.expectedSet, [0.00260626, 0.01382005, 0.06445321, 0.23525644, 0.57303621], 7e-5);
    expect(test.expected).toBe(test.expectedSet[2]);
    close(test.teststat, 0.14044637404171761, 1e-10);
    expect(test).toMatchObject({ status: "converged", converged: true, warnings: [] });
    all(test.pars!.fixedPoiFitToAsimov, [1, 0.97276864, 0.87142047], 0, 1e-4);
    all(test.pars!.freeFitToAsimov, [0, 1.00304893, 0.96263365], 0, 1e-4);
    expect(hypotest(0, exampleData, model).cls).toBe(1);
    const clipped = hypotest(1, exampleData, model, { calcBaseDist: "clipped_normal" });
    expect(clipped.cls).toBe(test.cls);
    all(clipped.expectedSet.slice(0, 4), test.expectedSet.slice(0, 4), 1e-14);
    // Beyond the cut of the distribution the band is that of the cut: CLs+b is one half.
    expect(hypotest(0.1, exampleData, model, { calcBaseDist: "clipped_normal" }).expectedSet[4]).toBeLessThan(
      hypotest(0.1, exampleData, model).expectedSet[4]!,
    );
  });

  it("a discovery", () => {
    const found = discovery(excess, model);
    close(found.z ** 2, q0(excess, model).value, 1e-12);
    const test = hypotest(0, excess, model, { testStat: "q0" });
    expect(test.tail).toHaveLength(1);
    close(found.p, test.cls, 1e-14);
    close(found.expected.p, test.expected, 1e-14);
    expect(hypotest(1, excess, model, { testStat: "q0" }).warnings).toEqual(["q0 tests the value 0 only"]);
    expect(discovery(exampleData, model)).toMatchObject({ p: 0.5, z: 0 });
  });

  it("a calculator, step by step as pyhf's", () => {
    const calculator = new AsymptoticCalculator(exampleData, model);
    expect(() => calculator.fittedPars).toThrow(InferenceError);
    const t = calculator.teststatistic(1);
    const [signal, background] = calculator.distributions(1);
    close(signal.pvalue(1), 0.00219262, 1e-4);
    close(background.pvalue(1), 0.15865525, 1e-7);
    const test = hypotest(1, exampleData, model);
    close(calculator.pvalues(t, signal, background).cls, test.cls, 1e-13);
    all(
      calculator.expectedPvalues(signal, background).map(({ cls }) => cls),
      test.expectedSet,
      1e-12,
    );
    expect(calculator.fittedPars).toEqual(test.pars);
    // One-sided p-values of whole standard deviations, tabulated with RooStats.
    const tail = [2.866515718791945e-7, 9.865876450377018e-10, 1.279812543885835e-12, 6.220960574271829e-16];
    all(
      [5, 6, 7, 8].map((n) => asymptoticDistribution(0).pvalue(n)),
      tail,
      1e-13,
    );
    expect(asymptoticDistribution(0, 1).pvalue(0.5)).toBeNaN();
    const toys = new ToyCalculator(exampleData, model, { ntoys: 200 });
    const run = toys.run(1);
    const same = hypotest(1, exampleData, model, { calctype: "toybased", ntoys: 200 });
    expect(toys.pvalues(run.teststat, run.signal, run.background).cls).toBe(same.cls);
  });

  it("upper limits: CLs there is the level", () => {
    const limit = upperLimit(exampleData, model);
    all(
      [limit.observed, ...limit.expected],
      [1.01156939, 0.55988001, 0.75702336, 1.06234693, 1.50116923, 2.05078596],
      1e-5,
    );
    expect(limit).toMatchObject({ status: "converged", warnings: [] });
    close(hypotest(limit.observed, exampleData, model).cls, 0.05, 1e-11);
    limit.expected.forEach((mu, i) => {
      close(hypotest(mu, exampleData, model).expectedSet[i]!, 0.05, 1e-11);
    });
    close(
      hypotest(upperLimit(exampleData, model, { level: 0.9 }).observed, exampleData, model).cls,
      0.1,
      1e-11,
    );
    const scan = limitScan(
      Array.from({ length: 11 }, (_, i) => i / 2),
      exampleData,
      model,
    );
    all(
      [scan.limit, ...scan.expectedLimits],
      [1.0262704738584554, 0.65765653, 0.87999725, 1.12453992, 1.50243428, 2.09232927],
      2e-5,
    );
    close(scan.cls[2]!, hypotest(1, exampleData, model).cls, 1e-9);
    expect(limitScan([3, 4], exampleData, model).limit).toBeNaN();
  });

  it("limits beyond the bounds are looked for, and said", () => {
    const limit = upperLimit([5000, 5100, ...exampleData.slice(2)], model);
    expect(limit.observed).toBeGreaterThan(10);
    expect(limit.warnings.join()).toMatch(/beyond 10/);
  });

  it("uncertainties", () => {
    const found = uncertainties(excess, model);
    const information = fisherInformation(Array.from(found.x), model);
    expect(information.shape).toEqual([3, 3]);
    all(
      found.covariance.data,
      [
        0.32435585862526, -0.0097336294679043, -0.030949551517562, -0.0097336294679043, 0.0034190061282999,
        0.0009287683840414, -0.030949551517562, 0.0009287683840414, 0.0133302120294427,
      ],
      1e-11,
    );
    close(found.stdev[0]!, 0.5695224829848773, 1e-12);
    expect(found.correlation.at(0, 1)).toBeCloseTo(-0.292290026652287, 12);
    const held = uncertainties(excess, model, { hold: { mu: 1 } });
    expect(held.x[0]).toBe(1);
    expect(held.stdev[0]).toBe(0);
    expect(Array.from(held.correlation.data.slice(0, 3))).toEqual([1, 0, 0]);
    // Expected information of Asimov data is the Hessian there.
    const asimov = compile((d: Tensor) => handmade(tensors(d)).expectedData(constantArray([1, 1, 1])))(1);
    const there = uncertainties(asimov as Float64Array, model);
    const inverse = there.covariance;
    const product = [0, 1, 2].map((i) =>
      [0, 1, 2].reduce((s, k) => s + fisherInformation([1, 1, 1], model).at(i, k) * inverse.at(k, i), 0),
    );
    all(product, [1, 1, 1], 1e-10);
  });

  it("MINOS: the likelihood has fallen by one half at the ends", () => {
    const { intervals, value } = minos(excess, model, { parameters: [0, 1, 2] });
    for (const { name, best, down, up } of intervals) {
      for (const end of [down, up]) {
        const there = bestFit(excess, model, { hold: { [name]: best + end } });
        close(there.value - value, 1, 1e-9);
      }
    }
    const wide = minos(excess, model, { level: 0.95 }).intervals[0]!;
    expect(wide).toMatchObject({ atBound: [true, false], down: -wide.best });
    close(
      bestFit(excess, model, { hold: { mu: wide.best + wide.up } }).value - value,
      chi2Quantile(0.95, 1),
      1e-9,
    );
  });

  it("scans, grids and contours", () => {
    const scan = profileScan("mu", excess, model, { range: [0, 2], points: 5 });
    expect(Array.from(scan.axes[0]!)).toEqual([0, 0.5, 1, 1.5, 2]);
    close(scan.rise[0]!, q0(excess, model).value, 1e-10);
    expect(scan.statuses).toEqual(Array(5).fill("converged"));
    const grid = profileGrid(["mu", 1], excess, model, {
      points: [3, 2],
      ranges: [
        [0, 2],
        [0.9, 1.1],
      ],
    });
    expect(grid.rise).toHaveLength(6);
    const one = bestFit(excess, model, { hold: { mu: 1, [grid.names[1]!]: 1.1 } });
    close(grid.rise[3]!, one.value - grid.best.value, 1e-10);
    const curve = contour(["mu", 1], excess, model, { level: 0.3934693402873666, points: 8 });
    for (let a = 0; a < 8; a++) {
      const there = bestFit(excess, model, { hold: { mu: curve.x[a]!, [curve.names[1]]: curve.y[a]! } });
      close(there.value - curve.best.value, 1, 1e-9);
    }
    // Beyond the bound of mu there is no region: the curve follows it.
    const cut = contour([0, 1], excess, model, { level: 0.99, points: 8 });
    expect([...cut.x, ...cut.y].every(Number.isFinite)).toBe(true);
    expect(cut.x.some((x) => x === 0)).toBe(true);
  });

  it("ranking and pulls", () => {
    const { impacts, poi, x, stdev, poiStdev } = {
      ...ranking(excess, model),
      ...uncertainties(excess, model),
    };
    expect([poi, poiStdev, impacts.length]).toEqual(["mu", stdev[0], 2]);
    const first = impacts[0]!;
    expect(Math.abs(first.postfitUp)).toBeGreaterThan(Math.abs(impacts[1]!.postfitUp));
    const moved = bestFit(excess, model, { hold: { [first.name]: first.best + first.stdev } });
    close(first.postfitUp, moved.x[0]! - x[0]!, 1e-9);
    const before = bestFit(excess, model, { hold: { [first.name]: first.best - 7 / 52 } });
    close(first.prefitDown, before.x[0]! - x[0]!, 1e-9);
    const [one, two] = pulls(excess, model).pulls;
    close(one!.prefitStdev, 3 / 50, 1e-12);
    close(two!.pull, (x[2]! - 1) / (7 / 52), 1e-9);
    close(two!.constraint, stdev[2]! / (7 / 52), 1e-9);
  });

  it("goodness of fit and yields", () => {
    const fitted = bestFit(excess, model);
    const good = goodnessOfFit(excess, model);
    expect(good.ndof).toBe(1);
    const normal = compile((z: Tensor) => normCdf(z.neg()).mul(2));
    close(good.p, normal(Math.sqrt(good.chi2)) as unknown as number, 1e-12);
    const yields = fittedYields(excess, model);
    all(yields.prefit.binStdev, [3, 7], 1e-12);
    all(
      yields.postfit.bins,
      [12 * fitted.x[0]! + 50 * fitted.x[1]!, 11 * fitted.x[0]! + 52 * fitted.x[2]!],
      1e-12,
    );
    expect(yields.postfit.channelStdev[0]).toBeGreaterThan(Math.max(...yields.postfit.binStdev));
    expect(goodnessOfFit(excess, model, { fixed: [true, false, false], init: [1, 1, 1] }).ndof).toBe(2);
  });

  it("is traced once for all numbers", () => {
    // A structure that nothing else has asked for: this runs once for each model above.
    const length = unasked++;
    const bins = (v: number) => Array.from({ length }, (_, i) => v + i);
    const fresh = uncorrelatedBackground(bins(10), bins(50), bins(3));
    const timed = (f: () => void) => {
      const took = stopwatch();
      f();
      return took();
    };
    const ask = (n: number) => hypotest(1, [...bins(50 + n), ...fresh.suggestedAuxdata()], fresh);
    const first = timed(() => ask(0));
    const others = timed(() => {
      for (let i = 1; i <= 20; i++) ask(i);
    });
    expect(others).toBeLessThan(3 * first);
  });
});

describe("models of one structure with other names", () => {
  /** Two backgrounds with an uncertainty each, equal but for the names of what they share with nothing. */
  const named = (first: string, second: string) => {
    const sample = (name: string, data: number, modifier: string, up: number) => ({
      name,
      data: [data, 2 * data],
      modifiers: [{ name: modifier, type: "normsys" as const, data: { hi: 1 + up, lo: 1 - up } }],
    });
    return histfactory({
      channels: [
        {
          name: "SR",
          samples: [
            { name: "s", data: [5, 3], modifiers: [{ name: "mu", type: "normfactor" as const, data: null }] },
            sample("b", 20, first, 0.1),
            sample("c", 30, second, 0.3),
          ],
        },
      ],
    });
  };

  it("answer for their own, whichever was asked first", () => {
    const data = [60, 101, 0, 0];
    const [one, two] = [named("a", "b"), named("c", "d")];
    expect(two.key).toBe(one.key);
    const answers = (model: typeof one) => {
      const [, first, second] = model.config.parNames as [string, string, string];
      return [first, second].map((name) => ({
        fit: [...bestFit(data, model, { hold: { [name]: 0.5 } }).x],
        scan: [...profileScan(name, data, model, { range: [0, 1], points: 3 }).rise],
        ends: minos(data, model, { parameters: [name] }).intervals.map(({ down, up }) => [down, up]),
        limit: upperLimit(data, model, { hold: { [name]: 0.5 } }).observed,
        cls: hypotest(1, data, model, { hold: { [name]: 0.5 } }).cls,
      }));
    };
    expect(answers(two)).toEqual(answers(one));
    expect(() => bestFit(data, two, { hold: { a: 0.5 } })).toThrow('no parameter "a"; it has 3: mu, c, d');
  });
});

const tensors = (d: Tensor) => ({
  signal: d.mul(constantArray([12, 11])),
  bkg: d.mul(constantArray([50, 52])),
  uncertainty: d.mul(constantArray([3, 7])),
});

describe("what cabinetry computes", () => {
  const spec = (observed: number) => ({
    channels: [
      {
        name: "Signal Region",
        samples: [
          {
            name: "Signal",
            data: [50],
            modifiers: [
              { name: "staterror_Signal-Region", type: "staterror", data: [5] },
              { name: "Signal strength", type: "normfactor", data: null },
            ],
          },
          {
            name: "Background",
            data: [150],
            modifiers: [{ name: "staterror_Signal-Region", type: "staterror", data: [7] }],
          },
        ],
      },
    ],
    measurements: [{ name: "m", config: { poi: "Signal strength", parameters: [] } }],
    observations: [{ name: "Signal Region", data: [observed] }],
    version: "1.0.0",
  });
  const open = (document: unknown) => {
    const workspace = readWorkspace(document);
    const model = workspace.model();
    return { model, data: [...workspace.observed(), ...model.suggestedAuxdata()] };
  };
  const multibin = open({
    channels: [
      {
        name: "region_1",
        samples: [
          {
            name: "Signal",
            data: [25, 5],
            modifiers: [
              { name: "staterror_region_1", type: "staterror", data: [5, 2] },
              { name: "Signal strength", type: "normfactor", data: null },
            ],
          },
        ],
      },
      {
        name: "region_2",
        samples: [
          {
            name: "Signal",
            data: [8],
            modifiers: [
              { name: "staterror_region_2", type: "staterror", data: [1] },
              { name: "Signal strength", type: "normfactor", data: null },
            ],
          },
        ],
      },
    ],
    measurements: [{ name: "m", config: { poi: "Signal strength", parameters: [] } }],
    observations: [
      { name: "region_1", data: [35, 8] },
      { name: "region_2", data: [10] },
    ],
    version: "1.0.0",
  });

  it("CLs, limits and significances", () => {
    const { model, data } = open(spec(160));
    const upper = Array.from(model.config.suggestedUpper, (v, i) => (i === model.config.poiIndex ? 8 : v));
    const test = hypotest(0.1, data, model, { upper });
    // pyhf's SLSQP at tolerance 1e-12; cabinetry's own digits are MINUIT's, off by up to 1e-4.
    all(
      [test.cls, ...test.expectedSet],
      [0.7808570776, 0.4023816998, 0.5485015106, 0.719355912, 0.8785159519, 0.9716738054],
      1e-8,
    );
    all([test.cls, ...test.expectedSet], [0.780874, 0.402421, 0.548538, 0.719383, 0.87853, 0.971678], 1e-4);
    const found = open(spec(196));
    const z = discovery(found.data, found.model);
    all([z.p, z.z, z.expected.p, z.expected.z], [0.00080517, 3.15402672, 0.00033333, 3.40293444], 1.2e-4);
  });

  it("fits with parameters held, goodness of fit", () => {
    const { model, data } = multibin;
    const found = bestFit(data, model, {
      hold: { "staterror_region_1[0]": 0.9, "staterror_region_1[1]": 1.1 },
    });
    all(found.x, [1.48041923, 0.9, 1.1, 0.97511112], 8e-5);
    all(found.x, [1.48038785, 0.9, 1.1, 0.97517858], 1e-8);
    close(found.value, 10.4531891, 1e-5);
    close(goodnessOfFit(data, model).p, 0.91926079, 1e-5);
  });

  it("standard deviations of yields", () => {
    const stdev = [0.3, 0.1, 0.05, 0.1];
    const correlation = [
      [1, 0.2, 0.2, 0.3],
      [0.2, 1, 0.1, 0.1],
      [0.2, 0.1, 1, 0.3],
      [0.3, 0.1, 0.3, 1],
    ];
    const covariance = correlation.flatMap((row, i) => row.map((c, j) => c * stdev[i]! * stdev[j]!));
    const { binStdev, channelStdev } = prediction([1.3, 0.9, 1.05, 0.95], covariance, multibin.model);
    all([...binStdev, ...channelStdev], [8.056054, 1.670629, 2.775377, 9.59634, 2.775377], 1e-6);
  });
});

describe("expectations before data", () => {
  it("are those of Asimov data at the nominal parameters", () => {
    const model = uncorrelatedBackground([12, 11], [50, 52], [3, 7]);
    const found = compile((d: Tensor) => {
      const t = tensors(d);
      const m = uncorrelatedBackground(t.signal, t.bkg, t.uncertainty);
      return {
        cls: expectedCls(m),
        high: expectedCls(m, { nsigma: 1 }),
        z: expectedSignificance(m),
        background: m.expectedData(constantArray([0, 1, 1])),
      };
    })(1) as unknown as { cls: number; high: number; z: number; background: Float64Array };
    const test = hypotest(1, found.background, model);
    close(found.cls, test.expected, 1e-12);
    close(found.high, test.expectedSet[3]!, 1e-12);
    close(found.z, 2.0021, 0.2);
  });
});

describe("χ²", () => {
  it("survival and quantiles", () => {
    const p = compile((x: Tensor, n: Tensor) => chi2Survival(x, n, 40));
    const cases = [
      [3.841458820694124, 1, 0.05],
      [5.991464547107979, 2, 0.05],
      [18.307038053275146, 10, 0.05],
      [24.99579013972863, 15, 0.05],
      [0, 3, 1],
      [2, 31, 0.999999999999999],
    ] as const;
    for (const [x, n, want] of cases) close(p(x, n) as unknown as number, want, 1e-12);
    expect(p(3, 0)).toBeNaN();
    close(chi2Quantile(0.95, 1), 3.841458820694124, 1e-14);
    close(chi2Quantile(0.95, 2), 5.991464547107979, 1e-14);
  });
});

describe("what cannot be answered", () => {
  const model = uncorrelatedBackground([12, 11], [50, 52], [3, 7]);
  const refused = (f: () => unknown, code: string, words: RegExp) => {
    try {
      f();
    } catch (error) {
      expect(error).toBeInstanceOf(InferenceError);
      expect((error as InferenceError).code).toBe(code);
      expect((error as InferenceError).message).toMatch(words);
      return;
    }
    expect.fail(`not refused: ${code}`);
  };
  const noPoi = histfactory(
    {
      channels: [
        {
          name: "c",
          samples: [
            { name: "s", data: [5], modifiers: [{ name: "a", type: "normsys", data: { hi: 1.1, lo: 0.9 } }] },
          ],
        },
      ],
    },
    { poi: null },
  );

  it("is refused with a sentence", () => {
    refused(() => bestFit([51, 48], model), "infer.data", /needs 2 bins and 2 auxiliary data.*append/);
    refused(() => bestFit([51, Number.NaN, 1, 1], model), "infer.data-value", /bin 1 of the data is NaN/);
    refused(() => bestFit([51, -1, 1, 1], model), "infer.data-value", /-1.*not negative/);
    refused(
      () => fixedPoiFit(-1, exampleData, model),
      "infer.bounds",
      /'mu' is held at -1, outside its bounds 0 to 10/,
    );
    refused(() => hypotest(10.1, exampleData, model), "infer.bounds", /10\.1/);
    refused(() => hypotest(-1, exampleData, model), "infer.bounds", /-1/);
    refused(() => bestFit(exampleData, model, { init: [11, 1, 1] }), "infer.bounds", /mu/);
    refused(() => bestFit(exampleData, model, { lower: [0] }), "infer.length", /'lower' has 1/);
    refused(
      () => bestFit(exampleData, model, { hold: { nu: 1 } }),
      "infer.parameter",
      /no parameter "nu".*mu, /,
    );
    refused(() => hypotest(1, [5, 0], noPoi), "infer.poi", /no parameter of interest/);
    refused(
      () => hypotest(1, exampleData, model, { fixed: [true, false, false] }),
      "infer.poi-fixed",
      /'mu' is fixed/,
    );
    refused(
      () => hypotest(1, exampleData, model, { testStat: "q" as "q0", calcBaseDist: "normals" as "normal" }),
      "infer.option",
      /calcBaseDist.*normals.*clipped_normal/,
    );
    for (const level of [1, 0.5, 0, Number.NaN])
      refused(
        () => upperLimit(exampleData, model, { level }),
        "infer.level",
        new RegExp(`'level' is ${level}`),
      );
    for (const ask of [upperLimit, limitScan.bind(null, [1])])
      refused(
        () => ask(exampleData, model, { level: 0.05 }),
        "infer.level",
        /write 0\.95 for pyhf's level 0\.05$/,
      );
    for (const level of [0, 1, 95])
      refused(() => minos(exampleData, model, { level }), "infer.level", new RegExp(`'level' is ${level},`));
    refused(() => contour([0, 1], exampleData, model, { level: 1 }), "infer.level", /'level' is 1,/);
    refused(() => upperLimit(exampleData, model, { testStat: "q0" }), "infer.option", /q0/);
    refused(() => profileScan("mu", exampleData, model, { points: 0 }), "infer.scan", /0/);
    refused(() => profileScan("mu", exampleData, model, { values: [-3] }), "infer.bounds", /-3/);
    refused(() => contour([0, "mu"], exampleData, model), "infer.parameter", /two different/);
    refused(() => hypotest(1, exampleData, model, { calctype: "toybased", ntoys: 0 }), "infer.toys", /ntoys/);
  });

  it("a Hessian that is singular, and parameters that are all fixed", () => {
    const twice = histfactory({
      channels: [
        {
          name: "c",
          samples: [
            {
              name: "s",
              data: [5],
              modifiers: [
                { name: "mu", type: "normfactor", data: null },
                { name: "nu", type: "normfactor", data: null },
              ],
            },
          ],
        },
      ],
    });
    refused(() => uncertainties([8], twice), "infer.singular", /mu, nu have no uncertainty/);
    const still = bestFit(exampleData, model, { fixed: [true, true, true] });
    expect(still).toMatchObject({ status: "converged", converged: true });
    expect(Array.from(still.x)).toEqual([1, 1, 1]);
  });

  it("a bin without expectation that has data: the status says it", () => {
    const empty = histfactory({
      channels: [
        {
          name: "c",
          samples: [{ name: "s", data: [0, 5], modifiers: [{ name: "mu", type: "normfactor", data: null }] }],
        },
      ],
    });
    const found = bestFit([3, 5], empty);
    expect(found).toMatchObject({ status: "notFinite", converged: false });
    expect(found.warnings[0]).toMatch(/did not converge.*not finite/);
    expect(bestFit([0, 5], empty)).toMatchObject({ status: "converged" });
    // Without signal the second bin expects nothing: there are no Asimov data of background.
    const test = hypotest(1, [0, 5], empty);
    expect(test).toMatchObject({ status: "notFinite", cls: Number.NaN, expected: Number.NaN });
    expect(test.warnings[0]).toMatch(/not finite/);
  });
});
