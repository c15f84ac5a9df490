import { joinBytes } from "../../bytesource.js";

export const comma = 44;
export const newline = 10;
export const carriageReturn = 13;
export const quote = 34;

/** Answers of {@link cellEnd} that are no position. */
export const needMore = -1;
export const badQuotes = -2;

const words = new Map([
  ["nan", Number.NaN],
  ["+nan", Number.NaN],
  ["inf", Number.POSITIVE_INFINITY],
  ["infinity", Number.POSITIVE_INFINITY],
  ["+inf", Number.POSITIVE_INFINITY],
  ["+infinity", Number.POSITIVE_INFINITY],
  ["-nan", Number.NaN],
  ["-inf", Number.NEGATIVE_INFINITY],
  ["-infinity", Number.NEGATIVE_INFINITY],
  ["true", 1],
  ["false", 0],
]);

/** Words for a missing number, in any case; so is an empty cell. */
const missing = new Set(["", "na", "n/a", "null", "none", "<na>", "#n/a", "#na"]);

/** Whether a cell says that there is no number. */
export function isMissing(text: string): boolean {
  return missing.has(text.toLowerCase());
}

/** The nearest f64 to a decimal or a word for a number; undefined for anything else. */
export function parseNumber(text: string): number | undefined {
  if (/^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/.test(text)) return Number(text);
  return words.get(text.toLowerCase());
}

/**
 * The position of the separator or newline after the cell that starts at `at`; `needMore` when a quoted cell does
 * not end before `limit`, `badQuotes` when it goes on after its closing quote. A newline must come before `limit`.
 */
export function cellEnd(bytes: Uint8Array, at: number, limit: number, separator: number): number {
  let end = at;
  if (bytes[at] === quote) {
    for (end = at + 1; ; end++) {
      if (end >= limit) return needMore;
      if (bytes[end] !== quote) continue;
      // Two quotes stand for one.
      if (bytes[end + 1] !== quote) break;
      end++;
    }
    end++;
    if (bytes[end] === carriageReturn) end++;
    return bytes[end] === separator || bytes[end] === newline ? end : badQuotes;
  }
  while (bytes[end] !== separator && bytes[end] !== newline) end++;
  return end;
}

const decoder = new TextDecoder();

/** The text of a cell, without quotes, surrounding space, and the carriage return of a line's end. */
export function cellText(bytes: Uint8Array, start: number, end: number): string {
  const text = decoder.decode(bytes.subarray(start, end));
  if (bytes[start] !== quote) return text.trim();
  return text.slice(1, text.lastIndexOf('"')).replaceAll('""', '"').trim();
}

/** How many newlines a cell has in its quotes. */
export function newlinesIn(bytes: Uint8Array, start: number, end: number): number {
  let count = 0;
  if (bytes[start] !== quote) return count;
  for (let at = start; at < end; at++) if (bytes[at] === newline) count++;
  return count;
}

/** The beginning of a text, for messages. */
export function clip(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}

/** Whether a cell ends here. */
export function ends(bytes: Uint8Array, at: number, separator: number): boolean {
  const byte = bytes[at];
  return byte === separator || byte === newline || (byte === carriageReturn && bytes[at + 1] === newline);
}

/** Whether there is nothing but space, and no quotes. */
export function isBlank(bytes: Uint8Array, start: number, end: number): boolean {
  return bytes.subarray(start, end).every((byte) => byte === 32 || byte === 9 || byte === carriageReturn);
}

/** Bytes that were left with those that follow; no copy where none were left. */
export const withRest = (rest: Uint8Array, bytes: Uint8Array): Uint8Array =>
  rest.length === 0 ? bytes : joinBytes([rest, bytes]);
