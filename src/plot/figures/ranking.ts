import { significant, typeset } from "../../text/numbertext.js";
import {
  text as aText,
  both,
  type Check,
  count,
  either,
  flag,
  isObject,
  list,
  number,
  object,
  oneOf,
  pair,
} from "../kit/checks.js";
import { draw } from "../kit/draw.js";
import type { Mark } from "../kit/frame.js";
import { boxes, type Label, type Rule, rulesX, texts } from "../kit/marks.js";
import { type Range, ticks, tickText } from "../kit/ranges.js";
import { paint } from "../kit/theme.js";
import {
  type AnswerKind,
  type Figure,
  type FigureOptions,
  type Given,
  type Labels,
  svgOf,
} from "./figure.js";
import { type FittedPull, fittedPull, lineStep, nameAxis, type Pull, pull, pullMarks } from "./pulls.js";

/** What a parameter does to the parameter of interest, with its pull. */
export interface Impact extends Pull {
  /** Change of the best parameter of interest with this one up and down by its uncertainty before the fit. */
  prefit: readonly [down: number, up: number] | null;
  /** The same by its uncertainty after the fit. NaN where it is not known. */
  postfit: readonly [down: number, up: number];
  /** Where the parameter was held at its bound, which lies nearer than its uncertainty. */
  bounded?: Readonly<Record<"prefit" | "postfit", readonly [down: boolean, up: boolean]>>;
}

/** Impacts as bars (scale above), pulls as points (scale below), strongest first. */
export function rankingFigure(
  poi: string,
  impacts: readonly Impact[],
  {
    bold = "gradcut",
    text = "",
    corner,
    size = { width: 580, height: 150 + lineStep * impacts.length },
  }: Labels = {},
): string {
  const largest = Math.max(
    0,
    ...impacts.flatMap((i) => [...(i.prefit ?? []), ...i.postfit].map((v) => Math.abs(known(v)))),
  );
  const reach = Math.max(
    1.5,
    ...impacts.filter((i) => !i.free).map((i) => Math.abs(i.pull) + Math.max(...i.error)),
  );
  const half = Math.min(4, Math.ceil(reach * 2 + 0.2) / 2);
  const x: Range = [-half, half];
  // The longest bar ends a little before the frame.
  const scale = (0.92 * half) / (largest || 1);
  // Where nothing moves the parameter, zero is all that the scale has.
  const above = largest > 0 ? ticks([-half / scale, half / scale], 5) : { major: [0], step: 1 };
  const stops = stopsOf(impacts, scale);
  return draw({
    ...size,
    x: { range: x, title: "(fit − prior) / σ" },
    y: nameAxis(impacts.map((i) => i.name)),
    top: {
      title: `Δ${poi}`,
      values: above.major.map((value) => value * scale),
      texts: above.major.map((value) => tickText(value, above.step)),
    },
    label: { bold, text },
    corner: corner ?? typeset(`largest impact ${significant(largest, 3)}`),
    legend: [
      { kind: "fill", color: paint.background, text: "+σ after the fit" },
      { kind: "fill", color: paint.signal, text: "−σ after the fit" },
      { kind: "box", color: paint.faint, text: "before the fit" },
      { kind: "dot", color: "currentColor", text: "pull" },
      ...(stops.length > 0 ? [{ kind: "line", color: "currentColor", text: "at a bound" } as const] : []),
    ],
    description: `Impact of ${impacts.length} parameters on ${poi}`,
    marks: [
      ...bars(impacts, scale),
      rulesX(stops, { stroke: "currentColor", strokeWidth: 2.4 }),
      texts(unknownOf(impacts), { dx: 8, fontWeight: "bold" }),
      rulesX(
        [-1, 0, 1].map((at) => ({ at })),
        { stroke: paint.faint, strokeDasharray: "2 3" },
      ),
      ...pullMarks(
        impacts.map((p, i) => ({ ...p, at: -i })).filter((p) => !p.free),
        x,
      ),
    ],
  });
}

const known = (v: number | undefined): number => (v !== undefined && Number.isFinite(v) ? v : 0);

/** Halves of the heights of bars, and of what stops them. */
const tall = 0.36;
const stopTall = { postfit: tall, prefit: 0.44 };

/** Bars of impacts, those after the fit below those before it. */
function bars(impacts: readonly Impact[], scale: number): Mark[] {
  const bar = (which: "prefit" | "postfit", side: 0 | 1, color: string) =>
    boxes(
      impacts.map((impact, i) => ({
        x: [0, known(impact[which]?.[side]) * scale],
        y: [-i - tall, -i + tall],
      })),
      which === "prefit"
        ? { stroke: color, strokeWidth: 1.3, fill: "none" }
        : { fill: color, fillOpacity: 0.55 },
    );
  return (["postfit", "prefit"] as const).flatMap((which) => [
    bar(which, 1, paint.background),
    bar(which, 0, paint.signal),
  ]);
}

