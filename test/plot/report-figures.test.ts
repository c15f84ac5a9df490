import { describe, expect, it } from "vitest";
import { columnFigure } from "../../src/plot/figures/column.js";
import { lossCurve } from "../../src/plot/figures/loss.js";
import { planeFigure } from "../../src/plot/figures/plane.js";
import { networkRocFigure, rocCurve, rocFigure } from "../../src/plot/figures/roc.js";
import { networkScoreFigure, scoreFigure } from "../../src/plot/figures/score.js";
import { selectedFigure } from "../../src/plot/figures/selected.js";
import { type ColumnPlot, columnPlot } from "../../src/plot/kit/binning.js";
import { cutColumns, gridOver, levelsKeeping, planeFrame } from "../../src/plot/kit/planeframe.js";
import { interpolate } from "../../src/plot/kit/ranges.js";
import { standalone } from "../../src/plot/kit/theme.js";
import { softStep, turnOns } from "../../src/plot/kit/turnon.js";
import { difference, disagreement, percent } from "../../src/plot/pages/disagreement.js";
import { figureFiles, figures } from "../../src/plot/pages/figurefiles.js";
import { isPlotData, plotData, readJson } from "../../src/plot/plotdata.js";
import type { CutChange, Run, Sample } from "../../src/plot/rundata.js";
import { toyFullReport, toyReport, toyRun, toyStep } from "../kit/toyreport.js";

const count = (text: string, part: string | RegExp) => text.match(new RegExp(part, "g"))?.length ?? 0;
const bad = / (d|transform|x1|y1|x2|y2|cx|cy|points|width|height)="[^"]*(NaN|Infinity)/;

describe("figures of events", () => {
  const data = toyReport(2000);
  const plot = plotData(data);

  it("contours keep 90, 50 and 10 % of the signal", () => {
    const frame = planeFrame(data.samples, data.run.cuts, "x", "y");
    const grid = { ...gridOver(frame, 3, 3), values: Float64Array.of(0, 1, 2, 10, 11, 12, 20, 21, 22) };
    const [x0, x1] = frame.x;
    const [y0, y1] = frame.y;
    expect([grid.x[0], grid.x[2], grid.y[0], grid.y[2]]).toEqual([x0, x1, y0, y1]);
    expect(interpolate(grid, x0 + (x1 - x0) * 0.25, y0 + (y1 - y0) * 0.75)).toBeCloseTo(15.5, 9);
    expect(interpolate(grid, x1, y1)).toBe(22);
    expect(interpolate(grid, x1 + 1, y1)).toBeNaN();
    const { x, y } = data.samples[0]!.columns;
    const levels = levelsKeeping(data.score!, x!, y!, [0.9, 0.5, 0.1]);
    const scores = Array.from(x!, (_, i) => interpolate(data.score!, x![i]!, y![i]!));
    const kept = levels.map((level) => scores.filter((score) => score >= level).length / scores.length);
    kept.forEach((fraction, i) => {
      expect(fraction).toBeCloseTo([0.9, 0.5, 0.1][i]!, 2);
    });
    const svg = planeFigure({ samples: plot.samples, plane: plot.plane!, cuts: data.run.cuts });
    expect(svg).toContain("network, 90, 50, 10 % of signal");
    const given = plotData({ ...data, score: { ...data.score!, levels: [0.5] } });
    const fixed = planeFigure({ samples: given.samples, plane: given.plane!, cuts: {} });
    expect(fixed).toContain("score = 0.5");
    expect(count(fixed, 'aria-label="contour"')).toBe(2);
  });

  it("draws cut lines dashed before and solid after, with what they keep", () => {
    const svg = columnFigure({ samples: plot.samples, ...plot.columns[0]!, cuts: data.run.cuts });
    expect(svg).toContain("x &gt; −1.855");
    expect(count(svg, 'stroke-dasharray="5 4"')).toBe(2); // the line and its legend entry
    expect(count(svg, 'aria-label="arrow"')).toBe(1);
    expect(cutColumns({ ...data.run.cuts, z: { start: 0, end: 1 } })).toEqual(["x", "y"]);
  });

  it("the soft weight: a step, falling for what is kept below, a product for a window", () => {
    const cut = (keeps: "above" | "below", end: number): CutChange => {
      return { column: "x", keeps, start: 0, end, width: { start: 1, end: 0.5 } };
    };
    const at = ({ cuts }: Pick<Run, "cuts">, x: number) => turnOns(cuts, "x", toyStep).map((f) => f(x));
    expect(at({ cuts: { a: cut("above", 2) } }, 2.5)[0]).toBeCloseTo(1 / (1 + Math.exp(-1)), 12);
    expect(at({ cuts: { a: cut("below", 2) } }, 2.5)[0]).toBeCloseTo(1 / (1 + Math.exp(1)), 12);
    expect(at({ cuts: { a: cut("above", 2), b: cut("below", 3) } }, 2.5)).toHaveLength(1);
    expect(at({ cuts: { a: cut("above", 3), b: cut("below", 2) } }, 2.5)).toHaveLength(2);
    expect(softStep(0.5, { distance: [-1, 2], weight: [0, 0.4, 1, 0.9] })).toBeCloseTo(0.7, 12);
    expect([-9, 9].map((z) => softStep(z, toyStep))).toEqual([toyStep.weight[0], toyStep.weight.at(-1)]);
    expect(softStep(Number.NaN, toyStep)).toBeNaN();
    const { width: _, ...without } = cut("above", 2);
    expect(turnOns({ a: without }, "x", toyStep)).toEqual([]);
    expect(turnOns({ a: cut("above", 3) }, "x", undefined)).toEqual([]);
  });

  it("soft and hard in bins with an edge at the cut, and the error of their ratio", () => {
    const x = Float64Array.of(0.1, 0.2, 0.3, 0.4);
    const sample: Sample = {
      name: "s",
      columns: { x },
      weights: Float64Array.of(2, 2, 2, 2),
      soft: Float64Array.of(0.5, 0.9, 1, 1),
      hard: Uint8Array.of(0, 1, 1, 1),
    };
    const cuts: Record<string, CutChange> = { c: { start: 0, end: 0.2, column: "x", keeps: "above" } };
    const { selected } = columnPlot([sample], cuts, "x") as Required<ColumnPlot>;
    const [low, high] = selected.range;
    const edge = ((0.2 - low) / (high - low)) * 40;
    expect(edge).toBeCloseTo(Math.round(edge), 6);
    const { soft, hard, ratioError } = selected.perSample.s!;
    const total = (values: number[]) => values.reduce((a, b) => a + b, 0);
    expect([total(soft), total(hard)]).toEqual([6.8, 6]);
    expect(ratioError.every(Number.isNaN)).toBe(true); // no bin has two events
    const wide = { ...sample, columns: { x: Float64Array.of(1, 1, 1, 1) } };
    const one = (columnPlot([wide], cuts, "x") as Required<ColumnPlot>).selected.perSample.s!;
    const ratio = 6.8 / 6;
    const residuals = [0.5, 0.9 - ratio, 1 - ratio, 1 - ratio].map((r) => 4 * r * r);
    const expected = Math.sqrt((total(residuals) / 36) * (3 / 2));
    expect(one.ratioError.filter(Number.isFinite)[0]).toBeCloseTo(expected, 12);
    expect(columnPlot([{ name: "s", columns: { x } }], cuts, "x").selected).toBeUndefined();
  });
});

