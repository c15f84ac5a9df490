import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import type { Model } from "../../src/cli/saved/savedmodel.js";
import type { Result } from "../../src/cli/training/resultjson.js";
import { aboutEvents } from "../../src/core/events.js";
import { init } from "../../src/index.js";
import { key, normal, split, uniform } from "../../src/random/keys.js";
import { significant } from "../../src/text/numbertext.js";
import { type Answer, failure, run, writeRows } from "../kit/clirun.js";
import { rootFile } from "../kit/rootfiles.js";
import { scratch } from "../kit/scratch.js";

const { folder: home, at } = scratch();
beforeAll(() => init());

type Row = Record<string, number>;
const writeCsv = (name: string, rows: Row[]) => writeRows(at(name), rows);

/** Signal: a peak of mass 91 and hard pt; background: falling. Weights near 1, charges ±1. */
function events(kind: "signal" | "background", n: number, seed: number): Row[] {
  const keys = split(key(seed), 5);
  const [g, h, e, w, q] = [0, 1, 2, 3, 4].map((i) => (i < 3 ? normal : uniform)(keys[i]!, n));
  return Array.from({ length: n }, (_, i) => ({
    mass: kind === "signal" ? 91 + 3 * g![i]! : 60 + 30 * Math.abs(g![i]!),
    pt: kind === "signal" ? 45 + 12 * h![i]! : 25 + 15 * Math.abs(h![i]!),
    eta: (kind === "signal" ? 0.9 : 1.6) * e![i]!,
    w: 0.5 + w![i]!,
    charge: q![i]! < 0.5 ? -1 : 1,
  }));
}

const samples = { signal: events("signal", 800, 1), background: events("background", 1200, 2) };
const files = {
  signal: writeCsv("signal.csv", samples.signal),
  background: writeCsv("background.csv", samples.background),
};
const tables = ["--signal", files.signal, "--background", files.background, "--threads", "1"];
const cutText = "pt > {ptMin = 30} && abs(eta) < {etaMax = 2} && {low = 80} < mass && mass < {high = 100}";

async function result(...args: string[]): Promise<Result> {
  const answer = await run(["train", ...tables, "--json", ...args]);
  expect(answer.err).not.toMatch(/gradcut:/);
  expect(answer.status).toBe(0);
  return JSON.parse(answer.out);
}

/** Sum, error and number of the rows that pass, by a plain loop. */
function count(rows: Row[], pass: (row: Row) => boolean, weight: (row: Row) => number = () => 1) {
  let [sum, squares, entries] = [0, 0, 0];
  for (const row of rows)
    if (pass(row)) {
      sum += weight(row);
      squares += weight(row) ** 2;
      entries++;
    }
  return { sum, error: Math.sqrt(squares), entries };
}

function expectYield(found: { sum: number; error: number; entries: number }, counted: typeof found): void {
  expect(found.entries).toBe(counted.entries);
  expect(found.sum).toBeCloseTo(counted.sum, 9);
  expect(found.error).toBeCloseTo(counted.error, 9);
}

const asimovOf = (s: number, b: number) => Math.sqrt(2 * ((s + b) * Math.log1p(s / b) - s));
const sigmoid = (z: number) => 1 / (1 + Math.exp(-z));

/** A printed cut as a function, read in another way than ours: comparisons of columns and numbers joined by &&. */
function asFunction(expression: string): (row: Row) => boolean {
  const value = (text: string, row: Row): number => {
    const call = /^(abs|log)\((\w+)\)$/.exec(text);
    if (call) return Math[call[1] as "abs" | "log"](row[call[2]!]!);
    return row[text] ?? Number(text);
  };
  const terms = expression.split(" && ").map((term) => /^(\S+) ([<>]) (\S+)$/.exec(term)!);
  return (row) =>
    terms.every(([, left, sign, right]) => {
      const [a, b] = [value(left!, row), value(right!, row)];
      return sign === "<" ? a < b : a > b;
    });
}

