/**
 * What no terminal and no XML may get raw: control characters (they move cursors, set titles, hide text), those that turn
 * the direction of text around, line separators, halves of pairs, and what is no character.
 */
const unprintable =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for.
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

const escaped = (text: string): string =>
  Array.from(
    { length: text.length },
    (_, i) => `\\u${text.charCodeAt(i).toString(16).padStart(4, "0")}`,
  ).join("");

/** Text with such characters as `\u001b`, which JSON reads back as them; line ends and tabs stay. */
export const printable = (text: string): string => text.replace(unprintable, escaped);

/** The same for what must stay on one line, as a name in a table. */
export const onOneLine = (text: string): string => printable(text).replace(/[\n\t]/g, escaped);
