import { type Histogram, scoreHistogram } from "../kit/binning.js";
import { both, flag, list, number, object, range, record, text } from "../kit/checks.js";
import { cutLine } from "../kit/cutlines.js";
import { draw, type LegendEntry } from "../kit/draw.js";
import type { Range } from "../kit/ranges.js";
import { outline, stepFill } from "../kit/stepmarks.js";
import { sampleColor } from "../kit/theme.js";
import type { ReportData } from "../rundata.js";
import { type Figure, type FigureOptions, type Given, type Labels, svgOf } from "./figure.js";

/** Scores of a network in equal bins; `title` is that of their axis. */
export type ScorePlot = Histogram & { title: string };

/** Scores of the samples of a training. */
export interface Scores extends ScorePlot {
  /** Names, signal first. */
  readonly samples: string[];
  /** That of the working point. */
  readonly bound?: number | undefined;
  /** Whether heights are on a logarithmic scale, as they are by default. */
  readonly log?: boolean;
}

/** Scores of all events of each sample, of unit area, with the bound of the working point. */
export function scoreFigure(
  { samples, range, perSample, title, bound: network, log = true }: Scores,
  { bold = "gradcut", text = "", corner = "", size = { width: 560, height: 400 } }: Labels = {},
): string {
  const shapes = samples.map((name, index) => {
    const counts = perSample[name] ?? [];
    const total = counts.reduce((a, b) => a + b, 0) || 1;
    return { name, color: sampleColor(index), heights: counts.map((c) => c / total) };
  });
  const heights = shapes.flatMap((s) => s.heights);
  const highest = Math.max(0, ...heights) || 1;
  const least = Math.max(highest * 1e-6, Math.min(highest, ...heights.filter((h) => h > 0)) / 2);
  // Room for the text of the bound, also where the scale is logarithmic.
  const y: Range = log
    ? [least, highest * (highest / least) ** 0.25]
    : [Math.min(0, ...heights) * 1.1, highest * 1.3];
  const base = log ? least : 0;
  const marks = [...shapes]
    .reverse()
    .flatMap((s) => stepFill(outline(s.heights, range, log ? least : undefined), s.color, base));
  const legend = shapes.map(({ name, color }): LegendEntry => ({ kind: "box", color, text: name }));
  if (network !== undefined) {
    const bound = { start: Number.NaN, end: network, keeps: "above" } as const;
    marks.push(...cutLine(bound, "x", { x: range, y }, { width: size.width, index: 0, walls: [] }));
    legend.push({ kind: "line", color: "currentColor", text: "working point", width: 2 });
  }
  return draw({
    ...size,
    x: { range, title },
    y: { range: y, title: "fraction per bin", log },
    label: { bold, text },
    corner,
    legend,
    description: `Distributions of the network's score for ${samples.join(" and ")}`,
    marks,
  });
}

const checkScore = object({ range, perSample: record(list(number, 1)), title: text });

function scoresOf({ samples, scoreTitle = "network output" }: ReportData): ScorePlot | undefined {
  const scored = samples.some((s) => (s.score?.length ?? 0) > 0);
  return scored ? { ...scoreHistogram(samples), title: scoreTitle } : undefined;
}

export const networkScoreFigure = {
  title: "Network score",
  words: "the distributions of the network's score",
  check: both(checkScore, object({ samples: list(text) }, { bound: number, log: flag })),
  draw: scoreFigure,
  caption: ({ log = true }) => [`All events before the cut, unit area${log ? ", logarithmic" : ""}.`],
  training: {
    section: "network",
    stored: { score: { check: checkScore, make: scoresOf } },
    pictures: ({ network }, plot: { samples: string[]; score?: ScorePlot } | undefined) =>
      plot?.score ? [{ data: { samples: plot.samples, ...plot.score, bound: network?.bound } }] : [],
  },
} satisfies Figure<Scores>;

/**
 * Distributions of a network's score, of unit area, with the bound of a working point.
 *
 * @returns SVG text
 * @throws FigureError where a part of `data` is missing or not what it must be, OptionError
 */
export function score(data: Given<Scores>, options?: FigureOptions): string {
  return svgOf<Scores>("score", networkScoreFigure, data, options);
}
