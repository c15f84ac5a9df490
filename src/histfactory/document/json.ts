import { type Exact, type ExactNumber, parseNumber } from "./exactnumber.js";
import { SpecError } from "./specerror.js";

/** A JSON value whose numbers keep what their text says. */
export type Json = null | boolean | string | Exact | readonly Json[] | JsonObject;

export interface JsonObject {
  readonly [key: string]: Json;
}

/** A checked document as JSON, which its type only says more of. */
export const jsonOf = (document: object): Json => document as Json;

/** Deeper nesting than this is refused; a workspace has 8 levels. */
export const maxDepth = 200;

/**
 * Reads a JSON text as Python's json.loads does: NaN, Infinity and -Infinity are numbers, the last of equal
 * keys counts. Numbers whose text does not follow from the value come as {@link ExactNumber}. `__proto__` is
 * a key like any other.
 *
 * Throws a SpecError (json.syntax, json.depth) that names line and column.
 */
export function readJson(text: string): Json {
  return new Reader(text).document();
}

const backslash = 92;
const quoteMark = 34;
const openBrace = 123;
const openBracket = 91;
// biome-ignore lint/suspicious/noControlCharactersInRegex: a text may not hold them
const special = /[\\\u0000-\u001f]/;
const escapes: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ["\\", "\\"],
  ["/", "/"],
  ["b", "\b"],
  ["f", "\f"],
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
]);
/** By first character. */
const words: ReadonlyMap<string | undefined, readonly [string, Json]> = new Map<string, [string, Json]>([
  ["n", ["null", null]],
  ["t", ["true", true]],
  ["f", ["false", false]],
  ["N", ["NaN", Number.NaN]],
  ["I", ["Infinity", Number.POSITIVE_INFINITY]],
  ["-", ["-Infinity", Number.NEGATIVE_INFINITY]],
]);

class Reader {
  readonly #text: string;
  #at = 0;
  #depth = 0;
  /**
   * Workspaces repeat "0.0" and "1.0": one object for each text. Bounded, for texts made to be all different.
   */
  readonly #known = new Map<string, ExactNumber>();

  constructor(text: string) {
    this.#text = text;
  }

  document(): Json {
    if (this.#text.charCodeAt(0) === 0xfeff) this.#at = 1;
    this.#space();
    const value = this.#value();
    this.#space();
    if (this.#at < this.#text.length) throw this.#error("the end of the text");
    return value;
  }

  #value(): Json {
    const c = this.#text.charCodeAt(this.#at);
    if (c === quoteMark) return this.#string();
    if (isDigit(c)) return this.#number();
    if (c === openBracket) return this.#array();
    if (c === openBrace) return this.#object();
    const word = words.get(this.#text[this.#at]);
    if (word !== undefined && this.#text.startsWith(word[0], this.#at)) {
      this.#at += word[0].length;
      return word[1];
    }
    return this.#number();
  }

  #object(): JsonObject {
    this.#descend();
    const object: Record<string, Json> = {};
    if (this.#skip("}")) return this.#ascend(object);
    for (;;) {
      if (this.#text.charCodeAt(this.#at) !== quoteMark) throw this.#error('a key in double quotes or "}"');
      const key = this.#string();
      this.#space();
      if (!this.#skip(":")) throw this.#error('":"');
      setKey(object, key, this.#value());
      this.#space();
      if (this.#skip("}")) return this.#ascend(object);
      if (!this.#skip(",")) throw this.#error('"," or "}"');
    }
  }

  #array(): readonly Json[] {
    this.#descend();
    const array: Json[] = [];
    if (this.#skip("]")) return this.#ascend(array);
    for (;;) {
      array.push(this.#value());
      this.#space();
      if (this.#skip("]")) return this.#ascend(array);
      if (!this.#skip(",")) throw this.#error('"," or "]"');
    }
  }

  #descend(): void {
    if (++this.#depth > maxDepth) {
      throw this.#error(`at most ${maxDepth} nested arrays and objects`, "json.depth", "make it flatter");
    }
    this.#at++;
    this.#space();
  }

  #ascend<T>(value: T): T {
    this.#depth--;
    return value;
  }

  /** Past the character and the space after it, if it is there. */
  #skip(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    if (character !== "}" && character !== "]") this.#space();
    return true;
  }

  #space(): void {
    const text = this.#text;
    let at = this.#at;
    for (;;) {
      const c = text.charCodeAt(at);
      if (c !== 32 && c !== 10 && c !== 13 && c !== 9) break;
      at++;
    }
    this.#at = at;
  }

  #string(): string {
    const text = this.#text;
    const start = this.#at + 1;
    const end = text.indexOf('"', start);
    const simple = text.slice(start, end);
    if (end >= 0 && !special.test(simple)) {
      this.#at = end + 1;
      return simple;
    }
    let from = start;
    let parts = "";
    for (let i = start; ; i++) {
      const c = text.charCodeAt(i);
      if (c === quoteMark) {
        this.#at = i + 1;
        return parts + text.slice(from, i);
      }
      if (c === backslash) {
        parts += text.slice(from, i);
        const plain = escapes.get(text[i + 1] ?? "");
        this.#at = i;
        if (plain !== undefined) {
          parts += plain;
          i += 1;
        } else {
          const hex = /^u[\da-fA-F]{4}$/.test(text.slice(i + 1, i + 6))
            ? text.slice(i + 2, i + 6)
            : undefined;
          if (hex === undefined) throw this.#error("an escape such as \\n or \\u00e9");
          parts += String.fromCharCode(Number.parseInt(hex, 16));
          i += 5;
        }
        from = i + 1;
      } else if (!(c >= 32)) {
        this.#at = i;
        throw this.#error('text and then a double quote (a line break inside a text is written "\\n")');
      }
    }
  }

  #number(): Exact {
    const text = this.#text;
    let end = this.#at;
    const digits = (): boolean => {
      const first = end;
      while (isDigit(text.charCodeAt(end))) end++;
      return end > first;
    };
    if (text[end] === "-") end++;
    if (text[end] === "0") end++;
    else if (!digits()) throw this.#error("a value");
    const integer = end;
    // As Python: a point or an e without digits after it is no part of the number, and then an error.
    if (text[end] === ".") {
      end++;
      if (!digits()) end = integer;
    }
    if (text[end] === "e" || text[end] === "E") {
      const before = end++;
      if (text[end] === "-" || text[end] === "+") end++;
      if (!digits()) end = before;
    }
    const source = text.slice(this.#at, end);
    this.#at = end;
    const known = this.#known.get(source);
    if (known !== undefined) return known;
    const value = parseNumber(source, end === integer);
    if (typeof value !== "number" && this.#known.size < 4096) this.#known.set(source, value);
    return value;
  }

  #error(expected: string, code: "json.syntax" | "json.depth" = "json.syntax", remedy?: string): SpecError {
    const before = this.#text.slice(0, this.#at);
    const line = before.split("\n").length;
    const column = this.#at - before.lastIndexOf("\n");
    const next = this.#text.slice(this.#at, this.#at + 12).split("\n")[0]!;
    const got = this.#at >= this.#text.length ? "the end of the text" : JSON.stringify(next || "\n");
    return new SpecError([
      {
        code,
        path: `line ${line}, column ${column}`,
        expected,
        got,
        remedy: remedy ?? "correct the JSON there",
      },
    ]);
  }
}

function isDigit(c: number): boolean {
  return c >= 48 && c <= 57;
}

/** Sets an own property, `__proto__` included. */
export function setKey<T>(object: Record<string, T>, key: string, value: T): void {
  if (key === "__proto__") {
    Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
  } else object[key] = value;
}
