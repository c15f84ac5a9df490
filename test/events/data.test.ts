import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import type { Events, Jagged } from "../../src/core/events.js";
import { asFloat64, column, eventsOf, numbersOf, pick, select } from "../../src/events/columns.js";
import { makeValues } from "../../src/events/columnvalues.js";
import { concatenate } from "../../src/events/concatenate.js";
import { DataError } from "../../src/events/dataerror.js";
import { DecimalReader } from "../../src/events/formats/csv/decimal.js";
import { type CsvOptions, readCsv } from "../../src/events/formats/csv/readcsv.js";
import { decodeVectors } from "../../src/events/formats/root/basket.js";
import { readRoot } from "../../src/events/formats/root/readroot.js";
import { kinds } from "../../src/events/formats/root/storedkinds.js";
import { readTable } from "../../src/events/opentable.js";
import { splitSpec } from "../../src/events/splitspec.js";
import { allowed, stopwatch } from "../kit/clock.js";
import { bytesOf, errorOf, generator, plain, rowsOf, sameBits, scratch, sourceOf } from "../kit/data-help.js";
import { hasJsroot, rootFile } from "../kit/rootfiles.js";

const { folder, path } = scratch();
const csv = (text: string, options?: CsvOptions) => readCsv(sourceOf(bytesOf(text)), options);

describe("decimals", () => {
  const reader = new DecimalReader();
  /** The number that a text holds, or undefined where the reader leaves it to others. */
  const read = (text: string) => {
    const bytes = bytesOf(`${text},`);
    return reader.read(bytes, 0) && reader.end === text.length ? reader.value : undefined;
  };

  test("are the nearest f64", () => {
    const random = generator(2);
    let read15 = 0;
    let readAll = 0;
    for (let i = 0; i < 100_000; i++) {
      const scaled = (random() - 0.5) * 10 ** Math.floor(random() * 20 - 10);
      const digits = 1 + Math.floor(random() * 19);
      for (const text of [String(scaled), scaled.toPrecision(digits), scaled.toFixed(Math.min(20, digits))]) {
        const value = read(text);
        readAll++;
        if (value === undefined) continue;
        read15++;
        if (!Object.is(value, Number(text))) throw new Error(`${text} read as ${value}`);
      }
    }
    expect(read15 / readAll).toBeGreaterThan(0.8);
  });

  test("are left to others near a tie", () => {
    // 2**53 + 1 lies between two doubles; so do these scaled ones.
    for (const text of [
      "9007199254740993.0",
      "900719925474099.3e1",
      "90071992547409930e-1",
      "4503599627370496.5",
    ]) {
      expect(read(text) ?? Number(text)).toBe(Number(text));
    }
    expect(read("9007199254740993.0")).toBeUndefined();
  });

  test.each(["", "-", ".", "1e", "1e+", "abc", "1e400", "12345678901234567890", "1234567890123456"])(
    "%j",
    (text) => {
      expect(read(text)).toBeUndefined();
    },
  );

  test.each(["0", "-0", "-0.0", "5.", ".5", "007", "1e-5", "2.5E+0", "0.00000000000000000001"])(
    "%j",
    (text) => {
      expect(Object.is(read(text), Number(text))).toBe(true);
    },
  );
});

