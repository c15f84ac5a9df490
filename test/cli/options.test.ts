// Every option that `gradcut train --help` names, run for what it changes; and what each objective and optimizer means.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { histogramOptions } from "../../src/cli/groups/histogramoptions.js";
import type { Model } from "../../src/cli/saved/savedmodel.js";
import type { Result } from "../../src/cli/training/resultjson.js";
import { trainOptions } from "../../src/cli/training/trainoptions.js";
import { init, significance } from "../../src/index.js";
import { objectivesOf } from "../../src/objectives/index.js";
import { ruleNames } from "../../src/optim/rules.js";
import { type Answer, failure, muons, type Row, run, writeRows } from "../kit/clirun.js";
import { scratch } from "../kit/scratch.js";

const { at } = scratch();
beforeAll(() => init());

const events = { signal: muons("signal", 400, 1), background: muons("background", 600, 2) };
const file = (name: string, rows: readonly Row[]) => writeRows(at(`${name}.csv`), rows);
const [signal, background] = [file("signal", events.signal), file("background", events.background)];
const tables = ["--signal", signal, "--background", background, "--threads", "1"];
const cut = "pt > {ptMin = 30} && abs(eta) < {etaMax = 2}";

const plain = (...args: string[]) => run(["train", ...tables, "--json", ...args]);
const of = (answer: Answer): Result => {
  expect(answer.err).not.toMatch(/gradcut:/);
  expect(answer.status).toBe(0);
  return JSON.parse(answer.out) as Result;
};
const result = async (...args: string[]) => of(await plain(...args));
const model = (folder: string): Model => JSON.parse(readFileSync(join(at(folder), "model.json"), "utf8"));

