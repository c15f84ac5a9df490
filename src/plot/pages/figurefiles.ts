/** The figures of a run as files. */

import { figures as records } from "../figures/index.js";
import { pdfWriter } from "../kit/pdf.js";
import { type PngOptions, pngWriter } from "../kit/png.js";
import type { RenderOptions } from "../kit/renderer.js";
import { standalone, type Theme } from "../kit/theme.js";
import type { PlotData } from "../plotdata.js";
import type { Run } from "../rundata.js";
import { picturesOf } from "./pictures.js";

export interface FileOptions {
  /** Default "light", which every program that reads SVG understands; PNG and PDF of "auto" are light. */
  theme?: Theme;
  /** Also write PNG, which needs @resvg/resvg-js. */
  png?: boolean | Omit<PngOptions, "theme">;
  /** Also write PDF, which needs @resvg/resvg-js too. */
  pdf?: boolean | Omit<RenderOptions, "theme">;
}

/**
 * The figures of a run as SVG text for `standalone` or `pngWriter`, in the order of a report. Names can be names of
 * files: loss, threshold-NAME, column-COLUMN. Without `plot` only those of the run itself.
 */
export function figures(run: Run, plot?: PlotData): Record<string, string> {
  const drawn: Record<string, string> = {};
  for (const { figure, of, data } of picturesOf(run, plot))
    drawn[freeName(fileName(of === undefined ? figure : `${figure}-${of}`), drawn)] =
      records[figure].draw(data);
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

/**
 * Contents by file name: NAME.svg for every name of `figures`, NAME.png and NAME.pdf.
 *
 * @throws PictureError where PNG or PDF is asked for and cannot be written, before anything is drawn
 */
export async function figureFiles(
  run: Run,
  plot: PlotData | undefined,
  { theme = "light", png = false, pdf = false }: FileOptions = {},
): Promise<Record<string, string | Uint8Array>> {
  const plain = { theme: theme === "dark" ? "dark" : "light" } as const;
  const toPng = png === false ? undefined : await pngWriter({ ...(png === true ? {} : png), ...plain });
  const toPdf = pdf === false ? undefined : await pdfWriter({ ...(pdf === true ? {} : pdf), ...plain });
  const files: Record<string, string | Uint8Array> = {};
  for (const [name, svg] of Object.entries(figures(run, plot))) {
    files[`${name}.svg`] = standalone(svg, theme);
    if (toPng) files[`${name}.png`] = toPng(svg);
    if (toPdf) files[`${name}.pdf`] = toPdf(svg);
  }
  return files;
}
