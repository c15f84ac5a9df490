/** The optional package @resvg/resvg-js, which lays out the texts of figures. */

import type { Options, Resvg } from "@resvg/resvg-js";
import { GivenError } from "../../text/gradcuterror.js";

export interface RenderOptions {
  /** Default "light". */
  theme?: "light" | "dark";
  /** Font files for the texts, instead of the fonts of the system. */
  fonts?: string[];
}

/** What is missing to write a picture: its `kind` is "PNG" or "PDF", and `package` or `fonts` what there is not. */
export class PictureError extends GivenError {
  override readonly name = "PictureError";
}

/**
 * Reads the SVG text of a figure.
 *
 * @param kind of the pictures, for the sentence of the error
 * @throws PictureError without @resvg/resvg-js, and without a font, where texts would be missing from the picture
 */
export async function renderer(
  kind: "PNG" | "PDF",
  fonts: string[] = [],
): Promise<(svg: string, options?: Options) => Resvg> {
  const { Resvg } = await loadResvg(kind);
  const font = {
    loadSystemFonts: fonts.length === 0,
    fontFiles: fonts,
    ...(fonts.length === 0 ? { defaultFontFamily: "DejaVu Sans" } : {}),
  };
  const text = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><text y="9">x</text></svg>';
  if (!new Resvg(text, { font }).getBBox())
    throw new PictureError(
      "picture.font",
      fonts.length === 0
        ? `${kind} needs a font for its texts; install one (on Debian: apt-get install fonts-dejavu-core), or name a font file`
        : `${kind} needs a font for its texts, and there is none in ${fonts.join(", ")}`,
      { kind, fonts },
    );
  return (svg, options = {}) => new Resvg(svg, { ...options, font });
}

async function loadResvg(kind: string): Promise<typeof import("@resvg/resvg-js")> {
  try {
    return await import("@resvg/resvg-js");
  } catch (cause) {
    const sentence = `${kind} needs @resvg/resvg-js; install it with: npm i @resvg/resvg-js@2.6.2`;
    throw new PictureError("picture.package", sentence, { kind, package: "@resvg/resvg-js" }, { cause });
  }
}
