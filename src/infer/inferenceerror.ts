import { GivenError } from "../text/gradcuterror.js";

/** A question that a model cannot be asked: no parameter of interest, data of another length, a start out of bounds. */
export class InferenceError extends GivenError {
  override readonly name = "InferenceError";
}
