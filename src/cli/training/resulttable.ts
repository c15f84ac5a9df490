/**
 * The table at the end of a training: thresholds, yields and significances, before and after, in plain text.
 */

import type {
  Expected,
  HistogramResult,
  Run,
  SampleYields,
  Significance,
  Yield,
} from "../../plot/rundata.js";
import { fixedDigits, significant, withError } from "../../text/numbertext.js";
import { onOneLine } from "../../text/printable.js";

const width = 80;

/** Rows of cells as lines: columns as wide as their widest cell, the first `left` of them flush left. */
export function align(cells: string[][], left = 1, gap = 2): string[] {
  const rows = cells.map((row) => row.map(onOneLine));
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, j) =>
    Math.max(...rows.map((row) => [...(row[j] ?? "")].length)),
  );
  const pad = (text: string, j: number) => {
    const space = " ".repeat(widths[j]! - [...text].length);
    return j < left ? text + space : space + text;
  };
  return rows.map((row) =>
    row
      .map((text, j) => pad(text, j))
      .join(" ".repeat(gap))
      .trimEnd(),
  );
}

/** Everything a person wants to know at the end; lines of at most 80 columns for names of usual length. */
export function resultTable(run: Run): string {
  const { objective, history } = run;
  const steps = history.steps[history.steps.length - 1] ?? 0;
  const head = `${objective.name}  ${significant(objective.start, 8)} -> ${significant(objective.end, 8)}  (${steps} steps)`;
  const parts = [
    [head],
    run.histogram ? expectedLines(run.histogram) : [],
    thresholdLines(run),
    [...yieldLines(run), ...aboutNetwork(run)],
    run.histogram ? histogramLines(run.histogram) : [],
    run.expression === "" ? [] : ["selection", ...wrapped(run.expression)],
    run.warnings.map((text) => `warning: ${text}`),
  ];
  return `${parts
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n")}\n`;
}

/** What the hard cut, network and histogram together expect before data are seen, before and after the training. */
function expectedLines({ before, ...after }: HistogramResult): string[] {
  const row = (what: string, key: keyof Expected) => [
    what,
    significant(before[key], 4),
    significant(after[key], 4),
  ];
  return align([
    ["expected, all of it hard", "before", "after"],
    row("upper limit on mu, 95 % CL", "limit"),
    row("significance of mu = 1", "significance"),
    row("CLs of mu = 1", "cls"),
    row("uncertainty of mu", "uncertainty"),
  ]);
}

/** The hard histogram. */
function histogramLines({ name, edges, objective, signal, background }: HistogramResult): string[] {
  const rows = signal.sum.map((s, i) => [
    `${significant(edges[i]!, 4)}..${significant(edges[i + 1]!, 4)}`,
    withError(s, signal.error[i]!),
    withError(background.sum[i]!, background.error[i]!),
    String(background.entries[i]!),
  ]);
  const number = (x: number) => significant(x, 6);
  return [
    ...align([[name, "signal", "background", "background events"], ...rows]),
    `${objective.name}  ${number(objective.soft)} soft, ${number(objective.hard)} hard`,
  ];
}

function thresholdLines({ cuts }: Run): string[] {
  const rows = Object.entries(cuts).map(([name, cut]) => {
    const compared = cut.column !== undefined && cut.keeps !== undefined;
    return [
      name,
      compared ? shortened(`${cut.column} ${cut.keeps === "above" ? ">" : "<"}`, 32) : "",
      significant(cut.start),
      significant(cut.end),
      `${cut.end > cut.start ? "+" : ""}${significant(cut.end - cut.start, 4)}`,
    ];
  });
  return rows.length === 0 ? [] : align([["threshold", "cut", "before", "after", "change"], ...rows], 2, 3);
}

type Counted = Pick<Run, "yields" | "significance" | "network" | "histogram">;

function yieldLines(run: Run): string[] {
  const { yields, validation } = run;
  const samples = Object.entries(yields);
  const rows = [
    ["yield", "", ...samples.map(([name]) => name), "S/√B", "Asimov"],
    ["all", "events", ...samples.map(([, { all }]) => withError(all.sum, all.error))],
    ...selectedRows(run, run.expression !== "", ["before", "after"]),
    // Each part is weighted to stand for all events.
    ...(validation
      ? selectedRows(
          { ...validation, ...(run.histogram ? { histogram: run.histogram } : {}) },
          run.expression !== "",
          [null, "held out"],
        )
      : []),
  ];
  return align(rows, 2, 3);
}

/** The rows of what cut and network select; without a cut, all that could be said before and after is said already. */
function selectedRows(
  { yields, significance, network, histogram }: Counted,
  cut: boolean,
  [before, after]: [string | null, string],
): string[][] {
  const samples = Object.entries(yields);
  const line = (group: string, name: string, counted: Yield[], s: Significance | null) => [
    ...[group, name, ...counted.map((y) => withError(y.sum, y.error))],
    ...(s ? [fixedDigits(s.sOverSqrtB), fixedDigits(s.asimov)] : []),
  ];
  // Those of a histogram are not of the yields in these lines.
  const ofYields = (s: Significance) => (histogram ? null : s);
  const entries = (counted: Yield[]) => ["", "entries", ...counted.map((y) => significant(y.entries, 15))];
  const of = (key: keyof SampleYields) => samples.map(([, y]) => y[key]);
  const rows: string[][] = [];
  if (cut && before !== null)
    rows.push(
      line(before, "soft", of("softBefore"), ofYields(significance.softBefore)),
      line("", "hard", of("before"), ofYields(significance.before)),
      entries(of("before")),
    );
  if (cut)
    rows.push(
      line(after, "soft", of("soft"), ofYields(significance.softAfter)),
      line("", "hard", of("hard"), ofYields(significance.after)),
      entries(of("hard")),
    );
  if (network) {
    const counted = samples.map(([name]) => network.yields[name]!);
    const name = `network > ${significant(network.bound, 3)}`;
    rows.push(line(cut ? "" : after, name, counted, network.significance), entries(counted));
  }
  return rows;
}

/** The objective and the yields count different things where a network is trained. */
function aboutNetwork({ network, expression, objective, validation, histogram }: Run): string[] {
  if (!network) return [];
  const first = histogram
    ? `The objective ${objective.name} is of the histogram of ${histogram.name}.`
    : expression === ""
      ? `The objective ${objective.name} weighs events by the network.`
      : `Soft and hard are the cut alone; the objective ${objective.name} weighs events by cut × network.`;
  const where = validation ? "of the events that trained" : "of these events";
  return ["", first, `The bound on the network is the best for the Asimov significance ${where}.`];
}

/** The terms of a selection, broken at && so that lines fit; a term that is too long keeps its line. */
function wrapped(expression: string): string[] {
  const lines: string[] = [];
  for (const term of expression.split(/ (?=&& )/)) {
    const last = lines[lines.length - 1];
    if (last !== undefined && last.length + term.length + 1 <= width)
      lines[lines.length - 1] = `${last} ${term}`;
    else lines.push(`  ${term}`);
  }
  return lines;
}

function shortened(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 3)}...`;
}
