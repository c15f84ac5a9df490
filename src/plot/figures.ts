// Every figure of a run by name, for files of their own.

import { columnFigure, selectedFigure } from "./columns.js";
import { lossCurve, thresholdCurve } from "./curves.js";
import type { Run } from "./data.js";
import { histogramFigure } from "./histogram.js";
import { rocFigure, scoreFigure } from "./network.js";
import { type Labels, planeFigure } from "./plane.js";
import type { PlotData } from "./plotdata.js";

/**
 * The figures as SVG text for `standalone` or `pngWriter`, in the order of a report. Names can be names of files:
 * loss, histogram, threshold-NAME, plane, column-COLUMN, selected-COLUMN, score, roc. Without `plot` only the first three kinds.
 */
export function figures(run: Run, plot?: PlotData, labels: Labels = {}): Record<string, string> {
  const drawn: Record<string, string> = {};
  const add = (name: string, svg: string) => {
    drawn[freeName(fileName(name), drawn)] = svg;
  };
  add("loss", lossCurve(run.history, run.objective.name, "training"));
  if (run.histogram) add("histogram", histogramFigure(run.histogram));
  for (const [name, cut] of Object.entries(run.cuts))
    add(`threshold-${name}`, thresholdCurve(run.history, name, cut, { width: 560, height: 350 }));
  if (!plot) return drawn;
  const { samples, plane, score, roc, softStep } = plot;
  if (plane) add("plane", planeFigure({ samples, plane }, run.cuts, labels));
  for (const shown of plot.columns) {
    add(`column-${shown.column}`, columnFigure(samples, shown, { cuts: run.cuts, softStep }, labels));
    if (shown.selected)
      add(`selected-${shown.column}`, selectedFigure(samples, shown.column, shown.selected, labels));
  }
  if (score) add("score", scoreFigure(samples, score, run, labels));
  if (roc) add("roc", rocFigure(roc, run, labels));
  return drawn;
}

/** Letters, digits, `_`, `-` and `.` only: `abs(eta)` becomes abs_eta. */
function fileName(name: string): string {
  return name
    .replace(/[^A-Za-z0-9_.-]+/g, "_")
    .replace(/_+$/, "")
    .slice(0, 100);
}

/** `name`, or with a number where another figure has it; file systems may take upper and lower case as the same. */
function freeName(name: string, taken: Record<string, string>): string {
  const used = new Set(Object.keys(taken).map((key) => key.toLowerCase()));
  let free = name;
  for (let i = 2; used.has(free.toLowerCase()); i++) free = `${name}-${i}`;
  return free;
}
