// Parquet files of several writers, read value by value. Python and DuckDB are asked where they are installed:
// GRADCUT_PYTHON names a Python with pyarrow (and polars).

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import fc from "fast-check";
import type { SchemaElement } from "hyparquet";
import { ByteWriter, ParquetWriter } from "hyparquet-writer";
import { describe, expect, test } from "vitest";
import { aboutEvents, type Events, isJagged } from "../../src/core/events.js";
import { column } from "../../src/events/columns.js";
import { decimals } from "../../src/events/formats/parquet/parquetpage.js";
import { readParquet } from "../../src/events/formats/parquet/readparquet.js";
import { readTable } from "../../src/events/opentable.js";
import { plain, scratch } from "../kit/data-help.js";
import { runs } from "../kit/runs.js";

const { folder } = scratch();
const python = process.env.GRADCUT_PYTHON ?? "python3";
const { status } = spawnSync(python, ["-c", "import pyarrow"]);
if (status !== 0) console.log("Files of pyarrow and polars are skipped: there is no Python with pyarrow.");
const duckdb = await import("@duckdb/node-api" as string).catch(() => undefined);
if (duckdb === undefined) console.log("Files of DuckDB are skipped: @duckdb/node-api is not installed.");

/** What a column must hold: null is NaN, numbers are compared by their text, exactly. */
type Leaf = number | bigint | string | null;
type Expected = Record<string, readonly (Leaf | readonly Leaf[])[]>;

/** Compares a table with what was written. */
function same(table: Events, expected: Expected): void {
  expect([...aboutEvents(table).names].sort()).toEqual(Object.keys(expected).sort());
  for (const [name, rows] of Object.entries(expected)) {
    const values = column(table, name);
    expect(aboutEvents(table).rows, name).toBe(rows.length);
    if (isJagged(values)) {
      const lists = rows as readonly (readonly Leaf[])[];
      const lengths = lists.map((list) => list.length);
      expect(
        Array.from(lengths, (_, i) => values.offsets[i + 1]! - values.offsets[i]!),
        name,
      ).toEqual(lengths);
      expect(Array.from(values.content, word), name).toEqual(lists.flatMap((list) => list.map(word)));
    } else expect(Array.from(values, word), name).toEqual((rows as readonly Leaf[]).map(word));
  }
}

/** A number as text; two are the same when their bits are. */
function word(value: Leaf): string {
  if (value === null) return "NaN";
  if (typeof value === "bigint" || (typeof value === "string" && /^-?\d{16,}$/.test(value)))
    return String(value);
  const number = Number(value === "inf" ? "Infinity" : value === "-inf" ? "-Infinity" : value);
  return Object.is(number, -0) ? "-0" : String(number);
}

type Particle = { pt: number | null; q: number | null } | null;

const particle = fc.option(
  fc.record({
    pt: fc.option(fc.float({ noNaN: true })),
    q: fc.option(fc.integer({ min: -9, max: 9 })),
  }),
);
const digits = fc.oneof(fc.maxSafeInteger().map(BigInt), fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }));

