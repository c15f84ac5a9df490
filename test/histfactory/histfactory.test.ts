import { beforeAll, describe, expect, test } from "vitest";
import { SpecError } from "../../src/histfactory/document/specerror.js";
import type { Spec } from "../../src/histfactory/model/config.js";
import {
  compile,
  correlatedBackground,
  histfactory,
  init,
  type Model,
  type Tensor,
  uncorrelatedBackground,
} from "../../src/index.js";
import { flat } from "../kit/flat.js";
import {
  close,
  evaluate,
  expectedMain,
  free,
  histosys,
  type Modifiers,
  mu,
  normsys,
  one,
  sample,
  shapesys,
  staterror,
  withAuxdata,
} from "../kit/modelhelp.js";

beforeAll(() => init());

describe("configuration", () => {
  // par_order, par_names, suggested_*, auxdata of pyhf 0.7.6 for this specification.
  const spec: Spec = {
    channels: [
      {
        name: "b_region",
        samples: [
          sample("sig", [5, 6], [mu, normsys("zeta"), { name: "lumi", type: "lumi", data: null }]),
          sample(
            "Bkg",
            [50, 60],
            [staterror("stat_z", [5, 6]), histosys("shape", [45, 55], [52, 66]), normsys("alpha")],
          ),
        ],
      },
      {
        name: "Control",
        samples: [
          sample(
            "bkg",
            [100],
            [normsys("shape"), { name: "k", type: "normfactor", data: null }, staterror("stat_a", [4])],
          ),
          sample("fake", [10], [shapesys("own", [2]), { name: "free", type: "shapefactor", data: null }]),
        ],
      },
    ],
    parameters: [
      { name: "lumi", auxdata: [1], sigmas: [0.02], inits: [1], bounds: [[0.9, 1.1]] },
      { name: "alpha", inits: [0.5], fixed: true },
      { name: "k", bounds: [[0, 3]], inits: [1.5] },
      { name: "own", auxdata: [30] },
    ],
  };
  const config = () => histfactory(spec).config;

  test("names and order", () => {
    const { channels, samples, modifiers, parOrder, parNames } = config();
    expect(channels).toEqual(["Control", "b_region"]);
    expect(samples).toEqual(["Bkg", "bkg", "fake", "sig"]);
    expect(modifiers.slice(0, 4)).toEqual([
      ["alpha", "normsys"],
      ["free", "shapefactor"],
      ["k", "normfactor"],
      ["lumi", "lumi"],
    ]);
    expect(parOrder).toEqual([
      "shape",
      "lumi",
      "k",
      "mu",
      "alpha",
      "zeta",
      "free",
      "own",
      "stat_a",
      "stat_z",
    ]);
    expect(parNames).toEqual([
      "shape",
      "lumi",
      "k",
      "mu",
      "alpha",
      "zeta",
      "free[0]",
      "own[0]",
      "stat_a[0]",
      "stat_z[0]",
      "stat_z[1]",
    ]);
  });

  test("starts, bounds, what is fixed, auxiliary data", () => {
    const model = histfactory(spec);
    const { suggestedInit, suggestedLower, suggestedUpper, npars, nmaindata, nauxdata } = model.config;
    expect([npars, nmaindata, nauxdata]).toEqual([11, 3, 8]);
    expect([...suggestedInit]).toEqual([0, 1, 1.5, 1, 0.5, 0, 1, 1, 1, 1, 1]);
    expect([...suggestedLower]).toEqual([-5, 0.9, 0, 0, -5, -5, 0, 1e-10, 1e-10, 1e-10, 1e-10]);
    expect([...suggestedUpper]).toEqual([5, 1.1, 3, 10, 5, 5, 10, 10, 10, 10, 10]);
    expect(free(model)).toEqual([1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1]);
    expect(model.suggestedFixed().indexOf(true)).toBe(4);
    expect([...model.suggestedAuxdata()]).toEqual([0, 1, 0, 0, 30, 1, 1, 1]);
    expect(model.config.poiIndex).toBe(3);
    expect(model.config.parSlice("stat_z")).toEqual([9, 11]);
    expect(model.config.channelSlice("b_region")).toEqual([1, 3]);
    expect(histfactory(spec, { poi: "k" }).config.poiName).toBe("k");
    expect(histfactory(spec, { poi: null }).config.poiIndex).toBeNull();
    expect(() => model.config.paramSet("nu")).toThrow(/no parameter 'nu'; it has shape, lumi/);
  });

  test("expectations and likelihoods", () => {
    const model = histfactory(spec);
    const pars = model.config.suggestedInit.map((v, i) => v + 0.01 * i);
    const main = [175.502, 62.629962832117805, 75.78790924319482];
    close(expectedMain(model, pars), main, 1e-14);
    const all = evaluate(model, (m, p) => m.expectedData(p), pars) as unknown as Float64Array;
    close(all, [...main, 0, 1.01, 0.54, 0.05, 26.75, 1.08, 1.09, 1.1], 1e-14);
    const data = withAuxdata(model, [155, 50, 70]);
    const parts = (m: Model, p: Tensor, d: Tensor) => [
      m.logpdf(p, d),
      m.constraintLogpdf(p, d.slice(3, 11)),
      m.mainLogpdf(p, d.slice(0, 3)),
      m.pdf(p, d).log(),
      m.nll(p, d).neg(),
    ];
    const [sum, constraint, mainPart] = [-12.890795140766684, -0.68575286471797, -12.205042276048715];
    close(evaluate(model, parts, pars, data) as number[], [sum, constraint, mainPart, sum, sum], 1e-13);
  });

  test("the order of channels, samples and modifiers in the document does not matter", () => {
    const reversed: Spec = {
      ...spec,
      channels: [...spec.channels].reverse().map(({ name, samples }) => ({
        name,
        samples: [...samples].reverse().map((s) => ({ ...s, modifiers: [...s.modifiers].reverse() })),
      })),
    };
    const [a, b] = [histfactory(spec), histfactory(reversed)];
    expect(b.config.parNames).toEqual(a.config.parNames);
    const pars = a.config.suggestedInit.map((v, i) => v + 0.01 * i);
    expect(expectedMain(b, pars)).toEqual(expectedMain(a, pars));
  });
});

