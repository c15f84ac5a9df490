// What each format of tables is tried with: sound files, empty ones, and those that claim too much.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { parquetWriteBuffer } from "hyparquet-writer";
import { type Column, type Events, makeEvents } from "../../src/core/events.js";
import type { FormatName } from "../../src/events/formats/index.js";
import type { ReadOption, ReadOptions } from "../../src/events/readoptions.js";
import { bytesOf, generator } from "./data-help.js";

/** A file with what is in it. */
export interface Sound {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly table: Readonly<Record<string, unknown>>;
  /** Whether a checksum covers every byte that says anything. */
  readonly sealed?: boolean;
}

export interface Examples {
  readonly sound: readonly [Sound, ...Sound[]];
  /** Any count of numbers per row; absent where the format has none. */
  readonly jagged?: Sound;
  /** A table without rows. */
  readonly empty: Omit<Sound, "table">;
  /** Files that say of themselves what cannot be. */
  readonly claims: readonly Omit<Sound, "table">[];
  /** For each option that the format takes, a file that is read otherwise with it. */
  readonly effects: Partial<Record<ReadOption, Omit<Sound, "table"> & { with: ReadOptions; part?: string }>>;
  /** Tables that can be written; absent where none can. */
  readonly written?: fc.Arbitrary<Events>;
}

const number = fc.oneof(fc.double(), fc.constantFrom(0, -0, 5e-324, 2 ** 53 - 1, -1e21));
const word = fc.string({ unit: "grapheme", maxLength: 6 }).filter((text) => !/[\uFEFF\uFFFD]/.test(text));
const name = word.map((text) => `c${text}c`);
type Make = (rows: number) => fc.Arbitrary<Column | readonly (string | null)[]>;
const many = <T>(item: fc.Arbitrary<T>, length: number) =>
  fc.array(item, { minLength: length, maxLength: length });
const wide = {
  i64: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  u64: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
};

/** One number per row, of each kind. */
const flat: readonly Make[] = [
  (rows) => many(number, rows).map((x) => Float64Array.from(x)),
  (rows) => many(fc.float(), rows).map((x) => Float32Array.from(x)),
  (rows) => many(fc.integer(), rows).map((x) => Int32Array.from(x)),
  (rows) => many(fc.nat({ max: 2 ** 32 - 1 }), rows).map((x) => Uint32Array.from(x)),
  (rows) => many(fc.boolean(), rows).map((x) => Uint8Array.from(x, Number)),
  (rows) => many(wide.i64, rows).map((x) => BigInt64Array.from(x)),
  (rows) => many(wide.u64, rows).map((x) => BigUint64Array.from(x)),
];
const lists: Make = (rows) =>
  many(fc.array(number, { maxLength: 3 }), rows).map((x) => {
    const offsets = new Int32Array(rows + 1);
    x.forEach((list, i) => {
      offsets[i + 1] = offsets[i]! + list.length;
    });
    return { offsets, content: Float64Array.from(x.flat()) };
  });
const words =
  (item: fc.Arbitrary<string | null>): Make =>
  (rows) =>
    many(item, rows);

/** Tables of some columns, of which the first is of one number per row. */
function tables(kinds: readonly Make[]): fc.Arbitrary<Events> {
  return fc
    .tuple(fc.integer({ min: 1, max: 8 }), fc.uniqueArray(name, { minLength: 1, maxLength: 4 }))
    .chain(([rows, names]) =>
      fc
        .tuple(
          ...names.map((_, i) => fc.constantFrom(...(i === 0 ? flat : kinds)).chain((make) => make(rows))),
        )
        .map((columns) => {
          const named = names.map((each, i) => [each, columns[i]!] as const);
          return makeEvents(named, { rows, names });
        }),
    );
}

const csv = bytesOf('x,n,s\n1.5,9007199254740993,a\n-0.25,2,"b, c"\nnan,-3,d\n');
const csvTable = { x: [1.5, -0.25, Number.NaN], n: [9007199254740993n, 2n, -3n], s: ["a", "b, c", "d"] };
const random = generator(3);
const noise = Array.from({ length: 400 }, random);
/** gzip says at the end how long the text is. */
const longer = Buffer.from(gzipSync(csv));
longer.writeUInt32LE(2 ** 32 - 1, longer.length - 4);

