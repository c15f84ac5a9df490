/** Nodes of SVG and their text: elements, widths of texts, and the last touches of a figure. */

import { escapeHtml } from "../../text/escape.js";
import { fontFamily } from "./theme.js";

/** An element with its attributes in the order in which they are written; undefined ones are left out. */
export interface SvgNode {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string | number | undefined>>;
  readonly children: readonly (SvgNode | string)[];
}

export const fontSize = 12;
/** Widths of characters between those of Helvetica and of DejaVu Sans, in units of the size. */
const narrow = 0.32;
const wide = 0.88;
const capital = 0.7;
const usual = 0.59;

function characterWidth(c: string): number {
  if (/[iljtfrI.,:;'|!()[\] /]/.test(c)) return narrow;
  if (/[mwMW%@→…]/.test(c)) return wide;
  return /[A-Z<>=+−±~]/.test(c) ? capital : usual;
}

/** Pixels that a text takes, about. */
export const textWidth = (text: string, size = fontSize): number =>
  size * [...text].reduce((sum, c) => sum + characterWidth(c), 0);

/** `text` cut to what fits into `space` pixels. */
export function fitted(text: string, space: number, size = fontSize): string {
  if (textWidth(text, size) <= space) return text;
  // The longest beginning that fits with its dots, in one pass; three characters stay in any case.
  let [sum, characters, end, kept] = [0, 0, 0, 0];
  for (const c of text) {
    sum += characterWidth(c);
    end += c.length;
    if (++characters > 3 && size * (sum + wide) > space) break;
    kept = end;
  }
  return `${text.slice(0, kept)}…`;
}

export const element = (
  name: string,
  attributes: SvgNode["attributes"],
  ...children: SvgNode["children"]
): SvgNode => ({ name, attributes, children });

/** A text as an element; 10^−3, as `decades` writes it, gets a raised exponent. */
export function textElement(attributes: SvgNode["attributes"], text: string): SvgNode {
  const power = /^10\^(−?\d+)$/.exec(text)?.[1];
  return power === undefined
    ? element("text", attributes, text)
    : element("text", attributes, "10", element("tspan", { dy: -5, "font-size": 9 }, power));
}

/** What is a length on the paper; tenths of a pixel are enough. */
const lengths = new Set("d transform x y width height cx cy x1 x2 y1 y2".split(" "));

/**
 * The figure as text: one namespace, and ids of clip paths, which panels number, that no other figure on the page has.
 */
export function finish(svg: SvgNode, description: string): string {
  const attributes = {
    ...svg.attributes,
    ...{ xmlns: "http://www.w3.org/2000/svg", "font-family": fontFamily },
    ...{ "font-size": fontSize, role: "img" },
  };
  const whole = { ...svg, attributes };
  const prefix = `clip-${hash(written(whole, "clip"))}-`;
  return written({ ...whole, attributes: { ...attributes, "aria-label": description } }, prefix);
}

/** The text of a node whose clip paths have numbers: `id` of one, `clip-path` of what it clips. */
function written({ name, attributes, children }: SvgNode, prefix: string): string {
  const all = Object.entries(attributes).map(([key, value]) => {
    if (value === undefined) return "";
    const text = key === "clip-path" ? `url(#${prefix}${value})` : String(value);
    const numbered = key === "id" && typeof value === "number" ? prefix + text : text;
    return ` ${key}="${escapeHtml(lengths.has(key) ? tenths(numbered) : numbered)}"`;
  });
  const start = `<${name}${all.join("")}`;
  if (children.length === 0) return `${start} />`;
  const inner = children.map((child) =>
    typeof child === "string" ? escapeHtml(child) : written(child, prefix),
  );
  return `${start}>${inner.join("")}</${name}>`;
}

/**
 * The numbers of a text to tenths. They are rounded before, so that none is a tie but for its last bits: engines differ in
 * those of logarithms and powers, and their figures in nothing.
 */
const tenths = (text: string): string =>
  text.endsWith("em")
    ? text
    : text.replace(/-?\d+\.\d+(e[-+]\d+)?/g, (x) =>
        String(Math.round(Math.round(Number(x) * 1e6) / 1e5) / 10),
      );

/** FNV-1a of the text, in base 36: equal figures get equal ids, different ones do not. */
function hash(text: string): string {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return (h >>> 0).toString(36);
}