describe("bins without events or uncertainty, as pyhf", () => {
  const background = (
    data: number[],
    modifier: Modifiers[number],
    signal = data.map(() => 1),
    more: Modifiers = [],
  ): Spec => ({
    channels: [{ name: "SR", samples: [sample("s", signal, [mu, ...more]), sample("b", data, [modifier])] }],
  });

  test("shapesys: factor 1, fixed", () => {
    const model = histfactory(background([100, 90, 0, 70, 0.1, 50], shapesys("u", [10, 9, 1, 0, 0.1, 5])));
    close(model.suggestedAuxdata(), [100, 100, 1, 1, 1, 100], 1e-14);
    expect(free(model)).toEqual([1, 1, 1, 0, 0, 1, 1]);
    expect(model.suggestedFixed().map(Number)).toEqual([0, 0, 0, 1, 1, 0, 0]);
    const auxdata = evaluate(model, (m) => m.auxdata()!) as unknown as Float64Array;
    expect([...auxdata]).toEqual([...model.suggestedAuxdata()]);
    const logpdf = (m: Model, p: Tensor) => m.logpdf(p, m.expectedData(p).add(0.25));
    close([evaluate(model, logpdf) as number], [-27.67647116303145], 1e-13);
  });

  test("staterror: width 1, fixed", () => {
    const model = histfactory(background([100, 0, 50, 8], staterror("u", [10, 1, 0, 2])));
    expect(free(model)).toEqual([1, 1, 0, 0, 1]);
    const logpdf = (m: Model, p: Tensor) => m.logpdf(p, m.expectedData(p).add(0.25));
    close([evaluate(model, logpdf) as number], [-12.96134388864129], 1e-13);
    const shared = staterror("u", [1, 1, 0, 0]);
    const both = histfactory(
      background([100, 0, 50, 0], staterror("u", [10, 1, 0, 2]), [5, 3, 0, 0], [shared]),
    );
    expect(free(both)).toEqual([1, 1, 1, 0, 0]);
    expect(both.suggestedFixed().map(Number)).toEqual([0, 0, 0, 1, 1]);
    const pull = evaluate(
      both,
      (m, p, d) => m.constraintLogpdf(p.add(0.1), d),
      undefined,
      both.suggestedAuxdata(),
    ) as number;
    const widths = [0.09571310115353228, 0.4714045207910317, 1, 1];
    const wanted = widths.map((w) => -Math.log(w * Math.sqrt(2 * Math.PI)) - 0.5 * (0.1 / w) ** 2);
    close([pull], [wanted.reduce((a, b) => a + b)], 1e-13);
  });

  test("data where nothing is expected are impossible, and nothing there is certain", () => {
    const model = histfactory(background([0, 5], shapesys("u", [0, 1]), [0, 1]));
    const at = (n: number) => evaluate(model, (m, p, d) => m.mainLogpdf(p, d), undefined, [n, 6]) as number;
    expect(at(1)).toBe(Number.NEGATIVE_INFINITY);
    expect(at(0)).toBeCloseTo(6 * Math.log(6) - 6 - Math.log(720), 13);
  });
});

