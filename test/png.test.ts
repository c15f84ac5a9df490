import { describe, expect, it, vi } from "vitest";
import { lossCurve } from "../src/plot/curves.js";
import { PngError, pngWriter } from "../src/plot/png.js";
import { standalone } from "../src/plot/theme.js";

const resvg = await import("@resvg/resvg-js").catch(() => undefined);
const writer = resvg && (await pngWriter().catch((error: Error) => error.message));
const absent =
  resvg === undefined ? "@resvg/resvg-js is not installed" : typeof writer === "string" ? writer : null;
if (absent !== null) console.log(`PNG is not tested: ${absent}.`);

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
    expect(error).toBeInstanceOf(PngError);
    expect((error as Error).message).toBe(
      "PNG needs @resvg/resvg-js; install it with: npm i @resvg/resvg-js@2.6.2",
    );
  });
});
