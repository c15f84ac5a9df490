// CSV as others write it: other separators, missing numbers, comments, no header, whole numbers of any size.

import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { aboutEvents } from "../../src/core/events.js";
import { eventsOf } from "../../src/events/columns.js";
import { DataError } from "../../src/events/dataerror.js";
import type { Separator } from "../../src/events/formats/csv/readcsv.js";
import { type CsvOptions, csvPieces, readCsv } from "../../src/events/formats/csv/readcsv.js";
import { readTable } from "../../src/events/opentable.js";
import { readPieces, readTables } from "../../src/events/readtables.js";
import { writeTable } from "../../src/events/writetable.js";
import { bytesOf, errorOf, kindsOf, plain, scratch, sourceOf } from "../kit/data-help.js";
import { runs } from "../kit/runs.js";

const { folder, path } = scratch();
const csv = (text: string, options?: CsvOptions) => readCsv(sourceOf(bytesOf(text)), options);
const nan = Number.NaN;

test.each<[string, string, CsvOptions, Record<string, unknown>]>([
  ["empty cells", "x,y\n,2\n3,\n", {}, { x: [nan, 3], y: [2, nan] }],
  [
    "words for nothing",
    "x,y\nNA,null\nN/A,None\n<NA>,1\nna,2\n",
    {},
    { x: [nan, nan, nan, nan], y: [nan, nan, 1, 2] },
  ],
  ["only empty cells", "x,y\n,2\n,3\n", {}, { x: [nan, nan], y: [2, 3] }],
  ["words after empty cells", "x,y\n,2\nNA,3\nmu,4\n", {}, { x: ["", "NA", "mu"], y: [2, 3, 4] }],
  ["infinities with a sign", "x\n+inf\n+Infinity\n-inf\n", {}, { x: [Infinity, Infinity, -Infinity] }],
  ["one column", 'x\n1\n""\n3\n', {}, { x: [1, nan, 3] }],
  ["semicolons", "x;y\n1;2.5\n;4\n", {}, { x: [1, nan], y: [2.5, 4] }],
  ["tabs", "x\ty\n1\t2.5\n\t4\n", {}, { x: [1, nan], y: [2.5, 4] }],
  ["bars", "x|y\n1|2.5\n", {}, { x: [1], y: [2.5] }],
  ["spaces, lined up", "  pt    eta\n  1.5  -2\n 10     3 \n", {}, { pt: [1.5, 10], eta: [-2, 3] }],
  ["spaces and tabs", "pt eta\tm\n1\t 2  3\n", {}, { pt: [1], eta: [2], m: [3] }],
  ["a name of two words", "jet pt\n1\n2\n", {}, { "jet pt": [1, 2] }],
  ["names of two words between tabs", "jet pt\tx\n1\t2\n", {}, { "jet pt": [1], x: [2] }],
  ["a comma in a quoted name", '"x, y";z\n1;2\n', {}, { "x, y": [1], z: [2] }],
  ["comments", "# made\n\n# twice\nx,y\n1,2\n# 3,4\n  # and\n5,6\n#\n", {}, { x: [1, 5], y: [2, 6] }],
  ["names in a comment", "# of 2026\n# x, y\n1,2\n3,4\n", {}, { x: [1, 3], y: [2, 4] }],
  ["names in a comment, as NumPy writes them", "# pt eta\n1.0e+00 2\n", {}, { pt: [1], eta: [2] }],
  [
    "words that begin with #",
    'name,x\n#one,1\n#2,2\n"#3",3\n',
    {},
    { name: ["#one", "#2", "#3"], x: [1, 2, 3] },
  ],
  ["no header", "1,2\n3,4\n", { names: ["x", "y"] }, { x: [1, 3], y: [2, 4] }],
  ["no header, and there is one", "x,y\n3,4\n", { names: ["x", "y"] }, { x: [3], y: [4] }],
  ["no header, some columns", "1;2\n3;4\n", { names: ["x", "y"], columns: ["y"] }, { y: [2, 4] }],
  [
    "a word and a number for nothing",
    "x,y\n-,-999\n2,-999.0\n?,5\n",
    { missing: ["-", "?", "-999"] },
    { x: [nan, 2, nan], y: [nan, nan, 5] },
  ],
  [
    "u64",
    "id\n9007199254740993\n18446744073709551615\n",
    {},
    { id: [9007199254740993n, 18446744073709551615n] },
  ],
  ["small and u64", "id\n1\n18446744073709551615\n", {}, { id: [1n, 18446744073709551615n] }],
  [
    "floats in full",
    "x\n33333333333333330000\n0.5\n-12345678901234567000\n",
    {},
    { x: [33333333333333330000, 0.5, -12345678901234567000] },
  ],
])("%s", async (_, text, options, expected) => {
  const table = await csv(text, options);
  expect(plain(table)).toEqual(expected);
  // Empty and missing cells are counted, those that say nan are not.
  for (const [name, values] of Object.entries(expected)) {
    const nulls = (values as unknown[]).filter((x) => typeof x === "number" && Number.isNaN(x)).length;
    expect(aboutEvents(table).nulls?.get(name) ?? 0, name).toBe(nulls);
  }
});

