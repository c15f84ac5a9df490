/** What notebooks show of values: texts by MIME types, which Deno's kernel asks for by a symbol. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { brazil, show } from "../../src/plot/index.js";
import { shownAs } from "../../src/text/display.js";
import * as G from "../kit/library.js";

const display = Symbol.for("Jupyter.display");
const bundleOf = (value: unknown): Record<string, string> => {
  const method: unknown = Reflect.get(Object(value), display);
  if (typeof method !== "function") throw new Error("nothing shows it");
  return Reflect.apply(method, value, []);
};

beforeAll(() => G.init());
const model = () => G.uncorrelatedBackground([5, 10], [50, 60], [7, 8]);
const data = () => [52, 65, ...model().suggestedAuxdata()];

describe("a notebook shows", () => {
  it("answers about a model as tables, with the digits of the answer", () => {
    const [m, d] = [model(), data()];
    const answers: Record<string, object> = {
      fit: G.fit(d, m),
      upperLimit: G.upperLimit(d, m),
      hypotest: G.hypotest(1, d, m),
      discovery: G.discovery(d, m),
      uncertainties: G.uncertainties(d, m),
      limitScan: G.limitScan([0, 1, 2], d, m),
      profileScan: G.profileScan("mu", d, m, { points: 3 }),
      pulls: G.pulls(d, m),
      ranking: G.ranking(d, m),
      minos: G.minos(d, m),
      contour: G.contour(["mu", "uncorr_bkguncrt[0]"], d, m, { points: 4 }),
      fittedYields: G.fittedYields(d, m),
    };
    for (const [name, answer] of Object.entries(answers)) {
      const bundle = bundleOf(answer);
      expect(Object.keys(bundle), name).toEqual(["text/plain", "text/html"]);
      expect(bundle["text/plain"]!.startsWith(`${name}\n`), name).toBe(true);
      expect(bundle["text/html"], name).toMatch(/^<b>\w+<\/b><table><tr>/);
      // The method is nobody else's: copies and comparisons are of the data alone.
      expect(display in { ...answer }, name).toBe(false);
      expect(Object.keys(answer), name).toEqual(Object.keys(structuredClone(answer)));
    }
    const { observed } = G.upperLimit(d, m);
    expect(bundleOf(answers.upperLimit)["text/plain"]).toContain(`observed   ${+observed.toPrecision(6)}`);
    const { x } = G.fit(d, m);
    const rows = bundleOf(answers.fit)["text/html"]!.match(/<tr><td>mu<.*?<\/tr>/);
    expect(rows![0]).toBe(`<tr><td>mu</td><td>${+x[0]!.toPrecision(6)}</td></tr>`);
  });

  it("trainings, arrays, tables and tensors", async () => {
    const trained = await G.train((p: { a: G.Tensor }) => p.a.sub(2).square(), {
      params: { a: 0 },
      data: {},
      optimizer: G.adam(0.1),
      steps: 30,
    });
    expect(bundleOf(trained)["text/plain"]).toMatch(/^train\n {2}params +\{ a: [\d.]+ \}\n/);
    expect(
      bundleOf(
        G.array([
          [1, 2.5],
          [3, 4],
        ]),
      )["text/plain"],
    ).toBe("[2,2]\n  1  2.5\n  3  4");
    const events = G.table({
      x: Float64Array.from({ length: 30 }, (_, i) => i / 4),
      n: Int32Array.from({ length: 30 }),
    });
    const bundle = bundleOf(events);
    expect(bundle["text/plain"]!.split("\n").slice(0, 4)).toEqual([
      "30 events",
      "  x     n",
      "  0     0",
      "  0.25  0",
    ]);
    expect(bundle["text/plain"]).toMatch(/ {2}…\s+of 30 rows$/);
    const jets = G.nested(Int32Array.of(0, 2, 3), { pt: Float64Array.of(5, 6, 7) });
    expect(bundleOf(G.table({ x: Float64Array.of(1, 2), jets }))["text/plain"]).toMatch(
      /\n {2}jets {2}3 rows$/,
    );
    const texts: string[] = [];
    G.compile((e: { x: G.Tensor }) => {
      texts.push(bundleOf(e.x)["text/plain"]!);
      return e.x.sum();
    })(events);
    expect(texts[0]).toMatch(/^Tensor\(/);
  });

  it("figures as SVG", () => {
    const svg = brazil(G.limitScan([0, 1, 2, 3], data(), model()));
    const bundle = bundleOf(show(svg));
    expect(bundle["image/svg+xml"]).toBe(svg);
    expect(bundle["text/plain"]).toMatch(/\w/);
    expect(String(show(svg))).toBe(svg);
    expect(() => show(5 as never)).toThrow("'svg' of 'show' is a text");
    for (const text of ["not svg", "", "<p><svg></svg></p>"])
      expect(() => show(text)).toThrow("'svg' of 'show' is a text of SVG");
    const titled = "<svg><title>a &lt; b &amp;&amp; c &#39;d&#39; &quot;e&quot; &euro;</title></svg>";
    expect(bundleOf(show(titled))["text/plain"]).toBe(`a < b && c 'd' "e" &euro;`);
  });

  it("names as text, whatever is in them", () => {
    const events = G.table({ "<img src=x onerror=alert(1)>": Float64Array.of(1) });
    expect(bundleOf(events)["text/html"]).not.toContain("<img");
    expect(bundleOf(events)["text/html"]).toContain("&lt;img src=x onerror=alert(1)&gt;");
  });

  it("tables without rows, names of several lines, and records that lack some of the others' fields", () => {
    expect(bundleOf(G.table({ x: new Float64Array(0) }))["text/plain"]).toBe("0 events\n  x");
    const events = G.table({ "a\nb": Float64Array.of(1), c: Float64Array.of(Number.NaN) });
    expect(bundleOf(events)["text/plain"]).toBe("1 events\n  a b  c\n  1    NaN");
    const rows = [
      { n: "a", v: 1 },
      { n: "b", w: 2, v: 3 },
      { v: 5, n: "c" },
    ];
    expect(bundleOf(shownAs("x", { rows }))["text/plain"]).toBe(
      "x\n  rows  v  w\n  a     1\n  b     3  2\n  c     5",
    );
  });

  it("what stands in the notebook of the examples, which names no place of a machine", () => {
    const text = readFileSync(join(import.meta.dirname, "../../examples/notebook.ipynb"), "utf8");
    expect(text).not.toMatch(/file:|\/(home|root|tmp|work|Users)\//);
    interface Cell {
      readonly source: readonly string[];
      readonly outputs?: readonly { readonly data: Readonly<Record<string, readonly string[]>> }[];
    }
    const all: Cell[] = JSON.parse(text).cells;
    const cells = new Map(all.map(({ source, outputs = [] }) => [source.join(""), outputs]));
    expect(cells.size).toBeGreaterThan(8);
    const m = G.uncorrelatedBackground([12, 11], [50, 52], [3, 7]);
    const d = [51, 48, ...m.suggestedAuxdata()];
    const values = {
      "upperLimit(data, model)": G.upperLimit(d, m),
      "array([[1, 0.25], [0.25, 2]])": G.array([
        [1, 0.25],
        [0.25, 2],
      ]),
    };
    for (const [source, value] of Object.entries(values)) {
      const [shown] = cells.get(source)!;
      const found = Object.entries(shown!.data).map(([type, lines]) => [type, lines.join("")]);
      expect(Object.fromEntries(found)).toEqual(bundleOf(value));
    }
  });
});
