// The histogram that was trained for: signal on background, hard.

import type { StatLabels } from "./brazil.js";
import type { HistogramResult } from "./data.js";
import { yieldsFigure } from "./yields.js";

/** Stacked samples with their statistical error. */
export function histogramFigure(
  histogram: Pick<HistogramResult, "name" | "edges" | "signal" | "background">,
  labels: StatLabels = {},
): string {
  const { name, edges, signal, background } = histogram;
  return yieldsFigure(
    {
      channel: name,
      samples: [
        { name: "background", values: background.sum, hue: 0 },
        { name: "signal", values: signal.sum, hue: 2 },
      ],
      uncertainty: signal.error.map((error, i) => Math.hypot(error, background.error[i]!)),
      data: null,
      edges,
      title: name,
    },
    { text: "hard histogram", ...labels },
  );
}
