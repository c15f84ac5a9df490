import { significant, typeset } from "../../text/numbertext.js";
import { text as aText, both, count, finite, must, number, numbers, object } from "../kit/checks.js";
import { draw, halo, type LegendEntry } from "../kit/draw.js";
import type { Mark } from "../kit/frame.js";
import { area, line, rulesX, texts } from "../kit/marks.js";
import { binned, type Range } from "../kit/ranges.js";
import { outline, stepFill } from "../kit/stepmarks.js";
import { paint } from "../kit/theme.js";
import {
  type AnswerKind,
  type Figure,
  type FigureOptions,
  type Given,
  type Labels,
  svgOf,
} from "./figure.js";

/** A test statistic of data, and how it is distributed. */
export interface Goodness {
  /** What is on the axis: "−2 log λ of the saturated model", "q0". */
  name: string;
  observed: number;
  pValue: number;
  /** Degrees of freedom of the asymptotic chi-squared curve. */
  degrees: number;
  /** Fraction of the probability under that curve, the rest being at zero: 1/2 for q0. Default 1. */
  fraction?: number;
  toys?: readonly number[];
}

/** A goodness of fit as `goodnessOfFit` gives it. */
export interface FittedGoodness {
  readonly chi2: number;
  /** At least 1. */
  readonly ndof: number;
  readonly p: number;
  /** The same statistic of toys. */
  readonly toys?: readonly number[];
}

/** The figure's data of a goodness of fit. */
export const statisticOf = ({ chi2, ndof, p, toys }: FittedGoodness): Goodness => ({
  name: "−2 log λ, saturated model",
  observed: chi2,
  pValue: p,
  degrees: ndof,
  ...(toys && { toys }),
});

const fitted: AnswerKind<FittedGoodness, Goodness> = {
  is: (data) => "chi2" in data,
  check: object({
    chi2: number,
    p: number,
    ndof: both(count, (n: number, path) => (n > 0 ? null : must(path, "above 0"))),
  }),
  data: statisticOf,
};

/** The distribution with the observed value, and what lies beyond it filled. */
export function goodnessFigure(
  goodness: Goodness,
  { bold = "gradcut", text = "", corner, size = { width: 560, height: 380 } }: Labels = {},
): string {
  const { name, observed, pValue, degrees, fraction = 1, toys } = goodness;
  const far = degrees + 4.5 * Math.sqrt(2 * degrees);
  const end = Math.max(far, observed * 1.15, ...(toys ?? []).filter(Number.isFinite));
  const x: Range = [0, end];
  const curve = chiSquared(degrees, x).map(([at, p]): [number, number] => [at, p * fraction]);
  const marks: Mark[] = [];
  const legend: LegendEntry[] = [];
  const peaks = [...curve.filter(([at]) => at > end * 0.02).map(([, p]) => p)];
  if (toys && toys.length > 0) {
    const bins = Math.max(10, Math.min(50, Math.round(Math.sqrt(toys.length))));
    const heights = Array.from(
      binned(Float64Array.from(toys), undefined, x, bins),
      (count) => count / toys.length / (end / bins),
    );
    marks.push(...stepFill(outline(heights, x), paint.background));
    legend.push({ kind: "box", color: paint.background, text: `${toys.length} toys` });
    peaks.push(...heights);
  }
  const top = (Math.max(...peaks) || 1) * 1.3;
  const tail = curve.filter(([at]) => at >= observed);
  marks.push(
    area(
      tail.map(([at, high]) => ({ x: at, low: 0, high })),
      { fill: paint.signal, fillOpacity: 0.3, clip: true },
    ),
    line(curve, { stroke: "currentColor", strokeWidth: 1.6, clip: true }),
    rulesX([{ at: observed }], { stroke: paint.signal, strokeWidth: 2 }),
    texts([{ x: observed, text: typeset(significant(observed, 4)) }], {
      ...{ side: "top", lineAnchor: "top" },
      textAnchor: observed > end / 2 ? "end" : "start",
      dx: observed > end / 2 ? -6 : 6,
      dy: 12,
      ...halo,
    }),
  );
  const half = fraction === 1 ? "" : `${significant(fraction, 3)} × `;
  legend.push(
    { kind: "line", color: "currentColor", text: `${half}χ² of ${degrees} d.o.f.` },
    { kind: "line", color: paint.signal, text: "observed", width: 2 },
  );
  return draw({
    ...size,
    x: { range: x, title: name },
    y: { range: [0, top], title: "probability density" },
    label: { bold, text },
    corner: corner ?? `p = ${typeset(significant(pValue, 3))}`,
    legend,
    description: `Distribution of ${name} with the observed value ${significant(observed, 4)}`,
    marks,
  });
}

/** Points of the density, normalised by the trapezoid rule in the square root of x, where it has no pole. */
function chiSquared(degrees: number, [, end]: Range): [number, number][] {
  const shape = (x: number, peak: number) => Math.exp((degrees / 2 - 1) * Math.log(x) - x / 2 - peak);
  const mode = Math.max(1e-3, degrees - 2);
  const peak = (degrees / 2 - 1) * Math.log(mode) - mode / 2;
  // p(x) dx = 2 r p(r²) dr
  const reach = Math.sqrt(degrees + 20 * Math.sqrt(2 * degrees) + 40);
  const steps = 4000;
  let integral = 0;
  for (let i = 1; i < steps; i++) {
    const r = (reach * i) / steps;
    integral += 2 * r * shape(r * r, peak) * (reach / steps);
  }
  if (degrees === 1) integral += (Math.exp(-peak) * reach) / steps;
  return Array.from({ length: 400 }, (_, i): [number, number] => {
    const x = end * ((i + 1) / 400) ** 2;
    return [x, shape(x, peak) / integral];
  });
}

export const testStatisticFigure = {
  title: "Test statistic",
  words: "an observed test statistic against its distribution, asymptotic and of toys",
  check: object(
    { name: aText, observed: number, pValue: number, degrees: count },
    { fraction: finite, toys: numbers },
  ),
  draw: goodnessFigure,
  caption: ({ name, fraction = 1 }) =>
    fraction === 1
      ? ["The observed value, and its asymptotic distribution if the model is right."]
      : [`Distribution of ${name} under background alone; the other half of the probability is at zero.`],
} satisfies Figure<Goodness>;

/**
 * The distribution of a test statistic with the observed value, and what lies beyond it filled; the answer of
 * `goodnessOfFit` is taken as it is.
 *
 * @returns SVG text
 * @throws FigureError where a part of `data` is missing or not what it must be, OptionError
 */
export function goodness(data: Given<Goodness> | Given<FittedGoodness>, options?: FigureOptions): string {
  return svgOf("goodness", testStatisticFigure, data, options, fitted);
}
