import { significant, typeset } from "../../text/numbertext.js";
import {
  both,
  type Check,
  count,
  equallyLong,
  list,
  must,
  numbers,
  object,
  pair,
  range,
  record,
  text,
} from "../kit/checks.js";
import { cutLines, outsideFrame } from "../kit/cutlines.js";
import { draw, type LegendEntry } from "../kit/draw.js";
import type { Mark } from "../kit/frame.js";
import { dots, type Field, isoline } from "../kit/marks.js";
import {
  drawableOfEvents,
  levelsKeeping,
  type PlaneFrame,
  planeFrame,
  spaced,
  valuesOf,
} from "../kit/planeframe.js";
import { type Range, short, thin } from "../kit/ranges.js";
import { paint, sampleColor } from "../kit/theme.js";
import type { CutChange, ReportData, ScoreGrid } from "../rundata.js";
import { cutChange } from "../runschema.js";
import { type Figure, type FigureOptions, type Given, type Labels, svgOf } from "./figure.js";

/** Points of the samples in a plane, and the network's score over it: `values[j * x.length + i]` at (x[i], y[j]). */
export interface PlanePlot {
  x: string;
  y: string;
  frame: PlaneFrame;
  points: Record<string, { x: number[]; y: number[] }>;
  score?: {
    x: Range;
    y: Range;
    shape: [nx: number, ny: number];
    values: number[];
    levels: number[];
    /** What the levels are: fractions of the signal that score higher; absent for levels that were given. */
    kept?: number[];
    note?: string;
  };
}

const pointsPerSample = 1200;
const kept = [0.9, 0.5, 0.1];

/** Events in a plane of two columns, and the cuts on these. */
export interface Plane {
  /** Names, signal first. */
  readonly samples: string[];
  readonly plane: PlanePlot;
  readonly cuts: Readonly<Record<string, CutChange>>;
}

/** Signal and background in a plane, cut lines before (dashed) and after (solid), network contours. */
export function planeFigure(
  { samples, plane, cuts }: Plane,
  { bold = "gradcut", text = "", corner = "", size = { width: 560, height: 540 } }: Labels = {},
): string {
  const { width } = size;
  const { x, y, frame, score } = plane;
  const points = samples.map((name, index) => {
    const { x: xs, y: ys } = plane.points[name] ?? { x: [], y: [] };
    return xs.map((px, i) => ({ x: px, y: ys[i]!, fill: sampleColor(index) }));
  });
  // Samples take turns, so that neither hides the other.
  const mixed = Array.from({ length: Math.max(0, ...points.map((p) => p.length)) }, (_, i) =>
    points.flatMap((p) => (p[i] ? [p[i]] : [])),
  ).flat();
  const legend = samples.map((name, i): LegendEntry => ({ kind: "dot", color: sampleColor(i), text: name }));
  legend.push({ kind: "dashed", color: "currentColor", text: "before" });
  legend.push({ kind: "line", color: "currentColor", text: "after", width: 2 });
  const marks: Mark[] = [dots(mixed, { r: 1.6, fillOpacity: 0.55, clip: true })];
  if (score) {
    const { levels, kept } = score;
    for (const [i, level] of levels.entries())
      marks.push(...contours(score, level, 1.2 + (i * 1.6) / Math.max(1, levels.length - 1)));
    const what = kept
      ? `network, ${kept.map((f) => f * 100).join(", ")} % of ${samples[0]}`
      : `score = ${levels.map((v) => typeset(significant(v, 3))).join(", ")}`;
    legend.push({ kind: "line", color: paint.network, text: what, width: 2 });
  }
  marks.push(...cutLines(cuts, x, "x", frame, width), ...cutLines(cuts, y, "y", frame, width));
  return draw({
    ...size,
    x: { range: frame.x, title: x },
    y: { range: frame.y, title: y },
    label: { bold, text },
    corner,
    legend,
    description: `${samples.join(" and ")} in the plane of ${x} and ${y} with the cuts before and after training`,
    marks,
  });
}

