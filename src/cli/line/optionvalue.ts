import { alternatives } from "../../text/alternatives.js";
import { nearestName } from "../../text/nearest.js";
import { wrongLimitLevel } from "../../text/numbertext.js";
import { shown, type UsageCode, UsageError } from "./usageerror.js";

/** Where on the command line a value stands, and so what is said against it. */
export class Place {
  readonly option: string;
  /** As it was written: `--channel` or `-c`. */
  readonly spelling: string;
  readonly text: string;
  readonly #wants: string | undefined;

  constructor(option: string, spelling: string, text: string, wants?: string) {
    this.option = option;
    this.spelling = spelling;
    this.text = text;
    this.#wants = wants;
  }

  /** The error that it must be something else. */
  wanted(words = this.#wants ?? "another one"): UsageError {
    return this.because("bad-value", `${shown(this.text)}: must be ${words}`);
  }

  /** The error of a sentence that begins with the option. */
  because(code: UsageCode, sentence: string): UsageError {
    return new UsageError(code, this.option, this.text, `${this.spelling} ${sentence}`);
  }
}

/** What an option takes: read from a text, said in words, offered by a shell. */
export interface Value<V> {
  /** What it must be; left out where any text will do. */
  readonly wants?: string;
  readonly choices?: readonly string[];
  readonly offers?: "file" | "folder";
  /** Blanks around it belong to it, and nothing at all is something. */
  readonly verbatim?: true;
  /** Throws what `at` makes of a text that is none. */
  read(text: string, at: Place): V;
}

const same = (text: string): string => text;
const trimmed = (text: string): string => text.trim();

/** Any text, as it is. */
export const verbatim: Value<string> = { verbatim: true, read: same };
/** A text that is not empty, without blanks around it: an expression, the name of a column. */
export const someText: Value<string> = { read: trimmed };
export const file: Value<string> = { offers: "file", read: trimmed };
export const folder: Value<string> = { offers: "folder", read: trimmed };
/** A file as pyhf reads it; `-` is standard input or output. */
export const document: Value<string> = { offers: "file", verbatim: true, read: same };

const decimal = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** `text` as a finite number, or NaN. Only decimal notation: no hexadecimal, no empty text. */
export function toNumber(text: string): number {
  const value = decimal.test(text.trim()) ? Number(text) : Number.NaN;
  return Number.isFinite(value) ? value : Number.NaN;
}

/** A number that `holds`; NaN is none. */
const numeric = (wants: string, holds: (x: number) => boolean): Value<number> => ({
  wants,
  read(text, at) {
    const x = toNumber(text);
    if (Number.isNaN(x) || !holds(x)) throw at.wanted();
    return x;
  },
});

export const finite = numeric("a number", () => true);
export const positive = numeric("a number above 0", (x) => x > 0);
export const fraction = numeric("a number between 0 and 1, like 0.2", (x) => x > 0 && x < 1);
/** From 0 to below 1. */
export const part = numeric("a number from 0 to below 1, like 0.9", (x) => x >= 0 && x < 1);
/** The confidence level of a limit. */
export const limitLevel: Value<number> = {
  wants: "a number above 0.5 and below 1",
  read(text, at) {
    const level = toNumber(text);
    const wrong = wrongLimitLevel(level);
    if (wrong) throw at.wanted(wrong);
    return level;
  },
};
export const whole = (low: number, high: number): Value<number> =>
  numeric(`a whole number from ${low} to ${high}`, (x) => Number.isInteger(x) && x >= low && x <= high);

export const mostSteps = 1e9;
export const steps = whole(1, mostSteps);
export const seed = whole(0, 2 ** 32 - 1);
export const threads = whole(1, 256);

/** One of some names. */
export const choice = <T extends string>(choices: readonly T[]): Value<T> => ({
  wants: `one of ${choices.join(", ")}`,
  choices,
  read(text, at) {
    const found = choices.find((name) => name === text.trim());
    if (found !== undefined) return found;
    const near = nearestName(text, choices);
    throw at.wanted(`one of ${choices.join(", ")}${near === undefined ? "" : `; did you mean ${near}?`}`);
  },
});

export type Span = readonly [low: number, high: number];

/** `A..B` as two numbers, the first below the second. */
export const span: Value<Span> = {
  wants: "two numbers, the lower one first: 0..2",
  read(text, at) {
    const [low, high, ...more] = text.split("..").map(toNumber);
    if (low === undefined || high === undefined || more.length > 0 || !(low < high)) throw at.wanted();
    return [low, high];
  },
};

/** A file by its ending. */
export const fileWith = (...endings: readonly string[]): Value<string> => ({
  wants: `a file that ends with ${alternatives(endings)}`,
  offers: "file",
  read(text, at) {
    const name = text.trim();
    if (endings.some((ending) => name.toLowerCase().endsWith(ending))) return name;
    throw at.because("bad-value", `${name}: must end with ${alternatives(endings)}`);
  },
});
