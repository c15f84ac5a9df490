/** What figures are made of: marks in a frame, and lines of equal height. */

import { describe, expect, it } from "vitest";
import { type Frame, type Mark, scale } from "../../src/plot/kit/frame.js";
import { isolines } from "../../src/plot/kit/isolines.js";
import { area, arrow, boxes, dots, isoline, line, rulesX, rulesY, texts } from "../../src/plot/kit/marks.js";
import { element, finish } from "../../src/plot/kit/svg.js";

const frame: Frame = {
  ...{ left: 0, right: 100, top: 0, bottom: 50, clip: 3 },
  x: scale([0, 10], [0, 100]),
  y: scale([0, 5], [50, 0]),
};
/** Attributes of the elements of a mark. */
const drawn = (mark: Mark) =>
  mark.draw(frame)?.children.map((child) => (typeof child === "string" ? child : child.attributes)) ?? [];
const paths = (mark: Mark) => drawn(mark).map((attributes) => (attributes as { d?: string }).d);
const nowhere = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];

describe("scales", () => {
  it("go from one end to the other, log ones by ratios", () => {
    expect([0, 5, 10].map(scale([0, 10], [0, 100]))).toEqual([0, 50, 100]);
    expect([1, 10, 100].map(scale([1, 100], [50, 0], true))).toEqual([50, 25, 0]);
    for (const value of [-1, Number.NaN]) expect(scale([1, 100], [0, 1], true)(value)).toBeNaN();
  });
});

describe("marks", () => {
  it("break lines and areas where a point is nowhere", () => {
    for (const no of nowhere) {
      const points = [
        ...[[1, 1] as const, [2, no] as const, [3, 1] as const],
        ...[[4, 2] as const, [no, 2] as const, [6, 1] as const],
      ];
      expect(paths(line(points))).toEqual(["M10,40ZM30,40L40,30M60,40Z"]);
      const slices = points.map(([x, high]) => ({ x, low: 0, high }));
      expect(paths(area(slices, {}))).toEqual(["M10,40L10,50ZM30,40L40,30L40,50L30,50ZM60,40L60,50Z"]);
    }
  });

  it("leave out what is nowhere, and themselves where nothing is left", () => {
    for (const no of nowhere) {
      const some: [mark: Mark, count: number][] = [
        [rulesX([{ at: no }, { at: 1 }, { at: 1, from: no }]), 1],
        [rulesY([{ at: 1 }, { at: no }, { at: 1, to: no }]), 1],
        [
          dots(
            [
              { x: 1, y: no },
              { x: no, y: 1 },
              { x: 1, y: 1 },
            ],
            { r: 2 },
          ),
          1,
        ],
        [
          texts(
            [
              { x: no, text: "a" },
              { x: 1, text: "b" },
              { x: 1, text: "" },
            ],
            {},
          ),
          1,
        ],
        [
          boxes(
            [
              { x: [0, no], y: [0, 1] },
              { x: [0, 1], y: [0, 1] },
            ],
            {},
          ),
          1,
        ],
        [arrow([1, no], [2, 2], { head: 3 }), 0],
        [arrow([1, 1], [1, 1], { head: 3 }), 0],
        [line([[no, 1]]), 0],
        [area([{ x: 1, low: no, high: 1 }], {}), 0],
      ];
      for (const [mark, count] of some) {
        expect(drawn(mark)).toHaveLength(count);
        if (count === 0) expect(mark.draw(frame)).toBeUndefined();
      }
    }
  });

  it("stand where their values are", () => {
    expect(drawn(rulesX([{ at: 2 }, { at: 3, from: 1, to: 2 }]))).toEqual([
      { x1: 20, x2: 20, y1: 0, y2: 50 },
      { x1: 30, x2: 30, y1: 40, y2: 30 },
    ]);
    expect(drawn(rulesY([{ at: 2, to: 5 }]))).toEqual([{ x1: 0, x2: 50, y1: 30, y2: 30 }]);
    expect(drawn(boxes([{ x: [4, 1], y: [1, 3], fill: "red" }], { inset: 2 }))).toMatchObject([
      { x: 12, y: 22, width: 28, height: 18, fill: "red" },
    ]);
    expect(drawn(dots([{ x: 1, y: 1 }], { r: 2 }))).toMatchObject([{ cx: 10, cy: 40, r: 2 }]);
    expect(drawn(texts([{ text: "a" }], { side: "bottom" }))).toMatchObject([
      { transform: "translate(0,50)" },
    ]);
    expect(drawn(texts([{ y: 1, text: "a" }], { side: "right" }))).toMatchObject([
      { transform: "translate(100,40)" },
    ]);
  });

  it("draw symbols of the area of a circle", () => {
    for (const symbol of ["triangle", "diamond"] as const) {
      const [d] = paths(dots([{ x: 0, y: 0 }], { r: 3, symbol }));
      const corners = d!
        .slice(1, -1)
        .split("L")
        .map((corner) => corner.split(",").map(Number));
      const twice = corners.reduce((sum, [x, y], i) => {
        const [u, v] = corners[(i + 1) % corners.length]!;
        return sum + x! * v! - u! * y!;
      }, 0);
      expect(Math.abs(twice) / 2).toBeCloseTo(Math.PI * 9, 10);
    }
  });

  it("are cut off at their frame where they say so", () => {
    const node = line(
      [
        [1, 1],
        [2, 2],
      ],
      { clip: true },
    ).draw(frame)!;
    expect(node.attributes["clip-path"]).toBe(3);
    const svg = finish(element("svg", {}, node), "a < b");
    expect(svg).toMatch(/clip-path="url\(#clip-[0-9a-z]+-3\)"/);
    expect(svg).toContain('aria-label="a &lt; b"');
  });
});

