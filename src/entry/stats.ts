/**
 * Models and workspaces of HistFactory, patch sets, and inference with them.
 *
 * @module gradcut/stats
 */

export { InputError, ShapeError, TraceError } from "../core/errors.js";
export { type Status, statuses, statusMessage, statusName } from "../core/status.js";
export { type ModelRules, modelProblems } from "../histfactory/document/modelrules.js";
export {
  type Patch,
  PatchSet,
  type PatchSetDocument,
  patchWorkspace,
  readPatch,
  readPatchSet,
} from "../histfactory/document/patchset.js";
export {
  type SchemaName,
  schemaProblems,
  type ValidateOptions,
  validate,
} from "../histfactory/document/schemas.js";
export {
  PatchError,
  type SpecCode,
  SpecError,
  type SpecProblem,
  WorkspaceError,
} from "../histfactory/document/specerror.js";
export type {
  ChannelSpec,
  MeasurementSpec,
  ModelSpec,
  ObservationSpec,
  ParameterSpec,
  PatchOperation,
  PatchSetSpec,
  PatchSpec,
  SampleSpec,
  WorkspaceSpec,
} from "../histfactory/document/specs.js";
export {
  type DataOptions,
  type ModelInput,
  type ModelOptions,
  type ReadOptions,
  readWorkspace,
  Workspace,
  type WorkspaceDocument,
} from "../histfactory/document/workspace.js";
export {
  correlatedBackground,
  type HistfactoryOptions,
  histfactory,
  uncorrelatedBackground,
} from "../histfactory/histfactory.js";
export type { Config, ParameterSet } from "../histfactory/model/config.js";
export {
  type CustomModifier,
  type CustomPlace,
  customModifier,
} from "../histfactory/model/custommodifier.js";
export type { Model, ModelSettings } from "../histfactory/model/model.js";
export { type ChannelStack, channelStacks } from "../histfactory/model/stacks.js";
export {
  histosys,
  lumi,
  normfactor,
  normsys,
  shapefactor,
  shapesys,
  staterror,
} from "../histfactory/modifiers/index.js";
export { type Symmetric, smooth, symmetrize } from "../histfactory/templates.js";
export {
  AsymptoticCalculator,
  asymptoticDistribution,
  type Distribution,
  ToyCalculator,
} from "../infer/answers/calculators.js";
export { type Contour, type ContourOptions, contour } from "../infer/answers/contour.js";
export { type Discovery, discovery, type TracedDiscovery } from "../infer/answers/discovery.js";
export {
  type ExpectedOptions,
  type ExpectedTest,
  expectedCls,
  expectedHypotest,
  expectedSignificance,
} from "../infer/answers/expectedtest.js";
export { type Goodness, goodnessOfFit, type TracedGoodness } from "../infer/answers/goodness.js";
export {
  type Hypotest,
  type HypotestOptions,
  hypotest,
  type TracedHypotest,
} from "../infer/answers/hypotest.js";
export { type LimitScan, limitScan } from "../infer/answers/limitscan.js";
export { type Minos, type MinosInterval, type MinosOptions, minos } from "../infer/answers/minos.js";
export {
  type FittedYields,
  fittedYields,
  type Prediction,
  prediction,
  type TracedPrediction,
} from "../infer/answers/prediction.js";
export {
  type GridOptions,
  type ProfileScan,
  type ProfileScanOptions,
  profileGrid,
  profileScan,
} from "../infer/answers/profilescan.js";
export { type Pull, type Pulls, pulls } from "../infer/answers/pulls.js";
export { type Impact, type Ranking, ranking } from "../infer/answers/ranking.js";
export {
  q0,
  qmu,
  qmuTilde,
  type Statistic,
  type TracedStatistic,
  tmu,
  tmuTilde,
} from "../infer/answers/teststatistics.js";
export type { ToyOptions, ToyTest } from "../infer/answers/toyhypotest.js";
export {
  fisherInformation,
  type TracedUncertainties,
  type Uncertainties,
  uncertainties,
} from "../infer/answers/uncertainties.js";
export { type Limit, type TracedLimit, upperLimit } from "../infer/answers/upperlimit.js";
export { type Fit, fit, fixedPoiFit, type TracedFit } from "../infer/fit.js";
export type { Impossible } from "../infer/impossible.js";
export { InferenceError } from "../infer/inferenceerror.js";
export type { ChannelLikelihood, ConstrainedLikelihood, Likelihood } from "../infer/likelihood.js";
export type { LimitOptions } from "../infer/search/curves.js";
export type { FitOptions, TracedFitOptions } from "../infer/setup.js";
export type { BaseDistribution, FittedPars, TestStat } from "../infer/stats/asymptotics.js";
export { type Empirical, empirical } from "../infer/stats/empirical.js";
export type { AdditiveCode, MultiplicativeCode } from "../ops/interp.js";
export { type Significances, significance } from "../physics/significance.js";
export { GivenError, GradcutError, InternalError, OptionError } from "../text/gradcuterror.js";
