// What is done to the rows of a table is done to the rows of its children.

import { describe, expect, it } from "vitest";
import { aboutEvents, type Events } from "../../src/core/events.js";
import { column, eventsOf, numbersOf, select, withColumns } from "../../src/events/columns.js";
import { sameKind } from "../../src/events/columnvalues.js";
import { concatenate } from "../../src/events/concatenate.js";
import { DataError } from "../../src/events/dataerror.js";
import { withoutSentinels } from "../../src/events/missing.js";
import { applyPolicy, describe as described, inspect } from "../../src/events/policy.js";
import { takeTable } from "../../src/events/takerows.js";
import { nested, table } from "../../src/index.js";
import { jetEvents, rowsOf } from "../kit/childtables.js";

const events = jetEvents(60);
const all = rowsOf(events);

describe("rows of a table with children", () => {
  it.each([
    ["in another order, some twice", [5, 59, 0, 0, 17, 5, 3]],
    ["none", []],
  ])("taken by their numbers: %s", (_, rows) => {
    const taken = takeTable(events, Int32Array.from(rows), sameKind);
    expect(rowsOf(taken)).toEqual(rows.map((row) => all[row]));
    expect(aboutEvents(taken)).toMatchObject({ rows: rows.length, names: ["row", "w"] });
  });

  it("selected by a mask", () => {
    const mask = Uint8Array.from({ length: 60 }, (_, i) => Number(i % 3 === 1));
    expect(rowsOf(select(events, mask))).toEqual(all.filter((_, i) => mask[i] === 1));
    expect(select(events, new Uint8Array(60).fill(1))).toBe(events);
  });

  it("of several tables one after the other, and kinds of numbers that differ", () => {
    const other = jetEvents(30, 2);
    const wide = withColumns(table({ row: other.row, w: other.w }), {
      jets: nested(aboutEvents(other.jets).offsets!, {
        ...other.jets,
        pt: Float64Array.from(other.jets.pt),
        flags: Float32Array.from(other.jets.flags),
      }),
      leptons: other.leptons,
    });
    for (const consume of [false, true]) {
      const joined = concatenate([events, wide, events], { consume });
      expect(rowsOf(joined)).toEqual([...all, ...rowsOf(other), ...all]);
      expect((joined.jets as Events).pt).toBeInstanceOf(Float64Array);
      expect((joined.jets as Events).flags).toBeInstanceOf(Float64Array);
    }
  });

  it("are refused where children do not fit", () => {
    const { jets, leptons, row } = events;
    const bare = eventsOf({ row, w: events.w, leptons });
    expect(() => concatenate([events, bare], { files: ["a", "b"] })).toThrow(/b: There is no column jets/);
    const { tracks: _, ...flat } = jets;
    const few = eventsOf({ row, w: events.w, leptons, jets: nested(aboutEvents(jets).offsets!, flat) });
    expect(() => concatenate([events, few])).toThrow(/no column jets.tracks/);
    expect(() => eventsOf({ jets, row: row.subarray(1) })).toThrow(
      "Column row has 59 rows, but the table has 60",
    );
    expect(() => eventsOf({ row: row.subarray(1), jets })).toThrow(/Child table jets .* 60 parents/);
    expect(() => withColumns(events, { more: nested([0, 1], { x: new Float32Array(1) }) })).toThrow(
      /Child table more/,
    );
    expect(() => withColumns(events, { jets })).toThrow(/a column jets already/);
  });
});