describe("CSV", () => {
  test.each([
    ["plain", "x,y\n1,2\n3.5,-4e2\n", { x: [1, 3.5], y: [2, -400] }],
    ["no newline at the end", "x,y\n1,2", { x: [1], y: [2] }],
    [
      "carriage returns",
      "x,y\r\n1,2\r\n3,0.1234567890123456789\r\n\r\n",
      { x: [1, 3], y: [2, 0.12345678901234568] },
    ],
    ["byte order mark", "\uFEFFx\n1\n", { x: [1] }],
    ["blank lines around", "\nx\n1\n2\n\n \n", { x: [1, 2] }],
    ["quotes", '"x, ""a""","y"\n"1"," 2 "\n', { 'x, "a"': [1], y: [2] }],
    ["a separator in a quoted name", '"x;y"\n1\n', { "x;y": [1] }],
    ["spaces", " x ,y\n 1 ,\t2\n", { x: [1], y: [2] }],
    ["an index without a name", ",x\n0,1\n1,2\n", { x: [1, 2] }],
    [
      "words",
      "x,y\nnan,inf\n-Inf,TRUE\n+1.5,false\n",
      { x: [Number.NaN, Number.NEGATIVE_INFINITY, 1.5], y: [Number.POSITIVE_INFINITY, 1, 0] },
    ],
    [
      "whole numbers in 64 bits",
      "run,event\n1,9007199254740993\n2,-5\n",
      { run: [1, 2], event: [9007199254740993n, -5n] },
    ],
    ["large numbers that are no integers", "x\n9007199254740992\n0.5\n", { x: [9007199254740992, 0.5] }],
    ["names in other scripts", "pµ,x\n1,2\n", { pµ: [1], x: [2] }],
  ])("%s", async (_, text, expected) => {
    expect(plain(await csv(text))).toEqual(expected);
  });

  test("unwanted columns may hold anything", async () => {
    const table = await csv('name,x,note\na,1,"two\nlines, ""quoted"""\nb,2,\n', { columns: ["x"] });
    expect(plain(table)).toEqual({ x: [1, 2] });
  });

  test("columns of words are kept beside the numbers where all columns are read", async () => {
    const text = 'name,x,note\nmu,1,"a ""b"", c"\ne,2,\nmu,3,5\n';
    const table = await csv(text);
    expect(plain(table)).toEqual({ name: ["mu", "e", "mu"], x: [1, 2, 3], note: ['a "b", c', "", "5"] });
    expect(numbersOf(table)).toEqual(["x"]);
    const error = await errorOf(() => column(table, "name"));
    expect(error.message).toBe('Column name holds text ("mu", …), not numbers.');
    expect((await errorOf(csv(text, { columns: ["name"] }))).message).toContain('"mu" is not a number');
    expect(plain(select(table, [1, 0, 1]))).toMatchObject({ name: ["mu", "mu"], x: [1, 3] });
    expect(plain(concatenate([table, table])).note).toHaveLength(6);
  });

  test("many rows need no more memory than estimated, or some more", async () => {
    // Records that become shorter, longer, or that are 64-bit integers from some row on.
    for (const cell of [(i: number) => (i < 40_000 ? i * 1e9 : 1), (i: number) => i ** 3, (i: number) => i]) {
      const rows = 100_000;
      const values = Float64Array.from({ length: rows }, (_, i) => cell(i));
      expect(sameBits(column(await csv(`x\n${values.join("\n")}\n`), "x"), values)).toBe(true);
    }
    const wide = Array.from({ length: 100_000 }, (_, i) => (i % 3 === 0 ? 2n ** 60n + BigInt(i) : BigInt(i)));
    expect(sameBits(column(await csv(`x\n${wide.join("\n")}\n`), "x"), BigInt64Array.from(wide))).toBe(true);
  });

  test("a line without end", async () => {
    const error = await errorOf(csv(`x,y\n1,${"2".repeat((1 << 24) + (1 << 20))}`));
    expect(error).toMatchObject({ code: "data.format", line: 2 });
    expect(error.message).toContain("longer than 16 MiB");
    const short = await errorOf(csv(`x,y\n1,2\n1,${"z".repeat(1 << 20)}\n`));
    expect(short).toMatchObject({ code: "data.notNumber", line: 3 });
  });

  test("a signed zero stays", async () => {
    expect(Object.is(column(await csv("x\n-0\n"), "x")[0 as never], -0)).toBe(true);
  });

  test.each([
    ["", "data.empty", undefined, "empty"],
    ["\n\n", "data.empty", undefined, "empty"],
    ["x,y\n", "data.empty", undefined, "no rows"],
    ["x,y\n1,2\n3\n", "data.ragged", 3, "1 cell, but the header has 2"],
    ["x,y\n1,2\n3,4,5\n", "data.ragged", 3, "3 cells"],
    ["x,y\n1,2\n\n3,4\n", "data.ragged", 3, "empty"],
    ["x,y\n1,2\n3,abc\n", "data.notNumber", 3, '"abc" is not a number in column y'],
    ["x,y\na,b\n1,2\n", "data.notNumber", 2, 'x starts with "a"'],
    ["x,y\n9007199254740993,2\n0.5,4\n", "data.unsupported", 2, "Column x holds 9007199254740993"],
    ["x\n0x10\n", "data.notNumber", 2, "0x10"],
    ["x\n1 2\n", "data.notNumber", 2, "1 2"],
    ["x\n1,\n", "data.ragged", 2, "2 cells"],
    ['x,y\n1,2\n"1\n2",3\n', "data.notNumber", 3, "column x"],
    ['x,y\n"1"2,3\n', "data.format", 2, "quote"],
    ['x,y\n1,2\n"3,4\n5,6\n', "data.format", 3, "quote"],
    ["1.5,2.5\n3,4\n", "data.header", 1, "must name the columns"],
    ["x,x\n1,2\n", "data.header", 1, "Two columns are named x"],
    ["\0\0,x\n1,2\n", "data.format", 1, "not text"],
  ])("%j", async (text, code, line, words) => {
    const error = await errorOf(csv(text, { file: "sig.csv" }));
    expect(error).toMatchObject({ code, line, file: "sig.csv" });
    expect(error.message).toContain(words);
    expect(error.message).toMatch(
      line === undefined ? /^sig\.csv: / : new RegExp(`^sig\\.csv, line ${line}: `),
    );
  });

  test("an unknown column has a nearest name", async () => {
    const error = await errorOf(csv("Muon_pt,mass\n1,2\n", { columns: ["muon_pt"] }));
    expect(error).toMatchObject({ code: "data.unknownColumn", column: "muon_pt" });
    expect(error.message).toContain("Did you mean Muon_pt?");
  });

  test("pieces may be cut anywhere", async () => {
    const text = '\uFEFFx,"y, µ",z\r\n1.25,"2",3e-7\r\n-0.1234567890123456,"4\n",9007199254740992\r\n';
    const bytes = bytesOf(text);
    const whole = plain(await csv(text));
    for (let size = 1; size < 20; size++) {
      const pieces = (async function* () {
        for (let at = 0; at < bytes.length; at += size) yield bytes.slice(at, at + size);
      })();
      expect(plain(await readCsv(pieces))).toEqual(whole);
    }
  });

  test("an unclosed quote ends after a bounded time", async () => {
    const piece = bytesOf("1,2\n".repeat(1 << 17));
    let given = 0;
    const endless = (async function* () {
      yield bytesOf('x,y\n"');
      for (;;) {
        given += piece.length;
        yield piece;
      }
    })();
    const error = await errorOf(readCsv(endless));
    expect(error).toMatchObject({ code: "data.format", line: 2 });
    expect(given).toBeLessThan(1 << 25);
  });

  test("what is written reads back to the same bits", async () => {
    const random = generator(3);
    const rows = 100_000;
    const make = () =>
      Float64Array.from({ length: rows }, () => (random() - 0.3) * 10 ** Math.floor(random() * 9 - 5));
    const columns = [make(), make(), make(), make()];
    const lines = ["a,b,c,d"];
    for (let row = 0; row < rows; row++) lines.push(columns.map((values) => values[row]).join(","));
    const text = lines.join("\n");
    const took = stopwatch();
    const table = await csv(text);
    // 0.1 s on one core of 2020.
    expect(took()).toBeLessThan(allowed(2000));
    for (const [c, name] of ["a", "b", "c", "d"].entries()) {
      expect(sameBits(column(table, name), columns[c])).toBe(true);
    }
  });
});

