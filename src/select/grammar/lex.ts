import { CutError } from "./cuterror.js";

/** A token; `kind` is "number", "name", "end", or the symbol itself. */
export interface Token {
  readonly kind: string;
  /** As it stands, but a name without its backquotes. */
  readonly text: string;
  /** Whether it is a name in backquotes, which is that of a column whatever it says. */
  readonly quoted?: boolean;
  readonly start: number;
  readonly end: number;
}

const space = /\s*/y;
const number = /(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y;
const name = /[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*/y;
/** Two backquotes stand for one. */
const quotedName = /`(?:[^`]|``)+`/y;
const symbol = /&&|\|\||<=|>=|==|!=|\*\*|[-+*/<>!()[\]{},=&.]/y;

/** Characters people bring from other languages, and what to write instead. */
const foreign = new Map([
  ["|", "Write || for or, and abs(x) for the absolute value."],
  ["^", "Write ** for powers."],
  ["≤", "Write <=."],
  ["≥", "Write >=."],
  ["≠", "Write !=."],
  ["`", "A name in backquotes needs another one after it."],
  ["%", "There is no remainder; write x - n * floor(x / n)."],
  [";", "An expression is one line, without a semicolon."],
  ["'", "Text cannot be compared; only numbers can."],
  ['"', "Text cannot be compared; only numbers can."],
]);

/** The token of `text` that starts at or after `from`. */
export function nextToken(text: string, from: number): Token {
  const start = match(space, text, from);
  if (start === text.length) return { kind: "end", text: "", start, end: start };
  let end = match(number, text, start);
  if (end > start) {
    if (match(name, text, end) > end) {
      throw new CutError({
        code: "expr.syntax",
        sentence: "A number runs into a name.",
        remedy: "Leave units out, and put an operator between a number and a name.",
        text,
        start,
        end: match(name, text, end),
      });
    }
    return token("number", text, start, end);
  }
  end = match(name, text, start);
  if (end > start) return token("name", text, start, end);
  end = match(quotedName, text, start);
  if (end > start) {
    const inside = text.slice(start + 1, end - 1).replaceAll("``", "`");
    return { kind: "name", text: inside, quoted: true, start, end };
  }
  end = match(symbol, text, start);
  if (end > start) return token(text.slice(start, end), text, start, end);
  const character = String.fromCodePoint(text.codePointAt(start)!);
  throw new CutError({
    code: "expr.syntax",
    sentence: `Unexpected character ${JSON.stringify(character)}.`,
    remedy: foreign.get(character) ?? "Use column names, numbers, + - * / **, comparisons, && || ! and ( ).",
    text,
    start,
    end: start + character.length,
  });
}

/**
 * The value of a number token of `text`. Whole numbers must be exact: they may be run or event numbers.
 *
 * @throws CutError
 */
export function numberValue({ text: digits, start, end }: Token, text: string): number {
  const value = Number(digits);
  if (!Number.isFinite(value)) {
    const remedy = "The largest number is about 1.8e308.";
    throw new CutError({
      code: "expr.number",
      sentence: "This number is too large.",
      remedy,
      text,
      start,
      end,
    });
  }
  // What print writes is accepted: the shortest text of a double need not be its exact value.
  if (Number.isSafeInteger(value) || !/^\d+$/.test(digits) || String(value) === digits) return value;
  if (BigInt(value) === BigInt(digits)) return value;
  const sentence = `This whole number cannot be exact: it would become ${BigInt(value)}.`;
  const remedy = "Whole numbers are exact up to 2**53 = 9007199254740992.";
  throw new CutError({ code: "expr.number", sentence, remedy, text, start, end });
}

/** A name of a column as an expression says it: in backquotes where it needs them. */
export function nameText(text: string): string {
  name.lastIndex = 0;
  const plain = name.test(text) && name.lastIndex === text.length;
  return plain && !/^(and|or|not)$/.test(text) ? text : `\`${text.replaceAll("`", "``")}\``;
}

function token(kind: string, text: string, start: number, end: number): Token {
  return { kind, text: text.slice(start, end), start, end };
}

/** Where a sticky pattern that is tried at `from` ends; `from` itself when it does not match. */
function match(pattern: RegExp, text: string, from: number): number {
  pattern.lastIndex = from;
  return pattern.test(text) ? pattern.lastIndex : from;
}
