// Events that train, and events that are held out.

import { splitTables } from "../optim/batches.js";
import type { Sample } from "./samples.js";

export type Pair = readonly [Sample, Sample];

/** Samples whose events all have a weight. */
export const withWeights = (samples: Pair): Pair => both(samples, weighted);

/**
 * Both parts of the samples as `train` splits their tables. Weights are multiplied by all events over those of the part,
 * so that yields estimate those of all.
 */
export function splitSamples(
  samples: Pair,
  data: object,
  fraction: number,
  seed: number,
): { training: Pair; heldOut: Pair } {
  const { rows } = splitTables(data, fraction, { seed });
  const part = (which: "training" | "validation") =>
    both(samples, (sample) => only(weighted(sample), rows[which][sample.name]!));
  return { training: part("training"), heldOut: part("validation") };
}

const both = ([signal, background]: Pair, change: (sample: Sample) => Sample): Pair => [
  change(signal),
  change(background),
];

const weighted = (sample: Sample): Sample => ({
  ...sample,
  weight: sample.weight ?? new Float64Array(sample.rows).fill(1),
});

function only(sample: Sample, rows: Uint32Array): Sample {
  const take = (values: Float64Array) => Float64Array.from(rows, (row) => values[row]!);
  const scale = sample.rows / rows.length;
  return {
    ...sample,
    rows: rows.length,
    values: Object.fromEntries(Object.entries(sample.values).map(([name, values]) => [name, take(values)])),
    weight: take(sample.weight!).map((w) => w * scale),
  };
}