describe("every option of the help", () => {
  const base = ["--cut", cut, "--steps", "4"];
  const change = async (...args: string[]) => {
    const [a, b] = [await result(...base), await result(...base, ...args)];
    expect(b.history).not.toEqual(a.history);
    return [a, b] as const;
  };
  const checks: Record<string, () => Promise<void>> = {
    signal: async () => {
      const more = await result(...base, "--signal", file("more", events.signal.slice(0, 50)));
      expect(more.yields.signal!.all.entries).toBe(450);
    },
    background: async () => {
      const more = await result(...base, "--background", file("many", events.background.slice(0, 60)));
      expect(more.yields.background!.all.entries).toBe(660);
    },
    weight: async () => {
      const found = await result(...base, "--weight", "2 * w");
      const sum = events.signal.reduce((total, { w }) => total + 2 * (w as number), 0);
      expect(found.yields.signal!.all.sum).toBeCloseTo(sum, 8);
    },
    define: async () => {
      const found = await result("--cut", "p2 > {a = 60}", "--steps", "2", "--define", "p2 = 2 * pt");
      const passing = events.signal.filter(({ pt }) => 2 * pt > 60).length;
      expect(found.yields.signal!.before.entries).toBe(passing);
    },
    filter: async () => {
      const found = await result(...base, "--filter", "eta > 0", "--filter", "pt < 60");
      const pass = ({ eta, pt }: { eta: number; pt: number }) => eta > 0 && pt < 60;
      expect(found.yields.signal!.all.entries).toBe(events.signal.filter(pass).length);
      expect(found.yields.background!.all.entries).toBe(events.background.filter(pass).length);
    },
    "signal-filter": async () => {
      const found = await result(...base, "--signal-filter", "eta > 0");
      expect(found.yields.signal!.all.entries).toBe(events.signal.filter(({ eta }) => eta > 0).length);
      expect(found.yields.background!.all.entries).toBe(600);
    },
    "background-filter": async () => {
      const found = await result(...base, "--background-filter", "eta > 0");
      expect(found.yields.background!.all.entries).toBe(
        events.background.filter(({ eta }) => eta > 0).length,
      );
    },
    bad: async () => {
      const holes = file(
        "holes",
        events.signal.map((row, i) => ({ ...row, pt: i < 7 ? Number.NaN : row.pt })),
      );
      const args = [
        "train",
        "--signal",
        holes,
        "--background",
        background,
        "--threads",
        "1",
        "--json",
        ...base,
      ];
      expect(of(await run([...args, "--bad", "drop"])).yields.signal!.all.entries).toBe(393);
      expect(of(await run([...args, "--bad", "keep"])).yields.signal!.all.entries).toBe(400);
      expect(await failure(...args, "--bad", "refuse")).toMatch(/not a finite number in 7 of 400/);
    },
    missing: async () => {
      const rows = events.signal.map((row, i) =>
        i % 10 === 0 ? { ...row, pt: i % 20 === 0 ? -999 : "gone" } : row,
      );
      const files = ["--signal", file("gaps", rows), "--background", background, "--threads", "1", "--json"];
      const args = ["train", ...files, ...base, "--bad", "drop"];
      expect(of(await run([...args, "--missing", "gone"])).yields.signal!.all.entries).toBe(380);
      expect(of(await run([...args, "--missing", "gone, -999"])).yields.signal!.all.entries).toBe(360);
      const both = ["--missing", "gone", "--missing", "-999"];
      expect(of(await run([...args, ...both])).yields.signal!.all.entries).toBe(360);
      expect(await failure(...args)).toMatch(/gone/);
    },
    columns: async () => {
      const bare = (name: string) => {
        const text = readFileSync(at(`${name}.csv`), "utf8");
        writeFileSync(at(`${name}-bare.csv`), text.slice(text.indexOf("\n") + 1));
        return [`--${name}`, at(`${name}-bare.csv`)];
      };
      const files = [...bare("signal"), ...bare("background"), "--threads", "1", "--json"];
      const found = of(await run(["train", ...files, ...base, "--columns", "event,mass, pt,eta,w"]));
      expect(found.history).toEqual((await result(...base)).history);
      expect(found.yields.signal!.all.entries).toBe(400);
      expect(await failure("train", ...files, ...base, "--columns", "mass,pt,eta,w")).toMatch(
        /signal-bare\.csv, line 1: The line has 5 cells, but there are names for 4/,
      );
      expect(await failure("train", ...files, ...base, "--columns", "a,pt,a")).toMatch(/a is there twice/);
    },
    separator: async () => {
      const { history } = await result(...base);
      for (const [name, sign] of [
        ["semicolon", ";"],
        ["tab", "\t"],
        ["space", " "],
        ["|", "|"],
        ["comma", ","],
      ] as const) {
        const split = (table: string) => {
          const text = readFileSync(at(`${table}.csv`), "utf8").replaceAll(",", sign);
          writeFileSync(at(`${table}-split.csv`), text);
          return [`--${table}`, at(`${table}-split.csv`)];
        };
        const both = [
          "train",
          ...split("signal"),
          ...split("background"),
          "--threads",
          "1",
          "--json",
          ...base,
        ];
        expect(of(await run([...both, "--separator", name])).history, name).toEqual(history);
      }
      expect(await failure("train", ...tables, ...base, "--separator", "colon")).toMatch(
        /one of comma, semicolon, tab, space, \|/,
      );
      expect(await failure("train", ...tables, ...base, "--separator", "tab")).toMatch(/signal\.csv/);
    },
    cut: async () => {
      const found = await result(...base);
      expect(Object.keys(found.cuts)).toEqual(["ptMin", "etaMax"]);
    },
    net: async () => {
      await result(...base, "--net", "pt,mass:3", "--out", at("net"));
      expect(model("net").net!.layers.map(({ b }) => b.length)).toEqual([3, 1]);
    },
    objective: async () => {
      for (const name of [...objectivesOf("events"), ...objectivesOf("yields")]) {
        const found = await result(...base, "--objective", name);
        expect(found.objective.name).toBe(name);
        expect(found.objective.end).not.toBe(found.objective.start);
      }
    },
    "background-uncertainty": async () => {
      const [a, b] = await change("--background-uncertainty", "20%,15ev");
      const { soft, hard } = { soft: b.yields.background!.soft.sum, hard: b.yields.background!.hard.sum };
      const z = (s: number, n: number) => significance(s, n, Math.hypot(0.2 * n, 15)).asimov;
      expect(b.significance.after.asimov).toBeCloseTo(z(b.yields.signal!.hard.sum, hard), 10);
      expect(b.objective.end).toBeCloseTo(z(b.yields.signal!.soft.sum, soft), 4);
      expect(b.objective.start).toBeLessThan(0.7 * a.objective.start);
    },
    "negative-weights": async () => {
      const mixed = (rows: readonly Row[]) => rows.map((row, i) => ({ ...row, w: i % 5 === 0 ? -1 : 1 }));
      const files = ["--signal", file("plus", mixed(events.signal)), "--background", background];
      const train = (...args: string[]) =>
        run(["train", ...files, "--threads", "1", "--json", "--weight", "w", ...base, ...args]);
      const [clip, keep] = [
        of(await train("--objective", "bce")),
        of(await train("--objective", "bce", "--negative-weights", "keep")),
      ];
      expect(clip.warnings.join()).toMatch(
        /80 of the 400 weights of signal are negative, 20 % of all weight: for the training/,
      );
      expect(keep.warnings.join()).toMatch(/they are kept, so the loss of single events has no lower bound/);
      expect(clip.objective.start).not.toBe(keep.objective.start);
      for (const found of [clip, keep]) expect(found.yields.signal!.all.sum).toBeCloseTo(240, 9);
      const refused = await train("--negative-weights", "refuse");
      expect([refused.status, refused.err]).toEqual([
        2,
        expect.stringMatching(/80 of the 400 weights of signal are negative: clip/),
      ]);
      expect(of(await train()).warnings.join()).not.toMatch(/negative/);
    },
    soft: async () => {
      const erf = await result(...base, "--soft", "erf", "--out", at("soft"));
      expect(erf.soft).toBe("erf");
      const [sigmoid, steep] = await change("--soft", "steep");
      // Steeper, so nearer to the hard yield.
      const off = (found: Result) =>
        Math.abs(found.yields.background!.softBefore.sum - found.yields.background!.before.sum);
      expect(off(steep)).toBeLessThan(off(sigmoid));
      expect(await failure("train", ...tables, ...base, "--soft", "balanced")).toMatch(
        /one of sigmoid, erf, steep/,
      );
    },
    width: async () => {
      const widths = ["--width", "pt=5,etaMax=0.1"];
      await result(...base, ...widths, "--out", at("width"));
      expect(model("width").cut!.widths).toEqual({ ptMin: 5, etaMax: 0.1 });
      expect(await failure("train", ...tables, ...base, "--width", "ptMni=5")).toMatch(
        /did you mean ptMin\?/,
      );
    },
    anneal: async () => {
      const annealed = ["--width", "etaMax=0.1", "--anneal", "pt=8..2:linear"];
      const found = await result(...base, ...annealed, "--out", at("anneal"));
      expect(model("anneal").cut!.widths).toEqual({ ptMin: 2, etaMax: 0.1 });
      expect(found.cuts.ptMin!.width).toEqual({ start: 8, end: 2 });
      expect(found.cuts.etaMax!.width).toEqual({ start: 0.1, end: 0.1 });
      const auto = await result(...base);
      const to = await result(...base, "--anneal", "9..auto");
      expect(to.cuts.ptMin!.width).toEqual({ start: 9, end: auto.cuts.ptMin!.width!.end });
      expect(await failure("train", ...tables, ...base, "--anneal", "mas=8..2")).toMatch(
        /the thresholds are ptMin/,
      );
    },
    outside: async () => {
      const far = ["--cut", "pt > {ptMin = 900}", "--objective", "squared", "--width", "3", "--lr", "3"];
      const stuck = await result(...far, "--steps", "600");
      expect(stuck.cuts.ptMin!.end).toBe(900);
      expect(stuck.warnings.join()).toMatch(/stuck.*long tails \(outside, --outside\)/);
      const found = await result(...far, "--steps", "600", "--outside");
      expect(found.cuts.ptMin!.end).toBeLessThan(60);
      expect(found.warnings.join()).not.toMatch(/stuck/);
    },
    scan: async () => {
      const found = await result("--cut", "pt > {ptMin = 900}", "--scan", "--steps", "2");
      expect(found.cuts.ptMin!.start).toBeLessThan(80);
    },
    optimizer: async () => {
      for (const name of ruleNames) {
        const found = await result("--cut", "pt > 30", "--width", "4", "--steps", "60", "--optimizer", name);
        expect(found.objective.end, name).toBeGreaterThan(found.objective.start);
      }
    },
    lr: async () => {
      const found = await result("--cut", "pt > 30", "--lr", "0.5", "--steps", "1");
      expect(Math.abs(found.cuts.ptMin!.end - 30)).toBeCloseTo(0.5, 5);
    },
    momentum: async () => {
      const sgd = ["--optimizer", "sgd", "--lr", "1"];
      const [a, b] = [await result(...base, ...sgd), await result(...base, ...sgd, "--momentum", "0.9")];
      // The first step is the same, the second longer by the momentum.
      expect(b.history.cuts.ptMin!.slice(0, 2)).toEqual(a.history.cuts.ptMin!.slice(0, 2));
      const [x0, x1, x2] = b.history.cuts.ptMin! as [number, number, number];
      expect(x2 - x1).toBeCloseTo(a.history.cuts.ptMin![2]! - a.history.cuts.ptMin![1]! + 0.9 * (x1 - x0), 9);
    },
    nesterov: async () => {
      const sgd = ["--optimizer", "sgd", "--lr", "1", "--momentum", "0.5"];
      const [a, b] = [await result(...base, ...sgd), await result(...base, ...sgd, "--nesterov")];
      const first = (found: Result) => found.history.cuts.ptMin![1]! - 30;
      expect(first(b)).toBeCloseTo(1.5 * first(a), 9);
    },
    "weight-decay": async () => {
      const net = [
        "--net",
        "pt:4",
        "--optimizer",
        "adamw",
        "--lr",
        "0.01",
        "--cut",
        "pt > {ptMin = 1e9}",
        "--steps",
        "5",
      ];
      const weights = async (decay: string) => {
        await result(...net, "--objective", "softmax", "--weight-decay", decay, "--out", at("decay"));
        const { net: n, cut: c } = model("decay");
        return { size: Math.hypot(...n!.layers[0]!.w.flat()), ptMin: c!.thresholds.ptMin! };
      };
      const [light, heavy] = [await weights("1e-9"), await weights("10")];
      expect(heavy.size).toBeLessThan(0.7 * light.size);
      expect(heavy.ptMin).toBe(light.ptMin);
    },
    steps: async () => {
      expect((await result("--cut", cut, "--steps", "7")).history.steps.at(-1)).toBe(7);
    },
    batch: async () => {
      await change("--batch", "100");
    },
    validation: async () => {
      const found = await result(...base, "--validation", "0.25");
      expect(found.validation!.yields.signal!.all.entries).toBe(100);
      expect(found.yields.signal!.all.entries).toBe(300);
    },
    patience: async () => {
      const flat = ["--cut", "pt > {ptMin = 9000}", "--objective", "squared", "--steps", "500"];
      expect((await result(...flat, "--patience", "2")).history.steps.at(-1)).toBe(20);
      expect((await plain(...flat, "--patience", "2")).err).toMatch(
        /2 evaluations in a row brought no improvement/,
      );
    },
    seed: async () => {
      const net = ["--net", "pt:3", "--objective", "bce", "--steps", "2"];
      const [a, b] = [await result(...net, "--seed", "1"), await result(...net, "--seed", "2")];
      expect([a.seed, b.seed]).toEqual([1, 2]);
      expect(a.objective.start).not.toBe(b.objective.start);
    },
    dtype: async () => {
      const [, f64] = await change("--dtype", "f64");
      // In f64 the objective is the significance of the soft yields to all digits.
      expect(f64.objective.end).toBeCloseTo(f64.significance.softAfter.asimov, 12);
    },
    threads: async () => {
      const [a, b] = [
        await result(...base),
        of(
          await run([
            "train",
            "--signal",
            signal,
            "--background",
            background,
            "--json",
            ...base,
            "--threads",
            "2",
          ]),
        ),
      ];
      expect(b.history).toEqual(a.history);
    },
    checkpoint: async () => {
      await result(...base, "--checkpoint", at("deep/state"));
      expect(existsSync(at("deep/state"))).toBe(true);
    },
    "checkpoint-every": async () => {
      const often = ["--checkpoint", at("often"), "--checkpoint-every", "1e-6"];
      expect((await result(...base, ...often)).history).toEqual((await result(...base)).history);
      expect(existsSync(at("often"))).toBe(true);
    },
    resume: async () => {
      const kept = ["--cut", cut, "--checkpoint", at("kept")];
      await result(...kept, "--steps", "3");
      const on = await plain(...kept, "--steps", "6", "--resume");
      expect(on.err).toMatch(/goes on after step 3/);
      expect(of(on).history.loss).toEqual((await result("--cut", cut, "--steps", "6")).history.loss);
    },
    out: async () => {
      await result(...base, "--out", at("out"));
      for (const name of ["result.json", "model.json", "plot.json", "report.html"])
        expect(existsSync(join(at("out"), name))).toBe(true);
    },
    json: async () => {
      const text = await run(["train", ...tables, ...base]);
      expect(text.out).toContain("selection");
      expect(() => JSON.parse(text.out)).toThrow();
    },
  };

  // Those of a histogram are run in cli-binned.test.ts.
  const named = Object.keys(trainOptions).filter((name) => !Object.hasOwn(histogramOptions, name));
  it("has a check here", () => {
    expect(Object.keys(checks).sort()).toEqual([...named].sort());
  });
  it.each(named)("--%s", (name) => checks[name]!(), 30_000);
});

