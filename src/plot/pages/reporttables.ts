/** The tables of a report as HTML. Every text from outside passes through `escapeHtml`. */

import { escapeHtml } from "../../text/escape.js";
import { fixedDigits, significant, typeset, withError } from "../../text/numbertext.js";
import type {
  CutflowStep,
  Expected,
  HistogramResult,
  Run,
  SampleYields,
  Significance,
  WorkingPoint,
  Yield,
} from "../rundata.js";
import { difference, percent } from "./disagreement.js";

const number = (x: number, digits = 6): string => typeset(significant(x, digits));
const cell = (html: string, kind = ""): string => `<td${kind && ` class="${kind}"`}>${html}</td>`;
const row = (cells: string[], attributes = ""): string => `<tr${attributes}>${cells.join("")}</tr>`;
const rowHead = (html: string): string => `<th scope="row">${html}</th>`;
const yieldText = ({ sum, error }: Yield): string => typeset(withError(sum, error));

/** A table with `texts` left-aligned columns at the start; `groups` are heads over the columns after the first. */
function table(
  heads: string[],
  rows: string[],
  texts = 1,
  groups?: { name: string; span: number }[],
): string {
  const head = (html: string, i: number) => `<th scope="col"${i < texts ? ' class="text"' : ""}>${html}</th>`;
  const above = groups
    ? row(
        [
          "<td></td>",
          ...groups.map((g) => `<th scope="colgroup" colspan="${g.span}">${escapeHtml(g.name)}</th>`),
        ],
        ' class="groups"',
      )
    : "";
  return `<table><thead>${above}${row(heads.map(head))}</thead><tbody>${rows.join("")}</tbody></table>`;
}

/** Each threshold before and after. */
export function thresholdsTable(run: Run): string {
  const rows = Object.entries(run.cuts).map(([name, cut]) => {
    const sign = cut.keeps === "above" ? ">" : cut.keeps === "below" ? "<" : "";
    const what = cut.column === undefined || sign === "" ? "" : `${cut.column} ${sign} ${name}`;
    return row([
      rowHead(escapeHtml(name)),
      cell(escapeHtml(what), "text"),
      cell(number(cut.start)),
      cell(number(cut.end)),
      cell(typeset(signed(cut.end - cut.start))),
    ]);
  });
  return table(["threshold", "in the cut", "before", "after", "change"], rows, 2);
}

function signed(x: number): string {
  return x > 0 ? `+${significant(x, 4)}` : significant(x, 4);
}

/** What the hard cut, network and histogram together expect before data are seen, before and after the training. */
export function expectedTable({ before, ...after }: HistogramResult): string {
  const line = (what: string, key: keyof Expected, attributes = "") =>
    row(
      [rowHead(what), ...[before, after].map((found) => cell(typeset(significant(found[key], 4))))],
      attributes,
    );
  return table(
    ["expected of a signal at μ = 1, all of it hard", "before", "after"],
    [
      line("upper limit on μ, 95 % CL", "limit", ' class="strong"'),
      line("discovery significance", "significance", ' class="strong"'),
      line("CLs", "cls"),
      line("uncertainty of μ", "uncertainty"),
      line("Asimov significance of the bins", "asimov", ' class="faint"'),
    ],
  );
}

