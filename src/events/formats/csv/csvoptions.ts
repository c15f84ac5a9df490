import type { Known } from "../../../text/unknownoption.js";
import type { Separator } from "./csvlayout.js";

/** Which columns of a text table are read, and how it is written. */
export interface CsvOptions {
  /** Name of the file, for errors. */
  file?: string | undefined;
  /** The columns to read; all when left out. Cells of other columns may hold anything. */
  columns?: readonly string[] | undefined;
  /** A table with a header but no rows is a table, not an error. */
  allowEmpty?: boolean | undefined;
  /** Names of the columns, for files without a line of names. */
  names?: readonly string[] | undefined;
  /** What separates the cells, " " for any run of spaces and tabs; found in the first lines when left out. */
  separator?: Separator | undefined;
  /** Taken where the first line has it, whatever else it has. */
  preferred?: Separator | undefined;
  /** Cells that hold no number, beside empty ones, NA, N/A, null and None; a number is missing whatever its digits. */
  missing?: readonly string[] | undefined;
}

export const csvOptions: Known<CsvOptions> = {
  ...{ file: true, columns: true, allowEmpty: true, names: true },
  ...{ separator: true, preferred: true, missing: true },
};
