/** What notebooks show of a value: Deno's kernel calls the method that this symbol names. */

import { escapeMarks } from "./escape.js";

/** Texts by MIME type. */
export type MimeBundle = Readonly<Record<string, string>>;

/** The name of the method that gives them. */
export const display: unique symbol = /*#__PURE__*/ Symbol.for("Jupyter.display");

/** What can be shown. */
export interface Displayed {
  [display](): MimeBundle;
}

/** Rows of cells, under the names of their columns where these have some. */
interface Block {
  readonly head?: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** The same value, which notebooks show so; nothing else sees the method. */
export function displayed<T extends object>(value: T, bundle: () => MimeBundle): T {
  return Object.defineProperty(value, display, { value: bundle });
}

/** An answer, which notebooks show as tables under its name. */
export const shownAs = <T extends object>(name: string, value: T): T =>
  displayed(value, () => blocksBundle(name, blocksOf(value)));

/** Tables under a title, as text and as HTML. */
export function blocksBundle(title: string, blocks: readonly Block[]): MimeBundle {
  const parts = blocks.filter(({ head = [], rows }) => head.length + rows.length > 0);
  const plain = [title, ...parts.map(({ head, rows }) => aligned(head ? [head, ...rows] : rows))];
  const html = parts.map(({ head, rows }) => {
    const all = rows.map((row) => line(row, "td")).join("");
    return `<table>${head ? line(head, "th") : ""}${all}</table>`;
  });
  return { "text/plain": plain.join("\n"), "text/html": `<b>${escapeMarks(title)}</b>${html.join("")}` };
}

const line = (cells: readonly string[], tag: string) =>
  `<tr>${cells.map((cell) => `<${tag}>${escapeMarks(cell)}</${tag}>`).join("")}</tr>`;

/** Cells under one another. */
function aligned(cells: readonly (readonly string[])[]): string {
  // A name may hold the end of a line.
  const rows = cells.map((row) => row.map((cell) => cell.replace(/[\n\r\t\v\f]/g, " ")));
  const widths: number[] = [];
  for (const row of rows)
    for (const [i, { length }] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, length);
  return rows
    .map((row) => `  ${row.map((cell, i) => cell.padEnd(widths[i]!)).join("  ")}`.trimEnd())
    .join("\n");
}

/** Rows and elements of a list that are shown. */
const most = 20;

/** Rows that are shown of `count`; a last one of dots where there are more. */
export const shownRows = (count: number, row: (i: number) => readonly string[]): (readonly string[])[] => [
  ...Array.from({ length: Math.min(count, most) }, (_, i) => row(i)),
  ...(count > most ? [["…", `of ${count} rows`]] : []),
];

type List = ArrayLike<unknown>;
const isList = (x: unknown): x is List => Array.isArray(x) || (ArrayBuffer.isView(x) && "length" in x);
const isRecord = (x: unknown): x is object => typeof x === "object" && x !== null && !isList(x);

/** One value in a cell. */
export function cellOf(value: unknown): string {
  if (typeof value === "number")
    return Number.isInteger(value) ? String(value) : String(+value.toPrecision(6));
  if (isList(value)) {
    const shown = Array.from({ length: Math.min(value.length, 8) }, (_, i) => cellOf(value[i]));
    return `[${shown.join(", ")}${value.length > 8 ? `, … ${value.length}` : ""}]`;
  }
  if (isRecord(value))
    return `{ ${Object.entries(value)
      .map(([key, x]) => `${key}: ${cellOf(x)}`)
      .join(", ")} }`;
  return String(value);
}

/** Lists of one length are the columns of a table, as are the fields of records in a list; all else is a line. */
function blocksOf(value: object): Block[] {
  const lines: string[][] = [];
  const tables: Block[] = [];
  const columns = new Map<number, [name: string, list: List][]>();
  for (const [name, x] of Object.entries(value)) {
    if (typeof x === "function" || (isList(x) && x.length === 0)) continue;
    if (isList(x) && x.length > 0 && isRecord(x[0])) {
      // What some records leave out is empty there.
      const head = [...new Set(Array.from(x).flatMap((each) => Object.keys(Object(each))))];
      const rows = shownRows(x.length, (i) => {
        const own = new Map(Object.entries(Object(x[i])));
        return head.map((key) => (own.has(key) ? cellOf(own.get(key)) : ""));
      });
      tables.push({ head: [name, ...head.slice(1)], rows });
    } else if (isList(x) && x.length > 1)
      columns.set(x.length, [...(columns.get(x.length) ?? []), [name, x]]);
    else lines.push([name, cellOf(x)]);
  }
  for (const [count, unordered] of columns) {
    // Names stand before what they name.
    const isText = ([, list]: readonly [string, List]) => Number(typeof list[0] === "string");
    const lists = [...unordered].sort((a, b) => isText(b) - isText(a));
    const rows = shownRows(count, (i) => lists.map(([, list]) => cellOf(list[i])));
    if (lists.length > 1) tables.push({ head: lists.map(([name]) => name), rows });
    else for (const [name, list] of lists) lines.push([name, cellOf(list)]);
  }
  return [{ rows: lines }, ...tables];
}
