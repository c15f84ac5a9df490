// The fixtures of the gallery: GRADCUT_FIXTURES=write npx vitest run test/plot/gallery.test.ts makes them anew, of toy events and
// of answers of the program about a toy workspace.

import { gridOver, planeFrame } from "../../src/plot/kit/planeframe.js";
import { picturesOf } from "../../src/plot/pages/pictures.js";
import { plotData } from "../../src/plot/plotdata.js";
import type { ReportData, Run } from "../../src/plot/rundata.js";
import { run } from "./clirun.js";
import { documentOf } from "./statcases.js";
import { toyFullReport } from "./toyreport.js";

type Json = Record<string, unknown>;

/** Two channels of four bins with nine parameters of four types. */
function workspace() {
  const norm = (name: string, size: number) => ({
    name,
    type: "normsys",
    data: { hi: 1 + size, lo: 1 - size },
  });
  const stat = (name: string, data: readonly number[]) => ({ name, type: "staterror", data });
  const shape = (name: string, up: readonly number[], down: readonly number[]) => ({
    name,
    type: "histosys",
    data: { hi_data: up, lo_data: down },
  });
  const mu = { name: "mu", type: "normfactor", data: null };
  const free = { name: "top_scale", type: "normfactor", data: null };
  const signal = [
    { name: "SR", samples: [{ name: "signal", data: [2, 5, 9, 6], modifiers: [mu, norm("lumi", 0.02)] }] },
  ];
  const sr = [
    ...signal[0]!.samples,
    {
      name: "top",
      data: [40, 25, 12, 4],
      modifiers: [free, shape("jet energy scale", [43, 26, 12.2, 4], [37, 24, 11.6, 3.9])],
    },
    {
      name: "Z + jets",
      data: [30, 18, 9, 5],
      modifiers: [norm("Z cross-section", 0.12), norm("lumi", 0.02), stat("mc_SR", [2, 1.5, 1, 0.8])],
    },
    { name: "other", data: [4, 3, 2, 1], modifiers: [norm("other cross-sections", 0.3)] },
  ];
  const cr = [
    { name: "top", data: [120, 160, 90, 40], modifiers: [free] },
    { name: "Z + jets", data: [20, 22, 12, 6], modifiers: [norm("Z cross-section", 0.12)] },
  ];
  const channels = [
    { name: "SR", samples: sr },
    { name: "top CR", samples: cr },
  ];
  const seen = [
    [81, 48, 31, 15],
    [131, 190, 99, 45],
  ];
  return JSON.stringify(documentOf(channels, seen));
}

const input = async () => workspace();
async function answer(...args: string[]): Promise<Json> {
  const { out, err, status } = await run([...args, "--json"], { input });
  if (status !== 0) throw new Error(err);
  return JSON.parse(out) as Json;
}

/** A training with everything that figures show. */
export function fullReport(): ReportData {
  const report = toyFullReport(1200);
  const { cuts } = report.run;
  const axes = gridOver(planeFrame(report.samples, cuts, "x", "y"), 40, 40);
  const values = Float64Array.from({ length: 1600 }, (_, k) => {
    const [u, v] = [axes.x[k % 40]! - 1.5, axes.y[Math.floor(k / 40)]! - 2];
    return (u * u + v * v) / 18 - (0.5 * u * u - 0.4 * u * v + 0.5 * v * v) / 0.42 + 1.5;
  });
  const bins = (sum: number[]) => ({
    sum,
    error: sum.map((n) => 0.3 * Math.sqrt(n)),
    entries: sum.map((n) => Math.round(10 * n)),
  });
  const expected = { cls: 0.03, limit: 0.8, significance: 2.4, uncertainty: 0.4, asimov: 2.6 };
  const histogram: Run["histogram"] = {
    ...{ ...expected, before: expected, name: "score", edges: [0, 0.2, 0.4, 0.6, 0.8, 0.9, 1] },
    objective: { name: "cls", soft: 0.031, hard: 0.0302 },
    signal: bins([0.4, 1, 2.2, 4.1, 5.2, 7.9]),
    background: bins([310, 120, 61, 30, 9, 4.5]),
  };
  const score = { ...axes, values, note: "mass at 91.2 (the signal's median)" };
  return { ...report, run: { ...report.run, histogram }, score };
}

/** Data of the figures of a training, by the names of their files. */
function ofTraining(): Json {
  const report = fullReport();
  const { run } = report;
  const few = report.samples.map((s) => ({
    ...s,
    columns: { x: s.columns.x!.subarray(0, 200), y: s.columns.y!.subarray(0, 200) },
  }));
  const { plane } = plotData({ ...report, samples: few });
  const events = plotData(report);
  const found: Json = {};
  for (const { figure, of, data } of picturesOf(run, plane ? { ...events, plane } : events)) {
    if (!Object.hasOwn(found, figure)) found[figure] = data;
    else if (of === "yMin" || of === "y") found[`${figure}.other`] = data;
  }
  const score = found.score as Json;
  const roc = found.roc as { background: number[]; signal: number[]; points: object[] };
  return {
    ...found,
    "score.linear": { ...score, log: false },
    "roc.linear": { ...roc, signal: roc.signal.map((s, i) => 0.5 * (s + roc.background[i]!)), area: 0.62 },
  };
}