describe("gradcut train", () => {
  it("writes the three files and a table", async () => {
    const out = at("first");
    const args = ["train", ...tables, "--weight", "w", "--cut", cutText, "--steps", "300", "--out", out];
    // The rate is of a clock that runs.
    const answer = await run(args, { now: () => performance.now() / 1000 });
    expect(answer.status).toBe(0);
    expect(answer.err).toMatch(/^signal: 800 events\nbackground: 1200 events\n(step [^\n]*\n)+$/);
    expect(readdirSync(out).sort()).toEqual([
      "checkpoint",
      "model.json",
      "plot.json",
      "report.html",
      "result.json",
    ]);
    expect(answer.err).toMatch(/signal: 800 events\nbackground: 1200 events\n/);
    expect(answer.err).toMatch(/step 300\/300 {3}asimov [\d.]+ {3}[\d.]+ [kM] events\/s/);
    for (const text of ["ptMin", "abs(eta) <", "before   soft", "hard", "S/√B", "Asimov", "wrote "])
      expect(answer.out).toContain(text);

    const found = JSON.parse(readFileSync(join(out, "result.json"), "utf8")) as Result;
    expect(found).toMatchObject({ schema: "gradcut.result", version: 1, seed: 1 });
    expect(found.warnings).toEqual([expect.stringMatching(/^Soft yields of the trained cut differ/)]);
    expect(Object.keys(found.cuts)).toEqual(["ptMin", "etaMax", "low", "high"]);
    expect(found.cuts.etaMax).toMatchObject({ start: 2, column: "abs(eta)", keeps: "below" });
    expect(Object.keys(found.yields)).toEqual(["signal", "background"]);
    expect(found.objective.name).toBe("asimov");
    expect(found.objective.end).toBeGreaterThan(1.05 * found.objective.start);
    expect(found.history.steps.length).toBe(301);
    expect(found.history.loss[0]).toBe(found.objective.start);
    expect(found.history.cuts.ptMin!.at(-1)).toBe(found.cuts.ptMin!.end);
    for (const seconds of ["read", "compile", "train", "total"] as const)
      expect(found.timing[seconds]).toBeGreaterThanOrEqual(0);
    expect(found.timing.eventsPerSecond).toBeGreaterThan(1e4);

    // Yields are those of a plain loop, and the text is the selection.
    const starts = { ptMin: 30, etaMax: 2, low: 80, high: 100 };
    const ends = Object.fromEntries(Object.entries(found.cuts).map(([name, cut]) => [name, cut.end]));
    const passing = (t: Row) => (row: Row) =>
      row.pt! > t.ptMin! && Math.abs(row.eta!) < t.etaMax! && row.mass! > t.low! && row.mass! < t.high!;
    for (const kind of ["signal", "background"] as const) {
      const [yields, rows] = [found.yields[kind]!, samples[kind]];
      const weight = (row: Row) => row.w!;
      expectYield(
        yields.all,
        count(rows, () => true, weight),
      );
      expectYield(yields.before, count(rows, passing(starts), weight));
      expectYield(yields.hard, count(rows, passing(ends), weight));
      expectYield(yields.hard, count(rows, asFunction(found.expression), weight));
    }
    const { significance } = found;
    for (const [when, kind] of [
      ["before", "before"],
      ["after", "hard"],
    ] as const) {
      const [s, b] = [found.yields.signal![kind].sum, found.yields.background![kind].sum];
      expect(significance[when].sOverSqrtB).toBeCloseTo(s / Math.sqrt(b), 9);
      expect(significance[when].asimov).toBeCloseTo(asimovOf(s, b), 9);
    }
    // The objective is the Asimov significance of the soft yields, up to the f32 of the training.
    expect(found.objective.start).toBeCloseTo(significance.softBefore.asimov, 3);
    expect(found.objective.end).toBeCloseTo(significance.softAfter.asimov, 3);

    const html = readFileSync(join(out, "report.html"), "utf8");
    expect(html.replaceAll('xmlns="http://www.w3.org/2000/svg"', "")).not.toMatch(/https?:|\/\/[a-z]/);
    expect(html).toContain("default-src 'none'");
    expect(html.match(/<svg /g)!.length).toBe(1 + 1 + 2 * 3 + 4); // plane, loss, columns, thresholds
  });

  it("--json prints the result object alone, progress goes to stderr, and no files without --out", async () => {
    const before = readdirSync(home);
    const answer = await run(["train", ...tables, "--json", "--cut", "pt > 30", "--steps", "5"]);
    expect(JSON.parse(answer.out)).toMatchObject({ cuts: { ptMin: { start: 30 } } });
    expect(answer.err).toMatch(/signal: 800 events/);
    expect(answer.err).toMatch(/step 5\/5/);
    expect(readdirSync(home)).toEqual(before);
  });

  it("defines, filters and weighs as RDataFrame does", async () => {
    const found = await result(
      ...["--define", "pt = pt * 1000", "--define", "ratio = mass / pt", "--define", "half = 0.5"],
      ...["--filter", "charge", "--filter", "eta > -2 || pt > 40000"],
      ...["--signal-filter", "charge == 1", "--background-filter", "charge != 1"],
      ...[
        "--weight",
        "half * w",
        "--cut",
        "pt > {ptMin = 30000} && ratio < {ratioMax = 0.01}",
        "--steps",
        "50",
      ],
    );
    const kept = (kind: "signal" | "background") =>
      samples[kind].filter(
        ({ eta, pt, charge }) => (eta! > -2 || 1000 * pt! > 40000) && (kind === "signal") === (charge === 1),
      );
    const ends = [found.cuts.ptMin!.end, found.cuts.ratioMax!.end] as const;
    for (const kind of ["signal", "background"] as const) {
      const weight = ({ w }: Row) => 0.5 * w!;
      const passing =
        ([ptMin, ratioMax]: readonly [number, number]) =>
        (row: Row) =>
          row.pt! * 1000 > ptMin && row.mass! / (row.pt! * 1000) < ratioMax;
      expectYield(
        found.yields[kind]!.all,
        count(kept(kind), () => true, weight),
      );
      expectYield(found.yields[kind]!.before, count(kept(kind), passing([30000, 0.01]), weight));
      expectYield(found.yields[kind]!.hard, count(kept(kind), passing(ends), weight));
    }
  });

  it("joins the files of a sample, and what filters drop never matters", async () => {
    const bad = samples.signal.slice(0, 5).map((row) => ({ ...row, pt: Number.NaN, w: -1, charge: 0 }));
    const more = writeCsv("more.csv", [...samples.signal.slice(0, 100), ...bad]);
    const plain = await result("--cut", "pt > 30", "--net", "eta,log(pt):3", "--weight", "w", "--steps", "5");
    const answer = await run([
      ...["train", ...tables, "--signal", more, "--filter", "w > 0", "--cut", "pt > 30"],
      ...["--net", "eta,log(pt):3", "--weight", "w", "--json", "--steps", "5"],
    ]);
    const joined = JSON.parse(answer.out) as Result;
    expect(answer.err).toContain("signal: 900 of 905 events");
    expectYield(
      joined.yields.signal!.all,
      count(
        [...samples.signal, ...samples.signal.slice(0, 100)],
        () => true,
        (row) => row.w!,
      ),
    );
    expect(joined.yields.background).toEqual(plain.yields.background && joined.yields.background);
    expect(Number.isFinite(joined.objective.end)).toBe(true);
  });

  it("takes NaN in the cut for an event that fails", async () => {
    const signal = writeCsv("nan.csv", [...samples.signal, { ...samples.signal[0]!, pt: Number.NaN }]);
    const { status, out } = await run([
      ...["train", "--signal", signal, "--background", files.background, "--cut", cutText],
      ...["--json", "--steps", "20", "--scan"],
    ]);
    expect(status).toBe(0);
    const found = JSON.parse(out) as Result;
    expect(found.yields.signal!.all.entries).toBe(801);
    expectYield(found.yields.signal!.hard, count(samples.signal, asFunction(found.expression)));
  });

  it("softens by sigmoid or erf with the widths that are asked for", async () => {
    const soft = async (...args: string[]) => {
      const out = at("soft");
      const found = await result("--cut", cutText, "--steps", "1", "--lr", "1e-9", "--out", out, ...args);
      const model = JSON.parse(readFileSync(join(out, "model.json"), "utf8")) as Model;
      return { sum: found.yields.signal!.softBefore.sum, model };
    };
    const erf = (x: number) => {
      // Midpoint rule; enough for six digits.
      const n = 2000;
      let sum = 0;
      for (let i = 0; i < n; i++) sum += Math.exp(-((((i + 0.5) / n) * x) ** 2));
      return (2 / Math.sqrt(Math.PI)) * (sum / n) * x;
    };
    const expected = (step: (z: number) => number, w: Record<string, number>) =>
      samples.signal.reduce(
        (sum, { pt, eta, mass }) =>
          sum +
          step((pt! - 30) / w.ptMin!) *
            step((2 - Math.abs(eta!)) / w.etaMax!) *
            step((mass! - 80) / w.low!) *
            step((100 - mass!) / w.high!),
        0,
      );
    const widths = { ptMin: 2, etaMax: 0.25, low: 2, high: 2 };
    const sigmoids = await soft("--width", "2", "--width", "etaMax=0.25");
    expect(sigmoids.model.cut).toMatchObject({ soft: "sigmoid", widths });
    expect(sigmoids.sum).toBeCloseTo(expected(sigmoid, widths), 6);
    const erfs = await soft("--soft", "erf", "--width", "2", "--width", "etaMax=0.25");
    expect(erfs.sum).toBeCloseTo(
      expected((z) => (1 + erf(z)) / 2, widths),
      3,
    );
    const auto = await soft("--width", "auto", "--width", "low=3");
    const own = auto.model.cut!.widths;
    expect(own.low).toBe(3);
    expect(own.high! / own.etaMax!).toBeGreaterThan(5);
    expect(auto.sum).toBeCloseTo(expected(sigmoid, own), 6);
    expect((await soft()).model.cut!.widths.high).toBe(own.high);
  });

  it("anneals the width", async () => {
    const out = at("anneal");
    const args = ["--cut", "pt > {ptMin = 90} && eta < {etaMax = 3}", "--width", "etaMax=0.5"];
    const found = await result(...args, "--anneal", "20..1", "--steps", "400", "--lr", "0.3", "--out", out);
    const model = JSON.parse(readFileSync(join(out, "model.json"), "utf8")) as Model;
    expect(model.cut!.widths).toEqual({ ptMin: 1, etaMax: 0.5 });
    expect(found.cuts.ptMin).toMatchObject({ width: { start: 20, end: 1 } });
    expect(found.cuts.ptMin!.end).toBeLessThan(60);
    expect(found.objective.end).toBeCloseTo(found.significance.softAfter.asimov, 3);
  });

  it("scans for starts", async () => {
    const found = await result("--cut", "pt > {ptMin = 900} && mass > {low = 20}", "--scan", "--steps", "30");
    expect(found.cuts.ptMin!.start).toBeLessThan(60);
    expect(found.cuts.ptMin!.written).toBe(900);
    expect(found.objective.end).toBeGreaterThan(found.objective.start);
    const softmax = ["--objective", "softmax", "--width", "3"];
    const other = await result("--cut", "pt > {ptMin = 900}", "--scan", ...softmax, "--steps", "3");
    expect(other.cuts.ptMin!.start).toBeLessThan(60);
  });

  it("says that a threshold is stuck, why, and what to do", async () => {
    const answer = await run([
      ...["train", ...tables, "--cut", "pt > {ptMin = 3000}", "--objective", "softmax", "--steps", "20"],
    ]);
    expect(answer.status).toBe(0);
    expect(answer.out).toMatch(/warning: The threshold ptMin is stuck: it stayed at 3000, .* --scan/);
  });

  it("trains every objective", async () => {
    for (const [objective, better] of [
      ["softmax", "lower"],
      ["bce", "lower"],
      ["sOverSqrtB", "higher"],
      ["asimov", "higher"],
    ] as const)
      for (const net of [[], ["--net", "pt,eta,mass:6"]]) {
        const found = await result(
          "--cut",
          cutText,
          ...net,
          "--objective",
          objective,
          "--steps",
          "40",
          "--weight",
          "w",
        );
        expect(found.objective.name).toBe(objective);
        const gain = found.objective.end - found.objective.start;
        expect(better === "lower" ? -gain : gain).toBeGreaterThan(0);
      }
  });

  it("counts weights in every objective", async () => {
    const heavy = writeCsv(
      "twice.csv",
      samples.signal.flatMap((row, i) => (i % 3 === 0 ? [row, row] : [row])),
    );
    const weighted = writeCsv(
      "weighted.csv",
      samples.signal.map((row, i) => ({ ...row, w: i % 3 === 0 ? 2 : 1 })),
    );
    const background = writeCsv(
      "ones.csv",
      samples.background.map((row) => ({ ...row, w: 1 })),
    );
    for (const objective of ["softmax", "bce", "sOverSqrtB", "asimov"]) {
      const train = async (signal: string, ...more: string[]) => {
        const args = ["--cut", "pt > 30", "--objective", objective, "--width", "5", "--dtype", "f64"];
        const { out } = await run([
          ...["train", "--signal", signal, "--background", background, ...args, "--lr", "0.01"],
          ...["--steps", "20", "--json", ...more],
        ]);
        return JSON.parse(out) as Result;
      };
      const [a, b] = [await train(heavy), await train(weighted, "--weight", "w")];
      expect(b.objective.start).toBeCloseTo(a.objective.start, 8);
      expect(b.cuts.ptMin!.end).toBeCloseTo(a.cuts.ptMin!.end, 8);
    }
  });

  it("takes negative weights", async () => {
    const signal = writeCsv(
      "negative.csv",
      samples.signal.map((row, i) => ({ ...row, w: i % 5 === 0 ? -1 : 1 })),
    );
    const { out } = await run([
      ...["train", "--signal", signal, "--background", files.background, "--weight", "w"],
      ...["--cut", cutText, "--json", "--steps", "50"],
    ]);
    const found = JSON.parse(out) as Result;
    expect(found.yields.signal!.all.sum).toBeCloseTo(480, 9);
    expect(found.yields.signal!.all.error).toBeCloseTo(Math.sqrt(800), 9);
    expect(found.objective.end).toBeGreaterThan(found.objective.start);
  });

  it("trains by adam, sgd and lbfgs, with the rate, steps and dtype that are asked for", async () => {
    const train = (...args: string[]) => result("--cut", "pt > 30", "--width", "4", ...args);
    const adam = await train("--lr", "0.5", "--steps", "1");
    // Adam's first step is as long as its rate.
    expect(Math.abs(adam.cuts.ptMin!.end - 30)).toBeCloseTo(0.5, 5);
    const sgd = await train("--optimizer", "sgd", "--lr", "100", "--steps", "200");
    const lbfgs = await train("--optimizer", "lbfgs", "--dtype", "f64", "--steps", "50", "--lr", "1");
    expect(lbfgs.history.steps.length).toBeLessThan(30);
    expect(lbfgs.warnings.join()).toMatch(/--lr changed nothing/);
    expect(sgd.cuts.ptMin!.end).toBeCloseTo(lbfgs.cuts.ptMin!.end, 2);
    // Without a rate one suits every unit.
    const inMeV = ["--define", "pt = 1000 * pt", "--cut", "pt > 30000", "--width", "4000", "--steps", "300"];
    const [gev, mev] = [await train("--steps", "300"), await result(...inMeV)];
    expect(gev.cuts.ptMin!.end).toBeCloseTo(lbfgs.cuts.ptMin!.end, 1);
    expect(mev.cuts.ptMin!.end / 1000).toBeCloseTo(gev.cuts.ptMin!.end, 3);
  });

  it("a seed is a start of the network, and the same seed gives the same bits", async () => {
    const train = async (seed: string) => {
      const found = await result("--net", "pt,eta:4", "--objective", "bce", "--steps", "10", "--seed", seed);
      return found.history.loss;
    };
    const [one, again, two] = [await train("1"), await train("1"), await train("2")];
    expect(again).toEqual(one);
    expect(two[0]).not.toBe(one[0]);
  });

  it("model.json is all that is needed to apply a training", async () => {
    const out = at("model");
    const found = await result(
      ...["--define", "lpt = log(pt)", "--cut", "lpt > {a = 3.5} && mass > {low = 70}"],
      ...["--net", "lpt,abs(eta),mass:5,4", "--weight", "w", "--dtype", "f64", "--steps", "60", "--out", out],
    );
    const model = JSON.parse(readFileSync(join(out, "model.json"), "utf8")) as Model;
    expect(model).toMatchObject({
      schema: "gradcut.model",
      version: 1,
      definitions: [{ name: "lpt", expr: "log(pt)" }],
      net: { inputs: ["lpt", "abs(eta)", "mass"], output: "sigmoid" },
    });
    const { thresholds, widths, expression } = model.cut!;
    const { mean, deviation, layers } = model.net!;
    const network = (row: Row) => {
      const x = [Math.log(row.pt!), Math.abs(row.eta!), row.mass!];
      const last = layers.reduce(
        (h, { w, b, activation }) =>
          b.map((bias, j) => {
            const y = h.reduce((sum, hi, i) => sum + hi * w[i]![j]!, bias);
            return activation === "relu" ? Math.max(0, y) : y;
          }),
        x.map((xi, i) => (xi - mean[i]!) / deviation[i]!),
      );
      return last[0]!;
    };
    const soft = (row: Row) =>
      sigmoid((Math.log(row.pt!) - thresholds.a!) / widths.a!) *
      sigmoid((row.mass! - thresholds.low!) / widths.low!);
    const [s, b] = (["signal", "background"] as const).map((kind) =>
      samples[kind].reduce((sum, row) => sum + row.w! * soft(row) * sigmoid(network(row)), 0),
    );
    expect(asimovOf(s!, b!)).toBeCloseTo(found.objective.end, 6);
    // Hard yields are of the cut alone, and the working point adds the network.
    expect(expression).toBe(found.expression);
    const cut = asFunction(expression.replace(/\blpt\b/g, "log(pt)"));
    const { bound, yields } = found.network!;
    for (const kind of ["signal", "background"] as const) {
      expectYield(
        found.yields[kind]!.hard,
        count(samples[kind], cut, (row) => row.w!),
      );
      const both = (row: Row) => cut(row) && network(row) > bound;
      expectYield(
        yields[kind]!,
        count(samples[kind], both, (row) => row.w!),
      );
    }
  });

  it("trains a network alone", async () => {
    const out = at("net");
    const answer = await run([
      ...["train", ...tables, "--net", "pt,mass:6", "--objective", "bce", "--steps", "100", "--out", out],
    ]);
    expect(answer.out).toMatch(/network > /);
    expect(answer.out).not.toMatch(/before/);
    const found = JSON.parse(readFileSync(join(out, "result.json"), "utf8")) as Result;
    expect(found).toMatchObject({ cuts: {}, expression: "" });
    expect(readFileSync(join(out, "report.html"), "utf8")).toContain('aria-label="contour"');
  });

  it("keeps the best so far when it is interrupted", async () => {
    const released: boolean[] = [];
    const out = at("stopped");
    const training = run(["train", ...tables, "--cut", cutText, "--steps", "100000000", "--out", out], {
      onInterrupt: (stop) => {
        setTimeout(stop, 300);
        return () => released.push(true);
      },
    });
    const answer = await training;
    expect(answer.status).toBe(130);
    expect(answer.out).toMatch(
      /warning: Interrupted after \d+ of 100000000 steps: the best so far is reported/,
    );
    const found = JSON.parse(readFileSync(join(out, "result.json"), "utf8")) as Result;
    expect(found.status).toBe("aborted");
    expect(found.objective.end).toBe(Math.max(found.objective.end, ...found.history.loss));
    expect(released).toEqual([true]);
  });
});

