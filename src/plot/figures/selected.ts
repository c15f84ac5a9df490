import type { ColumnPlot, SelectedPlot } from "../kit/binning.js";
import { list, object, text } from "../kit/checks.js";
import { draw, type LegendEntry } from "../kit/draw.js";
import type { Mark } from "../kit/frame.js";
import { rulesY } from "../kit/marks.js";
import { quantiles, type Range, sum } from "../kit/ranges.js";
import { centers, errorPoints, outline, type Point, stepFill } from "../kit/stepmarks.js";
import { paint, sampleColor } from "../kit/theme.js";
import { checkSelected } from "./column.js";
import { type Figure, type FigureOptions, type Given, type Labels, svgOf } from "./figure.js";

/** A column that is cut on, of the events that the trained cut keeps. */
export interface ColumnOfSelected {
  /** Names, signal first. */
  readonly samples: string[];
  readonly column: string;
  readonly selected: SelectedPlot;
}

/** Events of the trained cut: hard as filled steps, soft as points over them, and soft / hard below. */
export function selectedFigure(
  { samples, column, selected: { range, perSample } }: ColumnOfSelected,
  { bold = "gradcut", text = "", corner = "", size = { width: 560, height: 460 } }: Labels = {},
): string {
  const shapes = samples.flatMap((name, index) => {
    const bins = perSample[name];
    if (!bins) return [];
    const total = sum(bins.hard) || sum(bins.soft) || 1;
    return [{ ...bins, name, color: sampleColor(index), unit: 1 / total }];
  });
  const highest = Math.max(0, ...shapes.flatMap((s) => [...s.hard, ...s.soft].map((v) => v * s.unit))) || 1;
  const frame: Range = [0, highest * 1.2];
  const marks: Mark[] = [];
  const ratios: { points: Point[]; color: string }[] = [];
  for (const [i, { soft, hard, ratioError, color, unit }] of shapes.entries()) {
    const n = hard.length;
    marks.push(
      ...stepFill(
        outline(
          hard.map((v) => v * unit),
          range,
        ),
        color,
        0,
        1,
      ),
    );
    const at = centers(range, n);
    const points = soft
      .map((v, j) => ({ x: at[j]!, y: v * unit, error: 0 }))
      .filter((_, j) => soft[j] || hard[j]);
    marks.push(...errorPoints(points, color, frame, 2));
    const beside = centers(range, n, (i - (shapes.length - 1) / 2) * 0.3);
    ratios.push({
      points: soft
        .map((v, j) => ({ x: beside[j]!, y: v / hard[j]!, error: ratioError[j]! }))
        .filter((p) => p.error >= 0),
      color,
    });
  }
  const ratio = ratioRange(ratios.flatMap((r) => r.points));
  return draw({
    ...size,
    x: { range, title: column },
    y: { range: frame, title: "fraction of hard yield" },
    label: { bold, text },
    corner,
    legend: shapes.flatMap(({ color, name }): LegendEntry[] => [
      { kind: "box", color, text: `${name}, hard` },
      { kind: "dot", color, text: "soft" },
    ]),
    description: `${samples.join(" and ")} events selected softly and hard against ${column}, and their ratio`,
    marks,
    below: {
      height: Math.round(size.height * 0.34),
      y: { range: ratio, title: "soft / hard", ticks: 3 },
      marks: [
        rulesY([{ at: 1 }], { stroke: paint.faint, strokeDasharray: "5 4" }),
        ...ratios.flatMap(({ points, color }) => errorPoints(points, color, ratio, 2)),
      ],
    },
  });
}

/** Symmetric around 1, over the central 90 % of the ratios, at least 5 % and at most 100 % wide on each side. */
function ratioRange(points: Point[]): Range {
  const off = Float64Array.from(points, (p) => Math.abs(p.y - 1) + (p.error || 0));
  const [far] = quantiles([off], [0.9]);
  const half = Math.min(1, Math.max(0.05, Number.isFinite(far) ? far * 1.25 : 0));
  return [1 - half, 1 + half];
}

export const selectedEventsFigure = {
  title: "Column of selected events",
  words: "events of the trained cut against a column, soft and hard, and their ratio",
  check: object({ samples: list(text), column: text, selected: checkSelected }),
  draw: selectedFigure,
  caption: () => [
    "Events that the trained cut keeps, as a fraction of the hard yield of their sample; bars are the statistical error of the ratio on the same events, triangles lie outside.",
  ],
  training: {
    section: "columns",
    pictures: (_, plot: { samples: string[]; columns: ColumnPlot[] } | undefined) =>
      (plot?.columns ?? []).flatMap(({ column, selected }) =>
        selected ? [{ of: column, data: { samples: plot!.samples, column, selected } }] : [],
      ),
  },
} satisfies Figure<ColumnOfSelected>;

/**
 * Selected events against a column: hard as steps, soft as points over them, and soft / hard below.
 *
 * @returns SVG text
 * @throws FigureError where a part of `data` is missing or not what it must be, OptionError
 */
export function selected(data: Given<ColumnOfSelected>, options?: FigureOptions): string {
  return svgOf<ColumnOfSelected>("selected", selectedEventsFigure, data, options);
}
