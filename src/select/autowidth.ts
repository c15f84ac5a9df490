import type { Columns } from "../core/events.js";
import { array, checkArguments } from "../core/graph/arguments.js";
import { quantile } from "../core/quantile.js";
import { comparedValues } from "./comparedvalues.js";
import type { Cut } from "./cut.js";
import { aCut } from "./iscut.js";
import { withoutSentinels } from "./sentinels.js";

/**
 * Widths for soft steps from the data: for every threshold `fraction` (default 0.1) of the interquartile range of what
 * it is compared with, in the sample where that is smallest, so that a narrow peak on a wide background keeps its shape.
 *
 * Narrow enough that soft and hard yields agree to some percent on smooth columns, wide enough that some percent of
 * the events feel the threshold. Whole numbers (counts, flags) get at least 0.5, so that the steps between them have
 * slopes. Without any spread the width is 1. Marks for missing numbers, such as many -999 far below all others, do not
 * count.
 */
export function autoWidth(cut: Cut, tables: readonly Columns[], fraction = 0.1): Record<string, number> {
  checkArguments("autoWidth", { cut: [cut, aCut], tables: [tables, array] });
  // Many thresholds may be compared with one column.
  const known = new Map<string, number>();
  return Object.fromEntries(
    cut.thresholds.map((threshold) => {
      const before = known.get(threshold.column);
      if (before !== undefined) return [threshold.name, before];
      const samples = tables.map((columns) => withoutSentinels(comparedValues(cut, threshold, [columns])));
      const ranges = samples.map((values) => quantile(values, 0.75) - quantile(values, 0.25));
      // Where most values are equal the quartiles say nothing, and the whole range must do.
      const whole = samples.map((values) => (values.at(-1) ?? 0) - (values[0] ?? 0));
      const spread = least(ranges) ?? least(whole);
      const width = spread === undefined ? 1 : fraction * spread;
      const integers = samples.every((values) => values.every(Number.isInteger));
      const found = integers && spread !== undefined ? Math.max(width, 0.5) : width;
      known.set(threshold.column, found);
      return [threshold.name, found];
    }),
  );
}

function least(spreads: readonly number[]): number | undefined {
  const some = spreads.filter((s) => s > 0);
  return some.length > 0 ? Math.min(...some) : undefined;
}
