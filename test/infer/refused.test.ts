// What pyhf's own tests refuse of models and tests: each is refused here too.

import { beforeAll, expect } from "vitest";
import { digest } from "../../src/histfactory/document/digest.js";
import type { HashName } from "../../src/histfactory/document/hash.js";
import * as g from "../kit/library.js";
import {
  build,
  channel,
  document,
  type Json,
  mu,
  normsys,
  type Row,
  read,
  refuses,
  sample,
  simple,
  untyped,
} from "../kit/refusals.js";

beforeAll(() => g.init());

refuses("models", models);
refuses("inference", inference);

function models(): Row[] {
  const model = g.uncorrelatedBackground([12, 11], [50, 52], [3, 7]);
  const data = [51, 48, ...model.suggestedAuxdata()];
  const traced = (f: (p: g.Tensor) => g.Tensor, pars: number[]) => () =>
    g.compile(f)(Float64Array.from(pars));
  const logpdf = (pars: number[], d: number[]) => () =>
    g.compile((p: g.Tensor, t: g.Tensor) => model.logpdf(p, t))(
      Float64Array.from(pars),
      Float64Array.from(d),
    );
  const shapesys = (name: string, size: number[]) => ({ name, type: "shapesys", data: size });
  const shared =
    (...channels: unknown[]) =>
    () =>
      read(document(untyped(channels))).model();
  const config = { parameters: [{ name: "n", inits: [99, 99], bounds: [[95, 95]] }] };
  const reused = [sample("s", [5], [mu]), sample("b", [50], [{ ...normsys, name: "mu" }])];
  const one = (options: Json) => () => build([channel([sample("b", [5], [mu])])], options);
  const free = (type: string) =>
    document([channel([sample("s", [5, 10], [{ name: "mu", type, data: null }])]) as never]);
  return [
    ["too many parameters", logpdf([1, 1, 1, 1], data), "model.length"],
    ["too few parameters", logpdf([1, 1], data), "model.length"],
    ["too much data", logpdf([1, 1, 1], [...data, 1]), "model.length"],
    ["expected data of too many", traced((p) => model.expectedData(p), [1, 1, 1, 1]), "model.length"],
    ["expected events of too few", traced((p) => model.expectedMain(p), [1, 1]), "model.length"],
    ["too little data to fit", () => g.fit([12.5], model), "infer.data"],
    ["too much data to fit", () => g.fit([...data, 1], model), "infer.data"],
    ["one name of two types", () => build([channel(reused)]), "spec.nameReuse"],
    [
      "bounds of too few",
      () => build([channel([sample("b", [50, 60], [shapesys("n", [10, 10])])])], {}, config),
      "spec.length",
    ],
    ["samples of other bins", () => build([channel([sample("a", [1, 2]), sample("b", [3])])]), "spec.length"],
    [
      "shapesys of two channels",
      shared(
        channel([sample("s", [9], [mu, shapesys("u", [1])])]),
        channel([sample("b", [9], [shapesys("u", [1])])], "d"),
      ),
      "spec.shared",
    ],
    [
      "shapesys of two samples",
      shared(channel([sample("s", [9], [mu, shapesys("u", [1])]), sample("b", [9], [shapesys("u", [1])])])),
      "spec.shared",
    ],
    [
      "shapesys twice in one",
      shared(channel([sample("s", [9], [mu, shapesys("u", [1]), shapesys("u", [2])])])),
      "spec.duplicate",
    ],
    ["a parameter of interest of several bins", () => read(free("shapefactor")).model(), "spec.poi"],
    ["an unknown one", () => read({ ...free("normfactor"), ...poiNamed("nosuch") }).model(), "spec.poi"],
    ["another unknown one", () => read(free("normfactor")).model({ poi: "nosuch" }), "spec.poi"],
    ["an unknown interpolation", one({ interpcodes: { normsys: "fake" } }), "spec.value"],
    ["pyhf's setting of it", one({ modifier_settings: { normsys: { interpcode: "fake" } } }), "spec.value"],
    ["one of the other kind", one({ interpcodes: { normsys: "code4p" } }), "spec.value"],
    ["a setting of no type", one({ modifier_settings: { fake: {} } }), "option.unknown"],
    ["an unknown option", one({ foo: 1 }), "option.unknown"],
    ["an unknown digest", () => digest({}, untyped<HashName>("nonexistent")), "json.value"],
    ["a digest of a function", () => digest({ a: () => 1 }), "json.value"],
  ];
}

const poiNamed = (poi: string) => ({ measurements: [{ name: "m", config: { poi, parameters: [] } }] });

function inference(): Row[] {
  const model = g.uncorrelatedBackground([12, 11], [50, 52], [3, 7]);
  const data = [51, 48, ...model.suggestedAuxdata()];
  const none = build([channel([sample("a", [10], [normsys])])]);
  const fixed = simple();
  fixed.measurements[0]!.config.parameters = [{ name: "mu", fixed: true }];
  const held = read(fixed).model();
  const observed = read(fixed).data(held);
  const all: [string, (d: Float64Array, m: g.Model) => unknown][] = [
    ["hypotest", (d, m) => g.hypotest(1, d, m)],
    ["q0", (d, m) => g.q0(d, m)],
    ["qmu", (d, m) => g.qmu(1, d, m)],
    ["qmuTilde", (d, m) => g.qmuTilde(1, d, m)],
    ["tmu", (d, m) => g.tmu(1, d, m)],
    ["tmuTilde", (d, m) => g.tmuTilde(1, d, m)],
    ["upperLimit", (d, m) => g.upperLimit(d, m)],
    ["discovery", (d, m) => g.discovery(d, m)],
  ];
  // What pyhf fits too: the parameter of interest stays at the value that is asked for.
  expect(g.fixedPoiFit(1, observed, held).x[held.config.poiIndex!]).toBe(1);
  const asked = (options: Json) => () => g.hypotest(1, data, model, untyped(options));
  return [
    ["fixedPoiFit without a parameter of interest", () => g.fixedPoiFit(1, [12, 0], none), "infer.poi"],
    ...all.map(
      ([name, f]): Row => [`${name} without one`, () => f(Float64Array.of(12, 0), none), "infer.poi"],
    ),
    ...all.map(([name, f]): Row => [`${name} of a fixed one`, () => f(observed, held), "infer.poi-fixed"]),
    ["a value below its bounds", () => g.hypotest(-1, data, model), "infer.bounds"],
    ["a value above its bounds", () => g.hypotest(10.1, data, model), "infer.bounds"],
    ["an unknown base distribution", asked({ calcBaseDist: "unknown" }), "infer.option"],
    ["an unknown test statistic", asked({ testStat: "unreal" }), "infer.option"],
    ["an unknown calculator", asked({ calctype: "unreal" }), "infer.option"],
    ["an unknown option of a test", asked({ fakeOption: 1 }), "option.unknown"],
    ["an unknown option of a fit", () => g.fit(data, model, untyped({ fakeOption: 1 })), "option.unknown"],
  ];
}