describe("Parquet of hyparquet-writer", () => {
  const lists = fc.array(fc.option(fc.array(particle, { maxLength: 4 })), { minLength: 1, maxLength: 12 });

  test("null lists, null records and null fields of records", async () => {
    await fc.assert(
      fc.asyncProperty(lists, fc.integer({ min: 1, max: 12 }), async (jets, rowGroupSize) => {
        const schema: SchemaElement[] = [
          { name: "root", num_children: 1 },
          { name: "Jet", repetition_type: "OPTIONAL", num_children: 1, converted_type: "LIST" },
          { name: "list", repetition_type: "REPEATED", num_children: 1 },
          { name: "element", repetition_type: "OPTIONAL", num_children: 2 },
          { name: "pt", type: "FLOAT", repetition_type: "OPTIONAL" },
          { name: "q", type: "INT32", repetition_type: "OPTIONAL" },
        ];
        const bytes = written(schema, { Jet: jets }, rowGroupSize);
        const of = (field: "pt" | "q") =>
          jets.map((list) => (list ?? []).map((jet: Particle) => jet?.[field] ?? null));
        same(await readParquet(bytes), { Jet_pt: of("pt"), Jet_q: of("q") });
      }),
      { numRuns: runs(60) },
    );
  });

  test("decimals of any size are the nearest f64", () => {
    fc.assert(
      fc.property(
        digits,
        fc.integer({ min: 0, max: 40 }),
        fc.integer({ min: 13, max: 32 }),
        (value, scale, size) => {
          const nearest = Number(`${value}e-${scale}`);
          const stored = [bigEndian(value, size)];
          expect(decimals(stored, scale)).toEqual(Float64Array.of(nearest));
          // As 64 bits where it fits.
          if (BigInt.asIntN(64, value) === value) expect([...decimals([value], scale)]).toEqual([nearest]);
        },
      ),
      { numRuns: runs(300) },
    );
  });
});

function written(
  schema: SchemaElement[],
  data: Record<string, unknown[]>,
  rowGroupSize: number,
): ArrayBuffer {
  const writer = new ByteWriter();
  const parquet = new ParquetWriter({ writer, schema });
  parquet.write({
    columnData: Object.entries(data).map(([name, values]) => ({ name, data: values })),
    rowGroupSize,
  });
  parquet.finish();
  return writer.getBuffer();
}

function bigEndian(value: bigint, size: number): Uint8Array {
  let left = BigInt.asUintN(8 * size, value);
  const bytes = new Uint8Array(size);
  for (let i = size - 1; i >= 0; i--, left >>= 8n) bytes[i] = Number(left & 255n);
  return bytes;
}

/** By pyarrow: pt [1, 2, 3] and gen_pt, which is null, with compression="lz4": a dictionary of no bytes. */
const allNull =
  "UEFSMRUEFTAVKkwVBhUAEgAAEQABACHwPwcAsAAAQAAAAAAAAAhAFQAVFBUWLBUGFRAVBhUGHBgIAAAAAAAACEAYCAAAAAAAAPA/FgAoCAAAAAAAAAhAGAgAAAAAAADwPxERAAAAoAIAAAAGAQIDJAAVBBUAFQJMFQAVABIAAAAVABUOFRAsFQYVEBUGFQYcNgYAAABwAgAAAAYAABUEGTw1ABgGc2NoZW1hFQQAFQolAhgCcHQAFQolAhgGZ2VuX3B0ABYGGRwZLCYAHBUKGTUABhAZGAJwdBUOFgYW3gEW2gEmTiYIHBgIAAAAAAAACEAYCAAAAAAAAPA/FgAoCAAAAAAAAAhAGAgAAAAAAADwPxERABksFQQVABUCABUAFRAVAgA8KQYZJgAGAAAAJgAcFQoZNQAGEBkYBmdlbl9wdBUOFgYWVBZYJoACJuIBHDYGABksFQQVABUCABUAFRAVAgA8KQYZJgYAAAAAFrICFgYmCBayAgAZHBgMQVJST1c6c2NoZW1hGOwBLy8vLy82Z0FBQUFRQUFBQUFBQUtBQXdBQmdBRkFBZ0FDZ0FBQUFBQkJBQU1BQUFBQ0FBSUFBQUFCQUFJQUFBQUJBQUFBQUlBQUFCRUFBQUFCQUFBQU5ULy8vOEFBQUVERUFBQUFCZ0FBQUFFQUFBQUFBQUFBQVlBQUFCblpXNWZjSFFBQU1iLy8vOEFBQUlBRUFBVUFBZ0FCZ0FIQUF3QUFBQVFBQkFBQUFBQUFBRURFQUFBQUJ3QUFBQUVBQUFBQUFBQUFBSUFBQUJ3ZEFBQUFBQUdBQWdBQmdBR0FBQUFBQUFDQUFBQUFBQT0AGCBwYXJxdWV0LWNwcC1hcnJvdyB2ZXJzaW9uIDI2LjAuMRksHAAAHAAAAAcCAABQQVIx";

