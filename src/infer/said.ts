import { type Status, statusMessage } from "../core/status.js";
import { type Attempt, failureSentence, findImpossible, type Impossible } from "./impossible.js";
import type { Likelihood } from "./likelihood.js";
import type { FitNumbers } from "./setup.js";

/** What is said of every answer in numbers. */
export interface Said {
  /** The status as a sentence. */
  readonly message: string;
  /** Whether all was found. */
  readonly converged: boolean;
  /** Bins in which the data are impossible, where fits failed because of them. */
  readonly impossible: readonly Impossible[];
  /** Why there is no answer, as a sentence; null where there is one. */
  readonly failure: string | null;
  readonly warnings: readonly string[];
}

/** What is known of an answer besides its status. */
export interface About {
  /** Which fits ended with the status (default "a fit"). */
  readonly which?: string;
  /** Where they began (default at their usual start). */
  readonly attempts?: readonly Attempt[];
  /** Warnings before that of a failure, and after it. */
  readonly before?: readonly string[];
  readonly after?: readonly string[];
}

/** What is said of fits that ended so: why they failed, and the bins in which the data are impossible. */
export function said(
  { model, args }: { readonly model: Likelihood; readonly args: FitNumbers },
  status: Status,
  { which = "a fit", attempts = [{}], before = [], after = [] }: About = {},
): Said {
  const message = statusMessage(status);
  if (status === "converged")
    return { message, converged: true, impossible: [], failure: null, warnings: [...before, ...after] };
  const impossible = findImpossible(model, args, attempts);
  const failure = failureSentence(`${which} did not converge: ${message}`, impossible);
  return { message, converged: false, impossible, failure, warnings: [...before, failure, ...after] };
}
