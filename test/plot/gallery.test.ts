// Walks the records of figures: each is drawn from its fixtures as it was, in light and dark.

import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { init } from "../../src/index.js";
import { drawn, figureNames, figures, type Shown } from "../../src/plot/figures/index.js";
import { textWidth } from "../../src/plot/kit/svg.js";
import { standalone } from "../../src/plot/kit/theme.js";
import { gallery, type Specimen, specimen } from "../../src/plot/pages/gallery.js";
import { picturesOf } from "../../src/plot/pages/pictures.js";
import { report } from "../../src/plot/pages/report.js";
import { plotData, plotProblem } from "../../src/plot/plotdata.js";
import { unescapeHtml } from "../../src/text/escape.js";
import { figureData, fullReport } from "../kit/figuredata.js";

const folder = join(import.meta.dirname, "../fixtures/figures");

if (process.env.GRADCUT_FIXTURES === "write") {
  await init();
  mkdirSync(folder, { recursive: true });
  for (const [file, text] of Object.entries(await figureData())) writeFileSync(join(folder, file), text);
}

const files = readdirSync(folder).filter((file) => file.endsWith(".json"));
const specimens = files.map((file) => specimen(file, readFileSync(join(folder, file), "utf8")));
const digest = (text: string) => createHash("sha256").update(text).digest("hex").slice(0, 16);
const nameOf = ({ figure, variant }: Specimen) => (variant === "" ? figure : `${figure}.${variant}`);

