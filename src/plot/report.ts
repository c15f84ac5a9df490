// The report of one training: a single HTML file that opens without a network.

import { disagreement } from "./agree.js";
import { columnFigure, selectedFigure } from "./columns.js";
import { lossCurve, thresholdCurve } from "./curves.js";
import type { ReportData, Run } from "./data.js";
import { escapeHtml } from "./escape.js";
import { duration, rate, significant, typeset } from "./format.js";
import { histogramFigure } from "./histogram.js";
import { factList, figure, note, page } from "./html.js";
import { rocFigure, scoreFigure } from "./network.js";
import { planeFigure } from "./plane.js";
import { frameOf, type PlotData, plotData } from "./plotdata.js";
import { cutflowTable, expectedTable, softAgainstHardTable, thresholdsTable, yieldsTable } from "./tables.js";
import { turnOns } from "./turnon.js";

/** More columns than this get no figures of their own. */
const mostColumns = 12;

/** More thresholds than this get no curves. */
const mostThresholds = 64;

/** Up to so many threshold curves stand below the loss; more get a section. */
const mostBeside = 2;

/**
 * The report as HTML text. `plot` is `plotData(data)`, where the caller has it already. Costs about half a second,
 * most of it loading the plotting library.
 */
export function report(data: ReportData, plot: PlotData = plotData(data)): string {
  const { run, title, program, theme = "auto" } = data;
  const thresholds = Object.keys(run.cuts).length;
  const { validation, cutflow = [] } = run;
  const heldOut = validation && {
    expression: run.expression,
    ...(run.histogram ? { histogram: run.histogram } : {}),
    ...validation,
  };
  const body = [
    `<header><h1>${escapeHtml(title)}</h1><p>${escapeHtml(summary(run))}</p></header>`,
    run.histogram ? section("Expected, before and after", scroll(expectedTable(run.histogram))) : "",
    note(disagreement(run), "Soft and hard disagree"),
    note(run.warnings),
    `<div class="tables">`,
    section("Yields", scroll(yieldsTable(run))),
    heldOut ? section("Yields of held-out events", scroll(yieldsTable(heldOut))) : "",
    thresholds > 0 ? section("Thresholds", scroll(thresholdsTable(run))) : "",
    "</div>",
    section(
      "Trained selection",
      run.expression === "" ? "" : `<pre><code>${escapeHtml(run.expression)}</code></pre>`,
    ),
    section("Cutflow", cutflow.length > 0 ? scroll(cutflowTable(cutflow, Object.keys(run.yields))) : ""),
    section("Soft against hard", run.expression === "" ? "" : softAgainstHard(run)),
    section("Training and events", `<div class="wide">${mainFigures(data, plot)}</div>`),
    section("Histogram", histogram(run)),
    section("Columns", columns(data, plot)),
    section("Network", network(data, plot)),
    thresholds > mostBeside ? section("Thresholds against steps", thresholdFigures(run, "small")) : "",
    section("Run", factList(facts(data))),
    `<footer>Written by ${escapeHtml(program)}. Yields: weighted sums ± root of the sum of squared weights. S/√B and the Asimov significance come from the yields in the same line.${networkNote(run)}</footer>`,
  ];
  return page(title, body.filter(Boolean).join("\n"), theme);
}

const section = (heading: string, body: string): string =>
  body === "" ? "" : `<section><h2>${heading}</h2>${body}</section>`;
const scroll = (table: string): string => `<div class="scroll">${table}</div>`;
const caption = (text: string): string => `<p class="caption">${escapeHtml(text)}</p>`;

function summary({ objective, history }: Run): string {
  const steps = history.steps[history.steps.length - 1] ?? 0;
  const number = (x: number) => typeset(significant(x, 8));
  return `${objective.name}: ${number(objective.start)} → ${number(objective.end)} in ${steps} steps`;
}

/** What the yields count where a network is trained too. */
function networkNote({ network, expression, objective, histogram }: Run): string {
  if (!network) return "";
  if (histogram)
    return " The bound on the network's output is the best for the Asimov significance of these events.";
  const what = expression === "" ? "the network" : "cut × network";
  const alone = expression === "" ? "" : " Soft and hard yields are those of the cut alone.";
  return `${alone} The objective ${escapeHtml(objective.name)} weighs events by ${what}; the bound on the network's output is the best for the Asimov significance of these events.`;
}

function softAgainstHard(run: Run): string {
  const each = run.softAgainstHard?.length
    ? " A line of a threshold has only its step soft and everything else hard."
    : "";
  const text = `Trained cut. Errors are the statistical ones of the hard yield; what is off by more than one of them or 1 % stands out.${each}`;
  return scroll(softAgainstHardTable(run)) + caption(text);
}

function thresholdFigures({ history, cuts }: Run, layout: "small" | "pair"): string {
  const size = layout === "pair" ? { width: 270, height: 210 } : { width: 400, height: 250 };
  const all = Object.entries(cuts);
  const drawn = all
    .slice(0, mostThresholds)
    .map(([name, cut]) => figure(thresholdCurve(history, name, cut, size)));
  const more = all.length - drawn.length;
  const rest = more > 0 ? caption(`${more} more thresholds are not drawn.`) : "";
  return drawn.length === 0 ? "" : `<div class="${layout}">${drawn.join("")}</div>${rest}`;
}