test("nan is a number, not a missing one", async () => {
  const table = await csv("x\nnan\nNaN\n+nan\n");
  expect(aboutEvents(table).nulls).toBeUndefined();
  expect(plain(table)).toEqual({ x: [nan, nan, nan] });
});

test.each<[string, CsvOptions, string, number | undefined, string]>([
  ["id\n9007199254740993\n0.5\n", {}, "data.unsupported", 2, "Column id holds 9007199254740993"],
  ["id\n18446744073709551615\n-1\n", {}, "data.unsupported", 2, "negative numbers"],
  ["id\n9007199254740993\n\n", {}, "none", undefined, ""],
  ["id,x\n9007199254740993,1\n,2\n", {}, "data.unsupported", 2, "cells without a number"],
  ["id\n99999999999999999999\n", {}, "data.unsupported", 2, "99999999999999999999"],
  ["id\n9007199254740993\n-999\n", { missing: ["-999"] }, "data.unsupported", undefined, "missing numbers"],
  ["x,y\n1,2\n\n3,4\n", {}, "data.ragged", 3, "The line is empty, but rows follow"],
  ["1,2\n3,4\n", {}, "data.header", 1, "--columns"],
  ["a,b\r1,2\r3,4\r", {}, "data.format", 1, "CR alone"],
  ["1,2\n3,4\n", { names: ["x"] }, "data.ragged", 1, "2 cells, but there are names for 1"],
  ["x;y\n1;2\n3;4,5\n", {}, "data.notNumber", 3, "decimals need a point"],
  ["x,y\n1,2\n#3\n4\n", {}, "data.ragged", 4, "1 cell"],
  ["# only\n#comments\n", {}, "data.empty", undefined, "empty"],
])("%j %j", async (text, options, code, line, words) => {
  if (code === "none") {
    expect(plain(await csv(text, options))).toEqual({ id: [9007199254740993n] });
    return;
  }
  const error = await errorOf(csv(text, options));
  expect(error).toMatchObject({ code, line });
  expect(error.message).toContain(words);
});

test("files by their names, in pieces and together", async () => {
  const files = [
    path("a.tsv", "x1\ty\n1\t2\n"),
    path("b.txt", "x1 y\n3 4\n"),
    path("c.dat.gz", gzipSync("# x1 y\n5 6\n")),
    path("d.csv", "x1,y\n7,NA\n"),
  ];
  expect(plain((await readTables(files)).table)).toEqual({ x1: [1, 3, 5, 7], y: [2, 4, 6, nan] });
  expect(plain(await readTable(path("comma.tsv", "x,1\ty\n1\t2\n")))).toEqual({ "x,1": [1], y: [2] });
  const rows: unknown[] = [];
  for await (const { table } of readPieces(files, ["y"], { missing: ["4"] })) rows.push(plain(table));
  expect(rows).toEqual([{ y: [2] }, { y: [nan] }, { y: [6] }, { y: [nan] }]);
});

test("numbers for nothing in any file", async () => {
  const file = join(folder, "sentinel.parquet");
  const columns = {
    i: Int32Array.of(-999, 2, 3),
    f: Float32Array.of(1, Math.fround(-999.9), 3),
    j: { offsets: Int32Array.of(0, 2, 2, 3), content: Float64Array.of(1, -999, -999) },
    id: BigInt64Array.of(2n ** 60n + 1n, 1n, 2n),
  };
  await writeTable(file, eventsOf(columns));
  const table = await readTable(file, undefined, { missing: ["-999", "-999.9"] });
  expect(plain(table)).toEqual({
    i: [nan, 2, 3],
    f: [1, nan, 3],
    j: { offsets: [0, 2, 2, 3], content: [1, nan, nan] },
    id: [2n ** 60n + 1n, 1n, 2n],
  });
  expect(aboutEvents(table).nulls).toEqual(
    new Map([
      ["i", 1],
      ["f", 1],
      ["j", 2],
    ]),
  );
  expect(kindsOf(table)).toMatchObject({ i: "Float64Array", f: "Float32Array", id: "BigInt64Array" });
});