/** Thick ends of the bars that end at a bound. */
function stopsOf(impacts: readonly Impact[], scale: number): Rule[] {
  const sides = (["postfit", "prefit"] as const).flatMap((which) =>
    ([0, 1] as const).map((side) => ({ which, side })),
  );
  return sides.flatMap(({ which, side }) =>
    impacts.flatMap((impact, i) =>
      impact.bounded?.[which][side] && impact[which]
        ? [
            {
              at: known(impact[which][side]) * scale,
              from: -i - stopTall[which],
              to: -i + stopTall[which],
            },
          ]
        : [],
    ),
  );
}

/** A mark at zero for each impact that no fit has found. */
const unknownOf = (impacts: readonly Impact[]): Label[] =>
  impacts.flatMap((impact, i) =>
    [...(impact.prefit ?? []), ...impact.postfit].some(Number.isNaN) ? [{ x: 0, y: -i, text: "?" }] : [],
  );

/** Impacts of parameters. */
export interface Ranking {
  /** Name of the parameter of interest. */
  readonly poi: string;
  /** The strongest first. */
  readonly impacts: readonly Impact[];
  /** How many there are, where these are the strongest of them. */
  readonly of?: number;
}

/** An impact as the `ranking` of a fit gives it. NaN where a fit failed. */
export interface FittedImpact extends Readonly<Record<Move, number>> {
  readonly name: string;
  /** Where the parameter was held at its bound, which lies nearer than its uncertainty. */
  readonly atBound: Readonly<Record<Move, boolean>>;
}
type Move = "prefitDown" | "prefitUp" | "postfitDown" | "postfitUp";

/** The ranking of a fit, with its pulls: a parameter without one is free. */
export interface FittedRanking {
  readonly poi: string;
  readonly impacts: readonly FittedImpact[];
  readonly pulls: readonly FittedPull[];
  /** How many impacts there are, where these are the strongest of them. */
  readonly of?: number;
}

const moves = (check: Check) => ({
  ...{ prefitDown: check, prefitUp: check },
  ...{ postfitDown: check, postfitUp: check },
});
const fittedRanking: AnswerKind<FittedRanking, Ranking> = {
  is: ({ pulls, impacts }) =>
    pulls !== undefined ||
    (Array.isArray(impacts) && impacts.some((impact) => isObject(impact) && "atBound" in impact)),
  check: object({
    impacts: list(object({ name: aText, ...moves(number), atBound: object(moves(flag)) })),
    pulls: list(fittedPull),
  }),
  data: impactsOf,
};

/** The figure's data of the ranking of a fit. */
export function impactsOf({ poi, impacts, pulls, of = impacts.length }: FittedRanking): Ranking {
  const pulled = new Map(pulls.map((p) => [p.name, p]));
  return { poi, impacts: impacts.map((impact) => impactOf(impact, pulled.get(impact.name))), of };
}

function impactOf(impact: FittedImpact, pull: FittedPull | undefined): Impact {
  const { name, atBound } = impact;
  const error = pull && Number.isFinite(pull.constraint) ? pull.constraint : 0;
  return {
    name,
    pull: pull?.pull ?? 0,
    error: [error, error],
    free: pull === undefined,
    prefit: pull ? [impact.prefitDown, impact.prefitUp] : null,
    postfit: [impact.postfitDown, impact.postfitUp],
    bounded: {
      prefit: [atBound.prefitDown, atBound.prefitUp],
      postfit: [atBound.postfitDown, atBound.postfitUp],
    },
  };
}

const flags = pair(flag);
const impact = both(
  pull,
  object(
    { prefit: either(oneOf(null), pair(number)), postfit: pair(number) },
    { bounded: object({ prefit: flags, postfit: flags }) },
  ),
);

export const impactRankingFigure = {
  title: "Ranking",
  words: "what each nuisance parameter does to the parameter of interest",
  check: object({ poi: aText, impacts: list(impact) }, { of: count }),
  draw: ({ poi, impacts }, labels) => rankingFigure(poi, impacts, labels),
  caption: ({ poi, impacts: { length }, of = length }) => [
    `Change of ${poi} when a parameter is held one standard deviation away (bars, scale above), and its pull (points, scale below)${length < of ? `, the ${length} strongest of ${of}` : ""}.`,
  ],
} satisfies Figure<Ranking>;

/**
 * Impacts of parameters on the parameter of interest as bars (scale above), their pulls as points (scale below). The
 * ranking of a fit is taken with its pulls, `{ ...ranking, pulls }`.
 *
 * @returns SVG text
 * @throws FigureError where a part of `data` is missing or not what it must be, OptionError
 */
export function ranking(data: Given<Ranking> | Given<FittedRanking>, options?: FigureOptions): string {
  return svgOf("ranking", impactRankingFigure, data, options, fittedRanking);
}
