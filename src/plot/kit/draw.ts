/**
 * A figure in the field's look: label at the top left, legend, one frame or two above each other, axis titles at
 * the ends of the axes.
 */

import type { Mark } from "./frame.js";
import {
  type Axis,
  drawPanel,
  type Margin,
  type OtherAxis,
  type Panel,
  xTicks,
  yTextWidth,
} from "./panel.js";
import { element, finish, fitted, type SvgNode, textElement, textWidth } from "./svg.js";
import { paint } from "./theme.js";

export interface LegendEntry {
  kind: "dot" | "point" | "box" | "line" | "dashed" | "band" | "fill" | "hatch";
  color: string;
  text: string;
  width?: number;
}

export interface FigureParts {
  width: number;
  height: number;
  x: Axis;
  y: Axis;
  marks: readonly Mark[];
  /** A scale on the right side of the frame. */
  right?: OtherAxis;
  /** The same above the frame. */
  top?: OtherAxis;
  /** A second frame below, on the same x axis; `height` above counts it too. */
  below?: { height: number; y: Axis; marks: readonly Mark[] };
  /** Bold word and the text after it, above the frame at the left. */
  label: { bold: string; text?: string };
  /** Text above the frame at the right. */
  corner?: string;
  legend?: LegendEntry[];
  /** For people who cannot see the figure. */
  description: string;
}

/** Space between two frames above each other, shared by their margins. */
const gap = 6;
const lineHeight = 18;
const labelSize = 14;
/** Of the fill of a band, in a figure and in its legend. */
export const bandOpacity = 0.4;

/** The figure as SVG text. Colours are CSS variables of theme.ts and `currentColor`. */
export function draw(options: FigureParts): string {
  const { width, height, below, right, top: above } = options;
  const upper: Panel = {
    height: height - (below?.height ?? 0),
    y: options.y,
    marks: options.marks,
    ...(right ? { right } : {}),
    ...(above ? { top: above } : {}),
  };
  const titled = options.y.title || below?.y.title;
  const texts = Math.max(yTextWidth(upper), below ? yTextWidth(below) : 0);
  // Fonts differ: the error of a width adds up in long names.
  const spare = options.y.names ? 0.1 * texts : 0;
  const left = Math.ceil(texts + spare + 10 + (titled ? 20 : 0));
  const sides = { left, right: right ? 50 : Math.max(14, overhang(options.x, width, width - left - 14)) };
  const rows = legendRows(options.legend ?? [], width - left - 8);
  const top = 24 + (rows.length > 0 ? 2 + lineHeight * rows.length : 0) + (above ? 36 : 0);
  const bottom = options.x.title ? 40 : 26;
  const margins: Margin[] = [{ top, bottom: below ? gap : bottom, ...sides }];
  const panels = [upper];
  if (below) {
    panels.push(below);
    margins.push({ top: gap, bottom, ...sides });
  }
  const nodes: SvgNode[] = [];
  let offset = 0;
  let clips = 0;
  for (const [i, panel] of panels.entries()) {
    const drawn = drawPanel(panel, options.x, width, margins[i]!, {
      clip: clips,
      xTexts: i === panels.length - 1,
    });
    if (panel.marks.some(({ clip }) => clip)) clips++;
    const place = offset === 0 ? {} : { transform: `translate(0,${offset})` };
    nodes.push(element("g", place, ...drawn, ...yTitles(panel, width, margins[i]!)));
    offset += panel.height;
  }
  nodes.push(...decorations(options, margins[0]!, rows));
  if (nodes.some(isHatched)) nodes.unshift(hatchPattern());
  const svg = element(
    "svg",
    {
      ...{ class: "figure", fill: "currentColor", "text-anchor": "middle" },
      ...{ width, height, viewBox: `0 0 ${width} ${height}` },
    },
    ...nodes,
  );
  return finish(svg, options.description);
}

/** Pixels that the last text of an x axis stands out beside its frame, in a figure of this width. */
function overhang(x: Axis, width: number, frame: number): number {
  const { major, text } = xTicks(x, width);
  const last = major.at(-1);
  if (last === undefined || x.log) return 0;
  const [low, high] = x.range;
  return Math.ceil(textWidth(text(last)) / 2 + 3 - ((high - last) / (high - low)) * frame);
}

