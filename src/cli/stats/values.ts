// Values of options that several answers have: ranges, numbers of points, names of parameters.

import { bad, nearest, shown, toNumber, UsageError } from "../options.js";
import type { Words } from "../words.js";
import { choices } from "./question.js";

export type Span = readonly [low: number, high: number];

/** `A..B` as two numbers, the first below the second. */
export function span(option: string, value: string): Span {
  const [low, high, ...more] = value.split("..").map(toNumber);
  if (low === undefined || high === undefined || more.length > 0 || !(low < high))
    throw bad(option, value, "two numbers, the lower one first: 0..2");
  return [low, high];
}

/** `count` values at equal distances, both ends included. */
export function spread([low, high]: Span, count: number): number[] {
  return Array.from({ length: count }, (_, i) =>
    i === count - 1 ? high : low + ((high - low) * i) / (count - 1),
  );
}

/** A number above 0 and below 1/2. */
export function smallProbability(option: string, value: string): number {
  const level = toNumber(value);
  if (!(level > 0 && level < 0.5)) throw bad(option, value, "a number above 0 and below 0.5");
  return level;
}

/** The place of a parameter by its name, as `fit` and `pulls` print it. Throws UsageError. */
export function parameterPlace(option: string, name: string, names: readonly string[]): number {
  const place = names.indexOf(name);
  if (place >= 0) return place;
  const near = nearest(name, names);
  const hint = near === undefined ? `there are ${choices(names)}` : `did you mean ${near}?`;
  throw new UsageError("bad-value", option, name, `--${option} ${shown(name)}: no such parameter; ${hint}`);
}

/** The value of an option, read; without it, `otherwise`. */
export function optionOf<T>(
  words: Words,
  option: string,
  read: (option: string, value: string) => T,
  otherwise: T,
): T {
  const value = words.one(option);
  return value === undefined ? otherwise : read(option, value);
}
