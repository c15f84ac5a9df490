// The public surface, grouped. Entries add where the kernels come from.

import "./methods.js";

export { type CompiledFunction, compile, init } from "./core/compile.js";
export { type CustomRule, customVjp } from "./core/custom.js";
export * from "./core/errors.js";
export { findNaN, type NaNOrigin } from "./core/nan.js";
export { type Column, type Table, type TableOptions, table } from "./core/table.js";
export { type Axis, type Dtype, type Scalar, Tensor } from "./core/tensor.js";
export { constantArray, type Data, type In, type Leaf, type Out, type Traced } from "./core/trace.js";
export { grad, hessian, jvp, valueAndGrad, vjp, vmap } from "./core/transform.js";
export { TreeError } from "./core/tree.js";
export { type AnnealOptions, annealedWidths } from "./cuts/anneal.js";
export { autoWidth } from "./cuts/autowidth.js";
export { type Columns, type Cut, type CutOptions, cut } from "./cuts/cut.js";
export type { CutParams } from "./cuts/names.js";
export { type Scan, type ScanOptions, type ScanSample, scan } from "./cuts/scan.js";
export type { Soft } from "./cuts/shape.js";
export { type DiagnoseOptions, diagnose, type Stuck, type StuckKind } from "./cuts/stuck.js";
export type { CutThreshold } from "./cuts/thresholds.js";
export type { Width } from "./cuts/widths.js";
export { type Yield, type YieldOptions, type Yields, yields } from "./cuts/yields.js";
export { CutError } from "./expr/errors.js";
export { parse, parseExpr } from "./expr/parse.js";
export { print } from "./expr/print.js";
export { type Environment, lower } from "./expr/trace.js";
export type { AxisText, BinAxis, CategoryAxis, NumberAxis } from "./hist/axis.js";
/** Axes of histograms: `axis.regular`, `axis.variable`, … */
export * as axis from "./hist/axis.js";
export type { Bandwidth, Flow } from "./hist/bounds.js";
export type { HardColumn, HardCounts } from "./hist/count.js";
export { type EdgeOptions, freeEdges, orderedEdges } from "./hist/edges.js";
export { type HistOptions, hist } from "./hist/hist.js";
export {
  type Filled,
  type FillOptions,
  Histogram,
  type HistogramOptions,
  histogram,
} from "./hist/histogram.js";
export type { Config, ParameterSet } from "./histfactory/config.js";
export { type CustomModifier, type CustomPlace, custom } from "./histfactory/custom.js";
export {
  correlatedBackground,
  type HistfactoryOptions,
  histfactory,
  uncorrelatedBackground,
} from "./histfactory/histfactory.js";
export type { Model, ModelSettings } from "./histfactory/model.js";
export {
  histosys,
  lumi,
  normfactor,
  normsys,
  shapefactor,
  shapesys,
  staterror,
} from "./histfactory/modifiers/index.js";
export { type Symmetric, smooth, symmetrize } from "./histfactory/templates.js";
export { readWorkspace, Workspace } from "./histfactory/workspace.js";
export type {
  BaseDistribution,
  FittedPars,
  TestStat,
} from "./infer/asymptotics.js";
export {
  AsymptoticCalculator,
  asymptoticDistribution,
  type Distribution,
  ToyCalculator,
} from "./infer/calculators.js";
export { type Contour, type ContourOptions, contour } from "./infer/contour.js";
export type { LimitOptions } from "./infer/curves.js";
export { type Empirical, empirical } from "./infer/empirical.js";
export { InferenceError } from "./infer/errors.js";
export {
  type ExpectedOptions,
  type ExpectedTest,
  expectedCls,
  expectedHypotest,
  expectedSignificance,
} from "./infer/expected.js";
export { type Fit, fit, fixedPoiFit, type TracedFit } from "./infer/fit.js";
export { type Goodness, goodnessOfFit, type TracedGoodness } from "./infer/gof.js";
export { type Hypotest, type HypotestOptions, hypotest, type TracedHypotest } from "./infer/hypotest.js";
export { type Impact, type Ranking, ranking } from "./infer/impacts.js";
export type { Impossible } from "./infer/impossible.js";
export type { ChannelLikelihood, ConstrainedLikelihood, Likelihood } from "./infer/likelihood.js";
export { type Limit, type TracedLimit, upperLimit } from "./infer/limits.js";
export { type LimitScan, limitScan } from "./infer/limitscan.js";
export { type Minos, type MinosInterval, type MinosOptions, minos } from "./infer/minos.js";
export { type Pull, type Pulls, pulls } from "./infer/pulls.js";
export {
  type GridOptions,
  type ProfileScan,
  profileGrid,
  profileScan,
  type ScanOptions as ProfileScanOptions,
} from "./infer/scan.js";
export type { FitOptions, TracedFitOptions } from "./infer/setup.js";
export { type Discovery, discovery, type TracedDiscovery } from "./infer/significance.js";
export { fitMessage } from "./infer/status.js";
export {
  q0,
  qmu,
  qmuTilde,
  type Statistic,
  type TracedStatistic,
  tmu,
  tmuTilde,
} from "./infer/teststatistics.js";
export type { ToyOptions, ToyTest } from "./infer/toys.js";
export {
  fisherInformation,
  type TracedUncertainties,
  type Uncertainties,
  uncertainties,
} from "./infer/uncertainty.js";
export {
  type FittedYields,
  fittedYields,
  type Prediction,
  prediction,
  type TracedPrediction,
} from "./infer/yields.js";
/** Parts of networks under one name: `nn.dense`, `nn.sequential`, … */
export * as nn from "./nn/index.js";
export { type Initializer, initializers, truncatedNormal, varianceScaling } from "./nn/init.js";
export { type LayerParams, type Mlp, type MlpOptions, mlp } from "./nn/mlp.js";
export { asimov, asimovUncertain } from "./objectives/asimov.js";
export { type BceOptions, bce } from "./objectives/bce.js";
export { heldLogYield, logYield } from "./objectives/logyield.js";
export type { BackgroundUncertainty } from "./objectives/objective.js";
export type { SampleWeights } from "./objectives/scores.js";
export { softmaxLoss } from "./objectives/softmax.js";
export { sOverSqrtB } from "./objectives/soversqrtb.js";
export { sOverSqrtSB } from "./objectives/soversqrtsb.js";
export { squaredLoss } from "./objectives/squared.js";
export {
  type CheckedWeights,
  checkWeights,
  trainingWeights,
  type WeightOptions,
  type WeightSummary,
  weightSummary,
} from "./objectives/weights.js";
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
} from "./ops/arith.js";
export { logCutProduct } from "./ops/cut.js";
export { type Activation, contract, dense, linear } from "./ops/dense.js";
export { exp, expm1, log, log1p, logSigmoid, pow, relu, sigmoid, softplus, tanh } from "./ops/exp.js";
export { count } from "./ops/fold.js";
export { segmentSum, take } from "./ops/gather.js";
export { type AdditiveCode, interpFactor, interpWeights, type MultiplicativeCode } from "./ops/interp.js";
export { normInterval } from "./ops/interval.js";
export { concat, stack } from "./ops/join.js";
export { type KdeOptions, kde } from "./ops/kde.js";
export { kdeSquares } from "./ops/kdesquares.js";
export { solve } from "./ops/linalg.js";
export {
  type MinimizeOptions,
  type Minimum,
  type MinimumPath,
  minimize,
  minimizeStatus,
} from "./ops/minimize.js";
export { type Segments, segmentOuter } from "./ops/outer.js";
export { normalKernel, poissonKernel } from "./ops/prob.js";
export { rowIndex, uniformLike } from "./ops/random.js";
export { type Root, root, rootStatus } from "./ops/root.js";
export { gather, gatherProduct, scatter } from "./ops/rows.js";
export { stopGradient } from "./ops/shape.js";
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
} from "./ops/special.js";
export { atan2, cos, cosh, hypot, sin, sinh } from "./ops/trig.js";
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
} from "./optim/adam.js";
export {
  applyUpdates,
  chain,
  type GradientTransformation,
  scale,
  scaleByLearningRate,
  scaleBySchedule,
} from "./optim/base.js";
export { type Split, splitTables } from "./optim/batches.js";
export { type Checkpoint, type CheckpointOptions, readCheckpoint } from "./optim/checkpoint.js";
export { clip as clipGradients, clipByGlobalNorm, globalNorm, zeroNans } from "./optim/clip.js";
export { addDecayedWeights } from "./optim/decay.js";
export type { Labels, LabelTree, Mask } from "./optim/labels.js";
export { type LbfgsOptions, lbfgs } from "./optim/lbfgs.js";
export { type LionOptions, lion, scaleByLion, scaleBySign } from "./optim/lion.js";
export type { Minimizer, Optimizer } from "./optim/minimizer.js";
export { masked, multiTransform } from "./optim/partition.js";
export {
  type AdagradOptions,
  adagrad,
  type RmspropOptions,
  type RmsScaleOptions,
  rmsprop,
  scaleByRms,
  scaleByRss,
  scaleByStddev,
} from "./optim/rms.js";
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
} from "./optim/schedule.js";
export { deserialize, deserializeBytes, serialize, serializeBytes } from "./optim/serialize.js";
export type { Parts } from "./optim/session.js";
export { type SgdOptions, sgd, trace } from "./optim/sgd.js";
export { type Trained, type TrainOptions, type TrainStatus, type TrainStep, train } from "./optim/train.js";
export { type Best, type Evaluated, standardError } from "./optim/validation.js";
export { type AccumulateOptions, accumulate, applyIfFinite, ema } from "./optim/wrap.js";
export { type Significances, significance } from "./physics/significance.js";
export { foldIn, type Key, key, normal, split, uniform } from "./stochastic/random.js";
