import { didYouMean } from "../text/nearest.js";
import { OptionError } from "./errors.js";

/** The names of all options of an interface: its type notices when one is missing or is none. */
export type Known<O> = Readonly<Record<keyof O & string, true>>;

/** Throws an OptionError at the first option that the function `name` does not have: a misspelt one changes nothing. */
export function checkOptions<O>(name: string, options: O | undefined, known: Known<O>): void {
  if (options === undefined) return;
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    const got = options === null ? "null" : Array.isArray(options) ? "an array" : `a ${typeof options}`;
    throw new OptionError("option.none", `options of '${name}' are an object { name: value }, not ${got}`, {
      function: name,
    });
  }
  for (const option in options) {
    if (Object.hasOwn(known, option)) continue;
    const names = Object.keys(known);
    throw new OptionError(
      "option.unknown",
      `'${name}' has no option '${option}'. ${didYouMean(option, names, "options")}`,
      { function: name, option, known: names },
    );
  }
}

/** Throws an OptionError unless `value` is one of the names that an option can have. */
export function checkChoice<K extends string>(what: string, value: unknown, choices: readonly K[]): K {
  const found = choices.find((choice) => choice === value);
  if (found !== undefined) return found;
  throw new OptionError(
    "option.value",
    `${what} is not ${typeof value === "string" ? `'${value}'` : String(value)}. ${didYouMean(String(value), choices, "choices")}`,
    { got: value, known: choices },
  );
}
