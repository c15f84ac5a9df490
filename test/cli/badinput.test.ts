import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { beforeAll, describe, expect, it } from "vitest";
import { readTable, writeTable } from "../../src/events/index.js";
import { compile, hist, init, type Tensor, table, valueAndGrad } from "../../src/index.js";
import { failure, muons, writeRows } from "../kit/clirun.js";
import { scratch } from "../kit/scratch.js";

const { at, path: file } = scratch();
/** A file of so many bytes, of which none is on the disk beyond `begin`. */
const sparse = (name: string, begin: string, bytes: number) => {
  truncateSync(file(name, begin), bytes);
  return at(name);
};

const folder = (name: string) => {
  mkdirSync(at(name));
  return at(name);
};

const signal = at("signal.csv");
const parquet = at("good.parquet");
const model = at("model.json");
const root = resolve(import.meta.dirname, "../../../shared/data/root/uproot-Zmumu.root");
const text = "pt,mass\n1,2\n";
const long = gzipSync(`pt,mass\n${Array.from({ length: 9999 }, (_, i) => `${i / 7},${i}`).join("\n")}\n`);

beforeAll(async () => {
  await init();
  writeRows(signal, muons("signal", 300, 1));
  await writeTable(parquet, await readTable(signal));
  writeFileSync(
    model,
    JSON.stringify({
      ...{ schema: "gradcut.model", version: 1, definitions: [], filters: [], net: null },
      cut: { expression: "pt > 3 && mass < 7" },
    }),
  );
});

/** A whole number as Thrift writes it. */
function varint(n: bigint): Buffer {
  const bytes: number[] = [];
  let left = n * 2n;
  for (; left >= 128n; left >>= 7n) bytes.push(Number(left & 127n) | 128);
  bytes.push(Number(left));
  return Buffer.from(bytes);
}

/** The same Parquet file, with another number of rows in all that it says of itself. */
function claiming(bytes: Buffer, rows: bigint): Buffer {
  const size = bytes.readUInt32LE(bytes.length - 8);
  const start = bytes.length - 8 - size;
  let footer = bytes.subarray(start, start + size);
  const was = varint(300n);
  for (let i = footer.indexOf(was); i >= 0; i = footer.indexOf(was, i + 8))
    footer = Buffer.concat([footer.subarray(0, i), varint(rows), footer.subarray(i + was.length)]);
  const end = Buffer.from("....PAR1", "latin1");
  end.writeUInt32LE(footer.length);
  return Buffer.concat([bytes.subarray(0, start), footer, end]);
}

/** The same file with other bytes where the columns are. */
const damaged = (bytes: Buffer) =>
  bytes.fill(0x55, 4, bytes.length - 8 - bytes.readUInt32LE(bytes.length - 8));

type Case = [what: string, make: () => string, message: RegExp];
const cases: Case[] = [
  ["no file", () => at("none.csv"), /none\.csv: There is no such file/],
  ["a directory", () => folder("folder.csv"), /a directory, not a file/],
  ["an unknown kind", () => file("a.xlsx", ""), /Tables are read from file\.csv/],
  ["nothing in it", () => file("empty.csv", ""), /empty\.csv: The file is empty/],
  ["no rows", () => file("rows.csv", "pt,mass\n"), /rows\.csv: The table has no rows/],
  ["a ragged line", () => file("ragged.csv", `${text}1\n`), /ragged\.csv, line 3: The line has 1 cell/],
  [
    "no number",
    () => file("word.csv", `${text}x,1\n`),
    /word\.csv, line 3: "x" is not a number in column pt/,
  ],
  ["one name twice", () => file("names.csv", "pt,pt\n1,2\n"), /names\.csv, line 1: Two columns are named pt/],
  [
    "a column less",
    () => file("less.csv", "pt,masss\n1,2\n"),
    /less\.csv: There is no column mass\. Did you mean masss\?/,
  ],
  [
    "damaged gzip",
    () => file("short.csv.gz", long.subarray(0, 9000)),
    /short\.csv\.gz: The compressed file is truncated/,
  ],
  ["gzip that is none", () => file("none.csv.gz", text), /none\.csv\.gz: The file is not valid gzip/],
  ["CSV called Parquet", () => file("foreign.parquet", text), /foreign\.parquet: This is not a Parquet file/],
  [
    "half a Parquet file",
    () => file("half.parquet", readFileSync(parquet).subarray(0, 2000)),
    /half\.parquet: The file is truncated/,
  ],
  [
    "a damaged Parquet file",
    () => file("bad.parquet", damaged(readFileSync(parquet))),
    /bad\.parquet: The file is damaged/,
  ],
  [
    "more rows than memory",
    () => file("claims.parquet", claiming(readFileSync(parquet), 10n ** 13n)),
    /claims\.parquet: Column pt of 10000000000000 numbers needs 80000 GB of memory, more than there is/,
  ],
  ["CSV called ROOT", () => file("foreign.root", text), /foreign\.root: This is not a ROOT file/],
  ["the start of a ROOT file", () => file("start.root", "root"), /start\.root: The file is truncated/],
  [
    "a huge file of zeros as CSV",
    () => sparse("huge.csv", "", 2 ** 40),
    /huge\.csv, line 1: A record is longer than 16 MiB/,
  ],
  [
    "rows, then a hole of a terabyte",
    () => sparse("hole.csv", text, 2 ** 40),
    /hole\.csv, line 3: A record is longer than 16 MiB/,
  ],
  [
    "a huge file of zeros as Parquet",
    () => sparse("huge.parquet", "", 2 ** 40),
    /huge\.parquet: This is not a Parquet file/,
  ],
  [
    "a huge file of zeros as ROOT, after its first word",
    () => sparse("huge.root", "root", 2 ** 40),
    /huge\.root: The file is damaged: its header says version 0, objects from byte 0 to 0; get it again/,
  ],
  [
    "a huge file of zeros as ROOT",
    () => sparse("zeros.root", "", 2 ** 40),
    /zeros\.root: This is not a ROOT file/,
  ],
  [
    "a text that begins as a ROOT file does",
    () => file("text.root", "roots of x and y, as found in May\n"),
    /text\.root: This is not a ROOT file/,
  ],
  ...(existsSync(root)
    ? [
        [
          "half a ROOT file",
          () => file("half.root", readFileSync(root).subarray(0, 90_000)),
          /half\.root: The file is truncated/,
        ] as Case,
      ]
    : []),
];

