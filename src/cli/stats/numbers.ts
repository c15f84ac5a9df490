// Numbers as a command prints them: with the digits that the person asked for, or the usual ones.

import { significant, withEnds, withError } from "../../plot/format.js";
import { whole } from "../options.js";
import type { Words } from "../words.js";
import { optionOf } from "./values.js";

export type Numbers = {
  /** A number with so many significant digits. */
  plain(x: number, usual?: number): string;
  /** `sum ± error`, as exact as its error. */
  error(sum: number, error: number): string;
  /** `best +up -down`. */
  ends(best: number, down: number, up: number): string;
};

/** Those of `--digits`. Throws UsageError. */
export function numbersOf(words: Words): Numbers {
  const digits = optionOf(words, "digits", (o, v) => whole(o, v, 1, 17), 0);
  return {
    plain: (x, usual = 6) => significant(x, digits || usual),
    error: (sum, error) => withError(sum, error, digits || 2),
    ends: (best, down, up) => withEnds(best, down, up, digits || 3),
  };
}
