/** What is trained: soft cut × network per event, and the objective over the two samples. */

import type { Numbers } from "../../core/events.js";
import { exp, logSigmoid } from "../../entry/ops.js";
import { type Cut, compile, type Mlp, mlp, type Tensor, table, where } from "../../index.js";
import type { LayerParams } from "../../nn/mlp.js";
import { type ObjectiveName, objectiveOf, objectives } from "../../objectives/index.js";
import { heldLogYield, logYield } from "../../objectives/logyield.js";
import { numbersOf, type Sample } from "../tables/samples.js";
import { type Binned, binnedLoss, binsOf } from "./binned.js";
import type { Coordinates } from "./coordinates.js";
import { histogramColumn, type Inputs, networkInputs, standardised, weightColumn } from "./trainingtable.js";
import type { BackgroundError } from "./yieldsignificance.js";

/** Thresholds in `Analysis.coordinates`, and layers (none without a network). */
export interface Params {
  cuts: Record<string, number>;
  net: LayerParams[];
}

export interface Network extends Inputs {
  layers: Mlp;
}

export interface Analysis {
  cut: Cut | null;
  net: Network | null;
  objective: ObjectiveName;
  /** What the thresholds of the params are. */
  coordinates: Coordinates;
  /** The uncertainty of the background in the Asimov significance. */
  backgroundError?: BackgroundError | null;
  /** The histogram that is trained for, instead of yields. */
  binned?: Binned | null;
  /** Whether there are negative weights, with which a soft yield could become negative too. */
  signed?: boolean;
}

interface TracedParams {
  cuts: Record<string, Tensor>;
  net: { w: Tensor; b: Tensor }[];
}
type Events = Record<string, Tensor>;
export type Widths = Record<string, number>;
type TracedWidths = Record<string, number | Tensor>;

/** A network for these samples. Inputs that are the same for all events get deviation 1. */
export function network(
  { inputs, hidden }: { inputs: string[]; hidden: number[] },
  samples: readonly Sample[],
  standardise: boolean,
): Network {
  const scales = inputs.map((input) =>
    standardise
      ? meanAndDeviation(samples.map((s) => numbersOf(s.values, input)))
      : { mean: 0, deviation: 1 },
  );
  return {
    inputs,
    mean: scales.map(({ mean }) => mean),
    deviation: scales.map(({ deviation }) => deviation || 1),
    layers: mlp([inputs.length, ...hidden, 1]),
  };
}

/** Mean and standard deviation of several arrays taken together. */
function meanAndDeviation(arrays: readonly Numbers[]): { mean: number; deviation: number } {
  const n = arrays.reduce((sum, values) => sum + values.length, 0);
  let sum = 0;
  for (const values of arrays) for (const x of values) sum += x;
  const mean = sum / n;
  let squares = 0;
  for (const values of arrays) for (const x of values) squares += (x - mean) * (x - mean);
  return { mean, deviation: Math.sqrt(squares / n) };
}

/** The output of the network per event, before any sigmoid. */
function score(net: Network, params: TracedParams["net"], events: Events): Tensor {
  const x = events[networkInputs]!;
  return net.layers.apply(params, net.inputs.length === 1 ? x.reshape([1]) : x).reshape([]);
}

/** The output of a trained network for events of these columns, in the order of its inputs; before any sigmoid, in f64. */
export function outputsOf(net: Network, layers: LayerParams[], columns: readonly Numbers[]): Float64Array {
  return scorer(net, layers)(columns);
}

/** The same for any tables of columns, compiled once. */
export function scorer(net: Network, layers: LayerParams[]): (columns: readonly Numbers[]) => Float64Array {
  const evaluate = compile((params: TracedParams["net"], events: Events) => score(net, params, events));
  return (columns) => {
    const rows = columns[0]!.length;
    const inputs = standardised(net, columns, new Float64Array(rows * columns.length));
    const events = table({ [networkInputs]: inputs }, { dtype: "f64", rows });
    return evaluate(layers as never, events) as Float64Array;
  };
}

