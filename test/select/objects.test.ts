// Cuts on objects: hard as awkward and vector do it, soft as its limit.

import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { type Cut, compile, cut, init, nested, type Tensor, table } from "../../src/index.js";
import { evaluate, loopEvents } from "../kit/objectloops.js";
import { objectEvents } from "../kit/objects.js";

beforeAll(() => init());

const file = new URL("../fixtures/objects.json", import.meta.url);
const formulas: readonly { name: string; text: string }[] = JSON.parse(readFileSync(file, "utf8")).formulas;

const made = objectEvents(2000);
const list = loopEvents(made);
const { met, weight } = made;
const rows = ({ offsets, columns }: typeof made.jets | typeof made.electrons | typeof made.muons) =>
  nested(offsets, columns as Record<string, Float32Array>);
const columns = {
  met,
  weight,
  jets: rows(made.jets),
  electrons: rows(made.electrons),
  muons: rows(made.muons),
};

type Trees = Record<string, Tensor>;

describe("hard", () => {
  it.each(formulas)("$text", ({ name, text }) => {
    const c: Cut = cut(text);
    const { mask } = evaluate(name, list);
    const got = c.hard(c.init(), columns);
    const wrong = [...mask.keys()].filter((i) => mask[i] !== got[i]);
    expect(wrong.length, `events ${wrong.slice(0, 5)}`).toBe(0);
  });

  it.each(formulas)("printed and parsed back: $text", ({ text }) => {
    const c: Cut = cut(text);
    const printed = c.print(c.init());
    expect(cut(printed).print(cut(printed).init())).toBe(printed);
    expect(cut(printed).hard(cut(printed).init(), columns)).toEqual(c.hard(c.init(), columns));
  });
});

describe("soft", () => {
  it.each(formulas)("$text: hard in the limit", ({ name, text }) => {
    const c: Cut = cut(text);
    const { mask } = evaluate(name, list);
    const soft = compile((p: Trees, e: Trees) => c.soft(p, e, 1e-10));
    const got = soft(c.init(), table(columns, { dtype: "f64" })) as Float64Array;
    let wrong = 0;
    mask.forEach((m, i) => {
      if (!(Math.abs(got[i]! - m) < 1e-6)) wrong++;
    });
    expect(wrong).toBe(0);
  });
});