describe("columns", () => {
  const jagged: Jagged = { offsets: Int32Array.of(0, 2, 2, 3), content: Int32Array.of(7, 8, 9) };
  const table = eventsOf({
    x: Float64Array.of(1, 2, 3),
    event: BigInt64Array.of(1n, 2n, 9007199254740993n),
    j: jagged,
  });

  test("pick", () => {
    expect([...pick(jagged, 0)]).toEqual([7, Number.NaN, 9]);
    expect([...pick(jagged, 1)]).toEqual([8, Number.NaN, Number.NaN]);
  });

  test("select", () => {
    expect(plain(select(table, Uint8Array.of(1, 0, 1)))).toEqual({
      x: [1, 3],
      event: [1n, 9007199254740993n],
      j: { offsets: [0, 2, 3], content: [7, 8, 9] },
    });
    expect(plain(select(table, [0, 0, 0]))).toEqual({ x: [], event: [], j: { offsets: [0], content: [] } });
    expect(() => select(table, [1])).toThrow(DataError);
  });

  test("concatenate", () => {
    const again = concatenate([table, select(table, [0, 1, 1])]);
    expect(rowsOf(again)).toBe(5);
    expect(plain(again)).toEqual({
      x: [1, 2, 3, 2, 3],
      event: [1n, 2n, 9007199254740993n, 2n, 9007199254740993n],
      j: { offsets: [0, 2, 2, 3, 3, 4], content: [7, 8, 9, 9] },
    });
    const other = eventsOf({ x: Int32Array.of(5) });
    expect(plain(concatenate([eventsOf({ x: Float64Array.of(1, 2, 3) }), other]))).toEqual({
      x: [1, 2, 3, 5],
    });
    expect(() => concatenate([table, other])).toThrow(/no column event/);
    const [small, large, real] = [[1, 2], [2n ** 60n], [0.5]].map((values) =>
      eventsOf({
        id:
          typeof values[0] === "bigint"
            ? BigInt64Array.from(values as bigint[])
            : Float64Array.from(values as number[]),
      }),
    ) as [Events, Events, Events];
    expect(plain(concatenate([small, large]))).toEqual({ id: [1n, 2n, 2n ** 60n] });
    expect(() => concatenate([real, large])).not.toThrow();
    const odd = eventsOf({ id: BigInt64Array.of(2n ** 60n + 1n) });
    expect(() => concatenate([real, odd])).toThrow(/Column id has whole numbers beyond 2\*\*53/);
    const lists = eventsOf({ id: { offsets: Int32Array.of(0, 1), content: Float64Array.of(1) } });
    expect(() => concatenate([small, lists], { files: ["a.csv", "b.root"] })).toThrow(
      "b.root: Column id has any count of numbers per row, but one in a.csv.",
    );
    expect(() => concatenate([])).toThrow(DataError);
  });

  test("more than the memory there is", async () => {
    const error = await errorOf(() => makeValues("f64", 2 ** 50, { file: "a.root", column: "pt" }));
    expect(error).toMatchObject({ code: "data.tooLarge", column: "pt" });
    expect(error.message).toMatch(
      /^a\.root: Column pt of \d+ numbers needs 9010000 GB of memory, more than there is/,
    );
  });

  test("names of any length and letters make one line", async () => {
    const name = `x${"y".repeat(500)}`;
    const error = await errorOf(
      csv(`"a\u001b[2J\nb",${name}\n1,2\n1\n`, { file: "two\nlines.csv", columns: [name] }),
    );
    expect(error.message).toBe("two lines.csv, line 4: The line has 1 cell, but the header has 2.");
    expect((await errorOf(csv(`${name},z\n1,2\nq,2\n`))).message.length).toBeLessThan(200);
  });

  test("64-bit integers as f64", () => {
    expect([...asFloat64(BigInt64Array.of(5n, -3n))]).toEqual([5, -3]);
    expect([...asFloat64(BigUint64Array.of(2n ** 63n))]).toEqual([2 ** 63]);
    const wide = BigInt64Array.of(1n, 9007199254740993n);
    expect(() => asFloat64(wide, "event")).toThrow("Column event holds 9007199254740993, which no f64 is");
    const lists = { offsets: Int32Array.of(0, 2), content: wide };
    expect([...pick(lists, 0, "ids")]).toEqual([1]);
    expect(() => pick(lists, 1, "ids")).toThrow("Column ids holds 9007199254740993");
  });
});

