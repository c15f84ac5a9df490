import { printable } from "../../text/printable.js";

const entities: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};
const characters = new Map(Object.entries(entities).map(([c, entity]) => [entity, c]));

/** Text as HTML or SVG content or attribute value. */
export const escapeHtml = (text: string): string => printable(text).replace(/[&<>"']/g, (c) => entities[c]!);

/** The text that `escapeHtml` was given. */
export const unescapeHtml = (text: string): string =>
  text.replace(/&#?\w+;/g, (entity) => characters.get(entity) ?? entity);
