import { describe, expect, it } from "vitest";
import { progress } from "../src/cli/progress.js";
import { type Result, toJson, toResult } from "../src/cli/result.js";
import { align, resultTable } from "../src/cli/table.js";
import { lossCurve, thresholdCurves } from "../src/plot/curves.js";
import type { CutChange, ReportData } from "../src/plot/data.js";
import {
  columnHistogram,
  cutColumns,
  gridOver,
  levelsKeeping,
  plane,
  planeFrame,
} from "../src/plot/events.js";
import { duration, fixedDigits, rate, significant, withError } from "../src/plot/format.js";
import { binned, columnRange, decimate, interpolate, thin, ticks, tickText } from "../src/plot/numbers.js";
import { report } from "../src/plot/report.js";
import { standalone } from "../src/plot/theme.js";
import { toyReport, toyRun, toySamples } from "./toyreport.js";

const count = (text: string, part: string | RegExp) => text.match(new RegExp(part, "g"))?.length ?? 0;

function oneColumn(cut: CutChange): ReportData {
  const samples = toySamples(500).map(({ name, columns }) => ({ name, columns: { x: columns.x! } }));
  return { title: "one cut", run: toyRun({ c: cut }, samples), samples, program: "gradcut 0.1.0" };
}

describe("report", () => {
  const html = report(toyReport(500));

  it("loads nothing and runs nothing", () => {
    expect(html).toContain("default-src 'none'");
    expect(html.replaceAll('xmlns="http://www.w3.org/2000/svg"', "")).not.toMatch(/https?:|\/\/[a-z]/);
    expect(html).not.toMatch(/<script|<link|<img|<iframe|@import|url\((?!#clip-)|\son\w+=/i);
  });

  it("holds tables, selection, loss, plane with contours, and run facts", () => {
    for (const text of [
      "x &gt; -1.8545 &amp;&amp; y &gt; -1.8163",
      "S/√B",
      "Asimov",
      "softmax loss",
      "after, hard",
    ])
      expect(html).toContain(text);
    for (const text of ["−1.8545", "4.19 M events/s", "38 s", "adam, rate 0.002", "gradcut 0.1.0"])
      expect(html).toContain(text);
    expect(count(html, 'aria-label="contour"')).toBe(6); // three levels, each with its casing
    expect(count(html, "<svg ")).toBe(1 + 1 + 2 + 2); // plane, loss, thresholds, columns
  });

  it("gives every clip path an id of its own, and the same text for the same data", () => {
    const ids = [...html.matchAll(/<clipPath id="([^"]+)"/g)].map((match) => match[1]);
    expect(ids.length).toBeGreaterThan(0);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [, used] of html.matchAll(/clip-path="url\(#([^)]+)\)"/g)) expect(ids).toContain(used);
    expect(report(toyReport(500))).toBe(html);
  });

  it("escapes what it did not write itself", () => {
    const evil = `<img src=x onerror="alert(1)">&'`;
    const data = toyReport(200);
    const samples = data.samples.map((s) => ({
      name: evil + s.name,
      columns: { [evil]: s.columns.x!, y: s.columns.y! },
    }));
    const cuts: Record<string, CutChange> = {
      [`${evil}a`]: { start: 0, end: 1, column: evil, keeps: "above" },
      b: { start: 0, end: 1, column: "y", keeps: "below" },
    };
    const run = { ...toyRun(cuts, samples), warnings: [evil], objective: { name: evil, start: 1, end: 0 } };
    const text = report({
      title: evil,
      run,
      samples,
      facts: [[evil, evil]],
      score: { ...data.score!, note: evil },
      program: evil,
    });
    expect(text).not.toContain("<img");
    expect(text.match(/<[^>"]*\sonerror/)).toBeNull();
    expect(text).toContain("&lt;img src=x onerror=");
    expect(text).not.toMatch(/&(?!amp;|lt;|gt;|quot;|#39;)/);
  });

  it("draws a histogram instead of a plane for one column, and says what lies outside", () => {
    const text = report(oneColumn({ start: 60, end: 0.83, column: "x", keeps: "above" }));
    expect(count(text, "<svg ")).toBe(3);
    expect(text).toContain("fraction per bin");
    expect(text).not.toContain('aria-label="contour"');
    expect(text).toContain("c before = 60 is outside the frame");
  });

  it("leaves out the contour without a network and the event figures without columns", () => {
    const { score: _, ...data } = toyReport(300);
    expect(report(data)).not.toContain('aria-label="contour"');
    const bare = report({ ...data, samples: [] });
    expect(count(bare, "<svg ")).toBe(3);
    const cutless = report({ ...data, run: toyRun({}, data.samples) });
    expect(count(cutless, "<svg ")).toBe(1);
    expect(cutless).not.toContain("Trained selection");
  });

  it("draws many thresholds, on more columns than have histograms", () => {
    const [signal, background] = toySamples(200);
    const columns = (s: typeof signal) =>
      Object.fromEntries(
        Array.from({ length: 15 }, (_, i) => [`c${i}`, i % 2 ? s.columns.y! : s.columns.x!]),
      );
    const samples = [signal, background].map((s) => ({ name: s.name, columns: columns(s) }));
    const cuts: Record<string, CutChange> = {};
    for (let i = 0; i < 15; i++)
      cuts[`t${i}`] = { start: 0, end: 1, column: `c${i}`, keeps: i % 2 ? "below" : "above" };
    const text = report({ title: "many", run: toyRun(cuts, samples), samples, program: "p" });
    expect(count(text, "<svg ")).toBe(2 + 12 + 15);
    expect(text).toContain("3 more columns are not drawn");
  });

  it("survives empty tables, constant columns and numbers that are none", () => {
    const cuts: Record<string, CutChange> = {
      a: { start: Number.NaN, end: Number.POSITIVE_INFINITY, column: "x", keeps: "above" },
      b: { start: 0, end: 0, column: "y", keeps: "below" },
      c: { start: 1, end: 2 },
    };
    const samples = [
      { name: "signal", columns: { x: new Float64Array(), y: new Float64Array() } },
      { name: "background", columns: { x: Float64Array.of(Number.NaN, 1), y: Float64Array.of(5, 5) } },
    ];
    const run = toyRun(cuts, samples);
    run.history.loss.fill(Number.NaN);
    const text = report({ title: "odd", run, samples, program: "p" });
    expect(text).not.toMatch(/ (d|transform|x1|y1)="[^"]*(NaN|Infinity)/);
  });

  it("follows the system's colours, or the theme that is asked for", () => {
    expect(html).toContain("prefers-color-scheme:dark");
    expect(html).toMatch(/<html lang="en">/);
    expect(report({ ...oneColumn({ start: 0, end: 1 }), theme: "dark" })).toContain('data-theme="dark"');
    expect(html).not.toMatch(/(fill|stroke)="(black|white|#)/);
  });
});

describe("figures", () => {
  const data = toyReport(2000);

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
    const svg = plane({ samples: data.samples, cuts: data.run.cuts, x: "x", y: "y", score: data.score! });
    expect(svg).toContain("network, 90, 50, 10 % of signal");
    const fixed = plane({
      samples: data.samples,
      cuts: {},
      x: "x",
      y: "y",
      score: { ...data.score!, levels: [0.5] },
    });
    expect(fixed).toContain("score = 0.5");
    expect(count(fixed, 'aria-label="contour"')).toBe(2);
  });

  it("draws cut lines dashed before and solid after, with what they keep", () => {
    const svg = columnHistogram({ samples: data.samples, cuts: data.run.cuts, column: "x" });
    expect(svg).toContain("x &gt; −1.855");
    expect(count(svg, 'stroke-dasharray="5 4"')).toBe(2); // the line and its legend entry
    expect(count(svg, 'aria-label="arrow"')).toBe(1);
    expect(cutColumns({ ...data.run.cuts, z: { start: 0, end: 1 } })).toEqual(["x", "y"]);
  });

  it("are files of their own", () => {
    const svg = standalone(lossCurve(data.run.history, "loss"));
    expect(svg).toMatch(/^<svg [^>]*xmlns="http:\/\/www\.w3\.org\/2000\/svg"[^>]*><style>/);
    expect(svg).toContain("--ink:");
    expect(thresholdCurves(data.run.history, data.run.cuts)).toHaveLength(2);
  });

  it("axes: round ticks, robust ranges, points that keep spikes", () => {
    expect(ticks([-0.11, 0.52], 5)).toEqual({
      major: [-0.1, 0, 0.1, 0.2, 0.3, 0.4, 0.5],
      minor: expect.arrayContaining([0.32, -0.02]) as number[],
      step: 0.1,
    });
    expect(ticks([0, 2000], 5).major).toEqual([0, 500, 1000, 1500, 2000]);
    expect([tickText(-0.5, 0.5), tickText(3, 1), tickText(450500, 500), tickText(1e-20, 0.1)]).toEqual([
      "−0.5",
      "3",
      "450500",
      "0.0",
    ]);
    const column = Float64Array.from({ length: 1001 }, (_, i) => i / 10);
    column[0] = -1e9;
    const [low, high] = columnRange([column], [60, 5000]);
    expect(low).toBeGreaterThan(-5);
    expect(high).toBeLessThan(110);
    const steps = Array.from({ length: 10000 }, (_, i) => i);
    const spiked = decimate(
      steps,
      steps.map((i) => (i === 7777 ? 99 : 0)),
    );
    expect(spiked.length).toBeLessThan(700);
    expect(spiked).toContainEqual([7777, 99]);
    expect(spiked[0]).toEqual([0, 0]);
    expect(spiked[spiked.length - 1]).toEqual([9999, 0]);
    const frame = { x: [0, 50] as [number, number], y: [0, 50] as [number, number] };
    expect(thin(column, column, frame, 100)).toHaveLength(100);
    expect([
      ...binned(Float64Array.of(0, 0.9, 1, 2, Number.NaN), Float64Array.of(1, 2, 4, 8, 16), [0, 2], 2),
    ]).toEqual([3, 4]);
  });
});

describe("numbers as text", () => {
  it("two digits of the error, and the value to the same place", () => {
    expect(withError(25114.3, 158.4)).toBe("25114 ± 158");
    expect(withError(12.34567, 0.0345)).toBe("12.346 ± 0.035");
    expect(withError(1.8e-121, 4.8e-122)).toBe("1.8e-121 ± 4.8e-122");
    expect(withError(0, 0)).toBe("0 ± 0");
    expect(withError(Number.NaN, 1)).toBe("n/a ± 1");
  });

  it("significances, rates and times", () => {
    expect([216.6123, 3.13579, 0.012345, 0, 1.2e-5].map((x) => fixedDigits(x))).toEqual([
      "216.61",
      "3.1358",
      "0.0123",
      "0.0000",
      "1.2e-5",
    ]);
    expect([significant(24.37128381), significant(Number.POSITIVE_INFINITY), significant(-0.5)]).toEqual([
      "24.3713",
      "inf",
      "-0.5",
    ]);
    expect([rate(3.42e6), rate(512), rate(Number.NaN)]).toEqual(["3.42 M", "512", "-"]);
    expect([0.84, 42.3, 185, 7800].map(duration)).toEqual(["0.8 s", "42 s", "3 min 05 s", "2 h 10 min"]);
  });
});

describe("result table", () => {
  it("fits 80 columns and shows soft beside hard, before and after", () => {
    const text = resultTable(toyReport(4000).run);
    expect(text.split("\n").every((line) => line.length <= 80)).toBe(true);
    expect(text).toMatch(/^softmax loss {2}450602\.62 -> 448089\.3 {2}\(2000 steps\)\n/);
    expect(text).toMatch(/\nx +x > +1 +-1\.8545 +-2\.854\n/);
    expect(text).toMatch(/\nbefore +soft +\d+ ± \d+ +\d+ ± \d+ +[\d.]+ +[\d.]+\n +hard +\d+ ± \d+/);
    expect(text).toContain("\nselection\n  x > -1.8545 && y > -1.8163\n");
  });

  it("breaks a long selection at &&, and adds warnings", () => {
    const run = {
      ...toyReport(50).run,
      expression: Array(9).fill("abs(eta) < 2.4").join(" && "),
      warnings: ["stuck"],
    };
    const text = resultTable(run);
    expect(text.split("\n").every((line) => line.length <= 80)).toBe(true);
    expect(text.replace(/\n {2}&&/g, " &&")).toContain(run.expression);
    expect(text).toMatch(/\nwarning: stuck\n$/);
  });

  it("aligns texts left and numbers right", () => {
    expect(
      align([
        ["a", "1.5 ± 1"],
        ["long", "2"],
      ]),
    ).toEqual(["a     1.5 ± 1", "long        2"]);
  });
});

describe("result.json", () => {
  it("reads back to the same bits", () => {
    const run = toyReport(50).run;
    run.cuts.x!.end = -0;
    run.cuts.y!.end = 0.1 + 0.2;
    const result: Result = toResult(run, "0.1.0");
    const text = toJson(result);
    const back = JSON.parse(text) as Result;
    expect(back).toEqual(result);
    expect(back.cuts.y!.end).toBe(0.1 + 0.2);
    expect(Object.is(back.cuts.x!.end, -0)).toBe(true);
    expect([back.schema, back.version, Object.keys(back.yields)[0]]).toEqual(["gradcut.result", 1, "signal"]);
    expect(text.split("\n").length).toBeLessThan(140);
  });

  it("is JSON for whatever it gets", () => {
    const value = {
      a: [],
      b: {},
      c: [[1, 2], [3]],
      d: Float64Array.of(0.5, Number.NaN),
      e: Number.NaN,
      f: undefined,
      g: "\n",
    };
    expect(JSON.parse(toJson(value))).toEqual({
      a: [],
      b: {},
      c: [[1, 2], [3]],
      d: [0.5, null],
      e: null,
      g: "\n",
    });
  });
});

describe("progress", () => {
  function run(isTTY: boolean, seconds: number, steps = 1000, last = steps) {
    const lines: string[] = [];
    let time = 5;
    const stream = { isTTY, columns: 80, write: (text: string) => lines.push(text) };
    const shown = progress({ steps, events: 1e6, stream, now: () => time });
    for (let step = 1; step <= last; step++) {
      time = 5 + (seconds * step) / steps;
      shown.update(step, 1234.5 - step);
    }
    shown.end();
    shown.end();
    return lines;
  }

  it("rewrites one line on a terminal and ends it", () => {
    const lines = run(true, 10);
    expect(lines.length).toBeGreaterThan(50);
    expect(lines.length).toBeLessThan(110);
    expect(lines.slice(0, -1).every((line) => line.startsWith("\r") && line.length < 85)).toBe(true);
    expect(lines[lines.length - 1]).toBe("\n");
    expect(lines[lines.length - 2]).toContain("step 1000/1000   loss 234.50000   100 M events/s   10 s");
  });

  it("writes few plain lines elsewhere, the last state always", () => {
    const lines = run(false, 60);
    expect(lines).toHaveLength(10);
    expect(lines[4]).toBe("step  500/1000   loss 734.50000   16.7 M events/s   30 s left\n");
    expect(run(false, 0.5)).toEqual(["step 1000/1000   loss 234.50000   2.00 G events/s   0.5 s\n"]);
    expect(run(false, 3600).length).toBeLessThanOrEqual(121);
    expect(run(false, 3600).length).toBeGreaterThan(100);
    expect(run(false, 10, 1000, 0)).toEqual([]);
  });
});
