/** Starts for the thresholds from the data. */

import { tuple } from "../../core/graph/tuple.js";
import { compile } from "../../index.js";
import { objectiveOf, objectives } from "../../objectives/index.js";
import type { Cut } from "../../select/cut.js";
import { scanThresholds } from "../../select/scanthresholds.js";
import { taken, takenOf } from "../tables/evaluate.js";
import type { Sample } from "../tables/samples.js";
import { type Analysis, analysisLoss, type Widths } from "./analysis.js";
import { Coordinates } from "./coordinates.js";
import { trainingTable } from "./trainingtable.js";
import { sigmaOf } from "./yieldsignificance.js";

/** A scan is coarse: so many rows of each sample, evenly taken, are enough for it. */
const mostRows = 50_000;

/** Thresholds from a coarse scan for the objective of the cut alone: a significance of hard yields, or a soft loss. */
export function scannedStart(
  cut: Cut,
  { objective, backgroundError = null }: Pick<Analysis, "objective" | "backgroundError">,
  widths: Widths,
  samples: readonly [Sample, Sample],
): Record<string, number> {
  const stride = Math.ceil(Math.max(...samples.map((sample) => sample.rows)) / mostRows);
  const [signal, background] = tuple(
    samples.map((sample) => thinned(sample, stride)),
    2,
  );
  const scanned = { signal: scanSample(signal), background: scanSample(background) };
  if (!objectives[objective].events) {
    // A histogram has no bins of its own yet: its yields are looked at.
    const { number } = objectives[objective].yields ?? objectiveOf("asimov", "yields");
    return scanThresholds(cut, scanned, { significance: (s, b) => number(s, b, sigmaOf(backgroundError, b)) })
      .params;
  }
  const zeros = Object.fromEntries(Object.keys(cut.init()).map((name) => [name, 0]));
  const analysis: Analysis = { cut, net: null, objective, coordinates: new Coordinates(zeros) };
  const traced = analysisLoss(analysis);
  const loss = compile((cuts: never, events: never) => traced({ cuts, net: [] }, events, widths));
  const data = {
    signal: trainingTable(analysis, signal, { dtype: "f32" }),
    background: trainingTable(analysis, background, { dtype: "f32" }),
  };
  return scanThresholds(cut, scanned, {
    objective: (params) => loss(params as never, data as never) as number,
  }).params;
}

const scanSample = ({ values, weight }: Sample) => ({
  columns: values,
  ...(weight ? { weights: weight } : {}),
});

/** Every `stride`-th event, of both samples alike so that their ratio stays. */
function thinned(sample: Sample, stride: number): Sample {
  if (stride === 1) return sample;
  const rows = Int32Array.from({ length: Math.ceil(sample.rows / stride) }, (_, i) => i * stride);
  const weight = sample.weight && taken(sample.weight, rows);
  return { ...sample, values: takenOf(sample.values, rows), weight, rows: rows.length };
}
