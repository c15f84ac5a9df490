import { DataError, type DataErrorCode } from "../../dataerror.js";
import {
  badQuotes,
  cellEnd,
  cellText,
  comma,
  isMissing,
  needMore,
  newline,
  newlinesIn,
  parseNumber,
  quote,
} from "./cell.js";

/** What separates the cells of a table; a space stands for any run of spaces and tabs. */
export type Separator = "," | ";" | "\t" | "|" | " ";

/** What the first lines of a table say about the others. */
export interface Layout {
  readonly separator: Separator;
  readonly names: readonly string[];
  /** Line of the names, from 1. */
  readonly line: number;
  /** Where the rows begin, and on which line. */
  readonly start: number;
  readonly startLine: number;
}

export interface LayoutOptions {
  readonly file: string | undefined;
  /** Names of the columns, for files whose first line does not have them. */
  readonly names: readonly string[] | undefined;
  /** Found in the first line where it is left out. */
  readonly separator: Separator | undefined;
  /** Taken where the first line has it, whatever else is there. */
  readonly preferred: Separator | undefined;
  /** Words for no number. */
  readonly missing: ReadonlySet<string>;
  /** Whether nothing follows the bytes. */
  readonly final: boolean;
}

const hash = 35;
const separators = [",", ";", "\t", "|"] as const;

/**
 * The layout that the bytes before `limit` show, which is after a newline: `needMore` when they do not reach far enough.
 *
 * Lines that begin with # are comments; where the first other line holds numbers, the last comment before it may name the
 * columns.
 *
 * @throws DataError
 */
export function findLayout(
  bytes: Uint8Array,
  limit: number,
  options: LayoutOptions,
): Layout | typeof needMore {
  let at = afterMark(bytes);
  let line = 1;
  let comment: { text: string; line: number } | undefined;
  for (; at < limit; line++) {
    const end = bytes.indexOf(newline, at);
    const text = textOf(bytes, at, end);
    if (text.startsWith("#")) comment = { text, line };
    else if (text !== "") break;
    at = end + 1;
  }
  if (at >= limit) return needMore;
  const end = lineEnd(bytes, at, limit);
  if (end === needMore) return needMore;
  const separator = options.separator ?? separatorOf(bytes, at, end, limit, options);
  if (separator === needMore) return needMore;
  const found = cellsOf(bytes, at, limit, separator);
  if (found === needMore) return needMore;
  if (found === badQuotes) {
    const sentence = "A quoted cell goes on after its closing quote, or has none.";
    throw new DataError("data.format", sentence, { file: options.file, line });
  }
  const body = { start: found.end + 1, startLine: line + found.lines };
  const { names: wanted } = options;
  if (wanted !== undefined) {
    // A first line that says the same is no row.
    const same = found.cells.length === wanted.length && found.cells.every((cell, i) => cell === wanted[i]);
    return { separator, names: wanted, line, ...(same ? body : { start: at, startLine: line }) };
  }
  const isValue = (text: string) => isNumber(text) || options.missing.has(text);
  if (comment !== undefined && found.cells.every(isValue)) {
    const cells = cellsOfComment(comment.text, separator);
    if (cells.length === found.cells.length && !cells.some(isValue))
      return { separator, names: cells, line: comment.line, start: at, startLine: line };
  }
  return { separator, names: found.cells, line, ...body };
}

/** Refuses names that cannot be those of columns. */
export function checkNames({ names, line }: Layout, file: string | undefined): void {
  const fail = (code: DataErrorCode, sentence: string) => new DataError(code, sentence, { file, line });
  if (names.every((name) => name === "")) throw fail("data.header", "The line does not name the columns.");
  if (/[\0\uFFFD]/.test(names.join(""))) throw fail("data.format", "This is not text in UTF-8.");
  if (names.some((name) => name.includes("\r"))) {
    const sentence = "Its lines end with CR alone; end them with LF (tr '\\r' '\\n').";
    throw fail("data.format", sentence);
  }
  if (names.every((name) => Number.isFinite(parseNumber(name)))) {
    const sentence = `The line holds numbers (${names[0]}, …); it must name the columns, or say their names (--columns a,b,…).`;
    throw fail("data.header", sentence);
  }
  const seen = new Set<string>();
  for (const name of names) {
    // pandas leaves the name of its index empty; such a column cannot be asked for.
    if (name !== "" && seen.has(name)) throw fail("data.header", `Two columns are named ${name}.`);
    seen.add(name);
  }
}

const isNumber = (text: string) => isMissing(text) || parseNumber(text) !== undefined;

/** Whether a line begins with #. */
export function isComment(bytes: Uint8Array, start: number): boolean {
  let at = start;
  while (bytes[at] === 32 || bytes[at] === 9) at++;
  return bytes[at] === hash;
}

/** Whether there are only empty lines and comments. */
export function isNothing(bytes: Uint8Array): boolean {
  const lines = textOf(bytes, afterMark(bytes), bytes.length).split("\n");
  return lines.every((line) => line.trim() === "" || line.trim().startsWith("#"));
}

