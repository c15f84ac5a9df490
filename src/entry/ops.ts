/**
 * Functions of Tensors: what is no method, and what is, as functions.
 *
 * @module gradcut/ops
 */

export type { MinimizeOptions, Minimum, MinimumPath } from "../core/derive/fitoptions.js";
export type { AlongOver } from "../core/elementary/along.js";
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
export { count, logsumexp, max, mean, min, softmax, sum } from "../core/elementary/fold.js";
export { normInterval } from "../core/elementary/interval.js";
export { concat, stack } from "../core/elementary/join.js";
export { dot, matmul, solve } from "../core/elementary/linalg.js";
export { first, nth } from "../core/elementary/nth.js";
export { stopGradient } from "../core/elementary/reshape.js";
export {
  digamma,
  erf,
  erfc,
  lgamma,
  normCdf,
  normLogCdf,
  normPdf,
  polygamma,
} from "../core/elementary/special.js";
export { takeAlong } from "../core/elementary/takealong.js";
export { atan2, cos, cosh, hypot, sin, sinh } from "../core/elementary/trig.js";
export { AxisError, DerivativeError, ShapeError, TraceError } from "../core/errors.js";
export type { Axis } from "../core/graph/axis.js";
export type { Over } from "../core/graph/methods.js";
export type { Operand } from "../core/graph/op.js";
export type { Rank } from "../core/graph/rank.js";
export {
  type Dtype,
  type EventTensor,
  type Matrix,
  type Scalar,
  Tensor,
  type Vector,
} from "../core/graph/tensor.js";
export { constantArray } from "../core/run/trace.js";
export { type Activation, affine, contract, linear } from "../ops/affine.js";
export { all, any } from "../ops/anyall.js";
export { argmax, argmin } from "../ops/argmax.js";
export { cross, pairs, triples } from "../ops/combine.js";
export { type CumsumOptions, cumsum } from "../ops/cumsum.js";
export { type Root, root } from "../ops/findroot.js";
export { segmentSum, take } from "../ops/gather.js";
export { type KdeOptions, kde } from "../ops/kde.js";
export { minimize } from "../ops/minimize.js";
export { argsort, type OrderOptions, type SortOptions, sort, type TopOptions, topK } from "../ops/order.js";
export { gather, scatter } from "../ops/rows.js";
export { interp, type SearchOptions, searchsorted } from "../ops/search.js";
export { rowIndex } from "../ops/uniform.js";
export {
  type Azimuth,
  deltaPhi,
  deltaR,
  energy,
  type FourVector,
  fourVector,
  type Momentum,
  mass,
  momentum,
  type Particle,
  type Transverse,
  transverseMass,
} from "../physics/fourvectors.js";
export { GivenError, GradcutError, InternalError, OptionError } from "../text/gradcuterror.js";
