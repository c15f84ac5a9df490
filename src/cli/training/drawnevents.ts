/** What the report draws: events, the plane they are drawn in, and the network's score over it. */

import { stack } from "../../core/elementary/join.js";
import { quantile } from "../../core/quantile.js";
import { type Cut, compile, type Tensor, table } from "../../index.js";
import { cutColumns, gridOver, planeFrame } from "../../plot/kit/planeframe.js";
import type {
  CutChange,
  Sample as DrawnSample,
  ReportData,
  ScoreGrid,
  StepCurve,
} from "../../plot/rundata.js";
import { logSteps, type Soft, shapes } from "../../select/steps.js";
import { significant } from "../../text/numbertext.js";
import type { Sample } from "../tables/samples.js";
import { type Network, outputs, outputsOf, type Params } from "./analysis.js";
import type { Study } from "./study.js";

/** Events, plane and score for a report. */
export function drawnEvents(
  { analysis, events, after }: Study,
  cuts: Record<string, CutChange>,
): Pick<ReportData, "samples" | "plane" | "score" | "softStep"> {
  const { cut, net } = analysis;
  const { thresholds, widths, layers } = after;
  const samples = events.trained;
  const soft = cut && compiledSoft(cut);
  const drawn = samples.map(({ name, rows, values, weight }): DrawnSample => {
    const used = Object.fromEntries((cut?.columns ?? []).map((column) => [column, values[column]!]));
    return {
      name,
      columns: values,
      ...(weight ? { weights: weight } : {}),
      ...(cut && soft
        ? {
            soft: soft(thresholds, table(used, { dtype: "f64", rows }), widths) as Float64Array,
            hard: cut.hard(thresholds, values),
          }
        : {}),
      ...(net ? { score: outputs(net, layers, values) } : {}),
    };
  });
  const axes = planeAxes(cutColumns(cuts), net?.inputs ?? []);
  const known = { samples: drawn, ...(cut ? { softStep: stepCurve(cut.step, cut.outside) } : {}) };
  if (!axes) return known;
  const plane = { x: axes[0], y: axes[1] };
  if (!net || !axes.every((axis) => net.inputs.includes(axis))) return { ...known, plane };
  return { ...known, plane, score: scoreGrid(samples, drawn, cuts, net, layers, plane) };
}

const stepPoints = 801;

/** The weights of one step as it trains, to where its tails begin, which no picture shows. */
export function stepCurve(soft: Soft, outside: boolean): StepCurve {
  const reach = shapes[soft].reach / shapes[soft].scale;
  const z = Float64Array.from({ length: stepPoints }, (_, i) => reach * ((2 * i) / (stepPoints - 1) - 1));
  const weights = compile((e: { z: Tensor }) => logSteps(stack([e.z]), soft, outside).exp());
  const weight = Array.from(weights(table({ z }, { dtype: "f64" })) as Float64Array);
  return { distance: [-reach, reach], weight };
}

function compiledSoft(cut: Cut) {
  return compile(
    (at: Record<string, Tensor>, events: Record<string, Tensor>, widths: Record<string, Tensor>) =>
      cut.soft(at, events, widths),
  );
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
  const values = outputsOf(net, layers, columns);
  const note = held.length > 0 ? `${held.join(", ")} (the signal's median)` : undefined;
  return { x, y, values, ...(note ? { note } : {}) };
}
