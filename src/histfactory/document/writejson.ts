import { compareText, type Exact, ExactNumber, pythonNumber } from "./exactnumber.js";
import { type Json, maxDepth, setKey } from "./json.js";
import { quote, SpecError } from "./specerror.js";

export interface WriteOptions {
  /** Spaces per level; undefined: one line. */
  readonly indent?: number | undefined;
  /** Whether characters beyond ASCII are written as escapes. Default true. */
  readonly ascii?: boolean | undefined;
}

/**
 * The text that Python's `json.dumps(value, sort_keys=True, indent, ensure_ascii)` gives: what pyhf prints
 * (indent 4) and hashes (one line, not ASCII).
 *
 * Throws a SpecError (json.value, json.depth) for what JSON cannot say.
 */
export function writeJson(value: unknown, { indent, ascii = true }: WriteOptions = {}): string {
  const parts: string[] = [];
  const text = ascii ? asciiText : plainText;
  const line = (depth: number) => (indent === undefined ? "" : `\n${" ".repeat(indent * depth)}`);
  const comma = indent === undefined ? ", " : ",";

  const write = (item: unknown, depth: number): void => {
    if (depth > maxDepth) throw tooDeep();
    if (typeof item === "number" || item instanceof ExactNumber) parts.push(pythonNumber(item));
    else if (typeof item === "string") parts.push(text(item));
    else if (item === null || typeof item === "boolean") parts.push(String(item));
    else if (typeof item === "bigint") parts.push(item.toString());
    else if (isList(item)) {
      parts.push("[");
      for (let i = 0; i < item.length; i++) {
        parts.push(i === 0 ? "" : comma, line(depth + 1));
        write(item[i], depth + 1);
      }
      parts.push(item.length === 0 ? "]" : `${line(depth)}]`);
    } else if (isObject(item)) {
      const keys = Object.keys(item)
        .filter((key) => item[key] !== undefined)
        .sort(compareText);
      parts.push("{");
      keys.forEach((key, i) => {
        parts.push(i === 0 ? "" : comma, line(depth + 1), text(key), ": ");
        write(item[key], depth + 1);
      });
      parts.push(keys.length === 0 ? "}" : `${line(depth)}}`);
    } else throw notJson(item);
  };
  write(value, 0);
  return parts.join("");
}

/** A document of its own from a JavaScript value: arrays, typed arrays, plain objects, numbers, text. */
export function fromObject(value: unknown, depth = 0): Json {
  if (depth > maxDepth) throw tooDeep();
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number" || value instanceof ExactNumber) return value;
  if (typeof value === "bigint") return exactInteger(value);
  if (isList(value)) return Array.from(value, (item) => fromObject(item, depth + 1));
  if (!isObject(value)) throw notJson(value);
  const copy: Record<string, Json> = {};
  for (const key of Object.keys(value)) {
    if (value[key] !== undefined) setKey(copy, key, fromObject(value[key], depth + 1));
  }
  return copy;
}

function exactInteger(value: bigint): Exact {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : new ExactNumber(number, value.toString());
}

/** The same document with plain numbers. */
export function plain(value: Json): unknown {
  if (value instanceof ExactNumber) return value.value;
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== "object") return value;
  const copy: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) setKey(copy, key, plain(item));
  return copy;
}

/** An array, or a typed array of numbers. */
export function isList(value: unknown): value is ArrayLike<unknown> {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
}

/** An object with keys: no array, no null, no class but Object. */
export function isObject(value: unknown): value is Record<string, unknown> {
  if (value === null || typeof value !== "object" || isList(value)) return false;
  const parent: unknown = Object.getPrototypeOf(value);
  // The parent of a parent is compared, since Object of another realm (a worker's, a test's) is another one.
  return parent === null || Object.getPrototypeOf(parent) === null;
}

const shortEscapes: ReadonlyMap<string, string> = new Map([
  ['"', '\\"'],
  ["\\", "\\\\"],
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"],
  ["\f", "\\f"],
  ["\b", "\\b"],
]);
const escaped = (c: string) => shortEscapes.get(c) ?? `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`;

function plainText(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is escaped
  return `"${text.replace(/["\\\u0000-\u001f]/g, escaped)}"`;
}

function asciiText(text: string): string {
  // No u flag: characters beyond 16 bits are written as two escapes, as Python does.
  return `"${text.replace(/["\\]|[^ -~]/g, escaped)}"`;
}

function notJson(value: unknown): SpecError {
  const got = typeof value === "object" ? `an object of class ${className(value)}` : typeof value;
  return new SpecError([
    {
      code: "json.value",
      path: "$",
      expected: "numbers, text, true, false, null, arrays and plain objects",
      got,
      remedy: "pass values that JSON can hold",
    },
  ]);
}

function className(value: unknown): string {
  const maker: unknown = (value as { constructor?: unknown } | null)?.constructor;
  return quote(typeof maker === "function" ? maker.name : "?");
}

function tooDeep(): SpecError {
  return new SpecError([
    {
      code: "json.depth",
      path: "$",
      expected: `at most ${maxDepth} nested arrays and objects`,
      got: "more",
      remedy: "make it flatter, without an object inside itself",
    },
  ]);
}
