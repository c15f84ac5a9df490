/**
 * A histogram of the score or of a column as what is trained for: its HistFactory model, soft in training and hard at the end.
 */

import { variable } from "../../hist/binaxis.js";
import { Histogram } from "../../hist/histogram.js";
import type { WorkspaceSpec } from "../../histfactory/document/specs.js";
import { histfactory } from "../../histfactory/histfactory.js";
import type { Model } from "../../histfactory/model/model.js";
import type { ModifierSpec } from "../../histfactory/modifiers/index.js";
import type { Tensor } from "../../index.js";
import { type ObjectiveName, objectiveOf } from "../../objectives/index.js";

export type SampleName = "signal" | "background";

/** A normalisation uncertainty: one standard deviation as a part of the yield. */
export interface Norm {
  name: string;
  samples: readonly SampleName[];
  size: number;
}

/** A shape uncertainty from tables; without `down` its shift is minus that of `up`. */
export interface Shape {
  name: string;
  sample: SampleName;
  up: boolean;
  down: boolean;
}

export interface Binned {
  /** What is histogrammed as text: "score", or a column or expression. */
  what: string;
  /** Of the score of the network, in 0 to 1; else of the values kept under `what`. */
  score: boolean;
  edges: readonly number[];
  /** Width of the Gaussian that each event is spread with in training. */
  bandwidth: number;
  norms: readonly Norm[];
  shapes: readonly Shape[];
  /** Whether the finite number of events is an uncertainty of the model. */
  stat: boolean;
}

/** A filled histogram: sums of weights and of their squares. */
export interface Filled<V> {
  values: V;
  variances: V;
}

/** The tables of a shape uncertainty: names of the samples that are read. */
export const upTable = ({ name, sample }: Pick<Shape, "name" | "sample">): string => `${sample}_${name}_up`;
export const downTable = ({ name, sample }: Pick<Shape, "name" | "sample">): string =>
  `${sample}_${name}_down`;

/** Bins of the histogram; what is beyond the outer edges counts in the first and the last one. */
export const binsOf = ({ edges }: Binned): Histogram => new Histogram([variable(edges)], { flow: "reflect" });

/** Channels of the model: `minus` and `root` work on what the bins are, numbers or a Tensor. */
function channels<V>(
  binned: Binned,
  filled: Readonly<Record<string, Filled<V>>>,
  { mirrored, root }: { mirrored(nominal: V, up: V): V; root(variances: V): V },
) {
  const { what, norms, shapes, stat } = binned;
  const sample = (name: SampleName) => {
    const nominal = filled[name]!;
    const modifiers: ModifierSpec<number, V>[] = [];
    if (name === "signal") modifiers.push({ name: "mu", type: "normfactor", data: null });
    for (const norm of norms)
      if (norm.samples.includes(name))
        modifiers.push({ name: norm.name, type: "normsys", data: { lo: 1 - norm.size, hi: 1 + norm.size } });
    for (const shape of shapes) {
      if (shape.sample !== name) continue;
      const [up, down] = [filled[upTable(shape)], filled[downTable(shape)]];
      const hi = up?.values ?? mirrored(nominal.values, down!.values);
      const lo = down?.values ?? mirrored(nominal.values, up!.values);
      modifiers.push({ name: shape.name, type: "histosys", data: { lo_data: lo, hi_data: hi } });
    }
    if (stat) modifiers.push({ name: `stat_${what}`, type: "staterror", data: root(nominal.variances) });
    return { name, data: nominal.values, modifiers };
  };
  return [{ name: what, samples: [sample("signal"), sample("background")] }];
}

/** So small a part of the background is in every bin, so that none is empty while it trains. */
const least = 1e-5;

/** The model of soft histograms, inside a traced function. */
function tracedModel(binned: Binned, filled: Readonly<Record<string, Filled<Tensor>>>): Model {
  const floor = filled.background!.values.sum().mul(least);
  const held = Object.fromEntries(
    Object.entries(filled).map(([name, { values, variances }]) => [
      name,
      {
        values: values.maximum(0).add(floor),
        // What stands for nothing is as uncertain as it is large.
        variances: variances.add(floor.square()),
      },
    ]),
  );
  const spec = channels<Tensor>(binned, held, {
    mirrored: (nominal, other) => nominal.mul(2).sub(other).maximum(floor),
    root: (variances) => variances.sqrt(),
  });
  return histfactory({ channels: spec }, { validate: false });
}

/** The loss of soft histograms for an objective of bins, least where it is best. */
export function binnedLoss(
  binned: Binned,
  objective: ObjectiveName,
  filled: Readonly<Record<string, Filled<Tensor>>>,
): Tensor {
  const { signal, background } = filled as Record<SampleName, Filled<Tensor>>;
  const floor = background.values.sum().mul(least);
  const held = ({ values }: Filled<Tensor>) => values.maximum(0).add(floor);
  const variance = () =>
    binVariance(binned, filled, {
      of: ({ variances }) => variances.add(floor.square()),
      shift: (x, y) => x.sub(y).square(),
      scaled: (x, factor) => x.mul(factor).square(),
      sum: (x, y) => x.add(y),
    })?.add(floor.square()) ?? null;
  const model = () => tracedModel(binned, filled);
  return objectiveOf(objective, "bins").loss({
    signal: held(signal),
    background: held(background),
    variance,
    model,
  });
}

/** The variance of the background in each bin: of its events, its normalisations and its shapes; null if none. */
export function binVariance<V>(
  { norms, shapes, stat }: Binned,
  filled: Readonly<Record<string, Filled<V>>>,
  how: { of(f: Filled<V>): V; shift(x: V, y: V): V; scaled(x: V, factor: number): V; sum(x: V, y: V): V },
): V | null {
  const background = filled.background!;
  const parts: V[] = stat ? [how.of(background)] : [];
  for (const norm of norms)
    if (norm.samples.includes("background")) parts.push(how.scaled(background.values, norm.size));
  for (const shape of shapes) {
    if (shape.sample !== "background") continue;
    const other = filled[upTable(shape)] ?? filled[downTable(shape)]!;
    parts.push(how.shift(other.values, background.values));
  }
  return parts.length === 0 ? null : parts.reduce(how.sum);
}

/** The workspace of hard histograms. Its data are what is expected without signal. */
export function binnedWorkspace(
  binned: Binned,
  filled: Readonly<Record<string, Filled<Float64Array>>>,
): WorkspaceSpec {
  const plain = Object.fromEntries(
    Object.entries(filled).map(([name, { values, variances }]) => [
      name,
      { values: Array.from(values, (v) => Math.max(0, v)), variances: Array.from(variances) },
    ]),
  );
  return {
    channels: channels<readonly number[]>(binned, plain, {
      mirrored: (nominal, other) => nominal.map((v, i) => Math.max(0, 2 * v - other[i]!)),
      root: (variances) => variances.map(Math.sqrt),
    }),
    observations: [{ name: binned.what, data: plain.background!.values }],
    measurements: [{ name: "main", config: { poi: "mu", parameters: [] } }],
    version: "1.0.0",
  };
}
