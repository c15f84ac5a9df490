// Commands that fit: pyhf's own against its output (test/peers/cli.py), and those beyond.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it, test } from "vitest";
import { counter } from "../../src/cli/answers/counter.js";
import { failure, run } from "../kit/clirun.js";
import { fixture } from "../kit/pyhfruns.js";
import { scratch } from "../kit/scratch.js";

const { folder, at } = scratch();
beforeAll(() => {
  for (const [name, text] of Object.entries(fixture.files)) writeFileSync(at(name), text);
});

const placed = (args: string[]) =>
  args.map((word) => (/\.(json|svg|png|html)$/.test(word) ? at(word) : word));
const json = async (...args: string[]) => JSON.parse((await run([...placed(args), "--json"])).out);
const shape = (text: string) => text.replace(/-?\d+(\.\d+)?(e[-+]\d+)?/g, "N");

type PyhfResult = {
  CLs_obs: number;
  CLs_exp: number[];
  mle_parameters: Record<string, number[]>;
  twice_nll?: number;
};

describe("fit and cls print what pyhf prints", () => {
  test.each(fixture.fits.map((one) => [one.args.join(" "), one] as const))("%s", async (_, recorded) => {
    const input = async () => (recorded.stdin === null ? "" : fixture.files[recorded.stdin]!);
    const { status, out, err } = await run(placed(recorded.args), { input });
    if (!recorded.ok) {
      expect([status, out]).toEqual([2, ""]);
      expect(err).toMatch(/^gradcut: .+\n$/);
      return;
    }
    expect(status).toBe(0);
    expect(err.split("\n").filter((line) => line && !/^(note|warning): /.test(line))).toEqual([]);
    const ignored = ["--backend", "--optimizer", "--optconf"].some((name) => recorded.args.includes(name));
    expect(err.includes("ignored")).toBe(ignored);
    const theirs = recorded.written ?? recorded.out;
    const ours = recorded.written === null ? out : readFileSync(at("out.json"), "utf8");
    expect(shape(ours)).toBe(shape(theirs));
    const [a, b] = [JSON.parse(ours), JSON.parse(theirs)] as [PyhfResult, PyhfResult];
    if (b.CLs_exp) {
      // pyhf stops its fits where they are good enough: the exact optimum differs by so much.
      [a.CLs_obs, ...a.CLs_exp].forEach((value, i) => {
        const expected = [b.CLs_obs, ...b.CLs_exp][i]!;
        expect(Math.abs(value / expected - 1)).toBeLessThan(5e-4);
      });
      return;
    }
    for (const [name, values] of Object.entries(a.mle_parameters))
      values.forEach((value, i) => {
        expect(Math.abs(value - b.mle_parameters[name]![i]!), name).toBeLessThan(5e-3);
      });
    if (b.twice_nll !== undefined) {
      expect(a.twice_nll!).toBeLessThan(b.twice_nll + 1e-9);
      expect(a.twice_nll!).toBeGreaterThan(b.twice_nll - 1e-4);
    }
  });
});

