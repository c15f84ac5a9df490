import { significant, typeset, withError } from "../../text/numbertext.js";
import {
  text as aText,
  both,
  equallyLong,
  finite,
  list,
  number,
  numbers,
  object,
  range,
} from "../kit/checks.js";
import { draw, halo, type LegendEntry } from "../kit/draw.js";
import type { Mark } from "../kit/frame.js";
import { dots, line, rulesX, rulesY, texts } from "../kit/marks.js";
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

/** A profile likelihood: the rise of its fits along one parameter. */
export interface Profile {
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
}

/** A scan of one parameter, with what else is known of it. */
export interface ScannedParameter extends ScannedProfile, Pick<Profile, "uncertainty" | "interval"> {}

/** The figure's data of a scan. */
export const profileOf = ({ names, axes, rise, best, ...known }: ScannedParameter): Profile => ({
  ...known,
  ...axisOf({ names, axes, rise, best }, 0),
  rise,
});

const scanned: AnswerKind<ScannedParameter, Profile> = {
  is: isScanned,
  check: scannedOver(1),
  data: profileOf,
};

/** The rise along one parameter, with the lines of one and two standard deviations. */
export function profileFigure(
  profile: Profile,
  { bold = "gradcut", text = "", corner, size = { width: 560, height: 400 } }: Labels = {},
): string {
  const { parameter, values, rise, best, uncertainty, interval } = profile;
  const points = values.map((v, i): [number, number] => [v, rise[i]!]).filter(([, r]) => Number.isFinite(r));
  const x: Range = [values[0]!, values[values.length - 1]!];
  const highest = Math.max(1, ...points.map(([, r]) => r));
  const y: Range = [0, Math.max(1.6, highest * 1.12)];
  const marks: Mark[] = [];
  const legend: LegendEntry[] = [{ kind: "line", color: "currentColor", text: "profile", width: 2 }];
  const levels = [1, 4, 9].filter((level) => level < y[1]);
  marks.push(
    rulesY(
      levels.map((at) => ({ at })),
      { stroke: paint.faint, strokeDasharray: "5 4" },
    ),
  );
  for (const level of levels)
    marks.push(
      texts([{ x: x[1], y: level, text: `${Math.sqrt(level)}σ` }], {
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
      line(parabola, { stroke: paint.background, strokeDasharray: "2 3", strokeWidth: 1.5, clip: true }),
    );
    legend.push({ kind: "dashed", color: paint.background, text: "parabola of the curvature" });
  }
  marks.push(line(points, { stroke: "currentColor", strokeWidth: 2, clip: true }));
  if (points.length <= 40)
    marks.push(
      dots(
        points.map(([px, py]) => ({ x: px, y: py })),
        { fill: "currentColor", r: 2.6, clip: true },
      ),
    );
  for (const end of interval ?? [])
    if (end > x[0] && end < x[1])
      marks.push(rulesX([{ at: end, from: 0, to: 1 }], { stroke: "currentColor", strokeDasharray: "4 3" }));
  if (best >= x[0] && best <= x[1])
    marks.push(rulesX([{ at: best, from: 0, to: 1 }], { stroke: "currentColor" }));
  return draw({
    ...size,
    x: { range: x, title: parameter },
    y: { range: y, title: "−2Δ log L" },
    label: { bold, text },
    corner: corner ?? typeset(bestText(profile)),
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

export const profileLikelihoodFigure = {
  title: "Profile likelihood",
  words: "twice the rise of the negative log-likelihood along a parameter",
  check: both(
    object(
      { parameter: aText, values: list(finite, 2), rise: numbers, best: number },
      { uncertainty: number, interval: range },
    ),
    equallyLong(["values", "rise"]),
  ),
  draw: profileFigure,
  caption: ({ parameter }) => [`Profile likelihood of ${parameter}.`],
} satisfies Figure<Profile>;

/**
 * Twice the rise of the negative log-likelihood along a parameter, with lines of one and two standard deviations; the
 * answer of `profileScan` is taken as it is.
 *
 * @returns SVG text
 * @throws FigureError where a part of `data` is missing or not what it must be, OptionError
 */
export function profile(data: Given<Profile> | Given<ScannedParameter>, options?: FigureOptions): string {
  return svgOf("profile", profileLikelihoodFigure, data, options, scanned);
}
