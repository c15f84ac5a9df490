import { GivenError } from "../../text/gradcuterror.js";
import { shorten } from "../../text/shorten.js";

/** What went wrong with a cut or an expression; stable, for programs to branch on. */
export type CutErrorCode =
  | "expr.syntax"
  | "expr.number"
  | "expr.tooDeep"
  | "expr.type"
  | "expr.level"
  | "expr.name"
  | "expr.unknownFunction"
  | "expr.unknownColumn"
  | "expr.arguments"
  | "expr.noColumn"
  | "expr.noStart"
  | "expr.twoStarts"
  | "expr.threshold"
  | "expr.bounds"
  | "expr.value";

/** The parts of a {@link CutError}: a sentence, where in the text it points, and what to do. */
export interface CutErrorParts {
  code: CutErrorCode;
  sentence: string;
  remedy?: string;
  /** The text as the user wrote it; empty when the error has no place in a text. */
  text?: string;
  start?: number;
  end?: number;
}

/**
 * A cut or expression that cannot be used.
 *
 * `message` is one sentence, the source line with a caret under the offending place, and the remedy.
 * `start` and `end` are offsets into `text`.
 */
export class CutError extends GivenError {
  override readonly name = "CutError";
  declare readonly code: CutErrorCode;
  readonly text: string;
  readonly start: number;
  readonly end: number;

  constructor({ code, sentence, remedy, text = "", start = 0, end = start }: CutErrorParts) {
    const lines = [shorten(sentence)];
    if (text !== "") lines.push(...underline(text, start, end));
    if (remedy !== undefined) lines.push(shorten(remedy));
    super(code, lines.join("\n"), { text, start, end });
    this.text = text;
    this.start = start;
    this.end = end;
  }
}

/** Characters of the source line shown on each side of the caret. */
const margin = 40;

/** The line of `text` that holds `start`, cut to a readable width, and carets under [start, end). */
function underline(text: string, start: number, end: number): [string, string] {
  const lineStart = start === 0 ? 0 : text.lastIndexOf("\n", start - 1) + 1;
  const newline = text.indexOf("\n", start);
  const lineEnd = newline < 0 ? text.length : newline;
  const from = start - lineStart > margin + 1 ? start - margin : lineStart;
  const to = lineEnd - start > margin + 1 ? start + margin : lineEnd;
  const shown = (a: number, b: number) => text.slice(a, b).replace(/\p{Cc}/gu, " ");
  const before = (from > lineStart ? "…" : "") + shown(from, start);
  const after = shown(start, to) + (to < lineEnd ? "…" : "");
  // Code points, not UTF-16 units, so that the caret stays under its character.
  const indent = " ".repeat([...before].length);
  const width = Math.max(1, [...text.slice(start, Math.min(end, to))].length);
  return [`  ${before}${after}`, `  ${indent}${"^".repeat(width)}`];
}
