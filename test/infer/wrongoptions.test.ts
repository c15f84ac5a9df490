/** Questions to a model, asked with options and arguments of a wrong kind: none may be taken for no option at all. */

import { beforeAll, describe, expect, it } from "vitest";
import * as G from "../kit/library.js";

beforeAll(() => G.init());

const model = () => G.uncorrelatedBackground([5], [50], [7]);
const data = [52, 51];

type Any = (...args: readonly unknown[]) => unknown;
const asAny = (f: unknown): Any => f as Any;

/** What stands before data and model, by function. */
const questions: Record<string, readonly unknown[]> = {
  ...{ fit: [], upperLimit: [], discovery: [], goodnessOfFit: [], uncertainties: [], q0: [] },
  ...{ minos: [], pulls: [], ranking: [], fittedYields: [] },
  ...{ fixedPoiFit: [1], hypotest: [1], qmu: [1], qmuTilde: [1], tmu: [1], tmuTilde: [1] },
  ...{ limitScan: [[0, 1]], profileScan: ["mu"], profileGrid: [[0, 1]], contour: [[0, 1]] },
};
const expectations = ["expectedCls", "expectedHypotest", "expectedSignificance"];
const functions = new Map(Object.entries(G).map(([name, f]) => [name, asAny(f)]));
const callOf = (name: string): Any => {
  const f = functions.get(name);
  if (!f) throw new Error(`there is no function ${name}`);
  return f;
};

const map = new Map([["mu", 0]]);
const strange = [null, true, "mu", () => 1, map, new Set(["mu"])];
/** What is of no kind that the option has. */
const wrong: Record<string, readonly unknown[]> = {
  hold: [
    ...strange,
    5,
    [0, 1],
    Float64Array.of(0),
    { mu: null },
    { mu: "0" },
    { mu: Number.NaN },
    { mu: [0] },
  ],
  ...Object.fromEntries(
    ["init", "lower", "upper"].map((name) => [name, [...strange, 5, { mu: 1 }, ["1", "1"], [true, false]]]),
  ),
  ...Object.fromEntries(
    ["fixed", "free"].map((name) => [
      name,
      [...strange, 5, { mu: true }, ["mu"], [2, 0], Float64Array.of(0.5, 0)],
    ]),
  ),
  poi: [...strange.filter((x) => x !== "mu"), { mu: 1 }, ["mu"], 0.5],
  maxSteps: [...strange, [5], {}, -1, 1.5, Number.NaN],
};

const words = (value: unknown) =>
  value instanceof Map || value instanceof Set || typeof value === "function"
    ? Object.prototype.toString.call(value)
    : JSON.stringify(value);

function expectRefused(call: () => unknown, name: string, option: string, value: unknown): void {
  const what = `${name} with ${option}: ${words(value)}`;
  let caught: unknown = null;
  try {
    call();
  } catch (error) {
    caught = error;
  }
  expect(caught, what).toBeInstanceOf(G.OptionError);
  const { message, code } = caught as InstanceType<typeof G.OptionError>;
  expect(code, what).toBe("option.value");
  expect(message, what).toMatch(new RegExp(`^'${option}(\\.mu)?' of '${name}' is .*, not `));
}

describe("options of a wrong kind", () => {
  it.each(Object.entries(questions))("%s refuses", (name, before) => {
    const m = model();
    for (const [option, values] of Object.entries(wrong)) {
      for (const value of values) {
        const call = () => callOf(name)(...before, data, m, { [option]: value });
        expectRefused(call, name, option, value);
      }
    }
    for (const value of [...strange, 5, { bin: 1 }, ["1"]]) {
      expectRefused(() => callOf(name)(...before, value, m), name, "data", value);
    }
    // A Map of options has no properties either.
    expect(() => callOf(name)(...before, data, m, new Map([["hold", { mu: 0 }]]))).toThrow(
      `options of '${name}' are an object { name: value }, not a Map`,
    );
  });

  it.each(expectations)("%s refuses", (name) => {
    const m = model();
    for (const [option, values] of Object.entries(wrong)) {
      for (const value of values)
        expectRefused(() => callOf(name)(m, { [option]: value }), name, option, value);
    }
    expectRefused(() => callOf(name)(m, { test: "1" }), name, "test", "1");
  });

  it("are what they were where they are right", () => {
    const m = model();
    const { x } = G.fit(data, m, { hold: { mu: 0.5 } });
    expect(x[0]).toBe(0.5);
    const flags: readonly (readonly boolean[] | readonly number[] | Float64Array)[] = [
      [true, false],
      [1, 0],
      Float64Array.of(1, 0),
    ];
    for (const fixed of flags) expect(G.fit(data, m, { fixed, init: [0.5, 1] }).x).toEqual(x);
    const holding = Object.assign(Object.create(null), { mu: 0.5 });
    expect(G.fit(data, m, { hold: holding }).x).toEqual(x);
    expect(G.fit(data, m, { poi: 0, hold: {} }).status).toBe("converged");
  });

  it("say what there is for names", () => {
    expect(() => asAny(G.fit)(data, model(), { fixed: "mu" })).toThrow(
      "'fixed' of 'fit' is an array with true or false for each parameter (hold: { name: value } holds parameters by name), not 'mu'",
    );
  });
});

