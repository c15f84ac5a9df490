/** What the report draws: events, the plane they are drawn in, and the network's score over it. */

import { stack } from "../../core/elementary/join.js";
import { aboutEvents, type Events } from "../../core/events.js";
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
import { comparedOfEach } from "../../select/comparedvalues.js";
import type { Table } from "../../select/objects.js";
import { logSteps, type Soft, shapes } from "../../select/steps.js";
import { usedColumns } from "../../select/usedcolumns.js";
import { significant } from "../../text/numbertext.js";
import { numbersOf, type Sample } from "../tables/samples.js";
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
  const compared = cut ? comparedElsewhere(cut, cuts, samples) : [];
  const drawn = samples.map(({ name, rows, values, weight }): DrawnSample => {
    const others = compared.map(([column, of]) => [column, of(values)] as const);
    return {
      name,
      columns: {
        ...Object.fromEntries(namesOf(values).map((column) => [column, numbersOf(values, column)])),
        ...Object.fromEntries(others.map(([column, found]) => [column, found.values])),
      },
      rows: Object.fromEntries(others.map(([column, { events }]) => [column, events])),
      ...(weight ? { weights: weight } : {}),
      ...(cut && soft
        ? {
            soft: soft(
              thresholds,
              usedColumns(values, cut.columns, { dtype: "f64", rows }),
              widths,
            ) as Float64Array,
            hard: cut.hard(thresholds, values),
          }
        : {}),
      ...(net ? { score: outputs(net, layers, values) } : {}),
    };
  });
  const ofEvents = new Set(samples.flatMap(({ values }) => namesOf(values)));
  const axes = planeAxes(
    cutColumns(cuts).filter((column) => ofEvents.has(column)),
    net?.inputs ?? [],
  );
  const known = { samples: drawn, ...(cut ? { softStep: stepCurve(cut.step, cut.outside) } : {}) };
  if (!axes) return known;
  const plane = { x: axes[0], y: axes[1] };
  if (!net || !axes.every((axis) => net.inputs.includes(axis))) return { ...known, plane };
  return { ...known, plane, score: scoreGrid(samples, drawn, cuts, net, layers, plane) };
}

const namesOf = (values: Events): string[] => Object.keys(aboutEvents(values).widths);

/** What thresholds are compared with where samples have no column of that: numbers of rows, each with its event. */
function comparedElsewhere(cut: Cut, cuts: Record<string, CutChange>, samples: readonly Sample[]) {
  const found = new Map<string, NonNullable<ReturnType<typeof comparedOfEach>>>();
  for (const threshold of cut.thresholds) {
    const { name, column } = threshold;
    const drawn = cuts[name]?.column === column && !found.has(column);
    if (!drawn || samples.every(({ values }) => namesOf(values).includes(column))) continue;
    const of = comparedOfEach(cut, threshold);
    if (of) found.set(column, of);
  }
  return [...found];
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
  return compile((at: Record<string, Tensor>, events: Table, widths: Record<string, Tensor>) =>
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
    const median = quantile(numbersOf(samples[0]!.values, input).slice().sort(), 0.5);
    held.push(`${input} at ${significant(median, 3)}`);
    return new Float64Array(n).fill(median);
  });
  const values = outputsOf(net, layers, columns);
  const note = held.length > 0 ? `${held.join(", ")} (the signal's median)` : undefined;
  return { x, y, values, ...(note ? { note } : {}) };
}
