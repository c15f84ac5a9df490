import { fitEnds } from "../core/agreed.js";
import { where } from "../core/elementary/arith.js";
import type { Tensor } from "../core/graph/tensor.js";
import { type Status, statuses, statusMessage, statusName } from "../core/status.js";
import { worst } from "./answered.js";

/** The greatest number of a status that a fit ends with; those of searches are greater. */
const LAST_FIT = Math.max(...Object.values(fitEnds));

/** The status of a search for a root among fits: that of the fits at its end where one failed, else its own. */
export const searchStatus = (search: Tensor, fits: Tensor): Tensor => where(fits.gt(0), fits, search);

/** What stands for several searches among fits: a fit that failed, else the greatest. */
export function worstSearch(...searches: readonly [Tensor, ...Tensor[]]): Tensor {
  const [first, ...others] = searches.map((status) => where(status.gt(LAST_FIT), 0, status));
  return searchStatus(worst(...searches), worst(first!, ...others));
}

/** The same of names. */
export function worstNamed(searches: readonly Status[]): Status {
  const numbers = searches.map((status) => statuses[status].number);
  const fits = Math.max(...numbers.filter((n) => n <= LAST_FIT));
  return statusName(fits > 0 ? fits : Math.max(...numbers));
}

/** Whether a search ended because of a fit. */
export const endedByFit = (status: Status): boolean =>
  statuses[status].number > 0 && statuses[status].number <= LAST_FIT;

/** What the status of the search for a limit means. */
export function limitMessage(status: Status): string {
  const what = endedByFit(status) ? "a fit did not converge" : "a limit was not found";
  return `${what}: ${statusMessage(status)}`;
}
