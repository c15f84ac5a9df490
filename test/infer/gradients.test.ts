import { beforeAll, describe, expect, it } from "vitest";
import { concat } from "../../src/core/elementary/join.js";
import { fixedPoiFit, goodnessOfFit, q0, qmuTilde, tmu } from "../../src/entry/stats.js";
import {
  fit as bestFit,
  compile,
  constantArray,
  discovery,
  expectedCls,
  expectedSignificance,
  grad,
  hessian,
  histfactory,
  hypotest,
  init,
  type Model,
  minimize,
  readWorkspace,
  type Tensor,
  uncertainties,
  uncorrelatedBackground,
  upperLimit,
} from "../../src/index.js";
import { flat } from "../kit/flat.js";
import { handmade } from "../kit/infermodel.js";
import { archive, has, published } from "../kit/pyhfhelp.js";

beforeAll(() => init());

type Inputs = Record<"signal" | "bkg" | "up" | "down" | "norm" | "stat" | "shape" | "data", Float64Array>;
type Traced = Record<keyof Inputs, Tensor>;

const at: Inputs = {
  signal: Float64Array.of(4, 9, 6),
  bkg: Float64Array.of(50, 32, 18),
  up: Float64Array.of(54, 33, 18.5),
  down: Float64Array.of(47, 30.5, 17),
  norm: Float64Array.of(1.1, 0.92),
  stat: Float64Array.of(3, 2.2, 1.5),
  shape: Float64Array.of(2.5, 3),
  data: Float64Array.of(53, 37, 20, 41, 29),
};

/** Two channels with every kind of constrained modifier; all yields and uncertainties are tensors. */
function model(p: Traced): Model {
  const mu = { name: "mu", type: "normfactor", data: null } as const;
  const norm = { name: "norm", type: "normsys", data: { hi: p.norm.at(0), lo: p.norm.at(1) } } as const;
  return histfactory({
    channels: [
      {
        name: "SR",
        samples: [
          { name: "signal", data: p.signal, modifiers: [mu, norm] },
          {
            name: "background",
            data: p.bkg,
            modifiers: [
              { name: "tilt", type: "histosys", data: { hi_data: p.up, lo_data: p.down } },
              { name: "mc", type: "staterror", data: p.stat },
            ],
          },
        ],
      },
      {
        name: "CR",
        samples: [
          {
            name: "background",
            data: p.bkg.slice(0, 2).mul(0.8),
            modifiers: [norm, { name: "cr", type: "shapesys", data: p.shape }],
          },
        ],
      },
    ],
  });
}

/** Channels stand in order of names: the control region comes first. */
const observed = (p: Traced, m: Model) => {
  const main = concat([p.data.slice(3, 5), p.data.slice(0, 3)]);
  return concat([main, m.auxdata()!]);
};

/** Compares a gradient with central differences of fourth order in every input. */
function check(name: string, f: (p: Traced) => Tensor, point: Inputs = at, bound = 1e-6) {
  const value = compile(f);
  const gradient = compile(grad(f))(point) as unknown as Inputs;
  let [worst, greatest] = [0, 0];
  for (const key of Object.keys(point) as (keyof Inputs)[]) {
    point[key].forEach((x, i) => {
      const h = 1e-3 * Math.max(Math.abs(x), 1);
      const shifted = (d: number) => {
        const moved = { ...point, [key]: point[key].slice() };
        moved[key][i] = x + d;
        return value(moved) as unknown as number;
      };
      const d = (8 * (shifted(h) - shifted(-h)) - (shifted(2 * h) - shifted(-2 * h))) / (12 * h);
      worst = Math.max(worst, Math.abs(gradient[key][i]! - d));
      greatest = Math.max(greatest, Math.abs(d));
    });
  }
  expect(greatest, name).toBeGreaterThan(0);
  expect(worst / greatest, name).toBeLessThan(bound);
}

const asked = (f: (data: Tensor, m: Model) => Tensor) => (p: Traced) => {
  const m = model(p);
  return f(observed(p, m), m);
};

