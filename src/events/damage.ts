import { GradcutError } from "../text/gradcuterror.js";

/** What is wrong with the bytes of a file. Readers catch it, and throw a DataError that names the file. */
export class Damage extends GradcutError {
  override readonly name = "Damage";
  /** An encoding that is not known here, where that is all. */
  readonly encoding: string | undefined;

  constructor(what: string, encoding?: string, options?: ErrorOptions) {
    super("data.damage", what, { encoding }, options);
    this.encoding = encoding;
  }
}