describe("objectives", () => {
  const sigmoid = (z: number) => 1 / (1 + Math.exp(-z));
  const passing = (rows: readonly { pt: number; w: number }[]) =>
    rows.map(({ pt, w }) => ({ p: sigmoid((pt - 30) / 4), w }));
  const [s, b] = [passing(events.signal), passing(events.background)];
  const sum = (rows: typeof s, f: (p: number) => number) =>
    rows.reduce((total, { p, w }) => total + w * f(p), 0);
  const one = () => 1;
  const all = sum(s, one) + sum(b, one);
  const [S, B] = [sum(s, (p) => p), sum(b, (p) => p)];
  const expected = {
    asimov: significance(S, B).asimov,
    sOverSqrtB: S / Math.sqrt(B),
    sOverSqrtSB: S / Math.sqrt(S + B),
    bce: (sum(s, (p) => -Math.log(p)) + sum(b, (p) => -Math.log1p(-p))) / all,
    squared: (sum(s, (p) => (p - 1) ** 2) + sum(b, (p) => p ** 2)) / all,
    softmax:
      sum(s, one) * Math.log(sum(s, (p) => Math.exp(sigmoid(p))) + sum(b, (p) => Math.exp(sigmoid(p)))) -
      sum(s, sigmoid),
  };

  it("of yields and events are these", () => {
    expect([...objectivesOf("yields"), ...objectivesOf("events")].sort()).toEqual(
      Object.keys(expected).sort(),
    );
  });
  it.each(Object.entries(expected))("%s is what a plain loop makes of the start", async (name, wanted) => {
    const found = await result(
      ...["--cut", "pt > 30", "--width", "4", "--weight", "w", "--dtype", "f64", "--steps", "1"],
      ...["--objective", name],
    );
    expect(found.objective.start / wanted - 1).toBeCloseTo(0, 9);
  });

  it("squared of a network is of its sigmoid", async () => {
    const found = await result(
      "--net",
      "pt,eta,mass:8",
      "--objective",
      "squared",
      "--steps",
      "200",
      "--dtype",
      "f64",
    );
    expect(found.objective.start).toBeLessThan(0.6);
    expect(found.objective.end).toBeLessThan(0.7 * found.objective.start);
  });
});