describe("derivatives of everything in all yields, uncertainties and data, against differences", () => {
  const questions: [string, (data: Tensor, m: Model) => Tensor][] = [
    ["best fit", (d, m) => bestFit(d, m).x.at(1)],
    ["a nuisance parameter", (d, m) => bestFit(d, m).x.at(0)],
    ["the minimum", (d, m) => bestFit(d, m).value],
    ["a fit at a value", (d, m) => fixedPoiFit(0.5, d, m).x.sum()],
    ["standard deviation", (d, m) => uncertainties(d, m).stdev.at(1)],
    ["correlation", (d, m) => uncertainties(d, m).correlation.at(0).at(1)],
    ["qmu tilde", (d, m) => qmuTilde(2, d, m).value],
    ["tmu", (d, m) => tmu(0.1, d, m).value],
    ["q0", (d, m) => q0(d, m).value],
    ["p0", (d, m) => discovery(d, m).p],
    ["Z", (d, m) => discovery(d, m).z],
    ["expected Z", (d, m) => discovery(d, m).expected.z],
    ["CLs", (d, m) => hypotest(2, d, m).cls],
    ["CLb", (d, m) => hypotest(2, d, m).tail[1]!],
    ["goodness of fit", (d, m) => goodnessOfFit(d, m).p],
    ...[0, 1, 2, 3, 4].map((i): [string, (d: Tensor, m: Model) => Tensor] => [
      `expected CLs ${i - 2}`,
      (d, m) => hypotest(2, d, m).expectedSet[i]!,
    ]),
  ];
  it.each(questions)("%s", (name, f) => check(name, asked(f)));

  it("upper limits, observed and expected", () => {
    check(
      "observed",
      asked((d, m) => upperLimit(d, m).observed),
    );
    check(
      "band",
      asked((d, m) => upperLimit(d, m).expected.reduce((a, b, i) => a.add(b.mul(i - 1.5)) as never)),
    );
  });

  it("where the best fit is on its bound", () => {
    const low = { ...at, data: Float64Array.of(45, 30, 14, 41, 29) };
    check(
      "CLs",
      asked((d, m) => hypotest(1, d, m).cls),
      low,
    );
    check(
      "limit",
      asked((d, m) => upperLimit(d, m).observed),
      low,
    );
    check(
      "nuisance parameter",
      asked((d, m) => bestFit(d, m).x.at(0)),
      low,
    );
    const still = compile(grad(asked((d, m) => bestFit(d, m).x.at(1))))(low) as unknown as Inputs;
    for (const v of Object.values(still)) expect(v.every((x) => x === 0)).toBe(true);
  });

  it("where the best fit is on its bound with multiplier zero: Asimov data of background", () => {
    const asimov = (f: (data: Tensor, m: Model) => Tensor) => (p: Traced) => {
      const m = model(p);
      return f(m.expectedData(fixedPoiFit(0, observed(p, m), m).x), m);
    };
    check(
      "CLs",
      asimov((d, m) => hypotest(1, d, m).cls),
    );
    check(
      "limit",
      asimov((d, m) => upperLimit(d, m).observed),
    );
    check("before data", (p) => expectedCls(model(p), { test: 1 }), { ...at });
    check("significance before data", (p) => expectedSignificance(model(p)), { ...at });
  });

  it("is zero, not NaN, where a test statistic is clipped at zero", () => {
    const f = compile((p: Traced) => ({
      high: grad(asked((d, m) => qmuTilde(0.1, d, m).value))(p),
      same: grad(asked((d, m) => hypotest(0, d, m).cls))(p),
      none: grad(asked((d, m) => discovery(d, m).z))({ ...p, data: p.data.mul(0.7) }),
    }));
    const found = f(at) as unknown as Record<string, Inputs>;
    for (const g of Object.values(found)) {
      for (const v of Object.values(g)) expect(Array.from(v).every((x) => Math.abs(x) < 1e-12)).toBe(true);
    }
  });
});