describe("gradcut demo", () => {
  it("trains cuts, network and histogram for the limit, and shows the hard answer before and after", async () => {
    const out = at("search");
    const answer = await run(["demo", "--steps", "40", "--out", out, "--threads", "1"]);
    expect(answer.status).toBe(0);
    const found = JSON.parse(readFileSync(join(out, "result.json"), "utf8")) as Result;
    expect(found.objective.name).toBe("cls");
    expect(found.yields.background!.all.sum).toBeCloseTo(4000, 6);
    const { before, after } = found.significance;
    for (const name of ["sOverSqrtB", "sOverSqrtSB", "asimov", "discovery"])
      expect(after[name], name).toBeGreaterThan(1.2 * before[name]!);
    const { histogram } = found;
    expect(histogram!.limit).toBeLessThan(0.8 * histogram!.before.limit);
    expect(histogram!.cls).toBeLessThan(histogram!.before.cls);
    expect(histogram!.significance).toBe(after.discovery);
    // The numbers are those of the workspace that was written.
    const { expected } = JSON.parse((await run(["upperlimit", join(out, "workspace.json"), "--json"])).out);
    expect(JSON.stringify(expected)).toContain(String(histogram!.limit));
    const text = significant(histogram!.limit, 4);
    expect(answer.out).toMatch(new RegExp(`upper limit on mu, 95 % CL +[\\d.]+ +${text}\\n`));
    expect(readFileSync(join(out, "report.html"), "utf8").indexOf("upper limit on μ")).toBeGreaterThan(0);
  });

  it("watts trains cuts and network on the notebooks' toy, and writes", async () => {
    const out = at("demo");
    const answer = await run([
      "demo",
      "watts",
      "--steps",
      "20",
      "--out",
      out,
      "--threads",
      "1",
      "--seed",
      "3",
    ]);
    expect(answer.status).toBe(0);
    const found = JSON.parse(readFileSync(join(out, "result.json"), "utf8")) as Result;
    expect(found).toMatchObject({
      status: "maxSteps",
      objective: { name: "softmax" },
      cuts: { xMin: { start: 1 }, yMin: { start: 1 } },
      yields: { signal: { all: { sum: 40000 } }, background: { all: { sum: 40000 } } },
      seed: 3,
    });
    expect(found.objective.start).toBeGreaterThan(449000);
    expect(found.objective.end).toBeLessThan(found.objective.start);
    expect(readFileSync(join(out, "report.html"), "utf8")).toContain('aria-label="contour"');
  });
});