describe("interpolation", () => {
  const rates = (interpcodes: object, alpha: number) =>
    expectedMain(histfactory(one(histosys("h", [8, 21], [15, 16]), normsys("n")), { interpcodes }), [
      alpha,
      1,
      alpha,
    ]);

  test("code2c is code2 without its steps", () => {
    const codes = (histosys: string) => ({ normsys: "code1", histosys });
    for (const edge of [-1, 1]) {
      const [inside, outside] = [edge * (1 - 1e-9), edge * (1 + 1e-9)];
      const gap = (code: string) => rates(codes(code), outside)[0]! - rates(codes(code), inside)[0]!;
      expect(Math.abs(gap("code2c"))).toBeLessThan(1e-6);
      expect(Math.abs(gap("code2"))).toBeGreaterThan(1);
    }
    expect(rates(codes("code2c"), 0.7)).toEqual(rates(codes("code2"), 0.7));
  });

  test("all codes give nominal, up and down", () => {
    for (const normsys of ["code1", "code4"]) {
      for (const histosys of ["code0", "code2", "code2c", "code4p"]) {
        const codes = { normsys, histosys };
        close(rates(codes, 0), [10, 20], 1e-15);
        close(rates(codes, 1), [15 * 1.1, 16 * 1.1], 1e-14);
        close(rates(codes, -1), [8 * 0.9, 21 * 0.9], 1e-14);
      }
    }
  });

  test("an unknown code is refused with those that exist", () => {
    const refused = (interpcodes: object) => () => histfactory(one(), { interpcodes });
    expect(refused({ normsys: "code0" })).toThrow(/normsys.*code1, code4.*"code0"/);
    expect(refused({ histosys: "code4" })).toThrow(/histosys.*code0, code2, code2c, code4p.*"code4"/);
    expect(refused({ histosys: "toString" })).toThrow(SpecError);
  });
});

test("expected events are clipped as pyhf does, by sample or by bin", () => {
  const samples = [sample("s", [10, 20], [mu]), sample("b", [5, 3], [histosys("h", [1, 1], [9, 2])])];
  for (const [options, main, logpdf] of [
    [{}, [4, 13], -8.85821756890864],
    [{ clipSampleData: 0.5 }, [7.5, 14.5], -7.191358914054767],
    [{ clipBinData: 8 }, [8, 13], -7.3130401244290795],
  ] as const) {
    const model = histfactory({ channels: [{ name: "SR", samples }] }, options);
    close(expectedMain(model, [-2, 0.7]), main, 1e-14);
    const both = (m: Model, p: Tensor, d: Tensor) => [m.logpdf(p, d), m.hessian(p, d)];
    const [got, curvature] = evaluate(model, both, [-2, 0.7], [8, 15, 0]) as unknown[];
    close([got as number], [logpdf], 1e-13);
    expect(flat(curvature).every(Number.isFinite)).toBe(true);
  }
});

describe("keys", () => {
  test("are equal where only numbers differ", () => {
    const key = (data: number[], options = {}) =>
      histfactory({ channels: [{ name: "a", samples: [sample("s", data, [mu])] }] }, options).key;
    expect(key([1, 2])).toBe(key([3, 0]));
    expect(key([1, 2])).not.toBe(key([1]));
    expect(key([1, 2])).not.toBe(key([1, 2], { interpcodes: { normsys: "code1" } }));
    expect(key([1, 2])).not.toBe(key([1, 2], { clipBinData: 0 }));
    const starts = (inits: number[], fixed?: boolean) =>
      histfactory({
        ...one(),
        parameters: [{ name: "mu", inits, ...(fixed === undefined ? {} : { fixed }) }],
      });
    expect(starts([1]).key).toBe(starts([2]).key);
    const [a, b] = [starts([2]), starts([3], true)];
    expect([...(a.values.init as Float64Array), ...(b.values.init as Float64Array)]).toEqual([2, 3]);
    expect([free(a), free(b)]).toEqual([[1], [0]]);
  });
});

describe("simple models", () => {
  test("of tensors", () => {
    const f = compile((p: { s: Tensor; b: Tensor; u: Tensor }) => {
      const m = uncorrelatedBackground(p.s, p.b, p.u);
      return m.expectedData(m.init());
    });
    const got = f({ s: [5, 6], b: [50, 60], u: [5, 12] } as never) as unknown as Float64Array;
    close(got, [55, 66, 100, 25], 1e-14);
    expect(correlatedBackground([1], [2], [3], [1]).config.parOrder).toEqual([
      "correlated_bkg_uncertainty",
      "mu",
    ]);
  });
});