describe("what pyhf's command line cannot", () => {
  it("upper limits are where CLs is 1 - level", async () => {
    const limit = await json("upperlimit", "counts.json", "--points", "5");
    const { observed, expected, scan, level } = limit;
    expect(level).toBe(0.95);
    expect([limit.status, ...limit.statuses]).toEqual(Array(7).fill("converged"));
    const cls = async (mu: number) =>
      JSON.parse((await run(["cls", at("counts.json"), "--test-poi", `${mu}`])).out);
    expect((await cls(observed)).CLs_obs).toBeCloseTo(0.05, 9);
    for (const [i, limit] of expected.entries()) expect((await cls(limit)).CLs_exp[i]).toBeCloseTo(0.05, 9);
    expect(scan.values).toHaveLength(5);
    expect((await cls(scan.values[2])).CLs_exp[1]).toBeCloseTo(scan.CLs_exp[2][1], 9);
  });

  it("a scan is the rise of twice the negative log-likelihood, its interval where that is 1", async () => {
    const { rise, values, best, interval } = await json(
      "scan",
      "two.json",
      "--points",
      "11",
      "--range",
      "0..4",
    );
    expect(values.at(-1)).toBe(4);
    expect(Math.min(...rise)).toBeGreaterThanOrEqual(0);
    const there = await json("scan", "two.json", "--range", `${interval[1]}..5`, "--points", "2");
    expect(there.rise[0]).toBeCloseTo(1, 8);
    expect(best).toBeCloseTo(0.9487, 3);
    expect(there.statuses).toEqual(["converged", "converged"]);
    const plane = await json("scan", "two.json", "--parameter=mu", "--parameter=scale", "--points", "5");
    expect(plane.statuses).toEqual(Array(5).fill(Array(5).fill("converged")));
    expect(plane.parameters).toEqual(["mu", "scale"]);
    expect([plane.values[0].length, plane.rise.length, plane.rise[0].length]).toEqual([5, 5, 5]);
    const line = await json(
      "scan",
      "two.json",
      "--parameter=scale",
      `--range=${plane.values[1][0]}..3`,
      "--points=2",
    );
    expect(Math.min(...plane.rise[0])).toBeGreaterThanOrEqual(line.rise[0] - 1e-9);
  });

  it("pulls and ranking name all parameters", async () => {
    const pulls = await json("pulls", "two.json");
    const names = pulls.parameters.map(({ name }: { name: string }) => name);
    expect(names).toContain("stat_SR[1]");
    expect(pulls.correlation.map((row: number[], i: number) => row[i])).toEqual(
      names.map(() => expect.closeTo(1, 12)),
    );
    const mu = pulls.parameters.find(({ name }: { name: string }) => name === "mu");
    expect([mu.prior, mu.pull]).toEqual([null, null]);
    const ranking = await json("ranking", "two.json");
    expect(ranking.best).toBeCloseTo(mu.best, 12);
    expect(ranking.status).toBe("converged");
    expect(ranking.impacts).toHaveLength(names.length - 1);
    expect(ranking.impacts[0].name).toBe("scale");
    const { out } = await run(["ranking", at("two.json"), "--top", "2"]);
    expect(out.trim().split("\n")).toHaveLength(5);
  });

  it("goodness of fit, significance and yields", async () => {
    const { chi2, ndof, p } = await json("gof", "two.json");
    expect([ndof, p > 0 && p < 1, chi2 > 0]).toEqual([4, true, true]);
    const toys = await json("gof", "two.json", "--toys", "40", "--seed", "3");
    expect(toys).toEqual(await json("gof", "two.json", "--toys", "40", "--seed", "3"));
    expect(toys.toys.p).toBe(toys.toys.chi2.filter((value: number) => value >= chi2).length / 40);
    const toybased = ["cls", at("two.json"), "--calctype", "toybased", "--toys", "100"];
    expect(Object.keys(JSON.parse((await run(toybased)).out))).toEqual(["CLs_exp", "CLs_obs"]);
    const { observed, expected } = await json("significance", "two.json");
    expect(observed.Z).toBeGreaterThan(1);
    expect(expected.p0).toBeCloseTo(0.132, 3);
    const { channels } = await json("yields", "two.json", "--channel", "SR", "--prefit");
    const [sr] = channels;
    expect([channels.length, sr.channel, sr.data]).toEqual([1, "SR", [41, 19, 19]]);
    sr.total.forEach((sum: number, bin: number) => {
      const parts = sr.samples.map(({ values }: { values: number[] }) => values[bin]!);
      expect(sum).toBeCloseTo(parts[0] + parts[1], 12);
    });
    expect(sr.samples.map(({ name }: { name: string }) => name)).toEqual(["background", "signal"]);
  });

  test("pictures and pages", async () => {
    const commands = ["upperlimit", "significance", "scan", "pulls", "ranking", "gof", "yields"];
    for (const name of commands) {
      const args = [
        name,
        "two.json",
        "--plot",
        `${name}.svg`,
        "--html",
        `${name}.html`,
        "--output-file",
        `${name}.json`,
      ];
      const { status, out, err } = await run(placed(args));
      expect(status, name).toBe(0);
      expect(err).toContain(`wrote ${at(`${name}.html`)}, ${at(`${name}.svg`)}`);
      expect(out.length).toBeGreaterThan(20);
      expect(JSON.parse(readFileSync(at(`${name}.json`), "utf8")).schema).toBe(`gradcut.${name}`);
      const svg = readFileSync(at(`${name}.svg`), "utf8");
      expect(svg).toMatch(/^<svg /);
      expect(svg).not.toMatch(/NaN|Infinity|var\(--/);
      expect(readFileSync(at(`${name}.html`), "utf8")).toContain("<figure>");
    }
    expect(existsSync(at("pulls-correlation.svg"))).toBe(true);
    expect(existsSync(at("yields-SR.svg"))).toBe(true);
  });

  test("digits and labels as asked", async () => {
    const pulls = async (...more: string[]) => (await run(["pulls", at("one.json"), ...more])).out;
    const [usual, many] = [await pulls(), await pulls("--digits", "6")];
    const errors = (text: string) =>
      [...text.matchAll(/± (\S+)/g)].map(([, e]) => e!.replace(/^0\.0*|\./g, "").length);
    expect(Math.max(...errors(usual))).toBe(2);
    expect(Math.max(...errors(many))).toBe(6);
    expect((await run(["pulls", at("one.json"), "--digits", "0"])).status).toBe(2);
    const plotted = async (label: string) => {
      await run(["significance", at("one.json"), "--label", label, "--plot", at("label.svg")]);
      return readFileSync(at("label.svg"), "utf8");
    };
    const official = await plotted("ATLAS Internal");
    expect(official).toMatch(/>ATLAS</);
    expect(official).toMatch(/> *Internal</);
    expect(official).not.toMatch(/>gradcut</);
    expect(await plotted("my fit")).toMatch(/>gradcut</);
  });

  test("bad options are refused before anything is computed", async () => {
    const two = at("two.json");
    expect(await failure("upperlimit", two, "--plot", "x.gif")).toContain("must end with .svg, .png or .pdf");
    const odd = await failure("upperlimit", two, "--level", "0.05");
    expect(odd).toContain(
      '--level "0.05": must be a number above 0.5 and below 1, like 0.95; write 0.95 for pyhf\'s level 0.05',
    );
    for (const level of ["0.5", "1", "-0.1", "95"])
      expect(await failure("upperlimit", two, "--level", level)).toMatch(
        /must be a number above 0\.5 and below 1, like 0\.95$/m,
      );
    expect(await failure("scan", two, "--range", "2..1")).toContain("the lower one first");
    expect(await failure("scan", two, "--parameter", "scael")).toContain("did you mean scale?");
    expect(await failure("scan", at("background.json"))).toContain("give --parameter NAME");
    expect(await failure("cls", two, "--test-poi", "one")).toContain("a number");
    expect(await failure("upperlimit", at("background.json"))).toContain("parameter of interest");
  });

  test("help fits 80 columns", async () => {
    const commands = [
      "fit",
      "cls",
      "upperlimit",
      "significance",
      "scan",
      "pulls",
      "ranking",
      "gof",
      "yields",
    ];
    for (const name of commands) {
      const { out } = await run([name, "--help"]);
      expect(out).toContain(`usage: gradcut ${name}`);
      for (const line of out.split("\n")) expect(line.length, line).toBeLessThanOrEqual(80);
    }
  });
});

describe("progress", () => {
  const told = (isTTY: boolean, seconds: number) => {
    let [text, time] = ["", 0];
    const err = { write: (part: string) => (text += part), isTTY };
    const count = counter("fit", 100, { out: err, err }, () => time);
    for (let i = 1; i <= 100; i++) {
      time = (seconds * i) / 100;
      count.update(i);
    }
    count.end();
    return text;
  };

  it("says nothing of what takes less than a second", () => {
    expect([told(true, 0.9), told(false, 0.9)]).toEqual(["", ""]);
  });

  it("rewrites a line on a terminal, and writes few elsewhere", () => {
    const [first, ...others] = told(true, 20).split("\r").filter(Boolean);
    expect(first).toMatch(/^fit 6\/100 {3}19 s left/);
    expect(others).toHaveLength(95);
    expect(told(true, 20)).not.toContain("\n");
    expect(told(false, 20).trim().split("\n")).toHaveLength(4);
  });
});

describe("files to write", () => {
  const workspace = Object.keys(fixture.files).find((name) => {
    const { observations, measurements } = JSON.parse(fixture.files[name]!) as Record<string, unknown>;
    return observations !== undefined && measurements !== undefined;
  })!;

  it.each(["upperlimit", "fit", "cls", "yields", "pulls", "ranking", "scan", "gof", "significance"])(
    "of %s are found unwritable before the work",
    async (command) => {
      const nowhere = join(folder, "absent", "x.json");
      const message = await failure(command, at(workspace), "--output-file", nowhere);
      expect(message).toMatch(/absent.x\.json: There is no such folder; make it first/);
      expect(await failure(command, at(workspace), "--output-file", folder)).toMatch(/This is a directory/);
    },
  );

  it("differ from each other", async () => {
    const named = (...names: string[]) => failure("upperlimit", at(workspace), ...names);
    const picture = at("twice.svg");
    const other = join(folder, ".", "twice.svg");
    expect(await named("--plot", picture, "--plot", other)).toMatch(/--plot goes there too/);
    expect(await named("--plot", picture, "--output-file", picture)).toMatch(/--output-file goes there too/);
    expect(await named("--html", picture, "--plot", picture)).toMatch(/--html goes there too/);
    expect(await named("--html", join(folder, "absent", "x.html"))).toMatch(/There is no such folder/);
    expect(existsSync(picture)).toBe(false);
  });
});
