/**
 * Figures as PDF of one page: vectors, texts as outlines. What @resvg/resvg-js makes of a figure is SVG of paths,
 * groups, rectangles that clip and patterns only, and each of these is an operator or an object of PDF (ISO 32000-1).
 */

import { unescapeHtml } from "../../text/escape.js";
import { InternalError } from "../../text/gradcuterror.js";
import { area, decimal, outline, path } from "./outline.js";
import { assembled, type Matrix, matrixOf, stream, times, utf16 } from "./pdffile.js";
import { type RenderOptions, renderer } from "./renderer.js";
import { standalone } from "./theme.js";

/** Points of PDF, 1/72 inch, per pixel of CSS, 1/96 inch. */
const points = 0.75;

/**
 * What turns the SVG text of figures into the bytes of a PDF: the same bytes for the same figure and fonts.
 *
 * @throws PictureError without @resvg/resvg-js, and without a font, where texts would be missing from the picture
 */
export async function pdfWriter(options: RenderOptions = {}): Promise<(svg: string) => Uint8Array> {
  const { theme = "light", fonts } = options;
  const read = await renderer("PDF", fonts);
  return (svg) => {
    const title = /aria-label="([^"]*)"/.exec(svg)?.[1] ?? "";
    return document(nodes(read(standalone(svg, theme)).toString()), unescapeHtml(title));
  };
}

/** An element of SVG. */
interface Node {
  name: string;
  attributes: ReadonlyMap<string, string>;
  children: Node[];
}

interface State {
  content: string[];
  /** Objects 5 and on, which resources name. */
  objects: (string | Uint8Array)[];
  /** Names of opacities and patterns, with the numbers of their objects. */
  named: Map<string, number>;
  defs: Map<string, Node>;
}

/** The tree of what resvg writes: no text, no entities, no comments. */
function nodes(svg: string): Node {
  const root: Node = { name: "", attributes: new Map(), children: [] };
  const open = [root];
  for (const [, close, name, text, empty] of svg.matchAll(/<(\/?)([a-zA-Z]+)([^>]*?)(\/?)>/g)) {
    if (close) {
      open.pop();
      continue;
    }
    const attributes = new Map(
      [...text!.matchAll(/([\w:-]+)="([^"]*)"/g)].map(([, key, value]) => [key!, value!]),
    );
    const node: Node = { name: name!, attributes, children: [] };
    open.at(-1)!.children.push(node);
    if (!empty) open.push(node);
  }
  return root.children[0]!;
}

function document(svg: Node, title: string): Uint8Array {
  const [width, height] = [number(svg, "width") * points, number(svg, "height") * points];
  const state: State = { content: [], objects: [], named: new Map(), defs: new Map() };
  // Axes of PDF start at the bottom.
  const page: Matrix = [points, 0, 0, -points, 0, height];
  state.content.push(`${page.map(decimal).join(" ")} cm`);
  for (const child of svg.children) draw(child, page, state);
  const resources = (kind: string, letter: string) =>
    `/${kind} << ${[...state.named]
      .filter(([name]) => name.startsWith(letter))
      .map(([, n]) => `/${letter}${n} ${n} 0 R`)
      .join(" ")} >>`;
  const objects = [
    "<< /Type /Catalog /Pages 2 0 R /ViewerPreferences << /DisplayDocTitle true >> >>",
    "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 ${decimal(width)} ${decimal(height)}] /Contents 4 0 R ` +
      // Colours are mixed as those of the screen.
      "/Group << /S /Transparency /CS /DeviceRGB /I true >> " +
      `/Resources << ${resources("ExtGState", "G")} ${resources("Pattern", "P")} >> >>`,
    stream("", state.content.join("\n")),
    ...state.objects,
    `<< /Title ${utf16(title)} /Producer (gradcut) >>`,
  ];
  return assembled(objects);
}

function draw(node: Node, matrix: Matrix, state: State): void {
  const { name, attributes, children } = node;
  switch (name) {
    case "defs":
      for (const child of children) state.defs.set(child.attributes.get("id") ?? "", child);
      return;
    case "g": {
      known(node, ["id", "transform", "clip-path"]);
      state.content.push("q");
      const own = attributes.get("transform");
      if (own) state.content.push(`${matrixOf(own).map(decimal).join(" ")} cm`);
      const clip = attributes.get("clip-path");
      if (clip) state.content.push(clipping(reference(clip, "clipPath", state)));
      for (const child of children) draw(child, own ? times(matrix, matrixOf(own)) : matrix, state);
      state.content.push("Q");
      return;
    }
    case "path":
      drawPath(node, matrix, state);
      return;
    default:
      throw new InternalError("internal.picture", `a figure has <${name}>, which no PDF can be made of`);
  }
}

const paints = ["fill", "fill-opacity", "fill-rule", "paint-order"];
const strokes = ["stroke", "stroke-width", "stroke-opacity", "stroke-linecap", "stroke-linejoin"];
const dashes = ["stroke-miterlimit", "stroke-dasharray", "stroke-dashoffset"];