function yTitles({ y, height, right }: Panel, width: number, margin: Margin): SvgNode[] {
  const inner = height - margin.top - margin.bottom;
  const title = (text: string | undefined, x: number) =>
    text
      ? [
          textElement(
            { transform: `translate(${x},${margin.top}) rotate(-90)`, "text-anchor": "end" },
            fitted(text, inner),
          ),
        ]
      : [];
  return [...title(y.title, 13), ...title(right?.title, width - 6)];
}

/** Title of the x axis, label and legend: text that stands outside the frames. */
function decorations(options: FigureParts, margin: Margin, rows: LegendEntry[][]): SvgNode[] {
  const { width, height, label, corner } = options;
  const end = width - margin.right;
  const inner = end - margin.left;
  const atEnd = (y: number, text: string) => textElement({ x: end, y, "text-anchor": "end" }, text);
  const room = inner - (corner ? textWidth(corner) + 12 : 0);
  const bold = fitted(label.bold, room, labelSize);
  const parts = [element("tspan", { "font-weight": 700 }, bold)];
  const rest = room - textWidth(bold, labelSize) - 7;
  if (label.text && rest > 40)
    parts.push(element("tspan", { dx: 7, "font-size": 12 }, fitted(label.text, rest)));
  return [
    ...(options.x.title ? [atEnd(height - 6, fitted(options.x.title, inner))] : []),
    element("text", { x: margin.left, y: 15, "text-anchor": "start", "font-size": labelSize }, ...parts),
    ...(options.top ? [atEnd(margin.top - 25, fitted(options.top.title, inner))] : []),
    ...(corner ? [atEnd(15, corner)] : []),
    ...rows.flatMap((row, i) => legendLine(row, margin.left, 34 + lineHeight * i)),
  ];
}

function legendLine(row: LegendEntry[], left: number, baseline: number): SvgNode[] {
  let at = left;
  return row.flatMap((entry) => {
    const start = at + swatchWidth(entry);
    const drawn = swatch(entry, at, baseline - 4);
    at = start + textWidth(entry.text) + 14;
    return [...drawn, textElement({ x: start, y: baseline, "text-anchor": "start" }, entry.text)];
  });
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

function swatch({ kind, color, width = 1.5 }: LegendEntry, x: number, y: number): SvgNode[] {
  const line = (x1: number, y1: number, x2: number, y2: number, dash = {}) =>
    element("line", { x1, y1, x2, y2, stroke: color, "stroke-width": width, ...dash });
  switch (kind) {
    case "dot":
      return [element("circle", { cx: x + 4, cy: y, r: 3.5, fill: color })];
    case "band":
      return [
        element("rect", { x, y: y - 5, width: 20, height: 10, fill: color, "fill-opacity": bandOpacity }),
      ];
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
    case "fill":
      return [element("rect", { x, y: y - 5, width: 20, height: 10, fill: color })];
    case "hatch":
      return [element("rect", { x, y: y - 5, width: 20, height: 10, fill: hatch })];
    case "point":
      return [
        line(x + 10, y - 7, x + 10, y + 7),
        element("circle", { cx: x + 10, cy: y, r: 3, fill: color }),
      ];
    case "line":
      return [line(x, y, x + 20, y)];
    case "dashed":
      return [line(x, y, x + 20, y, { "stroke-dasharray": "5 4" })];
    default:
      return kind satisfies never;
  }
}

/** A fill of thin lines, for uncertainties. */
export const hatch = "url(#hatch)";

const isHatched = ({ attributes, children }: SvgNode): boolean =>
  attributes.fill === hatch || children.some((child) => typeof child !== "string" && isHatched(child));

function hatchPattern(): SvgNode {
  const side = 6;
  const thin = { x1: 0, y1: 0, x2: 0, y2: side, stroke: "currentColor", "stroke-width": 1.4 };
  const pattern = {
    ...{ id: "hatch", patternUnits: "userSpaceOnUse", width: side, height: side },
    patternTransform: "rotate(45)",
  };
  return element("defs", {}, element("pattern", pattern, element("line", thin)));
}

/** Text that stays readable on top of points and lines. */
export const halo = { stroke: paint.paper, strokeWidth: 4, fill: "currentColor" } as const;
