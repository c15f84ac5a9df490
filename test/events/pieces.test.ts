import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { type Events, flatColumn, flatColumns, isText } from "../../src/core/events.js";
import { column, eventsOf, withColumns } from "../../src/events/columns.js";
import { concatenate } from "../../src/events/concatenate.js";
import { openSource } from "../../src/events/filesource.js";
import { csvPieces } from "../../src/events/formats/csv/readcsv.js";
import { readRoot, rootPieces } from "../../src/events/formats/root/readroot.js";
import { readTable, tablePieces } from "../../src/events/opentable.js";
import { readPieces } from "../../src/events/readtables.js";
import { writePieces, writeTable } from "../../src/events/writetable.js";
import { bytesOf, errorOf, kindsOf, plain, rowsOf, sameBits, scratch } from "../kit/data-help.js";
import { rootFile } from "../kit/rootfiles.js";

const { folder, path } = scratch();
const at = (name: string) => join(folder, name);
async function collected(pieces: AsyncIterable<Events>): Promise<Events[]> {
  const all: Events[] = [];
  for await (const piece of pieces) all.push(piece);
  return all;
}
function same(a: Events, b: Events): void {
  expect(Object.keys(a)).toEqual(Object.keys(b));
  for (const [name, values] of flatColumns(a))
    if (isText(values)) expect(values).toEqual(b[name]);
    else expect(sameBits(values, flatColumn(b, name)), name).toBe(true);
}