describe("files", () => {
  test("the tree follows the file", () => {
    expect(splitSpec("a.root:Events")).toEqual({ path: "a.root", tree: "Events" });
    expect(splitSpec("C:\\x:y.root:dir/tree")).toEqual({ path: "C:\\x:y.root", tree: "dir/tree" });
    expect(splitSpec("a:b.csv")).toEqual({ path: "a:b.csv", tree: undefined });
    expect(splitSpec("a.root")).toEqual({ path: "a.root", tree: undefined });
  });

  test("CSV, plain and compressed", async () => {
    const text = `x,y\n${"1.5,2\n".repeat(300_000)}`;
    for (const file of [path("a.csv", text), path("a.csv.gz", gzipSync(text, { level: 1 }))]) {
      const table = await readTable(file, ["x"]);
      expect(Object.keys(table)).toEqual(["x"]);
      expect(rowsOf(table)).toBe(300_000);
    }
  });

  test("faults are one line", async () => {
    const packed = gzipSync(`x\n${Array.from({ length: 10_000 }, (_, i) => i / 7).join("\n")}\n`);
    const cases: [string, string, RegExp][] = [
      [join(folder, "none.csv"), "data.missingFile", /none\.csv: There is no such file/],
      [join(folder, "none.csv.gz"), "data.missingFile", /no such file/],
      [join(folder, "none.root:Events"), "data.missingFile", /none\.root: There is no such file/],
      [folder, "data.unsupported", /file\.csv, file\.csv\.gz, file\.parquet and file\.root:Tree/],
      [path("short.csv.gz", packed.subarray(0, packed.length >> 1)), "data.corrupt", /truncated/],
      [path("plain.csv.gz", "x\n1\n"), "data.corrupt", /not valid gzip/],
      [path("empty.csv.gz", gzipSync("")), "data.empty", /empty/],
      [path("ragged.csv.gz", gzipSync("x,y\n1\n")), "data.ragged", /line 2/],
      [path("empty.csv", ""), "data.empty", /empty/],
    ];
    for (const [spec, code, message] of cases) {
      const error = await errorOf(readTable(spec));
      expect(error).toMatchObject({ code });
      expect(error.message).toMatch(message);
    }
    expect(await errorOf(readTable(path("text.root", "x,y\n1,2\n")))).toMatchObject({ code: "data.format" });
  });
});