const csvExamples: Examples = {
  sound: [
    { name: "a.csv", bytes: csv, table: csvTable },
    { name: "a.csv.gz", bytes: gzipSync(csv), table: csvTable, sealed: true },
    { name: "b.tsv", bytes: bytesOf(`x\n${noise.join("\n")}\n`), table: { x: noise } },
  ],
  empty: { name: "empty.csv", bytes: bytesOf("x,n\n") },
  claims: [{ name: "longer.csv.gz", bytes: longer }],
  effects: {
    names: { name: "bare.csv", bytes: bytesOf("1,2\n3,4\n"), with: { names: ["a", "b"] } },
    separator: { name: "bars.csv", bytes: bytesOf("a,b|c\n1,2|3\n"), with: { separator: "|" } },
    missing: { name: "gaps.csv", bytes: bytesOf("x\n1\n-999\n"), with: { missing: ["-999"] } },
    allowEmpty: { name: "none.csv", bytes: bytesOf("x\n"), with: { allowEmpty: true } },
  },
  // A word that looks like a number is one where it is read again.
  written: tables([...flat, words(word.map((text) => `w${text}w`))]),
};

const parquetOf = (columnData: Parameters<typeof parquetWriteBuffer>[0]["columnData"]) =>
  new Uint8Array(parquetWriteBuffer({ columnData }));
const x300 = {
  name: "x",
  data: Float64Array.from({ length: 300 }, random),
  type: "DOUBLE" as const,
  nullable: false,
};

/** A whole number as Parquet's footer holds it. */
function varint(n: bigint): Buffer {
  const bytes: number[] = [];
  let left = n * 2n;
  for (; left >= 128n; left >>= 7n) bytes.push(Number(left & 127n) | 128);
  return Buffer.from([...bytes, Number(left)]);
}

/** The same Parquet file of 300 rows, with other bytes for each 300 in its footer. */
function claiming(bytes: Uint8Array, claim: Buffer): Uint8Array {
  const all = Buffer.from(bytes);
  const start = all.length - 8 - all.readUInt32LE(all.length - 8);
  let footer = all.subarray(start, -8);
  const was = varint(300n);
  for (let i = footer.indexOf(was); i >= 0; i = footer.indexOf(was, i + claim.length))
    footer = Buffer.concat([footer.subarray(0, i), claim, footer.subarray(i + was.length)]);
  const end = Buffer.from("....PAR1", "latin1");
  end.writeUInt32LE(footer.length);
  return Buffer.concat([all.subarray(0, start), footer, end]);
}

const fixture = (file: string) => readFileSync(join(import.meta.dirname, "../fixtures", file));
const parquetExamples: Examples = {
  sound: [{ name: "a.parquet", bytes: parquetOf([x300]), table: { x: [...x300.data] } }],
  jagged: {
    name: "lists.parquet",
    bytes: new Uint8Array(
      parquetWriteBuffer({
        columnData: [{ name: "j", data: [[1, 2], [], [3]] }],
        schema: [
          { name: "schema", num_children: 1 },
          { name: "j", converted_type: "LIST", repetition_type: "REQUIRED", num_children: 1 },
          { name: "list", repetition_type: "REPEATED", num_children: 1 },
          { name: "element", type: "DOUBLE", repetition_type: "REQUIRED" },
        ],
      }),
    ),
    table: { j: { offsets: [0, 2, 2, 3], content: [1, 2, 3] } },
  },
  empty: { name: "empty.parquet", bytes: parquetOf([{ ...x300, data: [] }]) },
  claims: [
    { name: "rows.parquet", bytes: claiming(parquetOf([x300]), varint(10n ** 13n)) },
    { name: "most.parquet", bytes: claiming(parquetOf([x300]), varint(2n ** 62n)) },
    // Zigzag: odd numbers are negative.
    { name: "less.parquet", bytes: claiming(parquetOf([x300]), Buffer.from([0xd7, 0x04])) },
  ],
  effects: {
    nulls: {
      name: "nulls.parquet",
      bytes: parquetOf([{ name: "x", data: [1.5, null], type: "DOUBLE" }]),
      with: { nulls: "refuse" },
    },
    missing: {
      name: "gaps.parquet",
      bytes: parquetOf([{ name: "x", data: [1.5, -999], type: "DOUBLE" }]),
      with: { missing: ["-999"] },
    },
    allowEmpty: {
      name: "none.parquet",
      bytes: parquetOf([{ ...x300, data: [] }]),
      with: { allowEmpty: true },
    },
  },
  written: tables([...flat, lists, words(fc.option(word))]),
};