describe("network", () => {
  const scores = (...s: number[]) => ({ score: Float64Array.from(s) });

  it("ROC: the area is the probability of the right order, ties count half", () => {
    expect(rocCurve([scores(1, 2)], [scores(-1, 0)])).toEqual({
      background: [0, 0, 0, 0.5, 1],
      signal: [0, 0.5, 1, 1, 1],
      area: 1,
    });
    expect(rocCurve([scores(1, 1)], [scores(1, 1, 1)])!.area).toBe(0.5);
    expect(rocCurve([scores(3, 1)], [scores(2, Number.NaN)])!.area).toBe(0.75);
    const weighted = { ...scores(2, 0), weights: Float64Array.of(3, 1) };
    expect(rocCurve([scores(1)], [weighted])!.area).toBe(0.25);
    expect(rocCurve([scores(1)], [])).toBeUndefined();
  });

  it("draws working points, a log axis for good networks, and scores on either scale", () => {
    const data = toyFullReport(1500);
    const plot = plotData(data);
    const { roc } = plot;
    const rocOf = (run: Run) => networkRocFigure.training.pictures(run, plot)[0]!.data;
    const [scores] = networkScoreFigure.training.pictures(data.run, plot);
    const svg = rocFigure(rocOf(data.run));
    expect(svg).toContain(`area ${roc!.area.toFixed(4)}`);
    expect(svg).toContain("hard cut");
    expect(svg).toContain("cut and network &gt; 0.8");
    expect(svg).toMatch(/10<tspan[^>]*>−1<\/tspan>/);
    expect(rocFigure({ ...rocOf({ ...data.run, expression: "" }), area: 0.9 })).not.toContain("hard cut");
    expect(scoreFigure(scores!.data)).toContain(">0.01</text>");
    expect(scoreFigure({ ...scores!.data, log: false })).toContain(">0.2</text>");
    expect(scoreFigure(scores!.data)).toContain("network output before its sigmoid");
  });
});

describe("loss", () => {
  it("shows held-out events beside the training, and the floor around the last value", () => {
    const { history } = toyFullReport(50).run;
    const svg = lossCurve(history, "loss");
    for (const text of ["training", "held out", "statistical floor"]) expect(svg).toContain(text);
    const { validation: _, floor: __, ...plain } = history;
    expect(lossCurve(plain, "loss")).not.toMatch(/held out|floor/);
    expect(lossCurve({ ...plain, loss: plain.loss.map(() => Number.NaN), floor: 1 }, "loss")).not.toMatch(
      bad,
    );
  });
});

