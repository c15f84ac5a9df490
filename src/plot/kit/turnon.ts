/** The soft weight of a cut against its column. */

import type { CutChange, StepCurve } from "../rundata.js";
import { mostDetailed } from "./cutlines.js";

/** The weight at a distance of z widths, on straight lines between those of the curve. */
export function softStep(z: number, { distance: [low, high], weight }: StepCurve): number {
  const last = weight.length - 1;
  const at = Math.min(last, Math.max(0, ((z - low) / (high - low)) * last));
  const i = Math.min(last - 1, Math.floor(at));
  return Number.isNaN(at) ? at : weight[i]! + (at - i) * (weight[i + 1]! - weight[i]!);
}

/**
 * Curves of soft weight against `column` at the trained thresholds: one per threshold that has a width, but of a
 * window (one threshold below, one above it) the product; none where more thresholds stand on the column than a
 * figure can show, or where the step is not known.
 */
export function turnOns(
  cuts: Readonly<Record<string, CutChange>>,
  column: string,
  step: StepCurve | undefined,
): ((x: number) => number)[] {
  const here = Object.values(cuts).filter((c) => c.column === column && c.keeps && c.width);
  if (!step || here.length > mostDetailed) return [];
  const curve = ({ end, keeps, width }: CutChange) => {
    const sign = keeps === "below" ? -1 : 1;
    return (x: number) => softStep((sign * (x - end)) / width!.end, step);
  };
  const [low, high] = (["above", "below"] as const).map((keeps) => here.filter((c) => c.keeps === keeps));
  const curves = here.map(curve);
  const window = low!.length === 1 && high!.length === 1 && low![0]!.end < high![0]!.end;
  return window ? [(x) => curves.reduce((product, f) => product * f(x), 1)] : curves;
}
