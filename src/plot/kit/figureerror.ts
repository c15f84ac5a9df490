import { GivenError } from "../../text/gradcuterror.js";

/** Data that a figure cannot be drawn from: `figure` is its name, and the sentence says what of the data is not as it must be. */
export class FigureError extends GivenError {
  override readonly name = "FigureError";
}
