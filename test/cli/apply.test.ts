import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import type { Model } from "../../src/cli/saved/savedmodel.js";
import type { Result } from "../../src/cli/training/resultjson.js";
import {
  asFloat64,
  column,
  type Events,
  eventsOf,
  isJagged,
  readTable,
  writeTable,
} from "../../src/events/index.js";
import { init } from "../../src/index.js";
import { failure, muons, run, writeRows } from "../kit/clirun.js";
import { scratch } from "../kit/scratch.js";

const { folder: home, at } = scratch();

const samples = { signal: muons("signal", 500, 1), background: muons("background", 700, 2) };
const [signal, background] = [at("signal.csv"), at("background.csv")];
const model = at("out/model.json");
let found: Result;

beforeAll(async () => {
  await init();
  writeRows(signal, samples.signal);
  writeRows(background, samples.background);
  const answer = await run([
    ...["train", "--signal", signal, "--background", background, "--threads", "1", "--out", at("out")],
    ...["--define", "ptMeV = 1000 * pt", "--define", "unused = w * 2", "--filter", "eta > -2"],
    ...["--cut", "ptMeV > {ptMin = 30000} && 80 < mass && mass < 100", "--net", "pt,eta:4", "--json"],
    ...["--steps", "30"],
  ]);

  if (answer.status !== 0) throw new Error(answer.err);
  found = JSON.parse(answer.out) as Result;
});

type Muon = (typeof samples.signal)[number];
const end = (name: string) => found.cuts[name]!.end;
const passes = ({ pt, mass, eta }: Muon, filters = true) =>
  (!filters || eta > -2) && pt * 1000 > end("ptMin") && mass > end("massMin") && mass < end("massMax");
const numbers = (table: Events, name: string) => {
  const values = column(table, name);
  if (isJagged(values)) throw new Error("jagged");
  return Array.from(asFloat64(values));
};
const eventNumbers = (table: Events) => Array.from(column(table, "event") as BigInt64Array);
/** By cut and filters alone. */
const apply = (...args: string[]) => run(["apply", "--model", model, "--no-bound", ...args]);