async function ofAnswers(): Promise<Json> {
  const limit = await answer("upperlimit", "--points", "41");
  const scan = limit.scan as Record<string, unknown>;
  const brazil = {
    ...{ poi: limit.poi, values: scan.values, observed: scan.CLs_obs, expected: scan.CLs_exp },
    ...{ level: limit.level, limit: { observed: limit.observed, expected: limit.expected } },
  };
  const observed = scan.CLs_obs as number[];
  const components = {
    clsb: observed.map((c, i) => c * (0.9 - 0.01 * i)),
    clb: observed.map((_, i) => 0.9 - 0.01 * i),
  };
  const along = await answer("scan", "--points", "31");
  const { parameter, values, rise, best, uncertainty, interval } = along;
  const over = await answer("scan", "--parameter", "mu", "--parameter", "top_scale", "--points", "21");
  const [xs, ys] = over.values as [number[], number[]];
  const [bx, by] = over.best as [number, number];
  const pulls = await answer("pulls");
  type Parameter = { name: string; pull: number | null; constraint: number | null };
  const constrained = (pulls.parameters as Parameter[]).filter(({ pull }) => pull !== null);
  const ranking = await answer("ranking");
  type Impact = Record<"prefitDown" | "prefitUp" | "postfitDown" | "postfitUp", number> & {
    name: string;
    pull: number | null;
  };
  const goodness = await answer("gof", "--toys", "200");
  const yields = (await answer("yields")).channels as Json[];
  const [sr, cr] = yields.map(({ total: _, ...channel }) => channel) as [Json, Json];
  const names = (pulls.parameters as Parameter[]).map(({ name }) => name);
  return {
    brazil,
    "brazil.log": { ...brazil, log: true },
    "brazil.components": { ...brazil, components },
    "brazil.expected": { ...brazil, observed: null, limit: { observed: null, expected: limit.expected } },
    profile: { parameter, values, rise, best, uncertainty, interval },
    contour: {
      x: { parameter: "mu", values: xs, best: bx },
      y: { parameter: "top_scale", values: ys, best: by },
      rise: (over.rise as number[][]).flat(),
    },
    pulls: {
      pulls: constrained.map(({ name, pull, constraint }) => ({
        name,
        pull,
        error: [constraint, constraint],
      })),
    },
    correlation: { names, values: (pulls.correlation as number[][]).flat() },
    "correlation.few": {
      names: names.slice(0, 3),
      values: (pulls.correlation as number[][]).slice(0, 3).flatMap((row) => row.slice(0, 3)),
    },
    ranking: {
      poi: "mu",
      impacts: (ranking.impacts as Impact[]).map((i) => ({
        ...{ name: i.name, pull: i.pull ?? 0, error: [0.9, 0.9], free: i.pull === null },
        prefit: i.pull === null ? null : [i.prefitDown, i.prefitUp],
        postfit: [i.postfitDown, i.postfitUp],
      })),
    },
    goodness: {
      name: "−2 log λ, saturated model",
      ...{ observed: goodness.chi2, pValue: goodness.p, degrees: goodness.ndof },
      toys: (goodness.toys as { chi2: number[] }).chi2,
    },
    "goodness.q0": { name: "q0", observed: 2.9, pValue: 0.0443, degrees: 1, fraction: 0.5 },
    yields: { ...sr, when: "after the fit" },
    exclusion: {
      ...{ x: "m(A) [GeV]", y: "m(B) [GeV]", level: 0.95 },
      // Heavier signals are rarer, and those along the diagonal are soft; points do not stand on a grid.
      points: Array.from({ length: 90 }, (_, i) => {
        const x = 300 + 90 * (i % 10) + 17 * ((i * 7) % 3);
        const y = 40 + (x - 80) * (Math.floor(i / 10) / 9) ** 1.3;
        const cls = (shift: number) => 0.05 * Math.exp((x - 820) / 90 + 3 * Math.exp((y - x) / 70) + shift);
        return { x, y, observed: cls(-0.3), expected: [-2.2, -1.2, 0, 1.3, 2.4].map(cls) };
      }),
    },
    "yields.log": { ...cr, when: "before the fit", log: true },
  };
}

/** Text of the files by name: every figure has one, and more where data can be of another kind. */
export async function figureData(): Promise<Record<string, string>> {
  const all: Json = { ...ofTraining(), ...(await ofAnswers()) };
  const text = (data: unknown) =>
    `${JSON.stringify(data, (_, value: unknown) => (typeof value === "number" ? Number(value.toPrecision(5)) : value))}\n`;
  return Object.fromEntries(Object.entries(all).map(([name, data]) => [`${name}.json`, text(data)]));
}