describe("mistakes", () => {
  const train = (...args: string[]) => failure("train", ...tables, "--steps", "3", ...args);

  it("in the command line", async () => {
    expect(await failure("trian")).toMatch(/did you mean train\?/);
    expect(await failure("train", "--signal", files.signal)).toMatch(/--background FILE is missing/);
    expect(await train("--cut", "pt > 30", "--width", "ptmin=3")).toMatch(
      /no threshold ptmin; did you mean ptMin/,
    );
    expect(await train("--cut", "pt > 30", "--out", join(files.signal, "x"))).toMatch(
      /--out .*a part of the path is a file/,
    );
  });

  it("in expressions, with a caret", async () => {
    expect(await train("--cut", "pt > 30 &&")).toMatch(/--cut: .*\n {2}pt > 30 &&\n {2} +\^/);
    expect(await train("--cut", "ptt > 30")).toMatch(/There is no column ptt. Did you mean pt\? .*--cut/);
    expect(await train("--cut", "pt > 30", "--filter", "sqr(pt) > 1")).toMatch(
      /--filter: .*\n.*\n.*\nDid you mean sqrt/,
    );
    expect(await train("--cut", "pt > 30", "--filter", "pt + 1")).toMatch(/--filter: .* condition is needed/);
    expect(await train("--cut", "pt > 30", "--define", "a = pt +")).toMatch(/--define: /);
    expect(await train("--cut", "pt > 30", "--define", "a = b + pt", "--define", "b = eta")).toMatch(
      /no column b.* --define "b \+ pt".*defined only after/,
    );
    expect(await train("--cut", "pt[0] > 30")).toMatch(/pt has one number per event/);
    expect(await train("--cut", "a[0] > 3", "--define", "a = pt")).toMatch(/a is a definition/);
    expect(await train("--net", "pt > :4")).toMatch(/--net: /);
    expect(await train("--cut", "pt > 30", "--weight", "q")).toMatch(/no column q/);
  });

  it("in the data", async () => {
    expect(
      await failure("train", "--signal", at("no.csv"), "--background", "b.csv", "--cut", "x > 1"),
    ).toMatch(/no\.csv: There is no such file/);
    expect(await train("--cut", "pt > 30", "--filter", "pt < 0")).toMatch(
      /None of the 800 signal events passes --filter "pt < 0"/,
    );
    const text = "log(pt - 30)";
    expect(await train("--net", `${text}:4`)).toMatch(
      /log\(pt - 30\) \(--net\) is not a finite number in \d+ of 800 signal events, first in row \d+\. Drop them/,
    );
    expect(await train("--cut", "charge == 1")).toMatch(/--cut: Nothing in this cut trains/);
  });

  it("keeps unknown faults apart from those of the user", async () => {
    const broken = {
      write: () => {
        throw new TypeError("no output");
      },
    };
    const args = ["train", ...tables, "--cut", "pt > 30", "--steps", "2"];
    const fault = await run(args, { out: broken });
    expect(fault.status).toBe(1);
    expect(fault.err).toMatch(/^gradcut: no output\nThis is a fault of gradcut\. GRADCUT_DEBUG=1/m);
    expect((await run(args, { out: broken, debug: true })).err).toMatch(/\n\s+at /);
  });
});

