import { recordNames } from "../../text/recordnames.js";
import { brazilBandFigure } from "./brazil.js";
import { allEventsFigure } from "./column.js";
import { likelihoodContourFigure } from "./contour.js";
import { correlationMatrixFigure } from "./correlation.js";
import { signalExclusionFigure } from "./exclusion.js";
import { type Figure, type Labels, requireData } from "./figure.js";
import { testStatisticFigure } from "./goodness.js";
import { trainedHistogramFigure } from "./histogram.js";
import { lossFigure } from "./loss.js";
import { eventPlaneFigure } from "./plane.js";
import { profileLikelihoodFigure } from "./profile.js";
import { pullListFigure } from "./pulls.js";
import { impactRankingFigure } from "./ranking.js";
import { networkRocFigure } from "./roc.js";
import { networkScoreFigure } from "./score.js";
import { selectedEventsFigure } from "./selected.js";
import { thresholdFigure } from "./threshold.js";
import { channelYieldsFigure } from "./yields.js";

/** Every figure by name, those of trainings in the order of a report. */
const records = {
  loss: lossFigure,
  histogram: trainedHistogramFigure,
  threshold: thresholdFigure,
  plane: eventPlaneFigure,
  column: allEventsFigure,
  selected: selectedEventsFigure,
  score: networkScoreFigure,
  roc: networkRocFigure,
  brazil: brazilBandFigure,
  profile: profileLikelihoodFigure,
  contour: likelihoodContourFigure,
  pulls: pullListFigure,
  correlation: correlationMatrixFigure,
  ranking: impactRankingFigure,
  goodness: testStatisticFigure,
  yields: channelYieldsFigure,
  exclusion: signalExclusionFigure,
} satisfies Record<string, Figure<unknown>>;

export type FigureName = keyof typeof records;
export type FigureRecords = typeof records;
export const figures: Readonly<Record<FigureName, Figure<unknown>>> = records;
export const figureNames = /*#__PURE__*/ recordNames(records);

/** A figure with its data; `name` is a part of the name of its file, by default that of the figure. */
export type Shown = {
  [K in FigureName]: {
    readonly figure: K;
    readonly name?: string;
    readonly data: Parameters<FigureRecords[K]["draw"]>[0];
    readonly labels?: Labels;
  };
}[FigureName];

/** The figure as SVG text with its caption. Throws a FigureError where its data cannot be drawn. */
export function drawn({ figure, name = figure, data, labels }: Shown): {
  name: string;
  svg: string;
  caption: string;
} {
  const { check, draw, caption } = figures[figure];
  requireData(figure, check, data);
  return { name, svg: draw(data, labels), caption: caption(data).join(" ") };
}
