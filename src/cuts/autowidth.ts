import type { Columns, Cut } from "./cut.js";
import { comparedValues, quantile } from "./values.js";

/**
 * Widths for soft steps from the data: for every threshold `fraction` (default 0.1) of the interquartile range of what
 * it is compared with, all tables taken together.
 *
 * Narrow enough that soft and hard yields agree to some percent on smooth columns, wide enough that some percent of
 * the events feel the threshold. Whole numbers (counts, flags) get at least 0.5, so that the steps between them have
 * slopes. Without any spread the width is 1.
 */
export function autoWidth(cut: Cut, tables: readonly Columns[], fraction = 0.1): Record<string, number> {
  return Object.fromEntries(
    cut.thresholds.map((threshold) => {
      const values = comparedValues(cut, threshold, tables);
      const range = quantile(values, 0.75) - quantile(values, 0.25);
      const spread = range > 0 ? range : (values.at(-1) ?? 0) - (values[0] ?? 0);
      const width = spread > 0 ? fraction * spread : 1;
      return [threshold.name, values.every(Number.isInteger) ? Math.max(width, 0.5) : width];
    }),
  );
}
