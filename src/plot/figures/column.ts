import { type ColumnPlot, columnPlot, type Histogram } from "../kit/binning.js";
import {
  both,
  equallyLong,
  finite,
  list,
  number,
  numbers,
  object,
  range,
  record,
  text,
} from "../kit/checks.js";
import { cutLines, outsideFrame } from "../kit/cutlines.js";
import { draw, type LegendEntry } from "../kit/draw.js";
import { line } from "../kit/marks.js";
import { drawable, spaced } from "../kit/planeframe.js";
import { type Range, short, sum } from "../kit/ranges.js";
import { outline, stepFill } from "../kit/stepmarks.js";
import { paint, sampleColor } from "../kit/theme.js";
import { turnOns } from "../kit/turnon.js";
import type { CutChange, ReportData, StepCurve } from "../rundata.js";
import { cutChange } from "../runschema.js";
import { type Figure, type FigureOptions, type Given, type Labels, svgOf } from "./figure.js";

/** A column that is cut on, of all events. */
export interface ColumnOfAll {
  /** Names, signal first. */
  readonly samples: string[];
  readonly column: string;
  readonly all: Histogram;
  readonly cuts: Readonly<Record<string, CutChange>>;
  /** What one soft step weighs, where there is to be a curve of it. */
  readonly softStep?: StepCurve | undefined;
}

/**
 * All events as step-filled histograms of unit area, the cut before (dashed) and after (solid), and the soft weight
 * of the trained cut on a scale at the right.
 */
export function columnFigure(
  { samples, column, all: { range, perSample }, cuts, softStep }: ColumnOfAll,
  { bold = "gradcut", text = "", corner = "", size = { width: 560, height: 400 } }: Labels = {},
): string {
  const shapes = samples.map((name, index) => {
    const counts = perSample[name] ?? [];
    const total = sum(counts) || 1;
    return { heights: counts.map((c) => c / total), color: sampleColor(index), name };
  });
  const highest = Math.max(0, ...shapes.flatMap((s) => s.heights)) || 1;
  const lowest = Math.min(0, ...shapes.flatMap((s) => s.heights));
  const frame = { x: range, y: [lowest * 1.1, highest * 1.4] as Range };
  const marks = [...shapes]
    .reverse()
    .flatMap(({ heights, color }) => stepFill(outline(heights, range), color));
  const full = highest * 1.08;
  const curves = turnOns(cuts, column, softStep);
  for (const curve of curves)
    marks.push(
      line(
        Array.from(spaced(range, 241), (x): [number, number] => [x, full * curve(x)]),
        { stroke: paint.soft, strokeWidth: 2, clip: true },
      ),
    );
  marks.push(...cutLines(cuts, column, "x", frame, size.width));
  const soft: LegendEntry[] =
    curves.length > 0 ? [{ kind: "line", color: paint.soft, text: "soft weight", width: 2 }] : [];
  return draw({
    ...size,
    x: { range, title: column },
    y: { range: frame.y, title: "fraction per bin" },
    ...(curves.length > 0
      ? { right: { title: "soft weight", values: [0, full / 2, full], texts: ["0", "0.5", "1"] } }
      : {}),
    label: { bold, text },
    corner,
    legend: [
      ...shapes.map(({ color, name }): LegendEntry => ({ kind: "box", color, text: name })),
      { kind: "dashed", color: "currentColor", text: "before" },
      { kind: "line", color: "currentColor", text: "after", width: 2 },
      ...soft,
    ],
    description: `${samples.join(" and ")} against ${column} with its cuts before and after training`,
    marks,
  });
}

const filled = object({ range, perSample: record(list(number, 1)) });
/** Equal bins of soft and of hard sums of weights. */
export const checkSelected = object({
  range,
  perSample: record(
    both(
      object({ soft: list(number, 1), hard: numbers, ratioError: numbers }),
      equallyLong(["soft", "hard", "ratioError"]),
    ),
  ),
});
const checkStep = object({ distance: range, weight: list(finite, 2) });

const columnsOf = ({ samples, run }: ReportData): ColumnPlot[] =>
  drawable(samples, run.cuts).map((column) => columnPlot(samples, run.cuts, column));

const stepOf = ({ softStep }: ReportData): StepCurve | undefined =>
  softStep && { ...softStep, weight: softStep.weight.map((w) => short(w)) };

export const allEventsFigure = {
  title: "Column",
  words: "all events against a column, with its cuts before and after and the soft weight",
  check: object(
    { samples: list(text), column: text, all: filled, cuts: record(cutChange) },
    { softStep: checkStep },
  ),
  draw: columnFigure,
  caption: ({ column, all, cuts, softStep }) => [
    "All events, unit area; arrows point to what a cut keeps.",
    ...(turnOns(cuts, column, softStep).length > 0
      ? ["The soft weight is that of the cuts on this column, trained."]
      : []),
    ...outsideFrame(cuts, { [column]: all.range }),
  ],
  training: {
    section: "columns",
    stored: {
      columns: {
        check: list(object({ column: text, all: filled }, { selected: checkSelected })),
        required: true,
        make: columnsOf,
      },
      softStep: { check: checkStep, make: stepOf },
    },
    pictures: (
      { cuts },
      plot: { samples: string[]; columns: ColumnPlot[]; softStep?: StepCurve } | undefined,
    ) =>
      (plot?.columns ?? []).map(({ column, all }) => ({
        of: column,
        data: { samples: plot!.samples, column, all, cuts: cutsOn(column, cuts), softStep: plot?.softStep },
      })),
  },
} satisfies Figure<ColumnOfAll>;

const cutsOn = (column: string, cuts: Record<string, CutChange>): Record<string, CutChange> =>
  Object.fromEntries(Object.entries(cuts).filter(([, cut]) => cut.column === column));

/**
 * All events against a column, of unit area, with cuts before (dashed) and after (solid) and the soft weight.
 *
 * @returns SVG text
 * @throws FigureError where a part of `data` is missing or not what it must be, OptionError
 */
export function column(data: Given<ColumnOfAll>, options?: FigureOptions): string {
  return svgOf<ColumnOfAll>("column", allEventsFigure, data, options);
}
