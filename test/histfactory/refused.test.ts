import fc from "fast-check";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { symmetrize } from "../../src/entry/stats.js";
import { SpecError } from "../../src/histfactory/document/specerror.js";
import type { Spec } from "../../src/histfactory/model/config.js";
import {
  compile,
  histfactory,
  init,
  type Tensor,
  uncorrelatedBackground,
  valueAndGrad,
} from "../../src/index.js";
import { allowed, stopwatch } from "../kit/clock.js";
import { evaluate, histosys, mu, normsys, one, sample, shapesys, staterror } from "../kit/modelhelp.js";
import { runs } from "../kit/runs.js";

// Seconds where the machine has other work.
vi.setConfig({ testTimeout: 30_000 });
beforeAll(() => init());

describe("refused", () => {
  const refused = (spec: unknown, options = {}): SpecError => {
    try {
      histfactory(spec as Spec, options);
    } catch (error) {
      if (error instanceof SpecError) return error;
      throw error;
    }
    throw new Error("accepted");
  };

  test("what pyhf's own tests of models refuse", () => {
    const codes = (spec: unknown, options = {}) =>
      refused(spec, options).problems.map(({ code, path }) => `${code} ${path}`);
    const first = "$.channels[0].samples[0].modifiers";
    expect(codes(one({ name: "x", type: "nope", data: null } as never))).toEqual([
      `spec.modifierType ${first}[1].type`,
    ]);
    expect(codes(one({ name: "mu", type: "shapefactor", data: null }))).toEqual([
      `spec.nameReuse ${first}[1].name`,
    ]);
    expect(codes(one({ name: "lumi", type: "lumi", data: null }))).toEqual([`spec.lumi ${first}[1]`]);
    expect(codes(one(shapesys("u", [1])))).toEqual([`spec.length ${first}[1].data`]);
    expect(codes(one(staterror("u", [1, 2, 3])))).toEqual([`spec.length ${first}[1].data`]);
    expect(codes(one(histosys("h", [1], [1, 2])))).toEqual([`spec.length ${first}[1].data.lo_data`]);
    expect(codes(one(histosys("h", [Number.NaN, 1], [1, 2])))).toEqual([
      `spec.notFinite ${first}[1].data.lo_data[0]`,
    ]);
    expect(codes(one(), { poi: "nu" })).toEqual(["spec.poi $"]);
    expect(codes(one(shapesys("u", [1, 2])), { poi: "u" })).toEqual(["spec.poi $"]);
    expect(codes({ channels: [{ name: "a", samples: [sample("s", [1])] }] }, { poi: null })).toEqual([
      "spec.noParameters $.channels",
    ]);
    expect(codes({ ...one(), parameters: [{ name: "mu", inits: [1, 2] }] })).toEqual([
      "spec.length $.parameters[0].inits",
    ]);
    expect(codes({ ...one(), parameters: [{ name: "mu" }, { name: "mu" }] })).toEqual([
      "spec.duplicate $.parameters[1]",
    ]);
    const twice = one(shapesys("u", [1, 2]));
    const two = { channels: [...twice.channels, { ...twice.channels[0]!, name: "CR" }] };
    expect(codes(two)).toEqual(["spec.shared $.channels[1].samples[0].modifiers[1].name"]);
  });

  test("a factor of a normsys that is not above 0, at any place of any workspace", () => {
    const factor = fc.double({ min: 0.1, max: 3, noNaN: true });
    const none = fc.constantFrom(0, -0, -1e-300, -0.2, -5);
    const places = fc.array(fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 3 }), {
      minLength: 1,
      maxLength: 3,
    });
    fc.assert(
      fc.property(places, factor, none, fc.nat(), fc.boolean(), (counts, good, bad, where, high) => {
        const all: [number, number, number][] = [];
        const channels = counts.map((samples, c) => ({
          name: `c${c}`,
          samples: samples.map((n, s) => ({
            ...sample(`s${s}`, [5, 6]),
            modifiers: Array.from({ length: n + 1 }, (_, m) => {
              all.push([c, s, m]);
              return normsys(`n${m}`, good, good);
            }),
          })),
        }));
        const [c, s, m] = all[where % all.length]!;
        channels[c]!.samples[s]!.modifiers[m] = high
          ? normsys(`n${m}`, good, bad)
          : normsys(`n${m}`, bad, good);
        const key = high ? "hi" : "lo";
        const path = `$.channels[${c}].samples[${s}].modifiers[${m}].data.${key}`;
        expect(refused({ channels }, { poi: null }).problems).toMatchObject([{ code: "spec.value", path }]);
      }),
      { numRuns: runs(100) },
    );
  });

  test("factors of a normsys that have no powers, wherever they stand", () => {
    for (const bad of [0, -0.2, -0]) {
      for (const [up, down, key] of [
        [2, bad, "lo"],
        [bad, 2, "hi"],
      ] as const) {
        for (const interpcodes of [{ normsys: "code1" }, { normsys: "code4" }] as const) {
          const { problems } = refused(one(normsys("n", down, up)), { interpcodes });
          expect(problems).toMatchObject([
            {
              code: "spec.value",
              path: `$.channels[0].samples[0].modifiers[1].data.${key}`,
              expected: "a factor above 0",
            },
          ]);
        }
        // A traced factor is known only when it runs: then there is no expectation, and no derivative.
        const spec = (hi: Tensor, lo: Tensor): Spec => ({
          channels: [
            {
              name: "c",
              samples: [
                { ...sample("s", [5, 6]), modifiers: [mu, { name: "n", type: "normsys", data: { hi, lo } }] },
              ],
            },
          ],
        });
        const expected = (hi: Tensor, lo: Tensor) => {
          const model = histfactory(spec(hi, lo));
          return model.expectedData(model.init()).slice(0, 2).sum();
        };
        const at = compile(valueAndGrad(expected))(up, down);
        expect(at.value).toBeNaN();
        expect(compile(expected)(2, 0.5)).toBe(11);
      }
    }
    expect(() => symmetrize([1, 2], [3, 4])).toThrow(/mirror image of its yield is no factor above 0/);
  });

  test("options that a model has not, and pyhf's names for those it has", () => {
    const spec = one(normsys("n", 0.9, 1.2));
    expect(() => histfactory(spec, { clipBindata: 0 } as never)).toThrow(
      /no option 'clipBindata'. Did you mean clipBinData/,
    );
    expect(() => histfactory(spec, { modifier_settings: { normsys: { interp: "code1" } } } as never)).toThrow(
      /no option 'interp'/,
    );
    expect(() =>
      histfactory(spec, {
        modifier_settings: { normsys: { interpcode: "code1" } },
        interpcodes: { normsys: "code4" },
      }),
    ).toThrow(/give one of them/);
    const rate = (options: object) => {
      const model = histfactory(spec, options);
      return evaluate(model, (m) => m.expectedData(m.init().add(0.5)).slice(0, 1).sum());
    };
    expect(rate({ modifier_settings: { normsys: { interpcode: "code1" } } })).toBe(
      rate({ interpcodes: { normsys: "code1" } }),
    );
    expect(rate({ modifier_settings: { normsys: { interpcode: "code1" } } })).not.toBe(rate({}));
  });

  test("points and data of another length, with both lengths", () => {
    const model = histfactory(one(normsys("n")));
    const at = (pars: number[], data: number[]) => () =>
      evaluate(model, (m, p, d) => m.logpdf(p, d), pars, data);
    expect(at([1, 0], [10, 20, 0])).not.toThrow();
    expect(at([1], [10, 20, 0])).toThrow(/2 parameters.*1 /);
    expect(at([1, 0, 0], [10, 20, 0])).toThrow(/2 parameters.*3/);
    expect(at([1, 0], [10, 20])).toThrow(/3 bins and auxiliary data.*2 /);
    expect(at([1, 0], [10, 20, 0, 0])).toThrow(/3 bins and auxiliary data.*4 /);
  });
});