describe("vectors in a basket", () => {
  /** A vector<float> per entry, as ROOT writes it. */
  function basket(entries: readonly (readonly number[])[]) {
    const bytes = entries.reduce((sum, values) => sum + 10 + 4 * values.length, 0);
    const view = new DataView(new ArrayBuffer(bytes + 5));
    let at = 5;
    for (const values of entries) {
      view.setUint32(at, 0x4000_0000 | (6 + 4 * values.length));
      view.setUint16(at + 4, 9);
      view.setUint32(at + 6, values.length);
      for (const [i, value] of values.entries()) view.setFloat32(at + 10 + 4 * i, value);
      at += 10 + 4 * values.length;
    }
    return { view, at: 5, bytes, entries: entries.length };
  }

  test("decode", () => {
    const offsets = new Int32Array(5);
    offsets[1] = 2;
    expect(decodeVectors(basket([[1.5, 2], [], [-3]]), kinds.f32, offsets, 1)).toEqual(
      Float32Array.of(1.5, 2, -3),
    );
    expect([...offsets]).toEqual([0, 2, 4, 4, 5]);
  });

  test("other bytes are no vectors", () => {
    const damaged = basket([[1, 2], [3]]);
    damaged.view.setUint32(5 + 6, 1e9);
    expect(decodeVectors(damaged, kinds.f32, new Int32Array(3), 0)).toBeUndefined();
    const short = { ...basket([[1, 2], [3]]), bytes: 20 };
    expect(decodeVectors(short, kinds.f32, new Int32Array(3), 0)).toBeUndefined();
  });
});

const { file: samples, why } = rootFile();

test.skipIf(hasJsroot)("without jsroot, one line says how to install it", async () => {
  const bytes = new Uint8Array(100);
  bytes.set(bytesOf("root"));
  const error = await errorOf(readRoot(bytes.buffer, { file: "a.root" }));
  expect(error).toMatchObject({ code: "data.missingPackage" });
  expect(error.message).toContain("npm i jsroot --ignore-scripts");
});

