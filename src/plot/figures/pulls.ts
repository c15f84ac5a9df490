import { text as aText, count, flag, isObject, list, number, object, pair } from "../kit/checks.js";
import { draw, type LegendEntry } from "../kit/draw.js";
import type { Mark } from "../kit/frame.js";
import { boxes, dots, rulesX, rulesY } from "../kit/marks.js";
import type { Range } from "../kit/ranges.js";
import { paint } from "../kit/theme.js";
import {
  type AnswerKind,
  type Figure,
  type FigureOptions,
  type Given,
  type Labels,
  svgOf,
} from "./figure.js";

/** How far data moved a parameter, and how well they know it. */
export interface Pull {
  name: string;
  /** (best fit − prior) / prior uncertainty; of a free parameter, its value. */
  pull: number;
  /** Uncertainty after the fit in the same unit, downwards and upwards. */
  error: readonly [down: number, up: number];
  /** A parameter without a prior: it is drawn as its value. */
  free?: boolean;
}

/** Height of a line of names. */
export const lineStep = 20;

/** Names of parameters at 0, -1, -2, …, the first at the top, and the range of that axis. */
export function nameAxis(names: readonly string[]): { range: Range; names: { at: number; text: string }[] } {
  // The end of a long name tells its bin.
  const shown = (name: string) => (name.length > 34 ? `${name.slice(0, 20)}…${name.slice(-13)}` : name);
  return {
    range: [-names.length + 0.4, 0.6],
    names: names.map((name, i) => ({ at: -i, text: shown(name) })),
  };
}

/** Points and bars at the parameters' lines, in the first colour of text. */
export function pullMarks(
  pulls: readonly (Pick<Pull, "pull" | "error" | "free"> & { at: number })[],
  [low, high]: Range,
): Mark[] {
  const inside = (v: number) => Math.min(high, Math.max(low, v));
  return [
    rulesY(
      pulls.map(({ at, pull, error: [down, up] }) => ({
        at,
        from: inside(pull - down),
        to: inside(pull + up),
      })),
      { stroke: "currentColor", strokeWidth: 1.4 },
    ),
    dots(
      pulls.map(({ at, pull, free }) => ({
        ...{ x: inside(pull), y: at },
        fill: free ? paint.paper : "currentColor",
      })),
      { r: 3.2, stroke: "currentColor", strokeWidth: 1.3 },
    ),
  ];
}

/** The pulls under one another, over bands of one and two prior standard deviations. */
export function pullsFigure(
  pulls: readonly Pull[],
  {
    bold = "gradcut",
    text = "",
    corner = "",
    size = { width: 560, height: 90 + lineStep * pulls.length },
  }: Labels = {},
): string {
  const reach = Math.max(2.5, ...pulls.map((p) => Math.abs(p.pull) + Math.max(...p.error)));
  const half = Math.min(6, Math.ceil(reach * 2 + 0.2) / 2);
  const x: Range = [-half, half];
  const y = nameAxis(pulls.map((p) => p.name));
  const placed = pulls.map((p, i) => ({ ...p, at: -i }));
  const band = (width: number, fill: string) => boxes([{ x: [-width, width], y: y.range }], { fill });
  const legend: LegendEntry[] = [
    { kind: "dot", color: "currentColor", text: "after the fit" },
    { kind: "fill", color: paint.inner, text: "prior ±1σ" },
    { kind: "fill", color: paint.outer, text: "±2σ" },
  ];
  return draw({
    ...size,
    x: {
      range: x,
      title: pulls.some((p) => p.free) ? "(fit − prior) / σ; open: value" : "(fit − prior) / σ",
    },
    y,
    label: { bold, text },
    corner,
    legend,
    description: `Pulls of ${pulls.length} parameters`,
    marks: [
      band(2, paint.outer),
      band(1, paint.inner),
      rulesX([{ at: 0 }], { stroke: "currentColor", strokeDasharray: "2 3" }),
      ...pullMarks(placed, x),
    ],
  });
}

/** Pulls of parameters, in the order in which they stand under one another. */
export interface Pulls {
  readonly pulls: readonly Pull[];
  /** How many there are, where these are the greatest of them. */
  readonly of?: number;
}

/** A pull as the `pulls` of a fit give it. */
export interface FittedPull {
  readonly name: string;
  /** (best fit − prior) / prior uncertainty. */
  readonly pull: number;
  readonly prefitStdev: number;
  /** Uncertainty after the fit / prior uncertainty; NaN where a bound holds the parameter, which then has no bar. */
  readonly constraint: number;
  /** From the best value to the ends of its interval, as `minos` gives it: drawn in place of the constraint. */
  readonly interval?: { readonly down: number; readonly up: number };
}

/** The pulls of a fit. */
export interface FittedPulls {
  readonly pulls: readonly FittedPull[];
  /** How many there are, where these are the greatest of them. */
  readonly of?: number;
}

/** The bars of a pull. */
function errorOf({ constraint, prefitStdev, interval }: FittedPull): Pull["error"] {
  const finite = (x: number) => (Number.isFinite(x) ? x : 0);
  if (interval) return [finite(-interval.down / prefitStdev), finite(interval.up / prefitStdev)];
  return [finite(constraint), finite(constraint)];
}

export const fittedPull = object(
  { name: aText, pull: number, prefitStdev: number, constraint: number },
  { interval: object({ down: number, up: number }) },
);

/** The figure's data of the pulls of a fit. */
export const pullsOf = ({ pulls, of = pulls.length }: FittedPulls): Pulls => ({
  pulls: pulls.map((p) => ({ name: p.name, pull: p.pull, error: errorOf(p) })),
  of,
});

const fittedPulls: AnswerKind<FittedPulls, Pulls> = {
  is: ({ pulls }) => Array.isArray(pulls) && pulls.some((p) => isObject(p) && "constraint" in p),
  check: object({ pulls: list(fittedPull) }),
  data: pullsOf,
};

export const pull = object({ name: aText, pull: number, error: pair(number) }, { free: flag });

export const pullListFigure = {
  title: "Pulls",
  words: "how far the data moved each parameter, and how much they constrain it",
  check: object({ pulls: list(pull, 1) }, { of: count }),
  draw: ({ pulls }, labels) => pullsFigure(pulls, labels),
  caption: ({ pulls: { length }, of = length }) => [
    `Pulls of constrained parameters${length < of ? `, the ${length} greatest of ${of}` : ""}.`,
  ],
} satisfies Figure<Pulls>;

/**
 * Pulls and constraints of parameters under one another, over bands of one and two prior standard deviations; those of a
 * fit are taken as they are.
 *
 * @returns SVG text
 * @throws FigureError where a part of `data` is missing or not what it must be, OptionError
 */
export function pulls(data: Given<Pulls> | Given<FittedPulls>, options?: FigureOptions): string {
  return svgOf("pulls", pullListFigure, data, options, fittedPulls);
}