const shared = resolve(import.meta.dirname, "../../../shared/data");
const hasWatts = existsSync(join(shared, "watts"));
const why = hasWatts ? "" : " (skipped: no ../shared)";

describe.skipIf(!hasWatts)(`the notebooks' samples${why}`, () => {
  const file = (name: string) => join(shared, "watts", `${name}.csv`);
  const two = [
    "--signal",
    file("signal_2d"),
    "--background",
    file("background_2d"),
    "--threads",
    "1",
    "--json",
  ];
  const watts = async (...args: string[]) =>
    JSON.parse((await run(["train", ...two, ...args])).out) as Result;
  const cut = (start: number) => [
    "--cut",
    `x > {cx = ${start}} && y > {cy = ${start}}`,
    "--objective",
    "softmax",
  ];
  const lbfgs = ["--optimizer", "lbfgs", "--dtype", "f64", "--width", "1", "--steps", "100"];

  it("2D cuts by lbfgs, sigmoid and erf", async () => {
    const found = await watts(...cut(1), ...lbfgs);
    expect(found.objective.start).toBeCloseTo(98698.25, 2);
    expect(found.objective.end).toBeCloseTo(98502.98168, 5);
    expect(Math.abs(found.cuts.cx!.end + 1.07737943)).toBeLessThan(1e-6);
    expect(Math.abs(found.cuts.cy!.end + 0.37443156)).toBeLessThan(1e-6);
    const erf = await watts(...cut(1), ...lbfgs, "--soft", "erf");
    expect(erf.objective.end).toBeCloseTo(98307.21126, 5);
    expect(Math.abs(erf.cuts.cx!.end + 0.34697251)).toBeLessThan(1e-6);
    expect(Math.abs(erf.cuts.cy!.end - 0.23541706)).toBeLessThan(1e-6);
  });

  it("2D cuts by Adam on f32 tiles", async () => {
    const found = await watts(...cut(1), "--width", "1", "--lr", "0.002", "--steps", "500");
    const loss = (step: number) => found.history.loss[found.history.steps.indexOf(step)]!;
    expect(Math.abs(loss(0) - 98698.25)).toBeLessThan(0.02);
    // The notebook's 500th line is the loss before its update.
    expect(loss(500)).toBeLessThan(98554.8);
    expect(loss(495)).toBeGreaterThan(98554.8);
    const fast = await watts(...cut(1), "--width", "1", "--lr", "0.02", "--steps", "700");
    expect(Math.abs(fast.objective.end - 98502.98)).toBeLessThan(0.02);
    expect(Math.abs(fast.cuts.cx!.end + 1.0773739)).toBeLessThan(1e-4);
    expect(Math.abs(fast.cuts.cy!.end + 0.3744329)).toBeLessThan(1e-4);
  }, 600_000);

  it("S/√B of the 1D samples", async () => {
    const { out } = await run([
      ...[
        "train",
        "--signal",
        file("signal_1d"),
        "--background",
        file("background_1d"),
        "--cut",
        "x > {c = 0}",
      ],
      ...["--objective", "sOverSqrtB", "--soft", "erf", "--json", "--threads", "1", ...lbfgs],
    ]);
    const found = JSON.parse(out) as Result;
    expect(found.cuts.c!.end).toBeCloseTo(3.4906, 4);
    expect(found.objective.end).toBeCloseTo(202.83, 2);
  });

  it("from (60, 60): stuck when plain, recovered by a scan and by annealing", async () => {
    const plain = await watts(...cut(60), "--width", "1", "--steps", "50");
    expect(plain.cuts.cx).toMatchObject({ start: 60, end: 60 });
    expect(plain.warnings.filter((text) => /stuck/.test(text)).length).toBe(2);
    const scanned = await watts(...cut(60), ...lbfgs, "--scan");
    expect(scanned.objective.end).toBeCloseTo(98502.98168, 4);
    const annealed = await watts(...cut(60), "--anneal", "30..1", "--lr", "0.1", "--steps", "1500");
    expect(annealed.cuts.cx!.end).toBeCloseTo(-1.0774, 2);
    expect(annealed.cuts.cy!.end).toBeCloseTo(-0.3744, 2);
    expect(annealed.warnings).toEqual([expect.stringMatching(/^Soft yields of the trained cut differ/)]);
  }, 600_000);
});

