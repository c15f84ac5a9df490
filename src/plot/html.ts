// The tables and the page around the figures. Every text from outside passes through `escapeHtml`.

import type { Run, SampleYields, Yield } from "./data.js";
import { escapeHtml } from "./escape.js";
import { fixedDigits, significant, typeset, withError } from "./format.js";
import { fontFamily, themeCss } from "./theme.js";

const number = (x: number, digits = 6): string => typeset(significant(x, digits));
const cell = (html: string, tag = "td"): string => `<${tag}>${html}</${tag}>`;
const row = (cells: string[], attributes = ""): string => `<tr${attributes}>${cells.join("")}</tr>`;

/** Each threshold before and after, as an HTML table. */
export function thresholdsTable(run: Run): string {
  const rows = Object.entries(run.cuts).map(([name, cut]) => {
    const sign = cut.keeps === "above" ? ">" : cut.keeps === "below" ? "<" : "";
    const what = cut.column === undefined || sign === "" ? "" : `${cut.column} ${sign} ${name}`;
    return row([
      `<th scope="row">${escapeHtml(name)}</th>`,
      `<td class="text">${escapeHtml(what)}</td>`,
      cell(number(cut.start)),
      cell(number(cut.end)),
      cell(typeset(signed(cut.end - cut.start))),
    ]);
  });
  return `<table><thead>${row(["threshold", "in the cut", "before", "after", "change"].map((t, i) => `<th scope="col"${i < 2 ? ' class="text"' : ""}>${t}</th>`))}</thead><tbody>${rows.join("")}</tbody></table>`;
}

function signed(x: number): string {
  return x > 0 ? `+${significant(x, 4)}` : significant(x, 4);
}

/** Yields of every sample and the significances, soft against hard, before and after, as an HTML table. */
export function yieldsTable(run: Run): string {
  const samples = Object.entries(run.yields);
  const { softBefore, before, softAfter, after } = run.significance;
  const line = (head: string, values: string[], attributes = "") =>
    row([`<th scope="row">${head}</th>`, ...values.map((v) => cell(v))], attributes);
  const sums = (pick: (y: SampleYields) => Yield) =>
    samples.map(([, y]) => typeset(withError(pick(y).sum, pick(y).error)));
  const both = (s: { sOverSqrtB: number; asimov: number }) => [
    typeset(fixedDigits(s.sOverSqrtB)),
    typeset(fixedDigits(s.asimov)),
  ];
  const ratio = (a: number, b: number) => (Number.isFinite(a / b) ? typeset((a / b).toFixed(4)) : "");
  const group = (
    name: string,
    soft: keyof SampleYields,
    hard: keyof SampleYields,
    s: typeof before,
    h: typeof before,
  ) => [
    line(`${name}, soft`, [...sums((y) => y[soft]), ...both(s)], ' class="first"'),
    line(`${name}, hard`, [...sums((y) => y[hard]), ...both(h)], ' class="strong"'),
    line(
      "soft / hard",
      [
        ...samples.map(([, y]) => ratio(y[soft].sum, y[hard].sum)),
        ratio(s.sOverSqrtB, h.sOverSqrtB),
        ratio(s.asimov, h.asimov),
      ],
      ' class="faint"',
    ),
    line("entries, hard", [...samples.map(([, y]) => number(y[hard].entries, 15)), "", ""], ' class="faint"'),
  ];
  const heads = ["yield", ...samples.map(([name]) => escapeHtml(name)), "S/√B", "Asimov"];
  return `<table><thead>${row(heads.map((t, i) => `<th scope="col"${i === 0 ? ' class="text"' : ""}>${t}</th>`))}</thead><tbody>${[
    line("all events", [...sums((y) => y.all), "", ""]),
    ...group("before", "softBefore", "before", softBefore, before),
    ...group("after", "soft", "hard", softAfter, after),
  ].join("")}</tbody></table>`;
}

/** Name and value pairs as an HTML description list. */
export function factList(facts: [name: string, value: string][]): string {
  return `<dl>${facts.map(([name, value]) => `<div><dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd></div>`).join("")}</dl>`;
}

/** A figure with its caption. `svg` is trusted (draw.ts escapes), the caption is not. */
export function figure(svg: string, caption: string): string {
  return `<figure>${svg}<figcaption>${escapeHtml(caption)}</figcaption></figure>`;
}

const style = `${themeCss(":root")}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 ${fontFamily}}
main{max-width:1180px;margin:0 auto;padding:36px 28px 64px}
header{border-bottom:1px solid var(--rule);padding-bottom:14px;margin-bottom:8px}
h1{font-size:25px;line-height:1.25;margin:0;font-weight:700}
header p{margin:4px 0 0;color:var(--faint)}
h2{font-size:16px;margin:34px 0 10px;font-weight:700}
.tables{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,470px),1fr));gap:0 44px;align-items:start}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums;border-top:1.5px solid var(--ink);border-bottom:1.5px solid var(--ink)}
th,td{padding:4px 0 4px 12px;text-align:right;white-space:nowrap;font-weight:400}
th:first-child,.text{text-align:left}
th:first-child{padding-left:0}
thead th{font-weight:700;border-bottom:1px solid var(--ink)}
tr.first>*{border-top:1px solid var(--rule)}
tr.strong>*{font-weight:700}
tr.faint>*{color:var(--faint)}
pre{background:var(--well);border:1px solid var(--rule);border-radius:4px;padding:12px 14px;margin:0;font:13.5px/1.55 ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace;white-space:pre-wrap;overflow-wrap:anywhere}
.note{border-left:3px solid var(--signal);padding:6px 0 6px 12px;margin:18px 0 0}
.note p{margin:0}
.wide{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,460px),1fr));gap:18px 36px;align-items:start}
.small{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,300px),1fr));gap:14px 24px}
figure{margin:0;max-width:560px}
.small figure,.pair figure{max-width:none}
.pair{display:grid;grid-template-columns:1fr 1fr;gap:10px 18px;max-width:560px;margin-top:18px}
svg{display:block;width:100%;height:auto}
figcaption,.caption{color:var(--faint);font-size:13px;margin:4px 0 0}
dl{display:grid;grid-template-columns:repeat(auto-fill,minmax(220px,1fr));gap:10px 24px;margin:0}
dt{color:var(--faint);font-size:13px}
dd{margin:0;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
footer{margin-top:40px;padding-top:12px;border-top:1px solid var(--rule);color:var(--faint);font-size:13px}
@media print{main{padding:0;max-width:none}figure,table,pre{break-inside:avoid}}`;

/** A page that needs nothing else: styles inline, and a policy that lets it load nothing. */
export function page(title: string, body: string, theme: "auto" | "light" | "dark"): string {
  return `<!doctype html>
<html lang="en"${theme === "auto" ? "" : ` data-theme="${theme}"`}>
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
</head>
<body>
<main>
${body}
</main>
</body>
</html>
`;
}
