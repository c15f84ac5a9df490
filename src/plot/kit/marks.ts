/** What figures are made of: lines, areas, rules, boxes, points and texts, from values on the axes of a frame. */

import type { Frame, Mark, Point } from "./frame.js";
import { type Grid, isolines } from "./isolines.js";
import { element, type SvgNode, textElement } from "./svg.js";

/** How a mark looks. Colours are those of theme.ts, or `currentColor`. */
export interface Style {
  readonly fill?: string;
  readonly fillOpacity?: number;
  readonly stroke?: string;
  readonly strokeWidth?: number;
  readonly strokeOpacity?: number;
  /** Lengths of dashes and gaps in pixels. */
  readonly strokeDasharray?: string;
  /** Whether what is outside the frame is cut off; not by default. */
  readonly clip?: boolean;
  /** Pixels to the right and downwards. */
  readonly dx?: number;
  readonly dy?: number;
}

type Attributes = SvgNode["attributes"];

/** A mark of elements that share a style; `own` is what this kind of mark has beside it. */
function mark(
  label: string,
  style: Style,
  own: Attributes,
  elements: (frame: Frame) => readonly SvgNode[],
): Mark {
  const { clip = false, dx = 0, dy = 0, fill, fillOpacity, stroke, strokeWidth } = style;
  const { strokeOpacity, strokeDasharray } = style;
  const look = {
    // What is inherited is left out.
    fill: fill === "currentColor" ? undefined : fill,
    "fill-opacity": fillOpacity,
    stroke,
    "stroke-width": strokeWidth === 1 ? undefined : strokeWidth,
    "stroke-opacity": strokeOpacity,
    "stroke-linejoin": undefined,
    "stroke-linecap": undefined,
    "stroke-miterlimit": undefined,
    "stroke-dasharray": strokeDasharray,
    ...own,
    transform: dx || dy ? `translate(${dx},${dy})` : undefined,
  };
  return {
    clip,
    draw(frame) {
      const inside = elements(frame);
      if (inside.length === 0) return undefined;
      return clip
        ? element("g", { "aria-label": label, "clip-path": frame.clip }, element("g", look, ...inside))
        : element("g", { "aria-label": label, ...look }, ...inside);
    },
  };
}

const known = ([x, y]: Point): boolean => Number.isFinite(x) && Number.isFinite(y);
const thousandths = (x: number): number => Math.round(x * 1000) / 1000;
const joined = (points: readonly Point[]): string =>
  points.map(([x, y]) => `${thousandths(x)},${thousandths(y)}`).join("L");

/** The pieces between points that are not known. */
function pieces<P>(points: readonly P[], isKnown: (point: P) => boolean): P[][] {
  const all: P[][] = [[]];
  for (const point of points)
    if (isKnown(point)) all.at(-1)!.push(point);
    else all.push([]);
  return all.filter((piece) => piece.length > 0);
}

const round = { "stroke-linejoin": "round", "stroke-linecap": "round" };

/** A line through points, broken where one is NaN. */
export function line(points: readonly Point[], style: Style = {}): Mark {
  const look = { stroke: "currentColor", strokeWidth: 1.5, ...style, fill: "none" };
  return mark("line", look, round, ({ x, y }) => {
    const through = pieces(
      points.map(([px, py]): Point => [x(px), y(py)]),
      known,
    );
    const d = through.map((piece) => `M${joined(piece)}${piece.length === 1 ? "Z" : ""}`).join("");
    return d === "" ? [] : [element("path", { d })];
  });
}

/** Between two heights at each x. */
export interface Slice {
  readonly x: number;
  readonly low: number;
  readonly high: number;
}

/** The area between two lines. */
export const area = (slices: readonly Slice[], style: Style): Mark =>
  mark("area", style, {}, ({ x, y }) => {
    const placed = slices.map((slice) => ({
      high: [x(slice.x), y(slice.high)] as const,
      low: [x(slice.x), y(slice.low)] as const,
    }));
    const d = pieces(placed, ({ high, low }) => known(high) && known(low))
      .map((piece) => {
        const [above, below] = [piece.map(({ high }) => high), piece.map(({ low }) => low).reverse()];
        return `M${joined(above)}L${joined(below)}Z`;
      })
      .join("");
    return d === "" ? [] : [element("path", { d })];
  });

