import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join, posix, sep, win32 } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import type { Column, Events, Text } from "../../src/core/events.js";
import { column, eventsOf, numbersOf, select, withColumns } from "../../src/events/columns.js";
import { expandSpec, matches, partsOf } from "../../src/events/glob.js";
import { readTable } from "../../src/events/opentable.js";
import { readTables } from "../../src/events/readtables.js";
import { writeTable } from "../../src/events/writetable.js";
import { errorOf, generator, plain, rowsOf, sameBits, scratch } from "../kit/data-help.js";

const { folder, path } = scratch();
/** A folder of its own. */
const made = (name: string) => {
  const full = join(folder, name);
  mkdirSync(full, { recursive: true });
  return full;
};
const tableOf = (columns: Record<string, Column>, text: Record<string, Text> = {}): Events =>
  eventsOf({ ...columns, ...text });

describe("patterns", () => {
  test.each<[string, string, boolean]>([
    ["a.csv", "*.csv", true],
    ["a.csv", "?.csv", true],
    ["ab.csv", "?.csv", false],
    [".a.csv", "*.csv", false],
    [".a.csv", ".*.csv", true],
    ["b1", "[a-c][0-9]", true],
    ["d1", "[a-c][0-9]", false],
    ["d1", "[!a-c]?", true],
    ["]", "[]x]", true],
    ["a[1", "a[1", true],
    ["a.b", "a.b*", true],
    ["aXb", "a.b", false],
    ["mañana", "ma?ana", true],
    ["abcbcd", "a*bcd", true],
    ["", "*", true],
  ])("%s against %s", (name, pattern, expected) => {
    expect(matches(name, pattern)).toBe(expected);
  });

  test("many stars take no exponential time", () => {
    expect(matches("a".repeat(5000), `${"*a".repeat(500)}b`)).toBe(false);
  });

  test.each([
    ["/data/*.csv", posix, "/", ["data", "*.csv"]],
    ["./data//**/[ab].csv", posix, "", ["data", "**", "[ab].csv"]],
    ["odd\\name/*.csv", posix, "", ["odd\\name", "*.csv"]],
    ["C:\\data\\*.csv", win32, "C:\\", ["data", "*.csv"]],
    ["C:/data/*.csv", win32, "C:/", ["data", "*.csv"]],
    ["data\\2024/*.csv", win32, "", ["data", "2024", "*.csv"]],
    ["\\\\server\\share\\*.csv", win32, "\\\\server\\share\\", ["*.csv"]],
  ])("%s begins where the system has it begin", (path, system, root, parts) => {
    expect(partsOf(path, system)).toEqual({ root, parts });
  });

  test("stand for files in order", async () => {
    const root = made("glob");
    for (const name of ["b.csv", "a.csv", "c.txt", ".h.csv", "10.root", "9.root", "odd[1].csv"]) {
      writeFileSync(join(root, name), "x\n1\n");
    }
    for (const name of ["one", "two/deep"]) writeFileSync(join(made(`glob/${name}`), "d.csv"), "x\n1\n");
    const found = async (spec: string) =>
      (await expandSpec(join(root, spec))).map((file) => file.slice(root.length + 1).replaceAll(sep, "/"));
    expect(await found("*.csv")).toEqual(["a.csv", "b.csv", "odd[1].csv"]);
    expect(await found("*.root:Events")).toEqual(["10.root:Events", "9.root:Events"]);
    expect(await found("*/d.csv")).toEqual(["one/d.csv"]);
    expect(await found("**/d.csv")).toEqual(["one/d.csv", "two/deep/d.csv"]);
    expect(await found("odd[1].csv")).toEqual(["odd[1].csv"]);
    expect(await found("no.csv")).toEqual(["no.csv"]);
    const error = await errorOf(expandSpec(join(root, "*.parquet")));
    expect(error.message).toBe(`${join(root, "*.parquet")}: No file matches this pattern.`);
    expect(await errorOf(expandSpec(join(root, "none/*.csv")))).toMatchObject({ code: "data.missingFile" });
  });
});

