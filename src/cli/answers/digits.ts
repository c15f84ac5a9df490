/** Numbers as a command prints them: with the digits that the person asked for, or the usual ones. */

import { significant, withEnds, withError } from "../../text/numbertext.js";
import type { AnswerValues } from "../groups/answeroptions.js";

export interface Numbers {
  /** A number with so many significant digits. */
  plain(x: number, usual?: number): string;
  /** `sum ± error`, as exact as its error. */
  error(sum: number, error: number): string;
  /** `best +up -down`. */
  ends(best: number, down: number, up: number): string;
}

/** Those of `--digits`. Throws UsageError. */
export function numbersOf({ digits }: Pick<AnswerValues, "digits">): Numbers {
  return {
    plain: (x, usual = 6) => significant(x, digits || usual),
    error: (sum, error) => withError(sum, error, digits || 2),
    ends: (best, down, up) => withEnds(best, down, up, digits || 3),
  };
}
