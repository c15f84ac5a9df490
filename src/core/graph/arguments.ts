import { OptionError } from "../../text/gradcuterror.js";
import { type Legal, type LegalOptions, wrongArgument } from "../../text/legal.js";
import { checkOptions } from "../options.js";
import { Tensor } from "./tensor.js";

export * from "../../text/legal.js";

export const tensor: Legal = {
  words: "a Tensor",
  accepts: (value) => value instanceof Tensor,
};
export const operand: Legal = {
  words: "a Tensor or a number",
  accepts: (value) => value instanceof Tensor || typeof value === "number",
};

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
  checkOptions(caller, options, legal as unknown as Readonly<Record<keyof O & string, true>>);
  for (const [name, value] of Object.entries(options ?? {}))
    if (value !== undefined) checkArgument(caller, name, value, legal[name as keyof O & string]);
}
