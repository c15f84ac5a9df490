import { Tensor } from "../core/graph/tensor.js";
import { didYouMean } from "../text/nearest.js";
import { CutError } from "./grammar/cuterror.js";

/** Softness of thresholds, in the unit of what they are compared with: one for all, or by name. */
export type Width = number | Tensor | Readonly<Record<string, number | Tensor>>;

type Lookup = (threshold: string) => number | Tensor | undefined;

/**
 * Finds the width of a threshold; undefined where `width` leaves it open.
 *
 * @throws CutError for a name that is no threshold, and for numbers that are not above 0
 */
export function widthLookup(width: Width | undefined, names: readonly string[], text: string): Lookup {
  if (width === undefined) return () => undefined;
  if (typeof width === "number" || width instanceof Tensor) {
    requirePositive(width, "cut");
    return () => width;
  }
  if (typeof width !== "object" || width === null || Array.isArray(width)) {
    throw new CutError({
      code: "expr.value",
      sentence: `The width of the cut is ${width === null ? "null" : Array.isArray(width) ? "an array" : `a ${typeof width}`}.`,
      remedy: "Give a number above 0, or numbers by the names of thresholds.",
      text,
    });
  }
  const known = new Set(names);
  for (const [name, value] of Object.entries(width)) {
    requirePositive(value, `threshold ${name}`);
    if (known.has(name)) continue;
    const sentence = `A width is given for ${name}, which is no threshold of this cut.`;
    throw new CutError({
      code: "expr.threshold",
      sentence,
      remedy: didYouMean(name, names, "thresholds"),
      text,
    });
  }
  return (name) => (Object.hasOwn(width, name) ? width[name] : undefined);
}

function requirePositive(width: number | Tensor, whose: string): void {
  if (width instanceof Tensor || (width > 0 && width < Number.POSITIVE_INFINITY)) return;
  throw new CutError({
    code: "expr.value",
    sentence: `The width of the ${whose} is ${width}.`,
    remedy: "A width is above 0, in the unit of the column; a hard cut is hard() or pass().",
  });
}