describe("bounds on the command line", () => {
  it("hold to the bit, and the end says so", async () => {
    const far = await result("--cut", "pt > {ptMin = 30}", "--steps", "600");
    expect(far.cuts.ptMin!.end).toBeGreaterThan(34);
    const args = ["--cut", "pt > {ptMin = 30 in [20, 33.3]}", "--steps", "600"];
    const found = await result(...args);
    expect(found.cuts.ptMin!.end).toBe(33.3);
    expect(found.expression).toBe("pt > 33.3");
    expect(found.cuts.ptMin!.bounds).toEqual([20, 33.3]);
    expect(far.cuts.ptMin).not.toHaveProperty("bounds");
    expect(found.warnings.join()).toMatch(/stands on its bound 33\.3, and its gradient leads across it/);
    expect((await result(...args, "--scan")).cuts.ptMin!.start).toBeLessThanOrEqual(33.3);
    for (const rate of [
      ["--lr", "0.7"],
      ["--optimizer", "sgd", "--lr", "50", "--momentum", "0.9"],
    ])
      expect((await result(...args, ...rate)).cuts.ptMin!.end).toBe(33.3);
    expect(await failure("train", ...tables, ...args, "--optimizer", "lbfgs")).toMatch(
      /lbfgs keeps no bounds, and ptMin has some/,
    );
    expect(await failure("train", ...tables, "--cut", "pt > {a = 3 in [4, 9]}")).toMatch(
      /The start 3 is outside the bounds/,
    );
  });
});

