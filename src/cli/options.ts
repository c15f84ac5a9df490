// Reading command-line options: node:util splits the words, this file says what is wrong with them.

import { parseArgs } from "node:util";

export type UsageCode =
  | "unknown-option"
  | "unexpected-argument"
  | "missing-option"
  | "missing-value"
  | "unexpected-value"
  | "repeated"
  | "bad-value"
  | "conflict";

/**
 * A command line that cannot be run. The message is one line, and for expressions the text with a caret below;
 * `option` is without dashes, "" if none.
 */
export class UsageError extends Error {
  readonly code: UsageCode;
  readonly option: string;
  readonly value: string | undefined;

  constructor(
    code: UsageCode,
    option: string,
    value: string | undefined,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = "UsageError";
    this.code = code;
    this.option = option;
    this.value = value;
  }
}

/** Option names and whether they take a value, many values (one per repetition), or none. */
export type OptionKinds = Record<string, "one" | "many" | "flag">;

/** Values as given, in order; flags that were given have the single value "". */
export type RawOptions = Map<string, string[]>;

/** `value` as it appears in a message: quoted, on one line, not too long. */
export function shown(value: string): string {
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 56)}..."` : text;
}

/**
 * Splits `args` into options. Throws UsageError on anything but the given options and their values; other words go to
 * `words` where it is given.
 */
export function readOptions(args: string[], kinds: OptionKinds, words?: string[]): RawOptions {
  const options = Object.fromEntries(
    Object.entries(kinds).map(([name, kind]) => [
      name,
      { type: kind === "flag" ? ("boolean" as const) : ("string" as const), multiple: kind === "many" },
    ]),
  );
  const { tokens } = parseArgs({ args, options, strict: false, allowPositionals: true, tokens: true });
  const raw: RawOptions = new Map();
  for (const token of tokens) {
    if (token.kind === "option-terminator") continue;
    if (token.kind === "positional") {
      if (!words) throw unexpected(token.value);
      words.push(token.value);
      continue;
    }
    const kind = Object.hasOwn(kinds, token.name) ? kinds[token.name] : undefined;
    if (kind === undefined || !token.rawName.startsWith("--")) throw unknown(token.rawName, kinds);
    const value = token.value;
    if (kind === "flag") {
      if (value !== undefined)
        throw new UsageError(
          "unexpected-value",
          token.name,
          value,
          `--${token.name} takes no value, got ${shown(value)}`,
        );
    } else if (value === undefined || value === "" || (!token.inlineValue && isOption(value, kinds)))
      throw new UsageError("missing-value", token.name, undefined, `--${token.name} needs a value`);
    const before = raw.get(token.name) ?? [];
    if (kind === "one" && before.length > 0)
      throw new UsageError(
        "repeated",
        token.name,
        value,
        `--${token.name} is given twice: ${shown(before[0]!)} and ${shown(value ?? "")}`,
      );
    raw.set(token.name, [...before, value ?? ""]);
  }
  return raw;
}

function isOption(word: string, kinds: OptionKinds): boolean {
  return word.startsWith("--") && Object.hasOwn(kinds, word.slice(2).split("=")[0]!);
}

function unexpected(word: string): UsageError {
  const hint = " (an expression with spaces needs quotes)";
  return new UsageError("unexpected-argument", "", word, `unexpected argument ${shown(word)}${hint}`);
}

function unknown(rawName: string, kinds: OptionKinds): UsageError {
  const name = rawName.replace(/^-+/, "");
  const near = nearest(name, Object.keys(kinds));
  const hint = near === undefined ? "see --help" : `did you mean --${near}?`;
  return new UsageError("unknown-option", name, undefined, `unknown option ${rawName}, ${hint}`);
}

/** The name most like `word`, or undefined if none is close: case-blind edit distance up to about a third of it. */
export function nearest(word: string, names: readonly string[]): string | undefined {
  const limit = word.length < 4 ? 1 : Math.max(2, Math.floor(word.length / 3));
  let best: string | undefined;
  let least = limit + 1;
  for (const name of names) {
    const distance = editDistance(word.toLowerCase(), name.toLowerCase());
    if (distance < least) [best, least] = [name, distance];
  }
  return best ?? (word.length >= 3 ? names.find((name) => name.startsWith(word)) : undefined);
}

function editDistance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 8) return 99;
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next[j] = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1));
    row = next;
  }
  return row[b.length]!;
}

/** `value` if it is one of `allowed`. */
export function choice<T extends string>(option: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((name) => name === value);
  if (found !== undefined) return found;
  const near = nearest(value, allowed);
  const hint = near === undefined ? "" : `; did you mean ${near}?`;
  throw bad(option, value, `one of ${allowed.join(", ")}${hint}`);
}

const decimal = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** `text` as a finite number, or NaN. Only decimal notation: no hexadecimal, no empty text. */
export function toNumber(text: string): number {
  const value = decimal.test(text.trim()) ? Number(text) : Number.NaN;
  return Number.isFinite(value) ? value : Number.NaN;
}

export const mostSteps = 1e9;
export const mostSeed = 2 ** 32 - 1;
export const mostThreads = 256;

/** `value` as a number above zero. */
export function positive(option: string, value: string): number {
  const x = toNumber(value);
  if (!(x > 0)) throw bad(option, value, "a number above 0");
  return x;
}

/** `value` as a whole number from `low` to `high`. */
export function whole(option: string, value: string, low: number, high: number): number {
  const x = toNumber(value);
  if (!Number.isInteger(x) || x < low || x > high)
    throw bad(option, value, `a whole number from ${low} to ${high}`);
  return x;
}

/** The error for a value that is not `wanted`. */
export function bad(option: string, value: string, wanted: string): UsageError {
  return new UsageError("bad-value", option, value, `--${option} ${shown(value)}: must be ${wanted}`);
}