describe("gradcut apply", () => {
  it("counts, for each file, what the training counted", async () => {
    const { out, err, status } = await apply(signal, background);
    expect([status, err]).toEqual([0, ""]);
    const [s, b] = [found.yields.signal!.hard.entries, found.yields.background!.hard.entries];
    const words = out
      .trim()
      .split("\n")
      .map((line) => line.split(/\s+/).join(" "));
    expect(words).toEqual([
      `${signal}: ${s} of 500 events`,
      `${background}: ${b} of 700 events`,
      `all: ${s + b} of 1200 events`,
    ]);
    expect(s).toBe(samples.signal.filter((row) => passes(row)).length);
    const all = await apply("--no-filters", signal);
    expect(all.out).toContain(` ${samples.signal.filter((row) => passes(row, false)).length} of 500 events`);
    expect((await apply(at("*gnal.csv"))).out).toContain(` ${s} of 500 events`);
  });

  it.each(["sel.csv", "sel.csv.gz", "sel.parquet"])(
    "writes exactly the selected rows to %s",
    async (name) => {
      const answer = await apply(background, signal, "--out", at(name));
      const rows = [...samples.background, ...samples.signal].filter((row) => passes(row));
      expect(answer.out).toContain(`wrote ${at(name)}: ${rows.length} events\n`);
      const written = await readTable(at(name));
      expect(Object.keys(written)).toEqual(["event", "mass", "pt", "eta", "w"]);
      expect(eventNumbers(written)).toEqual(rows.map(({ event }) => event));
      expect(numbers(written, "mass")).toEqual(rows.map(({ mass }) => mass));
      // What is written can be read again, and all of it is selected.
      expect((await apply(at(name))).out).toContain(` ${rows.length} of ${rows.length} events`);
    },
  );

  it("adds a mask and a score, and keeps all rows", async () => {
    const file = at("marked.parquet");
    const { out } = await apply(signal, "--out", file, "--mask", "keep", "--score", "nn");
    expect(out).toContain(`wrote ${file}: 500 events`);
    const marked = await readTable(file);
    expect(numbers(marked, "keep")).toEqual(samples.signal.map((row) => (passes(row) ? 1 : 0)));
    const { net } = JSON.parse(readFileSync(model, "utf8")) as Model;
    const scoreOf = (row: Muon) => {
      let x = [row.pt, row.eta].map((v, i) => (v - net!.mean[i]!) / net!.deviation[i]!);
      for (const { w, b, activation } of net!.layers) {
        const y = b.map((bias, j) => bias + x.reduce((sum, v, i) => sum + v * w[i]![j]!, 0));
        x = activation === "relu" ? y.map((v) => Math.max(0, v)) : y;
      }
      return 1 / (1 + Math.exp(-x[0]!));
    };
    const scores = numbers(marked, "nn");
    const { bound, yields } = found.network!;
    expect(net!.bound).toBe(bound);
    const above = samples.signal.filter((row, i) => passes(row) && scores[i]! > 1 / (1 + Math.exp(-bound)));
    expect(above.length).toBe(yields.signal!.entries);
    samples.signal.forEach((row, i) => {
      expect(scores[i]).toBeCloseTo(scoreOf(row), 12);
    });
  });

  it("holds one piece of a long table at a time, and takes 64-bit numbers wherever they come", async () => {
    const rows = Array.from({ length: 150_000 }, (_, i) => ({
      ...samples.signal[i % 500]!,
      event: i < 140_000 ? BigInt(i) : 2n ** 60n + BigInt(i),
    }));
    const file = writeRows(at("long.csv"), rows);
    const kept = rows.filter((row) => passes(row)).map(({ event }) => event);
    for (const name of ["long.parquet", "long.csv.gz"]) {
      const { out } = await apply(file, "--out", at(name));
      expect(out).toContain(
        `${file}: ${kept.length} of 150000 events\nwrote ${at(name)}: ${kept.length} events`,
      );
      expect(eventNumbers(await readTable(at(name)))).toEqual(kept);
    }
    const all = readdirSync(home);
    const stopped = await run(["apply", "--model", model, file, "--out", at("stopped.csv")], {
      onInterrupt(stop) {
        stop();
        return () => {};
      },
    });
    expect(stopped).toEqual({
      status: 130,
      out: "",
      err: `interrupted; ${at("stopped.csv")} was not written\n`,
    });
    expect(readdirSync(home)).toEqual(all);
  });

  it("keeps lists and text in Parquet, and selects by an element", async () => {
    const offsets = Int32Array.of(0, 2, 2, 3, 6);
    const content = Float32Array.of(40, 3, 20, 50, 60, 70);
    const columns = { Muon_pt: { offsets, content }, run: ["a", "b", "c", "d"] };
    await writeTable(at("lists.parquet"), eventsOf(columns));
    const cut = { expression: "Muon_pt[0] > 30" };
    const small = { schema: "gradcut.model", version: 1, definitions: [], filters: [], cut, net: null };
    writeFileSync(at("small.json"), JSON.stringify(small));
    const args = ["apply", "--model", at("small.json"), at("lists.parquet"), "--out"];
    expect((await run([...args, at("some.parquet")])).out).toMatch(/ 2 of 4 events\nwrote/);
    const some = await readTable(at("some.parquet"));
    expect(some.Muon_pt).toEqual({
      offsets: Int32Array.of(0, 2, 5),
      content: Float32Array.of(40, 3, 50, 60, 70),
    });
    expect(some.run).toEqual(["a", "d"]);
    const { err, status } = await run([...args, at("some.csv")]);
    expect([status, err]).toEqual([2, expect.stringMatching(/Muon_pt has any count .* \.parquet file/)]);
  });

  it("says what a table lacks, and which model or file is wrong", async () => {
    const lacking = writeRows(
      at("lacking.csv"),
      samples.signal.map(({ pt, ...row }) => ({ ...row, ptt: pt })),
    );
    for (const out of [[], ["--out", at("x.csv")]])
      expect(await failure("apply", "--model", model, lacking, ...out)).toMatch(
        /lacking\.csv: There is no column pt\. Did you mean ptt\?.* The model needs it for "1000 \* pt"/,
      );
    expect(await failure("apply", "--model", at("none.json"), signal)).toMatch(/there is no such file/);
    expect(await failure("apply", "--model", at("."), signal)).toMatch(
      /name a file in it, as ".*model\.json"/,
    );
    expect(await failure("apply", "--model", signal, signal)).toMatch(/this is no JSON/);
    expect(await failure("apply", "--model", at("out/result.json"), signal)).toMatch(/no model\.json/);
    expect(await failure("apply", "--model", model, at("none.csv"))).toMatch(
      /none\.csv: There is no such file/,
    );
    expect(await failure("apply", "--model", model, signal, "--out", signal)).toMatch(/one of the tables/);
    const changed = (change: object) => {
      const whole = JSON.parse(readFileSync(model, "utf8"));
      writeFileSync(at("changed.json"), JSON.stringify({ ...whole, checksum: undefined, ...change }));
      return failure("apply", "--model", at("changed.json"), signal, "--out", at("y.csv"), "--score", "s");
    };
    expect(await changed({ version: 2 })).toMatch(/version "2" of the format/);
    expect(await changed({ filters: [3] })).toMatch(/field filters/);
    expect(await changed({ net: null })).toMatch(/has no network/);
    expect(await changed({ cut: { expression: "pt > > 3" } })).toMatch(/--model: [^\n]*\n.*\n *\^/);
    const net = { inputs: ["pt"], mean: [0], deviation: [1], layers: [{ w: [[1], [2]], b: [0] }] };
    expect(await changed({ net })).toMatch(/field net/);
  });

  it("selects by the cut and the bound of the network together", async () => {
    const { bound, yields } = found.network!;
    const out = at("both.csv");
    const answer = await run([
      "apply",
      "--model",
      model,
      signal,
      background,
      "--out",
      out,
      "--score",
      "nn",
      "--mask",
      "kept",
    ]);
    expect([answer.status, answer.err]).toEqual([0, ""]);
    const [s, b] = [yields.signal!.entries, yields.background!.entries];
    expect(s).toBeLessThan(found.yields.signal!.hard.entries);
    expect(answer.out.replace(/ +/g, " ")).toContain(`${signal}: ${s} of 500 events`);
    expect(answer.out.replace(/ +/g, " ")).toContain(`all: ${s + b} of 1200 events`);
    const written = await readTable(out);
    const [kept, scores] = [numbers(written, "kept"), numbers(written, "nn")];
    const limit = 1 / (1 + Math.exp(-bound));
    const rows = [...samples.signal, ...samples.background];
    expect(kept).toEqual(rows.map((row, i) => (passes(row) && scores[i]! > limit ? 1 : 0)));
    expect(kept.reduce((sum, x) => sum + x, 0)).toBe(s + b);
    const selected = await run(["apply", "--model", model, signal, "--out", at("signal-kept.csv")]);
    expect(selected.out).toContain(`${s} events`);
  });

  it("selects by a cut without a model, with thresholds where the text has them", async () => {
    const text = "ptMeV > {ptMin = 30000} && 80 < mass && mass < {top = 100 in [90, 110]} && !(eta < -1)";
    const args = ["apply", "--define", "GeV = 1", "--define", "ptMeV = 1000 * pt * GeV", "--cut", text];
    const wanted = (rows: readonly Muon[]) =>
      rows.filter(({ pt, mass, eta }) => 1000 * pt > 30000 && 80 < mass && mass < 100 && !(eta < -1));
    const { out, err, status } = await run([...args, signal, background, "--out", at("cut.parquet")]);
    expect([status, err]).toEqual([0, ""]);
    expect(out.replace(/ +/g, " ")).toContain(`${signal}: ${wanted(samples.signal).length} of 500 events`);
    const rows = [...samples.signal, ...samples.background];
    expect(eventNumbers(await readTable(at("cut.parquet")))).toEqual(wanted(rows).map(({ event }) => event));
    // The text of a result is a cut.
    const again = await run(["apply", "--define", "ptMeV = 1000 * pt", "--cut", found.expression, signal]);
    expect(again.out).toContain(`${samples.signal.filter((row) => passes(row, false)).length} of 500 events`);
    expect(await failure(...args.slice(0, -1), "pt >> 3", signal)).toMatch(/--cut: [^\n]*\n.*\n *\^/);
    expect(await failure("apply", "--cut", "pts > 3", signal)).toMatch(
      /no column pts\. Did you mean pt\?.* The cut needs it/,
    );
    expect(await failure("apply", "--cut", "pt > 3")).toMatch(/no table to apply the cut to/);
    expect(await failure("apply", "--cut", "pt > 3", "--model", model, signal)).toMatch(
      /--cut is without --model/,
    );
    expect(await failure("apply", "--cut", "pt > 3", "--score", "nn", "--out", at("z.csv"), signal)).toMatch(
      /--score is of a model/,
    );
  });
});
