import { checkArguments } from "../text/checkoptions.js";
import { display, type MimeBundle } from "../text/display.js";
import { aText } from "../text/legal.js";

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
      "text/plain": /<title[^>]*>([^<]*)</.exec(this.svg)?.[1] ?? "figure",
    };
  }
}

/** A figure as the last value of a cell of a notebook, which shows it: `show(brazil(scan))`. */
export function show(svg: string): Shown {
  checkArguments("show", { svg: [svg, aText] });
  return new Shown(svg);
}