describe("arguments in another order", () => {
  it.each(Object.entries(questions))("%s says its own", (name, before) => {
    const m = model();
    const swapped = () => callOf(name)(...before, m, data);
    expect(swapped).toThrow(G.InferenceError);
    const order = RegExp(
      `^'model' of '${name}' is a model.* not an array; the order is ${name}\\(${before.length > 0 ? "\\w+, " : ""}data, model, options\\)$`,
    );
    expect(swapped).toThrow(order);
    if (before.length > 0) expect(() => callOf(name)(data, m, ...before)).toThrow(`the order is ${name}(`);
  });

  it("of matrices say theirs", () => {
    const order = (call: () => unknown, what: string) => expect(call).toThrow(`; the order is ${what}`);
    order(() => asAny(G.prediction)(model(), [1, 1], [1, 0, 0, 1]), "prediction(pars, covariance, model)");
    order(() => asAny(G.fisherInformation)(model(), [1, 1]), "fisherInformation(pars, model)");
    for (const value of [...strange, 5, ["1"]]) {
      expectRefused(() => asAny(G.fisherInformation)(value, model()), "fisherInformation", "pars", value);
      expectRefused(() => asAny(G.prediction)([1, 1], value, model()), "prediction", "covariance", value);
    }
  });

  it("of pyhf are no sentence about an inner question", () => {
    expect(() => asAny(G.hypotest)(data, model(), 1)).toThrow(
      "'model' of 'hypotest' is a model, as histfactory(…) makes it, not 1; the order is hypotest(value, data, model, options)",
    );
    expect(() => asAny(G.hypotest)("1", data, model())).toThrow(
      "'value' of 'hypotest' is a Tensor or a number, not '1'",
    );
  });
});

describe("values and bounds that do not go together", () => {
  const says = (call: () => unknown, sentence: string) => {
    expect(call).toThrow(G.InferenceError);
    expect(call).toThrow(sentence);
  };

  it("are told by what they are", () => {
    const m = model();
    const tested = "'mu' is tested at 100, outside its bounds 0 to 10; test a value inside";
    says(() => G.hypotest(100, data, m), tested);
    says(() => G.qmu(100, data, m), tested);
    says(() => G.fixedPoiFit(100, data, m), "'mu' is held at 100, outside its bounds 0 to 10");
    says(() => G.profileScan("mu", data, m, { values: [100] }), "'mu' is scanned at 100, outside");
    says(() => G.limitScan([-1], data, m), "'mu' is scanned at -1, outside");
    const above = { lower: [0.5, 0.1] };
    says(
      () => G.upperLimit(data, m, above),
      "'mu' is held for comparison at 0, outside its bounds 0.5 to 10",
    );
    says(
      () => G.fit(data, m, { init: [11, 1] }),
      "'mu' starts at 11, outside its bounds 0 to 10; move the start",
    );
  });

  it("crossed bounds are to be exchanged", () => {
    const crossed = "the lower bound 5 of parameter 'mu' lies above its upper one, 1; exchange them";
    for (const ask of [G.fit, G.uncertainties, G.upperLimit, G.minos].map(asAny))
      says(() => ask(data, model(), { lower: [5, 0], upper: [1, 2] }), crossed);
  });

  it("crossed bounds of tensors are a status", () => {
    const ended = G.compile((lower: G.Tensor) =>
      G.fit(G.constantArray(data), model(), { lower, upper: [1, 2] }),
    );
    const { status, x } = ended([5, 0]);
    expect(G.statusName(status)).toBe("crossed");
    expect(Array.from(x, Number.isNaN)).toEqual([true, true]);
  });
});

it("what is scanned is refused where it is of a wrong kind", () => {
  const m = model();
  const refused = (f: unknown, name: string, option: string, args: (value: unknown) => unknown[]) => {
    for (const value of [5, "mu", true, map, { a: 1 }])
      expectRefused(() => asAny(f)(...args(value)), name, option, value);
  };
  refused(G.limitScan, "limitScan", "scan", (scan) => [scan, data, m]);
  refused(G.contour, "contour", "parameters", (parameters) => [parameters, data, m]);
  refused(G.minos, "minos", "parameters", (parameters) => [data, m, { parameters }]);
  for (const option of ["values", "range"])
    refused(G.profileScan, "profileScan", option, (value) => ["mu", data, m, { [option]: value }]);
  for (const option of ["points", "ranges"])
    refused(G.profileGrid, "profileGrid", option, (value) => [[0, 1], data, m, { [option]: value }]);
  for (const points of ["mu", true, map, { a: 1 }, 0.5])
    expectRefused(() => asAny(G.contour)([0, 1], data, m, { points }), "contour", "points", points);
});
