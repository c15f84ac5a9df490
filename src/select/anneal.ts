import { InputError } from "../core/errors.js";
import { checkArguments, object } from "../core/graph/arguments.js";
import { checkOptions } from "../core/options.js";
import { didYouMean } from "../text/nearest.js";
import { recordNames } from "../text/recordnames.js";
import type { Cut } from "./cut.js";
import { CutError } from "./grammar/cuterror.js";
import { aCut } from "./iscut.js";

/** Where on the way from wide to narrow a step is, from 0 to 1; a function of that gives the width. */
const courses = {
  /** By the same factor at every step. */
  geometric: (from: number, to: number, t: number) => from * (to / from) ** t,
  /** By the same difference. */
  linear: (from: number, to: number, t: number) => from + (to - from) * t,
  /** Slowly at both ends. */
  cosine: (from: number, to: number, t: number) => to + ((from - to) * (1 + Math.cos(Math.PI * t))) / 2,
} as const;

export type Course = keyof typeof courses;
export const courseNames = /*#__PURE__*/ recordNames(courses);

/** From which widths to which, in how many steps. */
export interface AnnealOptions {
  /** Widths at the first step, of all thresholds or by name; those that a record leaves out keep their width. */
  readonly from: number | Readonly<Record<string, number>>;
  /** Widths at the end (default: those of the cut). */
  readonly to?: number | Readonly<Record<string, number>>;
  /** Steps of the training. */
  readonly steps: number;
  /** How the width goes (default "geometric"). */
  readonly course?: Course;
  /** The part of the steps at the end that have the last width (default 0). */
  readonly hold?: number;
}

/** Widths of the thresholds of a cut at a step, as `extras` of a training: from wide steps, which see far, to narrow ones. */
export function annealedWidths<P extends Record<string, number>>(
  cut: Cut<P>,
  options: AnnealOptions,
): (step: number) => { [K in keyof P]: number } {
  checkArguments("annealedWidths", { cut: [cut, aCut], options: [options, object] });
  checkOptions("annealedWidths", options, {
    ...{ from: true, to: true, steps: true, course: true, hold: true },
  });
  const { from, to = {}, steps, course = "geometric", hold = 0 } = options;
  if (!(hold >= 0 && hold < 1))
    throw new InputError("anneal.hold", `hold is ${hold}: give a number from 0 to below 1.`, { hold });
  const names = cut.thresholds.map(({ name }) => name);
  const at = (end: number | Readonly<Record<string, number>>, name: string, otherwise: number) => {
    const width = typeof end === "number" ? end : Object.hasOwn(end, name) ? end[name]! : otherwise;
    if (width > 0 && width < Number.POSITIVE_INFINITY) return width;
    const sentence = `The annealed width of ${name} is ${width}.`;
    throw new CutError({ code: "expr.value", sentence, remedy: "A width is above 0.", text: cut.text });
  };
  const known = new Set(names);
  for (const end of [from, to])
    for (const name of typeof end === "number" ? [] : Object.keys(end))
      if (!known.has(name)) {
        const sentence = `A width is given for ${name}, which is no threshold of this cut.`;
        const remedy = didYouMean(name, names, "thresholds");
        throw new CutError({ code: "expr.threshold", sentence, remedy, text: cut.text });
      }
  const ends = names.map((name) => {
    const last = at(to, name, cut.width(name));
    return { name, first: at(from, name, last), last };
  });
  const way = steps * (1 - hold);
  return (step) =>
    Object.fromEntries(
      ends.map(({ name, first, last }) => [
        name,
        step >= way ? last : step <= 0 ? first : courses[course](first, last, step / way),
      ]),
    ) as { [K in keyof P]: number };
}
