// The soft weight of a cut against its column.

import { mostDetailed } from "./cutlines.js";
import type { CutChange, Run } from "./data.js";

/** 1 / (1 + exp(-z)), with log(99) z where it is steep, or (1 + erf(z)) / 2. */
export function softStep(z: number, shape: Run["soft"]): number {
  if (shape === "erf") return (1 + erf(z)) / 2;
  return 1 / (1 + Math.exp(shape === "steep" ? -Math.log(99) * z : -z));
}

/** Abramowitz and Stegun 7.1.26, to 1.5e-7: for lines, not for results. */
function erf(x: number): number {
  const t = 1 / (1 + 0.3275911 * Math.abs(x));
  const series =
    ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t;
  return Math.sign(x) * (1 - series * Math.exp(-x * x));
}

/**
 * Curves of soft weight against `column` at the trained thresholds: one per threshold that has a width, but of a
 * window (one threshold below, one above it) the product; none where more thresholds stand on the column than a
 * figure can show.
 */
export function turnOns(run: Pick<Run, "cuts" | "soft">, column: string): ((x: number) => number)[] {
  const here = Object.values(run.cuts).filter((c) => c.column === column && c.keeps && c.width);
  if (here.length > mostDetailed) return [];
  const curve = ({ end, keeps, width }: CutChange) => {
    const sign = keeps === "below" ? -1 : 1;
    return (x: number) => softStep((sign * (x - end)) / width!.end, run.soft);
  };
  const [low, high] = (["above", "below"] as const).map((keeps) => here.filter((c) => c.keeps === keeps));
  const curves = here.map(curve);
  const window = low!.length === 1 && high!.length === 1 && low![0]!.end < high![0]!.end;
  return window ? [(x) => curves.reduce((product, f) => product * f(x), 1)] : curves;
}
