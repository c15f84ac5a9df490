/**
 * Update rules as in optax, schedules, losses of events and weights, and the training that they are for.
 *
 * @module gradcut/optim
 */

export { InputError } from "../core/errors.js";
export { TreeError } from "../core/tree.js";
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
  type TrainOptions,
  type TrainStatus,
  type TrainStep,
  train,
} from "../optim/train/train.js";
export type { Trained } from "../optim/train/trained.js";
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
export { GivenError, GradcutError, InternalError, OptionError } from "../text/gradcuterror.js";
