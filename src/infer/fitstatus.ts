import { where } from "../core/elementary/arith.js";
import type { Tensor } from "../core/graph/tensor.js";
import { rootStatus } from "../ops/findroot.js";
import { minimizeStatus } from "../ops/minimize.js";

/** What a search ends with where it was misled: this and the status of a fit at its end. */
const FIT = 10;

/** The status of a search for a root among fits, from its own and that of the fits at its end. */
export const searchStatus = (search: Tensor, fits: Tensor): Tensor =>
  where(fits.gt(0), fits.add(FIT), search);

/** The same of numbers. */
export const searchEnded = (search: number, fits: number): number => (fits > 0 ? fits + FIT : search);

/** Whether a search ended because of a fit. */
export const endedByFit = (status: number): boolean => status > FIT;

/** What the status of a fit means, and what to do about it. */
export function fitMessage(status: number): string {
  return minimizeStatus[status] ?? `a fit inside ended with status ${status}`;
}

/** The same of the search for a limit. */
export function limitMessage(status: number): string {
  if (status >= FIT) return `a fit did not converge: ${fitMessage(status - FIT)}`;
  return status === 0 ? "found" : `a limit was not found: ${rootStatus[status] ?? `status ${status}`}`;
}
