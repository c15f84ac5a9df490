import { describe, expect, it } from "vitest";
import { report } from "../../src/plot/pages/report.js";
import { cutflowTable, softAgainstHardTable } from "../../src/plot/pages/reporttables.js";
import type { CutChange, ReportData } from "../../src/plot/rundata.js";
import { toyFullReport, toyReport, toyRun, toySamples } from "../kit/toyreport.js";

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
    expect(text).not.toContain("soft weight");
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

  it("shows all it can be given: cutflow, soft against hard, held-out events, columns in pairs, network", () => {
    const data = toyFullReport(400);
    const text = report(data);
    expect(count(text, "<svg ")).toBe(1 + 1 + 2 * 2 + 2 + 3); // plane, loss, columns, network, thresholds
    for (const part of ["Cutflow", "Soft against hard", "Yields of held-out events", "Network"])
      expect(text).toContain(`<h2>${part}</h2>`);
    for (const part of ["soft weight", "soft / hard", "held out", "statistical floor", "hard cut", "area 0."])
      expect(text).toContain(part);
    expect(text).not.toMatch(/NaN|undefined|n\/a/);
    const one = report({
      ...data,
      samples: data.samples.map((s) => ({ ...s, columns: { x: s.columns.x! } })),
    });
    expect(count(one, "<svg ")).toBe(2 + 1 + 2 + 3); // the column twice, loss, network, thresholds
  });

  it("warns in a box where soft and hard disagree, and only there", () => {
    const wide = toyFullReport(2000, 0.6);
    expect(report(wide)).toMatch(/role="note"><p><strong>Soft and hard disagree<\/strong>/);
    const narrow = toyFullReport(300, 1e-9);
    expect(report(narrow)).not.toContain('role="note"');
    expect(report(narrow)).not.toContain('class="off"');
  });

  it("tables: a cutflow with entries, yields and both efficiencies; soft against hard by threshold", () => {
    const y = (sum: number, entries: number) => ({ sum, error: Math.sqrt(sum), entries });
    const steps = [
      { label: "all events", perSample: { s: y(200, 2000) } },
      { label: "pt > 20 && <b>", perSample: { s: y(100, 1000) } },
      { label: "eta < 2", perSample: { s: y(25, 250) } },
    ];
    const flow = cutflowTable(steps, ["s"]);
    const cells = [...flow.matchAll(/<tr><th scope="row".*?<\/tr>/g)].map(([line]) =>
      [...line.matchAll(/>([^<]+)</g)].map(([, text]) => text),
    );
    expect(cells).toEqual([
      ["all events", "2000", "200 ± 14"],
      ["pt &gt; 20 &amp;&amp; &lt;b&gt;", "1000", "100 ± 10", "50.00 %", "50.00 %"],
      ["eta &lt; 2", "250", "25.0 ± 5.0", "25.00 %", "12.50 %"],
    ]);
    const { run } = toyFullReport(2000);
    const table = softAgainstHardTable(run);
    for (const head of ["none: the hard cut", "only xMin", "only xMax", "only yMin", "all: the soft cut"])
      expect(table).toContain(`<th scope="row">${head}</th>`);
  });
});
