/** The public surface, grouped. Entries add where the kernels come from. */

export { type CustomRule, customVjp } from "../core/derive/customvjp.js";
export { grad, hessian, jvp, valueAndGrad, vjp, vmap } from "../core/derive/transform.js";
export {
  abs,
  add,
  clip,
  div,
  eq,
  floor,
  ge,
  gt,
  le,
  lt,
  maximum,
  minimum,
  mul,
  neg,
  sign,
  sqrt,
  square,
  sub,
  where,
} from "../core/elementary/arith.js";
export {
  exp,
  expm1,
  log,
  log1p,
  logSigmoid,
  pow,
  relu,
  sigmoid,
  softplus,
  tanh,
} from "../core/elementary/exp.js";
export { count } from "../core/elementary/fold.js";
export { normInterval } from "../core/elementary/interval.js";
export { concat, stack } from "../core/elementary/join.js";
export { solve } from "../core/elementary/linalg.js";
export { stopGradient } from "../core/elementary/reshape.js";
export {
  digamma,
  erf,
  erfc,
  lgamma,
  normCdf,
  normHazard,
  normLogCdf,
  normPdf,
  polygamma,
} from "../core/elementary/special.js";
export { atan2, cos, cosh, hypot, sin, sinh } from "../core/elementary/trig.js";
export * from "../core/errors.js";
export {
  type AboutEvents,
  aboutEvents,
  type Column,
  type Columns,
  type Events,
  type Numbers,
} from "../core/events.js";
export { type Axis, type Dtype, type Scalar, Tensor } from "../core/graph/tensor.js";
export { type CompiledFunction, compile, init } from "../core/run/compile.js";
export { findNaN, type NaNOrigin } from "../core/run/nan.js";
export { type TableOptions, table } from "../core/run/table.js";
export { constantArray, type Data, type In, type Leaf, type Out, type Traced } from "../core/run/trace.js";
export { type Status, type StatusRecord, statuses, statusMessage, statusName } from "../core/status.js";
export { TreeError } from "../core/tree.js";
export type { AxisText, BinAxis, CategoryAxis, NumberAxis } from "../hist/binaxis.js";
/** Axes of histograms: `axis.regular`, `axis.variable`, … */
export * as axis from "../hist/binaxis.js";
export type { Bandwidth, Flow } from "../hist/bounds.js";
export { type EdgeOptions, freeEdges, orderedEdges } from "../hist/edges.js";
export type { HardColumn, HardCounts } from "../hist/hardcounts.js";
export { type HistOptions, hist } from "../hist/hist.js";
export {
  type Filled,
  type FillOptions,
  Histogram,
  type HistogramOptions,
  histogram,
} from "../hist/histogram.js";
export {
  PatchError,
  type SpecCode,
  SpecError,
  type SpecProblem,
  WorkspaceError,
} from "../histfactory/document/specerror.js";
export { readWorkspace, Workspace } from "../histfactory/document/workspace.js";
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
export type {
  BaseDistribution,
  FittedPars,
  TestStat,
} from "../infer/stats/asymptotics.js";
export { type Empirical, empirical } from "../infer/stats/empirical.js";
/** Parts of networks under one name: `nn.dense`, `nn.sequential`, … */
export * as nn from "../nn/index.js";
export { type Initializer, initializers, truncatedNormalInit, varianceScaling } from "../nn/initializers.js";
export { type LayerParams, type Mlp, type MlpOptions, mlp } from "../nn/mlp.js";
export { asimovLoss, asimovUncertainLoss } from "../objectives/asimov.js";
export { type BceOptions, bceLoss } from "../objectives/bce.js";
export { heldLogYield, logYield } from "../objectives/logyield.js";
export type { BackgroundUncertainty } from "../objectives/objective.js";
export {
  type CheckedWeights,
  checkWeights,
  trainingWeights,
  type WeightOptions,
  type WeightSummary,
  weightSummary,
} from "../objectives/sampleweights.js";
export type { SampleWeights } from "../objectives/scores.js";
export { softmaxLoss } from "../objectives/softmax.js";
export { sOverSqrtBLoss } from "../objectives/soversqrtb.js";
export { sOverSqrtSBLoss } from "../objectives/soversqrtsb.js";
export { squaredLoss } from "../objectives/squared.js";
export { type Activation, affine, contract, linear } from "../ops/affine.js";
export { logCutProduct } from "../ops/cutproduct.js";
export { type Root, root } from "../ops/findroot.js";
export { segmentSum, take } from "../ops/gather.js";
export { type AdditiveCode, interpFactor, interpWeights, type MultiplicativeCode } from "../ops/interp.js";
export { type KdeOptions, kde } from "../ops/kde.js";
export { kdeSquares } from "../ops/kdesquares.js";
export {
  type MinimizeOptions,
  type Minimum,
  type MinimumPath,
  minimize,
} from "../ops/minimize.js";
export { type Segments, segmentOuter } from "../ops/outer.js";
export { normalKernel, poissonKernel } from "../ops/prob.js";
export { gather, gatherProduct, scatter } from "../ops/rows.js";
export { rowIndex, uniformLike } from "../ops/uniform.js";
export {
  type AdamOptions,
  adam,
  adamw,
  type DecayOptions,
  nadam,
  nadamw,
  type RadamOptions,
  radam,
  scaleByAdam,
  scaleByRadam,
} from "../optim/adam.js";
export { clip as clipGradients, clipByGlobalNorm, globalNorm, zeroNans } from "../optim/clip.js";
export { addDecayedWeights } from "../optim/decay.js";
export type { Labels, LabelTree, Mask } from "../optim/labels.js";
export { type LbfgsOptions, lbfgs } from "../optim/lbfgs.js";
export { type LionOptions, lion, scaleByLion, scaleBySign } from "../optim/lion.js";
export type { Minimizer, Optimizer } from "../optim/minimizer.js";
export { masked, multiTransform } from "../optim/partition.js";
export {
  type AdagradOptions,
  adagrad,
  type RmspropOptions,
  type RmsScaleOptions,
  rmsprop,
  scaleByRms,
  scaleByRss,
  scaleByStddev,
} from "../optim/rms.js";
export {
  constantSchedule,
  cosineDecaySchedule,
  exponentialDecay,
  joinSchedules,
  linearSchedule,
  piecewiseConstantSchedule,
  polynomialSchedule,
  type Schedule,
  warmupCosineDecaySchedule,
} from "../optim/schedule.js";
export { type SgdOptions, sgd, traceMomentum } from "../optim/sgd.js";
export { type Split, splitTables } from "../optim/train/batches.js";
export { type Checkpoint, type CheckpointOptions, readCheckpoint } from "../optim/train/checkpoint.js";
export { deserialize, deserializeBytes, serialize, serializeBytes } from "../optim/train/serialize.js";
export type { Parts } from "../optim/train/session.js";
export {
  type HeldOut,
  type Trained,
  type TrainOptions,
  type TrainStatus,
  type TrainStep,
  train,
} from "../optim/train/train.js";
export { type Best, type Evaluated, standardError } from "../optim/train/validation.js";
export {
  applyUpdates,
  chain,
  type GradientTransformation,
  scale,
  scaleByLearningRate,
  scaleBySchedule,
} from "../optim/transformation.js";
export { type AccumulateOptions, accumulate, applyIfFinite, ema } from "../optim/wrap.js";
export { type Significances, significance } from "../physics/significance.js";
export { foldIn, type Key, key, normal, split, uniform } from "../random/keys.js";
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
export { type ExprColumns, traceExpr } from "../select/traceexpr.js";
export type { Width } from "../select/widths.js";
export * from "../text/gradcuterror.js";