describe("a table with a fault is one line that says what to do", () => {
  it.each(cases)("%s", async (_, make, message) => {
    const bad = make();
    const cut = ["--cut", "pt > 3 && mass < 7", "--steps", "2", "--threads", "1"];
    expect(await failure("train", "--signal", bad, "--background", signal, ...cut)).toMatch(message);
    expect(await failure("apply", "--model", model, bad)).toMatch(message);
    // The first file is fine, and its rows are written before the other is read.
    await failure("apply", "--model", model, signal, bad, "--out", at("out.parquet"));
    expect(existsSync(at("out.parquet"))).toBe(false);
  });

  it("an expression of any length", async () => {
    const long = Array.from({ length: 20_000 }, (_, i) => `(pt > ${i} && mass`).join(" ");
    const error = await failure("train", "--signal", signal, "--background", signal, "--cut", long);
    expect(error.length).toBeLessThan(1000);
  });
});

describe("out of memory", () => {
  it.skipIf(spawnSync("sh", ["-c", "ulimit -d 300000"]).status !== 0)(
    "says what needs how much",
    async () => {
      const program = resolve(
        import.meta.dirname,
        `../node_modules/.cache/gradcut-memory-${process.pid}/main.mjs`,
      );
      await build({
        ...{
          entryPoints: [resolve(import.meta.dirname, "../../src/cli/main.ts")],
          outfile: program,
          bundle: true,
        },
        ...{ format: "esm", platform: "node", packages: "external", logLevel: "silent" },
        plugins: [
          {
            name: "version",
            setup: ({ onLoad }) =>
              onLoad({ filter: /cli.version\.ts$/ }, () => ({ contents: 'export const version = "test";' })),
          },
        ],
      });
      const many = file("many.csv", `x\n${"1\n".repeat(3e7)}`);
      const args = ["train", "--signal", many, "--background", many, "--cut", "x > 2", "--threads", "1"];
      const command = 'ulimit -d 300000; exec "$0" "$@"';
      const found = spawnSync("sh", ["-c", command, process.execPath, program, ...args], {
        encoding: "utf8",
      });
      rmSync(resolve(program, ".."), { recursive: true });
      expect([found.status, found.stdout]).toEqual([2, ""]);
      expect(found.stderr).toMatch(
        /^gradcut: (.*many\.csv: Column x of \d+ numbers needs 0\.\d+ GB of memory, more than there is.*|There is not enough memory .* The program holds [\d.]+ GB.*)\n$/,
      );
    },
  );
});

describe("what has no gradient", () => {
  it("says so, and what to do", () => {
    const counts = (p: { c: Tensor }, e: { x: Tensor }) =>
      hist(e.x.mul(p.c), { bins: 4, range: [0, 1], bandwidth: 0 })
        .square()
        .sum();
    expect(() => compile(valueAndGrad(counts))({ c: 2 }, table({ x: Float64Array.of(0.1, 0.4) }))).toThrow(
      /bandwidth 0 counts events, so its derivative .*; give a bandwidth above 0/,
    );
  });
});
