/**
 * Figures from plain numbers as SVG text, in Node, in a browser and its workers.
 *
 * @module gradcut/plot
 */

export { GivenError, GradcutError, OptionError } from "../text/gradcuterror.js";
export { type Brazil, brazil, type ScannedCls } from "./figures/brazil.js";
export { type ColumnOfAll, column } from "./figures/column.js";
export { type Contours, contour } from "./figures/contour.js";
export { type Correlations, correlation } from "./figures/correlation.js";
export { type Exclusion, exclusion, type SignalPoint } from "./figures/exclusion.js";
export type { FigureOptions, Given, Labels, Size } from "./figures/figure.js";
export { type FittedGoodness, type Goodness, goodness } from "./figures/goodness.js";
export { histogram, type TrainedHistogram } from "./figures/histogram.js";
export { type Loss, loss } from "./figures/loss.js";
export { type Plane, type PlanePlot, plane } from "./figures/plane.js";
export { type Profile, profile, type ScannedParameter } from "./figures/profile.js";
export { type FittedPull, type FittedPulls, type Pull, type Pulls, pulls } from "./figures/pulls.js";
export {
  type FittedImpact,
  type FittedRanking,
  type Impact,
  type Ranking,
  ranking,
} from "./figures/ranking.js";
export { type Roc, type RocCurve, roc, type Selection } from "./figures/roc.js";
export { type ScorePlot, type Scores, score } from "./figures/score.js";
export { type ColumnOfSelected, selected } from "./figures/selected.js";
export { type ThresholdSteps, threshold } from "./figures/threshold.js";
export { type ChannelYields, type Stacked, yields } from "./figures/yields.js";
export type { Histogram, SelectedPlot } from "./kit/binning.js";
export { FigureError } from "./kit/figureerror.js";
export type { PlaneFrame } from "./kit/planeframe.js";
export type { Range } from "./kit/ranges.js";
export type { ScannedProfile } from "./kit/scannedprofile.js";
export type { Theme } from "./kit/theme.js";
export { type AnswerPage, answerPage, type Drawn, type TextTable } from "./pages/answerpage.js";
export type { BinCounts, CutChange, History, StepCurve } from "./rundata.js";
export { type Shown, show } from "./show.js";