describe("soft against hard", () => {
  const y = (sum: number, error = 1) => ({ sum, error, entries: 1 });

  it("agrees within 1 % and one statistical error, both", () => {
    expect(difference(y(100.5), y(100))).toEqual({ relative: 0.005, errors: 0.5, agrees: true });
    expect(difference(y(102, 1), y(100, 10)).agrees).toBe(false); // 2 %, 0.2 errors
    expect(difference(y(100.5), y(100, 0.1)).agrees).toBe(false); // 0.5 %, 5 errors
    expect(difference(y(1), y(0, 0))).toMatchObject({ relative: Number.POSITIVE_INFINITY, agrees: false });
    expect(difference(y(0), y(0, 0)).agrees).toBe(true);
    expect([0.0321, -0.5, 12, Number.POSITIVE_INFINITY].map(percent)).toEqual([
      "+3.21 %",
      "−50.0 %",
      "+1200 %",
      "∞",
    ]);
  });

  it("says which samples are off and which threshold does it", () => {
    const { run } = toyFullReport(2000, 0.6);
    const text = disagreement(run).join(" ");
    expect(text).toMatch(/signal −[\d.]+ % \([\d.]+ statistical errors?\), background /);
    expect(text).toMatch(/Most comes from x(Min|Max)\.$/);
    expect(disagreement({ ...run, expression: "" })).toEqual([]);
  });
});

describe("files of figures", () => {
  const data = toyFullReport(300);

  it("have names of files, from plot.json as from the events", async () => {
    const plot = plotData(data);
    const drawn = figures(data.run, plot);
    expect(Object.keys(drawn).join(" ")).toBe(
      "loss threshold-xMin threshold-xMax threshold-yMin plane column-x selected-x column-y selected-y score roc",
    );
    for (const svg of Object.values(drawn)) expect(svg).not.toMatch(bad);
    const back = readJson(JSON.stringify({ plot, run: data.run })) as { plot: unknown; run: Run };
    if (!isPlotData(back.plot)) throw new Error("not a plot.json");
    expect(figures(back.run, back.plot)).toEqual(drawn);
    expect(Object.keys(figures(data.run))).toHaveLength(4);
    expect([isPlotData(null), isPlotData({ schema: "gradcut.result", version: 1 })]).toEqual([false, false]);
    const files = await figureFiles(data.run, undefined, { theme: "auto" });
    expect(Object.keys(files)[0]).toBe("loss.svg");
    expect(files["loss.svg"]).toContain("prefers-color-scheme");
    const odd: Record<string, CutChange> = {
      "a/b": { start: 0, end: 1, column: "abs(x)/2", keeps: "above" },
      "A b": { start: 0, end: 1 },
      a_b: { start: 0, end: 1 },
    };
    const samples = data.samples.map((s) => ({ ...s, columns: { "abs(x)/2": s.columns.x! } }));
    const run = toyRun(odd, samples);
    const names = Object.keys(figures(run, plotData({ ...data, run, samples })));
    expect(names.slice(0, 6).join(" ")).toBe(
      "loss threshold-a_b threshold-A_b-2 threshold-a_b-3 column-abs_x_2 selected-abs_x_2",
    );
  });

  it("survive empty samples, constant columns, infinite numbers and negative weights", () => {
    const cuts: Record<string, CutChange> = {
      a: {
        start: Number.NaN,
        end: Number.POSITIVE_INFINITY,
        column: "x",
        keeps: "above",
        width: { start: 0, end: 0 },
      },
      b: { start: 0, end: 5, column: "y", keeps: "below", width: { start: 1, end: Number.NaN } },
    };
    const empty = { x: new Float64Array(), y: new Float64Array() };
    const none = new Float64Array();
    const samples: Sample[] = [
      { name: "signal", columns: empty, soft: none, hard: none, score: none },
      {
        name: "background",
        columns: { x: Float64Array.of(Number.NaN, 1), y: Float64Array.of(5, 5) },
        weights: Float64Array.of(-1, 0.5),
        soft: Float64Array.of(0, 1),
        hard: Uint8Array.of(0, 1),
        score: Float64Array.of(Number.NEGATIVE_INFINITY, Number.NaN),
      },
    ];
    const run = toyRun(cuts, samples);
    for (const [name, svg] of Object.entries(figures(run, plotData({ ...data, run, samples }))))
      expect(svg, name).not.toMatch(bad);
  });

  it("stand alone in both themes, or in the colours of one", () => {
    const svg = selectedFigure({
      samples: ["signal"],
      column: "x",
      selected: plotData(data).columns[0]!.selected!,
    });
    const auto = standalone(svg);
    expect(auto).toMatch(/^<svg [^>]*xmlns="http:\/\/www\.w3\.org\/2000\/svg"[^>]*><style>/);
    expect(auto).toContain("--ink:");
    expect(auto).toContain("prefers-color-scheme:dark");
    expect(standalone(svg, "light")).not.toMatch(/var\(|currentColor/);
    expect(standalone(svg, "dark")).toContain('height="100%" fill="#14161a"');
  });
});