/** The plane, or the figures of the only column that is cut on; beside it the loss and few thresholds. */
function mainFigures(data: ReportData, plot: PlotData): string {
  const { run } = data;
  const { history } = run;
  const sentences = ["The objective at the recorded steps."];
  if (history.floor !== undefined)
    sentences.push("Differences smaller than the band are within the statistics of the events.");
  const curves = [figure(lossCurve(history, run.objective.name, "training"), sentences.join(" "))];
  if (Object.keys(run.cuts).length <= mostBeside) curves.push(thresholdFigures(run, "pair"));
  const beside = `<div>${curves.join("")}</div>`;
  const { samples, plane } = plot;
  const labels = { text: `${Object.values(run.yields).reduce((n, y) => n + y.all.entries, 0)} events` };
  if (plane)
    return figure(planeFigure({ samples, plane }, run.cuts, labels), planeCaption(data, plot)) + beside;
  const [column] = plot.columns;
  if (column === undefined) return beside;
  const shown = figure(
    columnFigure(samples, column, { cuts: run.cuts, softStep: plot.softStep }, labels),
    columnCaption(data, plot, [column.column]),
  );
  const { selected } = column;
  const below = selected ? figure(selectedFigure(samples, column.column, selected), selectedCaption) : "";
  return `<div class="stack">${shown}${below}</div>${beside}`;
}

function planeCaption(data: ReportData, plot: PlotData): string {
  const { x, y, score } = plot.plane!;
  const sentences = ["Events, thinned to at most 1200 of each sample; arrows point to what a cut keeps."];
  if (score?.kept)
    sentences.push(
      `Thicker contours keep less: 90, 50 and 10 % of the ${plot.samples[0] ?? "signal"} in the frame scores higher.`,
    );
  if (score?.note) sentences.push(`Network score with ${score.note}.`);
  return sentences.concat(outside(data, plot, [x, y])).join(" ");
}

const selectedCaption =
  "Events that the trained cut keeps, as a fraction of the hard yield of their sample; bars are the statistical error of the ratio on the same events, triangles lie outside.";

function columnCaption(data: ReportData, plot: PlotData, names: string[]): string {
  const soft = names.some((name) => turnOns(data.run.cuts, name, plot.softStep).length > 0);
  return [
    "All events, unit area; arrows point to what a cut keeps.",
    ...(soft ? ["The soft weight is that of the cuts on this column, trained."] : []),
    ...outside(data, plot, names),
  ].join(" ");
}

/** A sentence for every start or end far outside the data, where the figure cannot show its line. */
function outside({ run }: ReportData, plot: PlotData, names: string[]): string[] {
  const said: string[] = [];
  for (const [name, cut] of Object.entries(run.cuts)) {
    if (cut.column === undefined || !names.includes(cut.column)) continue;
    const frame = frameOf(plot, cut.column);
    const far = (["start", "end"] as const).filter(
      (when) => frame && (cut[when] < frame[0] || cut[when] > frame[1]),
    );
    for (const when of far)
      said.push(
        `${name} ${when === "start" ? "before" : "after"} = ${significant(cut[when])} is outside the frame.`,
      );
  }
  return said;
}

/** Two figures a column, in pairs, or small ones where the soft weights of events are not known. */
function columns(data: ReportData, plot: PlotData): string {
  const { samples, columns: all, softStep } = plot;
  if (all.length === 0 || (all.length === 1 && !plot.plane)) return "";
  const { run } = data;
  const drawn = all.slice(0, mostColumns);
  const pairs = drawn.some((c) => c.selected);
  const size = pairs ? { width: 560, height: 400 } : { width: 400, height: 290 };
  const figures = drawn.map((column) => {
    const shown = figure(columnFigure(samples, column, { cuts: run.cuts, softStep }, { size }));
    if (!pairs) return shown;
    const { selected } = column;
    return (
      shown + (selected ? figure(selectedFigure(samples, column.column, selected, { size })) : "<div></div>")
    );
  });
  const more = all.length - drawn.length;
  const sentences = [
    columnCaption(
      data,
      plot,
      drawn.map((c) => c.column),
    ),
    ...(pairs ? [`Second figure: ${selectedCaption[0]!.toLowerCase()}${selectedCaption.slice(1)}`] : []),
    ...(more > 0 ? [`${more} more columns are not drawn.`] : []),
  ];
  return `<div class="${pairs ? "wide" : "small"}">${figures.join("")}</div>${caption(sentences.join(" "))}`;
}

function histogram({ histogram: found }: Run): string {
  if (!found) return "";
  const { objective } = found;
  const number = (x: number) => typeset(significant(x, 4));
  const text = `Hard histogram; hatched: its statistical error. ${objective.name}: ${number(objective.soft)} soft, ${number(objective.hard)} hard. workspace.json has its model.`;
  return `<div class="wide">${figure(histogramFigure(found), text)}</div>`;
}

function network({ run }: ReportData, { samples, score, roc }: PlotData): string {
  const drawn: string[] = [];
  if (score)
    drawn.push(
      figure(scoreFigure(samples, score, run), "All events before the cut, unit area, logarithmic."),
    );
  if (roc)
    drawn.push(
      figure(
        rocFigure(roc, run),
        "Weighted efficiencies of a bound on the score, of all events before the cut.",
      ),
    );
  return drawn.length === 0 ? "" : `<div class="wide">${drawn.join("")}</div>`;
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
