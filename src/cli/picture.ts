// What the report draws: events, the plane they are drawn in, and the network's score over it.

import { quantile } from "../cuts/values.js";
import { compile, type Tensor } from "../index.js";
import type { CutChange, Sample as DrawnSample, ReportData, ScoreGrid } from "../plot/data.js";
import { cutColumns, gridOver, planeFrame } from "../plot/events.js";
import { significant } from "../plot/format.js";
import { type Network, type Params, score, scoreTable } from "./analysis.js";
import type { Sample } from "./samples.js";

/** Events, plane and score for a report. */
export function picture(
  samples: readonly Sample[],
  cuts: Record<string, CutChange>,
  net: Network | null,
  layers: Params["net"],
): Pick<ReportData, "samples" | "plane" | "score"> {
  const drawn = samples.map(
    ({ name, values, weight }): DrawnSample => ({
      name,
      columns: values,
      ...(weight ? { weights: weight } : {}),
    }),
  );
  const axes = planeAxes(cutColumns(cuts), net?.inputs ?? []);
  if (!axes) return { samples: drawn };
  const plane = { x: axes[0], y: axes[1] };
  if (!net || !axes.every((axis) => net.inputs.includes(axis))) return { samples: drawn, plane };
  return { samples: drawn, plane, score: scoreGrid(samples, drawn, cuts, net, layers, plane) };
}

/** Two columns to draw: those that are cut on first, but with a network two of its inputs, where it has two. */
function planeAxes(cutOn: string[], inputs: string[]): [string, string] | undefined {
  const both = cutOn.filter((column) => inputs.includes(column));
  const candidates =
    inputs.length >= 2 && both.length > 0 ? [...both, ...inputs] : cutOn.length >= 2 ? cutOn : [...inputs];
  const [x, y] = new Set(candidates);
  return x === undefined || y === undefined ? undefined : [x, y];
}

/** The output of the network over the plane, before its sigmoid (which has the same contours); other inputs at the medians of the signal. */
function scoreGrid(
  samples: readonly Sample[],
  drawn: DrawnSample[],
  cuts: Record<string, CutChange>,
  net: Network,
  layers: Params["net"],
  plane: { x: string; y: string },
): ScoreGrid {
  const { x, y } = gridOver(planeFrame(drawn, cuts, plane.x, plane.y));
  const n = x.length * y.length;
  const held: string[] = [];
  const columns = net.inputs.map((input) => {
    if (input === plane.x) return Float64Array.from({ length: n }, (_, i) => x[i % x.length]!);
    if (input === plane.y) return Float64Array.from({ length: n }, (_, i) => y[Math.floor(i / x.length)]!);
    const median = quantile(samples[0]!.values[input]!.slice().sort(), 0.5);
    held.push(`${input} at ${significant(median, 3)}`);
    return new Float64Array(n).fill(median);
  });
  const scores = compile((params: { w: Tensor; b: Tensor }[], events: Record<string, Tensor>) =>
    score(net, params, events),
  );
  const values = scores(layers as never, scoreTable(net, columns)) as Float64Array;
  const note = held.length > 0 ? `${held.join(", ")} (the signal's median)` : undefined;
  return { x, y, values, ...(note ? { note } : {}) };
}
