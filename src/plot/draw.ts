// One framed figure in the field's look, on Observable Plot: frame on all sides, ticks inside, no grid,
// label at the top left, axis titles at the ends of the axes. Node only (linkedom is the document).

import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import { escapeHtml } from "./escape.js";
import { type Range, ticks, tickText } from "./numbers.js";
import { fontFamily, paint } from "./theme.js";

export type LegendEntry = {
  kind: "dot" | "box" | "line" | "dashed";
  color: string;
  text: string;
  width?: number;
};

export type Axis = { range: Range; title?: string; ticks?: number };

export type FigureOptions = {
  width: number;
  height: number;
  x: Axis;
  y: Axis;
  marks: Plot.Markish[];
  /** Bold word and the text after it, above the frame at the left. */
  label: { bold: string; text?: string };
  /** Text above the frame at the right. */
  corner?: string;
  legend?: LegendEntry[];
  /** For people who cannot see the figure. */
  description: string;
};

const { document } = parseHTML("<!doctype html><html><body></body></html>");
const fontSize = 12;
/** Mean width of a character of the figure's type, in units of its size. */
const characterWidth = 0.55;
/** Pixels that a text takes, about. */
export const textWidth = (text: string): number => text.length * fontSize * characterWidth;

function element(name: string, attributes: Record<string, string | number>, text?: string): Element {
  const node = document.createElementNS("http://www.w3.org/2000/svg", name) as unknown as Element;
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, String(value));
  if (text !== undefined) node.textContent = text;
  return node;
}

/** The figure as SVG text. Colours are CSS variables of theme.ts and `currentColor`. */
export function draw(options: FigureOptions): string {
  const { width, height, legend = [] } = options;
  const x = ticks(options.x.range, options.x.ticks ?? width / 80);
  const y = ticks(options.y.range, options.y.ticks ?? height / 65);
  const yTexts = y.major.map((value) => tickText(value, y.step));
  const yWidth = Math.max(...yTexts.map(textWidth), 0);
  const margin = {
    top: legend.length > 0 ? 44 : 24,
    right: 14,
    bottom: options.x.title ? 44 : 26,
    left: Math.ceil(yWidth + 10 + (options.y.title ? 20 : 0)),
  };
  const svg = Plot.plot({
    document: document as unknown as Document,
    className: "figure",
    width,
    height,
    marginTop: margin.top,
    marginRight: margin.right,
    marginBottom: margin.bottom,
    marginLeft: margin.left,
    x: { domain: options.x.range, axis: null },
    y: { domain: options.y.range, axis: null },
    color: { type: "identity" },
    marks: [
      ...options.marks,
      Plot.frame({ stroke: "currentColor" }),
      ...(["bottom", "top"] as const).flatMap((anchor) => [
        Plot.axisX(x.major, { anchor, tickSize: -7, text: null, label: null }),
        Plot.axisX(x.minor, { anchor, tickSize: -4, text: null, label: null }),
      ]),
      ...(["left", "right"] as const).flatMap((anchor) => [
        Plot.axisY(y.major, { anchor, tickSize: -7, text: null, label: null }),
        Plot.axisY(y.minor, { anchor, tickSize: -4, text: null, label: null }),
      ]),
      Plot.text(x.major, {
        x: (d: number) => d,
        text: (d: number) => tickText(d, x.step),
        frameAnchor: "bottom",
        lineAnchor: "top",
        dy: 7,
        clip: false,
      }),
      Plot.text(y.major, {
        y: (d: number) => d,
        text: (d: number) => tickText(d, y.step),
        frameAnchor: "left",
        textAnchor: "end",
        dx: -6,
        clip: false,
      }),
    ],
  }) as unknown as Element;
  decorate(svg, options, margin);
  return finish(svg, options.description);
}

