// The profile likelihood: twice the rise of the negative log-likelihood along one parameter, or over two.

import * as Plot from "@observablehq/plot";
import type { StatLabels } from "./brazil.js";
import { draw, halo, type LegendEntry } from "./draw.js";
import { significant, typeset, withError } from "./format.js";
import type { Range } from "./numbers.js";
import { paint } from "./theme.js";

export type Profile = {
  parameter: string;
  /** Values of the parameter, ascending. */
  values: readonly number[];
  /** Twice the negative log-likelihood above its minimum; NaN where a fit failed. */
  rise: readonly number[];
  best: number;
  /** One standard deviation from the curvature, drawn as its parabola. */
  uncertainty?: number;
  /** Where the rise is 1, where known. */
  interval?: readonly [low: number, high: number];
};

/** The rise along one parameter, with the lines of one and two standard deviations. */
export function profileFigure(profile: Profile, { bold = "gradcut", text = "" }: StatLabels = {}): string {
  const { parameter, values, rise, best, uncertainty, interval } = profile;
  const points = values.map((v, i): [number, number] => [v, rise[i]!]).filter(([, r]) => Number.isFinite(r));
  const x: Range = [values[0]!, values[values.length - 1]!];
  const highest = Math.max(1, ...points.map(([, r]) => r));
  const y: Range = [0, Math.max(1.6, highest * 1.12)];
  const marks: Plot.Markish[] = [];
  const legend: LegendEntry[] = [{ kind: "line", color: "currentColor", text: "profile", width: 2 }];
  const levels = [1, 4, 9].filter((level) => level < y[1]);
  marks.push(Plot.ruleY(levels, { stroke: paint.faint, strokeDasharray: "5 4" }));
  for (const level of levels)
    marks.push(
      Plot.text([level], {
        x: () => x[1],
        y: (d: number) => d,
        text: () => `${Math.sqrt(level)}σ`,
        textAnchor: "end",
        lineAnchor: "bottom",
        dx: -10,
        dy: -3,
        ...halo,
      }),
    );
  if (uncertainty !== undefined && uncertainty > 0) {
    const parabola = Array.from({ length: 121 }, (_, i): [number, number] => {
      const v = x[0] + ((x[1] - x[0]) * i) / 120;
      return [v, ((v - best) / uncertainty) ** 2];
    });
    marks.push(
      Plot.line(parabola, { stroke: paint.background, strokeDasharray: "2 3", strokeWidth: 1.5, clip: true }),
    );
    legend.push({ kind: "dashed", color: paint.background, text: "parabola of the curvature" });
  }
  marks.push(Plot.line(points, { stroke: "currentColor", strokeWidth: 2, clip: true }));
  if (points.length <= 40) marks.push(Plot.dot(points, { fill: "currentColor", r: 2.6, clip: true }));
  for (const end of interval ?? [])
    if (end > x[0] && end < x[1])
      marks.push(Plot.ruleX([end], { y1: 0, y2: 1, stroke: "currentColor", strokeDasharray: "4 3" }));
  if (best >= x[0] && best <= x[1]) marks.push(Plot.ruleX([best], { y1: 0, y2: 1, stroke: "currentColor" }));
  return draw({
    width: 560,
    height: 400,
    x: { range: x, title: parameter },
    y: { range: y, title: "−2Δ log L" },
    label: { bold, text },
    corner: typeset(bestText(profile)),
    legend,
    description: `Profile likelihood of ${parameter}`,
    marks,
  });
}

function bestText({ parameter, best, uncertainty, interval }: Profile): string {
  if (interval?.every(Number.isFinite)) {
    const [down, up] = [best - interval[0], interval[1] - best];
    return `${parameter} = ${significant(best, 4)} +${significant(up, 3)} −${significant(down, 3)}`;
  }
  const value = uncertainty === undefined ? significant(best, 4) : withError(best, uncertainty);
  return `${parameter} = ${value}`;
}

export type Contours = {
  x: { parameter: string; values: readonly number[]; best: number };
  y: { parameter: string; values: readonly number[]; best: number };
  /** Rise at (x[i], y[j]) as `rise[j * x.values.length + i]`; axes ascend in equal steps. */
  rise: ArrayLike<number>;
};

/** Rise of twice the negative log-likelihood at 68.27 and 95.45 % of two parameters: −2 log(1 − probability). */
const levels = [2.2957, 6.1801];

/** The rise over two parameters, with the regions of 68 and 95 %. */
export function contourFigure(
  { x, y, rise }: Contours,
  { bold = "gradcut", text = "" }: StatLabels = {},
): string {
  const range = (values: readonly number[]): Range => [values[0]!, values[values.length - 1]!];
  const [xs, ys] = [range(x.values), range(y.values)];
  const half = (values: readonly number[]) =>
    (values[values.length - 1]! - values[0]!) / (values.length - 1) / 2;
  const [dx, dy] = [half(x.values), half(y.values)];
  const grid = Array.from(rise, (r) => (Number.isFinite(r) ? -r : -1e9));
  const at = (level: number, options: Plot.ContourOptions) =>
    Plot.contour(grid, {
      width: x.values.length,
      height: y.values.length,
      // Cells stand around the grid points; their outer halves lie outside the frame and are clipped.
      x1: xs[0] - dx,
      x2: xs[1] + dx,
      y1: ys[0] - dy,
      y2: ys[1] + dy,
      thresholds: [-level],
      // As in the plane of events: these values are on the grid already.
      interpolate: "none",
      clip: true,
      ...options,
    });
  return draw({
    width: 520,
    height: 480,
    x: { range: xs, title: x.parameter },
    y: { range: ys, title: y.parameter },
    label: { bold, text },
    corner: typeset(`${significant(x.best, 4)}, ${significant(y.best, 4)}`),
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
      Plot.dot([[x.best, y.best]], { r: 3.5, fill: "currentColor", clip: true }),
    ],
  });
}
