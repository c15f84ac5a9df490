import { printable } from "./printable.js";

const entities: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text as content or attribute value of HTML, with whatever characters it has. */
export const escapeMarks = (text: string): string => text.replace(/[&<>"']/g, (c) => entities[c]!);

/** Text as HTML or SVG content or attribute value. */
export const escapeHtml = (text: string): string => escapeMarks(printable(text));

/** The text that `escapeHtml` was given. */
export const unescapeHtml = (text: string): string =>
  text.replace(
    /&#?\w+;/g,
    (entity) => Object.keys(entities).find((character) => entities[character] === entity) ?? entity,
  );
