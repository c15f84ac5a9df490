import type { Known } from "../text/unknownoption.js";
import type { CsvOptions } from "./formats/csv/csvoptions.js";
import type { ParquetOptions } from "./formats/parquet/readparquet.js";
import type { Signal } from "./sources/signal.js";

/** How tables are written; each format says which of these it takes. */
export interface FormatOptions
  extends Pick<ParquetOptions, "nulls" | "allowEmpty">,
    Pick<CsvOptions, "names" | "separator"> {
  /** What stands for no number: words in CSV, and numbers such as -999 in any file. */
  missing?: readonly string[] | undefined;
  /** A ROOT file without the tree is a table without rows and columns, not an error. */
  allowTreeless?: boolean | undefined;
}

/** What a reader of tables can be told. */
export interface ReadOptions extends FormatOptions {
  /** Ends the reading, which then rejects with the reason of this AbortSignal. */
  signal?: Signal | undefined;
}

export type ReadOption = keyof FormatOptions;

export const formatOptions: Known<FormatOptions> = {
  ...{ nulls: true, allowEmpty: true, names: true, separator: true },
  ...{ missing: true, allowTreeless: true },
};

export const readOptions: Known<ReadOptions> = { ...formatOptions, signal: true };
