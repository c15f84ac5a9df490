/** A network as a hard selection: events of the trained cut for which its output is above a bound. */

import { tuple } from "../../core/graph/tuple.js";
import { quantile } from "../../core/quantile.js";
import type { WorkingPoint, Yield } from "../../plot/rundata.js";
import type { Cut } from "../../select/cut.js";
import type { Sample } from "../tables/samples.js";
import { type Network, outputs, type Params } from "./analysis.js";
import type { BackgroundError } from "./yieldsignificance.js";
import { significanceOfYields } from "./yieldsignificance.js";

/** Bounds that are tried: quantiles of the signal's outputs. */
const candidates = 200;

/** Fewer background entries than this say nothing about a background yield. */
const leastBackground = 10;

export interface Selection {
  cut: Cut | null;
  thresholds: Record<string, number>;
  net: Network;
  layers: Params["net"];
  backgroundError: BackgroundError | null;
}

/** The bound on the output with the largest Asimov significance; null where too little background passes the cut. */
export function workingPoint(samples: readonly [Sample, Sample], selection: Selection): WorkingPoint | null {
  const [signal, background] = tuple(
    samples.map((sample) => passing(sample, selection)),
    2,
  );
  const sorted = signal.outputs.slice().sort();
  let best: WorkingPoint | null = null;
  for (let i = 0; i < candidates; i++) {
    const bound = quantile(sorted, (i + 0.5) / candidates);
    const found = atBound(samples, [signal, background], bound, selection.backgroundError);
    const { entries, sum } = found.yields[samples[1].name]!;
    // Negative weights may outweigh the others by chance: no background is no measure of a bound.
    if (entries < leastBackground || !(sum > 0)) continue;
    // A signal of less than nothing has no significance, and one that is none is not compared with.
    if (Number.isNaN(found.significance.asimov)) continue;
    if (!best || found.significance.asimov > best.significance.asimov) best = found;
  }
  return best;
}

/** What a bound that was chosen on other events keeps of these. */
export function heldOutPoint(
  samples: readonly [Sample, Sample],
  selection: Selection,
  bound: number,
): WorkingPoint {
  const [signal, background] = samples.map((sample) => passing(sample, selection));
  return atBound(samples, [signal!, background!], bound, selection.backgroundError);
}

function atBound(
  samples: readonly [Sample, Sample],
  [signal, background]: [Scored, Scored],
  bound: number,
  error: BackgroundError | null,
): WorkingPoint {
  const [s, b] = [above(signal, bound), above(background, bound)];
  const yields = { [samples[0].name]: s, [samples[1].name]: b };
  return { bound, yields, significance: significanceOfYields(s.sum, b.sum, error) };
}

interface Scored {
  outputs: Float64Array;
  weights: Float64Array | null;
}

/** Outputs and weights of the events that pass the hard cut. */
function passing(sample: Sample, { cut, thresholds, net, layers }: Selection): Scored {
  const mask = cut?.hard(thresholds, sample.values);
  const pass = (_: number, row: number) => mask === undefined || mask[row] === 1;
  const found = outputs(net, layers, sample.values);
  return { outputs: found.filter(pass), weights: sample.weight?.filter(pass) ?? null };
}

function above({ outputs, weights }: Scored, bound: number): Yield {
  let [sum, squares, entries] = [0, 0, 0];
  for (let i = 0; i < outputs.length; i++) {
    if (!(outputs[i]! > bound)) continue;
    const w = weights ? weights[i]! : 1;
    sum += w;
    squares += w * w;
    entries++;
  }
  return { sum, error: Math.sqrt(squares), entries };
}