describe("several files", () => {
  test("of several kinds, each with its rows", async () => {
    const root = made("many");
    writeFileSync(join(root, "a.csv"), "x,id\n1,1\n2,2\n");
    writeFileSync(join(root, "b.csv.gz"), gzipSync("id,x\n9007199254740993,3\n"));
    writeFileSync(join(root, "c.csv"), "x,id\n");
    await writeTable(
      join(root, "d.parquet"),
      tableOf({ x: Float32Array.of(4), id: BigInt64Array.of(2n ** 62n) }),
    );
    const { table, files } = await readTables([join(root, "[a-c].*"), join(root, "d.parquet")]);
    expect(plain(table)).toEqual({ x: [1, 2, 3, 4], id: [1n, 2n, 9007199254740993n, 2n ** 62n] });
    expect(files.map(({ spec, rows }) => [spec.slice(root.length + 1), rows])).toEqual([
      ["a.csv", 2],
      ["b.csv.gz", 1],
      ["c.csv", 0],
      ["d.parquet", 1],
    ]);
    expect(plain((await readTables([join(root, "*.csv")], ["id"])).table)).toEqual({ id: [1, 2] });
  });

  test("faults name the file and the column", async () => {
    const root = made("faults");
    const at = (name: string, text: string) => {
      writeFileSync(join(root, name), text);
      return join(root, name);
    };
    const [a, b, c, d] = [
      at("a.csv", "x,y\n1,2\n"),
      at("b.csv", "x,z\n1,2\n"),
      at("c.csv", "x\n1\n"),
      at("d.csv", "x,y\n1,a\n"),
    ];
    const [empty, other] = [at("e.csv", "x,y\n"), at("f.csv", "x,y\n")];
    const cases: [string[], string[] | undefined, string, string][] = [
      [[a, b], undefined, "data.mismatch", `${b}: There is no column y, which ${a} has.`],
      [[c, a], undefined, "data.mismatch", `${a}: Column y is not in ${c}.`],
      [[a, c], ["x", "y"], "data.unknownColumn", `${c}: There is no column y.`],
      [[a, d], undefined, "data.notNumber", `${d}: Column y holds text ("a", …), not numbers.`],
      [[d, a], undefined, "data.mismatch", `${a}: Column y holds numbers here but text in another file.`],
      [[empty, other], undefined, "data.empty", "None of the tables has rows."],
      [[empty], undefined, "data.empty", `${empty}: The table has no rows.`],
      [[], undefined, "data.empty", "There are no files to read."],
    ];
    for (const [specs, columns, code, message] of cases) {
      const error = await errorOf(readTables(specs, columns));
      expect(error.message).toContain(message);
      expect(error).toMatchObject({ code });
    }
  });
});

describe("unreadable files", () => {
  test("are one line", async () => {
    const directory = made("folder.csv");
    const cases: [string, string, RegExp][] = [
      [directory, "data.unreadable", /This is a directory, not a file/],
      [made("folder.parquet"), "data.unreadable", /directory/],
      [made("folder.csv.gz"), "data.unreadable", /directory/],
      [made("folder.root"), "data.unreadable", /directory/],
      [join(directory, "a.csv/b.csv"), "data.missingFile", /no such file/],
      [join(folder, `${"long".repeat(100)}.csv`), "data.unreadable", /cannot be read: ENAMETOOLONG/],
      ["a\0b.csv", "data.unreadable", /cannot be read/],
      [path("foreign.root", "not a tree"), "data.format", /not a ROOT file/],
      [path("short.root", "root"), "data.corrupt", /truncated/],
      [path("foreign.parquet", "x\n1\n"), "data.format", /not a Parquet file/],
      [path("foreign.csv", gzipSync("x\n1\n")), "data.format", /not text/],
      [path("sheet.xlsx", ""), "data.unsupported", /Tables are read from/],
    ];
    if (existsSync("/dev/null")) {
      symlinkSync("/dev/null", join(folder, "device.csv"));
      cases.push([join(folder, "device.csv"), "data.unreadable", /a pipe or a device/]);
    }
    const locked = path("locked.csv", "x\n1\n");
    chmodSync(locked, 0);
    if (process.getuid?.() !== 0) cases.push([locked, "data.unreadable", /permission denied/]);
    for (const [spec, code, message] of cases) {
      const error = await errorOf(readTable(spec));
      expect(error).toMatchObject({ code });
      expect(error.message).toMatch(message);
    }
  });
});

