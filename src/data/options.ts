import { type Known, unknownOption } from "../text/options.js";
import { DataError } from "./errors.js";

/** Throws a DataError at the first option that the function `name` does not have. */
export function checkOptions<O>(name: string, options: O | undefined, known: Known<O>): void {
  const wrong = unknownOption(name, options, known);
  if (wrong) throw new DataError("data.option", wrong.sentence);
}
