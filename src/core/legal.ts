import { shown } from "../text/kind.js";
import { OptionError } from "./errors.js";
import { checkOptions } from "./options.js";

/** What an argument may be: as a test and in words. */
export interface Legal {
  /** "a number from 0 to below 1" */
  readonly words: string;
  readonly accepts: (value: unknown) => boolean;
}

/** What each option of an interface may be; the type notices when one is missing or is none. */
export type LegalOptions<O> = Readonly<Record<keyof O & string, Legal>>;

const numeric = (words: string, holds: (x: number) => boolean): Legal => ({
  words,
  accepts: (value) => typeof value === "number" && holds(value),
});

export const finite: Legal = numeric("a finite number", Number.isFinite);
export const notNegative: Legal = numeric(
  "a finite number ≥ 0",
  (x) => x >= 0 && x < Number.POSITIVE_INFINITY,
);
export const positive: Legal = numeric("a finite number > 0", (x) => x > 0 && x < Number.POSITIVE_INFINITY);
/** A limit: ∞ is none. */
export const limit: Legal = numeric("a number ≥ 0", (x) => x >= 0);
export const belowOne: Legal = numeric("a number from 0 to below 1", (x) => x >= 0 && x < 1);
export const upToOne: Legal = numeric("a number from 0 to 1", (x) => x >= 0 && x <= 1);
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
export const text: Legal = { words: "a text", accepts: (value) => typeof value === "string" };
export const callable: Legal = { words: "a function", accepts: (value) => typeof value === "function" };
/** An object of names; arrays and functions are none. */
export const object: Legal = {
  words: "an object",
  accepts: (value) => typeof value === "object" && value !== null && !Array.isArray(value),
};
export const array: Legal = { words: "an array", accepts: (value) => Array.isArray(value) };
/** Whatever it is, it is looked at elsewhere. */
export const anything: Legal = { words: "anything", accepts: () => true };

export const either = (...all: readonly Legal[]): Legal => ({
  words: all.map(({ words }) => words).join(" or "),
  accepts: (value) => all.some(({ accepts }) => accepts(value)),
});

/** Throws an OptionError with the code `option.value` unless the argument `name` of a function is what it may be. */
export function checkArgument(caller: string, name: string, value: unknown, legal: Legal): void {
  if (legal.accepts(value)) return;
  throw new OptionError("option.value", `'${name}' of '${caller}' is ${legal.words}, not ${shown(value)}`, {
    function: caller,
    option: name,
    got: value,
  });
}

/** The same for several, by name; where one is undefined, too. */
export function checkArguments(
  caller: string,
  args: Readonly<Record<string, readonly [unknown, Legal]>>,
): void {
  for (const [name, [value, legal]] of Object.entries(args)) checkArgument(caller, name, value, legal);
}

/** {@link checkOptions}, and what each option is; those left out or undefined have their defaults. */
export function checkLegal<O extends object>(
  caller: string,
  options: O | undefined,
  legal: LegalOptions<O>,
): void {
  checkOptions(caller, options, legal as unknown as Readonly<Record<keyof O & string, true>>);
  for (const [name, value] of Object.entries(options ?? {}))
    if (value !== undefined) checkArgument(caller, name, value, legal[name as keyof O & string]);
}
