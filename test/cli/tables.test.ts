import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import type { Result } from "../../src/cli/training/resultjson.js";
import { eventsOf, readTable, writeTable } from "../../src/events/index.js";
import { init } from "../../src/index.js";
import { failure, muons, type Row, run, writeRows } from "../kit/clirun.js";
import { scratch } from "../kit/scratch.js";

const { at } = scratch();

const rows = { signal: muons("signal", 300, 1), background: muons("background", 400, 2) };
const [signal, background] = [at("signal.csv"), at("background.csv")];
const cut = ["--cut", "pt > {ptMin = 30} && 80 < mass && mass < 100", "--steps", "5", "--threads", "1"];
const rest = ["--background", background, ...cut];

beforeAll(async () => {
  await init();
  writeRows(signal, rows.signal);
  writeRows(background, rows.background);
});

describe("tables of gradcut train", () => {
  it("are files of any kind and patterns, each with its own line", async () => {
    mkdirSync(at("parts"));
    const parts = ["a.csv", "b.csv", "empty.csv"].map((name) => join(at("parts"), name));
    writeRows(parts[0]!, rows.signal.slice(0, 100));
    writeRows(parts[1]!, rows.signal.slice(100, 180));
    const none = Object.fromEntries(Object.keys(rows.signal[0]!).map((name) => [name, name]));
    writeRows(parts[2]!, [none].slice(0, 1));
    const { writeFileSync } = await import("node:fs");
    writeFileSync(parts[2]!, `${Object.keys(none)}\n`);
    const [c, d] = [join(at("parts"), "c.parquet"), join(at("parts"), "d.csv.gz")];
    writeRows(at("rest.csv"), rows.signal.slice(180, 250));
    await writeTable(c, await readTable(at("rest.csv")));
    writeRows(at("last.csv"), rows.signal.slice(250));
    await writeTable(d, await readTable(at("last.csv")));
    const joined = await run([
      ...["train", "--signal", join(at("parts"), "*.csv"), "--signal", c, "--signal", d],
      ...rest,
      ...["--filter", "eta > -1"],
    ]);
    const kept = rows.signal.filter(({ eta }) => eta > -1).length;
    const line = (file: string, n: number) => `  ${file}${" ".repeat(c.length - file.length)} +${n} events\n`;
    expect(joined.err.split("background: ")[0]).toMatch(
      new RegExp(
        `^signal: ${kept} of 300 events\n${line(parts[0]!, 100)}${line(parts[1]!, 80)}  ${parts[2]} +0 events\n${line(c, 70)}${line(d, 50)}$`,
      ),
    );
    const single = await run(["train", "--signal", signal, ...rest, "--filter", "eta > -1"]);
    expect(joined.out.split("yield")[1]).toBe(single.out.split("yield")[1]);
    // A pattern and a name of the same file would count its events twice.
    expect(
      await failure("train", "--signal", join(at("parts"), "*.csv"), "--signal", parts[0]!, ...rest),
    ).toMatch(/--signal: ".*a\.csv" is there twice/);
    expect(await failure("train", "--signal", at("none*.csv"), ...rest)).toMatch(
      /No file matches this pattern/,
    );
    expect(await failure("train", "--signal", parts[2]!, ...rest)).toMatch(
      /empty\.csv: The table has no rows/,
    );
  });

  it("may be written in other ways, with numbers that are missing", async () => {
    const { writeFileSync } = await import("node:fs");
    const columns = Object.keys(rows.signal[0]!);
    const cells = (row: Record<string, unknown>, i: number) =>
      columns.map((name) => (name === "pt" && i % 100 === 3 ? "-999" : row[name]));
    writeFileSync(at("bare.dat"), rows.signal.map((row, i) => cells(row, i).join(" ")).join("\n"));
    writeFileSync(
      at("nan.csv"),
      [
        columns.join(),
        ...rows.signal.map((row, i) =>
          cells(row, i)
            .map((x) => (x === "-999" ? "nan" : x))
            .join(),
        ),
      ].join("\n"),
    );
    const options = ["--columns", columns.join(), "--missing", "-999"];
    const [bare, same] = [
      await run(["train", "--signal", at("bare.dat"), ...rest, ...options]),
      await run(["train", "--signal", at("nan.csv"), ...rest]),
    ];
    expect(bare.err).toContain("pt (--cut) is not finite in 3 of 300 signal events");
    const kept = await run(["train", "--signal", at("bare.dat"), ...rest, ...options.slice(0, 2)]);
    expect(kept.err).toMatch(
      /pt is -999 in 3 of 300 signal events, far below all others .*--missing -999\), or cut it off with pt > fixed\(-100\)/,
    );
    expect(bare.out.split("yield")[1]).toBe(same.out.split("yield")[1]);
    expect(await failure("train", "--signal", at("bare.dat"), ...rest, "--columns", "a,a")).toMatch(
      /a is there twice/,
    );
    expect(await failure("train", "--signal", at("bare.dat"), ...rest, "--separator", "x")).toMatch(
      /--separator "x": must be one of comma/,
    );
  });

  it("have columns of any name", async () => {
    const odd = (row: Row): Row => ({
      "jet pt": row.pt!,
      "Z.mass": row.mass!,
      constructor: row.eta!,
      "a`b": row.w!,
    });
    const files = Object.entries(rows).map(([name, all]) => writeRows(at(`odd-${name}.csv`), all.map(odd)));
    const [s, b] = files as [string, string];
    const other = await run([
      ...["train", "--signal", s, "--background", b, "--steps", "5", "--threads", "1", "--out", at("odd")],
      ...[
        "--cut",
        "`jet pt` > {ptMin = 30} && 80 < Z.mass && Z.mass < 100 && __proto__ > -9 && toString < 9",
      ],
      ...["--define", "__proto__ = constructor", "--define", "toString = __proto__", "--weight", "`a``b`"],
      ...["--net", "`jet pt`,Z.mass,constructor,__proto__:3", "--width", "Z_massMin=2"],
    ]);
    const plain = await run([
      ...["train", "--signal", signal, "--background", background, "--steps", "5", "--threads", "1"],
      ...["--cut", "pt > {ptMin = 30} && 80 < mass && mass < 100 && e2 > -9 && e3 < 9"],
      ...["--define", "e2 = eta", "--define", "e3 = e2", "--weight", "w"],
      ...["--net", "pt,mass,eta,e2:3", "--width", "massMin=2"],
    ]);
    const numbers = (text: string) => text.split("yield")[1]!.split("selection")[0];
    expect(numbers(other.out)).toBe(numbers(plain.out));
    expect(other.out).toContain("`jet pt` > ");
    const applied = await run([
      "apply",
      "--model",
      join(at("odd"), "model.json"),
      s,
      "--out",
      at("odd-sel.csv"),
    ]);
    expect(applied.out).toMatch(/wrote .*odd-sel\.csv: \d+ events/);
    expect(await failure("train", "--signal", s, "--background", b, "--cut", "jet.pt > 30")).toMatch(
      /There is no column jet\.pt\. Did you mean jet pt\?/,
    );
  });

  it("need weights with a total above 0", async () => {
    const weigh = (w: string) => failure("train", "--signal", signal, ...rest, "--weight", w, "--json");
    expect(await weigh("0 * w")).toMatch(/weights of signal sum to 0: a sample needs a total above 0/);
    expect(await weigh("w * (0.5 - w)")).toMatch(/sum to -\d.* \(\d+ of 300 are negative\)/);
  });

  it("may hold numbers that are not finite, with a policy", async () => {
    const bad = rows.signal.map((row, i) => ({
      ...row,
      ...(i % 100 === 3 ? { pt: "nan" } : {}),
      ...(i === 4 ? { mass: "inf" } : {}),
    }));
    const file = writeRows(at("bad.csv"), bad);
    const args = ["train", "--signal", file, ...rest];
    const found = async (...more: string[]) => {
      const { status, out, err } = await run([...args, "--json", ...more]);
      expect(status).toBe(0);
      return { ...(JSON.parse(out) as Result), err };
    };
    const kept = await found();
    expect(kept.yields.signal!.all.entries).toBe(300);
    expect(kept.err).toContain("\n  pt (--cut) is not finite in 3 of 300 signal events\n");
    const dropped = await found("--bad", "drop");
    expect(dropped.yields.signal!.all.entries).toBe(296);
    expect(dropped.err).toMatch(
      /mass \(--cut\) is not finite in 1 of 300 .*\n {2}4 of 300 signal events are dropped/,
    );
    expect(await failure(...args, "--bad", "refuse")).toMatch(
      /pt \(--cut\) is not a finite number in 3 of 300 signal events, first in row 4\. Drop them/,
    );
    expect(await failure(...args, "--weight", "pt", "--bad", "keep")).toMatch(
      /pt \(--weight\) is not a finite/,
    );
    expect((await found("--weight", "pt", "--bad", "drop")).yields.signal!.all.entries).toBe(296);
    const all = writeRows(
      at("all.csv"),
      rows.signal.map((row) => ({ ...row, pt: "nan" })),
    );
    expect(await failure("train", "--signal", all, ...rest, "--bad", "drop")).toMatch(
      /No signal event is left/,
    );
  });

  it("give the same bits whatever kind of array holds their numbers", async () => {
    const n = 200;
    const wave = (i: number, k: number) => Math.fround(40 + 30 * Math.sin(k * i) + i / n);
    const write = async (file: string, k: number, exact: boolean) => {
      const list = Array.from({ length: n }, (_, i) => i);
      const [pt, eta, w] = [k, 3 * k, 7 * k].map((each) => list.map((i) => wave(i, each)));
      const many = list.map((i) => 1000 + 20 * i);
      const columns = exact
        ? {
            pt: Float64Array.from(pt!),
            eta: Float64Array.from(eta!),
            w: Float64Array.from(w!),
            n: Float64Array.from(many),
          }
        : {
            pt: Float32Array.from(pt!),
            eta: Float32Array.from(eta!),
            w: Float32Array.from(w!),
            n: Int32Array.from(many),
          };
      await writeTable(at(file), eventsOf(columns));
    };
    const results: unknown[] = [];
    for (const [kind, exact] of [
      ["f32", false],
      ["f64", true],
    ] as const) {
      await write(`s-${kind}.parquet`, 1, exact);
      await write(`b-${kind}.parquet`, 2, exact);
      for (const more of [
        [],
        ["--filter", "pt > 20"],
        ["--validation", "0.3", "--net", "eta,n:3", "--scan"],
      ]) {
        const { out, err, status } = await run([
          ...["train", "--signal", at(`s-${kind}.parquet`), "--background", at(`b-${kind}.parquet`)],
          // In 32 bits the product would overflow.
          ...[
            "--cut",
            "pt > {p = 30} && n * n * n > 2e9",
            "--weight",
            "w",
            "--steps",
            "3",
            "--threads",
            "1",
            "--json",
            ...more,
          ],
        ]);
        expect(status, err).toBe(0);
        const { checksum: _, timing: __, ...rest } = JSON.parse(out);
        results.push(rest);
      }
    }
    expect(results.slice(3)).toEqual(results.slice(0, 3));
  });
});
