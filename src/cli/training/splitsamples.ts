/** Events that train, and events that are held out. */

import { table } from "../../index.js";
import { splitTables } from "../../optim/train/batches.js";
import { taken } from "../tables/evaluate.js";
import type { Sample } from "../tables/samples.js";

export type Pair = readonly [Sample, Sample];

/** Samples whose events all have a weight. */
export const withWeights = <S extends readonly Sample[]>(samples: S): S =>
  samples.map(weighted) as readonly Sample[] as S;

/**
 * Both parts of the samples as `train` splits their tables. Weights are multiplied by all events over those of the part,
 * so that yields estimate those of all.
 */
export function splitSamples<S extends readonly Sample[]>(
  samples: S,
  fraction: number,
  seed: number,
): { training: S; heldOut: S } {
  // Rows are chosen by their number alone.
  const counts = Object.fromEntries(samples.map(({ name, rows }) => [name, table({}, { rows })]));
  const { rows } = splitTables(counts, fraction, { seed });
  const part = (which: "training" | "validation") =>
    samples.map((sample) => only(weighted(sample), rows[which][sample.name]!)) as readonly Sample[] as S;
  return { training: part("training"), heldOut: part("validation") };
}

const weighted = (sample: Sample): Sample => ({
  ...sample,
  weight: sample.weight ?? new Float64Array(sample.rows).fill(1),
});

function only(sample: Sample, rows: Uint32Array): Sample {
  const scale = sample.rows / rows.length;
  return {
    ...sample,
    rows: rows.length,
    values: Object.fromEntries(
      Object.entries(sample.values).map(([name, values]) => [name, taken(values, rows)]),
    ),
    weight: Float64Array.from(rows, (row) => sample.weight![row]! * scale),
  };
}
