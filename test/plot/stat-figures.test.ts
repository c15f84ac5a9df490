// Pictures of statistical answers: everything drawn is finite, escaped and in both themes.

import { describe, expect, it, test } from "vitest";
import { type Brazil, brazilBandFigure, brazilFigure } from "../../src/plot/figures/brazil.js";
import { contourFigure } from "../../src/plot/figures/contour.js";
import { correlationFigure } from "../../src/plot/figures/correlation.js";
import { exclusionFigure } from "../../src/plot/figures/exclusion.js";
import { goodnessFigure } from "../../src/plot/figures/goodness.js";
import { profileFigure } from "../../src/plot/figures/profile.js";
import { pullsFigure } from "../../src/plot/figures/pulls.js";
import { rankingFigure } from "../../src/plot/figures/ranking.js";
import { yieldsFigure } from "../../src/plot/figures/yields.js";
import { standalone } from "../../src/plot/kit/theme.js";
import { answerPage } from "../../src/plot/pages/answerpage.js";

const hostile = `<script>"&'</script>`;
const count = (text: string, part: string) => text.split(part).length - 1;
const label = (svg: string, name: string) => count(svg, `aria-label="${name}"`);

const values = Array.from({ length: 21 }, (_, i) => i / 5);
const brazil: Brazil = {
  poi: hostile,
  values,
  observed: values.map((mu) => Math.exp(-mu)),
  expected: values.map((mu) => [4, 2, 1.4, 1, 0.6].map((slope) => Math.exp(-mu * slope))),
  level: 0.95,
};
const pulls = [hostile, "scale", "free"].map((name, i) => ({
  name,
  pull: [0.4, -3, 1.2][i]!,
  error: [0.8, 0.9] as const,
  free: i === 2,
}));
const samples = [
  { name: hostile, values: [5, 0, 3] },
  { name: "background", values: [50, 40, 0] },
];
const grid = Array.from({ length: 21 * 21 }, (_, k) => {
  return (((k % 21) - 10) / 4) ** 2 + ((Math.floor(k / 21) - 10) / 4) ** 2;
});

/** On a grid of three by three, excluded where x + y is at most 1; one is not known. */
const signals = Array.from({ length: 9 }, (_, i) => {
  const [x, y] = [i % 3, Math.floor(i / 3)];
  const cls = x + y <= 1 ? 0.01 : 0.4;
  return { x, y, observed: i === 8 ? Number.NaN : cls, expected: [0.2, 0.5, 1, 2, 2.4].map((f) => f * cls) };
});
const figures: Record<string, string> = {
  brazil: brazilFigure(brazil, { text: hostile }),
  "brazil, log": brazilFigure({
    ...brazil,
    limit: { observed: 3, expected: [1, 1, 2, 3, 5] },
    log: true,
  }),
  "brazil without data": brazilFigure({ ...brazil, observed: null }),
  "brazil of CLs that vanish": brazilFigure({
    ...brazil,
    observed: values.map(() => 0),
    expected: values.map(() => [0, 0, 0, 0, 0]),
    log: true,
  }),
  "brazil with components": brazilFigure({
    ...brazil,
    components: { clsb: values.map(() => 0.3), clb: values.map(() => 0.5) },
  }),
  profile: profileFigure({
    parameter: hostile,
    values,
    rise: values.map((v, i) => (i === 3 ? Number.NaN : (v - 2) ** 2)),
    best: 2,
    uncertainty: 1,
    interval: [1, 3],
  }),
  contour: contourFigure({
    x: { parameter: hostile, values, best: 2 },
    y: { parameter: "y", values, best: 2 },
    rise: grid,
  }),
  pulls: pullsFigure(pulls),
  ranking: rankingFigure(
    hostile,
    pulls.map((p) => ({ ...p, prefit: p.free ? null : [-0.2, 0.3], postfit: [0.1, -0.1] })),
  ),
  "ranking of no impact": rankingFigure(
    "mu",
    pulls.map((p) => ({ ...p, prefit: [0, 0], postfit: [0, 0] })),
  ),
  goodness: goodnessFigure({
    name: hostile,
    observed: 14,
    pValue: 0.2,
    degrees: 11,
    toys: [5, 9, 10, 12, 30],
  }),
  "goodness, 1 degree": goodnessFigure({ name: "q0", observed: 0, pValue: 0.5, degrees: 1, fraction: 0.5 }),
  "goodness, 2 degrees": goodnessFigure({ name: "χ²", observed: 1, pValue: 0.6, degrees: 2 }),
  "goodness, 500 degrees": goodnessFigure({ name: "χ²", observed: 900, pValue: 0, degrees: 500 }),
  yields: yieldsFigure({ channel: hostile, samples, uncertainty: [7, 6, 0], data: [60, 0, 5] }),
  "yields, log": yieldsFigure({
    ...{ channel: "SR", samples, uncertainty: [7, 6, 0], data: null, edges: [0, 1, 5, 9], title: hostile },
    log: true,
  }),
  "yields of nothing": yieldsFigure({ channel: "SR", samples: [], uncertainty: [0], data: [0] }),
  exclusion: exclusionFigure({ x: hostile, y: hostile, points: signals, level: 0.95 }),
  "exclusion of one signal, without data": exclusionFigure({
    ...{ x: "x", y: "y", level: 0.95 },
    points: [{ ...signals[0]!, observed: null }],
  }),
  correlation: correlationFigure({ names: [hostile, "b"], values: [1, -0.5, -0.5, 1] }),
};

