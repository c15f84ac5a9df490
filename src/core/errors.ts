import { GivenError, GradcutError } from "../text/gradcuterror.js";

/** A symbolic tensor was used where it cannot be: as a number, outside its trace, or in another one. */
export class TraceError extends GradcutError {
  override readonly name = "TraceError";
}

/** Two inner shapes, or a shape and an option, do not fit. */
export class ShapeError extends GradcutError {
  override readonly name = "ShapeError";
}

/** An op would have to mix events: two tables, or rows of one table with each other. */
export class AxisError extends GradcutError {
  override readonly name = "AxisError";
}

/** A derivative was asked for where none exists. */
export class DerivativeError extends GradcutError {
  override readonly name = "DerivativeError";
}

/** The data given to a compiled function do not fit what it was traced with, or are no data at all. */
export class InputError extends GivenError {
  override readonly name = "InputError";
}

/** The kernels are not loaded, or this runtime cannot run them. */
export class RuntimeUnavailableError extends GradcutError {
  override readonly name = "RuntimeUnavailableError";
}

/** A computation needs more memory than there is; `needed` and `available` are bytes. */
export class MemoryError extends GivenError {
  override readonly name = "MemoryError";
}

/** Threads do not start, have ended, or are closed while a call needs them. */
export class ThreadsError extends GradcutError {
  override readonly name = "ThreadsError";
}

/** A GPU is not there, or fails, or cannot hold a network; a compiled function goes on without it. */
export class GpuError extends GradcutError {
  override readonly name = "GpuError";
}
