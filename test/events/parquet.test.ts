import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as zlib from "node:zlib";
import { parquetMetadataAsync, parquetSchema, type SchemaElement } from "hyparquet";
import { ByteWriter, ParquetWriter, parquetWriteBuffer } from "hyparquet-writer";
import { describe, expect, test } from "vitest";
import { aboutEvents, type Column } from "../../src/core/events.js";
import { matches } from "../../src/events/codecs.js";
import { column, eventsOf, numbersOf } from "../../src/events/columns.js";
import { DataError } from "../../src/events/dataerror.js";
import { fieldsOf, withoutEncrypted } from "../../src/events/formats/parquet/parquetfields.js";
import { type ParquetOptions, readParquet } from "../../src/events/formats/parquet/readparquet.js";
import { readHybrid } from "../../src/events/formats/parquet/rle.js";
import { readTable } from "../../src/events/opentable.js";
import { writeTable } from "../../src/events/writetable.js";
import {
  bytesOf,
  errorOf,
  generator,
  kindsOf,
  plain,
  rowsOf,
  sameBits,
  scratch,
  sourceOf,
} from "../kit/data-help.js";

const { path } = scratch();
const fixtures = join(import.meta.dirname, "../fixtures");
/**
 * Written by DuckDB 1.5.6, each with another compression, from `range(40) t(i)`: i::integer n, 9007199254740993+i
 * event, (i*0.1)::double x, (i*0.1)::float y, i%3=0 flag, i::utinyint small, (4294967295-i)::uinteger ui,
 * (18446744073709551615-i)::ubigint ul, case when i%5=0 then null else i*0.5 end holes, case when i%4=1 then null else
 * i end ids, case when i%7=6 then null else [(x+i*0.25)::float for x in range(i%4)] end jets, [{pt: i+x*0.5::double,
 * q: (x*2-1)::integer} for x in range(i%3)] muon, {px: i::double, hits: [i::integer, null, 7]} track, case when i%6=0
 * then null else 'run '||(i%2) end label, [[i]] deep, (i*0.01)::decimal(10,2) price, date '2020-01-01' day, map {'a':
 * i} lookup. v2 has delta and byte stream split encodings.
 */
const files = ["v1-snappy", "v1-gzip", "v1-lz4", "v1-brotli", "v2-zstd"].map((name) =>
  join(fixtures, `table-${name}.parquet`),
);
const [snappy] = files as [string];

const read = (bytes: ArrayBuffer, options?: ParquetOptions) => readParquet(bytes, options);

/** The whole fixture by hand. */
function expected(): Record<string, unknown> {
  const all = Array.from({ length: 40 }, (_, i) => i);
  const lists = (of: (i: number) => number[]) => ({
    offsets: [0, ...all.map((i) => all.slice(0, i + 1).reduce((sum, j) => sum + of(j).length, 0))],
    content: all.flatMap(of),
  });
  const range = (n: number) => Array.from({ length: n }, (_, x) => x);
  return {
    n: all,
    event: all.map((i) => 9007199254740993n + BigInt(i)),
    x: all.map((i) => Number((i * 0.1).toFixed(1))),
    y: all.map((i) => Math.fround(Number((i * 0.1).toFixed(1)))),
    flag: all.map((i) => Number(i % 3 === 0)),
    small: all,
    ui: all.map((i) => 4294967295 - i),
    ul: all.map((i) => 18446744073709551615n - BigInt(i)),
    holes: all.map((i) => (i % 5 === 0 ? Number.NaN : i * 0.5)),
    ids: all.map((i) => (i % 4 === 1 ? Number.NaN : i)),
    jets: lists((i) => (i % 7 === 6 ? [] : range(i % 4).map((x) => x + i * 0.25))),
    muon_pt: lists((i) => range(i % 3).map((x) => i + x * 0.5)),
    muon_q: lists((i) => range(i % 3).map((x) => x * 2 - 1)),
    track_px: all,
    track_hits: lists((i) => [i, Number.NaN, 7]),
    label: all.map((i) => (i % 6 === 0 ? null : `run ${i % 2}`)),
    price: all.map((i) => Number((i * 0.01).toFixed(2))),
  };
}

