// Figures as PNG, through the optional package @resvg/resvg-js.

import { standalone } from "./theme.js";

export type PngOptions = {
  /** Default "light". */
  theme?: "light" | "dark";
  /** Pixels per unit of the figure, default 2. */
  scale?: number;
  /** Font files for the texts, instead of the fonts of the system. */
  fonts?: string[];
};

/** What is missing to write PNG, in one sentence. */
export class PngError extends Error {
  override readonly name = "PngError";
}

/**
 * What turns the SVG text of figures into PNG bytes.
 *
 * @throws PngError without @resvg/resvg-js, and without a font, where texts would be missing from the picture
 */
export async function pngWriter(options: PngOptions = {}): Promise<(svg: string) => Uint8Array> {
  const { theme = "light", scale = 2, fonts = [] } = options;
  const { Resvg } = await loadResvg();
  const font = {
    loadSystemFonts: fonts.length === 0,
    fontFiles: fonts,
    ...(fonts.length === 0 ? { defaultFontFamily: "DejaVu Sans" } : {}),
  };
  const text = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><text y="9">x</text></svg>';
  if (!new Resvg(text, { font }).getBBox())
    throw new PngError(
      fonts.length === 0
        ? "PNG needs a font for its texts; install one (on Debian: apt-get install fonts-dejavu-core), or name a font file"
        : `PNG needs a font for its texts, and there is none in ${fonts.join(", ")}`,
    );
  return (svg) =>
    new Resvg(standalone(svg, theme), { font, fitTo: { mode: "zoom", value: scale } }).render().asPng();
}

async function loadResvg(): Promise<typeof import("@resvg/resvg-js")> {
  try {
    return await import("@resvg/resvg-js");
  } catch (cause) {
    throw new PngError("PNG needs @resvg/resvg-js; install it with: npm i @resvg/resvg-js@2.6.2", { cause });
  }
}
