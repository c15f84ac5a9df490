// Training for a histogram: the traced model, the hard one, and the command.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import { histSpec } from "../../src/cli/groups/histogramoptions.js";
import { Place } from "../../src/cli/line/optionvalue.js";
import {
  type Binned,
  binnedLoss,
  binsOf,
  downTable,
  type Filled,
  upTable,
} from "../../src/cli/training/binned.js";
import { hardResult } from "../../src/cli/training/binnedresult.js";
import { compile, init, type Tensor, table, valueAndGrad } from "../../src/index.js";
import { type ObjectiveName, objectivesOf, objectiveValue } from "../../src/objectives/index.js";
import type { Run } from "../../src/plot/rundata.js";
import { key, normal, split, uniform } from "../../src/random/keys.js";
import { failure, run, writeRows } from "../kit/clirun.js";

beforeAll(() => init());

const shape = { name: "scale", sample: "background", up: true, down: true } as const;
const binned = (over: Partial<Binned> = {}): Binned => ({
  what: "x",
  score: false,
  edges: [0, 1, 2, 3],
  bandwidth: 0.2,
  norms: [{ name: "norm", samples: ["background"], size: 0.1 }],
  shapes: [shape],
  stat: true,
  ...over,
});

/** Signal around 2; background falling; its tables up and down are shifted. */
const events = (n: number) => {
  const [s, b] = [normal(key(1), n), uniform(key(2), n)];
  const falling = b.map((u) => -1.2 * Math.log(1 - u));
  const made = (x: Float64Array, w: number) => ({ x, w: new Float64Array(n).fill(w / n) });
  return {
    signal: made(
      s.map((z) => 2 + 0.5 * z),
      12,
    ),
    background: made(falling, 100),
    [upTable(shape)]: made(
      falling.map((x) => 1.05 * x),
      100,
    ),
    [downTable(shape)]: made(
      falling.map((x) => 0.95 * x),
      100,
    ),
  };
};

const soft = (of: Binned, objective: ObjectiveName, n = 2000) => {
  const columns = events(n);
  const data = Object.fromEntries(
    Object.entries(columns).map(([name, c]) => [name, table({ ...c }, { dtype: "f64" })]),
  );
  const loss = (p: { shift: Tensor }, e: Record<string, { x: Tensor; w: Tensor }>) => {
    const filled: Record<string, Filled<Tensor>> = {};
    for (const [name, { x, w }] of Object.entries(e))
      filled[name] = binsOf(of).fill(x.add(p.shift), { bandwidth: of.bandwidth, weights: w });
    return binnedLoss(of, objective, filled);
  };
  return {
    columns,
    run: (shift: number) =>
      compile(valueAndGrad(loss as never))({ shift }, data as never) as never as {
        value: number;
        grads: { shift: number };
      },
  };
};

describe.each([...objectivesOf("bins")])("%s", (objective) => {
  it("of narrow steps is that of the hard histogram's workspace", () => {
    const of = binned({ bandwidth: 1e-7 });
    const { columns, run } = soft(of, objective);
    const counts = Object.fromEntries(
      Object.entries(columns).map(([name, { x, w }]) => [name, binsOf(of).hard(x, { weights: w })]),
    );
    const { result } = hardResult(of, objective, { before: counts, after: counts });
    const { value } = run(0);
    // A floor of 1e-5 of the background is in every soft bin.
    expect(objectiveValue(objective, value) / result.objective.hard).toBeCloseTo(1, 3);
  });

  it("has the slope of differences", () => {
    const { run } = soft(binned(), objective, 500);
    const h = 1e-4;
    const slope = (run(h).value - run(-h).value) / (2 * h);
    expect(run(0).grads.shift / slope).toBeCloseTo(1, 5);
  });
});

test("uncertainties make every answer worse", () => {
  const worst = binned();
  const least = binned({ norms: [], shapes: [], stat: false });
  for (const objective of objectivesOf("bins")) {
    const [a, b] = [worst, least].map((of) => soft(of, objective, 300).run(0).value);
    expect(a, objective).toBeGreaterThan(b!);
  }
});

test("bins of the command line", () => {
  const parseHist = (text: string) => histSpec.read(text, new Place("hist", "--hist", text, histSpec.wants));
  expect(parseHist("score:4,0..1")).toEqual({ what: "score", edges: [0, 0.25, 0.5, 0.75, 1] });
  expect(parseHist("abs(eta):0,1,2.5").edges).toEqual([0, 1, 2.5]);
  for (const wrong of ["score", "score:", ":4,0..1", "score:0,0..1", "score:4,1..0", "x:1,1,2", "x:4"])
    expect(() => parseHist(wrong), wrong).toThrow("--hist");
});