describe("any table that others write", () => {
  const name = fc
    .stringMatching(/^[A-Za-z_][A-Za-z0-9_.]{0,6}$/)
    .filter((text) => !/^(nan|inf|infinity|true|false|na|null|none)$/i.test(text));
  const nothing = fc.constantFrom("", "NA", "null", "None", "N/A", "-999");
  const number = fc.oneof(fc.double({ noNaN: true }), fc.integer(), fc.constantFrom(0.5, 1e300, Infinity));
  const table = fc.uniqueArray(name, { minLength: 2, maxLength: 5 }).chain((names) =>
    fc.record({
      names: fc.constant(names),
      rows: fc.array(
        fc.array(fc.oneof({ weight: 4, arbitrary: number.map(String) }, { weight: 1, arbitrary: nothing }), {
          minLength: names.length,
          maxLength: names.length,
        }),
        { minLength: 1, maxLength: 12 },
      ),
      separator: fc.constantFrom<Separator>(",", ";", "\t", "|", " "),
      header: fc.constantFrom("first", "comment", "none"),
      comments: fc.boolean(),
      quotes: fc.boolean(),
      end: fc.constantFrom("\n", "\r\n"),
      size: fc.integer({ min: 1, max: 40 }),
    }),
  );

  test("holds its numbers, and NaN where there are none", async () => {
    await fc.assert(
      fc.asyncProperty(table, async ({ names, rows, separator, header, comments, quotes, end, size }) => {
        const spaces = separator === " ";
        const cell = (text: string) => (quotes || (spaces && text === "") ? `"${text}"` : text);
        const between = spaces ? "  " : separator;
        const written = rows.map((row) =>
          row.map((text) => cell(text.replace("Infinity", "inf"))).join(between),
        );
        const lines = [
          ...(comments ? ["# some words", "#"] : []),
          ...(header === "first"
            ? [names.join(between)]
            : header === "comment"
              ? [`# ${names.join(between)}`]
              : []),
          ...written.flatMap((line, i) => (comments && i % 2 === 1 ? ["# 1, 2", line] : [line])),
        ];
        const bytes = bytesOf(lines.join(end) + end);
        // A comment names the columns where it stands alone before numbers.
        const options = { separator, missing: ["-999"], ...(header === "none" && { names }) };
        const values = (c: number) =>
          rows.map((row) => (/^(|NA|null|None|N\/A|-999)$/.test(row[c]!) ? nan : Number(row[c])));
        const expected = Object.fromEntries(names.map((each, c) => [each, values(c)]));
        const asNumbers = (found: Record<string, unknown>) =>
          Object.fromEntries(
            Object.entries(found).map(([key, x]) => [key, (x as unknown[]).map((y) => Number(y) + 0)]),
          );
        const zero = (found: Record<string, number[]>) =>
          Object.fromEntries(Object.entries(found).map(([key, x]) => [key, x.map((y) => y + 0)]));
        const whole = await readCsv(sourceOf(bytes), options);
        expect(asNumbers(plain(whole))).toEqual(zero(expected));
        for (const [c, each] of names.entries())
          expect(aboutEvents(whole).nulls?.get(each) ?? 0).toBe(values(c).filter(Number.isNaN).length);
        const parts = (async function* () {
          for (let at = 0; at < bytes.length; at += size) yield bytes.slice(at, at + size);
        })();
        for await (const piece of csvPieces(parts, options)) expect(plain(piece)).toEqual(plain(whole));
      }),
      { numRuns: runs(80) },
    );
  }, 1e6);

  test("keeps whole numbers of 64 bits, or refuses by name", async () => {
    const big = fc.oneof(
      fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      fc.integer().map(BigInt),
      fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(big, { minLength: 1, maxLength: 6 }),
        fc.boolean(),
        async (values, fraction) => {
          const text = `id\n${values.join("\n")}\n${fraction ? "0.5\n" : ""}`;
          const table = await csv(text).catch((error: DataError) => error);
          if (table instanceof DataError) {
            expect(table.code).toBe("data.unsupported");
            expect(table.message).toContain("Column id holds ");
            return;
          }
          const found = (plain(table).id as (number | bigint)[]).slice(0, values.length);
          // As floats they are exact, or such floats as JavaScript writes.
          for (const [i, value] of values.entries())
            expect(BigInt(found[i]!) === value || String(Number(value)) === String(value)).toBe(true);
        },
      ),
      { numRuns: runs(80) },
    );
  }, 1e6);
});