describe.each(Object.entries(figures))("%s", (_, svg) => {
  it("has no number that is none, and no text that is markup", () => {
    expect(svg).not.toMatch(/ (d|transform|x|y|x1|x2|y1|y2|cx|cy|width|height)="[^"]*(NaN|Infinity)/);
    expect(svg).not.toContain("<script");
    expect(svg).toMatch(/^<svg [^>]*aria-label="[^"]+"/);
  });

  it("stands alone in light and dark", () => {
    for (const theme of ["light", "dark"] as const)
      expect(standalone(svg, theme)).not.toMatch(/var\(--|currentColor/);
  });
});

test("the marks that people look for are there", () => {
  expect(figures.brazil).toContain("±2σ");
  expect(label(figures.brazil!, "area")).toBe(2);
  expect(figures["brazil, log"]).toContain("observed 95 % limit 3");
  expect(figures["brazil with components"]).toContain("CLb");
  expect(figures["brazil without data"]).not.toContain("observed<");
  expect(figures.profile).toContain("1σ");
  expect(label(figures.contour!, "contour")).toBe(4);
  expect(figures.goodness).toContain("5 toys");
  // One line around the excluded corner, closed by nothing, and what is not known is left out.
  expect(figures.exclusion).toContain("3 of 8 signals excluded at 95 %");
  expect(label(figures.exclusion!, "line")).toBe(2);
  expect(label(figures.exclusion!, "polygon")).toBe(1);
  // Stack of two, hatched sum, hatched ratio.
  expect(label(figures.yields!, "area")).toBe(4);
  expect(count(figures.yields!, "url(#hatch)")).toBe(3);
  expect(count(figures.yields!, 'id="hatch"')).toBe(1);
  expect(figures.correlation).toContain("−50");
});

test("many samples are drawn as ten, of which one is the rest", () => {
  const many = Array.from({ length: 14 }, (_, i) => ({ name: `sample ${i}`, values: [i + 1] }));
  const svg = yieldsFigure({ channel: "SR", samples: many, uncertainty: [1], data: null });
  expect(svg).toContain("5 others");
  expect(label(svg, "area")).toBe(12);
});

test("a page has figures, tables and warnings, all escaped", () => {
  const html = answerPage({
    title: hostile,
    summary: hostile,
    warnings: [hostile],
    tables: [{ heading: hostile, heads: ["", hostile], rows: Array(600).fill([hostile, "-1"]) }],
    figures: [{ name: "pulls", svg: figures.pulls!, caption: hostile }],
    facts: [[hostile, hostile]],
    program: hostile,
  });
  expect(html).not.toContain("<script");
  expect(html).toContain("100 more rows");
  expect(html).toContain("<td>−1</td>");
});

it("a band has a confidence level, and says so of one that is a probability", () => {
  const { check } = brazilBandFigure;
  expect(check({ ...brazil, level: 0.05 }, "brazil")).toMatch(
    /level must be .*; write 0\.95 for pyhf's level 0\.05$/,
  );
  expect(brazilFigure({ ...brazil, level: 0.9 })).toContain("CLs = 0.1");
});

describe("a ranking", () => {
  const bar = (name: string, postfit: readonly [number, number], cut = false) => ({
    ...{ name, pull: 0, error: [1, 1] as const, prefit: postfit, postfit },
    bounded: { prefit: [cut, false] as const, postfit: [cut, false] as const },
  });
  it("marks bounds and what no fit has found, and has no scale where nothing moves", () => {
    const marked = rankingFigure("mu", [bar("v", [0.08, -0.15], true), bar("w", [Number.NaN, 0.1])]);
    expect(marked).toMatch(/at a bound/);
    expect(marked).toMatch(/>\?</);
    expect(marked).not.toMatch(/NaN/);
    expect(rankingFigure("mu", [bar("v", [0.08, -0.15])])).not.toMatch(/at a bound/);
    const still = rankingFigure("mu", [bar("v", [0, 0])]);
    expect(still).not.toMatch(/NaN|e-1\d/);
    expect(still).toMatch(/largest impact 0</);
  });
  it("tells long names apart by their ends", () => {
    const name = "staterror_of_a_region_with_a_very_long_name_SR";
    const svg = rankingFigure("mu", [bar(`${name}_high[0]`, [1, -1]), bar(`${name}_low[11]`, [1, -1])]);
    expect(svg).toMatch(/…[^<]*high\[0\]</);
    expect(svg).toMatch(/…[^<]*low\[11\]</);
  });
});

test("a page that cannot be written says which part of it is wrong", () => {
  const good = { title: "a", summary: "b", program: "c" };
  const wrong: readonly (readonly [part: object, says: string])[] = [
    [{ title: 1 }, "page.title must be a text"],
    [{ facts: [["a"]] }, "page.facts[0] must be a list of 2"],
    [{ tables: [{ heading: "t", heads: [], rows: [[1]] }] }, "page.tables[0].rows[0][0] must be a text"],
    [{ figures: [{ name: "f" }] }, "page.figures[0].svg is missing"],
    [{ theme: "pink" }, "page.theme must be"],
  ];
  for (const [part, says] of wrong) expect(() => answerPage({ ...good, ...part })).toThrow(says);
});
