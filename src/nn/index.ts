/** Parts of networks, as one name: nn.dense, nn.sequential, … */

export { type ActivationName, activation, activations } from "./activations.js";
export { type AttentionOptions, type AttentionParams, attend, attention } from "./attention.js";
export { type DenseOptions, type DenseParams, dense } from "./dense.js";
export { dropout } from "./dropout.js";
export { type EmbeddingParams, embedding } from "./embedding.js";
export {
  constant,
  type Initializer,
  type InitializerName,
  initializers,
  orthogonal,
  randomNormal,
  randomUniform,
  truncatedNormalInit,
  varianceScaling,
} from "./initializers.js";
export type { Layer, NoParams } from "./layer.js";
export { type LayerNormParams, layerNorm } from "./norm.js";
export { type Rng, rng } from "./rng.js";
export {
  type ResidualBlockOptions,
  type ResidualParams,
  residual,
  residualBlock,
  sequential,
} from "./sequential.js";
export { type Moments, moments, standardize } from "./standardize.js";
