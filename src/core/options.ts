import { OptionError } from "../text/gradcuterror.js";
import { didYouMean } from "../text/nearest.js";
import { type Known, unknownOption } from "../text/unknownoption.js";

export type { Known };

/** Throws an OptionError at the first option that the function `name` does not have: a misspelt one changes nothing. */
export function checkOptions<O>(name: string, options: O | undefined, known: Known<O>): void {
  const wrong = unknownOption(name, options, known);
  if (!wrong) return;
  throw new OptionError(wrong.option === null ? "option.none" : "option.unknown", wrong.sentence, {
    function: name,
    option: wrong.option,
    known: Object.keys(known),
  });
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

/** The options that a function has, out of those of one that calls it. */
export function ownOptions<O>(options: O, known: Known<O>): O {
  return Object.fromEntries(
    Object.entries(options as object).filter(([name]) => Object.hasOwn(known, name)),
  ) as O;
}
