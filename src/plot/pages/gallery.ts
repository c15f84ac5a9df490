/** One page with every figure, drawn from data out of files: to look at. */

import { escapeHtml } from "../../text/escape.js";
import { type FigureName, figureNames, figures } from "../figures/index.js";
import { FigureError } from "../kit/figureerror.js";
import { figure, page } from "../kit/html.js";
import type { Theme } from "../kit/theme.js";

/** Data of a figure, and what is particular about them. */
export interface Specimen {
  readonly figure: FigureName;
  /** As "log"; empty for the usual one. */
  readonly variant: string;
  readonly data: unknown;
}

/** Data out of the text of a JSON file, named FIGURE.json or FIGURE.VARIANT.json. Throws a FigureError where they cannot be drawn. */
export function specimen(file: string, text: string): Specimen {
  const [name, variant = ""] = file.split(".json")[0]!.split(".");
  const found = figureNames.find((known) => known === name);
  if (found === undefined)
    throw new FigureError("figure.unknown", `${file} is of no figure: ${figureNames.join(", ")} are.`, {
      file,
    });
  const data: unknown = JSON.parse(text, function (this: unknown, _key, value: unknown) {
    // A number that JSON does not have; as a field, null says that there is none.
    return value === null && Array.isArray(this) ? Number.NaN : value;
  });
  const problem = figures[found].check(data, "");
  if (problem !== null)
    throw new FigureError("figure.data", `${file} cannot be drawn: ${problem}.`, { figure: found, file });
  return { figure: found, variant: variant === "json" ? "" : variant, data };
}

/** The page as HTML text. */
export function gallery(specimens: readonly Specimen[], theme: Theme = "auto"): string {
  const sections = figureNames.map((name) => {
    const { title, words, draw, caption } = figures[name];
    const drawn = specimens
      .filter((one) => one.figure === name)
      .sort((a, b) => (a.variant < b.variant ? -1 : 1))
      .map(({ variant, data }) => {
        const particular = variant === "" ? [] : [`${variant}:`];
        return figure(draw(data), [...particular, ...caption(data)].join(" "));
      });
    return `<section><h2>${escapeHtml(title)}</h2><p class="caption">${escapeHtml(`${name}: ${words}`)}</p><div class="wide">${drawn.join("")}</div></section>`;
  });
  const head = `<header><h1>Figures</h1><p>${specimens.length} pictures of ${figureNames.length} figures</p></header>`;
  return page("Figures", [head, ...sections].join("\n"), theme);
}