const packed = (file: string) => new Uint8Array(gunzipSync(fixture(file)));
/** zstd-ttree.root with other counts of entries: of its tree, and of the one branch and its basket. */
function entries(tree: bigint, branch = tree): Uint8Array {
  const bytes = packed("zstd-ttree.root.gz");
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  // The key of the tree is at 1367.
  for (const [at, count] of [
    [278, branch],
    [366, tree],
    [592, branch],
    [623, branch],
  ] as const) {
    if (view.getBigInt64(1367 + at) !== 100n) throw new Error("the fixture has changed");
    view.setBigInt64(1367 + at, count);
  }
  return bytes;
}

/** empty-extend.root with a member of a class, in the description of classes, that has 2**24 dimensions. */
function dimensions(): Uint8Array {
  const bytes = packed("empty-extend.root.gz");
  if (bytes[17529] !== 0) throw new Error("the fixture has changed");
  bytes[17529] = 1;
  return bytes;
}

const rootExamples: Examples = {
  sound: [
    {
      name: "a.root",
      bytes: packed("zstd-ttree.root.gz"),
      table: { pt: Array.from({ length: 100 }, (_, i) => i) },
    },
  ],
  jagged: {
    name: "jagged.root",
    bytes: packed("empty-extend.root.gz"),
    table: {
      x: [0, 1, 2, 10, 11],
      nj: [2, 0, 1, 0, 1],
      j: { offsets: [0, 2, 2, 3, 3, 4], content: [1, 2, 3, 7] },
    },
  },
  empty: { name: "empty.root", bytes: entries(0n) },
  claims: [
    { name: "rows.root", bytes: entries(10n ** 13n) },
    { name: "most.root", bytes: entries(2n ** 62n) },
    { name: "less.root", bytes: entries(-1n) },
    { name: "other.root", bytes: entries(10n ** 13n, 100n) },
    { name: "minus.root", bytes: entries(-1n, 100n) },
    { name: "lost.root", bytes: entries(0n, 100n) },
    { name: "found.root", bytes: entries(100n, 0n) },
    { name: "dimensions.root", bytes: dimensions() },
  ],
  effects: {
    missing: { name: "gaps.root", bytes: packed("zstd-ttree.root.gz"), with: { missing: ["7"] } },
    allowEmpty: { name: "none.root", bytes: entries(0n), with: { allowEmpty: true } },
    allowTreeless: {
      name: "treeless.root",
      bytes: packed("zstd-ttree.root.gz"),
      part: "nothing",
      with: { allowTreeless: true },
    },
  },
};

/** The same file with bytes that are a copy each time: whoever damages them damages them for nobody else. */
const handedOut = <S extends { readonly bytes: Uint8Array }>(file: S): S =>
  Object.defineProperty({ ...file }, "bytes", { enumerable: true, get: () => Uint8Array.from(file.bytes) });

const allHandedOut = ({
  sound: [first, ...more],
  jagged,
  empty,
  claims,
  effects,
  ...rest
}: Examples): Examples => ({
  ...rest,
  sound: [handedOut(first), ...more.map(handedOut)],
  ...(jagged && { jagged: handedOut(jagged) }),
  empty: handedOut(empty),
  claims: claims.map(handedOut),
  effects: Object.fromEntries(Object.entries(effects).map(([option, file]) => [option, handedOut(file)])),
});

export const examples: Readonly<Record<FormatName, Examples>> = {
  csv: allHandedOut(csvExamples),
  parquet: allHandedOut(parquetExamples),
  root: allHandedOut(rootExamples),
};
