/** What an analysis is written with; all else is in entries by theme. The index files add where the kernels come from. */

export { type CustomRule, customVjp } from "../core/derive/customvjp.js";
export type { MinimizeOptions, Minimum, MinimumPath } from "../core/derive/fitoptions.js";
export { grad, hessian, jvp, valueAndGrad, vjp, vmap } from "../core/derive/transform.js";
export { maximum, minimum, where } from "../core/elementary/arith.js";
export { max, mean, min, sum } from "../core/elementary/fold.js";
export { concat, stack } from "../core/elementary/join.js";
export { stopGradient } from "../core/elementary/reshape.js";
export {
  AxisError,
  DerivativeError,
  GpuError,
  InputError,
  MemoryError,
  RuntimeUnavailableError,
  ShapeError,
  ThreadsError,
  TraceError,
} from "../core/errors.js";
export {
  type AboutEvents,
  aboutEvents,
  type Column,
  type Columns,
  type Events,
  type Numbers,
} from "../core/events.js";
export type { Axis } from "../core/graph/axis.js";
export type { Rank } from "../core/graph/rank.js";
export {
  type Dtype,
  type EventTensor,
  type Matrix,
  type Scalar,
  Tensor,
  type Vector,
} from "../core/graph/tensor.js";
export { type CompiledFunction, compile, initFrom } from "../core/run/compile.js";
export type { Data, In, Leaf, Out, Symbols, Traced } from "../core/run/data.js";
export { findNaN, type NaNOrigin } from "../core/run/nan.js";
export { array, NdArray } from "../core/run/ndarray.js";
export { nested, type TableOptions, table } from "../core/run/table.js";
export { constantArray } from "../core/run/trace.js";
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
export { PatchError, SpecError, WorkspaceError } from "../histfactory/document/specerror.js";
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
export { type Discovery, discovery, type TracedDiscovery } from "../infer/answers/discovery.js";
export {
  type ExpectedOptions,
  type ExpectedTest,
  expectedCls,
  expectedHypotest,
  expectedSignificance,
} from "../infer/answers/expectedtest.js";
export {
  type Hypotest,
  type HypotestOptions,
  hypotest,
  type TracedHypotest,
} from "../infer/answers/hypotest.js";
export {
  type TracedUncertainties,
  type Uncertainties,
  uncertainties,
} from "../infer/answers/uncertainties.js";
export { type Limit, type TracedLimit, upperLimit } from "../infer/answers/upperlimit.js";
export { type Fit, fit, type TracedFit } from "../infer/fit.js";
export { InferenceError } from "../infer/inferenceerror.js";
export type { Likelihood } from "../infer/likelihood.js";
export type { LimitOptions } from "../infer/search/curves.js";
export type { FitOptions, TracedFitOptions } from "../infer/setup.js";
/** Parts of networks under one name: `nn.dense`, `nn.sequential`, … */
export * as nn from "../nn/index.js";
export { type LayerParams, type Mlp, type MlpOptions, mlp } from "../nn/mlp.js";
export { asimovLoss, asimovUncertainLoss } from "../objectives/asimov.js";
export { type BceOptions, bceLoss } from "../objectives/bce.js";
export { logYield } from "../objectives/logyield.js";
export type { BackgroundUncertainty } from "../objectives/objective.js";
export type { SampleWeights } from "../objectives/scores.js";
export { softmaxLoss } from "../objectives/softmax.js";
export { sOverSqrtBLoss } from "../objectives/soversqrtb.js";
export { sOverSqrtSBLoss } from "../objectives/soversqrtsb.js";
export { squaredLoss } from "../objectives/squared.js";
export { type Root, root } from "../ops/findroot.js";
export { minimize } from "../ops/minimize.js";
export { type AdamOptions, adam, adamw, type DecayOptions } from "../optim/adam.js";
export { type LbfgsOptions, lbfgs } from "../optim/lbfgs.js";
export type { Minimizer, Optimizer } from "../optim/minimizer.js";
export type { Schedule } from "../optim/schedule.js";
export { type SgdOptions, sgd } from "../optim/sgd.js";
export {
  type HeldOut,
  type TrainOptions,
  type TrainStatus,
  type TrainStep,
  train,
} from "../optim/train/train.js";
export type { Trained } from "../optim/train/trained.js";
export { applyUpdates, chain, type GradientTransformation } from "../optim/transformation.js";
export { type Significances, significance } from "../physics/significance.js";
export { type Key, key } from "../random/keys.js";
export { type Cut, type CutOptions, cut } from "../select/cut.js";
export type { CutParams } from "../select/cutparams.js";
export { type CutYields, cutYields, type Yield, type YieldOptions } from "../select/cutyields.js";
export { CutError } from "../select/grammar/cuterror.js";
export type { Soft } from "../select/steps.js";
export type { CutThreshold } from "../select/thresholds.js";
export type { Width } from "../select/widths.js";
export { GivenError, GradcutError, InternalError, OptionError } from "../text/gradcuterror.js";
export { tables } from "./nofiles.js";
