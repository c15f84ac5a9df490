/** Events that train, and events that are held out. */

import { table } from "../../index.js";
import { type Split, splitTables } from "../../optim/train/batches.js";
import { takenOf } from "../tables/evaluate.js";
import type { Sample } from "../tables/samples.js";

export type Pair = readonly [Sample, Sample];

/** Samples whose events all have a weight. */
export const withWeights = (samples: readonly Sample[]): readonly Sample[] => samples.map(weighted);

/** The rows of the samples that train, and those that are held out, by name of the sample. */
export type SplitRows = Split<unknown>["rows"];

/** The rows of both parts, as `train` splits tables. */
export function splitRows(samples: readonly Sample[], fraction: number, seed: number): SplitRows {
  // Rows are chosen by their number alone.
  const counts = Object.fromEntries(samples.map(({ name, rows }) => [name, table({}, { rows })]));
  return splitTables(counts, fraction, { seed }).rows;
}

/** One part of the samples. Weights are multiplied by all events over those of the part, so that yields estimate those of all. */
export const partOf = (samples: readonly Sample[], rows: SplitRows[keyof SplitRows]): readonly Sample[] =>
  samples.map((sample) => only(weighted(sample), rows[sample.name]!));

const weighted = (sample: Sample): Sample => ({
  ...sample,
  weight: sample.weight ?? new Float64Array(sample.rows).fill(1),
});

function only(sample: Sample, rows: Uint32Array): Sample {
  const scale = sample.rows / rows.length;
  return {
    ...sample,
    rows: rows.length,
    values: takenOf(sample.values, rows),
    weight: Float64Array.from(rows, (row) => sample.weight![row]! * scale),
  };
}
