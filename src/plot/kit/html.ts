/** The page around figures and tables. Every text from outside passes through `escapeHtml`. */

import { escapeHtml } from "../../text/escape.js";
import { fontFamily, type Theme, themeCss } from "./theme.js";

/** Name and value pairs as an HTML description list. */
export function factList(facts: [name: string, value: string][]): string {
  return `<dl>${facts.map(([name, value]) => `<div><dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd></div>`).join("")}</dl>`;
}

/** A figure with its caption, never larger than it was drawn. `svg` is trusted (draw.ts escapes), the caption is not. */
export function figure(svg: string, caption = ""): string {
  const width = / width="([\d.]+)"/.exec(svg)?.[1];
  const own = width === undefined ? svg : svg.replace("<svg ", `<svg style="max-width:${width}px" `);
  return `<figure>${own}${caption && `<figcaption>${escapeHtml(caption)}</figcaption>`}</figure>`;
}

/** A box that nobody overlooks; a paragraph for each line. */
export function note(lines: string[], heading = ""): string {
  if (lines.length === 0) return "";
  const head = heading && `<p><strong>${escapeHtml(heading)}</strong></p>`;
  const paragraphs = lines.map((line) => `<p>${escapeHtml(line)}</p>`).join("");
  return `<div class="note" role="note">${head}${paragraphs}</div>`;
}

const style = `${themeCss(":root")}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 ${fontFamily}}
main{max-width:1180px;margin:0 auto;padding:36px 28px 64px}
header{border-bottom:1px solid var(--rule);padding-bottom:14px;margin-bottom:8px}
h1{font-size:25px;line-height:1.25;margin:0;font-weight:700}
header p{margin:4px 0 0;color:var(--faint)}
h2{font-size:16px;margin:34px 0 10px;font-weight:700}
.tables{display:flex;flex-wrap:wrap;gap:0 44px;align-items:start}
.tables>*{flex:1 1 max-content;max-width:100%}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums;border-top:1.5px solid var(--ink);border-bottom:1.5px solid var(--ink)}
th,td{padding:4px 0 4px 12px;text-align:right;white-space:nowrap;font-weight:400}
th:first-child,.text{text-align:left}
th:first-child{padding-left:0}
thead th{font-weight:700;border-bottom:1px solid var(--ink)}
tr.first>*{border-top:1px solid var(--rule)}
tr.strong>*{font-weight:700}
tr.faint>*{color:var(--faint)}
thead .groups th{text-align:center;border-bottom:1px solid var(--rule);padding-left:28px}
td.group{padding-left:28px}
td.off{font-weight:700;color:var(--signal)}
th.code{font:13px/1.5 ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace}
pre{background:var(--well);border:1px solid var(--rule);border-radius:4px;padding:12px 14px;margin:0;font:13.5px/1.55 ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace;white-space:pre-wrap;overflow-wrap:anywhere}
.note{border:1px solid var(--rule);border-left:4px solid var(--signal);border-radius:3px;background:var(--well);padding:9px 14px;margin:18px 0 0}
.note p{margin:0}
.stack{display:grid;gap:18px}
.wide{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,460px),1fr));gap:18px 36px;align-items:start}
.small{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,300px),1fr));gap:14px 24px}
figure{margin:0;max-width:580px}
.pair{display:grid;grid-template-columns:1fr 1fr;gap:10px 18px;max-width:560px;margin-top:18px}
svg{display:block;width:100%;height:auto}
figcaption,.caption{color:var(--faint);font-size:13px;margin:4px 0 0}
dl{display:grid;grid-template-columns:repeat(auto-fill,minmax(220px,1fr));gap:10px 24px;margin:0}
dt{color:var(--faint);font-size:13px}
dd{margin:0;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
footer{margin-top:40px;padding-top:12px;border-top:1px solid var(--rule);color:var(--faint);font-size:13px}
@media print{main{padding:0;max-width:none}figure,table,pre{break-inside:avoid}}`;

/** A page that needs nothing else: styles inline, and a policy that lets it load nothing. */
export function page(title: string, body: string, theme: Theme): string {
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