describe("a table in pieces", () => {
  const rows = Array.from({ length: 200_000 }, (_, i) => [i, 2n ** 60n + BigInt(i), `w${i % 7}`, i / 7]);
  const csv = path("a.csv", `n,event,label,x\n${rows.map((row) => row.join()).join("\n")}\n`);

  test("is the same table: CSV, plain and compressed", async () => {
    const whole = await readTable(csv);
    for (const file of [csv, path("a.csv.gz", gzipSync(readFileSync(csv), { level: 1 }))]) {
      const pieces = await collected(tablePieces(file));
      expect(pieces.length).toBeGreaterThan(1);
      same(concatenate(pieces), whole);
    }
    const [some] = await collected(tablePieces(csv, ["x"]));
    expect(Object.keys(some!)).toEqual(["x"]);
  });

  test("whatever the bytes come in", async () => {
    const text = 'a,b\n1,"x, y"\n2,"two\nlines"\n3,z';
    async function* bytes() {
      for (const byte of bytesOf(text)) yield Uint8Array.of(byte);
    }
    expect(plain(concatenate(await collected(csvPieces(bytes()))))).toEqual({
      a: [1, 2, 3],
      b: ["x, y", "two\nlines", "z"],
    });
    const error = await errorOf(collected(tablePieces(path("ragged.csv", "a,b\n1,2\n3\n"))));
    expect(error).toMatchObject({ code: "data.ragged", line: 3 });
  });

  test("is the same table: row groups of Parquet", async () => {
    const whole = await readTable(csv);
    const lists = {
      offsets: Int32Array.from({ length: 200_001 }, (_, i) => 2 * i),
      content: new Float32Array(400_000),
    };
    lists.content.forEach((_, i, all) => {
      all[i] = i / 3;
    });
    const file = at("a.parquet");
    await writeTable(file, withColumns(whole, { lists }));
    const pieces = await collected(tablePieces(file));
    expect(pieces.map(rowsOf)).toEqual([100_000, 100_000]);
    same(concatenate(pieces), await readTable(file));
  });

  test("closes its file when nobody wants more", async () => {
    // Only of these two: what else the process has open is not this test's.
    const packed = path("packed.csv.gz", gzipSync(readFileSync(csv), { level: 1 }));
    const names = [csv, packed].map((file) => realpathSync(file));
    const target = (fd: string) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`);
      } catch {
        return "";
      }
    };
    const open = () =>
      existsSync("/proc/self/fd")
        ? readdirSync("/proc/self/fd").filter((fd) => names.includes(target(fd))).length
        : 0;
    const before = open();
    for await (const _ of tablePieces(csv)) break;
    for (let time = 0; time < 8; time++) {
      for await (const _ of tablePieces(packed, ["n"])) break;
      expect(open()).toBe(before);
    }
  });

  test("from several files, which must fit", async () => {
    mkdirSync(at("some"));
    const one = path("some/1.csv", "x,y\n1,2\n");
    const none = path("some/2.csv", "y,x\n");
    const two = path("some/3.csv", "y,x\n4,3\n");
    const found: [string, number, number][] = [];
    for await (const { spec, file, table } of readPieces([at("some/*.csv")]))
      found.push([spec, file, rowsOf(table)]);
    expect(found).toEqual([
      [one, 0, 1],
      [none, 1, 0],
      [two, 2, 1],
    ]);
    const fails = (...specs: string[]) => errorOf(collected(tablesOf(readPieces(specs))));
    expect((await fails(none)).message).toMatch(/2\.csv: The table has no rows/);
    expect((await fails(one, path("z.csv", "x,z\n1,2\n"))).message).toMatch(
      /no column y, which .*1\.csv has/,
    );
    expect((await fails(one, path("t.csv", "x,y\n1,b\n"))).message).toMatch(
      /t\.csv: Column y has text, but one number per row in .*1\.csv/,
    );
    expect((await fails(one, at("absent.csv"))).code).toBe("data.missingFile");
    expect((await fails()).code).toBe("data.empty");
    async function* tablesOf(pieces: AsyncIterable<{ table: Events }>) {
      for await (const { table } of pieces) yield table;
    }
  });
});

describe("writing pieces", () => {
  const written = async (name: string, ...tables: Events[]) => {
    let passes = 0;
    await writePieces(at(name), async function* () {
      passes++;
      yield* tables;
    });
    return { passes, table: await readTable(at(name)) };
  };
  const large = BigInt64Array.of(2n ** 60n + 1n, -3n);

  test("in one go where kinds stay", async () => {
    for (const name of ["p.csv", "p.csv.gz", "p.parquet"]) {
      const { passes, table } = await written(
        name,
        eventsOf({ x: Float32Array.of(1.5) }),
        eventsOf({ x: Float32Array.of(2) }),
      );
      expect([passes, plain(table)]).toEqual([1, { x: [1.5, 2] }]);
    }
  });

  test("whole numbers of 64 bits stay, whichever piece they come in", async () => {
    const [few, many] = [eventsOf({ n: Float64Array.of(5, 6) }), eventsOf({ n: large })];
    for (const tables of [
      [few, many],
      [many, few],
      [few, many, few],
    ]) {
      const { table } = await written("n.parquet", ...tables);
      expect(kindsOf(table)).toEqual({ n: "BigInt64Array" });
      expect(plain(table).n).toEqual(
        tables.flatMap((t) => Array.from(column(t, "n") as Float64Array, BigInt)),
      );
      expect((await written("n.csv", ...tables)).table.n).toEqual(table.n);
    }
    const unsigned = eventsOf({ n: BigUint64Array.of(2n ** 64n - 1n) });
    expect(plain((await written("u.parquet", few, unsigned)).table).n).toEqual([5n, 6n, 2n ** 64n - 1n]);
  });

  test("fractions make floats, where that loses nothing", async () => {
    const lists = (content: Int32Array | Float64Array) =>
      eventsOf({ j: { offsets: Int32Array.of(0, 1), content } });
    const { passes, table } = await written(
      "j.parquet",
      lists(Int32Array.of(1)),
      lists(Float64Array.of(0.5)),
    );
    expect([passes, plain(table)]).toEqual([2, { j: { offsets: [0, 1, 2], content: [1, 0.5] } }]);
    const small = eventsOf({ n: BigInt64Array.of(7n) });
    const half = eventsOf({ n: Float64Array.of(0.5) });
    expect(plain((await written("h.parquet", small, half)).table)).toEqual({ n: [7, 0.5] });
    expect((await errorOf(written("e.parquet", half, eventsOf({ n: large })))).message).toMatch(
      /Column n has whole numbers beyond 2\*\*53 in one place and other numbers in another/,
    );
    expect(readdirSync(folder).filter((name) => name.includes("tmp") || name === "e.parquet")).toEqual([]);
  });

  test("few rows at a time make few row groups", async () => {
    const one = eventsOf({ x: Float64Array.of(1) });
    await writePieces(at("many.parquet"), async function* () {
      for (let i = 0; i < 1000; i++) yield one;
    });
    expect((await collected(tablePieces(at("many.parquet")))).map(rowsOf)).toEqual([1000]);
  });
});

const { file: samples, why } = rootFile();
describe.skipIf(why !== "")("ROOT in pieces", () => {
  test.each([
    ["uproot-Zmumu.root", 3000],
    ["uproot-HZZ.root", 7000],
    ["nanoAOD_2015_CMS_Open_Data_ttbar.root", 70_000],
    ["open-data-example.root", 30_000],
  ])("%s", async (name, cells) => {
    const source = await openSource(join(samples, name));
    const columns = name.startsWith("open") ? ["nMuon", "Muon_pt", "Muon_charge"] : undefined;
    const pieces = await collected(rootPieces(source, { columns }, cells));
    expect(pieces.length).toBeGreaterThan(2);
    same(concatenate(pieces), await readRoot(source, { columns }));
    await source.close();
  });
});
