// The figures of a run as files.

import type { Run } from "./data.js";
import { figures } from "./figures.js";
import type { PlotData } from "./plotdata.js";
import { type PngOptions, pngWriter } from "./png.js";
import { standalone, type Theme } from "./theme.js";

export type FileOptions = {
  /** Default "light", which every program that reads SVG understands; PNG of "auto" is light. */
  theme?: Theme;
  /** Also write PNG, which needs @resvg/resvg-js. */
  png?: boolean | Omit<PngOptions, "theme">;
};

/**
 * Contents by file name: NAME.svg for every name of `figures`, and NAME.png.
 *
 * @throws PngError where PNG is asked for and cannot be written, before anything is drawn
 */
export async function figureFiles(
  run: Run,
  plot: PlotData | undefined,
  { theme = "light", png = false }: FileOptions = {},
): Promise<Record<string, string | Uint8Array>> {
  const options = { ...(png === true ? {} : png), theme: theme === "dark" ? "dark" : "light" } as const;
  const toPng = png === false ? undefined : await pngWriter(options);
  const files: Record<string, string | Uint8Array> = {};
  for (const [name, svg] of Object.entries(figures(run, plot))) {
    files[`${name}.svg`] = standalone(svg, theme);
    if (toPng) files[`${name}.png`] = toPng(svg);
  }
  return files;
}