const { file: openData, why: noRoot } = rootFile("open-data-example.root");
describe.skipIf(noRoot !== "")("CMS open data", () => {
  const table = `${openData}:Events`;
  const args = [
    ...[
      "train",
      "--signal",
      table,
      "--background",
      table,
      "--threads",
      "1",
      "--json",
      "--filter",
      "nMuon == 2",
    ],
    ...["--define", "dEta = Muon_eta[0] - Muon_eta[1]", "--define", "dPhi = Muon_phi[0] - Muon_phi[1]"],
    ...["--define", "mass = sqrt(2 * Muon_pt[0] * Muon_pt[1] * (cosh(dEta) - cos(dPhi)))"],
    ...["--signal-filter", "Muon_charge[0] != Muon_charge[1]"],
    ...["--background-filter", "Muon_charge[0] == Muon_charge[1]"],
  ];
  const cut = "{low = 70} < mass && mass < {high = 110} && Muon_pt[0] > {pt0 = 0} && Muon_pt[1] > {pt1 = 0}";

  /** The events again, by a plain loop. */
  async function muons() {
    const { readTable } = await import("../../src/events/opentable.js");
    const names = ["nMuon", "Muon_pt", "Muon_eta", "Muon_phi", "Muon_charge"];
    const events = await readTable(table, names);
    const { rows } = aboutEvents(events);
    type Jagged = { offsets: Int32Array; content: Float64Array };
    const [pt, eta, phi, charge] = names.slice(1).map((name) => events[name] as Jagged);
    const signal: Row[] = [];
    const background: Row[] = [];
    for (let row = 0; row < rows; row++) {
      const i = pt!.offsets[row]!;
      if (pt!.offsets[row + 1]! - i !== 2) continue;
      const [pt0, pt1] = [pt!.content[i]!, pt!.content[i + 1]!];
      const dEta = eta!.content[i]! - eta!.content[i + 1]!;
      const dPhi = phi!.content[i]! - phi!.content[i + 1]!;
      const mass = Math.sqrt(2 * pt0 * pt1 * (Math.cosh(dEta) - Math.cos(dPhi)));
      (charge!.content[i] === charge!.content[i + 1] ? background : signal).push({ mass, pt0, pt1 });
    }
    return { signal, background };
  }

  it("a mass window and both pt thresholds for the Asimov significance", async () => {
    const answer = await run([...args, "--cut", cut, "--steps", "300"]);
    const found = JSON.parse(answer.out) as Result;
    expect(answer.err).toContain("signal: 37183 of 100000 events");
    expect(answer.err).toContain("background: 11793 of 100000 events");
    expect(found.yields.signal!.before.entries).toBe(7687);
    expect(found.yields.background!.before.entries).toBe(304);
    const rows = await muons();
    const end = (name: string) => found.cuts[name]!.end;
    for (const kind of ["signal", "background"] as const) {
      const passing = ({ mass, pt0, pt1 }: Row) =>
        mass! > end("low") && mass! < end("high") && pt0! > end("pt0") && pt1! > end("pt1");
      expectYield(found.yields[kind]!.hard, count(rows[kind], passing));
    }
    expect(found.significance.after.asimov).toBeGreaterThan(1.1 * found.significance.before.asimov);
  }, 600_000);

  it("explains jagged branches", async () => {
    expect(await failure(...args, "--cut", "Muon_pt > 3")).toMatch(
      /any count of numbers.*\n.*\n.*\nChoose one/,
    );
    expect(await failure(...args, "--cut", "Muon_pr[0] > 3")).toMatch(/Did you mean Muon_p/);
  });
});

