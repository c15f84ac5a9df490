// Walks the records of modifiers: what is written once must appear everywhere, and be right.

import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { modelProblems } from "../../src/histfactory/document/modelrules.js";
import type { Bins, Modifier } from "../../src/histfactory/model/config.js";
import { type ModifierType, modifierRecords, modifierTypes } from "../../src/histfactory/modifiers/index.js";
import * as api from "../../src/index.js";
import { compile, histfactory, init, type Tensor, valueAndGrad } from "../../src/index.js";
import {
  asSpec,
  drawChannels,
  drawCodes,
  drawParameters,
  modifierCases,
  Reference,
} from "../kit/modifiercases.js";
import { Draw } from "../kit/randomworkspace.js";
import { runs } from "../kit/runs.js";

beforeAll(() => init());

const docs = readFileSync("docs/models.md", "utf8");

/** The builder of each type, given the data of the record's draw. */
const built = {
  histosys: (name, data) => api.histosys(name, (data as Shapes).hi_data, (data as Shapes).lo_data),
  lumi: () => api.lumi(),
  normfactor: (name) => api.normfactor(name),
  normsys: (name, data) => api.normsys(name, (data as Factors).hi, (data as Factors).lo),
  shapefactor: (name) => api.shapefactor(name),
  shapesys: (name, data) => api.shapesys(name, data as Bins),
  staterror: (name, data) => api.staterror(name, data as Bins),
} satisfies Record<ModifierType, (name: string, data: unknown) => Modifier>;
interface Shapes {
  readonly hi_data: Bins;
  readonly lo_data: Bins;
}
interface Factors {
  readonly hi: number;
  readonly lo: number;
}

/** One sample with one modifier. */
const alone = (modifier: unknown, nominal = [20, 30]) => ({
  channels: [{ name: "c", samples: [{ name: "s", data: nominal, modifiers: [modifier] }] }],
});
const codes = (spec: unknown) => modelProblems(spec, { poi: null }).map(({ code }) => code);

describe.each([...modifierTypes])("%s", (type) => {
  const record = modifierRecords[type];
  const { draw } = modifierCases[type];
  const name = record.name?.only ?? "x";
  const data = draw([20, 30], (low, high) => (low + high) / 2);
  const needs = record.checkConfiguration?.(undefined, "$")?.code;

  it("is said in the table of the docs", () => {
    expect(record.words.length).toBeGreaterThan(10);
    expect(docs).toContain(`| ${record.words} |`);
    const row = docs.split("\n").find((line) => line.startsWith(`| \`${type}(`))!;
    expect(row).toContain(record.words);
    const constraint = { none: "–", normal: "normal", poisson: "Poisson" }[record.constraint];
    expect(row.split("|").map((cell) => cell.trim())).toContain(constraint);
  });

  it("has a builder that makes what its schema takes", () => {
    const modifier = built[type](name, data);
    expect(modifier).toEqual({ name, type, data });
    expect(codes(alone(modifier))).toEqual(needs ? [needs] : []);
  });

  it("refuses other data, other keys and a wrong number of bins", () => {
    for (const wrong of ["text", 3, {}, [], data === null ? { lo: 1 } : null]) {
      expect(codes(alone({ name, type, data: wrong })).length, JSON.stringify(wrong)).toBeGreaterThan(0);
    }
    expect(codes(alone({ name, type, data, more: 1 }))).toEqual(["spec.unknownKey"]);
    const long = draw([20, 30, 40], (low) => low);
    const perBin = JSON.stringify(long) !== JSON.stringify(draw([20, 30], (low) => low));
    expect(codes(alone({ name, type, data: long })).includes("spec.length")).toBe(perBin);
  });

  it("checks every number of its data", () => {
    const texts = JSON.stringify(data).match(/\d[\d.]*/g) ?? [];
    texts.forEach((_, at) => {
      let i = 0;
      const spoilt = JSON.parse(JSON.stringify(data), (_key, v) =>
        typeof v === "number" && i++ === at ? Number.NaN : v,
      );
      expect(codes(alone({ name, type, data: spoilt }))).toContain("spec.notFinite");
    });
  });

  it("lets a measurement say what it names, and nothing else", () => {
    const all = { inits: [1], bounds: [[0, 2]], auxdata: [1], factors: [1], sigmas: [1] };
    const size = record.layout.size([1]);
    expect(size).toBe(1);
    const given = (keys: readonly string[]) => ({
      ...alone({ name, type, data: draw([20], (low) => low) }, [20]),
      parameters: [
        { name, ...Object.fromEntries(Object.entries(all).filter(([key]) => keys.includes(key))) },
      ],
    });
    expect(codes(given(record.configurable))).toEqual([]);
    for (const key of Object.keys(all)) {
      const refused = codes(given([...record.configurable, key])).includes("spec.config");
      expect(refused, key).toBe(!record.configurable.some((own) => own === key));
    }
  });

  it("shares parameters with its family only", () => {
    for (const other of modifierTypes) {
      const own = modifierRecords[other].name?.only ?? name;
      if (other === type || own !== name) continue;
      const second = { name, type: other, data: modifierCases[other].draw([20, 30], (low) => low) };
      const spec = alone({ name, type, data });
      spec.channels[0]!.samples[0]!.modifiers.push(second);
      const refused = codes(spec).includes("spec.nameReuse");
      expect(refused, other).toBe(modifierRecords[other].family !== record.family);
    }
  });
});

