import { significant, typeset } from "../../text/numbertext.js";
import type { HistogramResult } from "../rundata.js";
import { checkHistogram } from "../runschema.js";
import { type Figure, type FigureOptions, type Given, type Labels, svgOf } from "./figure.js";
import { yieldsFigure } from "./yields.js";

/** What is drawn, and what stands below it. */
export type TrainedHistogram = Pick<
  HistogramResult,
  "name" | "edges" | "signal" | "background" | "objective"
>;

/** The histogram that was trained for: signal on background, hard, with their statistical error. */
export function histogramFigure(histogram: Omit<TrainedHistogram, "objective">, labels: Labels = {}): string {
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

const number = (x: number) => typeset(significant(x, 4));

export const trainedHistogramFigure = {
  title: "Histogram",
  words: "the hard histogram that was trained for",
  check: checkHistogram,
  draw: histogramFigure,
  caption: ({ objective }) => [
    "Hard histogram; hatched: its statistical error.",
    `${objective.name}: ${number(objective.soft)} soft, ${number(objective.hard)} hard.`,
    "workspace.json has its model.",
  ],
  training: {
    section: "histogram",
    pictures: ({ histogram }) => {
      if (!histogram) return [];
      const { name, edges, signal, background, objective } = histogram;
      return [{ data: { name, edges, signal, background, objective } }];
    },
  },
} satisfies Figure<TrainedHistogram>;

/**
 * Signal on background in the bins of a hard histogram, with their statistical error.
 *
 * @returns SVG text
 * @throws FigureError where a part of `data` is missing or not what it must be, OptionError
 */
export function histogram(data: Given<TrainedHistogram>, options?: FigureOptions): string {
  return svgOf<TrainedHistogram>("histogram", trainedHistogramFigure, data, options);
}