/** Axis titles, label and legend: text that stands outside the frame. */
function decorate(
  svg: Element,
  options: FigureOptions,
  margin: { top: number; right: number; bottom: number; left: number },
): void {
  const { width, height, label, corner, legend = [] } = options;
  const right = width - margin.right;
  const inner = { x: right - margin.left, y: height - margin.top - margin.bottom };
  if (options.x.title)
    svg.append(
      element("text", { x: right, y: height - 8, "text-anchor": "end" }, fitted(options.x.title, inner.x)),
    );
  if (options.y.title)
    svg.append(
      element(
        "text",
        { transform: `translate(13,${margin.top}) rotate(-90)`, "text-anchor": "end" },
        fitted(options.y.title, inner.y),
      ),
    );
  const title = element("text", { x: margin.left, y: 15, "text-anchor": "start", "font-size": 14 });
  title.append(element("tspan", { "font-weight": 700 }, fitted(label.bold, inner.x * 0.6)));
  if (label.text)
    title.append(element("tspan", { dx: 7, "font-size": 12 }, fitted(label.text, inner.x * 0.6)));
  svg.append(title);
  if (corner) svg.append(element("text", { x: right, y: 15, "text-anchor": "end" }, corner));
  let at = margin.left;
  for (const entry of legend) {
    const baseline = 34;
    svg.append(swatch(entry, at, baseline - 4));
    const start = at + (entry.kind === "dot" ? 12 : 26);
    svg.append(element("text", { x: start, y: baseline, "text-anchor": "start" }, entry.text));
    at = start + textWidth(entry.text) + 16;
  }
}

/** `text` cut to what fits into `space` pixels. */
function fitted(text: string, space: number): string {
  const most = Math.max(4, Math.floor(space / (fontSize * characterWidth)));
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}

function swatch({ kind, color, width = 1.5 }: LegendEntry, x: number, y: number): Element {
  if (kind === "dot") return element("circle", { cx: x + 4, cy: y, r: 3.5, fill: color });
  if (kind === "box")
    return element("rect", {
      x,
      y: y - 5,
      width: 20,
      height: 10,
      fill: color,
      "fill-opacity": 0.25,
      stroke: color,
      "stroke-width": 1.5,
    });
  return element("line", {
    x1: x,
    x2: x + 20,
    y1: y,
    y2: y,
    stroke: color,
    "stroke-width": width,
    ...(kind === "dashed" ? { "stroke-dasharray": "5 4" } : {}),
  });
}

/** Serialises: one namespace, ids that no other figure on the page has, short coordinates. */
function finish(svg: Element, description: string): string {
  svg.querySelector("style")?.remove();
  for (const empty of svg.querySelectorAll('[aria-label$="tick label"]')) empty.remove();
  nameClips(svg, "clip");
  for (const node of svg.querySelectorAll("*"))
    for (const name of ["d", "transform", "x", "y", "width", "height", "cx", "cy", "x1", "x2", "y1", "y2"]) {
      const value = node.getAttribute(name);
      if (value?.includes(".") && !value.endsWith("em"))
        node.setAttribute(name, value.replace(/(\.\d)\d+/g, "$1"));
    }
  svg.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  svg.setAttribute("font-family", fontFamily);
  svg.setAttribute("font-size", String(fontSize));
  svg.setAttribute("role", "img");
  nameClips(svg, `clip-${hash(svg.outerHTML)}-`);
  // linkedom writes < and & in attributes as they are, which is not XML.
  return svg.outerHTML.replace("<svg ", () => `<svg aria-label="${escapeHtml(description)}" `);
}

/** Numbers the clip paths after `prefix`; Plot's own numbers count all figures of the process. */
function nameClips(svg: Element, prefix: string): void {
  for (const [i, clip] of [...svg.querySelectorAll("clipPath")].entries()) {
    for (const user of svg.querySelectorAll(`[clip-path="url(#${clip.getAttribute("id")})"]`))
      user.setAttribute("clip-path", `url(#${prefix}${i})`);
    clip.setAttribute("id", prefix + i);
  }
}

/** FNV-1a of the text, in base 36: equal figures get equal ids, different ones do not. */
function hash(text: string): string {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return (h >>> 0).toString(36);
}

/** Text that stays readable on top of points and lines. */
export const halo = { stroke: paint.paper, strokeWidth: 4, fill: "currentColor" } as const;
