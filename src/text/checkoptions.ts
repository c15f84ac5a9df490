/** Options and arguments of functions, refused where they are not what they may be. */

import { OptionError } from "./gradcuterror.js";
import { type Legal, type LegalOptions, wrongArgument } from "./legal.js";
import { unknownOption } from "./unknownoption.js";

/** Throws an OptionError at the first option that the function `name` does not have: a misspelt one changes nothing. */
export function checkOptions<O>(
  name: string,
  options: O | undefined,
  known: Readonly<Record<keyof O & string, unknown>>,
): void {
  const wrong = unknownOption(name, options, known);
  if (!wrong) return;
  throw new OptionError(wrong.option === null ? "option.none" : "option.unknown", wrong.sentence, {
    function: name,
    option: wrong.option,
    known: Object.keys(known),
  });
}

/** Throws an OptionError with the code `option.value` unless the argument `name` of a function is what it may be. */
export function checkArgument(caller: string, name: string, value: unknown, legal: Legal): void {
  const sentence = wrongArgument(caller, name, value, legal);
  if (sentence)
    throw new OptionError("option.value", sentence, { function: caller, option: name, got: value });
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
  checkOptions(caller, options, legal);
  for (const [name, value] of Object.entries(options ?? {}))
    if (value !== undefined) checkArgument(caller, name, value, legal[name as keyof O & string]);
}
