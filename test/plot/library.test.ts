/** `gradcut/plot`: one function per figure, which takes plain numbers and gives SVG text that stands for itself. */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { figureNames, figures } from "../../src/plot/figures/index.js";
import * as plot from "../../src/plot/index.js";
import { standalone } from "../../src/plot/kit/theme.js";
import { specimen } from "../../src/plot/pages/gallery.js";

const folder = join(import.meta.dirname, "../fixtures/figures");
const specimens = readdirSync(folder)
  .filter((file) => file.endsWith(".json"))
  .map((file) => {
    const text = readFileSync(join(folder, file), "utf8");
    return { file, text, ...specimen(file, text) };
  });

type Draw = (data: unknown, options?: plot.FigureOptions) => string;
/** What draws no figure of its own: a page of answers, and a figure shown in a notebook. */
const besides = new Set(["answerPage", "show"]);
const functions = new Map(
  Object.entries(plot).flatMap(([name, value]): [string, Draw][] =>
    value.prototype instanceof Error || besides.has(name) ? [] : [[name, value as Draw]],
  ),
);

/** The same data, with `change` of every list of numbers and every object. */
function changed(value: unknown, change: (part: object) => unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  const inside = Array.isArray(value)
    ? value.map((item) => changed(item, change))
    : Object.fromEntries(Object.entries(value).map(([key, item]) => [key, changed(item, change)]));
  return change(inside);
}

it("has one function for each figure, which the docs name", () => {
  expect([...functions.keys()].sort()).toEqual([...figureNames].sort());
  const docs = readFileSync("docs/reports.md", "utf8").split("## Figures from code")[1]!.split("\n## ")[0]!;
  for (const name of figureNames) expect(docs).toMatch(new RegExp(`^\\|.*\`${name}\``, "m"));
});

describe.each(specimens)("$file", ({ figure, data, text }) => {
  const draw = functions.get(figure)!;
  const record = figures[figure];

  it("is drawn in each theme with its labels, light by default", () => {
    expect(draw(data)).toBe(standalone(record.draw(data), "light"));
    const labels = { bold: "EXP", text: "work", corner: "right", size: { width: 640, height: 500 } };
    for (const theme of ["light", "dark", "auto"] as const)
      expect(draw(data, { theme, ...labels })).toBe(standalone(record.draw(data, labels), theme));
  });

  it("is drawn from typed arrays and from JSON, which stay as they were", () => {
    const light = draw(data);
    const isNumbers = (part: object): part is number[] =>
      Array.isArray(part) && part.length > 0 && part.every((x) => typeof x === "number");
    expect(draw(changed(data, (part) => (isNumbers(part) ? Float64Array.from(part) : part)))).toBe(light);
    expect(draw(changed(JSON.parse(text), Object.freeze))).toBe(light);
  });

  it("is refused with what is wrong of its data and of its options", () => {
    const caught = (run: () => unknown): unknown => {
      try {
        return run();
      } catch (error) {
        return error;
      }
    };
    for (const field of Object.keys(data as object)) {
      const error = caught(() => draw({ ...(data as object), [field]: { odd: true } }));
      expect(error).toBeInstanceOf(plot.FigureError);
      expect(error).toMatchObject({ name: "FigureError", code: "figure.data", fields: { figure } });
      expect((error as Error).message).toMatch(
        new RegExp(`^The figure ${figure} cannot be drawn: data.${field}\\b.*\\.$`),
      );
    }
    const options: [given: object, code: string, says: string][] = [
      [{ them: "dark" }, "option.unknown", `'${figure}' has no option 'them'. Did you mean theme?`],
      [{ theme: "night" }, "option.value", "'auto', 'light' or 'dark', not 'night'"],
      [{ bold: 1 }, "option.value", "'bold'"],
      [{ size: { width: 100 } }, "option.value", "{ width, height } in pixels > 0"],
      [{ size: { width: 0, height: 10 } }, "option.value", "'size'"],
    ];
    for (const [given, code, says] of options) {
      const error = caught(() => draw(data, given));
      expect(error).toBeInstanceOf(plot.OptionError);
      expect(error).toMatchObject({ code, message: expect.stringContaining(says) });
    }
  });
});

describe("figures on one page", () => {
  const { data } = specimens.find(({ file }) => file === "yields.json")!;
  const draw = functions.get("yields")!;
  const [light, dark, auto] = (["light", "dark", "auto"] as const).map((theme) => draw(data, { theme }));
  const ids = (svg: string | undefined) => new Set(svg!.match(/(?<= id=")[^"]*/g));

  it("are hatched in their own ink", () => {
    for (const svg of [light, dark, auto])
      for (const [, id] of svg!.matchAll(/"url\(#([^)]*)\)"/g)) expect(ids(svg)).toContain(id);
    expect([...ids(light)].filter((id) => ids(dark).has(id) && id.startsWith("hatch"))).toEqual([]);
  });

  it("have no style that reaches beyond them", () => {
    const [, style] = /<style>(.*?)<\/style>/.exec(auto!)!;
    const selectors = style!
      .replace(/@media[^{]*/g, "")
      .match(/[^{}]+(?=\{)/g)!
      .filter((text) => text.trim() !== "");
    expect(selectors.length).toBeGreaterThan(2);
    for (const selector of selectors) expect(selector).toMatch(/^\.gradcut/);
    expect(auto).toMatch(/^<svg class="[^"]*\bgradcut\b/);
    expect([light, dark].some((svg) => svg!.includes("<style"))).toBe(false);
  });
});
