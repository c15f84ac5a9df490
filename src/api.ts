// The public surface, grouped. Entries add where the kernels come from.
export { type Axis, type Dtype, type Scalar, Tensor } from "./core/tensor.js";
export { type Column, type Table, type TableOptions, table } from "./core/table.js";
export { compile, type CompiledFunction, constantArray, type Data, type In, init, type Leaf, type Out } from "./core/compile.js";
export { grad, hessian, jvp, valueAndGrad, vjp, vmap } from "./core/transform.js";
export * from "./core/errors.js";
export { TreeError } from "./core/tree.js";

export {
  abs, add, clip, div, eq, floor, ge, gt, le, lt, maximum, minimum, mul, neg, sign, sqrt, square, sub, where,
} from "./ops/arith.js";
export { exp, expm1, log, log1p, logSigmoid, pow, relu, sigmoid, softplus, tanh } from "./ops/exp.js";
export { atan2, cos, cosh, hypot, sin, sinh } from "./ops/trig.js";
export { digamma, erf, erfc, lgamma, normCdf, normLogCdf, normPdf, polygamma } from "./ops/special.js";
export { concat, stack, stopGradient } from "./ops/shape.js";
export { count } from "./ops/fold.js";
export { type Activation, contract, dense, linear } from "./ops/dense.js";
export { solve } from "./ops/linalg.js";
export { segmentSum, take } from "./ops/gather.js";
export { logCutProduct } from "./ops/cut.js";
export { kde } from "./ops/kde.js";
export { type MinimizeOptions, type Minimum, minimize, minimizeStatus } from "./ops/minimize.js";
export { type Root, root, rootStatus } from "./ops/root.js";