const decoder = new TextDecoder();

function textOf(bytes: Uint8Array, start: number, end: number): string {
  return decoder.decode(bytes.subarray(start, end)).trim();
}

function afterMark(bytes: Uint8Array): number {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
}

/** The newline that ends a record whatever separates its cells; quotes count where a cell may begin. */
function lineEnd(bytes: Uint8Array, start: number, limit: number): number {
  for (let at = start, begins = true; at < limit; at++) {
    const byte = bytes[at]!;
    if (begins && byte === quote) {
      at++;
      while (at < limit && !(bytes[at] === quote && bytes[at + 1] !== quote))
        at += bytes[at] === quote ? 2 : 1;
      if (at >= limit) return needMore;
    } else if (byte === newline) return at;
    begins = separators.some((separator) => separator.charCodeAt(0) === byte);
  }
  return needMore;
}

/** What separates the cells of a first line. */
function separatorOf(
  bytes: Uint8Array,
  start: number,
  end: number,
  limit: number,
  { preferred, final }: LayoutOptions,
): Separator | typeof needMore {
  const counts = { ",": 0, ";": 0, "\t": 0, "|": 0 };
  let inQuotes = false;
  for (let at = start, begins = true; at < end; at++) {
    const byte = bytes[at]!;
    if (byte === quote && (begins || inQuotes)) inQuotes = !inQuotes;
    const separator = inQuotes ? undefined : separators.find((each) => each.charCodeAt(0) === byte);
    if (separator !== undefined) counts[separator]++;
    begins = separator !== undefined;
  }
  if (preferred !== undefined && preferred !== " " && counts[preferred] > 0) return preferred;
  if (counts[","] > 0) return ",";
  const text = textOf(bytes, start, end);
  const words = text.split(/[ \t]+/).length;
  const most = separators.reduce((a, b) => (counts[b] > counts[a] ? b : a));
  // A tab at an end, or columns that are lined up by tabs and spaces.
  if (counts[most] > 0 && !(most === "\t" && words !== counts["\t"] + 1)) return most;
  // Names are no numbers, so these are cells.
  if (words > 1 && counts["\t"] === 0 && text.split(/[ \t]+/).every(isNumber)) return " ";
  if (words === 1 || bytes[start] === quote) return counts["\t"] > 0 ? "\t" : ",";
  // One name of several words, or several names: the next line tells.
  for (let at = end + 1; at < limit; ) {
    const next = bytes.indexOf(newline, at);
    const other = textOf(bytes, at, next);
    if (other !== "" && !other.startsWith("#"))
      return other.split(/[ \t]+/).length === words ? " " : counts["\t"] > 0 ? "\t" : ",";
    at = next + 1;
  }
  return final ? "," : needMore;
}

/** The cells of the record at `start`, where it ends and how many lines it takes. */
function cellsOf(bytes: Uint8Array, start: number, limit: number, separator: Separator) {
  if (separator === " ") {
    const end = bytes.indexOf(newline, start);
    const cells = textOf(bytes, start, end).split(/[ \t]+/);
    return { cells: cells.map((cell) => cell.replace(/^"(.*)"$/, "$1")), end, lines: 1 };
  }
  const byte = separator.charCodeAt(0);
  const cells: string[] = [];
  let lines = 1;
  for (let at = start; ; at++) {
    const end = cellEnd(bytes, at, limit, byte);
    if (end === needMore || end === badQuotes) return end as typeof needMore | typeof badQuotes;
    cells.push(cellText(bytes, at, end));
    lines += newlinesIn(bytes, at, end);
    at = end;
    if (bytes[at] !== byte) return { cells, end, lines };
  }
}

/** The names in a comment: `# pt, eta`. */
function cellsOfComment(text: string, separator: Separator): string[] {
  const inside = text.replace(/^#+/, "").trim();
  return separator === " " ? inside.split(/[ \t]+/) : inside.split(separator).map((cell) => cell.trim());
}

/** The byte between cells, once {@link Spaces} has made one of many. */
export const byteOf = (separator: Separator): number =>
  separator === " " ? "\t".charCodeAt(0) : separator.charCodeAt(0) || comma;

/** Makes one tab of each run of spaces and tabs between cells, and nothing of those at the ends of lines. */
export class Spaces {
  #inQuotes = false;
  #begins = true;
  #waiting = false;

  push(bytes: Uint8Array): Uint8Array {
    const out = new Uint8Array(bytes.length + 1);
    let length = 0;
    for (const byte of bytes) {
      const space = byte === 32 || byte === 9;
      if (space && !this.#inQuotes) {
        this.#waiting = !this.#begins;
        continue;
      }
      if (this.#waiting) {
        this.#waiting = false;
        if (byte !== newline && byte !== 13) out[length++] = 9;
      }
      if (byte === quote && (this.#begins || this.#inQuotes || out[length - 1] === 9))
        this.#inQuotes = !this.#inQuotes;
      out[length++] = byte;
      this.#begins = byte === newline && !this.#inQuotes;
    }
    return out.subarray(0, length);
  }
}
