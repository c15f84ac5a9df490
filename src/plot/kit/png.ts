/** Figures as PNG, through the optional package @resvg/resvg-js. */

import { type RenderOptions, renderer } from "./renderer.js";
import { standalone } from "./theme.js";

export type PngOptions = RenderOptions & {
  /** Pixels per unit of the figure, default 2. */
  scale?: number;
};

/**
 * What turns the SVG text of figures into PNG bytes.
 *
 * @throws PictureError without @resvg/resvg-js, and without a font, where texts would be missing from the picture
 */
export async function pngWriter(options: PngOptions = {}): Promise<(svg: string) => Uint8Array> {
  const { theme = "light", scale = 2, fonts } = options;
  const read = await renderer("PNG", fonts);
  return (svg) =>
    read(standalone(svg, theme), { fitTo: { mode: "zoom", value: scale } })
      .render()
      .asPng();
}
