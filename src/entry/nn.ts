/**
 * Networks: layers that are functions of plain params.
 *
 * @module gradcut/nn
 */

export { InputError, ShapeError } from "../core/errors.js";
export * from "../nn/index.js";
export { type LayerParams, type Mlp, type MlpOptions, mlp } from "../nn/mlp.js";
export type { Activation } from "../ops/affine.js";
export { GivenError, GradcutError, InternalError, OptionError } from "../text/gradcuterror.js";