/** What keeps a text from being XML of elements, attributes and entities: as much of it as our figures have. */
function xmlProblem(svg: string): string | null {
  const open: string[] = [];
  const rest = svg.replace(
    /<(\/?)([A-Za-z]+)((?:\s+[A-Za-z][\w:-]*="[^"<]*")*)\s*(\/?)>/g,
    (tag, closing: string, name: string, attributes: string, empty: string) => {
      const names = [...attributes.matchAll(/\s([A-Za-z][\w:-]*)=/g)].map(([, key]) => key);
      if (new Set(names).size < names.length) return `<twice in ${tag}>`;
      if (closing) return open.pop() === name ? "" : `<${tag} closes nothing>`;
      if (!empty) open.push(name);
      return attributes
        .replace(/="[^"]*"/g, (text) => text.replace(/&(amp|lt|gt|quot|#39);/g, ""))
        .includes("&")
        ? `<entity in ${tag}>`
        : "";
    },
  );
  if (open.length > 0) return `${open.join(", ")} are open`;
  return /[<>]|&(?!(amp|lt|gt|quot|#39|#160|nbsp);)/.exec(rest)?.[0] ?? null;
}

interface Read {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly parent: Read | null;
  /** Of it and of all that is in it. */
  text: string;
}

/** The elements of a text that has no `xmlProblem`. */
function elementsOf(svg: string): Read[] {
  const all: Read[] = [];
  const open: Read[] = [];
  for (const [, closing, name, attributes, empty, text] of svg.matchAll(
    /<(?:(\/)|([A-Za-z]+)((?:\s+[\w:-]+="[^"]*")*))[^<>]*?(\/?)>([^<]*)/g,
  )) {
    if (closing) open.pop();
    else {
      const pairs = [...attributes!.matchAll(/([\w:-]+)="([^"]*)"/g)];
      const read: Read = {
        name: name!,
        attributes: new Map(pairs.map((m) => [m[1]!, m[2]!])),
        parent: open.at(-1) ?? null,
        text: "",
      };
      all.push(read);
      if (!empty) open.push(read);
    }
    for (const each of open) each.text += unescapeHtml(text!);
  }
  return all;
}

/** Texts that stand out of the frame of a figure, by widths of characters as the figures reckon them. */
function textsOutside(svg: string): string[] {
  const all = elementsOf(svg);
  const [width, height] = ["width", "height"].map((name) => Number(all[0]!.attributes.get(name)));
  return all.flatMap((text) => {
    if (text.name !== "text") return [];
    const size = Number(text.attributes.get("font-size") ?? 12);
    const wide = textWidth(text.text, size);
    let [x, y] = ["x", "y"].map((name) => Number.parseFloat(text.attributes.get(name) ?? "0")) as [
      number,
      number,
    ];
    let anchor = "";
    let turned = false;
    for (let at: Read | null = text; at; at = at.parent) {
      anchor ||= at.attributes.get("text-anchor") ?? "";
      const transform = at.attributes.get("transform") ?? "";
      turned ||= transform.includes("rotate");
      const [, dx = 0, dy = 0] = /translate\(([-\d.]+),\s*([-\d.]+)\)/.exec(transform)?.map(Number) ?? [];
      x += dx;
      y += dy;
    }
    const before = { start: 0, middle: wide / 2, end: wide, "": wide / 2 }[anchor]!;
    const [low, high] = turned ? [y - wide + before, y + before] : [x - before, x - before + wide];
    const outside =
      low < -2 || high > (turned ? height! : width!) + 2 || x < 0 || x > width! || y < 0 || y > height!;
    return outside ? [`${text.text} at ${x}, ${y}`] : [];
  });
}

describe.each(specimens.map((one) => [nameOf(one), one] as const))("%s", (name, { figure, data }) => {
  const { draw, check, caption } = figures[figure];
  const svg = draw(data);

  it("is drawn as it was, in light and dark", async () => {
    // One picture of each kind to look at; of the others and of the dark ones their digests tell changes.
    if (name === figure)
      await expect(standalone(svg, "light")).toMatchFileSnapshot(join(folder, `${name}.svg`));
    const digests = (["light", "dark"] as const).map(
      (theme) => `${theme} ${digest(standalone(svg, theme))}\n`,
    );
    await expect(digests.join("")).toMatchFileSnapshot(join(folder, `${name}.digest`));
  });

  it("is XML without numbers that are none, its texts inside", () => {
    for (const theme of ["light", "dark", "auto"] as const)
      expect(xmlProblem(standalone(svg, theme))).toBeNull();
    expect(svg).not.toMatch(/NaN|Infinity|undefined|null|\[object/);
    expect(svg).toMatch(/^<svg [^>]*aria-label="[^"]+"/);
    expect(textsOutside(svg)).toEqual([]);
    for (const theme of ["light", "dark"] as const)
      expect(standalone(svg, theme)).not.toMatch(/var\(--|currentColor/);
  });

  it("has a caption of sentences, and takes its labels and its size", () => {
    for (const sentence of caption(data)) expect(sentence).toMatch(/^\S.*\.$/);
    expect(caption(data).length).toBeGreaterThan(0);
    const size = { width: 640, height: 500 };
    const labelled = draw(data, { bold: "EXP", text: "work", corner: "right", size });
    for (const text of [">EXP<", ">work", ">right<", 'width="640"', 'height="500"'])
      expect(labelled).toContain(text);
  });

  it("checks every field of its data", () => {
    expect(check(data, "data")).toBeNull();
    expect(check(null, "data")).not.toBeNull();
    for (const field of Object.keys(data as object)) {
      const damaged = { ...(data as object), [field]: { odd: true } };
      expect(check(damaged, "data"), field).toMatch(new RegExp(`^data.${field}\\b.* (must|is)`));
      expect(() => drawn({ figure, data: damaged } as unknown as Shown)).toThrow(
        `The figure ${figure} cannot be drawn: data`,
      );
    }
  });
});

it("what is no XML, and text outside, is found", () => {
  const small = (x: number) =>
    `<svg width="60" height="20"><g transform="translate(${x},10)"><text>outside</text></g></svg>`;
  expect([30, 50, 10].map((x) => textsOutside(small(x)).length)).toEqual([0, 1, 1]);
  for (const text of ["<svg><g></svg>", "<svg a='1'/>", "<svg>&</svg>", '<svg a="&x;"/>', '<svg a="" a=""/>'])
    expect(xmlProblem(text), text).not.toBeNull();
});

describe("all figures", () => {
  it("have a fixture each, a heading, and what they show in a line", () => {
    for (const name of figureNames) {
      expect(files).toContain(`${name}.json`);
      const { title, words } = figures[name];
      expect(title).toMatch(/^\p{Lu}/u);
      expect(words).toMatch(/^\p{Ll}.{10,}[^.]$|^CLs .*[^.]$/u);
    }
    const made = specimens.flatMap((one) => [`${nameOf(one)}.json`, `${nameOf(one)}.digest`]);
    expect(readdirSync(folder).sort()).toEqual([...made, ...figureNames.map((name) => `${name}.svg`)].sort());
  });

  it("are on one page", () => {
    const usual = specimens.filter(({ variant }) => variant === "");
    const html = gallery(usual, "dark");
    expect(html.match(/<svg /g)).toHaveLength(figureNames.length);
    for (const name of figureNames) expect(html).toContain(`<h2>${figures[name].title}</h2>`);
    expect(() => specimen("nothing.json", "{}")).toThrow("nothing.json is of no figure: loss,");
    expect(() => specimen("pulls.json", "{}")).toThrow("pulls.json cannot be drawn: pulls is missing");
  });

  it("need no file system, no kernels and no model, so a browser can draw them", () => {
    const found = new Set<string>();
    const visit = (file: string) => {
      if (found.has(file)) return;
      found.add(file);
      for (const [, type, from] of readFileSync(file, "utf8").matchAll(
        /^(?:import|export)\s+(type\s)?[^"';]*?from\s*"([^"]+)"/gm,
      )) {
        if (type) continue;
        expect(from, file).toMatch(/^\./);
        visit(resolve(dirname(file), from!.replace(/\.js$/, ".ts")));
      }
    };
    visit(resolve("src/plot/figures/index.ts"));
    for (const file of found) expect(file).toMatch(/src\/(plot|text)\//);
    for (const file of readdirSync("src/plot/figures"))
      expect([...found].join()).toContain(file === "figure.ts" ? "" : file);
  });
});

describe("figures of a training", () => {
  const data = fullReport();
  const plot = plotData(data);
  const pictures = picturesOf(data.run, plot);
  const ofTraining = figureNames.filter((name) => figures[name].training);

  it("are each in the report and in the docs", () => {
    expect(new Set(pictures.map(({ figure }) => figure))).toEqual(new Set(ofTraining));
    expect(report(data, plot).match(/<svg /g)).toHaveLength(pictures.length);
    const docs = readFileSync("docs/reports.md", "utf8");
    for (const name of ofTraining) expect(docs).toMatch(new RegExp(`\`${name}(-[A-Z]+)?\\.svg\``));
  });

  it("bring the fields of plot.json, which is refused where one is damaged", () => {
    const docs = readFileSync("docs/reports.md", "utf8");
    expect(plotProblem(JSON.parse(JSON.stringify(plot)))).toBeNull();
    const fields = ofTraining.flatMap((name) => Object.entries(figures[name].training?.stored ?? {}));
    expect(Object.keys(plot)).toEqual(["schema", "version", "samples", ...fields.map(([field]) => field)]);
    for (const [field, { required = false }] of fields) {
      expect(docs).toContain(`| \`${field}\` |`);
      expect(plotProblem({ ...plot, [field]: { odd: true } }), field).toMatch(new RegExp(`^${field}`));
      const { [field]: _, ...without }: Record<string, unknown> = { ...plot };
      expect(plotProblem(without) === null).toBe(!required);
    }
  });
});
