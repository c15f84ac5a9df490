import { tableInfo } from "../core/events.js";
import { having, type Legal, wrongArgument } from "../text/legal.js";
import { type Known, unknownOption } from "../text/unknownoption.js";
import { DataError } from "./dataerror.js";

/** Throws a DataError at the first option that the function `name` does not have. */
export function checkOptions<O>(name: string, options: O | undefined, known: Known<O>): void {
  const wrong = unknownOption(name, options, known);
  if (wrong) throw new DataError("data.option", wrong.sentence);
}

/** Throws a DataError at the first argument of a function that is not what it may be. */
export function checkArguments(
  caller: string,
  args: Readonly<Record<string, readonly [unknown, Legal]>>,
): void {
  for (const [name, [value, legal]] of Object.entries(args)) {
    const sentence = wrongArgument(caller, name, value, legal);
    if (sentence) throw new DataError("data.option", sentence);
  }
}

export const someEvents: Legal = {
  words: "events, as readTable(…) and table(…) make them",
  accepts: (value) => tableInfo(value) !== null,
};
export const aJagged: Legal = having("a jagged column", "offsets", "content");
export const aMap: Legal = { words: "a Map", accepts: (value) => value instanceof Map };
export const aSource: Legal = {
  words: "bytes with byteLength and slice, as an ArrayBuffer",
  accepts: (value) =>
    typeof value === "object" && value !== null && "byteLength" in value && "slice" in value,
};
export const pieces: Legal = {
  words: "an AsyncIterable of them",
  accepts: (value) =>
    typeof value === "object" &&
    value !== null &&
    (Symbol.asyncIterator in value || Symbol.iterator in value),
};