function contours(score: NonNullable<PlanePlot["score"]>, level: number, width: number): Mark[] {
  const [x, y] = [spaced(score.x, score.shape[0]), spaced(score.y, score.shape[1])];
  const half = (axis: Float64Array) => (axis[axis.length - 1]! - axis[0]!) / (axis.length - 1) / 2;
  // Cells stand around the grid points; their outer halves lie outside the frame and are clipped.
  const field: Field = {
    ...{ width: x.length, height: y.length, values: score.values },
    x: [x[0]! - half(x), x[x.length - 1]! + half(x)],
    y: [y[0]! - half(y), y[y.length - 1]! + half(y)],
  };
  // A wider line in the paper's colour below it sets the contour off from the points.
  const around = { stroke: paint.paper, strokeWidth: width + 2.5, strokeOpacity: 0.75, clip: true };
  return [
    isoline(field, level, around),
    isoline(field, level, { stroke: paint.network, strokeWidth: width, clip: true }),
  ];
}

function planePlot({ samples, run, score }: ReportData, { x, y }: { x: string; y: string }): PlanePlot {
  const frame = planeFrame(samples, run.cuts, x, y);
  const points = samples.map(({ name, columns }) => {
    const none = new Float64Array();
    const thinned = thin(columns[x] ?? none, columns[y] ?? none, frame, pointsPerSample);
    return [name, { x: thinned.map((p) => short(p[0])), y: thinned.map((p) => short(p[1])) }] as const;
  });
  return { x, y, frame, points: Object.fromEntries(points), ...scorePlot() };

  function scorePlot(): Pick<PlanePlot, "score"> {
    const signal = samples[0];
    if (!score || !signal) return {};
    const levels = score.levels ?? levelsKeeping(score, valuesOf(signal, x), valuesOf(signal, y), kept);
    return {
      score: {
        x: ends(score.x),
        y: ends(score.y),
        shape: [score.x.length, score.y.length],
        values: Array.from(score.values, (v) => short(v, 5)),
        levels,
        ...(score.levels ? {} : { kept }),
        ...(score.note ? { note: score.note } : {}),
      },
    };
  }
}

const ends = (axis: ScoreGrid["x"]): Range => [axis[0]!, axis[axis.length - 1]!];

const grid = both(
  object(
    { x: range, y: range, shape: pair(count), values: numbers, levels: numbers },
    { kept: numbers, note: text },
  ),
  ({ shape, values }: { shape: [number, number]; values: unknown[] }, path) => {
    if (shape.some((n) => n < 2)) return must(`${path}.shape`, "two numbers from 2");
    return values.length === shape[0] * shape[1]
      ? null
      : must(`${path}.values`, `a list of ${shape[0]} × ${shape[1]}`);
  },
);
const points = both(object({ x: numbers, y: numbers }), equallyLong(["x", "y"]));
const checkPlane: Check = object(
  { x: text, y: text, frame: object({ x: range, y: range }), points: record(points) },
  { score: grid },
);

/** The plane that was asked for, or that of the first two columns that are cut on. */
function planeOf(data: ReportData): PlanePlot | undefined {
  const [x, y] = drawableOfEvents(data.samples, data.run.cuts);
  const axes = data.plane ?? (x !== undefined && y !== undefined ? { x, y } : undefined);
  return axes && planePlot(data, axes);
}

export const eventPlaneFigure = {
  title: "Plane of two columns",
  words: "events in the plane of two columns with the cuts before and after, and the network's contours",
  check: object({ samples: list(text), plane: checkPlane, cuts: record(cutChange) }),
  draw: planeFigure,
  caption: ({ samples, plane: { x, y, frame, score }, cuts }) => [
    "Events, thinned to at most 1200 of each sample; arrows point to what a cut keeps.",
    ...(score?.kept
      ? [
          `Thicker contours keep less: 90, 50 and 10 % of the ${samples[0] ?? "signal"} in the frame scores higher.`,
        ]
      : []),
    ...(score?.note ? [`Network score with ${score.note}.`] : []),
    ...outsideFrame(cuts, { [x]: frame.x, [y]: frame.y }),
  ],
  training: {
    section: "plane",
    stored: { plane: { check: checkPlane, make: planeOf } },
    pictures: ({ cuts }, plot: { samples: string[]; plane?: PlanePlot } | undefined) =>
      plot?.plane ? [{ data: { samples: plot.samples, plane: plot.plane, cuts } }] : [],
  },
} satisfies Figure<Plane>;

/**
 * Events in a plane of two columns, with cuts before (dashed) and after (solid) and the contours of a network.
 *
 * @returns SVG text
 * @throws FigureError where a part of `data` is missing or not what it must be, OptionError
 */
export function plane(data: Given<Plane>, options?: FigureOptions): string {
  return svgOf<Plane>("plane", eventPlaneFigure, data, options);
}
