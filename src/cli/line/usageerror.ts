import { GivenError } from "../../text/gradcuterror.js";

export type UsageCode =
  | "unknown-option"
  | "unexpected-argument"
  | "missing-option"
  | "missing-value"
  | "unexpected-value"
  | "repeated"
  | "bad-value"
  | "conflict";

/**
 * A command line that cannot be run. The message is one line, and for expressions the text with a caret below;
 * `option` is without dashes, "" if none.
 */
export class UsageError extends GivenError {
  override readonly name = "UsageError";
  declare readonly code: UsageCode;
  readonly option: string;
  readonly value: string | undefined;

  constructor(
    code: UsageCode,
    option: string,
    value: string | undefined,
    message: string,
    options?: ErrorOptions,
  ) {
    super(code, message, { option, value }, options);
    this.option = option;
    this.value = value;
  }
}

/** `value` as it appears in a message: quoted, on one line, not too long. */
export function shown(value: string): string {
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 56)}...` : text;
}
