import { OptionError } from "../text/gradcuterror.js";
import { didYouMean } from "../text/nearest.js";
import type { Known } from "../text/unknownoption.js";

export { checkOptions } from "../text/checkoptions.js";
export type { Known };

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

/** The options that a function has, out of those of one that calls it. */
export function ownOptions<O>(options: O, known: Known<O>): O {
  return Object.fromEntries(
    Object.entries(options as object).filter(([name]) => Object.hasOwn(known, name)),
  ) as O;
}