function drawPath(node: Node, matrix: Matrix, state: State): void {
  known(node, ["id", "d", "transform", ...paints, ...strokes, ...dashes]);
  const { attributes } = node;
  const at = (name: string, otherwise: string) => attributes.get(name) ?? otherwise;
  const [fill, line, own] = [at("fill", "#000000"), at("stroke", "none"), attributes.get("transform")];
  const shape = path(at("d", ""));
  const filled = fill === "none" ? [] : shape.filter(area);
  const total = own ? times(matrix, matrixOf(own)) : matrix;
  const parts = ["q", ...(own ? [`${matrixOf(own).map(decimal).join(" ")} cm`] : [])];
  const operators: string[][] = [];
  if (filled.length > 0)
    operators.push([
      paintOf(fill, "fill", total, state),
      alpha(Number(at("fill-opacity", "1")), "ca", state),
      outline(filled),
      at("fill-rule", "nonzero") === "evenodd" ? "f*" : "f",
    ]);
  if (line !== "none")
    operators.push([
      paintOf(line, "stroke", total, state),
      alpha(Number(at("stroke-opacity", "1")), "CA", state),
      pen(at),
      outline(shape),
      "S",
    ]);
  if (operators.length === 0) return;
  // A stroke that is painted after its fill covers half of itself with it, so both are painted, in their order.
  if (at("paint-order", "normal") === "stroke") operators.reverse();
  state.content.push(...parts, ...operators.flat().filter((text) => text !== ""), "Q");
}

function pen(at: (name: string, otherwise: string) => string): string {
  const cap = ["butt", "round", "square"].indexOf(at("stroke-linecap", "butt"));
  const join = ["miter", "round", "bevel"].indexOf(at("stroke-linejoin", "miter"));
  const dash = at("stroke-dasharray", "none");
  return [
    `${decimal(Number(at("stroke-width", "1")))} w ${Math.max(cap, 0)} J ${Math.max(join, 0)} j`,
    `${decimal(Number(at("stroke-miterlimit", "4")))} M`,
    ...(dash === "none" ? [] : [`[${dash}] ${decimal(Number(at("stroke-dashoffset", "0")))} d`]),
  ].join(" ");
}

/** Operators that set a colour or pattern. */
function paintOf(value: string, kind: "fill" | "stroke", matrix: Matrix, state: State): string {
  if (value.startsWith("url(")) {
    const name = `P${pattern(reference(value, "pattern", state), matrix, state)}`;
    return kind === "fill" ? `/Pattern cs /${name} scn` : `/Pattern CS /${name} SCN`;
  }
  const hex = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(value);
  if (!hex)
    throw new InternalError(
      "internal.picture",
      `a figure has the colour ${value}, which no PDF can be made of`,
    );
  const rgb = hex.slice(1).map((digits) => decimal(Number.parseInt(digits, 16) / 255));
  return `${rgb.join(" ")} ${kind === "fill" ? "rg" : "RG"}`;
}

/** The number of the object of a tile; its matrix is relative to the page, not to what it fills. */
function pattern(node: Node, matrix: Matrix, state: State): number {
  known(node, ["id", "x", "y", "width", "height", "patternUnits", "patternTransform"]);
  const own = matrixOf(node.attributes.get("patternTransform") ?? "matrix(1 0 0 1 0 0)");
  const placed = times(times(matrix, own), [1, 0, 0, 1, number(node, "x"), number(node, "y")]);
  const text = placed.map(decimal).join(" ");
  return object(`P ${node.attributes.get("id")} ${text}`, state, () => {
    const inner: State = { ...state, content: [], named: new Map() };
    for (const child of node.children) draw(child, placed, inner);
    if (inner.named.size > 0)
      throw new InternalError("internal.picture", "a pattern is not opaque, which no PDF can be made of");
    const [width, height] = [number(node, "width"), number(node, "height")].map(decimal);
    return stream(
      `/Type /Pattern /PatternType 1 /PaintType 1 /TilingType 1 /BBox [0 0 ${width} ${height}] ` +
        `/XStep ${width} /YStep ${height} /Matrix [${text}] /Resources << >>`,
      inner.content.join("\n"),
    );
  });
}

/** The operator of an opacity; none is needed for 1, which a page starts with and every path restores. */
function alpha(value: number, key: "ca" | "CA", state: State): string {
  if (value === 1) return "";
  return `/G${object(`G ${key} ${value}`, state, () => `<< /Type /ExtGState /${key} ${decimal(value)} >>`)} gs`;
}

function clipping(clip: Node): string {
  known(clip, ["id"]);
  const shapes = clip.children.flatMap((child) => {
    known(child, ["d", "fill", "stroke"]);
    return path(child.attributes.get("d") ?? "");
  });
  return `${outline(shapes)} W n`;
}

/** The number of an object that is made once. */
function object(name: string, state: State, make: () => string | Uint8Array): number {
  const there = state.named.get(name);
  if (there !== undefined) return there;
  const made = make();
  state.objects.push(made);
  state.named.set(name, state.objects.length + 4);
  return state.objects.length + 4;
}

function reference(url: string, kind: string, { defs }: State): Node {
  const node = defs.get(/^url\(#(.*)\)$/.exec(url)?.[1] ?? "");
  if (node?.name !== kind)
    throw new InternalError("internal.picture", `a figure names ${url}, which is no ${kind}`);
  return node;
}

function known({ name, attributes }: Node, names: readonly string[]): void {
  for (const [key, value] of attributes)
    if (!names.includes(key))
      throw new InternalError(
        "internal.picture",
        `a figure has <${name} ${key}="${value}">, which no PDF can be made of`,
      );
}

const number = ({ attributes }: Node, name: string): number => Number(attributes.get(name) ?? 0);