describe("hostile models end soon", () => {
  test("names of prototypes", () => {
    const names = ["__proto__", "constructor", "toString", "hasOwnProperty"];
    const spec = {
      channels: names.map((name) => ({
        name,
        samples: [sample(name, [5], [mu, normsys(name), staterror(`${name}_`, [1])])],
      })),
      parameters: names.map((name) => ({ name, inits: [0.5] })),
    };
    const { config } = histfactory(spec);
    expect(config.channels).toEqual([...names].sort());
    expect(config.parSlice("__proto__")[1]).toBeGreaterThan(0);
    expect(config.suggestedInit[config.parSlice("toString")[0]]).toBe(0.5);
    expect(config.npars).toBe(9);
    expect("polluted" in {}).toBe(false);
  });

  test("thousands of channels, samples and parameters", () => {
    const range = Array.from({ length: 3000 }, (_, i) => i);
    const took = stopwatch();
    const models = [
      range.map((i) => ({ name: `c${i}`, samples: [sample("s", [5], [staterror(`stat${i}`, [1])])] })),
      range.map((i) => ({ name: `c${i}`, samples: [sample("s", [5], [staterror("stat", [1])])] })),
      [{ name: "a", samples: range.map((i) => sample(`s${i}`, [5], [normsys(`n${i}`)])) }],
    ].map((channels) => histfactory({ channels }, { poi: null }));
    const parameters = range.map((i) => ({ name: `n${i}`, inits: [0.5] }));
    const modifiers = range.map((i) => normsys(`n${i}`));
    models.push(
      histfactory(
        { channels: [{ name: "a", samples: [sample("s", [5], modifiers)] }], parameters },
        { poi: null },
      ),
    );
    expect(models.map(({ config }) => config.npars)).toEqual([3000, 3000, 3000, 3000]);
    // A second on a quiet machine; what was cubic in them took minutes.
    expect(took()).toBeLessThan(allowed(20_000));
  });

  test("10^6 bins", () => {
    const bins = 1e6;
    const model = histfactory({
      channels: [{ name: "a", samples: [sample("s", Array(bins).fill(5), [mu, normsys("n")])] }],
    });
    const f = compile((p: Tensor, d: Tensor) => valueAndGrad((x: Tensor) => model.nll(x, d))(p));
    const { value, grads } = f([1, 0] as never, new Float64Array(bins + 1).fill(5) as never) as unknown as {
      value: number;
      grads: Float64Array;
    };
    expect(value).toBeGreaterThan(bins);
    expect(grads[0]).toBeCloseTo(0, 6);
  });

  test("a Hessian of too many parameters is refused with a sentence", () => {
    const bins = 40_000;
    const model = uncorrelatedBackground(Array(bins).fill(1), Array(bins).fill(9), Array(bins).fill(2));
    const curvature = () =>
      evaluate(model, (m, p, d) => m.hessian(p, d), undefined, new Float64Array(2 * bins));
    expect(curvature).toThrow(/40001 parameters/);
  });
});
