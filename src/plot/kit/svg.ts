/** SVG text from linkedom's nodes: elements, widths of texts, and the last touches of a figure. */

import { parseHTML } from "linkedom";
import { printable } from "../../text/printable.js";
import { escapeHtml } from "./escape.js";
import { fontFamily } from "./theme.js";

const { document: domDocument } = parseHTML("<!doctype html><html><body></body></html>");

/** What Observable Plot draws into. */
export const document = domDocument as unknown as Document;

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

export function element(name: string, attributes: Record<string, string | number>, text?: string): Element {
  const node = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, String(value));
  if (text !== undefined) node.textContent = text;
  return node;
}

/** Serialises: one namespace, ids that no other figure on the page has, powers of ten, short coordinates. */
export function finish(svg: Element, description: string): string {
  for (const style of svg.querySelectorAll("style")) style.remove();
  for (const empty of svg.querySelectorAll('[aria-label$="tick label"]')) empty.remove();
  for (const text of svg.querySelectorAll("text")) raisePower(text);
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
  return printable(svg.outerHTML).replace("<svg ", () => `<svg aria-label="${escapeHtml(description)}" `);
}

/** Turns the text 10^−3, as `powerText` writes it, into a raised exponent. */
function raisePower(text: Element): void {
  const power = /^10\^(−?\d+)$/.exec(text.textContent ?? "");
  if (!power) return;
  text.textContent = "10";
  text.append(element("tspan", { dy: -5, "font-size": 9 }, power[1]));
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