/** The same for values by the texts of the inputs. */
export const outputs = (net: Network, layers: LayerParams[], values: Sample["values"]): Float64Array =>
  outputsOf(
    net,
    layers,
    net.inputs.map((input) => numbersOf(values, input)),
  );

/** Thresholds in the units of their columns, within their bounds. */
export function thresholdsOf(
  { cut, coordinates }: Pick<Analysis, "cut" | "coordinates">,
  cuts: Record<string, number>,
): Record<string, number> {
  const values = coordinates.values(cuts);
  return cut ? cut.clamp(values) : values;
}

/** Params whose thresholds are within their bounds; undefined where none has any. */
export function projection({ cut, coordinates }: Analysis): ((params: Params) => Params) | undefined {
  if (!cut?.thresholds.some(({ bounds }) => bounds)) return undefined;
  return (params) => {
    const free = coordinates.values(params.cuts);
    const held = cut.clamp(free);
    const moved = coordinates.params(held);
    // What is within its bounds keeps its bits.
    const cuts = Object.entries(params.cuts).map(([name, t]) => [
      name,
      held[name] === free[name] ? t : moved[name]!,
    ]);
    return { ...params, cuts: Object.fromEntries(cuts) };
  };
}

/**
 * The loss of the params over the events of signal and background; lower is better. For significances it is minus the
 * logarithm: see `objectiveValue`.
 *
 * An event counts p = soft cut × sigmoid(network), in the yields of a significance as in the cross-entropy and the
 * squared loss. The notebooks' softmax takes p as its score, and of a network alone the plain output.
 */
export function analysisLoss(analysis: Analysis) {
  const { cut, net, objective, coordinates, backgroundError = null, signed = false } = analysis;
  const { binned } = analysis;
  return (
    params: TracedParams,
    events: { signal: Events; background: Events } & Record<string, Events>,
    widths: TracedWidths,
  ): Tensor => {
    const thresholds = coordinates.traced(params.cuts);
    const output = (e: Events) => score(net!, params.net, e);
    const logCut = (e: Events) => cut!.logSoft(thresholds as never, e, widths);
    if (binned) {
      const fill = (e: Events) => {
        const x = binned.score ? output(e).sigmoid() : e[histogramColumn]!;
        const w = e[weightColumn];
        const pass = cut ? exp(logCut(e)) : undefined;
        const weights = pass && w ? pass.mul(w) : (pass ?? w ?? 1);
        return binsOf(binned).fill(x, { bandwidth: binned.bandwidth, weights });
      };
      const filled = Object.fromEntries(Object.entries(events).map(([name, e]) => [name, fill(e)]));
      return binnedLoss(binned, objective, filled);
    }
    const logPass = (e: Events) => {
      if (!cut) return logSigmoid(output(e));
      return net ? logCut(e).add(logSigmoid(output(e))) : logCut(e);
    };
    const { signal, background } = events;
    const ofEvents = objectives[objective].events;
    if (!ofEvents) {
      const yieldOf = (e: Events) => {
        const w = e[weightColumn];
        return signed && w ? heldLogYield(logPass(e), w) : logYield(logPass(e), w);
      };
      const { loss } = objectiveOf(objective, "yields");
      return loss(yieldOf(signal), yieldOf(background), backgroundError ?? {});
    }
    const weights = { signal: signal[weightColumn], background: background[weightColumn] };
    const scoreOf = (e: Events): Tensor => {
      if (ofEvents.score === "logit") return cut ? logitOf(logPass(e)) : output(e);
      if (!cut) return ofEvents.score === "output" ? output(e) : output(e).sigmoid();
      return net ? exp(logCut(e)).mul(output(e).sigmoid()) : exp(logCut(e));
    };
    return ofEvents.loss(scoreOf(signal), scoreOf(background), weights);
  };
}

/**
 * log(p / (1 - p)) from log p: exact where p is near 0, and near 1 as long as log p is not rounded to 0. Events that
 * fail a hard factor have p = 0; they get p = exp(-100), so that they cost a finite amount.
 */
function logitOf(logP: Tensor): Tensor {
  const held = where(logP.ge(-1e30), logP, -100);
  return held.sub(held.expm1().neg().maximum(1e-37).log());
}
