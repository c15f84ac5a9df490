/** Figures in a real browser: the bytes that Node draws, in the page and in its worker. */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import * as plot from "../../src/plot/index.js";
import { chromium, inPage } from "../kit/page.js";

const folder = join(import.meta.dirname, "../fixtures/figures");
const data = Object.fromEntries(
  readdirSync(folder)
    .filter((file) => file.endsWith(".json"))
    .map((file) => [file.split(".json")[0]!, JSON.parse(readFileSync(join(folder, file), "utf8"))]),
);
const functions = new Map<string, unknown>(Object.entries(plot));
const themes = ["light", "dark", "auto"] as const;
const all = `
import * as plot from "/dist/src/plot/index.js";
const data = ${JSON.stringify(data)};
export const drawn = () => Object.fromEntries(Object.entries(data).map(([name, given]) =>
  [name, ${JSON.stringify(themes)}.map((theme) => plot[name.split(".")[0]](given, { theme, bold: "<&>" }))]));`;
const program = `
import { drawn } from "/all.js";
try {
  const page = drawn();
  const worker = new Worker("/worker.js", { type: "module" });
  const other = await new Promise((done, failed) => {
    worker.onmessage = ({ data }) => done(data);
    worker.onerror = failed;
  });
  // Each is XML, and as a part of the page as wide as it says.
  const faults = Object.entries(page).flatMap(([name, figures]) => figures.flatMap((svg) => {
    const read = new DOMParser().parseFromString(svg, "image/svg+xml");
    document.body.innerHTML = svg;
    const { width } = document.body.firstChild.getBoundingClientRect();
    const said = Number(/ width="([0-9.]+)"/.exec(svg)[1]);
    return read.querySelector("parsererror") || width !== said ? [name + " " + width] : [];
  }));
  await send({ page, same: JSON.stringify(page) === JSON.stringify(other), faults });
} catch (error) {
  await send({ error: String(error) });
}`;

describe.skipIf(!chromium)("figures in a browser", () => {
  it("are the same bytes as in Node, in a page and in a worker, without a DOM", async () => {
    const here = Object.fromEntries(
      Object.entries(data).map(([name, given]) => {
        const draw = functions.get(name.split(".")[0]!) as typeof plot.brazil;
        return [name, themes.map((theme) => draw(given, { theme, bold: "<&>" }))];
      }),
    );
    const worker = 'import { drawn } from "/all.js";\npostMessage(drawn());';
    const there = (await inPage(program, { "/all.js": all, "/worker.js": worker })) as typeof here;
    expect(there.error).toBeUndefined();
    expect(there.faults).toEqual([]);
    for (const [name, figures] of Object.entries(here))
      expect((there.page as unknown as typeof here)[name], name).toEqual(figures);
    expect(there.same).toBe(true);
  }, 60_000);
});