test("a column of nulls that is packed by LZ4", async () => {
  const bytes = Uint8Array.from(Buffer.from(allNull, "base64")).buffer;
  const table = await readParquet(bytes);
  expect(plain(table)).toEqual({ pt: [1, 2, 3], gen_pt: [Number.NaN, Number.NaN, Number.NaN] });
  expect(aboutEvents(table).nulls).toEqual(new Map([["gen_pt", 3]]));
});

test.skipIf(status !== 0)(
  "Parquet of pyarrow and polars",
  async () => {
    const script = join(import.meta.dirname, "../peers/parquet.py");
    for (let seed = 0; seed < runs(1); seed++) {
      const { stdout, stderr } = spawnSync(python, [script, folder, String(seed)], {
        encoding: "utf8",
        maxBuffer: 1e9,
      });
      const lines = stdout.split("\n").filter(Boolean);
      expect(lines.length, stderr).toBeGreaterThan(0);
      for (const line of lines) {
        const { path, columns } = JSON.parse(line) as { path: string; columns: Expected };
        // Whole numbers with nulls are f64, so large ones must not have nulls here.
        same(await readTable(path), columns);
      }
    }
  },
  1e6,
);

/** Rows of every kind, null lists of records among them. */
const rows = `select i::float f, case when i % 3 = 0 then null else i * 0.1 end d, (i - 50)::tinyint i8,
  (4294967295 - i)::uinteger u32, (9007199254740993 + i)::bigint i64, (18446744073709551615 - i)::ubigint u64,
  i % 2 = 0 flag, null::double "none", case when i % 5 = 0 then null else [x * 0.5 for x in range(i % 4)] end lists,
  case when i % 3 = 0 then null else [{pt: (i + x * 0.5)::float, q: case when x = 1 then null else x::integer end}
    for x in range(i % 4)] end jets,
  case when i % 4 = 0 then null else {p: i * 0.25::double} end track, (i * 0.37)::decimal(9, 3) d9,
  (i * 1234567.891)::decimal(38, 20) d38
from range(100) t(i)`;

test.skipIf(duckdb === undefined)("Parquet of DuckDB", async () => {
  const database = await duckdb.DuckDBInstance.create(":memory:");
  const connection = await database.connect();
  const reader = await connection.runAndReadAll(rows);
  type Row = Record<string, unknown>;
  const expected = flatten(reader.getRowObjectsJson() as Row[]);
  for (const codec of ["uncompressed", "snappy", "gzip", "zstd", "lz4_raw", "brotli"]) {
    for (const version of ["v1", "v2"]) {
      const file = join(folder, `duckdb-${codec}-${version}.parquet`);
      await connection.run(
        `copy (${rows}) to '${file}' (format parquet, compression ${codec}, parquet_version ${version}, row_group_size 2048)`,
      );
      same(await readTable(file), expected);
    }
  }
  connection.closeSync();
  database.closeSync();
});

/** Columns of leaves: fields of records, and of records in lists. */
function flatten(all: readonly Record<string, unknown>[]): Expected {
  const out: Record<string, (Leaf | Leaf[])[]> = {};
  const leaf = (value: unknown) => (typeof value === "boolean" ? Number(value) : (value ?? null)) as Leaf;
  const fields = { jets: ["pt", "q"], track: ["p"] } as Record<string, string[]>;
  for (const name of Object.keys(all[0]!)) {
    const values = all.map((row) => row[name]);
    const isList = values.some(Array.isArray);
    const of = (get: (x: unknown) => unknown) =>
      values.map((value) =>
        isList ? ((value ?? []) as unknown[]).map((x) => leaf(get(x))) : leaf(get(value)),
      );
    for (const field of fields[name] ?? [""])
      out[field === "" ? name : `${name}_${field}`] = of((x) =>
        field === "" ? x : (x as Record<string, unknown> | null)?.[field],
      );
  }
  return out;
}
