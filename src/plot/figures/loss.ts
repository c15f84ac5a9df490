import { object, text } from "../kit/checks.js";
import { bandOpacity, draw, type LegendEntry } from "../kit/draw.js";
import { area, dots, line } from "../kit/marks.js";
import { decimate, lastStep, paddedRange } from "../kit/ranges.js";
import { paint } from "../kit/theme.js";
import type { History } from "../rundata.js";
import { checkHistory } from "../runschema.js";
import { type Figure, type FigureOptions, type Given, type Labels, svgOf } from "./figure.js";

const lastFinite = (values: number[]): number | undefined => values.filter(Number.isFinite).at(-1);

/**
 * The objective against steps, of training and held-out events, and the statistical floor as a band around the last
 * value.
 */
export function lossCurve(
  history: History,
  name: string,
  { bold = "gradcut", text = "", corner = "", size = { width: 560, height: 350 } }: Labels = {},
): string {
  const { steps, loss, validation, floor } = history;
  const trained = decimate(steps, loss);
  const held = validation ? decimate(validation.steps, validation.loss) : [];
  const end = lastFinite(held.length > 0 ? validation!.loss : loss);
  const band = floor !== undefined && floor > 0 && end !== undefined ? [end - floor, end + floor] : [];
  const range = [...trained, ...held].map(([, y]) => y);
  const curve = (points: [number, number][], stroke: string, strokeWidth: number) =>
    line(points, { stroke, strokeWidth, clip: true });
  const legend: LegendEntry[] = [];
  if (held.length > 0)
    legend.push(
      { kind: "line", color: "currentColor", text: "training" },
      { kind: "line", color: paint.soft, text: "held out", width: 2 },
    );
  if (band.length > 0) legend.push({ kind: "band", color: paint.faint, text: "statistical floor, ±1σ" });
  // What falls by orders of magnitude, as CLs does, is seen on a logarithmic scale only.
  const [least, most] = [Math.min(...range, ...band), Math.max(...range, ...band)];
  const log = least > 0 && most / least > 300;
  return draw({
    ...size,
    x: { range: [0, lastStep(steps)], title: "step" },
    y: { range: log ? [least / 2, most * 2] : paddedRange([...range, ...band]), title: name, log },
    label: { bold, text },
    corner,
    legend,
    description: `${name} against training steps`,
    marks: [
      ...(band.length > 0
        ? [
            area(
              [0, lastStep(steps)].map((x) => ({ x, low: band[0]!, high: band[1]! })),
              { fill: paint.faint, fillOpacity: bandOpacity, clip: true },
            ),
          ]
        : []),
      curve(trained, "currentColor", 1.5),
      ...(held.length > 0 ? [curve(held, paint.soft, 2)] : []),
      ...(held.length > 0 && held.length <= 40
        ? [
            dots(
              held.map(([x, y]) => ({ x, y })),
              { fill: paint.soft, r: 2.5, clip: true },
            ),
          ]
        : []),
    ],
  });
}

/** An objective along the steps of a training. */
export interface Loss {
  /** Of the objective. */
  readonly name: string;
  readonly history: History;
}

export const lossFigure = {
  title: "Objective",
  words: "the objective against the steps of a training",
  check: object({ name: text, history: checkHistory }),
  draw: ({ history, name }, labels) => lossCurve(history, name, { text: "training", ...labels }),
  caption: ({ history }) => [
    "The objective at the recorded steps.",
    ...(history.floor === undefined
      ? []
      : ["Differences smaller than the band are within the statistics of the events."]),
  ],
  training: {
    section: "training",
    pictures: ({ history, objective }) => [{ data: { name: objective.name, history } }],
  },
} satisfies Figure<Loss>;

/**
 * The objective against the steps of a training, with that of held-out events and its statistical floor as a band.
 *
 * @returns SVG text
 * @throws FigureError where a part of `data` is missing or not what it must be, OptionError
 */
export function loss(data: Given<Loss>, options?: FigureOptions): string {
  return svgOf<Loss>("loss", lossFigure, data, options);
}
