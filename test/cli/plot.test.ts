import { copyFileSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import type { Result } from "../../src/cli/training/resultjson.js";
import { init } from "../../src/index.js";
import { failure, muons, run, writeRows } from "../kit/clirun.js";
import { scratch } from "../kit/scratch.js";

const { at } = scratch();

const rows = { signal: muons("signal", 600, 1), background: muons("background", 900, 2) };
const [signal, background] = [at("signal.csv"), at("background.csv")];
const cut = "pt > {ptMin = 30} && 80 < mass && mass < 100 && (eta < fixed(2) || pt > fixed(60))";
const train = (...more: string[]) =>
  run([
    ...["train", "--signal", signal, "--background", background, "--cut", cut, "--weight", "w"],
    ...["--threads", "1", "--json", ...(more.includes("--steps") ? [] : ["--steps", "40"]), ...more],
  ]);
let found: Result;

beforeAll(async () => {
  await init();
  writeRows(signal, rows.signal);
  writeRows(background, rows.background);
  const answer = await train("--net", "eta,pt:4", "--validation", "0.25", "--out", at("out"));
  found = JSON.parse(answer.out) as Result;
});

describe("result.json and report.html", () => {
  it("have the cutflow, term by term", async () => {
    const { cutflow, cuts, yields } = JSON.parse((await train()).out) as Result;
    const end = (name: string) => cuts[name]!.end;
    const tests = [
      () => true,
      ({ pt }: { pt: number }) => pt > end("ptMin"),
      ({ mass }: { mass: number }) => mass > end("massMin"),
      ({ mass }: { mass: number }) => mass < end("massMax"),
      ({ eta, pt }: { eta: number; pt: number }) => eta < 2 || pt > 60,
    ];
    expect(cutflow!.map(({ label }) => label)).toEqual([
      ...["all events", `pt > ${end("ptMin")}`, `${end("massMin")} < mass`, `mass < ${end("massMax")}`],
      "eta < 2 || pt > 60",
    ]);
    cutflow!.forEach(({ perSample }, i) => {
      for (const name of ["signal", "background"] as const) {
        const kept = rows[name].filter((row) => tests.slice(0, i + 1).every((test) => test(row)));
        expect(perSample[name]!.entries).toBe(kept.length);
        expect(perSample[name]!.sum).toBeCloseTo(
          kept.reduce((sum, { w }) => sum + w, 0),
          9,
        );
      }
    });
    expect(cutflow!.at(-1)!.perSample.signal).toEqual(yields.signal!.hard);
  });

  it("have soft against hard for each threshold alone, and a warning where they disagree", async () => {
    const { softAgainstHard, cuts, yields, warnings } = JSON.parse((await train()).out) as Result;
    expect(softAgainstHard!.map(({ threshold }) => threshold).slice(0, 3)).toEqual(Object.keys(cuts));
    const end = (name: string) => cuts[name]!.end;
    const width = cuts.ptMin!.width!.end;
    const soft = rows.signal
      .filter(({ mass, eta, pt }) => mass > end("massMin") && mass < end("massMax") && (eta < 2 || pt > 60))
      .reduce((sum, { pt, w }) => sum + w / (1 + Math.exp(-(pt - end("ptMin")) / width)), 0);
    const first = softAgainstHard![0]!.perSample.signal!;
    expect(first.soft.sum).toBeCloseTo(soft, 6);
    expect(first.hard).toEqual(yields.signal!.hard);
    expect(warnings).toEqual([]);
    const wide = JSON.parse((await train("--width", "5")).out) as Result;
    expect(wide.warnings).toEqual([
      expect.stringMatching(/^Soft yields .* differ .* Most comes from \w+\.$/),
    ]);
    const steep = JSON.parse((await train("--width", "0.01", "--steps", "1")).out) as Result;
    expect(steep.warnings.filter((text) => text.startsWith("Soft"))).toEqual([]);
  });

  it("have held-out events beside those that trained", () => {
    const { validation, yields, history, network } = found;
    expect(yields.signal!.all.entries).toBe(450);
    expect(validation!.yields.signal!.all.entries).toBe(150);
    // Each part estimates all events.
    const total = rows.signal.reduce((sum, { w }) => sum + w, 0);
    for (const part of [yields, validation!.yields])
      expect(Math.abs(part.signal!.all.sum / total - 1)).toBeLessThan(0.1);
    expect(found.cutflow![0]!.perSample.background!.entries).toBe(675);
    expect(history.validation!.steps).toEqual([0, 10, 20, 30, 40]);
    expect(history.validation!.loss.every(Number.isFinite)).toBe(true);
    expect(history.floor).toBeGreaterThan(0);
    expect(validation!.network!.bound).toBe(network!.bound);
    const html = readFileSync(join(at("out"), "report.html"), "utf8");
    for (const heading of ["Cutflow", "Soft against hard", "Yields of held-out events", "Network", "Columns"])
      expect(html).toContain(`<h2>${heading}</h2>`);
  });

  it("stop early, with the best", async () => {
    const answer = await train("--validation", "0.5", "--patience", "2", "--steps", "4000", "--lr", "3");
    const { history, objective } = JSON.parse(answer.out) as Result;
    expect(answer.err).toMatch(
      /Stopped after \d+ of 4000 steps: 2 evaluations in a row brought no improvement/,
    );
    const { validation } = history;
    const best = Math.max(...validation!.loss);
    expect(validation!.loss.indexOf(best)).toBe(validation!.loss.length - 3);
    const step = history.steps.indexOf(validation!.steps.at(-3)!);
    expect(history.loss[step]).toBe(objective.end);
  });

  it("train on batches", async () => {
    const answer = await train("--batch", "300", "--steps", "25", "--net", "eta:2");
    const { history, significance, objective, timing } = JSON.parse(answer.out) as Result;
    expect(history.steps.length).toBe(26);
    expect(Number.isFinite(significance.after.asimov)).toBe(true);
    expect(objective.end).not.toBe(history.loss.at(-1));
    expect(timing.eventsPerSecond * timing.train).toBeCloseTo(300 * 25, 6);
  });
});

describe("gradcut plot", () => {
  const result = () => join(at("out"), "result.json");

  it("draws every figure as SVG", async () => {
    const { status, out, err } = await run(["plot", result(), "--out", at("figs"), "--theme", "auto"]);
    expect([status, err]).toEqual([0, ""]);
    const names = readdirSync(at("figs"));
    expect(names).toEqual(
      expect.arrayContaining(["loss.svg", "threshold-ptMin.svg", "column-pt.svg", "score.svg", "roc.svg"]),
    );
    expect(names).toContain("plane.svg");
    for (const name of names) {
      expect(out).toContain(name);
      expect(readFileSync(join(at("figs"), name), "utf8")).toMatch(/^<\?xml|^<svg /);
    }
  });

  it("draws what it can without plot.json", async () => {
    rmSync(join(at("out"), "plot.json"));
    const { status, err } = await run(["plot", result(), "--out", at("few")]);
    expect([status, err]).toEqual([0, expect.stringMatching(/^note: there is no .*plot\.json/)]);
    expect(readdirSync(at("few"))).toEqual([
      ...["loss.svg", "threshold-massMax.svg", "threshold-massMin.svg", "threshold-ptMin.svg"],
    ]);
  });

  it("draws the two files of one run only", async () => {
    await train("--steps", "3", "--out", at("one"));
    await train("--steps", "5", "--out", at("other"));
    const own = JSON.parse(readFileSync(at("other/plot.json"), "utf8"));
    copyFileSync(at("other/plot.json"), at("one/plot.json"));
    const args = ["plot", at("one/result.json"), "--out", at("mixed")];
    expect(await failure(...args)).toMatch(
      /one.plot\.json": this is of another run than ".*one.result\.json"/,
    );
    expect(existsSync(at("mixed"))).toBe(false);
    // What says nothing of its run is drawn, as is one that was changed and says so.
    const { checksum: _, run: __, ...rest } = own;
    writeFileSync(at("one/plot.json"), JSON.stringify(rest));
    expect((await run(args)).status).toBe(0);
    // Only what was found counts, not how long it took.
    const result = JSON.parse(readFileSync(at("other/result.json"), "utf8"));
    writeFileSync(
      at("other/result.json"),
      JSON.stringify({ ...result, checksum: undefined, timing: { ...result.timing, seconds: 99 } }),
    );
    expect((await run(["plot", at("other/result.json"), "--out", at("same")])).status).toBe(0);
  });

  it("says what it cannot draw", async () => {
    const out = ["--out", at("none")];
    expect(await failure("plot", at("none.json"), ...out)).toMatch(/none\.json": there is no such file/);
    // Who names the folder of a training is told the file in it.
    const folder = /this is a folder: name a file in it, as ".*out\/result\.json"/;
    expect(await failure("plot", at("out"), ...out)).toMatch(folder);
    expect(await failure("plot", signal, ...out)).toMatch(/this is no JSON/);
    expect(await failure("plot", join(at("out"), "model.json"), ...out)).toMatch(/no result\.json/);
    expect(await failure("plot", result(), "--out", signal)).toMatch(/--out .*: cannot write there/);
    const png = await run(["plot", result(), ...out, "--png"]);
    if (png.status === 0) {
      const content = readFileSync(join(at("none"), "loss.png"));
      expect(content.subarray(1, 4).toString()).toBe("PNG");
    } else {
      expect(png.status).toBe(2);
      expect(png.err).toMatch(/^gradcut: --png: PNG needs .*(npm i @resvg\/resvg-js|a font)/m);
    }
    const pdf = await run(["plot", result(), ...out, "--pdf"]);
    expect(pdf.status).toBe(png.status);
    if (pdf.status === 0)
      expect(readFileSync(join(at("none"), "loss.pdf")).toString("latin1", 0, 5)).toBe("%PDF-");
    else expect(pdf.err).toMatch(/^gradcut: --pdf: PDF needs .*(npm i @resvg\/resvg-js|a font)/m);
  });
});