describe.skipIf(why !== "")("ROOT", () => {
  const example = join(samples, "open-data-example.root");

  test("dimuons of the CMS open data", async () => {
    const table = await readTable(`${example}:Events`, ["nMuon", "Muon_charge"]);
    expect(rowsOf(table)).toBe(100_000);
    const count = column(table, "nMuon") as Float64Array;
    const charge = column(table, "Muon_charge") as Jagged;
    const [first, second] = [pick(charge, 0), pick(charge, 1)];
    let opposite = 0;
    let like = 0;
    for (let row = 0; row < rowsOf(table); row++) {
      if (count[row] !== 2) continue;
      if (first[row] !== second[row]) opposite++;
      else like++;
    }
    expect([opposite, like]).toEqual([37_183, 11_793]);
  });

  test("branches of every kind", async () => {
    const muons = await readTable(`${join(samples, "uproot-Zmumu.root")}:events`, [
      "Run",
      "Event",
      "E1",
      "M",
    ]);
    expect(rowsOf(muons)).toBe(2304);
    expect(
      plain(
        select(
          muons,
          Array.from({ length: 2304 }, (_, i) => Number(i === 0)),
        ),
      ),
    ).toEqual({
      Run: [148031],
      Event: [10507008],
      E1: [82.2018663875],
      M: [82.4626915551],
    });
    const jets = await readTable(join(samples, "uproot-HZZ.root"), [
      "NJet",
      "Jet_Px",
      "Jet_ID",
      "Muon_Charge",
    ]);
    const [njet, px, id] = ["NJet", "Jet_Px", "Jet_ID"].map((name) => column(jets, name)) as [
      Int32Array,
      Jagged,
      Jagged,
    ];
    expect(px.offsets).toBe(id.offsets);
    expect([...njet].every((n, row) => px.offsets[row + 1]! - px.offsets[row]! === n)).toBe(true);
    const nano = await readTable(join(samples, "nanoAOD_2015_CMS_Open_Data_ttbar.root"));
    expect(column(nano, "event")).toBeInstanceOf(BigUint64Array);
    expect(Object.keys(nano).length).toBeGreaterThan(900);
  });

  test("faults are one line", async () => {
    const cases: [string, string[] | undefined, string, RegExp][] = [
      [`${example}:Event`, undefined, "data.unknownTree", /Did you mean Events\?/],
      [`${example}:Events`, ["Muon_PT"], "data.unknownColumn", /Did you mean Muon_pt\?/],
      [`${join(samples, "uproot-Zmumu.root")}:events`, ["Type"], "data.unsupported", /TLeafC/],
      [
        `${join(samples, "Run2012BC_DoubleMuParked_Muons_1000evts_rntuple_v1-0-0-0.root")}:Events`,
        undefined,
        "data.unsupported",
        /RNTuple/,
      ],
    ];
    for (const [spec, columns, code, message] of cases) {
      const error = await errorOf(readTable(spec, columns));
      expect(error).toMatchObject({ code });
      expect(error.message).toMatch(message);
    }
  });

  test("truncated and damaged files", async () => {
    const bytes = new Uint8Array(readFileSync(join(samples, "uproot-Zmumu.root")));
    const cut = bytes.slice(0, bytes.length >> 1).buffer;
    expect((await errorOf(readRoot(cut))).message).toMatch(/truncated/);
    const random = generator(5);
    for (let i = 0; i < 60; i++) {
      const damaged = bytes.slice();
      for (let n = 0; n < 20; n++)
        damaged[Math.floor(random() ** 2 * bytes.length)] = Math.floor(random() * 256);
      damaged.set(bytes.subarray(0, 20));
      // Damage to what is not read goes unseen; anything else is a DataError.
      const file = path("damaged.root", damaged);
      await readTable(`${file}:events`, ["E1", "M"]).catch((error: unknown) => {
        if (!(error instanceof DataError)) throw error;
      });
    }
  });
});
