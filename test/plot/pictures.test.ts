import { inflateSync } from "node:zlib";
import { describe, expect, it, vi } from "vitest";
import { lossCurve } from "../../src/plot/figures/loss.js";
import { yieldsFigure } from "../../src/plot/figures/yields.js";
import { area, decimal, outline, path } from "../../src/plot/kit/outline.js";
import { pdfWriter } from "../../src/plot/kit/pdf.js";
import { pngWriter } from "../../src/plot/kit/png.js";
import { PictureError } from "../../src/plot/kit/renderer.js";
import { standalone } from "../../src/plot/kit/theme.js";

const resvg = await import("@resvg/resvg-js").catch(() => undefined);
const writer = resvg && (await pngWriter().catch((error: Error) => error.message));
const absent =
  resvg === undefined ? "@resvg/resvg-js is not installed" : typeof writer === "string" ? writer : null;
if (absent !== null) console.log(`PNG and PDF are not tested: ${absent}.`);

describe("figures as PNG", () => {
  const svg = lossCurve({ steps: [0, 1, 2], loss: [3, 2, 1.5], cuts: {} }, "loss");

  it.skipIf(absent !== null)("PNG of the size and the colours that are asked for", async () => {
    const [, width, height] = /viewBox="0 0 (\d+) (\d+)"/.exec(svg)!.map(Number);
    for (const [theme, paper] of [
      ["light", [255, 255, 255]],
      ["dark", [0x14, 0x16, 0x1a]],
    ] as const) {
      const png = Buffer.from((await pngWriter({ theme, scale: 2 }))(svg));
      expect(png.subarray(1, 4).toString()).toBe("PNG");
      expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([2 * width!, 2 * height!]);
      const { pixels } = new resvg!.Resvg(standalone(svg, theme)).render() as unknown as {
        pixels: Uint8Array;
      };
      expect([...pixels.subarray(0, 3)]).toEqual(paper);
    }
  });

  it.skipIf(resvg === undefined)("PNG needs a font", async () => {
    await expect(pngWriter({ fonts: ["/no/such/font.ttf"] })).rejects.toThrow(/needs a font.*no\/such\/font/);
  });

  it("PNG without @resvg/resvg-js: one line that says how to install it", async () => {
    vi.doMock("@resvg/resvg-js", () => {
      throw new Error("no such package");
    });
    const error: unknown = await pngWriter().catch((e: unknown) => e);
    vi.doUnmock("@resvg/resvg-js");
    expect(error).toBeInstanceOf(PictureError);
    expect((error as Error).message).toBe(
      "PNG needs @resvg/resvg-js; install it with: npm i @resvg/resvg-js@2.6.2",
    );
  });
});

/** The parts of a PDF: objects at the places that its table names, and their streams unpacked. */
function parts(pdf: Uint8Array): { objects: string[]; streams: string[] } {
  const bytes = Buffer.from(pdf);
  const text = bytes.toString("latin1");
  expect(text.slice(0, 9)).toBe("%PDF-1.4\n");
  expect(text.endsWith("%%EOF\n")).toBe(true);
  const table = Number(/startxref\n(\d+)\n%%EOF\n$/.exec(text)![1]);
  const offsets = [...text.slice(table).matchAll(/^(\d{10}) 00000 n $/gm)].map(([, at]) => Number(at));
  const objects = offsets.map((at, i) => {
    const object = text.slice(at, text.indexOf("\nendobj\n", at));
    expect(object.startsWith(`${i + 1} 0 obj\n`)).toBe(true);
    return object;
  });
  const streams = objects.map((object, i) => {
    const length = /\/Length (\d+) >>\nstream\n/.exec(object);
    if (!length) return "";
    const start = offsets[i]! + length.index + length[0].length;
    expect(text.slice(start + Number(length[1])).startsWith("\nendstream")).toBe(true);
    return inflateSync(bytes.subarray(start, start + Number(length[1]))).toString("latin1");
  });
  return { objects, streams };
}

const count = (text: string, part: RegExp) => (text.match(part) ?? []).length;

