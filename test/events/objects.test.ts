// The loops that other tests take for the truth about cuts on objects say what awkward and vector say (test/peers/objects.py).

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { evaluate, loopEvents, loops } from "../kit/objectloops.js";
import { arraysOf, hashOf, objectEvents } from "../kit/objects.js";

interface Figures {
  readonly rows: number;
  readonly hash: number;
  readonly formulas: readonly Formula[];
}

interface Formula {
  readonly name: string;
  readonly text: string;
  readonly passing: number;
  readonly first: readonly number[];
  readonly hash: number;
  readonly values?: readonly (readonly [row: number, value: number])[];
}

const file = new URL("../fixtures/objects.json", import.meta.url);
const peer: Figures = JSON.parse(readFileSync(file, "utf8"));
const events = objectEvents(peer.rows);
const list = loopEvents(events);

describe("cuts on objects by loops", () => {
  it("are of the same events, and all that awkward has", () => {
    const arrays = Object.entries(arraysOf(events)).sort(([a], [b]) => (a < b ? -1 : 1));
    expect(hashOf(...arrays.map(([, array]) => array))).toBe(peer.hash);
    expect(Object.keys(loops)).toEqual(peer.formulas.map(({ name }) => name));
  });

  it.each(peer.formulas)("$text", ({ name, passing, first, hash, values }) => {
    const { mask, value } = evaluate(name, list);
    const rows = [...mask.keys()].filter((row) => mask[row] === 1);
    expect([rows.length, rows.slice(0, 50), hashOf(mask)]).toEqual([passing, first, hash]);
    if (!values) return expect(value.every(Number.isNaN)).toBe(true);
    const finite = [...value.keys()].filter((row) => Number.isFinite(value[row]));
    expect(finite.slice(0, values.length)).toEqual(values.map(([row]) => row));
    for (const [row, wanted] of values)
      expect(Math.abs(value[row]! - wanted), `event ${row}`).toBeLessThanOrEqual(1e-12 * Math.abs(wanted));
  });
});
