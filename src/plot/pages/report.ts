/** The report of one training: a single HTML file that opens without a network. */

import { escapeHtml } from "../../text/escape.js";
import { duration, rate, significant, typeset } from "../../text/numbertext.js";
import type { Labels, Section } from "../figures/figure.js";
import { figures } from "../figures/index.js";
import { factList, figure, note, page } from "../kit/html.js";
import { type PlotData, plotData } from "../plotdata.js";
import type { ReportData, Run } from "../rundata.js";
import { disagreement } from "./disagreement.js";
import { picturesOf, type RunPicture } from "./pictures.js";
import {
  cutflowTable,
  expectedTable,
  softAgainstHardTable,
  thresholdsTable,
  yieldsTable,
} from "./reporttables.js";

/** More columns than this get no figures of their own. */
const mostColumns = 12;

/** More thresholds than this get no curves. */
const mostThresholds = 64;

/** Up to so many threshold curves stand below the loss; more get a section. */
const mostBeside = 2;

/** The report as HTML text. `plot` is `plotData(data)`, where the caller has it already. */
export function report(data: ReportData, plot: PlotData = plotData(data)): string {
  const { run, title, program, theme = "auto" } = data;
  const pictures = picturesOf(run, plot);
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
    section("Training and events", `<div class="wide">${mainFigures(run, pictures)}</div>`),
    section("Histogram", wide(inSection(pictures, "histogram"))),
    section("Columns", columnFigures(pictures)),
    section("Network", wide(inSection(pictures, "network"))),
    thresholds > mostBeside
      ? section("Thresholds against steps", thresholdFigures(inSection(pictures, "thresholds"), "small"))
      : "",
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

type Drawn = readonly RunPicture[];

const svgOf = ({ figure: name, data }: RunPicture, labels?: Labels): string =>
  figures[name].draw(data, labels);
const sentencesOf = (pictures: Drawn): string[] => [
  ...new Set(pictures.flatMap(({ figure: name, data }) => figures[name].caption(data))),
];
const captioned = (picture: RunPicture, labels?: Labels): string =>
  figure(svgOf(picture, labels), sentencesOf([picture]).join(" "));

/** The pictures of one section. */
const inSection = (pictures: Drawn, section: Section): Drawn => pictures.filter((p) => p.section === section);

function thresholdFigures(thresholds: Drawn, layout: "small" | "pair"): string {
  const size = layout === "pair" ? { width: 270, height: 210 } : { width: 400, height: 250 };
  const shown = thresholds.slice(0, mostThresholds).map((picture) => figure(svgOf(picture, { size })));
  const more = thresholds.length - shown.length;
  const rest = more > 0 ? caption(`${more} more thresholds are not drawn.`) : "";
  return shown.length === 0 ? "" : `<div class="${layout}">${shown.join("")}</div>${rest}`;
}

/** The plane, or the figures of the only column that is cut on; beside it the training and few thresholds. */
function mainFigures({ yields }: Run, pictures: Drawn): string {
  const curves = inSection(pictures, "training").map((picture) => captioned(picture));
  const thresholds = inSection(pictures, "thresholds");
  if (thresholds.length <= mostBeside) curves.push(thresholdFigures(thresholds, "pair"));
  const beside = `<div>${curves.join("")}</div>`;
  const text = `${Object.values(yields).reduce((n, y) => n + y.all.entries, 0)} events`;
  const plane = inSection(pictures, "plane");
  if (plane.length > 0) return plane.map((picture) => captioned(picture, { text })).join("") + beside;
  const [column] = columnsOf(pictures);
  if (!column) return beside;
  const stack = column.map((picture, i) => captioned(picture, i === 0 ? { text } : {}));
  return `<div class="stack">${stack.join("")}</div>${beside}`;
}

/** The figures of each column. */
function columnsOf(pictures: Drawn): Drawn[] {
  const found = inSection(pictures, "columns");
  return [...new Set(found.map(({ of }) => of))].map((of) => found.filter((picture) => picture.of === of));
}

const ordinals = ["First", "Second", "Third", "Fourth"];

/** The figures of a column side by side, or small ones where each has but one. */
function columnFigures(pictures: Drawn): string {
  const all = columnsOf(pictures);
  if (all.length === 0 || (all.length === 1 && inSection(pictures, "plane").length === 0)) return "";
  const shown = all.slice(0, mostColumns);
  const kinds = [...new Set(shown.flat().map((picture) => picture.figure))];
  const size = kinds.length > 1 ? { width: 560, height: 400 } : { width: 400, height: 290 };
  const cells = shown.flatMap((column) =>
    kinds.map((kind) => {
      const picture = column.find((p) => p.figure === kind);
      return picture ? figure(svgOf(picture, { size })) : "<div></div>";
    }),
  );
  const said = kinds.flatMap((kind, i) => {
    const sentences = sentencesOf(shown.flat().filter((picture) => picture.figure === kind));
    const [first = "", ...rest] = sentences;
    return i === 0
      ? sentences
      : [`${ordinals[i] ?? `${i + 1}th`} figure: ${first[0]?.toLowerCase()}${first.slice(1)}`, ...rest];
  });
  const more = all.length - shown.length;
  if (more > 0) said.push(`${more} more columns are not drawn.`);
  return `<div class="${kinds.length > 1 ? "wide" : "small"}">${cells.join("")}</div>${caption(said.join(" "))}`;
}

const wide = (pictures: Drawn): string =>
  pictures.length === 0
    ? ""
    : `<div class="wide">${pictures.map((picture) => captioned(picture)).join("")}</div>`;

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