describe("models drawn from the records", () => {
  const cases = Array.from({ length: runs(30) }, (_, i) => {
    const draw = new Draw(i + 1);
    const spec = drawChannels(draw);
    const interpcodes = drawCodes(draw);
    const options = { poi: null, interpcodes };
    const bare = histfactory(asSpec(spec), { ...options, validate: false });
    spec.parameters = drawParameters(draw, bare.config);
    const model = histfactory(asSpec(spec), options);
    return { draw, spec, model, reference: new Reference(spec, model.config, interpcodes) };
  });

  it("have every type", () => {
    const types = new Set(cases.flatMap(({ model }) => model.config.modifiers.map(([, type]) => type)));
    expect([...types].sort()).toEqual([...modifierTypes].sort());
  });

  it("have their parameters in the order of the records, with their constraints, starts and bounds", () => {
    for (const { model } of cases) {
      const places = model.config.parameterSets.map(({ type }) =>
        modifierTypes.indexOf(type as ModifierType),
      );
      expect(places).toEqual([...places].sort((a, b) => a - b));
      for (const { type, constraint, scalar, slice, user } of model.config.parameterSets) {
        const record = modifierRecords[type as ModifierType];
        expect([constraint, scalar]).toEqual([record.constraint, record.layout.scalar]);
        const { suggestedInit, suggestedLower, suggestedUpper } = model.config;
        if (!user?.inits) expect(suggestedInit[slice[0]]).toBe(record.init);
        if (!user?.bounds)
          expect([suggestedLower[slice[0]], suggestedUpper[slice[0]]]).toEqual(record.bounds);
      }
    }
  });

  it("have the auxiliary data and held parameters of the references, plain and traced", () => {
    for (const { model, reference } of cases) {
      const { auxdata } = reference;
      const got = model.suggestedAuxdata();
      expect(got.length).toBe(auxdata.length);
      auxdata.forEach((v, i) => {
        expect(Math.abs(got[i]! - v)).toBeLessThan(1e-12 * (1 + Math.abs(v)));
      });
      expect(model.suggestedFixed()).toEqual(reference.held);
      const free = compile((values: unknown) => {
        const m = model.with(values as never);
        return { free: m.free(), ...(auxdata.length > 0 && { aux: m.auxdata()! }) };
      })(model.values as never) as unknown as { free: Float64Array; aux?: Float64Array };
      expect([...free.free]).toEqual(reference.held.map((held) => Number(!held)));
      if (free.aux) expect([...free.aux]).toEqual([...got]);
    }
  });

  it("have the likelihood of the references, with the slopes of its differences", () => {
    for (const [i, { draw, model, reference }] of cases.entries()) {
      const { parameterSets, nmaindata, npars } = model.config;
      const ask = compile((values: unknown, p: Tensor, d: Tensor) =>
        valueAndGrad((x: Tensor) => model.with(values as never).logpdf(x, d))(p),
      );
      // Away from 0 and ±1, where interpolations meet.
      const pars = parameterSets.flatMap(({ size, record }) =>
        Array.from({ length: size }, () =>
          record.init === 0
            ? draw.of([-1, 1]) * draw.of([draw.between(0.05, 0.95), draw.between(1.05, 1.5)])
            : draw.between(0.8, 1.2),
        ),
      );
      const main = reference.expected(pars.map(() => 1)).map((v) => Math.round(Math.max(0, v)));
      const data = Float64Array.from([...main, ...model.suggestedAuxdata()]);
      expect(main.length).toBe(nmaindata);
      const { value, grads } = ask(
        model.values as never,
        Float64Array.from(pars) as never,
        data as never,
      ) as unknown as { value: number; grads: Float64Array };
      const wanted = reference.logpdf(pars, data);
      expect(Number.isFinite(wanted), `case ${i}`).toBe(true);
      expect(Math.abs(value - wanted), `case ${i}: ${value} ${wanted}`).toBeLessThan(
        1e-10 * (1 + Math.abs(wanted)),
      );
      const h = 1e-4;
      for (let k = 0; k < npars; k++) {
        const move = (by: number) =>
          reference.logpdf(
            pars.map((v, j) => (j === k ? v + by * h : v)),
            data,
          );
        const slope = (8 * (move(1) - move(-1)) - (move(2) - move(-2))) / (12 * h);
        const gap = Math.abs(slope - grads[k]!);
        expect(gap, `case ${i} ${model.config.parNames[k]}: ${grads[k]} ${slope}`).toBeLessThan(
          1e-7 * (1 + Math.abs(wanted) + Math.abs(slope)),
        );
      }
    }
  });
});

it("what nobody knows is refused, also where the model is not checked", () => {
  const spec = alone({ name: "x", type: "unheard", data: null });
  expect(codes(spec)).toEqual(["spec.modifierType"]);
  const build = () => histfactory(asSpec(spec as never), { poi: null, validate: false });
  expect(build).toThrow(/one of the types histosys, lumi.*"unheard"/);
});
