/** What several answers have in common: values at equal distances, names of parameters. */

import { nearestName } from "../../text/nearest.js";
import type { Span } from "../line/optionvalue.js";
import { shown, UsageError } from "../line/usageerror.js";
import { choices } from "./asked.js";

/** `count` values at equal distances, both ends included. */
export function spread([low, high]: Span, count: number): number[] {
  return Array.from({ length: count }, (_, i) =>
    i === count - 1 ? high : low + ((high - low) * i) / (count - 1),
  );
}

/** The place of a parameter by its name, as `fit` and `pulls` print it. Throws UsageError. */
export function parameterPlace(option: string, name: string, names: readonly string[]): number {
  const place = names.indexOf(name);
  if (place >= 0) return place;
  const near = nearestName(name, names);
  const hint = near === undefined ? `there are ${choices(names)}` : `did you mean ${near}?`;
  throw new UsageError("bad-value", option, name, `--${option} ${shown(name)}: no such parameter; ${hint}`);
}