/** Filled polygons. */
export const polygons = (all: readonly (readonly Point[])[], style: Style): Mark =>
  mark("polygon", style, { "stroke-linejoin": "round" }, ({ x, y }) => {
    const placed = all.map((corners) => corners.map(([px, py]): Point => [x(px), y(py)]));
    const d = placed.filter((corners) => corners.every(known)).map((corners) => `M${joined(corners)}Z`);
    return d.length === 0 ? [] : [element("path", { d: d.join("") })];
  });

/** A line across the frame at `at`, or a part of one. */
export interface Rule {
  readonly at: number;
  readonly from?: number;
  readonly to?: number;
}

/** Lines upright at values of x. */
export const rulesX = (rules: readonly Rule[], style: Style = {}): Mark =>
  mark("rule", { stroke: "currentColor", ...style }, {}, ({ x, y, top, bottom }) =>
    rules.flatMap(({ at, from, to }) => {
      const [x1, y1, y2] = [x(at), from === undefined ? top : y(from), to === undefined ? bottom : y(to)];
      return known([x1, y1]) && known([x1, y2]) ? [element("line", { x1, x2: x1, y1, y2 })] : [];
    }),
  );

/** Lines level at values of y. */
export const rulesY = (rules: readonly Rule[], style: Style = {}): Mark =>
  mark("rule", { stroke: "currentColor", ...style }, {}, ({ x, y, left, right }) =>
    rules.flatMap(({ at, from, to }) => {
      const [y1, x1, x2] = [y(at), from === undefined ? left : x(from), to === undefined ? right : x(to)];
      return known([x1, y1]) && known([x2, y1]) ? [element("line", { x1, x2, y1, y2: y1 })] : [];
    }),
  );

/** A box between two corners, with what is its own of the style. */
export interface Box {
  readonly x: Point;
  readonly y: Point;
  readonly fill?: string;
  readonly fillOpacity?: number;
}

/** Boxes, less `inset` pixels at the left and at the top. */
export const boxes = (all: readonly Box[], { inset = 0, ...style }: Style & { inset?: number }): Mark =>
  mark("rect", style, {}, ({ x, y }) =>
    all.flatMap((box) => {
      const [x1, x2, y1, y2] = [x(box.x[0]), x(box.x[1]), y(box.y[0]), y(box.y[1])];
      if (!known([x1, y1]) || !known([x2, y2])) return [];
      const place = {
        ...{ x: Math.min(x1, x2) + inset, y: Math.min(y1, y2) + inset },
        width: Math.max(0, Math.abs(x2 - x1) - inset),
        height: Math.max(0, Math.abs(y1 - y2) - inset),
      };
      return [element("rect", { ...place, fill: box.fill, "fill-opacity": box.fillOpacity })];
    }),
  );

/** Corners of symbols around (0, 0), of the area of a circle of radius `r`. */
const symbols = {
  circle: undefined,
  triangle(r: number): Point[] {
    const third = Math.sqrt((r * r * Math.PI) / (Math.sqrt(3) * 3));
    return [
      [0, -third * 2],
      [Math.sqrt(3) * third, third],
      [-Math.sqrt(3) * third, third],
    ];
  },
  diamond(r: number): Point[] {
    const high = Math.sqrt((r * r * Math.PI) / (2 * Math.sqrt(1 / 3)));
    const wide = high * Math.sqrt(1 / 3);
    return [
      [0, -high],
      [wide, 0],
      [0, high],
      [-wide, 0],
    ];
  },
};

/** A point; `turned` is in degrees. */
export interface Dot {
  readonly x: number;
  readonly y: number;
  readonly fill?: string;
  readonly turned?: number;
}

export interface DotStyle extends Style {
  readonly r: number;
  readonly symbol?: keyof typeof symbols;
}

