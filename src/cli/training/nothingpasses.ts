/** Why a training has no start: a cut that no event of a sample can pass, softly either. */

import { DataError } from "../../events/dataerror.js";
import { compile, type Tensor } from "../../index.js";
import type { Cut } from "../../select/cut.js";
import type { Table } from "../../select/objects.js";
import { usedColumns } from "../../select/usedcolumns.js";
import type { Sample } from "../tables/samples.js";

type Named<V> = Record<string, V>;

/** The error of the first sample of which no event can pass a cut with these thresholds and widths; null where some can. */
export function nothingPasses(
  cut: Cut,
  thresholds: Named<number>,
  widths: Named<number>,
  samples: readonly Sample[],
): DataError | null {
  const best = compile((at: Named<Tensor>, events: Table, width: Named<Tensor>) =>
    cut.logSoft(at, events as never, width).max("events"),
  );
  for (const { name, rows, values } of samples) {
    const events = usedColumns(values, cut.columns, { dtype: "f64", rows });
    if (best(thresholds, events, widths) !== Number.NEGATIVE_INFINITY) continue;
    const sentence = `No ${name} event can pass --cut ${JSON.stringify(cut.text)}: each of the ${rows} fails something that no width softens, as a number of rows that it has not. Loosen that, or take another sample.`;
    return new DataError("data.empty", sentence);
  }
  return null;
}
