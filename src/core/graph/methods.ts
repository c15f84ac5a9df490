import type { Operand } from "./op.js";
import type { Dtype, Tensor } from "./tensor.js";

/** Over what a reduction goes: everything, the events only, or inner axes. */
export type Over = "events" | number | readonly number[];

/** What every Tensor can do; what is rarer are functions. Operands are of one shape, or broadcast as NumPy does. */
export interface Methods {
  add(y: Operand): Tensor;
  sub(y: Operand): Tensor;
  mul(y: Operand): Tensor;
  div(y: Operand): Tensor;
  neg(): Tensor;
  abs(): Tensor;
  sign(): Tensor;
  sqrt(): Tensor;
  square(): Tensor;
  floor(): Tensor;
  minimum(y: Operand): Tensor;
  maximum(y: Operand): Tensor;
  clip(lower: Operand, upper: Operand): Tensor;
  /** 1 where this is less, else 0; so for the other comparisons. */
  lt(y: Operand): Tensor;
  le(y: Operand): Tensor;
  gt(y: Operand): Tensor;
  ge(y: Operand): Tensor;
  eq(y: Operand): Tensor;

  exp(): Tensor;
  expm1(): Tensor;
  log(): Tensor;
  log1p(): Tensor;
  pow(y: Operand): Tensor;
  sigmoid(): Tensor;
  logSigmoid(): Tensor;
  softplus(): Tensor;
  relu(): Tensor;
  tanh(): Tensor;

  sin(): Tensor;
  cos(): Tensor;
  sinh(): Tensor;
  cosh(): Tensor;
  atan2(x: Operand): Tensor;
  hypot(y: Operand): Tensor;

  /** Sum over events and inner axes (no argument), over events only, or over inner axes. */
  sum(over?: Over): Tensor;
  /** Mean over the same axes as `sum`. */
  mean(over?: Over): Tensor;
  max(over?: Over): Tensor;
  min(over?: Over): Tensor;
  /** log Σ exp without overflow. */
  logsumexp(over?: Over): Tensor;
  /** Softmax over an inner axis (default the last). */
  softmax(axis?: number | "events"): Tensor;

  /** NumPy's broadcast_to on the inner axes. */
  broadcast(shape: readonly number[]): Tensor;
  /** The same elements in another shape; one axis may be -1, which is what is left. */
  reshape(shape: readonly number[]): Tensor;
  /** Permutes inner axes; without argument reverses them. */
  transpose(axes?: readonly number[]): Tensor;
  /** Elements start..stop-1 of one inner axis (default the last); negative places count from the end. */
  slice(start: number, stop?: number, axis?: number): Tensor;
  /** Zeros around one inner axis (default the last). */
  pad(before: number, after: number, axis?: number): Tensor;
  /** Element i of the leading inner axis; -1 is the last. */
  at(i: number): Tensor;
  cast(dtype: Dtype): Tensor;
  /** The value, with a cotangent of zero. */
  stopGradient(): Tensor;
}
