import { significant, typeset } from "../../text/numbertext.js";
import { text as aText, both, finite, list, must, number, numbers, object } from "../kit/checks.js";
import { draw } from "../kit/draw.js";
import { dots, type Field, isoline, type Style } from "../kit/marks.js";
import type { Range } from "../kit/ranges.js";
import { axisOf, isScanned, type ScannedProfile, scannedOver } from "../kit/scannedprofile.js";
import { paint } from "../kit/theme.js";
import {
  type AnswerKind,
  type Figure,
  type FigureOptions,
  type Given,
  type Labels,
  svgOf,
} from "./figure.js";

/** The rise of twice the negative log-likelihood over two parameters. */
export interface Contours {
  x: { parameter: string; values: readonly number[]; best: number };
  y: { parameter: string; values: readonly number[]; best: number };
  /** Rise at (x[i], y[j]) as `rise[j * x.values.length + i]`; axes ascend in equal steps. */
  rise: ArrayLike<number>;
}

/** The figure's data of a scan over two parameters: the last one, which varies fastest, goes along the x axis. */
export const contoursOf = (scan: ScannedProfile): Contours => ({
  x: axisOf(scan, 1),
  y: axisOf(scan, 0),
  rise: scan.rise,
});

const scanned: AnswerKind<ScannedProfile, Contours> = {
  is: isScanned,
  check: scannedOver(2),
  data: contoursOf,
};

/** Rise of twice the negative log-likelihood at 68.27 and 95.45 % of two parameters: −2 log(1 − probability). */
const levels = [2.2957, 6.1801];

/** The rise over two parameters, with the regions of 68 and 95 %. */
export function contourFigure(
  { x, y, rise }: Contours,
  { bold = "gradcut", text = "", corner, size = { width: 520, height: 480 } }: Labels = {},
): string {
  const range = (values: readonly number[]): Range => [values[0]!, values[values.length - 1]!];
  const [xs, ys] = [range(x.values), range(y.values)];
  const half = (values: readonly number[]) =>
    (values[values.length - 1]! - values[0]!) / (values.length - 1) / 2;
  const [dx, dy] = [half(x.values), half(y.values)];
  const field: Field = {
    ...{ width: x.values.length, height: y.values.length },
    values: Array.from(rise, (r) => (Number.isFinite(r) ? -r : -1e9)),
    // Cells stand around the grid points; their outer halves lie outside the frame and are clipped.
    x: [xs[0] - dx, xs[1] + dx],
    y: [ys[0] - dy, ys[1] + dy],
  };
  const at = (level: number, style: Style) => isoline(field, -level, { clip: true, ...style });
  return draw({
    ...size,
    x: { range: xs, title: x.parameter },
    y: { range: ys, title: y.parameter },
    label: { bold, text },
    corner: corner ?? typeset(`${significant(x.best, 4)}, ${significant(y.best, 4)}`),
    legend: [
      { kind: "fill", color: paint.inner, text: "68 %" },
      { kind: "fill", color: paint.outer, text: "95 %" },
      { kind: "dot", color: "currentColor", text: "best fit" },
    ],
    description: `Profile likelihood of ${x.parameter} and ${y.parameter}`,
    marks: [
      at(levels[1]!, { fill: paint.outer }),
      at(levels[0]!, { fill: paint.inner }),
      ...levels.map((level) => at(level, { stroke: "currentColor", strokeWidth: 1 })),
      dots([{ x: x.best, y: y.best }], { r: 3.5, fill: "currentColor", clip: true }),
    ],
  });
}

const axis = object({ parameter: aText, values: list(finite, 2), best: number });

export const likelihoodContourFigure = {
  title: "Contours of the likelihood",
  words: "the regions of 68 and 95 % of two parameters together",
  check: both(object({ x: axis, y: axis, rise: numbers }), (value: Contours, path) => {
    const { x, y, rise } = value;
    const cells = x.values.length * y.values.length;
    return rise.length === cells ? null : must(`${path}.rise`, `a list of ${cells}`);
  }),
  draw: contourFigure,
  caption: ({ x, y }) => [`Regions of 68 and 95 % of ${x.parameter} and ${y.parameter} together.`],
} satisfies Figure<Contours>;

/**
 * Regions of 68 and 95 % of two parameters, from the rise of the likelihood over them; the answer of `profileGrid` is
 * taken as it is, its last parameter along the x axis.
 *
 * @returns SVG text
 * @throws FigureError where a part of `data` is missing or not what it must be, OptionError
 */
export function contour(data: Given<Contours> | Given<ScannedProfile>, options?: FigureOptions): string {
  return svgOf("contour", likelihoodContourFigure, data, options, scanned);
}
