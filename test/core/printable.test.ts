// What comes out of files reaches a terminal and a picture as text.

import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { usefulThreads } from "../../src/cli/training/trainthreads.js";
import { init } from "../../src/index.js";
import { histogramFigure } from "../../src/plot/figures/histogram.js";
import { fitted, textWidth } from "../../src/plot/kit/svg.js";
import { escapeHtml } from "../../src/text/escape.js";
import { onOneLine, printable } from "../../src/text/printable.js";
import { failure, run } from "../kit/clirun.js";
import { runs } from "../kit/runs.js";

beforeAll(() => init());

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for.
const raw = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ufffe\uffff]/;
const anyText = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.string({
    unit: fc.constantFrom(
      "\u001b",
      "[",
      "2",
      "J",
      "\u0007",
      "\r",
      "\n",
      "\u202e",
      "\ud800",
      "é",
      "<",
      "&",
      "a",
    ),
  }),
);

describe("text out of files", () => {
  it("has no control characters left, and reads back as JSON", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(printable(text)).not.toMatch(raw);
        expect(printable(text)).toBe(printable(printable(text)));
        expect(onOneLine(text)).not.toMatch(/[\n\t]/);
        expect(JSON.parse(printable(JSON.stringify({ [text]: text })))).toEqual({ [text]: text });
        expect(printable("tab\tline\n ü→∞😀")).toBe("tab\tline\n ü→∞😀");
        expect(escapeHtml(text)).not.toMatch(/[<>"]/);
      }),
      { numRuns: runs(200) },
    );
    expect(printable("\u001b]0;owned\u0007\r")).toBe("\\u001b]0;owned\\u0007\\u000d");
  });

  it("in a picture is XML", () => {
    const bins = { sum: [1, 2], error: [1, 1], entries: [1, 2] };
    const numbers = { signal: bins, background: bins };
    fc.assert(
      fc.property(anyText, (name) => {
        const svg = histogramFigure({ name, edges: [0, 1, 2], ...numbers });
        expect(svg).not.toMatch(raw);
        // No entity but those of XML, and no bare ampersand.
        expect(svg.replace(/&(amp|lt|gt|quot|apos|#39|#160|nbsp);/g, "")).not.toContain("&");
      }),
      { numRuns: runs(15) },
    );
  });

  it("on the terminal has lost its power", async () => {
    const name = "\u001b[2J\u001b]0;owned\u0007.csv";
    const err = await failure("train", "--signal", name, "--background", name, "--cut", "pt > 1");
    expect(err).not.toMatch(raw);
    const model = {
      channels: [
        {
          name: "c\u001b[31m",
          samples: [
            { name: "s\nt", data: [1], modifiers: [{ name: "mu\r\u009b", type: "normfactor", data: null }] },
          ],
        },
      ],
      observations: [{ name: "c\u001b[31m", data: [1] }],
      measurements: [{ name: "m", config: { poi: "mu\r\u009b", parameters: [] } }],
      version: "1.0.0",
    };
    const input = async () => JSON.stringify(model);
    for (const command of [["inspect"], ["fit"], ["yields", "--json"], ["yields"], ["sort"]]) {
      const { status, out, err } = await run(command, { input });
      expect([status, err], `${command}`).toEqual([0, ""]);
      expect(out, `${command}`).not.toMatch(raw);
    }
    const { out } = await run(["sort"], { input });
    expect((JSON.parse(out) as typeof model).channels[0]!.name).toBe(model.channels[0]!.name);
  });
});

describe("texts that fit", () => {
  /** As a person would do it: one character less until it fits. */
  const slowly = (text: string, space: number): string => {
    if (textWidth(text) <= space) return text;
    const kept = [...text];
    while (kept.length > 3 && textWidth(`${kept.join("")}…`) > space) kept.pop();
    return `${kept.join("")}…`;
  };

  it("are as long as they can be", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(..."iWm.a😀A "), maxLength: 60 }),
        fc.integer({ min: 0, max: 300 }),
        (text, space) => {
          expect(fitted(text, space)).toBe(slowly(text, space));
        },
      ),
      { numRuns: runs(200) },
    );
  });

  it("of a million characters are found in one pass", () => {
    expect(fitted("m".repeat(1e6), 100)).toMatch(/^m{8}…$/);
  });
});

describe("threads", () => {
  it("are as many as have something to do", () => {
    const rows = (...counts: number[]) => counts.map((count) => ({ rows: count }));
    expect(usefulThreads(rows(100, 8192), 16, null, 4)).toBe(1);
    expect(usefulThreads(rows(100, 8193), 16, null, 4)).toBe(2);
    expect(usefulThreads(rows(1e6, 1e6), 200, null, 4)).toBe(16);
    expect(usefulThreads(rows(1e6, 1e6), null, null, 64)).toBe(8);
    expect(usefulThreads(rows(1e6, 1e6), null, 30_000, 64)).toBe(2);
    expect(usefulThreads(rows(1e6), 1, null, 64)).toBe(1);
    expect(usefulThreads([], null, null, 64)).toBe(1);
  });
});