describe("Parquet", () => {
  test.each(files)("%s", async (file) => {
    const table = await readTable(file);
    expect(plain(table)).toEqual(expected());
    expect(kindsOf(table)).toMatchObject({
      n: "Int32Array",
      event: "BigInt64Array",
      x: "Float64Array",
      y: "Float32Array",
      flag: "Uint8Array",
      small: "Int32Array",
      ui: "Uint32Array",
      ul: "BigUint64Array",
      jets: "Float32Array",
      muon_q: "Int32Array",
    });
    expect(aboutEvents(table).skipped).toEqual([
      "deep",
      "day",
      "lookup_key_value_key",
      "lookup_key_value_value",
    ]);
    expect([...aboutEvents(table).nulls!]).toEqual([
      ["holes", 8],
      ["ids", 10],
      ["track_hits", 40],
    ]);
  });

  test("some columns, in the order asked for", async () => {
    const table = await readTable(snappy, ["muon_pt", "n", "n"]);
    expect(aboutEvents(table).names).toEqual(["muon_pt", "n"]);
  });

  test("an unknown column is named with the nearest", async () => {
    const error = await errorOf(readTable(snappy, ["x", "Event"]));
    expect(error.message).toContain("Did you mean event?");
    await errorOf(readTable(snappy, ["ids"], { nulls: "refuse" }));
  });

  test("several row groups and pages", async () => {
    const random = generator(1);
    const rows = 2000;
    const x = Float64Array.from({ length: rows }, random);
    const holes = Array.from(x, (value, i) => (i % 3 === 0 ? null : Math.fround(value)));
    const kinds = Int32Array.from(x, (value) => Math.floor(value * 4));
    const lists = Array.from(x, (value, i) =>
      i % 11 === 0 ? null : Array.from({ length: i % 4 }, (_, k) => (k === 2 ? null : value + k)),
    );
    const schema: SchemaElement[] = [
      { name: "root", num_children: 4 },
      { name: "x", type: "DOUBLE", repetition_type: "REQUIRED" },
      { name: "holes", type: "FLOAT", repetition_type: "OPTIONAL" },
      { name: "kinds", type: "INT32", repetition_type: "REQUIRED" },
      { name: "lists", repetition_type: "OPTIONAL", num_children: 1, converted_type: "LIST" },
      { name: "bag", repetition_type: "REPEATED", num_children: 1 },
      { name: "array_element", type: "DOUBLE", repetition_type: "OPTIONAL" },
    ];
    const writer = new ByteWriter();
    const parquet = new ParquetWriter({ writer, schema });
    const data = { x, holes, kinds, lists };
    const columnData = Object.entries(data).map(([name, data]) => ({ name, data }));
    parquet.write({ columnData, rowGroupSize: [600, 300], pageSize: 1000 });
    parquet.finish();
    const table = await read(writer.getBuffer());
    expect(sameBits(column(table, "x"), x)).toBe(true);
    expect(
      sameBits(
        column(table, "holes"),
        Float32Array.from(holes, (value) => value ?? Number.NaN),
      ),
    ).toBe(true);
    expect(sameBits(column(table, "kinds"), kinds)).toBe(true);
    const content = lists.flatMap((list) => (list ?? []).map((value) => value ?? Number.NaN));
    expect(plain(eventsOf({ lists: column(table, "lists") }))).toEqual({
      lists: {
        offsets: [0, ...lists.map((_, i) => lists.slice(0, i + 1).flatMap((list) => list ?? []).length)],
        content,
      },
    });
    expect(aboutEvents(table).nulls).toEqual(
      new Map([
        ["holes", holes.filter((value) => value === null).length],
        ["lists", content.filter(Number.isNaN).length],
      ]),
    );
  });

  test("nulls may be refused, and never change a whole number", async () => {
    const error = await errorOf(readTable(snappy, ["n", "holes"], { nulls: "refuse" }));
    expect(error.message).toBe(`${snappy}: Column holes is null in row 1; nulls are refused here.`);
    expect(error).toMatchObject({ code: "data.notNumber", column: "holes" });
    for (const data of [
      [2n ** 60n + 1n, null],
      [null, 2n ** 60n + 1n],
    ]) {
      const bytes = parquetWriteBuffer({ columnData: [{ name: "id", data, type: "INT64" }] });
      expect((await errorOf(read(bytes))).message).toContain(
        "Column id has nulls and whole numbers beyond 2**53",
      );
    }
  });

  test("checksums of pages, where Node computes them", () => {
    const crc = typeof zlib.crc32 === "function";
    expect(matches(bytesOf("123456789"), 0xcbf43926)).toBe(true);
    // Parquet stores it signed.
    expect(matches(bytesOf("123456789"), 0xcbf43926 | 0)).toBe(true);
    expect(matches(bytesOf("123456780"), 0xcbf43926)).toBe(!crc);
  });

  test("columns that are encrypted are named, the others are read", async () => {
    const file = await readFile(snappy);
    const metadata = await parquetMetadataAsync(sourceOf(file));
    const found = fieldsOf(parquetSchema(metadata));
    for (const column of metadata.row_groups[0]!.columns)
      if (column.meta_data?.path_in_schema[0] === "muon")
        (column as { crypto_metadata?: unknown }).crypto_metadata = { field_1: {} };
    const { fields, others } = withoutEncrypted(found, metadata);
    expect([...found.fields.keys()].filter((name) => !fields.has(name))).toEqual(["muon_pt", "muon_q"]);
    expect(others.get("muon_pt")).toBe("encrypted");
  });

  test("a file without rows", async () => {
    const bytes = parquetWriteBuffer({
      columnData: [{ name: "x", data: [], type: "DOUBLE", nullable: false }],
    });
    expect(await errorOf(read(bytes))).toMatchObject({ code: "data.empty" });
    expect(plain(await read(bytes, { allowEmpty: true }))).toEqual({ x: [] });
  });

  test("faults are one line", async () => {
    const bytes = new Uint8Array(readFileSync(snappy));
    const cases: [ArrayBuffer, ParquetOptions, string, RegExp][] = [
      [sourceOf(bytes), { columns: ["jet"] }, "data.unknownColumn", /no column jet. Did you mean jets\?/],
      [
        sourceOf(bytes),
        { columns: ["day"] },
        "data.unsupported",
        /Column day cannot be read as numbers \(DATE\)/,
      ],
      [sourceOf(bytes), { columns: ["deep"] }, "data.unsupported", /lists of lists/],
      [sourceOf(bytes), { columns: ["label"] }, "data.unsupported", /\(text\)/],
      [sourceOf(bytesOf("x,y\n1,2\n")), {}, "data.format", /not a Parquet file/],
      [sourceOf(bytesOf("")), {}, "data.format", /not a Parquet file/],
      [sourceOf(bytesOf("PAR1")), {}, "data.corrupt", /truncated/],
      [sourceOf(bytesOf("PAREabcdefghPARE")), {}, "data.unsupported", /encrypted/],
      [sourceOf(bytesOf("PAR1abcdefghPAR1")), {}, "data.corrupt", /damaged/],
      [sourceOf(bytes.subarray(0, bytes.length >> 1)), {}, "data.corrupt", /truncated/],
    ];
    for (const [source, options, code, message] of cases) {
      const error = await errorOf(read(source, { file: "a.parquet", ...options }));
      expect(error).toMatchObject({ code, file: "a.parquet" });
      expect(error.message).toMatch(message);
    }
  });

  test("damaged files are read or refused, in bounded time and memory", async () => {
    const random = generator(5);
    const runs = Number(process.env.GRADCUT_FUZZ ?? 400);
    const originals = files.map((file) => new Uint8Array(readFileSync(file)));
    let refused = 0;
    for (let i = 0; i < runs; i++) {
      const damaged = originals[i % originals.length]!.slice();
      for (let n = 0; n < 1 + random() * 8; n++) {
        damaged[4 + Math.floor(random() * (damaged.length - 8))] = Math.floor(random() * 256);
      }
      try {
        const table = await read(sourceOf(damaged));
        for (const name of numbersOf(table)) expect(lengthOf(column(table, name))).toBe(rowsOf(table));
      } catch (error) {
        if (!(error instanceof DataError)) throw error;
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(runs / 10);
  }, 1e9);

  test("lists and all kinds are written so that they are read again", async () => {
    const table = await readTable(snappy);
    const file = path("again.parquet", "");
    await writeTable(file, table);
    const again = await readTable(file);
    expect(plain(again)).toEqual(plain(table));
    expect(kindsOf(again)).toEqual(kindsOf(table));
  });
});

function lengthOf(values: Column): number {
  return "offsets" in values ? values.offsets.length - 1 : values.length;
}

describe("runs and packed groups", () => {
  const decode = (bytes: number[], width: number, count: number) => {
    const out = new Int32Array(count);
    readHybrid(Uint8Array.from(bytes), width, out);
    return [...out];
  };

  test("are decoded", () => {
    // The example of the Parquet specification: 0 to 7 in three bits each.
    expect(decode([0b11, 0b10001000, 0b11000110, 0b11111010], 3, 8)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(decode([10, 4, 0b11, 0b10001000, 0b11000110, 0b11111010], 3, 7)).toEqual([4, 4, 4, 4, 4, 0, 1]);
    expect(decode([4, 0xff, 0xff, 0xff, 0xff], 32, 2)).toEqual([-1, -1]);
    expect(decode([3, ...Array.from({ length: 32 }, (_, i) => i)], 32, 2)).toEqual([0x03020100, 0x07060504]);
    expect(decode([16], 0, 8)).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
  });

  test("write no more than there is room for", () => {
    // A run of 2**27 numbers.
    expect(decode([0x80, 0x80, 0x80, 0x80, 0x01, 5], 3, 3)).toEqual([5, 5, 5]);
    for (const bytes of [[], [0x80], [10], [3], [0xff, 0xff, 0xff, 0xff, 0xff, 1]]) {
      expect(() => decode(bytes, 8, 4)).toThrow();
    }
    expect(() => decode([2, 0], 33, 1)).toThrow();
  });
});

test("a table is a map by name, whatever the names are", async () => {
  const names = ["__proto__", "constructor", "a b", "λ"];
  const table = eventsOf(Object.fromEntries(names.map((name, i) => [name, Float64Array.of(i)])));
  const file = path("names.parquet", "");
  await writeTable(file, table);
  expect(Object.keys(await readTable(file))).toEqual(names);
});
