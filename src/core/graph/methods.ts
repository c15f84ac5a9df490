import type { Operand } from "./op.js";
import type { AtMost, Fewer, Joined, Rank, Reshaped, Small } from "./rank.js";
import type { Dtype, EventTensor, Scalar, Tensor } from "./tensor.js";

/** Over what a reduction goes: everything, the events only, the children of each parent, or inner axes. */
export type Over = "events" | "parent" | number | readonly number[];

/** What a reduction leaves of the axes. */
export interface Reduction<R extends Rank> {
  (over?: undefined): Scalar;
  (over: "events"): Tensor<Small>;
  /** Rows of a child table to their parent. */
  (over: "parent"): EventTensor;
  (over: number): Tensor<Fewer<R>>;
  (over: readonly number[]): Tensor<AtMost<R>>;
  (over: Over | undefined): Tensor;
}

/** What every Tensor can do; what is rarer are functions. Operands are of one shape, or broadcast as NumPy does. */
export interface Methods<R extends Rank> {
  add<B extends Rank = "scalar">(y: Operand<B>): Tensor<Joined<R, B>>;
  sub<B extends Rank = "scalar">(y: Operand<B>): Tensor<Joined<R, B>>;
  mul<B extends Rank = "scalar">(y: Operand<B>): Tensor<Joined<R, B>>;
  div<B extends Rank = "scalar">(y: Operand<B>): Tensor<Joined<R, B>>;
  neg(): Tensor<R>;
  abs(): Tensor<R>;
  sign(): Tensor<R>;
  sqrt(): Tensor<R>;
  square(): Tensor<R>;
  floor(): Tensor<R>;
  minimum<B extends Rank = "scalar">(y: Operand<B>): Tensor<Joined<R, B>>;
  maximum<B extends Rank = "scalar">(y: Operand<B>): Tensor<Joined<R, B>>;
  clip<A extends Rank = "scalar", B extends Rank = "scalar">(
    lower: Operand<A>,
    upper: Operand<B>,
  ): Tensor<Joined<R, Joined<A, B>>>;
  /** 1 where this is less, else 0; so for the other comparisons. */
  lt<B extends Rank = "scalar">(y: Operand<B>): Tensor<Joined<R, B>>;
  le<B extends Rank = "scalar">(y: Operand<B>): Tensor<Joined<R, B>>;
  gt<B extends Rank = "scalar">(y: Operand<B>): Tensor<Joined<R, B>>;
  ge<B extends Rank = "scalar">(y: Operand<B>): Tensor<Joined<R, B>>;
  eq<B extends Rank = "scalar">(y: Operand<B>): Tensor<Joined<R, B>>;

  exp(): Tensor<R>;
  expm1(): Tensor<R>;
  log(): Tensor<R>;
  log1p(): Tensor<R>;
  pow<B extends Rank = "scalar">(y: Operand<B>): Tensor<Joined<R, B>>;
  sigmoid(): Tensor<R>;
  logSigmoid(): Tensor<R>;
  softplus(): Tensor<R>;
  relu(): Tensor<R>;
  tanh(): Tensor<R>;

  sin(): Tensor<R>;
  cos(): Tensor<R>;
  sinh(): Tensor<R>;
  cosh(): Tensor<R>;
  atan2<B extends Rank = "scalar">(x: Operand<B>): Tensor<Joined<R, B>>;
  hypot<B extends Rank = "scalar">(y: Operand<B>): Tensor<Joined<R, B>>;

  /** Sum over events and inner axes (no argument), over events only, over the children of each parent, or over inner axes. */
  sum: Reduction<R>;
  /** Mean over the same axes as `sum`. */
  mean: Reduction<R>;
  max: Reduction<R>;
  min: Reduction<R>;
  /** log Σ exp without overflow. */
  logsumexp: Reduction<R>;
  /** Softmax over an inner axis (default the last), or over the children of each parent. */
  softmax(axis?: number | "parent" | "events"): Tensor<R>;

  /** NumPy's broadcast_to on the inner axes. */
  broadcast<const S extends readonly number[]>(shape: S): Tensor<Reshaped<R, S>>;
  /** The same elements in another shape; one axis may be -1, which is what is left. */
  reshape<const S extends readonly number[]>(shape: S): Tensor<Reshaped<R, S>>;
  /** Permutes inner axes; without argument reverses them. */
  transpose(axes?: readonly number[]): Tensor<R>;
  /** Elements start..stop-1 of one inner axis (default the last); negative places count from the end. */
  slice(start: number, stop?: number, axis?: number): Tensor<R>;
  /** Zeros around one inner axis (default the last). */
  pad(before: number, after: number, axis?: number): Tensor<R>;
  /** Element i of the leading inner axis; -1 is the last. */
  at(i: number): Tensor<Fewer<R>>;
  cast(dtype: Dtype): Tensor<R>;
  /** The value, with a cotangent of zero. */
  stopGradient(): Tensor<R>;
}
