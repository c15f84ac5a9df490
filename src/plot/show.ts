import { checkArguments } from "../text/checkoptions.js";
import { display, type MimeBundle } from "../text/display.js";
import { unescapeHtml } from "../text/escape.js";
import type { Legal } from "../text/legal.js";

const aFigure: Legal = {
  words: "a text of SVG, as brazil(…) and the other figures are",
  accepts: (value) => typeof value === "string" && /^\s*(<\?xml[^>]*>\s*)?<svg\b/.test(value),
};

/** A figure that notebooks show. */
export class Shown {
  readonly svg: string;

  constructor(svg: string) {
    this.svg = svg;
  }

  toString(): string {
    return this.svg;
  }

  [display](): MimeBundle {
    return {
      "image/svg+xml": this.svg,
      "text/plain": unescapeHtml(/<title[^>]*>([^<]*)</.exec(this.svg)?.[1] ?? "figure"),
    };
  }
}

/** A figure as the last value of a cell of a notebook, which shows it: `show(brazil(scan))`. */
export function show(svg: string): Shown {
  checkArguments("show", { svg: [svg, aFigure] });
  return new Shown(svg);
}
