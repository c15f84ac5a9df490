/** The family of all errors: its base stands on the lowest floor, so that every room can join. */

/** What every error of the library carries: a stable code, the fields it speaks of, and one sentence. */
export abstract class GradcutError extends Error {
  /** Of the class, as a text of its own: minifiers rename classes. */
  abstract override readonly name: string;
  readonly code: string;
  readonly fields: Readonly<Record<string, unknown>>;
  constructor(
    code: string,
    message: string,
    fields: Readonly<Record<string, unknown>> = {},
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.code = code;
    this.fields = fields;
  }
}

/**
 * What was given cannot be used: a command line, a table, a cut, a model, a question. A command then ends with status 2,
 * and with 1 for every other error.
 */
export abstract class GivenError extends GradcutError {}

/** An option that a function does not have, or a value that an option cannot take; `option` is its name. */
export class OptionError extends GivenError {
  override readonly name = "OptionError";
}

/** A fault of the library itself, whatever was given. */
export class InternalError extends GradcutError {
  override readonly name = "InternalError";
  constructor(
    code: string,
    what: string,
    fields: Readonly<Record<string, unknown>> = {},
    options?: ErrorOptions,
  ) {
    super(code, `${what}; this is a fault of gradcut, please report it`, fields, options);
  }
}
