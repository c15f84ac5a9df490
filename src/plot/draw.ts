// A figure in the field's look: label at the top left, legend, one frame or two above each other, axis titles at
// the ends of the axes. Node only (linkedom is the document).

import type * as Plot from "@observablehq/plot";
import { type Axis, drawPanel, type Margin, type Panel, type RightAxis, yTextWidth } from "./panel.js";
import { element, finish, fitted, textWidth } from "./svg.js";
import { paint } from "./theme.js";

export type LegendEntry = {
  kind: "dot" | "box" | "line" | "dashed" | "band";
  color: string;
  text: string;
  width?: number;
};

export type FigureOptions = {
  width: number;
  height: number;
  x: Axis;
  y: Axis;
  marks: Plot.Markish[];
  /** A scale on the right side of the frame. */
  right?: RightAxis;
  /** A second frame below, on the same x axis; `height` above counts it too. */
  below?: { height: number; y: Axis; marks: Plot.Markish[] };
  /** Bold word and the text after it, above the frame at the left. */
  label: { bold: string; text?: string };
  /** Text above the frame at the right. */
  corner?: string;
  legend?: LegendEntry[];
  /** For people who cannot see the figure. */
  description: string;
};

/** Space between two frames above each other, shared by their margins. */
const gap = 6;
const lineHeight = 18;
const labelSize = 14;

/** The figure as SVG text. Colours are CSS variables of theme.ts and `currentColor`. */
export function draw(options: FigureOptions): string {
  const { width, height, below, right } = options;
  const upper: Panel = {
    height: height - (below?.height ?? 0),
    y: options.y,
    marks: options.marks,
    ...(right ? { right } : {}),
  };
  const titled = options.y.title || below?.y.title;
  const texts = Math.max(yTextWidth(upper), below ? yTextWidth(below) : 0);
  const left = Math.ceil(texts + 10 + (titled ? 20 : 0));
  const sides = { left, right: right ? 50 : 14 };
  const rows = legendRows(options.legend ?? [], width - left);
  const top = 24 + (rows.length > 0 ? 2 + lineHeight * rows.length : 0);
  const bottom = options.x.title ? 40 : 26;
  const margins: Margin[] = [{ top, bottom: below ? gap : bottom, ...sides }];
  const panels = [upper];
  if (below) {
    panels.push(below);
    margins.push({ top: gap, bottom, ...sides });
  }
  const svg = element("svg", {
    class: "figure",
    fill: "currentColor",
    "text-anchor": "middle",
    width,
    height,
    viewBox: `0 0 ${width} ${height}`,
  });
  let offset = 0;
  for (const [i, panel] of panels.entries()) {
    const drawn = drawPanel(panel, options.x, width, margins[i]!, i === panels.length - 1);
    const group = element("g", offset === 0 ? {} : { transform: `translate(0,${offset})` });
    group.append(...drawn.childNodes);
    yTitles(group, panel, width, margins[i]!);
    svg.append(group);
    offset += panel.height;
  }
  decorate(svg, options, margins[0]!, rows);
  return finish(svg, options.description);
}

function yTitles(group: Element, { y, height, right }: Panel, width: number, margin: Margin): void {
  const inner = height - margin.top - margin.bottom;
  const title = (text: string, x: number) =>
    element(
      "text",
      { transform: `translate(${x},${margin.top}) rotate(-90)`, "text-anchor": "end" },
      fitted(text, inner),
    );
  if (y.title) group.append(title(y.title, 13));
  if (right) group.append(title(right.title, width - 6));
}

/** Title of the x axis, label and legend: text that stands outside the frames. */
function decorate(svg: Element, options: FigureOptions, margin: Margin, rows: LegendEntry[][]): void {
  const { width, height, label, corner } = options;
  const end = width - margin.right;
  const inner = end - margin.left;
  if (options.x.title)
    svg.append(
      element("text", { x: end, y: height - 6, "text-anchor": "end" }, fitted(options.x.title, inner)),
    );
  const title = element("text", { x: margin.left, y: 15, "text-anchor": "start", "font-size": labelSize });
  const room = inner - (corner ? textWidth(corner) + 12 : 0);
  const bold = fitted(label.bold, room, labelSize);
  title.append(element("tspan", { "font-weight": 700 }, bold));
  const rest = room - textWidth(bold, labelSize) - 7;
  if (label.text && rest > 40)
    title.append(element("tspan", { dx: 7, "font-size": 12 }, fitted(label.text, rest)));
  svg.append(title);
  if (corner) svg.append(element("text", { x: end, y: 15, "text-anchor": "end" }, corner));
  for (const [i, row] of rows.entries()) {
    const baseline = 34 + lineHeight * i;
    let at = margin.left;
    for (const entry of row) {
      svg.append(...swatch(entry, at, baseline - 4));
      const start = at + swatchWidth(entry);
      svg.append(element("text", { x: start, y: baseline, "text-anchor": "start" }, entry.text));
      at = start + textWidth(entry.text) + 14;
    }
  }
}

const swatchWidth = ({ kind }: LegendEntry): number => (kind === "dot" ? 12 : 26);

/** The entries in lines that fit into `space` pixels. */
function legendRows(legend: LegendEntry[], space: number): LegendEntry[][] {
  const rows: LegendEntry[][] = [];
  let used = Number.POSITIVE_INFINITY;
  for (const given of legend) {
    const entry = { ...given, text: fitted(given.text, space - 40) };
    const wide = swatchWidth(entry) + textWidth(entry.text) + 14;
    if (used + wide - 14 > space) {
      rows.push([]);
      used = 0;
    }
    rows[rows.length - 1]!.push(entry);
    used += wide;
  }
  return rows;
}

function swatch({ kind, color, width = 1.5 }: LegendEntry, x: number, y: number): Element[] {
  const line = (x1: number, y1: number, x2: number, y2: number, dash = {}) =>
    element("line", { x1, y1, x2, y2, stroke: color, "stroke-width": width, ...dash });
  switch (kind) {
    case "dot":
      return [element("circle", { cx: x + 4, cy: y, r: 3.5, fill: color })];
    case "band":
      return [element("rect", { x, y: y - 5, width: 20, height: 10, fill: color, "fill-opacity": 0.25 })];
    case "box":
      return [
        element("rect", {
          x,
          y: y - 5,
          width: 20,
          height: 10,
          fill: color,
          "fill-opacity": 0.25,
          stroke: color,
          "stroke-width": 1.5,
        }),
      ];
    case "line":
      return [line(x, y, x + 20, y)];
    case "dashed":
      return [line(x, y, x + 20, y, { "stroke-dasharray": "5 4" })];
    default:
      return kind satisfies never;
  }
}

/** Text that stays readable on top of points and lines. */
export const halo = { stroke: paint.paper, strokeWidth: 4, fill: "currentColor" } as const;