describe("held-out events", () => {
  it("change neither widths nor scales nor starts", async () => {
    // Which events are held out depends on their number and the seed alone; here they are then made extreme.
    const { splitTables } = await import("../../src/optim/train/batches.js");
    const { table } = await import("../../src/index.js");
    const counts = { signal: table({}, { rows: 400 }), background: table({}, { rows: 600 }) };
    const { rows } = splitTables(counts, 0.3, { seed: 5 });
    const wild = (name: "signal" | "background") => {
      const held = new Set(rows.validation[name]);
      return file(
        `wild-${name}`,
        events[name].map((row, i) => (held.has(i) ? { ...row, pt: 1e4 * row.pt, mass: -1e5 } : row)),
      );
    };
    const args = [
      "--validation",
      "0.3",
      "--seed",
      "5",
      "--steps",
      "3",
      "--cut",
      "pt > {ptMin = 999}",
      "--net",
      "mass:2",
    ];
    const train = async (folder: string, ...files: string[]) => {
      const found = of(
        await run(["train", ...files, "--threads", "1", "--json", ...args, "--scan", "--out", at(folder)]),
      );
      return {
        history: { loss: found.history.loss, cuts: found.history.cuts },
        start: found.cuts.ptMin!.start,
        model: model(folder),
      };
    };
    const calm = await train("calm", ...tables.slice(0, 4));
    const other = await train("wild", "--signal", wild("signal"), "--background", wild("background"));
    expect(other).toEqual(calm);
    expect(calm.start).toBeLessThan(100);
  });
});
