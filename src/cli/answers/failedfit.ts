/** Fits that have no answer: the command says why, and ends with status 1. */

import type { Status } from "../../core/status.js";
import { GradcutError } from "../../text/gradcuterror.js";

/** What was asked for does not exist, as a fit to data that are impossible; pyhf's FailedMinimization. */
export class FailedFit extends GradcutError {
  override readonly name = "FailedFit";
}

/** Throws a FailedFit with its sentence where a fit has no answer. */
export function requireFit(found: { readonly status: Status; readonly failure: string | null }): void {
  if (found.status === "converged") return;
  throw new FailedFit("fit.failed", found.failure ?? "a fit did not converge", { status: found.status });
}
