import { isPlainObject } from "./plainobject.js";
import { shown } from "./shown.js";

/** What an argument may be: as a test and in words. */
export interface Legal {
  /** "a number from 0 to below 1" */
  readonly words: string;
  readonly accepts: (value: unknown) => boolean;
}

/** What each option of an interface may be; the type notices when one is missing or is none. */
export type LegalOptions<O> = Readonly<Record<keyof O & string, Legal>>;

export const numeric = (words: string, holds: (x: number) => boolean): Legal => ({
  words,
  accepts: (value) => typeof value === "number" && holds(value),
});

export const finite: Legal = /*#__PURE__*/ numeric("a finite number", Number.isFinite);
export const notNegative: Legal = /*#__PURE__*/ numeric(
  "a finite number ≥ 0",
  (x) => x >= 0 && x < Number.POSITIVE_INFINITY,
);
export const positive: Legal = /*#__PURE__*/ numeric(
  "a finite number > 0",
  (x) => x > 0 && x < Number.POSITIVE_INFINITY,
);
/** A limit: ∞ is none. */
export const limit: Legal = /*#__PURE__*/ numeric("a number ≥ 0", (x) => x >= 0);
export const belowOne: Legal = /*#__PURE__*/ numeric("a number from 0 to below 1", (x) => x >= 0 && x < 1);
export const upToOne: Legal = /*#__PURE__*/ numeric("a number from 0 to 1", (x) => x >= 0 && x <= 1);
export const atLeast = (least: number): Legal =>
  numeric(`a finite number ≥ ${least}`, (x) => x >= least && x < Number.POSITIVE_INFINITY);
export const whole = (least: number): Legal =>
  numeric(`a whole number ≥ ${least}`, (x) => Number.isInteger(x) && x >= least);
/** A number of times at most: ∞ is no end. */
export const times = (least: number): Legal =>
  numeric(
    `a whole number ≥ ${least}`,
    (x) => (Number.isInteger(x) || x === Number.POSITIVE_INFINITY) && x >= least,
  );

export const flag: Legal = { words: "true or false", accepts: (value) => typeof value === "boolean" };
export const aText: Legal = { words: "a text", accepts: (value) => typeof value === "string" };
export const callable: Legal = { words: "a function", accepts: (value) => typeof value === "function" };
/** An object of names; arrays and functions are none. */
export const object: Legal = {
  words: "an object",
  accepts: (value) => typeof value === "object" && value !== null && !Array.isArray(value),
};
/** An object { name: value } of no class: what a Map holds would not be seen. */
export const record: Legal = { words: "a plain object { name: value }", accepts: isPlainObject };
export const array: Legal = { words: "an array", accepts: (value) => Array.isArray(value) };
/** Whatever it is, it is looked at elsewhere. */
export const anything: Legal = { words: "anything", accepts: () => true };

export const either = (...all: readonly Legal[]): Legal => ({
  words: all.map(({ words }) => words).join(" or "),
  accepts: (value) => all.some(({ accepts }) => accepts(value)),
});

/** A list of numbers: an array or a typed one. */
export const numbers: Legal = {
  words: "an array of numbers",
  accepts: (value) =>
    ArrayBuffer.isView(value)
      ? !(value instanceof DataView)
      : Array.isArray(value) && value.every((x) => typeof x === "number"),
};
/** What can be gone through, one after the other; a text is none. */
export const list: Legal = {
  words: "a list",
  accepts: (value) => typeof value === "object" && value !== null && Symbol.iterator in value,
};
export const texts: Legal = {
  words: "an array of texts",
  accepts: (value) => Array.isArray(value) && value.every((x) => typeof x === "string"),
};
export const someBytes: Legal = { words: "a Uint8Array", accepts: (value) => value instanceof Uint8Array };
/** Optional: left out, or what it may be. */
export const optional = ({ words, accepts }: Legal): Legal => ({
  words,
  accepts: (value) => value === undefined || accepts(value),
});
/** An object with these fields, whatever they are. */
export const having = (words: string, ...fields: readonly string[]): Legal => ({
  words,
  accepts: (value) => typeof value === "object" && value !== null && fields.every((field) => field in value),
});

/** What is wrong with an argument, as a sentence; null where nothing is. */
export function wrongArgument(caller: string, name: string, value: unknown, legal: Legal): string | null {
  return legal.accepts(value) ? null : `'${name}' of '${caller}' is ${legal.words}, not ${shown(value)}`;
}

export const nothing: Legal = { words: "null", accepts: (value) => value === null };