describe("columns of children", () => {
  it("have names with dots, and any count of numbers per row", () => {
    expect(numbersOf(events)).toEqual([
      ...["row", "w", "jets.pt", "jets.eta", "jets.flags", "jets.tight", "jets.tracks.z", "leptons.pt"],
    ]);
    expect(column(events, "jets.pt")).toEqual({
      offsets: aboutEvents(events.jets).offsets,
      content: events.jets.pt,
    });
    const z = column(events, "jets.tracks.z") as { offsets: Int32Array; content: Float64Array };
    expect(z.content).toBe(events.jets.tracks.z);
    all.forEach(({ jets }, i) => {
      const tracks = (jets as { tracks: { z: number }[] }[]).flatMap((jet) => jet.tracks);
      expect([...z.content.subarray(z.offsets[i], z.offsets[i + 1])]).toEqual(tracks.map((t) => t.z));
    });
    expect(() => column(events, "jets")).toThrow(/jets is a child table.*as jets.pt/);
    expect(() => column(events, "jets.pz")).toThrow(/no column jets.pz. Did you mean .*jets.pt/);
    expect(() => column(events, "jets.tracks")).toThrow(DataError);
  });

  it("of several numbers per row", () => {
    const wide = table({
      jets: nested(
        [0, 1, 3],
        table({ p4: Float32Array.of(1, 2, 3, 4, 5, 6), m: new Int8Array(3) }, { rows: 3 }),
      ),
    });
    expect(column(wide, "jets.p4")).toMatchObject({ offsets: Int32Array.of(0, 2, 6) });
    expect(rowsOf(takeTable(wide, Int32Array.of(1, 0), sameKind))).toEqual([...rowsOf(wide)].reverse());
  });

  it("are counted and left out by policies where they are not finite", () => {
    const pt = Float32Array.of(1, Number.NaN, 3, Number.POSITIVE_INFINITY, Number.NaN);
    const bad = table({ x: Int32Array.of(0, 1, 2, 3), jets: nested([0, 1, 4, 4, 5], { pt }) });
    const found = inspect(bad);
    expect(described(found, 4)).toEqual([
      "jets.pt is NaN in 2 and infinite in 1 elements, in 2 of 4 rows, first in row 2",
    ]);
    expect(() => applyPolicy(bad, ["jets.pt"], "refuse")).toThrow(/jets.pt is NaN in 2/);
    const { table: left, dropped } = applyPolicy(bad, ["x", "jets.pt"], "drop");
    expect(dropped).toBe(2);
    expect(rowsOf(left)).toEqual([
      { x: 0, jets: [{ pt: 1 }] },
      { x: 2, jets: [] },
    ]);
  });

  it("may have numbers that stand for none", () => {
    const made = () =>
      table({
        x: Float32Array.of(-999, 1),
        jets: nested([0, 2, 3], {
          pt: Float32Array.of(-999, 2, 3),
          id: Int32Array.of(1, -999, 3),
          n: Int32Array.of(1, 2, 3),
        }),
      });
    const whole = withoutSentinels(made(), ["-999"]);
    expect(rowsOf(whole)).toEqual([
      {
        x: Number.NaN,
        jets: [
          { pt: Number.NaN, id: 1, n: 1 },
          { pt: 2, id: Number.NaN, n: 2 },
        ],
      },
      { x: 1, jets: [{ pt: 3, id: 3, n: 3 }] },
    ]);
    expect(aboutEvents(whole).nulls).toEqual(new Map([["x", 1]]));
    const jets = whole.jets as Events;
    expect(aboutEvents(jets).nulls).toEqual(
      new Map([
        ["pt", 1],
        ["id", 1],
      ]),
    );
    expect(jets.n).toBeInstanceOf(Int32Array);
  });
});

describe("child tables", () => {
  it("have the float type of their root, and are tables of their own", () => {
    const { jets } = jetEvents(3, 1, "f64");
    expect([aboutEvents(jets).dtype, aboutEvents(jets.tracks).dtype]).toEqual(["f64", "f64"]);
    const own = table(jets);
    expect(aboutEvents(own).offsets).toBeUndefined();
    expect(aboutEvents(own).rows).toBe(jets.pt.length);
    expect(own.tracks).toBe(jets.tracks);
    expect(aboutEvents(table(events, { dtype: "f64" }).jets.tracks).dtype).toBe("f64");
    // Nothing was copied.
    expect(table(events, { dtype: "f64" }).jets.pt).toBe(events.jets.pt);
  });

  it("are refused as columns and with offsets of others", () => {
    expect(() => table({ x: table({ y: new Float32Array(2) }) as never })).toThrow(/'x' of the table is/);
    expect(() => table(events, { rows: 30 })).toThrow(/60/);
  });
});