describe("figures as PDF", () => {
  const drawn = {
    curve: lossCurve({ steps: [0, 1, 2], loss: [3, 2, 1.5], cuts: {} }, "loss <&> σ"),
    hatched: yieldsFigure({
      channel: "SR",
      title: "bin",
      data: [3, 5],
      samples: [
        { name: "signal σ_μ", values: [5, 0] },
        { name: "background", values: [50, 40] },
      ],
      uncertainty: [5, 4],
    }),
  };

  it.skipIf(absent !== null)(
    "one page of the size of the figure, with every path of the picture",
    async () => {
      const write = await pdfWriter();
      for (const svg of Object.values(drawn)) {
        const [, width, height] = /viewBox="0 0 (\d+) (\d+)"/.exec(svg)!.map(Number);
        const { objects, streams } = parts(write(svg));
        expect(objects[1]).toContain("/Count 1");
        expect(objects[2]).toContain(`/MediaBox [0 0 ${0.75 * width!} ${0.75 * height!}]`);
        const font = { loadSystemFonts: true, defaultFontFamily: "DejaVu Sans" };
        const picture = new resvg!.Resvg(standalone(svg, "light"), { font }).toString();
        const content = streams[3]!;
        const paths = [...picture.replace(/<defs>.*?<\/defs>/gs, "").matchAll(/<path ([^>]*)>/g)].map(
          (m) => m[1]!,
        );
        // Lines have a fill that nothing is inside of.
        const filled = paths.filter(
          (p) => !p.includes('fill="none"') && path(/ d="([^"]*)"/.exec(p)![1]!).some(area),
        );
        const stroked = paths.filter((p) => !p.includes('stroke="none"'));
        expect(count(content, /^f\*?$/gm)).toBe(filled.length);
        expect(count(content, /^S$/gm)).toBe(stroked.length);
        expect(filled.length).toBeGreaterThan(count(svg, /<text/g) / 2);
        expect(count(content, /^q$/gm)).toBe(count(content, /^Q$/gm));
        expect(count(content, / W n$/gm)).toBe(count(picture, /<g[^>]* clip-path=/g));
        for (const [, letter, n] of content.matchAll(/\/([GP])(\d+)/g))
          expect(objects[2]).toContain(`/${letter}${n} ${n} 0 R`);
        for (const [, n] of objects[2]!.matchAll(/\/[GP](\d+)/g))
          expect(objects[Number(n) - 1]).toMatch(/\/Type \/(ExtGState|Pattern)/);
      }
      expect(parts(write(drawn.hatched)).objects.join()).toMatch(/\/PatternType 1 .*\/XStep 6 \/YStep 6/);
    },
  );

  it.skipIf(absent !== null)("is the same each time, says what it shows, and is light or dark", async () => {
    const write = await pdfWriter();
    expect(write(drawn.curve)).toEqual(write(drawn.curve));
    const { objects } = parts(write(drawn.curve));
    const title = Buffer.from(/\/Title <FEFF([0-9a-f]*)>/i.exec(objects.at(-1)!)![1]!, "hex").swap16();
    expect(title.toString("utf16le")).toContain("loss <&> σ");
    const dark = parts((await pdfWriter({ theme: "dark" }))(drawn.curve)).streams[3]!;
    const paper = [0x14, 0x16, 0x1a].map((x) => decimal(x / 255)).join(" ");
    expect(dark.indexOf(`${paper} rg`)).toBeGreaterThan(0);
    expect(dark.indexOf(" rg")).toBe(dark.indexOf(`${paper} rg`) + paper.length);
  });

  it("paths as those of PDF: cubic, without exponents, nothing filled without an inside", () => {
    expect(outline(path("M 1 2 L 3 4.5 Q 3 7.5 6 7.5 C 1 1 2 2 3 3 Z"))).toBe(
      "1 2 m 3 4.5 l 3 6.5 4 7.5 6 7.5 c 1 1 2 2 3 3 c h",
    );
    expect([1e-9, -1e-9, 1e7, 0.123456].map(decimal)).toEqual(["0", "0", "10000000", "0.1235"]);
    expect(() => decimal(Number.NaN)).toThrow("number NaN");
    for (const flat of ["M 0 0", "M 0 0 L 5 5", "M 0 0 L 5 0 L 2 0 Z", "M 1 1 L 1 1 L 1 1 Z"])
      expect(path(flat).some(area)).toBe(false);
    expect(path("M 0 0 L 5 0 M 0 0 L 1 0 L 1 1").map(area)).toEqual([false, true]);
    for (const unknown of ["M 0 0 A 1 1 0 0 0 2 2", "L 1 1", "M 1 x", "m 1 1"])
      expect(() => path(unknown)).toThrow(/no PDF can be made of/);
  });

  it("PDF without @resvg/resvg-js: one line that says how to install it", async () => {
    vi.doMock("@resvg/resvg-js", () => {
      throw new Error("no such package");
    });
    const error: unknown = await pdfWriter().catch((e: unknown) => e);
    vi.doUnmock("@resvg/resvg-js");
    expect(error).toBeInstanceOf(PictureError);
    expect((error as Error).message).toBe(
      "PDF needs @resvg/resvg-js; install it with: npm i @resvg/resvg-js@2.6.2",
    );
  });
});
