/** The report of one statistical answer: a single HTML file that opens without a network. */

import { escapeHtml } from "../../text/escape.js";
import { text as aText, list, object, oneOf, pair } from "../kit/checks.js";
import { FigureError } from "../kit/figureerror.js";
import { factList, figure, note, page } from "../kit/html.js";
import type { Theme } from "../kit/theme.js";

/** Rows of text; the first column is names, the others are numbers. */
export interface TextTable {
  heading: string;
  heads: readonly string[];
  rows: readonly (readonly string[])[];
}

/** A figure of a page. */
export interface Drawn {
  /** Part of a file's name. */
  name: string;
  /** Text of a figure, without a theme. */
  svg: string;
  caption?: string;
}

/** What one page tells of an answer. */
export interface AnswerPage {
  title: string;
  /** The answer in one line. */
  summary: string;
  warnings?: readonly string[];
  tables?: readonly TextTable[];
  figures?: readonly Drawn[];
  facts?: readonly (readonly [name: string, value: string])[];
  /** Version of the program. */
  program: string;
  theme?: Theme;
}

/** More rows than this are left out of a page. */
const mostRows = 500;

const texts = list(aText);
const whole = object(
  { title: aText, summary: aText, program: aText },
  {
    warnings: texts,
    tables: list(object({ heading: aText, heads: texts, rows: list(texts) })),
    figures: list(object({ name: aText, svg: aText }, { caption: aText })),
    facts: list(pair(aText)),
    theme: oneOf("auto", "light", "dark"),
  },
);

/**
 * One page of HTML that opens without a network: figures, tables, facts. Every text is escaped; figures stand in it as they
 * are.
 *
 * @throws FigureError where a part is missing or not what it must be
 */
export function answerPage(answer: AnswerPage): string {
  const problem = whole(answer, "page");
  if (problem !== null)
    throw new FigureError("figure.data", `The page cannot be written: ${problem}.`, { figure: "answerPage" });
  const {
    title,
    summary,
    warnings = [],
    tables = [],
    figures = [],
    facts = [],
    program,
    theme = "auto",
  } = answer;
  const drawn = figures.map(({ svg, caption }) => figure(svg, caption));
  const body = [
    `<header><h1>${escapeHtml(title)}</h1><p>${escapeHtml(minus(summary))}</p></header>`,
    note([...warnings]),
    drawn.length > 0 ? `<section><h2>Figures</h2><div class="wide">${drawn.join("")}</div></section>` : "",
    tables.length > 0 ? `<div class="tables">${tables.map(section).join("")}</div>` : "",
    facts.length > 0
      ? `<section><h2>Run</h2>${factList(facts.map(([name, value]) => [name, value]))}</section>`
      : "",
    `<footer>Written by ${escapeHtml(program)}.</footer>`,
  ];
  return page(title, body.filter(Boolean).join("\n"), theme);
}

/** Hyphens before digits become minus signs. */
const minus = (text: string): string => text.replace(/(^|[\s(])-(?=[\d.])/g, "$1−");

function section({ heading, heads, rows }: TextTable): string {
  const cell = (text: string, i: number) =>
    i === 0 ? `<th scope="row">${escapeHtml(text)}</th>` : `<td>${escapeHtml(minus(text))}</td>`;
  const head = heads.map((text) => `<th scope="col">${escapeHtml(text)}</th>`).join("");
  const lines = rows.slice(0, mostRows).map((row) => `<tr>${row.map(cell).join("")}</tr>`);
  const more = rows.length - lines.length;
  const rest = more > 0 ? `<p class="caption">${more} more rows are not shown.</p>` : "";
  return `<section><h2>${escapeHtml(heading)}</h2><div class="scroll"><table><thead><tr>${head}</tr></thead><tbody>${lines.join("")}</tbody></table></div>${rest}</section>`;
}
