/** A table that is shown and saved. */

import type { ComponentChildren } from "preact";
import { Num } from "./number.js";

export type Cell = string | number | null;

/** Rows below their heads; `id` names it in files and for programs. */
export interface Sheet {
  readonly id: string;
  readonly heads: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

const quoted = (text: string): string => (/[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
/** A cell of CSV; a text that a spreadsheet would run as a formula is quoted as text. */
const csvCell = (cell: Cell): string => {
  if (cell === null || (typeof cell === "number" && Number.isNaN(cell))) return "";
  if (typeof cell === "number") return String(cell);
  return quoted(/^[=+@\t]|^-(?![\d.])/.test(cell) ? `'${cell}` : cell);
};

/** All digits of all rows. */
export const csvOf = ({ heads, rows }: Sheet): string =>
  [heads, ...rows].map((row) => `${row.map(csvCell).join(",")}\r\n`).join("");

/** More rows make a page slow, and nobody reads them; files have them all. */
const mostRows = 500;

export function Table({
  sheet,
  caption,
  digits = 4,
  act,
}: {
  sheet: Sheet;
  caption?: ComponentChildren;
  digits?: number;
  /** What choosing a row does. */
  act?: (row: readonly Cell[]) => void;
}) {
  const shown = sheet.rows.slice(0, mostRows);
  const numeric = sheet.heads.map((_, i) => sheet.rows.some((row) => typeof row[i] === "number"));
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keys.
    <section class="scroll" tabIndex={0} aria-label={`Table ${sheet.id}`}>
      <table data-sheet={sheet.id}>
        {caption ? <caption>{caption}</caption> : null}
        <thead>
          <tr>
            {sheet.heads.map((head, i) => (
              <th key={head} scope="col" class={numeric[i] ? "number" : undefined}>
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((row, r) => (
            <tr key={r}>
              {row.map((cell, i) => {
                const text = typeof cell === "number" ? <Num x={cell} digits={digits} /> : (cell ?? "–");
                const content =
                  i === 0 && act ? (
                    <button type="button" class="plain" onClick={() => act(row)}>
                      {text}
                    </button>
                  ) : (
                    text
                  );
                return i === 0 ? (
                  <th key={i} scope="row" class={numeric[i] ? "number" : undefined}>
                    {content}
                  </th>
                ) : (
                  <td key={i} class={numeric[i] ? "number" : undefined}>
                    {content}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
      {sheet.rows.length > shown.length ? (
        <p class="note">
          {shown.length} of {sheet.rows.length} rows; the CSV has all.
        </p>
      ) : null}
    </section>
  );
}