/** Yields of every sample and the significances, soft against hard, before and after. */
export function yieldsTable(
  run: Pick<Run, "yields" | "significance" | "network" | "expression" | "histogram">,
): string {
  const samples = Object.entries(run.yields);
  const { softBefore, before, softAfter, after } = run.significance;
  const { network } = run;
  const line = (head: string, values: string[], attributes = "") =>
    row([rowHead(head), ...values.map((v) => cell(v))], attributes);
  const sums = (pick: (y: SampleYields) => Yield) => samples.map(([, y]) => yieldText(pick(y)));
  const both = (s: Significance) => [typeset(fixedDigits(s.sOverSqrtB)), typeset(fixedDigits(s.asimov))];
  // Those of a histogram are not of the yields in these lines.
  const ofYields = (values: string[]) => (run.histogram ? ["", ""] : values);
  const ratio = (a: number, b: number) => (Number.isFinite(a / b) ? typeset((a / b).toFixed(4)) : "");
  const group = (
    name: string,
    soft: keyof SampleYields,
    hard: keyof SampleYields,
    s: typeof before,
    h: typeof before,
  ) => [
    line(`${name}, soft`, [...sums((y) => y[soft]), ...ofYields(both(s))], ' class="first"'),
    line(`${name}, hard`, [...sums((y) => y[hard]), ...ofYields(both(h))], ' class="strong"'),
    line(
      "soft / hard",
      [
        ...samples.map(([, y]) => ratio(y[soft].sum, y[hard].sum)),
        ...ofYields([ratio(s.sOverSqrtB, h.sOverSqrtB), ratio(s.asimov, h.asimov)]),
      ],
      ' class="faint"',
    ),
    line("entries, hard", [...samples.map(([, y]) => number(y[hard].entries, 15)), "", ""], ' class="faint"'),
  ];
  const cutLines = [
    ...group("before", "softBefore", "before", softBefore, before),
    ...group("after", "soft", "hard", softAfter, after),
  ];
  const networkLines = ({ bound, yields, significance }: WorkingPoint) => [
    line(
      `${run.expression === "" ? "" : "after, hard, "}network &gt; ${number(bound, 3)}`,
      [...samples.map(([name]) => yieldText(yields[name]!)), ...both(significance)],
      ' class="first strong"',
    ),
    line(
      "entries, hard",
      [...samples.map(([name]) => number(yields[name]!.entries, 15)), "", ""],
      ' class="faint"',
    ),
  ];
  return table(
    ["yield", ...samples.map(([name]) => escapeHtml(name)), "S/√B", "Asimov"],
    [
      line("all events", [...sums((y) => y.all), "", ""]),
      ...(run.expression === "" ? [] : cutLines),
      ...(network ? networkLines(network) : []),
    ],
  );
}

/** What is left after each cut: entries, weighted yields, and efficiencies of this cut and of all so far. */
export function cutflowTable(cutflow: CutflowStep[], samples: string[]): string {
  const none: Yield = { sum: Number.NaN, error: Number.NaN, entries: Number.NaN };
  const efficiency = (part: number, whole: number) =>
    Number.isFinite(part / whole) ? typeset(`${fixedDigits((100 * part) / whole, 4)} %`) : "";
  const rows = cutflow.map(({ label, perSample }, i) => {
    const cells = samples.flatMap((name) => {
      const [here, before, all] = [cutflow[i], cutflow[i - 1], cutflow[0]].map(
        (s) => s?.perSample[name] ?? none,
      );
      return [
        cell(number(here!.entries, 15), "group"),
        cell(yieldText(perSample[name] ?? none)),
        cell(i === 0 ? "" : efficiency(here!.sum, before!.sum)),
        cell(i === 0 ? "" : efficiency(here!.sum, all!.sum)),
      ];
    });
    return row([
      i === 0 ? rowHead(escapeHtml(label)) : `<th scope="row" class="code">${escapeHtml(label)}</th>`,
      ...cells,
    ]);
  });
  return table(
    ["after", ...samples.flatMap(() => ["entries", "yield", "this cut", "so far"])],
    rows,
    1,
    samples.map((name) => ({ name, span: 4 })),
  );
}

/** Soft against hard yields of the trained cut: one threshold soft at a time, and all together. */
export function softAgainstHardTable(run: Run): string {
  const samples = Object.keys(run.yields);
  const line = (head: string, perSample: Record<string, { soft: Yield; hard: Yield }>, attributes = "") => {
    const cells = samples.flatMap((name) => {
      const pair = perSample[name];
      if (!pair) return ["", "", ""].map((text, i) => cell(text, i === 0 ? "group" : ""));
      const { relative, errors, agrees } = difference(pair.soft, pair.hard);
      const kind = agrees ? "" : "off";
      return [
        cell(yieldText(pair.soft), "group"),
        cell(percent(relative), kind),
        cell(Number.isFinite(errors) ? errors.toFixed(2) : number(errors), kind),
      ];
    });
    return row([rowHead(head), ...cells], attributes);
  };
  const hard = samples.flatMap((name) => [
    cell(yieldText(run.yields[name]!.hard), "group"),
    cell(""),
    cell(""),
  ]);
  return table(
    ["soft step", ...samples.flatMap(() => ["yield", "off by", "in errors"])],
    [
      row([rowHead("none: the hard cut"), ...hard], ' class="strong"'),
      ...(run.softAgainstHard ?? []).map(({ threshold, perSample }) =>
        line(`only ${escapeHtml(threshold)}`, perSample),
      ),
      line("all: the soft cut", run.yields, ' class="first strong"'),
    ],
    1,
    samples.map((name) => ({ name, span: 3 })),
  );
}