describe("second derivatives", () => {
  const point = {
    signal: Float64Array.of(12, 11),
    bkg: Float64Array.of(50, 52),
    uncertainty: Float64Array.of(3, 7),
  };
  type P = Record<keyof typeof point, Tensor>;
  const data = [58, 61];
  const cases: [string, (p: P) => Tensor][] = [
    ["best fit", (p) => bestFit(all(p), handmade(p)).x.at(0)],
    ["standard deviation", (p) => uncertainties(all(p), handmade(p)).stdev.at(0)],
    ["CLs", (p) => hypotest(1.5, all(p), handmade(p)).cls],
    ["expected CLs", (p) => hypotest(1.5, all(p), handmade(p)).expectedSet[1]!],
    ["limit", (p) => upperLimit(all(p), handmade(p)).observed],
  ];
  const all = (p: P) => concat([constantArray(data), p.bkg.div(p.uncertainty).square()]);

  it.each(cases)("%s: the Hessian is that of differences of the gradient", (_, f) => {
    const second = flat(compile((p: P) => hessian(f)(p).bkg.signal)(point));
    const first = compile(grad(f));
    const h = 1e-3;
    for (const i of [0, 1]) {
      const g = (d: number) => {
        const bkg = point.bkg.slice();
        bkg[i] = bkg[i]! + d;
        return (first({ ...point, bkg }) as unknown as typeof point).signal;
      };
      const [a, b, c, d] = [g(h), g(-h), g(2 * h), g(-2 * h)];
      for (const j of [0, 1]) {
        const want = (8 * (a[j]! - b[j]!) - (c[j]! - d[j]!)) / (12 * h);
        const scale = Math.max(...second.map(Math.abs));
        expect(Math.abs(second[2 * i + j]! - want) / scale).toBeLessThan(2e-6);
      }
    }
  });
});

describe("the 1-bin experiment: s = 15 + φ, b = 45 - 2φ", () => {
  const sigmas = {
    repository: (x: Tensor) => x.square().mul(0.1).add(0.5),
    slides: (x: Tensor) => x.div(5).square().add(1),
    tests: (x: Tensor) => x.square().mul(0.2).add(1),
  };
  const bins = (phi: Tensor, sigma: (phi: Tensor) => Tensor) =>
    [phi.add(15), phi.mul(-2).add(45), sigma(phi)].map((t) => t.reshape([1])) as [Tensor, Tensor, Tensor];
  const build = (phi: Tensor, sigma: (phi: Tensor) => Tensor) => uncorrelatedBackground(...bins(phi, sigma));
  const p0 = (sigma: (phi: Tensor) => Tensor) => (phi: Tensor) => {
    const m = build(phi, sigma);
    return discovery(m.expectedData(constantArray([1, 1])), m).p;
  };
  const cls = (sigma: (phi: Tensor) => Tensor) => (phi: Tensor) =>
    expectedCls(build(phi, sigma), { test: 1 });
  const sigmaMu = (sigma: (phi: Tensor) => Tensor) => (phi: Tensor) => {
    const m = build(phi, sigma);
    return uncertainties(m.expectedData(constantArray([1, 1])), m).stdev.at(0);
  };

  // Closed forms of hep-anchors §2(e), [value, derivative] in the reference's table.
  const tables: [string, (phi: Tensor) => Tensor, number, number, number][] = [
    ["p0", p0(sigmas.repository), 0, 0.017004600701030506, -0.007477687422848625],
    ["p0", p0(sigmas.repository), 2, 0.00675590054635209, -0.003124433211683505],
    ["p0", p0(sigmas.repository), 9, 0.025119494335957393, 0.014843008889629979],
    ["CLs", cls(sigmas.repository), 2, 0.019148117892590084, -0.008002630051615634],
    ["CLs", cls(sigmas.repository), 5, 0.006748872434199617, -0.0013476202125539075],
    ["CLs", cls(sigmas.repository), 9, 0.008313429141252202, 0.0013801781819491297],
    ["CLs", cls(sigmas.slides), 0, 0.04424705176682715, -0.01678945261416517],
    ["CLs", cls(sigmas.slides), 2, 0.019640632115794077, -0.008474022068725821],
    ["CLs", cls(sigmas.slides), 5, 0.0050308623108747345, -0.0023116938655301307],
    ["CLs", cls(sigmas.slides), 9, 0.00103342116918469, -0.00031581937321851643],
  ];
  it.each(tables)("%s: value and derivative as in closed form", (_, f, phi, value, slope) => {
    const found = compile((x: Tensor) => ({ value: f(x), slope: grad(f)(x) }))(phi) as unknown as Record<
      "value" | "slope",
      number
    >;
    expect(Math.abs(found.value / value - 1)).toBeLessThan(1e-7);
    expect(Math.abs(found.slope / slope - 1)).toBeLessThan(1e-7);
  });

  const optima: [string, (phi: Tensor) => Tensor, number, number | null][] = [
    ["p0, σ = 0.5 + 0.1 φ²", p0(sigmas.repository), 4.635223, 0.003075715],
    ["p0, σ = 1 + (φ/5)²", p0(sigmas.slides), 7.522533, 0.00095893447],
    ["p0, σ = 1 + 0.2 φ²", p0(sigmas.tests), 2.808737, 0.007493024],
    ["σ of μ", sigmaMu(sigmas.repository), 5.434732, 0.399042],
    ["CLs", cls(sigmas.repository), 6.303941, 0.00592643],
  ];
  it.each(optima)("%s: our optimiser finds the best φ through the fits inside", (_, f, phi, value) => {
    const best = compile((start: Tensor) => {
      const found = minimize((x) => f(x).log(), start, { lower: 0, upper: 20 });
      return { x: found.x, value: found.value.exp(), status: found.status };
    })(5) as unknown as Record<"x" | "value" | "status", number>;
    expect(best.status).toBe(0);
    expect(Math.abs(best.x - phi)).toBeLessThan(2e-6);
    if (value !== null) expect(Math.abs(best.value / value - 1)).toBeLessThan(2e-6);
  });
});