describe("writing", () => {
  const random = generator(8);
  const awkward = [
    0,
    -0,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    5e-324,
    1.7976931348623157e308,
    0.1,
    -1e21,
    2 ** 53 + 2,
  ];
  const doubles = Float64Array.from(
    { length: 40_000 },
    (_, i) => awkward[i] ?? (random() - 0.5) * 10 ** (random() * 40 - 20),
  );

  test("numbers read back to the same bits", async () => {
    const table = tableOf({
      x: doubles,
      event: BigInt64Array.from(doubles, (_, i) => BigInt(i) - 2n ** 63n + 3n),
      mask: Uint8Array.from(doubles, (x) => Number(x > 0)),
    });
    for (const name of ["out.csv", "out.csv.gz", "out.parquet"]) {
      await writeTable(join(folder, name), table);
      const again = await readTable(join(folder, name));
      expect(numbersOf(again)).toEqual(["x", "event", "mask"]);
      expect(sameBits(column(again, "x"), doubles)).toBe(true);
      expect(sameBits(column(again, "event"), column(table, "event"))).toBe(true);
      expect(column(again, "mask")).toBeInstanceOf(name === "out.parquet" ? Uint8Array : Float64Array);
    }
  });

  test("text and odd names stay", async () => {
    const table = eventsOf({
      " label ": ["a,b", 'say "no"', "two\nlines"],
      'x, "y"': Int32Array.of(1, 2, 3),
    });
    for (const name of ["text.csv", "text.parquet"]) {
      await writeTable(join(folder, name), table);
      expect(plain(await readTable(join(folder, name)))).toEqual(
        name === "text.csv"
          ? { label: ["a,b", 'say "no"', "two\nlines"], 'x, "y"': [1, 2, 3] }
          : plain(table),
      );
    }
    await writeTable(join(folder, "one.csv"), tableOf({ x: Float64Array.of(1, 2) }, { a: ["", null] }));
    expect(readFileSync(join(folder, "one.csv"), "utf8")).toBe("x,a\n1,\n2,\n");
  });

  test("selected rows with more columns", async () => {
    const table = tableOf({
      pt: Float32Array.of(10, 20, 30),
      event: BigUint64Array.of(1n, 2n, 2n ** 64n - 1n),
    });
    const scored = withColumns(table, {
      mask: Uint8Array.of(0, 1, 1),
      score: Float64Array.of(0.1, 0.2, 0.3),
    });
    await writeTable(join(folder, "sel.parquet"), select(scored, Uint8Array.of(0, 1, 1)));
    const again = await readTable(join(folder, "sel.parquet"));
    expect(plain(again)).toEqual({
      pt: [20, 30],
      event: [2n, 2n ** 64n - 1n],
      mask: [1, 1],
      score: [0.2, 0.3],
    });
    expect(() => withColumns(table, { pt: Float64Array.of(1, 2, 3) })).toThrow(
      "There is a column pt already.",
    );
    expect(() => withColumns(table, { s: Float64Array.of(1) })).toThrow(
      "Column s has 1 rows, but the table has 3.",
    );
  });

  test("no rows", async () => {
    const none = select(tableOf({ x: Float64Array.of(1) }), [0]);
    await writeTable(join(folder, "none.csv"), none);
    await writeTable(join(folder, "none.parquet"), none);
    expect(readFileSync(join(folder, "none.csv"), "utf8")).toBe("x\n");
    for (const name of ["none.csv", "none.parquet"]) {
      expect(rowsOf(await readTable(join(folder, name), undefined, { allowEmpty: true }))).toBe(0);
    }
  });

  test("all or nothing", async () => {
    const root = made("atomic");
    const old = join(root, "old.csv");
    writeFileSync(old, "x\n1\n");
    chmodSync(old, 0o640);
    symlinkSync(old, join(root, "link.csv"));
    const lists = tableOf({ j: { offsets: Int32Array.of(0, 2), content: Float64Array.of(1, 2) } });
    const error = await errorOf(writeTable(old, lists));
    expect(error.message).toContain("Column j has any count of numbers per row, which CSV cannot hold");
    expect(readFileSync(old, "utf8")).toBe("x\n1\n");
    await writeTable(join(root, "link.csv"), tableOf({ x: Float64Array.of(2) }));
    expect(readFileSync(old, "utf8")).toBe("x\n2\n");
    expect(statSync(old).mode & 0o777).toBe(0o640);
    expect(readdirSync(root).sort()).toEqual(["link.csv", "old.csv"]);
  });

  test.skipIf(!existsSync("/dev/full"))("a full disk", async () => {
    for (const name of ["full.csv", "full.parquet"]) {
      symlinkSync("/dev/full", join(folder, name));
      const error = await errorOf(writeTable(join(folder, name), tableOf({ x: doubles })));
      expect(error).toMatchObject({ code: "data.unwritable" });
      expect(error.message).toContain("The disk is full");
    }
    expect(statSync("/dev/full").isCharacterDevice()).toBe(true);
  });

  test("faults are one line", async () => {
    const table = tableOf({ x: Float64Array.of(1) });
    const cases: [string, Events, string, RegExp][] = [
      [join(folder, "none/out.csv"), table, "data.unwritable", /There is no such folder/],
      [join(path("file", ""), "out.csv"), table, "data.unwritable", /a file has its name/],
      [made("dir.csv"), table, "data.unwritable", /This is a directory/],
      [join(folder, "out.root"), table, "data.unsupported", /file\.csv, file\.csv\.gz and file\.parquet/],
      [join(folder, "out.csv"), eventsOf({}), "data.empty", /no columns/],
    ];
    for (const [file, content, code, message] of cases) {
      const error = await errorOf(writeTable(file, content));
      expect(error).toMatchObject({ code });
      expect(error.message).toMatch(message);
    }
  });
});
