// The report of one training: a single HTML file that opens without a network.

import { lossCurve, thresholdCurves } from "./curves.js";
import type { ReportData, Run } from "./data.js";
import { escapeHtml } from "./escape.js";
import { columnFrame, columnHistogram, cutColumns, plane } from "./events.js";
import { duration, rate, significant, typeset } from "./format.js";
import { factList, figure, page, thresholdsTable, yieldsTable } from "./html.js";

/** More columns than this get no histogram of their own. */
const mostHistograms = 12;

/** Up to so many threshold curves stand below the loss; more get a section. */
const mostBeside = 2;

/** The report as HTML text. Costs about half a second, most of it loading the plotting library. */
export function report(data: ReportData): string {
  const { run, title, program, theme = "auto" } = data;
  const thresholds = Object.keys(run.cuts).length;
  const section = (heading: string, body: string) =>
    body === "" ? "" : `<section><h2>${heading}</h2>${body}</section>`;
  const body = [
    `<header><h1>${escapeHtml(title)}</h1><p>${escapeHtml(summary(run))}</p></header>`,
    warnings(run.warnings),
    `<div class="tables">`,
    section("Yields", `<div class="scroll">${yieldsTable(run)}</div>`),
    thresholds > 0 ? section("Thresholds", `<div class="scroll">${thresholdsTable(run)}</div>`) : "",
    "</div>",
    section(
      "Trained selection",
      run.expression === "" ? "" : `<pre><code>${escapeHtml(run.expression)}</code></pre>`,
    ),
    section("Training and events", `<div class="wide">${mainFigures(data)}</div>`),
    section("Columns", histograms(data)),
    thresholds > mostBeside ? section("Thresholds against steps", thresholdFigures(run, "small")) : "",
    section("Run", factList(facts(data))),
    `<footer>Written by ${escapeHtml(program)}. Yields: weighted sums ± root of the sum of squared weights. S/√B and the Asimov significance come from the yields in the same line.</footer>`,
  ];
  return page(title, body.filter(Boolean).join("\n"), theme);
}

function summary({ objective, history }: Run): string {
  const steps = history.steps[history.steps.length - 1] ?? 0;
  const number = (x: number) => typeset(significant(x, 8));
  return `${objective.name}: ${number(objective.start)} → ${number(objective.end)} in ${steps} steps`;
}

function warnings(lines: string[]): string {
  if (lines.length === 0) return "";
  return `<div class="note">${lines.map((line) => `<p>${escapeHtml(line)}</p>`).join("")}</div>`;
}

/** The columns that some sample can show. */
function drawable({ run, samples }: ReportData): string[] {
  return cutColumns(run.cuts).filter((name) =>
    samples.some((sample) => (sample.columns[name]?.length ?? 0) > 0),
  );
}

function thresholdFigures({ history, cuts }: Run, layout: "small" | "pair"): string {
  const size = layout === "pair" ? { width: 270, height: 210 } : { width: 400, height: 250 };
  const figures = thresholdCurves(history, cuts, size).map((svg) => `<figure>${svg}</figure>`);
  return figures.length === 0 ? "" : `<div class="${layout}">${figures.join("")}</div>`;
}

/** The plane, or the histogram of the only column that is cut on; beside it the loss and few thresholds. */
function mainFigures(data: ReportData): string {
  const { run, samples, score } = data;
  const curves = [
    figure(lossCurve(run.history, run.objective.name, "training"), "The objective at the recorded steps."),
  ];
  if (Object.keys(run.cuts).length <= mostBeside) curves.push(thresholdFigures(run, "pair"));
  const beside = `<div>${curves.join("")}</div>`;
  const columns = drawable(data);
  const axes = data.plane ?? (columns.length > 1 ? { x: columns[0]!, y: columns[1]! } : undefined);
  const entries = Object.values(run.yields).reduce((n, y) => n + y.all.entries, 0);
  const common = { samples, cuts: run.cuts, text: `${entries} events` };
  if (axes)
    return (
      figure(plane({ ...common, ...axes, ...(score ? { score } : {}) }), planeCaption(data, axes)) + beside
    );
  const [column] = columns;
  if (column === undefined) return beside;
  return figure(columnHistogram({ ...common, column }), histogramCaption(data, [column])) + beside;
}

function planeCaption(data: ReportData, axes: { x: string; y: string }): string {
  const sentences = ["Events, thinned to at most 1200 of each sample; arrows point to what a cut keeps."];
  if (data.score && !data.score.levels)
    sentences.push(
      `Thicker contours keep less: 90, 50 and 10 % of the ${data.samples[0]?.name ?? "signal"} in the frame scores higher.`,
    );
  if (data.score?.note) sentences.push(`Network score with ${data.score.note}.`);
  return sentences.concat(outside(data, [axes.x, axes.y])).join(" ");
}

function histogramCaption(data: ReportData, columns: string[]): string {
  return ["All events, unit area; arrows point to what a cut keeps.", ...outside(data, columns)].join(" ");
}

/** A sentence for every start or end far outside the data, where the figure cannot show its line. */
function outside({ run, samples }: ReportData, columns: string[]): string[] {
  const said: string[] = [];
  for (const [name, cut] of Object.entries(run.cuts)) {
    if (cut.column === undefined || !columns.includes(cut.column)) continue;
    const [low, high] = columnFrame(samples, cut.column, run.cuts);
    const far = (["start", "end"] as const).filter((when) => cut[when] < low || cut[when] > high);
    for (const when of far)
      said.push(
        `${name} ${when === "start" ? "before" : "after"} = ${significant(cut[when])} is outside the frame.`,
      );
  }
  return said;
}

function histograms(data: ReportData): string {
  const columns = drawable(data);
  if (columns.length < 2) return "";
  const drawn = columns.slice(0, mostHistograms);
  const { samples, run } = data;
  const size = { width: 400, height: 290 };
  const figures = drawn.map(
    (column) => `<figure>${columnHistogram({ samples, cuts: run.cuts, column, size })}</figure>`,
  );
  const more = columns.length - drawn.length;
  const caption = histogramCaption(data, drawn) + (more > 0 ? ` ${more} more columns are not drawn.` : "");
  return `<div class="small">${figures.join("")}</div><p class="caption">${escapeHtml(caption)}</p>`;
}

function facts({ run, facts: extra = [], program }: ReportData): [string, string][] {
  const { timing, history, seed } = run;
  return [
    ["steps", String(history.steps[history.steps.length - 1] ?? 0)],
    ["training", duration(timing.train)],
    ["whole run", duration(timing.total)],
    ["speed", `${rate(timing.eventsPerSecond)} events/s`],
    ...Object.entries(run.yields).map(([name, y]): [string, string] => [
      `${name} events`,
      String(y.all.entries),
    ]),
    ["seed", String(seed)],
    ...extra,
    ["version", program],
  ];
}
