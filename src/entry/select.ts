/**
 * Selection cuts: soft and hard answers of one text, and what helps to train them.
 *
 * @module gradcut/select
 */

export { InputError } from "../core/errors.js";
export type { Columns } from "../core/events.js";
export { type AnnealOptions, annealedWidths } from "../select/anneal.js";
export { autoWidth } from "../select/autowidth.js";
export { type Cut, type CutOptions, cut } from "../select/cut.js";
export type { CutParams } from "../select/cutparams.js";
export { type CutYields, cutYields, type Yield, type YieldOptions } from "../select/cutyields.js";
export { type DiagnoseOptions, diagnose, type Stuck, type StuckKind } from "../select/diagnose.js";
export { CutError } from "../select/grammar/cuterror.js";
export { parseCut, parseExpr } from "../select/grammar/parse.js";
export { printExpr } from "../select/grammar/printexpr.js";
export {
  type ScanSample,
  scanThresholds,
  type ThresholdScan,
  type ThresholdScanOptions,
} from "../select/scanthresholds.js";
export type { Soft } from "../select/steps.js";
export type { CutThreshold } from "../select/thresholds.js";
export type { Width } from "../select/widths.js";
export { GivenError, GradcutError, InternalError, OptionError } from "../text/gradcuterror.js";