/** Twice the area inside a ring that runs counterclockwise on the paper, where y goes down; negative for others. */
const turn = (ring: readonly (readonly [number, number])[]): number =>
  ring.reduce((sum, [x, y], i) => {
    const [u, v] = ring[(i + 1) % ring.length]!;
    return sum + u * y - x * v;
  }, 0);

const gridOf = (n: number, value: (x: number, y: number) => number) => ({
  ...{ width: n, height: n },
  values: Array.from({ length: n * n }, (_, k) => value((k % n) + 0.5, Math.floor(k / n) + 0.5)),
});

describe("lines of equal height", () => {
  it("go around a hill at its height, and the other way around a lake", () => {
    const from = (x: number, y: number) => Math.hypot(x - 20, y - 20);
    const [hill, ...more] = isolines(
      gridOf(40, (x, y) => -from(x, y)),
      -12.3,
    );
    expect(more).toEqual([]);
    for (const [x, y] of hill!) expect(from(x, y)).toBeCloseTo(12.3, 1);
    expect(turn(hill!) / 2).toBeCloseTo(Math.PI * 12.3 ** 2, -1);
    const lake = isolines(gridOf(40, from), 12.3);
    // The rim of the grid, and the shore.
    expect(lake).toHaveLength(2);
    expect(lake.map((ring) => Math.sign(turn(ring))).sort()).toEqual([-1, 1]);
  });

  it("are closed: every step is within one square, for any values", () => {
    let seed = 1;
    const random = () => {
      seed = (seed * 48271) % 2147483647;
      return seed / 2147483647;
    };
    for (let round = 0; round < 30; round++) {
      const grid = gridOf(8, () => (round % 2 && random() < 0.1 ? Number.NaN : Math.round(random() * 4)));
      const rings = isolines(grid, 2);
      for (const ring of rings) {
        expect(ring.length).toBeGreaterThan(3);
        for (const [i, [x, y]] of ring.entries()) {
          expect(x >= 0 && x <= 8 && y >= 0 && y <= 8).toBe(true);
          const [u, v] = ring[(i + 1) % ring.length]!;
          expect(Math.max(Math.abs(x - u), Math.abs(y - v))).toBeLessThanOrEqual(1);
        }
      }
      // What is above stands inside: inside one ring more than inside ones that run the other way.
      for (const [k, value] of grid.values.entries()) {
        const [x, y] = [(k % 8) + 0.5, Math.floor(k / 8) + 0.5];
        // On a line: at the level, and beside NaN.
        if (value === 2 || round % 2) continue;
        const winding = rings
          .filter((ring) => inside(ring, x, y))
          .reduce((n, ring) => n + Math.sign(turn(ring)), 0);
        expect(winding).toBe(value > 2 ? 1 : 0);
      }
    }
  });

  it("are none of what is below, of NaN, and at NaN", () => {
    const flat = (value: number) => gridOf(3, () => value);
    expect(isolines(flat(1), 2)).toEqual([]);
    expect(isolines(flat(Number.NaN), 0)).toEqual([]);
    expect(isolines(flat(1), Number.NaN)).toEqual([]);
    expect(isolines(flat(2), 2)).toHaveLength(1);
    const field = { ...flat(1), x: [0, 10], y: [0, 5] } as const;
    expect(paths(isoline(field, 2, {}))).toEqual([]);
    expect(paths(isoline(field, 0, {}))[0]).toMatch(/^M[\d.,L]+Z$/);
  });
});

function inside(ring: readonly (readonly [number, number])[], x: number, y: number): boolean {
  return ring.reduce((odd, [x1, y1], i) => {
    const [x2, y2] = ring[(i + 1) % ring.length]!;
    return y1 > y !== y2 > y && x < ((x2 - x1) * (y - y1)) / (y2 - y1) + x1 ? !odd : odd;
  }, false);
}