const bin = resolve(import.meta.dirname, "../../dist/src/cli/main.js");

describe.skipIf(!existsSync(bin))("the installed program (skipped where nothing is built)", () => {
  const start = (args: string[]) => {
    const child = spawn(process.execPath, [bin, ...args]);
    let [out, err] = ["", ""];
    child.stdout.on("data", (data) => {
      out += data;
    });
    child.stderr.on("data", (data) => {
      err += data;
    });
    const ended = new Promise<Answer>((resolve) =>
      child.on("close", (status) => resolve({ status: status ?? -1, out, err })),
    );
    return { child, ended };
  };

  it("knows its version and its help", async () => {
    const all = [["--version"], [], ["train", "--help"], ["train"]].map((args) => start(args).ended);
    const [version, main, train, wrong] = await Promise.all(all);
    expect(version).toMatchObject({ status: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
    expect(main!.out).toMatch(/^gradcut: /);
    expect(train!.out).toContain("--signal-filter");
    expect(wrong).toMatchObject({ status: 2, out: "" });
  });

  // On Windows only a terminal can send it.
  it.skipIf(process.platform === "win32")(
    "reports the best so far after Ctrl-C",
    async () => {
      const kept = ["--checkpoint", at("steps"), "--checkpoint-every", "0.01"];
      const args = ["train", ...tables, "--cut", cutText, "--steps", "100000000", "--json", ...kept];
      const { child, ended } = start(args);
      // It trains when there is a checkpoint, however slow the machine is.
      while (!existsSync(at("steps")) && child.exitCode === null) await new Promise((r) => setTimeout(r, 5));
      child.kill("SIGINT");
      const { status, out, err } = await ended;
      expect(status).toBe(130);
      expect(JSON.parse(out)).toMatchObject({ schema: "gradcut.result" });
      expect(err).toMatch(/warning: Interrupted after/);
    },
    600_000,
  );

  it("gives the same bits on two threads", async () => {
    // Threads share blocks of 8192 events.
    const [head, ...rows] = readFileSync(files.signal, "utf8").trim().split("\n");
    const long = at("long.csv");
    writeFileSync(long, `${head}\n${Array.from({ length: 30 }, () => rows.join("\n")).join("\n")}\n`);
    const args = [
      "train",
      "--signal",
      long,
      "--background",
      long,
      "--cut",
      "pt > 30",
      "--steps",
      "3",
      "--json",
    ];
    const [one, two] = await Promise.all(
      ["1", "2"].map(async (n) => JSON.parse((await start([...args, "--threads", n]).ended).out) as Result),
    );
    expect(one!.yields.signal!.all.entries).toBeGreaterThan(20_000);
    expect(two!.history).toEqual(one!.history);
  }, 600_000);
});