describe("a published ATLAS likelihood (sbottom, HEPData ins1748602)", () => {
  it.skipIf(!has(archive))("the observed CLs has a gradient in all its numbers", () => {
    const background = JSON.parse(published("RegionA/BkgOnly.json"));
    const patch = JSON.parse(published("RegionA/patch.sbottom_1300_205_60.json"));
    const workspace = readWorkspace(background);
    const m = workspace.model({ patches: [patch] });
    const data = workspace.data(m);
    const cls = (values: typeof m.values, seen: readonly number[] | Float64Array) =>
      hypotest(1, seen, m.with(values)).cls;
    const slope = compile((values: unknown, seen: Tensor) =>
      grad((x: { values: unknown; seen: Tensor }) => hypotest(1, x.seen, m.with(x.values as never)).cls)({
        values,
        seen,
      }),
    )(m.values as never, data as never) as unknown as { values: typeof m.values; seen: Float64Array };
    const numbers = slope.values as unknown as Record<string, Float64Array>;
    const size = Object.values(numbers).reduce((n, v) => n + v.length, 0);
    expect(size).toBeGreaterThan(5000);
    for (const v of Object.values(numbers)) expect(v.some(Number.isNaN)).toBe(false);
    for (const [name, i] of [
      ["nominal", 20],
      ["hi", 3],
      ["staterror", 2],
    ] as const) {
      const values = m.values as unknown as Record<string, Float64Array>;
      const h = 1e-3 * Math.max(0.1, Math.abs(values[name]![i]!));
      const shifted = (d: number) => {
        const moved = values[name]!.slice();
        moved[i] = moved[i]! + d;
        return cls({ ...m.values, [name]: moved }, data);
      };
      const want = (8 * (shifted(h) - shifted(-h)) - (shifted(2 * h) - shifted(-2 * h))) / (12 * h);
      expect(Math.abs(numbers[name]![i]! / want - 1)).toBeLessThan(1e-6);
    }
  });
});
