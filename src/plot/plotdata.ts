// The data of figures: events in bins and points, small enough to keep as plot.json and to draw again.

import { type ColumnPlot, columnPlot, type Histogram, scoreHistogram } from "./binning.js";
import type { ReportData, ScoreGrid } from "./data.js";
import { drawable, levelsKeeping, type PlaneFrame, planeFrame, valuesOf } from "./events.js";
import { type Range, thin } from "./numbers.js";
import { type RocCurve, rocOf } from "./roc.js";
import { checkPlot } from "./schema.js";
import type { StepCurve } from "./turnon.js";

/** Everything that figures of events are drawn from, as plain JSON. `version` grows when a field changes its meaning. */
export type PlotData = {
  schema: "gradcut.plot";
  version: 1;
  /** Names, signal first. */
  samples: string[];
  columns: ColumnPlot[];
  plane?: PlanePlot;
  /** What one soft step weighs. */
  softStep?: StepCurve;
  /** Scores of the network. */
  score?: Histogram & { title: string };
  roc?: RocCurve;
};

/** Points of the samples in a plane, and the network's score over it: `values[j * x.length + i]` at (x[i], y[j]). */
export type PlanePlot = {
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
};

const pointsPerSample = 1200;
const kept = [0.9, 0.5, 0.1];
const short = (x: number, digits = 6): number => Number(x.toPrecision(digits));

/** Bins and thins the events of a report. Costs a pass over each column that is cut on. */
export function plotData(data: ReportData): PlotData {
  const { samples, run } = data;
  const columns = drawable(samples, run.cuts);
  const axes = data.plane ?? (columns.length > 1 ? { x: columns[0]!, y: columns[1]! } : undefined);
  const scored = samples.some((s) => (s.score?.length ?? 0) > 0);
  const roc = scored ? rocOf(samples) : undefined;
  return {
    schema: "gradcut.plot",
    version: 1,
    samples: samples.map((s) => s.name),
    columns: columns.map((column) => columnPlot(samples, run.cuts, column)),
    ...(axes ? { plane: planePlot(data, axes) } : {}),
    ...(data.softStep
      ? { softStep: { ...data.softStep, weight: data.softStep.weight.map((w) => short(w)) } }
      : {}),
    ...(scored ? { score: { ...scoreHistogram(samples), title: data.scoreTitle ?? "network output" } } : {}),
    ...(roc
      ? {
          roc: {
            ...roc,
            background: roc.background.map((v) => short(v)),
            signal: roc.signal.map((v) => short(v)),
          },
        }
      : {}),
  };
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

/** Deeper than any field that is drawn. */
const deepest = 50;

/** A value out of JSON text; null stands for a number that JSON does not have. */
export function withNumbers(value: unknown, depth = 0): unknown {
  if (value === null) return Number.NaN;
  if (typeof value !== "object" || depth > deepest) return value;
  if (Array.isArray(value)) return value.map((item) => withNumbers(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, field]) => [key, withNumbers(field, depth + 1)]),
  );
}

/** The text of a plot.json, or of a result.json, as an object. */
export const readJson = (text: string): unknown => withNumbers(JSON.parse(text));

/** What keeps a value from being the object of a plot.json that this version can draw, or null. */
export function plotProblem(value: unknown): string | null {
  const { schema, version } = (value ?? {}) as Partial<PlotData>;
  if (schema !== "gradcut.plot" || version !== 1) return "this is no plot.json that this gradcut can draw";
  return checkPlot(value, "");
}

export const isPlotData = (value: unknown): value is PlotData => plotProblem(value) === null;

/** The ranges of the figures of a column, for sentences about what lies outside. */
export function frameOf(plot: PlotData, column: string): Range | undefined {
  const { plane } = plot;
  if (plane?.x === column) return plane.frame.x;
  if (plane?.y === column) return plane.frame.y;
  return plot.columns.find((c) => c.column === column)?.all.range;
}
