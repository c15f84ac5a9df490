import { describe, expect, it } from "vitest";
import { differences } from "../runtimes/differences.mjs";

const reference = {
  runs: { alone: { bits: { "fit.x.0": "3ff0000000000000", "fit.x.1": "NaN" } } },
  says: { errors: ["CutError"] },
};
const run = (bits: Record<string, string>) => ({ runs: { page: { bits } }, says: {} });
const same = reference.runs.alone.bits;
const place = { name: "a place", says: {} };

describe("what the run of all runtimes calls a difference", () => {
  it("is nothing where all bits are the same", () => {
    expect(differences(place, run(same), reference)).toEqual([]);
    const says = { ...run(same), says: { errors: ["CutError"], closed: true } };
    expect(differences({ ...place, says: { closed: true } }, says, reference)).toEqual([]);
  });

  it("is a last bit, a number less and a number more", () => {
    const named = (bits: Record<string, string>) => differences(place, run(bits), reference).join();
    expect(named({ ...same, "fit.x.0": "3ff0000000000001" })).toMatch(/page: 1 of 2 .* fit\.x\.0/);
    expect(named({ "fit.x.0": "3ff0000000000000" })).toMatch(/1 of 2 .* fit\.x\.1/);
    expect(named({ ...same, more: "0" })).toMatch(/1 of 3 .* more/);
  });

  it("is a place that tells nothing, or says something else, and one that computes where it should refuse", () => {
    const nothing = { runs: {}, says: {} };
    expect(differences(place, nothing, reference)).toEqual(["no answers"]);
    expect(differences(place, { error: "it ended" }, reference)).toEqual(["it ended"]);
    expect(differences(place, { ...run(same), says: { errors: [] } }, reference)[0]).toMatch(/^errors: /);
    expect(differences({ ...place, says: { closed: true } }, run(same), reference)[0]).toMatch(/^closed: /);
    const refusing = { name: "a policy", refuses: true, says: { init: "why not" } };
    expect(differences(refusing, { runs: {}, says: { init: "why not" } }, reference)).toEqual([]);
    expect(differences(refusing, { ...run(same), says: { init: "why not" } }, reference)).toEqual([
      "computes, where it should refuse",
    ]);
    expect(differences(place, nothing, { ...reference, runs: { alone: { bits: {} } } })[0]).toMatch(/Node/);
  });
});