describe("gradcut train --hist", () => {
  const folder = mkdtempSync(join(tmpdir(), "gradcut-binned-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const at = (name: string) => join(folder, name);
  /** Two columns; `scale` moves those of the background. */
  const rows = (kind: "signal" | "background", seed: number, scale = 1) => {
    const [x, y, w] = split(key(seed), 3).map((k, i) => (i < 2 ? normal : uniform)(k, 400));
    return Array.from({ length: 400 }, (_, i) => ({
      x: kind === "signal" ? 1 + 0.6 * x![i]! : scale * 1.2 * x![i]!,
      y: kind === "signal" ? 0.5 + 0.6 * y![i]! : scale * y![i]!,
      w: (kind === "signal" ? 0.05 : 0.5) * (0.5 + w![i]!),
    }));
  };
  beforeAll(() => {
    writeRows(at("sig.csv"), rows("signal", 1));
    writeRows(at("bkg.csv"), rows("background", 2));
    writeRows(at("up.csv"), rows("background", 2, 1.1));
    writeRows(at("down.csv"), rows("background", 2, 0.9));
  });
  const tables = [
    "--signal",
    at("sig.csv"),
    "--background",
    at("bkg.csv"),
    "--weight",
    "w",
    "--threads",
    "1",
  ];
  const systematics = [
    ...["--up", `scale=${at("up.csv")}`, "--down", `scale=${at("down.csv")}`],
    ...["--norm", "xsec=±5%", "--norm", "lumi_norm@both=2%"],
  ];
  const trained = async (...args: string[]) => {
    const { status, out, err } = await run(["train", ...tables, "--out", at("out"), ...args]);
    expect([status, /^gradcut:/m.test(err)], err).toEqual([0, false]);
    const result = JSON.parse(readFileSync(at("out/result.json"), "utf8")) as Run;
    return { out, result, histogram: result.histogram! };
  };

  test.each(["cls", "discovery", "poiUncert", "asimov"] as const)(
    "%s of the score of a network",
    async (objective) => {
      const net = [
        "--net",
        "x,y:4",
        "--hist",
        "score:3,0..1",
        "--bandwidth",
        "0.1",
        "--objective",
        objective,
      ];
      const { result, histogram, out } = await trained(
        ...net,
        ...systematics,
        "--steps",
        "20",
        "--lr",
        "0.05",
      );
      const { start, end } = result.objective;
      const better = objective === "cls" || objective === "poiUncert" ? start / end : end / start;
      expect(better).toBeGreaterThan(1.05);
      expect(histogram.objective).toMatchObject({ name: objective, soft: end });
      expect(out).toContain(`${objective}  `);
      // The workspace gives to the last bit what the training reported.
      const workspace = at("out/workspace.json");
      const cls = JSON.parse((await run(["cls", workspace])).out);
      expect(cls.CLs_obs).toBe(histogram.cls);
      const { observed } = JSON.parse(
        (await run(["significance", workspace, "--asimov", "1", "--json"])).out,
      );
      expect(observed.Z).toBe(histogram.significance);
      const { parameters } = JSON.parse((await run(["pulls", workspace, "--asimov", "1", "--json"])).out);
      const mu = parameters.find(({ name }: { name: string }) => name === "mu");
      expect(mu.uncertainty).toBe(histogram.uncertainty);
      const names = parameters.map(({ name }: { name: string }) => name);
      expect(names).toEqual([
        "scale",
        "mu",
        "lumi_norm",
        "xsec",
        "stat_score[0]",
        "stat_score[1]",
        "stat_score[2]",
      ]);
      expect(readFileSync(at("out/report.html"), "utf8")).toContain("Hard histogram");
    },
  );

  test("a cut and a column, with held-out events, resumed", async () => {
    const cut = [
      "--cut",
      "y > {yMin = 0}",
      "--hist",
      "abs(x - 1):0,0.5,1,3",
      "--objective",
      "cls",
      "--validation",
      "0.5",
    ];
    const { histogram, result } = await trained(...cut, ...systematics, "--no-stat", "--steps", "8");
    expect(histogram.name).toBe("abs(x - 1)");
    expect(histogram.edges).toEqual([0, 0.5, 1, 3]);
    expect(histogram.objective.soft).toBe(result.history.validation!.loss.at(-1));
    const entries = histogram.background.entries.reduce((a, b) => a + b);
    expect(entries).toBe(result.validation!.yields.background!.hard.entries);
    expect(histogram.background.sum.reduce((a, b) => a + b)).toBeCloseTo(
      result.validation!.yields.background!.hard.sum,
      9,
    );
    expect(readFileSync(at("out/workspace.json"), "utf8")).not.toContain("staterror");
    const longer = await trained(...cut, ...systematics, "--no-stat", "--steps", "12", "--resume");
    expect(longer.result.history.loss.slice(0, 8)).toEqual(result.history.loss.slice(0, 8));
  });

  test("what does not go together is refused", async () => {
    const refused = (...args: string[]) => failure("train", ...tables, "--net", "x,y:4", ...args);
    expect(await refused("--objective", "cls")).toContain("--objective cls is of a histogram");
    expect(await refused("--norm", "a=5%")).toContain("--norm is of a histogram");
    const hist = ["--hist", "score:3,0..1"];
    expect(await refused(...hist, "--objective", "bce")).toContain("not bce");
    expect(await refused(...hist, "--objective", "cls", "--batch", "100")).toContain("of all events");
    expect(await refused("--hist", "x:3,0..1")).toContain("does not use the network");
    expect(await refused(...hist, "--norm", "a=5")).toContain("name=±X%");
    expect(await refused(...hist, "--norm", "mu=5%")).toContain("such a parameter itself");
    expect(await refused(...hist, "--up", "a@both=x.csv")).toContain("of one sample");
    expect(await refused(...hist, "--up", `a=${at("none.csv")}`)).toContain("none.csv");
    expect(await failure("train", ...tables, "--cut", "y > {yMin = 0}", ...hist)).toContain("give --net");
  });

  test("a model without an answer does not lose the training", async () => {
    // Steps a thousand times wider than the column train, but the hard cut keeps no event.
    const { result, histogram } = await trained(
      ...["--cut", "y > {yMin = 100}", "--width", "1000", "--steps", "2", "--hist", "x:2,-1..1", "--no-stat"],
    );
    expect(histogram.signal.sum).toEqual([0, 0]);
    expect(histogram.uncertainty).toBeNull();
    expect(result.warnings.join("\n")).toContain("The hard histogram has no uncertainty");
  });

  test("a bin without background is named", async () => {
    const { result } = await trained("--net", "x,y:2", "--hist", "score:20,0..1", "--steps", "1");
    expect(result.warnings.join("\n")).toMatch(/fewer than 10 background events in .*0\.95\.\.1/);
  });
});
