import { describe, expect, test } from "vitest";
import { eventsOf } from "../../src/events/columns.js";
import { applyPolicy, inspect, describe as sentences } from "../../src/events/policy.js";
import { errorOf, plain } from "../kit/data-help.js";

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;

const table = eventsOf({
  good: Float64Array.of(1, 2, 3, 4, 5),
  pt: Float32Array.of(1, nan, 3, inf, nan),
  w: Float64Array.of(1, -inf, 1, 1, 1),
  event: BigInt64Array.of(1n, 2n, 3n, 4n, 5n),
  jets: { offsets: Int32Array.of(0, 0, 2, 2, 5, 5), content: Float64Array.of(1, 2, nan, inf, 3) },
});

describe("numbers that are not finite", () => {
  test("are counted by column", () => {
    expect(Object.fromEntries(inspect(table))).toEqual({
      pt: { nan: 2, positive: 1, negative: 0, first: 1, rows: 3 },
      w: { nan: 0, positive: 0, negative: 1, first: 1, rows: 1 },
      jets: { nan: 1, positive: 1, negative: 0, first: 3, rows: 1 },
    });
    expect(inspect(table, ["good", "event"]).size).toBe(0);
    expect(sentences(inspect(table), 5)).toEqual([
      "pt is NaN in 2 and infinite in 1 of 5 rows, first in row 2",
      "w is infinite in 1 of 5 rows, first in row 2",
      "jets is NaN in 1 and infinite in 1 elements, in 1 of 5 rows, first in row 4",
    ]);
  });

  test("are refused, dropped or kept", async () => {
    const error = await errorOf(() => applyPolicy(table, ["good", "pt", "w"], "refuse", "a.csv"));
    expect(error).toMatchObject({ code: "data.notNumber", column: "pt", file: "a.csv" });
    expect(error.message).toBe(
      "a.csv: Column pt is NaN in 2 and infinite in 1 of 5 rows, first in row 2; w is infinite in 1 of 5 rows, first in row 2. Leave such rows out, or mend them.",
    );
    const { table: left, dropped, found } = applyPolicy(table, ["pt", "w"], "drop");
    expect([dropped, found.size]).toEqual([3, 2]);
    expect(plain(left)).toMatchObject({
      good: [1, 3],
      event: [1n, 3n],
      jets: { offsets: [0, 0, 0], content: [] },
    });
    expect(applyPolicy(table, ["pt", "w"], "keep")).toMatchObject({ table, dropped: 0 });
    expect(applyPolicy(table, ["jets"], "drop").dropped).toBe(1);
    for (const policy of ["refuse", "drop", "keep"] as const) {
      expect(applyPolicy(table, ["good", "event"], policy).table).toBe(table);
    }
  });

  test("in every row, or in no column", async () => {
    const bad = eventsOf({ x: Float64Array.of(nan, nan) });
    expect((await errorOf(() => applyPolicy(bad, ["x"], "drop"))).message).toMatch(
      /No row is left.*x is NaN in 2 of 2/,
    );
    expect((await errorOf(() => applyPolicy(bad, ["y"], "keep"))).message).toContain("no column y");
    const none = eventsOf({ x: new Float64Array(0) });
    expect(applyPolicy(none, ["x"], "refuse").table).toBe(none);
  });
});
