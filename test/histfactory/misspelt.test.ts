/** What is misspelt in a specification, or given as what it cannot be, is told with what it should be. */

import { describe, expect, it } from "vitest";
import * as G from "../kit/library.js";

const sound = () => ({
  channels: [
    {
      name: "c",
      samples: [{ name: "s", data: [5], modifiers: [{ name: "mu", type: "normfactor", data: null }] }],
    },
  ],
  observations: [{ name: "c", data: [5] }],
  measurements: [{ name: "main", config: { poi: "mu", parameters: [{ name: "mu", fixed: true }] } }],
  version: "1.0.0",
});

/** The document with one key spelt otherwise, wherever it stands. */
const respelt = (key: string, as: string): object =>
  JSON.parse(JSON.stringify(sound()).replaceAll(`"${key}":`, `"${as}":`));

function problemsOf(call: () => unknown): readonly G.SpecProblem[] {
  try {
    call();
  } catch (error) {
    if (error instanceof G.SpecError) return error.problems;
    throw error;
  }
  throw new Error("nothing is wrong");
}

describe("a misspelt key", () => {
  const required: [key: string, as: string][] = [
    ["modifiers", "modifers"],
    ["samples", "sample"],
    ["samples", "Samples"],
    ["channels", "chanels"],
    ["observations", "observation"],
    ["measurements", "mesurements"],
    ["parameters", "paramters"],
    ["version", "vesrion"],
    ["config", "confg"],
    ["type", "tpye"],
  ];
  it.each(required)("%s, as %s, is named", (key, as) => {
    const all = problemsOf(() => G.readWorkspace(respelt(key, as)));
    const missing = all.find(
      ({ code, expected }) => code === "spec.missing" && expected === `the key "${key}"`,
    );
    expect(missing?.remedy).toBe(`rename "${as}" to "${key}"`);
    const unknown = all.find(({ code, got }) => code === "spec.unknownKey" && got === `"${as}"`);
    expect(unknown?.remedy).toBe(`did you mean "${key}"?`);
  });

  it("that may be left out is named too", () => {
    const [only, ...others] = problemsOf(() => G.readWorkspace(respelt("fixed", "fixd")));
    expect(others).toEqual([]);
    expect([only?.code, only?.remedy]).toEqual(["spec.unknownKey", 'did you mean "fixed"?']);
  });

  it("is told by the message, once with its mark", () => {
    const read = () => G.histfactory({ channels: sound().channels, modifers: [] } as never);
    expect(read).toThrow(/remove the key or correct its name\.$/);
    expect(() => G.readWorkspace(respelt("fixed", "fixd"))).toThrow(/did you mean "fixed"\?$/);
  });

  it("beside the right one is to be removed", () => {
    const spec = sound();
    Object.assign(spec.channels[0]!, { sample: [] });
    const [only] = problemsOf(() => G.readWorkspace(spec));
    expect(only?.remedy).toBe("remove the key or correct its name");
  });

  it("a misspelt type of a modifier, checked or not", () => {
    const text = JSON.stringify(sound().channels).replace("normfactor", "normfactr");
    const spec = { channels: JSON.parse(text) };
    for (const validate of [true, false]) {
      const [only] = problemsOf(() => G.histfactory(spec, { validate, poi: null }));
      expect([only?.code, only?.remedy]).toEqual(["spec.modifierType", 'did you mean "normfactor"?']);
    }
  });
});

describe("options of a model", () => {
  const wrong: [option: string, value: unknown][] = [
    ...[5, true, null, "x", [], new Map(), new Set()].map((v): [string, unknown] => ["modifiers", v]),
    ...[0, false, ["mu"], new Map()].map((v): [string, unknown] => ["poi", v]),
    ...["5", true, [5], Number.NaN].map((v): [string, unknown] => ["clipBinData", v]),
    ...["5", true, [5], Number.NaN].map((v): [string, unknown] => ["clipSampleData", v]),
    ...["no", 0, null].map((v): [string, unknown] => ["validate", v]),
  ];
  it("of a wrong kind are refused", () => {
    const { channels } = sound();
    for (const [option, value] of wrong) {
      const given = { [option]: value } as never;
      const says = `'${option}' of '`;
      expect(() => G.histfactory({ channels } as never, given), `${option} ${String(value)}`).toThrow(says);
      expect(() => G.readWorkspace(sound()).model(given), `${option} ${String(value)}`).toThrow(says);
    }
  });
});

describe("a measurement that there is not", () => {
  it("is told with those there are", () => {
    const one = G.readWorkspace(sound());
    expect(() => one.measurement("man")).toThrow(/no measurement "man"; it has "main" alone\.$/);
    const two = sound();
    two.measurements.push({ ...two.measurements[0]!, name: "other" });
    expect(() => G.readWorkspace(two).measurement(2)).toThrow(
      /no measurement number 2; it has "main", "other" \(numbers 0 to 1\)\.$/,
    );
  });
});