export const dots = (points: readonly Dot[], { r, symbol = "circle", ...style }: DotStyle): Mark =>
  mark("dot", style, {}, (frame) =>
    points.flatMap(({ x, y, fill, turned }) => {
      const [cx, cy] = [frame.x(x), frame.y(y)];
      if (!known([cx, cy])) return [];
      const corners = symbols[symbol]?.(r);
      if (!corners) return [element("circle", { cx, cy, r, fill })];
      const transform = `translate(${cx},${cy})${turned === undefined ? "" : ` rotate(${turned})`}`;
      const around = corners.map((corner) => corner.join(","));
      return [element("path", { transform, d: `M${around.join("L")}Z`, fill })];
    }),
  );

/** A text at a place; what is left out of it is `side` of the style. */
export interface Label {
  readonly x?: number;
  readonly y?: number;
  readonly text: string;
}

export interface TextStyle extends Style {
  /** The side of the frame where texts stand whose x or y is left out. */
  readonly side?: "left" | "right" | "top" | "bottom";
  readonly textAnchor?: "start" | "end";
  /** What of the text is at its place; its middle where left out. */
  readonly lineAnchor?: "top" | "bottom";
  readonly fontSize?: number;
  readonly fontWeight?: string;
}

const baselines = { top: "0.71em", bottom: undefined, middle: "0.32em" };

export function texts(labels: readonly Label[], style: TextStyle): Mark {
  const { side, textAnchor, lineAnchor = "middle", fontSize, fontWeight, ...look } = style;
  const own = {
    ...(look.stroke === undefined ? {} : { "stroke-linejoin": "round", "paint-order": "stroke" }),
    ...{ "text-anchor": textAnchor, "font-size": fontSize, "font-weight": fontWeight },
  };
  return mark("text", look, own, (frame) =>
    labels.flatMap((label) => {
      const x = label.x === undefined ? frame[side === "right" ? "right" : "left"] : frame.x(label.x);
      const y = label.y === undefined ? frame[side === "bottom" ? "bottom" : "top"] : frame.y(label.y);
      if (!known([x, y]) || label.text === "") return [];
      return [textElement({ y: baselines[lineAnchor], transform: `translate(${x},${y})` }, label.text)];
    }),
  );
}

const wing = Math.PI / 6;

/** An arrow with a head of `head` pixels, at most a third of its length. */
export function arrow(from: Point, to: Point, { head, ...style }: Style & { head: number }): Mark {
  const look = { stroke: "currentColor", ...style, fill: "none" };
  const own = { "stroke-linecap": "round", "stroke-miterlimit": 1 };
  return mark("arrow", look, own, ({ x, y }) => {
    const [x1, y1, x2, y2] = [x(from[0]), y(from[1]), x(to[0]), y(to[1])];
    const length = Math.hypot(x2 - x1, y2 - y1);
    if (!(length > 0)) return [];
    const angle = Math.atan2(y2 - y1, x2 - x1);
    const reach = Math.min(head, length / 3);
    const end = (turn: number) =>
      `${x2 - reach * Math.cos(angle + turn)},${y2 - reach * Math.sin(angle + turn)}`;
    return [element("path", { d: `M${x1},${y1}L${x2},${y2}M${end(wing)}L${x2},${y2}L${end(-wing)}` })];
  });
}

/** Values over a plane, between the outer edges of its cells. */
export interface Field extends Grid {
  readonly x: Point;
  readonly y: Point;
}

/** Lines around what is at least as high as `level`. */
export function isoline(
  { x: [left, right], y: [bottom, top], ...grid }: Field,
  level: number,
  style: Style,
): Mark {
  const look = { ...(style.fill === undefined ? { fill: "none" } : {}), ...style };
  return mark("contour", look, style.stroke === undefined ? {} : { "stroke-miterlimit": 1 }, ({ x, y }) => {
    const [x1, y1] = [x(left), y(bottom)];
    const [kx, ky] = [grid.width / (x(right) - x1), grid.height / (y(top) - y1)];
    const d = isolines(grid, level).map(
      (ring) => `M${joined(ring.map(([u, v]): Point => [u / kx + x1, v / ky + y1]))}Z`,
    );
    return d.length === 0 ? [] : [element("path", { d: d.join("") })];
  });
}
