import { GivenError } from "../text/gradcuterror.js";
import { shorten } from "../text/shorten.js";

/** What went wrong with a table; stable, for programs to branch on. */
export type DataErrorCode =
  | "data.missingFile"
  | "data.unreadable"
  | "data.format"
  | "data.empty"
  | "data.ragged"
  | "data.notNumber"
  | "data.header"
  | "data.unknownColumn"
  | "data.unknownTree"
  | "data.manyTrees"
  | "data.unsupported"
  | "data.corrupt"
  | "data.tooLarge"
  | "data.mismatch"
  | "data.weights"
  | "data.option"
  | "data.unwritable"
  | "data.missingPackage";

/** Where in the input an error is; lines count from 1. */
export interface DataPlace {
  /** The name that the data are to have, see `tables`. */
  name?: string | undefined;
  file?: string | undefined;
  line?: number | undefined;
  column?: string | undefined;
  /** The option of reading that is at fault. */
  option?: string | undefined;
}

/** A table that cannot be read or used. `message` is one line: the place, then a sentence with the remedy. */
export class DataError extends GivenError {
  override readonly name = "DataError";
  declare readonly code: DataErrorCode;
  /** The message without its place. */
  readonly sentence: string;
  readonly file: string | undefined;
  readonly line: number | undefined;
  readonly column: string | undefined;
  readonly option: string | undefined;

  constructor(code: DataErrorCode, sentence: string, place: DataPlace = {}, options?: ErrorOptions) {
    const { name, file, line, column, option } = place;
    const where = [file, line === undefined ? undefined : `line ${line}`].filter(
      (part) => part !== undefined,
    );
    const message = `${name === undefined ? "" : `${name}: `}${where.length === 0 ? "" : `${where.join(", ")}: `}${shorten(sentence)}`;
    // Names come from files, and may hold newlines and what moves a terminal's cursor.
    super(code, message.replace(/\p{Cc}+/gu, " "), { file, line, column, option }, options);
    this.sentence = sentence;
    this.file = file;
    this.line = line;
    this.column = column;
    this.option = option;
  }
}
