import { significant, typeset } from "../../text/numbertext.js";
import { both, count, equallyLong, list, numbers, object, text } from "../kit/checks.js";
import { draw } from "../kit/draw.js";
import { dots, line, rulesY } from "../kit/marks.js";
import { decimate, lastStep, paddedRange } from "../kit/ranges.js";
import { paint } from "../kit/theme.js";
import type { CutChange } from "../rundata.js";
import { cutChange } from "../runschema.js";
import { type Figure, type FigureOptions, type Given, type Labels, svgOf } from "./figure.js";

/** A threshold along the steps of a training. */
export interface ThresholdSteps {
  readonly name: string;
  readonly steps: number[];
  /** Its value at each of these. */
  readonly values: number[];
  readonly cut: CutChange;
}

/** One threshold against steps: dashed where it started, a dot and its value where it ended. */
export function thresholdCurve(
  { name, steps, values, cut }: ThresholdSteps,
  { bold = name, text = "", corner, size = { width: 560, height: 350 } }: Labels = {},
): string {
  const points = decimate(steps, values);
  return draw({
    ...size,
    x: { range: [0, lastStep(steps) * 1.04], title: "step", ticks: size.width / 100 },
    y: { range: paddedRange([cut.start, cut.end, ...points.map(([, y]) => y)], 0.12), ticks: 4 },
    label: { bold, text },
    corner: corner ?? `${typeset(significant(cut.start, 4))} → ${typeset(significant(cut.end, 5))}`,
    description: `threshold ${name} against training steps`,
    marks: [
      rulesY([{ at: cut.start }], { stroke: paint.faint, strokeDasharray: "5 4" }),
      line(points, { stroke: "currentColor", strokeWidth: 1.5, clip: true }),
      dots([{ x: lastStep(steps), y: cut.end }], { fill: "currentColor", r: 3 }),
    ],
  });
}

export const thresholdFigure = {
  title: "Threshold",
  words: "a threshold against the steps of a training",
  check: both(
    object({ name: text, steps: list(count, 1), values: numbers, cut: cutChange }),
    equallyLong(["steps", "values"]),
  ),
  draw: thresholdCurve,
  caption: ({ name }) => [`Threshold ${name} at the recorded steps; dashed where it started.`],
  training: {
    section: "thresholds",
    pictures: ({ history: { steps, cuts: values }, cuts }) =>
      Object.entries(cuts).map(([name, cut]) => ({
        of: name,
        data: { name, steps, values: values[name] ?? steps.map(() => Number.NaN), cut },
      })),
  },
} satisfies Figure<ThresholdSteps>;

/**
 * A threshold against the steps of a training: dashed where it started, a dot where it ended.
 *
 * @returns SVG text
 * @throws FigureError where a part of `data` is missing or not what it must be, OptionError
 */
export function threshold(data: Given<ThresholdSteps>, options?: FigureOptions): string {
  return svgOf<ThresholdSteps>("threshold", thresholdFigure, data, options);
}
